// The numbers of one bed, each with unit, age, source, limits, baseline and what lies between; and the list of events.

import * as bedside from "./bedside.js";
import { el, setClass, setHidden, setText, shapes } from "./dom.js";
import { shownCuff, shownNumber } from "./numbers.js";
import { ago, clock, span } from "./times.js";

const round = (value) => String(Math.round(value * 10) / 10);
const signed = (value) => (value > 0 ? `+${round(value)}` : value < 0 ? `−${round(-value)}` : "±0");

// "50 – 100": from the first low limit to the first that is more than a rise; an open end is left out.
export function limitWords(bed, signal) {
  const down = bed.low.filter((each) => each.signal === signal).map((each) => each.limit);
  const levels = bed.limits.filter((each) => each.signal === signal).sort((a, b) => a.level - b.level);
  const up = (levels.find((each) => each.level >= 2) ?? levels[0])?.threshold;
  const low = down.length ? Math.max(...down) : null;
  if (low === null && up == null) return "";
  if (up == null) return `low limit ${round(low)}`;
  return low === null ? `limit ${round(up)}` : `limits ${round(low)} – ${round(up)}`;
}

function marked(node, bed) {
  setText(node, bedside.markWord(bed));
  setHidden(node, !node.textContent);
}

class Card {
  constructor(kind, unit) {
    this.root = el("section", `rw-card rw-${kind}`);
    const head = el("div", "rw-card-head");
    this.label = el("span", "rw-label");
    this.mark = el("span", "rw-cardmark");
    this.badge = el("span", "rw-badge");
    this.limits = el("span", "rw-limits");
    head.append(this.label, this.mark, this.badge, this.limits);
    const body = el("div", "rw-card-body");
    this.value = el("span", "rw-value rw-live");
    this.unit = el("span", "rw-unit", unit);
    const side = el("div", "rw-side");
    this.delta = el("span", "rw-delta rw-live");
    this.base = el("span", "rw-base rw-live");
    side.append(this.delta, this.base);
    body.append(this.value, this.unit, side);
    this.foot = el("div", "rw-card-foot rw-live");
    this.root.append(head, body, this.foot);
    this.kind = kind;
  }

  alarm(alarms, signals) {
    const about = bedside.ordered(alarms).find(
      (each) => each.ended === null && each.category === "physiological" && signals.includes(each.signal));
    setClass(this.root, `rw-card rw-${this.kind}${about ? ` rw-p${about.priority}` : ""}`);
    const words = about ? bedside.brief(about, this.bed, this.now, "UTC").what : "";
    marked(this.mark, this.bed);
    setText(this.badge, about ? `${shapes(about.priority)} ${words}` : "");
    setHidden(this.badge, !about);
    setHidden(this.limits, Boolean(about));
  }
}

export class NumberCard extends Card {
  constructor(kind, words, unit, signals) {
    super(kind, unit);
    this.words = words;
    this.signals = signals;
    this.hint = el("div", "rw-hint rw-live");
    setHidden(this.hint, true);
    this.foot.before(this.hint);
  }

  update(bed, now, signal) {
    [this.bed, this.now] = [bed, now];
    const number = bed.numbers[signal];
    const shown = shownNumber(number, now);
    setText(this.label, this.words[signal] ?? this.words.default);
    this.alarm(bed.alarms, this.signals);
    const hit = bedside.alarmed(bed)[this.signals[0]];
    setText(this.limits, limitWords(bed, this.signals[0]));
    setText(this.value, shown.text);
    setClass(this.value, `rw-value rw-live rw-is-${shown.state}${hit ? ` rw-hit${hit}` : ""}`);
    const base = bed.baseline[this.signals[0]];
    const fresh = shown.state === "fresh" && number.value !== null;
    const difference = fresh && base?.value != null ? Math.round(number.value) - Math.round(base.value) : null;
    setText(this.delta, difference === null ? "" : `${difference > 0 ? "▲ " : difference < 0 ? "▼ " : ""}${signed(difference)}`);
    setText(this.base, baselineWords(base));
    setText(this.hint, shown.suspect ? `suspect: ${shown.suspect}` : "");
    setHidden(this.hint, !shown.suspect);
    const aged = shown.age === null ? "no value yet" : shown.state === "fresh" ? `${Math.floor(shown.age / 1000)} s old` : ago(shown.age);
    setText(this.foot, [shown.words, aged, sourceWords(number)].filter(Boolean).join(" · "));
  }
}

export class CuffCard extends Card {
  constructor() {
    super("nibp", "mmHg");
    setText(this.label, "NIBP");
    this.unit.classList.add("rw-live");  // the mean stands there
    this.mean = el("span", "rw-map rw-live");
    this.next = el("span", "rw-next rw-live");
    this.hint = el("div", "rw-hint rw-live");
    setHidden(this.hint, true);
    this.foot.before(this.hint);
  }

