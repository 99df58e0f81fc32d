// Times as people read them, in the clinic's zone whatever zone the tablet is set to. Instants in ms since 1970 UTC.

const formats = new Map();

function format(zone, options) {
  const key = zone + JSON.stringify(options);
  if (!formats.has(key)) {
    let made;
    try {
      made = new Intl.DateTimeFormat("en-GB", { hourCycle: "h23", ...options, timeZone: zone || "UTC" });
    } catch {
      // An unknown zone: UTC, and the clock says so (zoneName).
      made = new Intl.DateTimeFormat("en-GB", { hourCycle: "h23", ...options, timeZone: "UTC" });
    }
    formats.set(key, made);
  }
  return formats.get(key);
}

const HMS = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
const HM = { hour: "2-digit", minute: "2-digit" };

export const clock = (at, zone) => (at == null ? "--:--:--" : format(zone, HMS).format(at));
export const hourMinute = (at, zone) => (at == null ? "--:--" : format(zone, HM).format(at));

// What to add to an instant so that its UTC fields read as the zone's local time.
export function zoneOffset(at, zone) {
  const parts = format(zone, {
    year: "numeric", month: "2-digit", day: "2-digit", ...HMS,
  }).formatToParts(at).reduce((found, each) => ({ ...found, [each.type]: Number(each.value) }), {});
  const local = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
  return local - Math.floor(at / 1000) * 1000;
}

// 18:42, or 1:02:09 from an hour on.
export function span(ms) {
  const total = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const pad = (each) => String(each).padStart(2, "0");
  return hours ? `${hours}:${pad(minutes)}:${pad(seconds)}` : `${pad(minutes)}:${pad(seconds)}`;
}

// "12 s ago", "3 min ago", "2 h 5 min ago": rounded down, an age is never shown longer than it is.
export function ago(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min ago`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min ago`;
}
