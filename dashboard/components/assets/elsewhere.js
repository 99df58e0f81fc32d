// The line over a wall that shows one group of beds: the most urgent alarm of the beds it does not show, a tap away, and
// the way back to all. It stands as long as beds are not shown, so that an alarm that comes moves nothing.

import * as bedside from "./bedside.js";
import { el, setClass, setHidden, setText, shapes } from "./dom.js";
import { groupName, groups } from "./groups.js";
import { hub } from "./hub.js";

export class Elsewhere {
  constructor(open) {
    this.root = el("div", "rw-elsewhere", null, { role: "group", "aria-label": "Beds that are not shown" });
    this.alarm = el("button", "rw-elsewhere-alarm rw-live", null, { type: "button" });
    this.alarm.onclick = () => { if (this.bed) open(this.bed); };
    this.shape = el("span", "rw-elsewhere-shape");
    this.words = el("span", "rw-elsewhere-words");
    this.more = el("span", "rw-more");
    this.alarm.append(this.shape, this.words, this.more);
    const all = el("button", "rw-elsewhere-all", "Show all beds", { type: "button" });
    all.onclick = () => groups.choose(null);
    this.root.append(this.alarm, all);
  }

  update() {
    const chosen = groups.chosen();
    setHidden(this.root, chosen === null);
    if (chosen === null) return;
    const found = [];
    let count = 0;
    for (const bed of hub.beds.values()) {
      if (groups.shows(bed)) continue;
      count += 1;
      if (bed.mode !== "replay") for (const alarm of bed.alarms) if (!alarm.silent) found.push({ bed, alarm });
    }
    const order = bedside.ordered(found.map((each) => each.alarm));
    const first = order.length ? found.find((each) => each.alarm === order[0]) : null;
    this.bed = first ? first.bed.id : null;
    this.alarm.disabled = !first;
    const over = first && first.alarm.ended !== null;
    const unseen = first && !over && first.alarm.acknowledged === null;
    setClass(this.alarm, `rw-elsewhere-alarm rw-live${first ? ` rw-p${first.alarm.priority}` : ""}${over ? " rw-over" : ""}${unseen ? " rw-unseen" : ""}`);
    setText(this.more, order.length > 1 ? `+${order.length - 1}` : "");
    setText(this.shape, first ? shapes(first.alarm.priority) : "");
    if (!first) {
      setText(this.words, `${groupName(chosen)} only: ${count} bed${count === 1 ? " is" : "s are"} not shown, no alarm standing there`);
      return;
    }
    const { bed, alarm } = first;
    const { what, detail } = bedside.brief(alarm, bed, hub.bedNow(bed), hub.site.zone);
    const seen = alarm.acknowledged === null ? "" : " · seen";
    setText(this.words, `${bed.name}, not shown here: ${what} ${detail}${seen}`);
  }
}
