// Where a replay stands, as a slider that goes on with it: moved by a finger or the arrow keys, it asks the page to move
// the replay. While it is held it is the finger's; what the watch then does is seen on it. The page's own buttons are
// drawn anew when the replay is no longer as they say: at its end, steered from another screen, or with flags found.

import { Anew } from "./anew.js";
import { el, keep, setText, style } from "./dom.js";
import { hub } from "./hub.js";
import { elapsed } from "./times.js";

const SETTLES_MS = 2500;  // until the replay stands where it was asked to
const DIFFERS_MS = 1500;  // the page and the stream may tell of one change at different times
const AGAIN_MS = 10_000;  // a page that cannot follow is not run again and again

export async function mount(component) {
  const { version, bed } = component.data;
  await Promise.all([style("palette.css", version), style("base.css", version), style("scrub.css", version)]);
  keep(component, `scrub ${bed}`, (first) => new Scrub(first));
}

class Scrub {
  constructor(component) {
    this.component = component;
    this.until = 0;
    this.anew = new Anew(() => this.component.setTriggerValue("anew", this.component.data.bed));
    this.root = el("div", "rw rw-scrub");
    this.range = el("input", "rw-scrub-range", null, { type: "range", min: "0", step: "1", "aria-label": "Position of the replay" });
    this.words = el("span", "rw-scrub-words");
    this.root.append(this.range, this.words);
    component.parentElement.append(this.root);
    this.range.oninput = () => { this.until = Infinity; this.say(Number(this.range.value) * 1000); };
    this.range.onchange = () => {
      this.until = performance.now() + SETTLES_MS;
      this.component.setTriggerValue("seek", Number(this.range.value));
    };
    this.range.onpointerup = () => this.range.blur();  // the keys are the page's again
    this.leave = hub.subscribe(component.data.token, (kind) => { if (kind === "tick" || kind === "snapshot" || kind === "bed") this.hear(); });
    this.render();
  }

  update(component) {
    this.component = component;
    hub.token = component.data.token;
  }

  end() {
    this.leave();
    this.root.remove();
  }

  hear() {
    this.compare();
    this.anew.tick();
    this.render();
  }

  compare() {
    const bed = hub.beds.get(this.component.data.bed);
    if (!bed?.replay) return;
    const { playing, speed, end, foreseen = 0 } = bed.replay;
    const stands = JSON.stringify([playing, speed, hub.bedNow(bed) >= end, foreseen]);
    const { shown } = this.component.data;
    const at = performance.now();
    if (stands !== this.stands) [this.stands, this.since] = [stands, at];
    if (stands === JSON.stringify([shown.playing, shown.speed, shown.ended, shown.foreseen]) || at - this.since < DIFFERS_MS) return;
    this.since = at + AGAIN_MS;
    this.anew.owe();
  }

  render() {
    const bed = hub.beds.get(this.component.data.bed);
    const { start, end } = bed?.replay ?? {};
    if (start == null || end == null || performance.now() < this.until) return;
    this.length = end - start;
    const at = Math.min(Math.max(hub.bedNow(bed), start), end) - start;
    const most = String(Math.floor(this.length / 1000));
    if (this.range.max !== most) this.range.max = most;
    const value = String(Math.floor(at / 1000));
    if (this.range.value !== value) this.range.value = value;
    this.say(at);
  }

  say(at) {
    const words = `${elapsed(at)} of ${elapsed(this.length ?? 0)}`;
    setText(this.words, words);
    if (this.range.getAttribute("aria-valuetext") !== words) this.range.setAttribute("aria-valuetext", words);
  }
}
