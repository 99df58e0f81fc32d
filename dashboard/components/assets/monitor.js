// One monitor on the page Monitors: the last value of each signal with its age, its clock, its last notices.

import { el, keep, setHidden, setText, style } from "./dom.js";
import { ageText, feed, Part } from "./monitor_feed.js";
import { Rows } from "./rows.js";
import { clock, moment } from "./times.js";

const DAY_MS = 86400000;
const VALUES = [["Signal", "rw-first"], ["Last value", "n"], ["Unit", ""], ["Status", ""], ["Age", "n"], ["Source", "w"]];
const NOTICES = [["Time", "rw-first"], ["Kind", "rw-second"], ["What", "rw-wide"], ["About", ""], ["Source", "w"]];

export async function mount(component) {
  const { version, bed } = component.data;
  await style("monitors.css", version);
  keep(component, `monitor ${bed}`, (first) => new Monitor(first, el("div", "rw-monitors"), { bed }));
}

class Monitor extends Part {
  build() {
    this.values = new Rows(VALUES);
    this.none = el("div", "rw-soft", "No value has ever come from this bed.");
    this.offset = el("div", "rw-said rw-said-warn");
    this.clock = el("div", "rw-soft", "Clock: no offset between the monitor's clock and this watch's has been told.");
    this.late = el("div", "rw-soft");
    this.notices = new Rows(NOTICES);
    this.quiet = el("div", "rw-soft", "It has given no notice.");
    this.wait = el("div", "rw-soft", "Being asked for.");
    this.told = el("div", "rw-told");
    this.told.append(el("h5", "", "What is heard"), this.values.root, this.none, this.offset, this.clock, this.late,
      el("h5", "", "Last notices"), this.notices.root, this.quiet);
    this.root.append(this.wait, this.told);
  }

  paint() {
    const { bed, zone } = this.data;
    const { one = null, server } = feed.answer ?? {};
    const known = one !== null && one.id === bed;
    setHidden(this.wait, known);
    setHidden(this.told, !known);
    if (!known) return;
    const grown = feed.since() * one.rate;
    this.values.paint(one.heard.map((each, at) => [at, [
      each.label, each.value ?? "none", each.unit, each.status, ageText(each.age + grown), [["code", "", each.source]],
    ]]));
    setHidden(this.values.root, !one.heard.length);
    setHidden(this.none, one.heard.length > 0);
    setHidden(this.offset, !one.clock);
    setHidden(this.clock, one.clock !== null);
    if (one.clock) setText(this.offset, `Clock, ${moment(one.clock.time, zone)}: ${one.clock.text}`);
    setHidden(this.late, !one.late);
    setText(this.late, `${one.late} readings of this session came too late for detection.`);
    this.notices.paint(one.notices.map((each) => [each.id, [
      [["span", "w", Math.abs(server - each.time) < DAY_MS ? clock(each.time, zone, true) : moment(each.time, zone)]],
      [["span", "w", each.kind, each.means]],
      [["span", "", each.text], ["code", "rw-bytes", each.bytes]],
      each.about,
      [["code", "", each.source]],
    ]]));
    setHidden(this.notices.root, !one.notices.length);
    setHidden(this.quiet, one.notices.length > 0);
  }
}
