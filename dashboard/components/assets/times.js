// Times and spans in words. Instants are ms since 1970 UTC; what people read is the clinic's zone, 24 h.

const formats = new Map();

function parts(zone, seconds) {
  const key = `${zone} ${seconds}`;
  if (!formats.has(key)) {
    const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    if (seconds) options.second = "2-digit";
    let made;
    try {
      made = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone });
    } catch {
      made = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" });
    }
    formats.set(key, made);
  }
  return formats.get(key);
}

export function clock(ms, zone, seconds = false) {
  return ms === null || ms === undefined ? "" : parts(zone, seconds).format(new Date(ms));
}

const offsets = new Map();

// The instant whose UTC reading is the zone's local time, for a time axis that knows only UTC.
export function local(ms, zone) {
  const quarter = Math.floor(ms / 900000);
  const key = `${zone} ${quarter}`;
  if (!offsets.has(key)) {
    if (offsets.size > 2000) offsets.clear();
    offsets.set(key, zoneOffset(quarter * 900000, zone));
  }
  return ms + offsets.get(key);
}

function zoneOffset(ms, zone) {
  let format;
  try {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
    });
  } catch {
    return 0;
  }
  const found = Object.fromEntries(format.formatToParts(new Date(ms)).map((each) => [each.type, Number(each.value)]));
  return Date.UTC(found.year, found.month - 1, found.day, found.hour, found.minute, found.second) - ms;
}

// With its date and its zone's offset: 2026-03-01 10:00:00 +00:00
export function moment(ms, zone) {
  const whole = Math.floor(ms / 1000) * 1000;
  const shown = local(whole, zone);
  const minutes = Math.abs(shown - whole) / 60000;
  const two = (value) => String(Math.floor(value)).padStart(2, "0");
  const offset = `${shown < whole ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
  return `${new Date(shown).toISOString().slice(0, 19).replace("T", " ")} ${offset}`;
}

// mm:ss, or h:mm:ss from an hour on.
export function span(ms) {
  const all = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(all / 3600);
  const rest = `${String(Math.floor((all % 3600) / 60)).padStart(2, "0")}:${String(all % 60).padStart(2, "0")}`;
  return hours ? `${hours}:${rest}` : rest;
}

export function ago(ms) {
  if (ms === null || ms === undefined) return "";
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min ago`;
  return `${Math.floor(seconds / 3600)} h ago`;
}

// How far into a recording: minutes and seconds, from an hour on with hours.
export function elapsed(ms) {
  const seconds = Math.floor(ms / 1000);
  const two = (value) => String(value).padStart(2, "0");
  const rest = `${Math.floor(seconds / 60) % 60}:${two(seconds % 60)}`;
  return seconds < 3600 ? rest : `${Math.floor(seconds / 3600)}:${rest.padStart(5, "0")}`;
}
