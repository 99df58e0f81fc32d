// The alarm over an open dialog. The dialog makes the page under it inert, its alarm bar too, and on a small screen hides
// it: so the most urgent alarm stands once more above the dialog, which begins under it. Its room is there whenever a
// dialog is, so that an alarm that comes moves no field from under a finger.

import { Acknowledging, PauseButton } from "./bar_buttons.js";
import * as bedside from "./bedside.js";
import { covered, coverWords } from "./cover.js";
import { el, OVER_DIALOGS, setClass, setHidden, setText, shapes } from "./dom.js";
import { hub } from "./hub.js";

const DIALOG = "[data-testid=stDialog]";
const CLOSED_MS = 1500;  // until the page knows that its dialog was closed
const TABBED = "a[href], button, input, select, textarea, [tabindex]";

export class Shelf {
  // `bed`: the page's own, whose alarms come first; null where all beds are alike. `acknowledged` is told of an alarm that
  // was acknowledged here, when the dialog is closed: the page may run anew then, and what is typed is not lost.
  constructor(component, bed = null, acknowledged = () => {}) {
    this.own = bed;
    this.acknowledged = acknowledged;
    this.allow(component.data);
    this.acknowledging = new Acknowledging();
    this.failed = "";
    this.root = el("div", "rw rw-shelf", null, { role: "region", "aria-label": "Alarm over the dialog", ...OVER_DIALOGS });
    this.bar = el("div", "rw-shelf-bar");
    const told = el("div", "rw-shelf-told");
    this.shape = el("span", "rw-shelf-shape");
    this.what = el("b", "rw-shelf-what");
    this.amount = el("b", "rw-shelf-what");
    this.since = el("span", "rw-shelf-since");
    this.more = el("span", "rw-shelf-more");
    told.append(this.shape, this.what, this.amount, this.more, this.since);
    this.ack = el("button", "rw-ack", "Acknowledge", { type: "button" });
    this.ack.onclick = () => this.acknowledge();
    this.first = null;
    setHidden(this.ack, true);
    this.pause = new PauseButton();
    const buttons = el("div", "rw-shelf-buttons");
    buttons.append(this.ack, this.pause.root);
    this.bar.append(told, buttons);
    this.root.append(this.bar);
    // A finger on it leaves the focus in the field, and the keyboard of a tablet open.
    this.root.addEventListener("mousedown", (event) => event.preventDefault());
    this.key = (event) => this.onKey(event);
    window.addEventListener("keydown", this.key, true);
    this.seen = new MutationObserver(() => this.look());
    this.seen.observe(document.body, { childList: true });
    this.leave = hub.subscribe(component.data.token, (kind) => { if (kind !== "readings") this.look(); });
    this.look();
  }

  allow(data) {
    this.may = data.may_act;
  }

  end() {
    this.leave();
    this.seen.disconnect();
    window.removeEventListener("keydown", this.key, true);
    this.show(false);
  }

  look() {
    const open = document.querySelector(DIALOG) !== null;
    const now = performance.now();
    if (open) this.closed = now + CLOSED_MS;
    else if (this.owed && now > this.closed) {
      const alarm = this.owed;
      this.owed = null;
      this.acknowledged(alarm);
    }
    this.show(open);
    if (open) this.render();
  }

  show(on) {
    if (on === this.root.isConnected) return;
    if (on) document.body.append(this.root);
    else this.root.remove();
    document.body.classList.toggle("rw-shelved", on);
    this.failed = "";
    this.back = null;
  }

  // What nobody has seen first, by urgency; of equals the page's own bed.
  found() {
    const all = [];
    for (const bed of hub.beds.values()) {
      if (bed.mode === "replay") continue;
      for (const alarm of bed.alarms) {
        const minded = this.own === null || bed.id === this.own ? !alarm.silent : bedside.sounding(alarm) && alarm.priority >= 2;
        if (minded) all.push({ bed, alarm });
      }
    }
    const order = new Map(bedside.ordered(all.map((each) => each.alarm)).map((alarm, at) => [alarm, at]));
    const open = (each) => (each.alarm.acknowledged === null ? 0 : 1);
    const own = (each) => (each.bed.id === this.own ? 0 : 1);
    const rank = (each) => [open(each), -each.alarm.priority, each.alarm.ended === null ? 0 : 1, own(each), order.get(each.alarm)];
    return all.map((each) => ({ ...each, rank: rank(each) })).sort((a, b) => {
      const at = a.rank.findIndex((value, place) => value !== b.rank[place]);
      return at < 0 ? 0 : a.rank[at] - b.rank[at];
    });
  }

