// What a bed's state means in words and order: alarms, phases, lines. Pure: `now` is the bed's own clock, ms.

import { shapes } from "./dom.js";
import { ago, clock, span } from "./times.js";
import { shownCuff } from "./numbers.js";

export const PRIORITY = { 1: "low", 2: "medium", 3: "high" };
const REMINDS_MS = 20000;
const ESCALATES = { 2: 180000, 3: 60000 };
const LABEL = { SBP: "BP SYS", DBP: "BP DIA", HR: "HR", PR: "PR", SPO2: "SpO₂", NIBP: "NIBP" };
const PHASE = { baseline: "Baseline", infusion: "Infusion", paused: "Paused", recovery: "Recovery" };

export function label(signal) {
  return LABEL[signal] || signal;
}

export function phaseWords(session) {
  return session ? PHASE[session.phase] || session.phase : "No session";
}

// Urgent first: high before low, what goes on before what is over, unseen before seen, old before new.
export function ordered(alarms) {
  return [...alarms].sort((a, b) => weight(b) - weight(a) || a.raised - b.raised || a.id - b.id);
}

function weight(alarm) {
  const open = alarm.acknowledged === null ? 1 : 0;
  const runs = alarm.ended === null ? 1 : 0;
  return alarm.priority * 4 + runs * 2 + open;
}

export function sounding(alarm) {
  return alarm.acknowledged === null && alarm.ended === null && !alarm.silent;
}

export function escalated(alarm, wall) {
  return alarm.acknowledged === null && !alarm.silent && alarm.priority in ESCALATES && wall - alarm.raised >= ESCALATES[alarm.priority];
}

// The watch's last reminder that a seen alarm goes on, as long as it is fresh.
export function reminded(alarm, wall) {
  return alarm.ended === null && alarm.acknowledged !== null && !alarm.silent && alarm.reminded != null
    && wall - alarm.reminded < REMINDS_MS;
}

// What a screen has to sound: alarms that go on and nobody has seen, of live beds, of those the screen is to `mind`;
// and once those of which the watch has just reminded.
export function audible(beds, wall, mind = () => true) {
  const found = [];
  for (const bed of beds) {
    if (bed.mode === "replay") continue;
    for (const alarm of bed.alarms) {
      const again = reminded(alarm, wall);
      if (!(sounding(alarm) || again) || !mind(alarm, bed)) continue;
      const text = `${shapes(alarm.priority)} ${bed.name}: ${alarm.text}`;
      const spoken = `${bed.name}, ${again ? "still on, " : ""}${PRIORITY[alarm.priority]} alarm: ${alarm.text}`;
      if (again) found.push({ id: `${alarm.id} again ${alarm.reminded}`, priority: alarm.priority, text: `Still on: ${text}`, spoken, once: true });
      else found.push({ id: alarm.id, priority: alarm.priority, text, spoken });
    }
  }
  return found;
}

// No number comes from this bed's monitor: the link is silent, as the watch says it, or the port is gone.
export function silent(bed) {
  const state = bed.monitor.state;
  if (bed.mode === "replay" && bed.replay && bed.clock.rate === 0) return false;
  return state === "lost" || state === "quiet" || bed.alarms.some((each) => each.key === "no-data" && each.ended === null);
}

// An alarm in few words for a cell: what, and the number against its limit.
export function brief(alarm, bed, now, zone) {
  const over = alarm.ended !== null;
  if (alarm.key === "no-data") {
    return { what: over ? "DATA BACK" : "NO DATA", detail: bed.monitor.last_frame === null ? "never" : `last ${clock(bed.monitor.last_frame, zone, true)}` };
  }
  if (alarm.key === "cuff-overdue") return { what: "NIBP OVERDUE", detail: over ? "measured" : ago(now - alarm.since) };
  if (alarm.key === "hr-lost") {
    return { what: alarm.priority > 1 ? "HR LOST" : "HR DELAYED", detail: over ? "back" : ago(now - alarm.since) };
  }
  if (alarm.key === "cuff-implausible") return { what: "REPEAT CUFF", detail: over ? "measured" : doubted(bed.numbers.NIBP) };
  if (alarm.key === "cuff-rejected") return { what: "CHECK CUFF", detail: over ? "measured" : "readings do not count" };
  if (alarm.key === "hr-not-evaluable") return { what: "HR NOT EVALUABLE", detail: over ? "evaluable" : "too sparse" };
  const value = alarm.value === null ? "" : rounded(alarm.value);
  const limit = alarm.threshold === null ? "" : rounded(alarm.threshold);
  const was = (extreme) => (over ? "was " : standing(alarm, bed) < alarm.priority && shownValue(bed, alarm.signal) !== null ? `${extreme} ` : "");
  if (alarm.key.startsWith("rise ") || alarm.key.startsWith("before-start ")) {
    return { what: `${label(alarm.signal)} HIGH`, detail: `${was("peak")}${value} ≥ ${limit}` };
  }
  if (alarm.key.startsWith("low ")) {
    return { what: `${label(alarm.signal)} LOW`, detail: `${was("lowest")}${value} ≤ ${limit}` };
  }
  return { what: alarm.text, detail: "" };
}

// The cuff reading that does not count. Of those since the high one the last is shown.
function doubted(cuff) {
  const whole = cuff?.rejected && cuff.sys !== null && cuff.dia !== null;
  return whole ? `${rounded(cuff.sys)}/${rounded(cuff.dia)} rejected` : "implausible high reading";
}

