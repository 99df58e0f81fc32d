// How old a number may be (clinical definition 3.7). Pure. Ages and intervals in ms on the bed's own clock.

export const FRESH = "fresh", DELAYED = "delayed", LOST = "lost", ABSENT = "absent";
const SECOND = 1000, MINUTE = 60_000;

// "No value" has its own words for each reason: absent, invalid and zero are three things.
export const NO_VALUE = {
  zero: "no signal", off: "sensor off", searching: "searching", measuring: "measuring", invalid: "not valid",
};
export const NOT_USED = {
  questionable: "questionable", age_unknown: "age unknown", test: "test value", demo: "monitor's demo value",
};

// A bed's clock at the server's wall time `wall`.
export const bedNow = (bed, wall) => bed.clock.at + (wall - bed.clock.wall) * bed.clock.rate;

// A continuous signal: {state, age}. Greyed after 10 s or 3 of the source's intervals, dashes after 30 s or 6.
export function continuous(number, now) {
  if (!number) return { state: ABSENT, age: null };
  const age = Math.max(0, now - number.time);
  const interval = (number.interval_s ?? 1) * SECOND;
  if (age > Math.max(30 * SECOND, 6 * interval)) return { state: LOST, age };
  if (number.value == null) return { state: ABSENT, age };
  if (age > Math.max(10 * SECOND, 3 * interval)) return { state: DELAYED, age };
  return { state: FRESH, age };
}

// The cuff: {state, age, next}. Overdue after the cycle and 2 min, struck as stale after two cycles and 2 min.
export function cuff(number, cycleSeconds, now, due = null) {
  const cycle = cycleSeconds == null ? null : cycleSeconds * SECOND;
  const start = number?.time ?? due;
  const next = cycle == null || start == null ? null : start + cycle - now;
  if (!number || (number.sys == null && number.dia == null)) {
    const waited = start == null ? null : now - start;
    const late = cycle != null && waited != null && waited > cycle + 2 * MINUTE;
    return { state: late ? LOST : ABSENT, age: null, next };
  }
  const age = Math.max(0, now - number.time);
  if (cycle == null) return { state: FRESH, age, next };
  if (age > 2 * cycle + 2 * MINUTE) return { state: LOST, age, next };
  if (age > cycle + 2 * MINUTE) return { state: DELAYED, age, next };
  return { state: FRESH, age, next };
}

const CONTINUOUS = ["HR", "PR", "SPO2", "RR", "TEMP", "ABP_SYS", "ABP_DIA", "ABP_MEAN"];

// Since when the monitor is silent: {silent, last, why}. A monitor that only tells cuff values is quiet between
// them, and that is no fault.
export function link(bed, now) {
  const heard = CONTINUOUS.map((name) => bed.numbers[name]).filter(Boolean);
  const last = heard.length ? Math.max(...heard.map((each) => each.time)) : bed.numbers.NIBP?.time ?? null;
  const { state } = bed.monitor;
  if (state === "lost") return { silent: true, last, why: "connection lost" };
  if (bed.alarms.some((each) => each.key === "no-data" && each.ended == null)) {
    return { silent: true, last, why: "monitor silent" };
  }
  if (heard.length) {
    const interval = Math.min(...heard.map((each) => each.interval_s ?? 1)) * SECOND;
    if (now - last > Math.max(10 * SECOND, 3 * interval)) return { silent: true, last, why: "monitor silent" };
  } else if (state !== "connected" && !bed.numbers.NIBP) {
    return { silent: true, last, why: state === "connecting" ? "connecting" : "monitor silent" };
  }
  return { silent: false, last, why: "" };
}

// With the link silent for this long nothing of the bed is shown as a number any more, the cuff included: nobody
// can know whether it measured since.
export const blankAll = (state, now) => state.silent && (state.last == null || now - state.last > 30 * SECOND);