  render() {
    const wall = hub.now();
    const found = wall === null || covered() ? [] : this.found();
    const { bed, alarm } = found[0] ?? {};
    this.first = alarm ?? null;
    if (covered()) return this.say("rw-shelf-bar rw-shelf-cover", ["", "NOT MONITORING", "", coverWords()], 0, [false, false]);
    if (!alarm) return this.say("rw-shelf-bar rw-shelf-quiet", ["", "", "", wall === null ? "Connecting" : "No alarm standing"], 0, [false, false]);
    const zone = hub.site.zone;
    const now = hub.bedNow(bed);
    const over = alarm.ended !== null;
    const seen = alarm.acknowledged !== null;
    const words = bedside.brief(alarm, bed, now, zone);
    const look = `rw-shelf-bar rw-p${alarm.priority}${over ? " rw-over" : ""}${!seen && !over ? " rw-unseen" : ""}`;
    const amount = `${words.detail} ${alarm.value === null ? "" : alarm.unit}`.trim();
    const others = found.slice(1).filter((each) => each.alarm.acknowledged === null).length;
    this.say(look, [shapes(alarm.priority), `${bed.name}: ${words.what}`, amount, this.failed || bedside.sinceWords(alarm, now, wall, zone)], others,
      [this.may && !seen, found.some((each) => bedside.sounding(each.alarm))]);
    this.ack.disabled = this.acknowledging.sending.has(alarm.id);
  }

  say(look, [shape, what, amount, since], others, [acknowledge, pause]) {
    setClass(this.bar, look);
    setText(this.shape, shape);
    setText(this.what, what);
    setText(this.amount, amount);
    setText(this.since, since);
    setText(this.more, others ? `+${others}` : "");
    const focused = this.root.contains(document.activeElement);
    setHidden(this.ack, !acknowledge);
    this.pause.update(pause);
    if (covered()) setHidden(this.pause.root, true);
    if (focused && !this.buttons().includes(document.activeElement)) this.goBack();
  }

  async acknowledge() {
    const alarm = this.first;
    if (!alarm) return;
    this.goBack();  // a button that cannot be pressed loses the focus
    this.ack.disabled = true;
    const failed = await this.acknowledging.send(alarm);
    if (failed === null) return;
    this.failed = failed;
    // The bed's page asks after a high alarm what was done.
    if (!failed && hub.beds.get(this.own)?.alarms.some((each) => each.id === alarm.id)) this.owed = alarm;
    this.look();
  }

  buttons() {
    return [this.ack, this.pause.root].filter((each) => !each.hidden && !each.disabled);
  }

  // To where one was typing.
  goBack() {
    if (!this.root.contains(document.activeElement)) return;
    const at = this.back?.isConnected ? this.back : inDialog()[0];
    at?.focus();
  }

  // A dialog keeps Tab to itself: here its round goes through the alarm's buttons too. F6, the key that goes from pane to
  // pane, leads to them from any field and back.
  onKey(event) {
    if (!this.root.isConnected) return;
    const here = this.root.contains(event.target);
    // The dialog's own keys, such as Enter for recording, are not meant on the alarm's buttons.
    if (here && event.key !== "Tab" && event.key !== "F6") { event.stopPropagation(); return; }
    const mine = this.buttons();
    if (event.key === "F6" && (here || mine.length)) {
      stop(event);
      if (here) return this.goBack();
      this.back = document.activeElement;
      mine[0].focus();
      return;
    }
    if (event.key !== "Tab" || !mine.length) return;
    const theirs = inDialog();
    if (!theirs.length) return;
    const at = document.activeElement;
    const step = event.shiftKey ? -1 : 1;
    const edge = event.shiftKey ? 0 : -1;
    if (here) {
      stop(event);
      (mine[mine.indexOf(at) + step] ?? theirs.at(event.shiftKey ? -1 : 0)).focus();
    } else if (at === theirs.at(edge) || (event.shiftKey && at.getAttribute("role") === "dialog")) {
      stop(event);
      this.back = at;
      mine.at(event.shiftKey ? -1 : 0).focus();
    }
  }
}

function stop(event) {
  event.preventDefault();
  event.stopPropagation();
}

function inDialog() {
  return [...document.querySelectorAll(DIALOG)].flatMap((dialog) => [...dialog.querySelectorAll(TABBED)])
    .filter((each) => each.tabIndex >= 0 && !each.disabled && each.getClientRects().length);
}
