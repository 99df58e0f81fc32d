// One bed on the wall. Every part has its fixed place; the alarm's line is reserved, so nothing moves when one comes.

import * as bedside from "./bedside.js";
import { covered } from "./cover.js";
import { el, setClass, setHidden, setText, shapes, width } from "./dom.js";
import { names } from "./names.js";
import { shownCuff, shownNumber } from "./numbers.js";
import { Spark } from "./spark.js";
import { ago, clock } from "./times.js";

// A number this young is said to be of now: a second that counts up beside each number would only unsettle.
const NOW_MS = 4000;

export class Cell {
  constructor(id, open) {
    this.id = id;
    this.root = el("a", "rw-cell", null, { href: `/bed?bed=${id}` });
    this.root.onclick = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      open(id);
    };
    const box = el("div", "rw-box");
    const top = el("div", "rw-top");
    this.name = el("span", "rw-name");
    this.phase = el("span", "rw-phase");
    this.mark = el("span", "rw-modemark");
    this.time = el("span", "rw-time rw-live");
    this.patient = el("span", "rw-who");
    top.append(this.name, this.patient, this.phase, this.mark, this.time);
    const progress = el("div", "rw-progress");
    this.fill = el("div", "rw-fill rw-live");
    progress.append(this.fill);
    this.line = el("div", "rw-line rw-live");
    this.shape = el("span", "rw-shape");
    this.what = el("span", "rw-what");
    this.more = el("span", "rw-more");
    this.detail = el("span", "rw-detail");
    this.line.append(this.shape, this.what, this.more, this.detail);
    const pair = el("div", "rw-pair");
    this.rate = number("rw-hr", "HR", "/min");
    this.oxygen = number("rw-spo2", "SpO₂", "%");
    pair.append(this.rate.root, this.oxygen.root);
    this.cuff = number("rw-nibp", "NIBP", "mmHg");
    this.mean = el("span", "rw-mean rw-live");
    this.cuff.values.append(this.mean);
    const canvas = el("canvas", "rw-spark rw-live", null, { "aria-hidden": "true" });
    this.spark = new Spark(canvas);
    this.ready = el("div", "rw-ready");
    box.append(top, progress, this.line, pair, this.cuff.root, canvas, this.ready);
    this.root.append(box);
  }

  update(bed, now, wall, site) {
    const zone = site.zone;
    const session = bed.session;
    const mark = bedside.modeMark(bed, site);
    const mute = bedside.silent(bed);
    const alarms = bedside.ordered(bed.alarms);
    const first = alarms[0] || null;
    const rate = shownNumber(bed.numbers[bed.rate], now);
    const oxygen = shownNumber(bed.numbers.SPO2, now);
    const cuff = shownCuff(bed.numbers.NIBP, now, session ? bed.cycle_s : null);
    const anything = rate.state !== "absent" || oxygen.state !== "absent" || cuff.state !== "absent";
    const idle = !session && !first && (mute || !anything || bed.monitor.state === "connecting");
    setText(this.name, bed.name);
    setText(this.patient, names.of(session));
    setText(this.phase, bedside.phaseWords(session));
    setText(this.mark, mark);
    setHidden(this.mark, !mark);
    const course = bedside.course(bed, now);
    setText(this.time, course.text);
    this.fill.style.width = `${Math.round(1000 * (course.part || 0)) / 10}%`;
    this.frame(bed, session, first, mute, idle, cuff);
    this.say(bed, now, wall, zone, alarms, mute, session, cuff);
    const alarmed = bedside.alarmed(bed);
    show(this.rate, rate, alarmed.HR, bed.rate);
    show(this.oxygen, oxygen, alarmed.SPO2, "SpO₂");
    this.pressure(cuff, alarmed.NIBP);
    this.describe(bed, first, rate, oxygen, cuff);
    setHidden(this.ready, !idle);
    setText(this.ready, idle ? idleWords(bed) : "");
    const low = bed.low.find((each) => each.signal === "SPO2");
    this.drawn = { now, rate: bed.rate, low: low ? low.limit : null, mark: bedside.markWord(bed) };
  }

  // The whole cell in words, for those who hear it. Under the cover no number may be read, by ear neither.
  describe(bed, first, rate, oxygen, cuff) {
    const who = [bed.name, this.patient.textContent, this.phase.textContent, this.mark.textContent].filter(Boolean).join(", ");
    const state = first ? `${bedside.PRIORITY[first.priority]} alarm, ` : "";
    const said = (words, shown, age) => `${words} ${shown.state === "absent" || shown.state === "lost" ? "no value" : shown.text}${age ? `, ${age}` : ""}`;
    const numbers = [said(bed.rate, rate, this.rate.age.textContent), said("SpO₂", oxygen, this.oxygen.age.textContent), said("NIBP", cuff, this.cuff.age.textContent)];
    const line = [this.what.textContent, this.detail.textContent].filter(Boolean).join(" ");
    const label = covered() ? `${bed.name}, not monitoring` : bed.session || first ? `${who}: ${state}${[line, ...numbers].filter(Boolean).join("; ")}` : `${who}. ${idleWords(bed)}`;
    if (this.root.getAttribute("aria-label") !== label) this.root.setAttribute("aria-label", label);
  }

  frame(bed, session, first, mute, idle, cuff) {
    const classes = ["rw-cell"];
    if (!session) classes.push("rw-nosession");
    else classes.push(`rw-phase-${session.phase}`);
    if (bed.mode === "replay") classes.push("rw-replay");
    if (idle) classes.push("rw-idle");
    if (session && mute) classes.push("rw-nodata");
    if (!first && session && cuff.state !== "fresh" && cuff.state !== "absent") classes.push("rw-p1");
    if (first) {
      classes.push(`rw-p${first.priority}`);
      if (first.ended !== null) classes.push("rw-over");
      if (first.acknowledged !== null) classes.push("rw-seen");
      else if (first.ended === null && first.priority > 1) classes.push("rw-unseen");
    }
    setClass(this.root, classes.join(" "));
  }

  say(bed, now, wall, zone, alarms, mute, session, cuff) {
    const first = alarms[0];
    if (first) {
      const words = bedside.brief(first, bed, now, zone);
      setText(this.shape, shapes(first.priority));
      setClass(this.shape, `rw-shape${first.key === "no-data" ? " rw-crossed" : ""}`);
      setText(this.what, words.what);
      setText(this.detail, first.acknowledged !== null && first.ended === null ? `${words.detail} · seen` : words.detail);
      setText(this.more, alarms.length > 1 ? `+${alarms.length - 1}` : "");
      this.measure();
      const open = alarms.filter((each) => bedside.escalated(each, wall)).sort((a, b) => a.raised - b.raised)[0];
      if (open) setText(this.phase, `unacknowledged since ${clock(open.raised, zone)}`);
      setClass(this.phase, `rw-phase${open ? " rw-unanswered" : ""}`);
      return;
    }
    setText(this.more, "");
    setClass(this.phase, "rw-phase");
    setClass(this.shape, `rw-shape${session && mute ? " rw-crossed" : ""}`);
    if (session && mute) {
      setText(this.shape, "");
      setText(this.what, bed.monitor.state === "lost" ? "MONITOR LOST" : "NO DATA");
      setText(this.detail, bedside.brief({ key: "no-data", ended: null }, bed, now, zone).detail);
      this.measure();
    } else if (session && (cuff.state === "overdue" || cuff.state === "struck")) {
      setText(this.shape, "▲");
      setText(this.what, "NIBP OVERDUE");
      setText(this.detail, ago(cuff.age));
      this.measure();
    } else {
      const provisional = bedside.provisionalWords(bed);
      setText(this.shape, "");
      setText(this.what, session ? provisional || bedside.quietWords(bed, now, zone) : "not watched: no session");
      setText(this.detail, "");
    }
  }

  // How wide the line's words are, in their own font size: in a narrow cell they are set smaller, never cut.
  measure() {
    const crossed = this.shape.classList.contains("rw-crossed") ? 1.45 : 0;
    const shape = crossed + width(this.shape.textContent, 800);
    const more = this.more.textContent ? 0.8 * width(this.more.textContent, 800) + 1.2 : 0;
    const words = shape + width(this.what.textContent, 800) + more + 0.86 * width(this.detail.textContent, 700);
    const em = String(Math.ceil(10 * (words + 1.5)) / 10);
    if (this.line.style.getPropertyValue("--em") !== em) this.line.style.setProperty("--em", em);
  }

  pressure(cuff, priority) {
    setText(this.cuff.value, cuff.text);
    const rejected = cuff.rejected ? " rw-is-rejected" : "";
    setClass(this.cuff.value, `rw-value rw-live${priority ? ` rw-hit${priority}` : ""} rw-is-${cuff.state}${rejected}`);
    setText(this.mean, cuff.mean ? `(${cuff.mean})` : "");
    setClass(this.mean, `rw-mean rw-live rw-is-${cuff.state}${rejected}`);
    const note = cuff.state === "overdue" || cuff.state === "struck" ? "overdue · " : "";
    const doubt = cuff.rejected ? "rejected · " : cuff.suspect ? "suspect · " : "";
    setText(this.cuff.age, cuff.age === null ? "" : `${doubt}${cuff.words ? `${cuff.words} · ` : ""}${note}${ago(cuff.age)}`);
    setClass(this.cuff.age, `rw-age rw-live rw-is-${cuff.state}`);
  }

  draw() {
    if (this.drawn) this.spark.draw(this.drawn.now, this.drawn.rate, this.drawn.low, this.drawn.mark);
  }
}

function number(className, label, unit) {
  const root = el("div", `rw-number ${className}`);
  const head = el("div", "rw-head");
  const name = el("span", "rw-label", label);
  const age = el("span", "rw-age rw-live");
  head.append(name, el("span", "rw-unit", unit), age);
  const values = el("div", "rw-values");
  const value = el("span", "rw-value rw-live", "– –");
  values.append(value);
  root.append(head, values);
  return { root, name, age, value, values };
}

function show(part, shown, priority, label) {
  setText(part.name, label);
  setText(part.value, shown.text);
  setClass(part.value, `rw-value rw-live${priority ? ` rw-hit${priority}` : ""} rw-is-${shown.state}`);
  setText(part.age, [shown.suspect ? "suspect" : "", shown.words, shown.age === null ? "" : shown.age < NOW_MS ? "now" : ago(shown.age)].filter(Boolean).join(" · "));
}

function idleWords(bed) {
  return { connected: "Ready", connecting: "Connecting", quiet: "Monitor silent", lost: "Monitor lost" }[bed.monitor.state] || "Ready";
}
