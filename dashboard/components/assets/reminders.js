// What is due at a bed, in the row under the alarm: quiet, without a sound, and nothing that says what to do next.

import { el, setText } from "./dom.js";
import { clock, span } from "./times.js";

export class Reminders {
  constructor() {
    this.root = el("div", "rw-reminders rw-live", null, { role: "group", "aria-label": "Reminders" });
  }

  // `now` on the bed's clock, ms.
  update(bed, now, zone) {
    const rows = bed.session?.reminders ?? [];
    while (this.root.children.length > rows.length) this.root.lastChild.remove();
    while (this.root.children.length < rows.length) this.root.append(el("span", "rw-reminder"));
    rows.forEach((each, at) => setText(this.root.children[at], words(each, now, zone)));
  }
}

export function words(reminder, now, zone) {
  const left = reminder.due - now;
  if (reminder.clock) return `${reminder.text}: ${left > 0 ? `${span(left)} left` : `passed at ${clock(reminder.due, zone)}`}`;
  return `${reminder.text}: ${left > 0 ? `in ${span(left)}` : `due since ${clock(reminder.due, zone)}`}`;
}

// What has been given of the whole dose: the server's last corner and rate, gone on to now.
export function doseWords(dose, now) {
  if (!dose) return "";
  const given = dose.at === null ? 0 : Math.min(dose.planned, dose.amount + (dose.per_h * Math.max(0, now - dose.at)) / 3600000);
  const assumed = dose.assumed || (dose.per_h > 0 && given >= dose.planned);
  const digits = dose.unit === "mg" ? 1 : 2;
  return `given ${given.toFixed(digits)} of ${round(dose.planned)} ${dose.unit}${assumed ? " (no stop recorded)" : dose.per_h ? ` · ${round(dose.per_h)} ${dose.unit}/h` : ""}`;
}

const round = (value) => String(Math.round(value * 100) / 100);
