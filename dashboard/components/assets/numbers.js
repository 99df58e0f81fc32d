// The newest numbers of a bed as they are shown: fresh, delayed, lost or struck. Pure: `now` is the bed's own clock, ms.

const USED = new Set(["ok", "unverified", "range"]);

const WORDS = {
  questionable: "questionable", age_unknown: "age unknown", test: "test value", demo: "demo value", zero: "no signal",
  off: "sensor off", searching: "searching", measuring: "measuring", invalid: "invalid",
};

export function statusWords(status) {
  return WORDS[status] || "";
}

function counts(signal, value, status) {
  if (value === null || value === undefined || !USED.has(status)) return false;
  return signal === "HR" || signal === "PR" ? value >= 20 && value <= 250 : true;
}

// BED as the server said it, with the last valid value of each signal carried over from what was known before.
export function merged(before, bed) {
  for (const [signal, number] of Object.entries(bed.numbers)) {
    if (signal === "NIBP") continue;
    const old = before ? before.numbers[signal] : undefined;
    if (old && old.source === number.source && old.time > number.time) {
      bed.numbers[signal] = { ...old, interval_s: number.interval_s };
    } else if (counts(signal, number.value, number.status)) {
      number.valid = { value: number.value, time: number.time };
    } else {
      number.valid = old && old.source === number.source && old.valid && old.valid.time <= number.time ? old.valid : null;
    }
  }
  const cuff = before && before.numbers.NIBP;
  if (cuff && (!bed.numbers.NIBP || bed.numbers.NIBP.time < cuff.time)) bed.numbers.NIBP = cuff;
  return bed;
}

const CUFF = { NIBP_SYS: "sys", NIBP_DIA: "dia", NIBP_MEAN: "mean" };

// Takes new rows into the bed's numbers. Of several sources the one the server chose stays until it says otherwise.
export function withRows(bed, rows) {
  const cuffs = new Map();
  for (const [signal, time, value, status, source] of rows) {
    if (status === "gap") continue;  // no reading: a line breaks there
    if (signal in CUFF) {
      if (!cuffs.has(time)) {
        cuffs.set(time, { sys: null, dia: null, mean: null, unit: "mmHg", status, source, time, rejected: null, suspect: null });
      }
      cuffs.get(time)[CUFF[signal]] = value;
      continue;
    }
    const old = bed.numbers[signal];
    if (old && (old.source !== source || time < old.time)) continue;
    const valid = counts(signal, value, status) ? { value, time } : (old ? old.valid : null);
    bed.numbers[signal] = { ...(old || { unit: "", interval_s: null }), value, status, source, time, valid };
  }
  for (const cuff of cuffs.values()) {
    const old = bed.numbers.NIBP;
    const whole = complete(cuff);
    // A failed measurement does not take the last numbers off the screen.
    if (!old || (cuff.time >= old.time && (whole || !complete(old)))) bed.numbers.NIBP = cuff;
  }
}

function complete(cuff) {
  return cuff.sys !== null && cuff.dia !== null;
}

// How a continuous signal is to be shown (clinical definition 3.7): state "fresh", "delayed" (grey, with its age: after
// 10 s or three of its own intervals; a cuff's pulse rate always after 10 s), "lost" (dashes: after 30 s or six), "doubtful" (grey, with its word) or "absent".
// `suspect`: why a rate is to be doubted though it counts.
export function shownNumber(number, now) {
  return { ...judged(number, now), suspect: number?.suspect || null };
}

function judged(number, now) {
  if (!number) return { state: "absent", text: "– –", words: "", age: null };
  const interval = 1000 * (number.interval_s || 1);
  const valid = number.valid;
  const age = valid ? Math.max(0, now - valid.time) : null;
  const words = statusWords(number.status);
  if (number.value !== null && !valid && now - number.time <= Math.max(30000, 6 * interval)) {
    return { state: "doubtful", text: format(number.value), words: words || "out of range", age: now - number.time };
  }
  if (!valid || age > Math.max(30000, 6 * interval)) return { state: "lost", text: "– –", words, age };
  if (number.value === null) return { state: "doubtful", text: format(valid.value), words, age };
  if (number.time > valid.time) return { state: "doubtful", text: format(number.value), words: words || "out of range", age };
  if (age > (number.cuff ? 10000 : Math.max(10000, 3 * interval))) return { state: "delayed", text: format(valid.value), words, age };
  return { state: "fresh", text: format(valid.value), words, age };
}

// How the last cuff measurement is to be shown: "fresh", "overdue" (after the cycle and 2 min), "struck" (after two
// cycles and 2 min), "absent". Its age is always said.
export function shownCuff(cuff, now, cycleS) {
  if (!cuff) return { state: "absent", text: "–/–", mean: "", age: null, words: "" };
  const age = Math.max(0, now - cuff.time);
  const text = `${format(cuff.sys)}/${format(cuff.dia)}`;
  const mean = cuff.mean === null || cuff.mean === undefined ? "" : format(cuff.mean);
  const words = statusWords(cuff.status);
  let state = "fresh";
  if (cycleS) {
    if (age > 2000 * cycleS + 120000) state = "struck";
    else if (age > 1000 * cycleS + 120000) state = "overdue";
  }
  return { state, text, mean, age, words, rejected: cuff.rejected || null, suspect: cuff.suspect || null };
}

export function format(value) {
  return value === null || value === undefined ? "–" : String(Math.round(value));
}