  update(bed, now) {
    [this.bed, this.now] = [bed, now];
    const cuff = bed.numbers.NIBP;
    const shown = shownCuff(cuff, now, bed.session ? bed.cycle_s : null);
    this.alarm(bed.alarms, ["SBP", "DBP"]);
    const hit = bedside.alarmed(bed).NIBP;
    const pressures = ["SBP", "DBP"].map((each) => limitWords(bed, each).replace("limits ", "").replace("limit ", "≤ "));
    setText(this.limits, pressures.some(Boolean) ? `sys ${pressures[0] || "–"}  dia ${pressures[1] || "–"}` : "");
    setText(this.value, shown.text);
    const rejected = shown.rejected ? " rw-is-rejected" : "";
    setClass(this.value, `rw-value rw-live rw-is-${shown.state}${rejected}${hit ? ` rw-hit${hit}` : ""}`);
    setText(this.unit, shown.mean ? `MAP ${shown.mean}` : "mmHg");
    const [sys, dia] = [bed.baseline.SBP, bed.baseline.DBP];
    const used = cuff && !shown.rejected && shown.state !== "struck" && sys?.value != null && dia?.value != null;
    setText(this.delta, used ? `${signed(Math.round(cuff.sys - sys.value))}/${signed(Math.round(cuff.dia - dia.value))}` : "");
    setText(this.base, sys?.value != null && dia?.value != null ? `${baselineWords(sys)}/${round(dia.value)}` : baselineWords(sys));
    const suspect = shown.suspect ? `suspect: ${shown.suspect}` : "";
    const hint = shown.rejected ? `rejected: ${shown.rejected}` : [bedside.provisionalWords(bed), suspect].filter(Boolean).join(" · ");
    setText(this.hint, hint);
    setClass(this.hint, `rw-hint rw-live${shown.rejected ? " rw-hint-rejected" : ""}`);
    setHidden(this.hint, !hint);
    setText(this.foot, [shown.words, shown.age === null ? "no measurement yet" : ago(shown.age), this.due(bed, cuff, now), sourceWords(cuff)]
      .filter(Boolean).join(" · "));
  }

  due(bed, cuff, now) {
    if (!bed.session || !bed.cycle_s || !cuff) return "";
    const left = cuff.time + bed.cycle_s * 1000 - now;
    return left >= 0 ? `next in ${span(left)}` : `due ${span(-left)} ago`;
  }
}

function baselineWords(base) {
  if (!base || base.value == null) return base?.status === "none" ? "no baseline" : "";
  const how = { provisional: " provisional", manual: " by hand" }[base.status] ?? "";
  return `baseline${how} ${round(base.value)}`;
}

const sourceWords = (number) => (number?.source ? number.source : "");

// What happened, the newest first: what people entered, rises and alarms; open ones on top of their time.
export function happenings(bed) {
  const found = (bed.session?.events ?? []).map((each) => ({ time: each.time, words: each.words, who: each.author, level: 0 }));
  for (const rise of bed.rises) {
    const what = rise.present_at_baseline ? "at or over limit at baseline" : bedside.outcomeWords(rise);
    found.push({
      time: rise.onset, level: rise.level, who: what,
      words: `${bedside.label(rise.signal)} rise to ${round(rise.peak)}, limit ${round(rise.threshold)}`,
    });
  }
  for (const alarm of bed.alarms) {
    if (alarm.key.startsWith("rise ")) continue;
    const words = alarm.category === "physiological" ? alarm.text : alarm.text || alarm.key;
    found.push({ time: alarm.since, level: alarm.priority, words, who: alarm.ended === null ? "active" : "over" });
  }
  return found.sort((a, b) => b.time - a.time);
}

export class EventList {
  constructor() {
    this.root = el("section", "rw-card rw-events rw-live", null, { "aria-label": "Events" });
    this.list = el("ol", "rw-eventlist");
    this.mark = el("span", "rw-cardmark");
    this.root.append(this.mark, this.list);
  }

  update(bed, zone) {
    marked(this.mark, bed);
    const rows = happenings(bed).slice(0, 40);
    const shown = JSON.stringify(rows);
    if (shown === this.shown) return;
    this.shown = shown;
    this.list.replaceChildren(...rows.map((row) => {
      const line = el("li", row.level ? `rw-event rw-event-p${row.level}` : "rw-event");
      line.append(el("time", "", clock(row.time, zone)), el("span", "rw-event-words", `${shapes(row.level)}${row.level ? " " : ""}${row.words}`),
        el("span", "rw-event-who", row.who));
      return line;
    }));
    if (!rows.length) this.list.replaceChildren(el("li", "rw-event rw-event-none", "No event yet"));
  }
}