// Its priority, since when, and who has seen it.
export function sinceWords(alarm, now, wall, zone) {
  const words = [PRIORITY[alarm.priority], `since ${clock(alarm.since, zone, true)}`];
  if (alarm.ended !== null) words.push(`over at ${clock(alarm.ended, zone, true)}, not yet acknowledged`);
  else if (alarm.acknowledged !== null) words.push(`${reminded(alarm, wall) ? "STILL ON · " : ""}seen by ${alarm.acknowledged_by ?? "?"} at ${clock(alarm.acknowledged, zone)}`);
  else if (escalated(alarm, wall)) words.push(`UNACKNOWLEDGED SINCE ${clock(alarm.raised, zone)}`);
  else words.push(span(now - alarm.since));
  return words.join(" · ");
}

export function rounded(value) {
  return String(Math.round(value * 10) / 10);
}

// The most urgent limit that a value reaches, 0 if none.
export function reached(bed, signal, value) {
  if (value === null || value === undefined) return 0;
  const up = bed.limits.filter((each) => each.signal === signal && value >= each.threshold).map((each) => each.level);
  const down = bed.low.filter((each) => each.signal === signal && value <= each.limit).map((each) => each.priority);
  return Math.max(0, ...up, ...down);
}

// The value on the screen that an alarm is about; null if there is none that counts.
function shownValue(bed, signal) {
  const cuff = bed.numbers.NIBP;
  if (signal === "SBP" || signal === "DBP") return cuff && !cuff.rejected ? cuff[signal === "SBP" ? "sys" : "dia"] : null;
  return bed.numbers[signal === "HR" || signal === "PR" ? bed.rate : signal]?.value ?? null;
}

// How far the number on the screen still is where the alarm's was: an alarm goes on until the return is certain, while
// the number may be a later one. The alarm's own priority, a lower one, or 0.
function standing(alarm, bed) {
  const value = shownValue(bed, alarm.signal);
  if (value === null) return 0;
  const past = alarm.threshold === null || (alarm.key.startsWith("low ") ? value <= alarm.threshold : value >= alarm.threshold);
  return past ? alarm.priority : Math.min(alarm.priority, reached(bed, alarm.signal, value));
}

// The signals whose numbers stand where an alarm that goes on says, by priority.
export function alarmed(bed) {
  const found = {};
  for (const alarm of bed.alarms) {
    if (alarm.ended !== null || alarm.category !== "physiological") continue;
    const signal = alarm.signal === "SBP" || alarm.signal === "DBP" ? "NIBP" : alarm.signal === "PR" ? "HR" : alarm.signal;
    found[signal] = Math.max(found[signal] || 0, standing(alarm, bed));
  }
  return found;
}

// A run of cuff readings over a limit that is not yet long enough to count.
export function provisionalWords(bed) {
  const open = [...bed.provisional].sort((a, b) => b.level - a.level || a.since - b.since)[0];
  return open ? `${label(open.signal)} ${rounded(open.value)} ≥ ${rounded(open.threshold)}: ${open.have} of ${open.need}, repeat cuff` : "";
}

// The line of a bed without an alarm. It never says that all is well, only what was seen and when.
export function quietWords(bed, now, zone) {
  if (!bed.session) return "";
  const since = bed.no_limit_passed_since;
  const cuff = bed.numbers.NIBP;
  const words = [];
  if (since !== null && since !== undefined) words.push(`no limit passed since ${clock(since, zone)}`);
  words.push(cuff ? `last cuff ${ago(now - cuff.time)}` : "no cuff yet");
  return words.join(", ");
}

export function cuffOverdue(bed, now) {
  const shown = shownCuff(bed.numbers.NIBP, now, bed.cycle_s);
  return shown.state === "overdue" || shown.state === "struck";
}

// The time that counts in the phase, and how far the infusion is (0 to 1).
export function course(bed, now) {
  const session = bed.session;
  if (!session) return { text: "", of: "", part: 0 };
  const planned = session.planned_minutes === null ? null : session.planned_minutes * 60000;
  if (session.t0 === null) return { text: span(now - session.started), of: "", part: 0 };
  if (session.phase === "recovery" && session.infusion_end !== null) {
    return { text: span(now - session.infusion_end), of: "", part: 1 };
  }
  const until = session.paused_since === null ? now : session.paused_since;
  const run = Math.max(0, until - session.t0 - (session.paused_before || 0));
  return { text: span(run), of: planned ? span(planned) : "", part: planned ? Math.min(1, run / planned) : 0 };
}

const OUTCOME = {
  transient: "transient, back in time",
  sustained_returned: "prolonged, back late",
  sustained_unresolved: "prolonged, not back",
  unresolved: "rise in progress",
};

// How a rise stands. One that is not back is no outcome yet.
export function outcomeWords(rise) {
  if (rise.return === null && rise.outcome !== "sustained_unresolved") return OUTCOME.unresolved;
  return OUTCOME[rise.outcome] || rise.outcome;
}

// The one word that no part of a view of a recording may be without, also cut out of a picture.
export function markWord(bed) {
  return bed.mode === "replay" ? "REPLAY" : "";
}

export function modeMark(bed, site) {
  if (bed.mode === "replay") {
    if (!bed.replay || !bed.replay.speed) return "REPLAY";
    return bed.clock.rate === 0 ? "REPLAY paused" : `REPLAY ${bed.replay.speed}×`;
  }
  return bed.mode === "demo" || site.demo ? "DEMO" : "";
}
