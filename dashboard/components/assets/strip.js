// The strip over a page that has no live view of its own: the most urgent alarm of any bed, the sound, the watchdog.
// So an alarm is seen and heard, and a stalled watch is told, wherever a nurse is. Mounted by the page's frame.

import * as bedside from "./bedside.js";
import { soundControls } from "./controls.js";
import { covered, letShrink } from "./cover.js";
import { el, keep, setClass, setHidden, setText, shapes, style } from "./dom.js";
import { hub } from "./hub.js";
import { keepShift } from "./shift.js";
import { Shelf } from "./shelf.js";
import { sound } from "./sound.js";
import { clock, elapsed, span } from "./times.js";

export async function mount(component) {
  const { version } = component.data;
  keepShift(component.data.shift);
  await Promise.all([style("palette.css", version), style("base.css", version), style("shelf.css", version), style("strip.css", version)]);
  keep(component, "strip", (first) => new Strip(first));
}

// "REPLAY 10× Replay 1 12:04 of 1:30:00": where it stands now, which the page below says only as it was drawn.
function replayWords(bed) {
  const { start, end } = bed.replay ?? {};
  const mark = bedside.modeMark(bed, hub.site);
  if (start == null || end == null) return `${mark} ${bed.name}`;
  const at = Math.min(Math.max(hub.bedNow(bed), start), end);
  return `${mark} ${bed.name} ${elapsed(at - start)} of ${elapsed(end - start)}`;
}

class Strip {
  constructor(component) {
    this.component = component;
    this.controls = soundControls(component.data);
    this.controls.offerTest(false);  // the test tone is heard at the bed's screen
    this.root = el("div", "rw rw-strip");
    this.line = el("div", "rw-strip-line");
    // One button for the whole line: the alarm's bed is a tap away, wherever the finger lands.
    this.alarm = el("button", "rw-strip-alarm rw-live", null, { type: "button" });
    this.shape = el("span", "rw-strip-shape");
    this.what = el("b", "rw-strip-what");
    this.since = el("span", "rw-strip-since");
    this.more = el("span", "rw-strip-more");
    this.alarm.append(this.shape, this.what, this.since, this.more);
    this.alarm.onclick = () => { if (this.bed) component.setTriggerValue("opened", this.bed); };
    this.live = el("span", "rw-liveage");
    this.clock = el("span", "rw-clock rw-live");
    // Not live, and not among what the line speaks of: on a page below there may be numbers of a recording.
    this.replays = el("span", "rw-strip-replays");
    this.line.append(this.alarm, this.replays, this.live, this.controls.root, this.clock);
    this.root.append(this.line, this.controls.bar);
    component.parentElement.append(this.root);
    this.size = new ResizeObserver(() => {
      document.documentElement.style.setProperty("--strip", `${this.root.offsetHeight}px`);
      this.makeRoom();
    });
    this.size.observe(this.root);
    letShrink(true);
    this.leave = hub.subscribe(component.data.token, (kind) => this.hear(kind));
    this.shelf = new Shelf(component);
  }

  update(component) {
    this.component = component;
    hub.token = component.data.token;
    this.controls.allow(component.data);
    this.shelf.allow(component.data);
    this.controls.update();
  }

  end() {
    this.leave();
    this.shelf.end();
    this.size.disconnect();
    this.component.parentElement.style.minHeight = "";
    letShrink(false);
    sound.leave();
    this.root.remove();
  }

  // It stands above the page; its own place in the page is as high as it is. That waits while a list is open: at its end
  // the page would be scrolled by it, and Streamlit's lists close when what they hang from is scrolled.
  makeRoom() {
    const place = this.component.parentElement.style;
    const wanted = `${this.root.offsetHeight - 8}px`;
    const open = place.minHeight && document.querySelector("[role=combobox][aria-expanded=true]");
    if (!open && place.minHeight !== wanted) place.minHeight = wanted;
  }

  hear(kind) {
    if (kind === "snapshot" || kind === "bed") this.render();
    if (kind === "tick" || kind === "beat") this.tick();
  }

  tick() {
    const live = hub.watch !== null && !covered();
    setText(this.live, live ? `Live · ${(hub.age() / 1000).toFixed(1)} s` : covered() ? "Not live" : "Connecting");
    setClass(this.live, `rw-liveage${live ? "" : " rw-notlive"}`);
    const wall = hub.now();
    if (wall !== null) setText(this.clock, clock(wall, hub.site.zone, true));
    this.controls.update();
    this.makeRoom();
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.second) {
      this.second = second;
      this.render();
    }
    // What the page below says of itself, so that a tab in the background says it too.
    const mark = document.querySelector(".rw-mark[data-mark]")?.dataset.mark ?? "";
    sound.present(covered() ? [{ id: "cover", priority: 2, text: "NOT MONITORING" }] : bedside.audible(hub.beds.values(), wall ?? 0), mark);
  }

  render() {
    const wall = hub.now();
    if (wall === null) return;
    const replays = [...hub.beds.values()].filter((each) => each.mode === "replay").map((each) => replayWords(each));
    setText(this.replays, replays.length > 2 ? `REPLAY ×${replays.length}, not live` : replays.join(" · "));
    setHidden(this.replays, !replays.length);
    const found = [];
    let sessions = 0;
    for (const bed of hub.beds.values()) {
      if (bed.mode === "replay") continue;
      if (bed.session) sessions += 1;
      for (const alarm of bed.alarms) if (!alarm.silent) found.push({ bed, alarm });
    }
    const order = bedside.ordered(found.map((each) => each.alarm));
    const first = order.length ? found.find((each) => each.alarm === order[0]) : null;
    this.bed = first ? first.bed.id : null;
    this.alarm.disabled = !first;
    const over = first && first.alarm.ended !== null;
    const unseen = first && first.alarm.acknowledged === null && !over;
    setClass(this.alarm, `rw-strip-alarm rw-live${first ? ` rw-p${first.alarm.priority}` : ""}${over ? " rw-over" : ""}${unseen ? " rw-unseen" : ""}`);
    setHidden(this.more, order.length < 2);
    if (!first) {
      setText(this.shape, "");
      setText(this.what, "");
      setText(this.since, `${sessions} session${sessions === 1 ? "" : "s"}, no alarm standing`);
      return;
    }
    const { bed, alarm } = first;
    const zone = hub.site.zone;
    const words = bedside.brief(alarm, bed, hub.bedNow(bed), zone);
    setText(this.shape, shapes(alarm.priority));
    setText(this.what, `${bed.name}: ${words.what} ${words.detail}`.trim());
    const late = bedside.escalated(alarm, wall) && !over;
    const state = over ? "over, not acknowledged"
      : alarm.acknowledged !== null ? `seen by ${alarm.acknowledged_by ?? "?"}` : span(hub.bedNow(bed) - alarm.since);
    setText(this.since, late ? `UNACKNOWLEDGED SINCE ${clock(alarm.raised, zone)}` : `since ${clock(alarm.since, zone)} · ${state}`);
    setText(this.more, `+${order.length - 1}`);
  }
}
