// The alarm's place above the numbers: what, how much, against which limit, since when, who has seen it. Reserved, so
// that nothing moves when an alarm comes; further alarms and other beds stand in the row under it.

import { Acknowledging, PauseButton } from "./bar_buttons.js";
import * as bedside from "./bedside.js";
import { covered } from "./cover.js";
import { el, setClass, setHidden, setText, shapes } from "./dom.js";
import { hub } from "./hub.js";
import { Reminders } from "./reminders.js";
import { clock } from "./times.js";

const SHORT = 30;  // characters of an alarm's words; with more they are set smaller, in two lines

export class AlarmBar {
  constructor(acknowledged) {
    this.acknowledged = acknowledged;
    this.root = el("div", "rw-alarms");
    this.bar = el("div", "rw-bar rw-live", null, { role: "group", "aria-label": "Alarm" });
    this.shape = el("span", "rw-bar-shape");
    this.what = el("span", "rw-bar-what");
    this.amount = el("span", "rw-bar-amount");
    this.since = el("span", "rw-bar-since");
    this.ack = el("button", "rw-ack", "Acknowledge", { type: "button" });
    this.pause = new PauseButton();
    this.ack.onclick = () => this.acknowledge(this.first);
    const told = el("div", "rw-bar-told");
    this.mark = el("span", "rw-cardmark");
    told.append(this.mark, this.shape, this.what, this.amount, this.since);
    const buttons = el("div", "rw-bar-buttons");
    buttons.append(this.ack, this.pause.root);
    this.bar.append(told, buttons);
    this.row = el("div", "rw-more-row rw-live");
    this.tags = el("div", "rw-more-tags");
    this.reminders = new Reminders();
    this.row.append(this.tags, this.reminders.root);
    this.trouble = el("div", "rw-trouble", "", { role: "alert" });
    this.root.append(this.bar, this.row, this.trouble);
    this.acknowledging = new Acknowledging();
    // Until it is known which alarm stands there is none to acknowledge: a tap would be lost.
    this.first = null;
    for (const each of [this.ack, this.trouble]) setHidden(each, true);
    // Enter acknowledges, where it means nothing else: no field, button or dialog has it.
    this.key = (event) => {
      const free = !document.activeElement || document.activeElement === document.body;
      if (event.key !== "Enter" || event.repeat || !free || this.ack.hidden || covered() || document.querySelector("[data-testid=stDialog]")) return;
      this.acknowledge(this.first);
    };
    document.addEventListener("keydown", this.key);
  }

  end() {
    document.removeEventListener("keydown", this.key);
  }

  update(bed, now, wall, zone, mayAct, open) {
    const alarms = bedside.ordered(bed.alarms);
    const first = (this.first = alarms[0] ?? null);
    const over = first && first.ended !== null;
    const seen = first && first.acknowledged !== null;
    setClass(this.bar, first
      ? `rw-bar rw-live rw-p${first.priority}${over ? " rw-over" : ""}${!seen && !over ? " rw-unseen" : ""}`
      : "rw-bar rw-live rw-bar-quiet");
    setText(this.mark, bedside.markWord(bed));
    setHidden(this.mark, !this.mark.textContent);
    if (first) {
      const words = bedside.brief(first, bed, now, zone);
      setText(this.shape, shapes(first.priority));
      setText(this.what, words.what);
      setClass(this.what, `rw-bar-what${words.what.length > SHORT ? " rw-long" : ""}`);
      setText(this.amount, `${words.detail} ${first.value === null ? "" : first.unit}`.trim());
      setText(this.since, bedside.sinceWords(first, now, wall, zone));
    } else {
      setText(this.shape, "");
      setText(this.what, "");
      setText(this.amount, "");
      setText(this.since, bed.session ? bedside.quietWords(bed, now, zone) : "No session on this bed");
    }
    setHidden(this.ack, !first || seen || first.silent || !mayAct);
    this.ack.disabled = Boolean(first && this.acknowledging.sending.has(first.id));
    this.pause.update(bed.mode !== "replay" && bed.alarms.some(bedside.sounding));
    this.reminders.update(bed, now, zone);
    this.others(bed, alarms.slice(1), now, wall, zone, mayAct, open);
  }

  // Rebuilt only when it says something else: a button must not vanish under a finger.
  others(bed, rest, now, wall, zone, mayAct, open) {
    const made = [];
    for (const alarm of rest) {
      const words = bedside.brief(alarm, bed, now, zone);
      const state = alarm.ended !== null ? "over" : alarm.acknowledged !== null ? "seen" : "";
      made.push({
        kind: `rw-tag-p${alarm.priority}${alarm.ended !== null ? " rw-over" : ""}`, words: `${shapes(alarm.priority)} ${words.what}`,
        more: `${alarm.value === null ? "" : words.detail}${state ? ` · ${state}` : ""}`,
        button: mayAct && alarm.acknowledged === null && !alarm.silent ? ["Acknowledge", alarm] : null,
      });
    }
    for (const other of hub.beds.values()) {
      if (other.id === bed.id || other.mode === "replay") continue;
      const leading = bedside.ordered(other.alarms).find((each) => bedside.sounding(each) && each.priority >= 2);
      if (!leading) continue;
      const late = bedside.escalated(leading, wall) ? `unacknowledged since ${clock(leading.raised, zone)}` : "";
      made.push({
        kind: `rw-tag-other rw-tag-p${leading.priority}`, more: late, bed: other.id,
        words: `${other.name}: ${shapes(leading.priority)} ${bedside.brief(leading, other, hub.bedNow(other), zone).what}`,
      });
    }
    const shown = JSON.stringify(made);
    if (shown === this.shown) return;
    this.shown = shown;
    this.tags.replaceChildren(...made.map((each) => {
      const tag = el(each.bed ? "a" : "span", `rw-tag ${each.kind}`);
      tag.append(el("b", "", each.words), el("span", "", each.more));
      if (each.bed) {
        tag.href = `/bed?bed=${each.bed}`;
        tag.onclick = (event) => { event.preventDefault(); open(each.bed); };
      }
      if (each.button) {
        const button = el("button", "rw-tag-ack", each.button[0], { type: "button" });
        button.onclick = () => this.acknowledge(each.button[1]);
        tag.append(button);
      }
      return tag;
    }));
  }

  async acknowledge(alarm) {
    if (!alarm) return;
    this.ack.disabled = true;
    const failed = await this.acknowledging.send(alarm);
    if (failed === null) return;
    this.ack.disabled = false;
    setText(this.trouble, failed);
    setHidden(this.trouble, !failed);
    if (!failed) this.acknowledged(alarm);
  }
}
