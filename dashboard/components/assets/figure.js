// The parts of a bed's figure that do not come from readings: panels, limits, baseline, phases, rises, events. Pure.

import { label, markWord } from "./bedside.js";
import { colour, sheer } from "./look.js";
import { local } from "./times.js";

// The palette's names of what is drawn; 1 to 3 are the priorities.
const NAME = {
  HR: "hr", SPO2: "spo2", NIBP: "nibp", ABP: "abp", none: "none-t", 1: "low-t", 2: "medium-t", 3: "high-t", text: "time", grid: "grid",
};
export const inkOf = (what) => colour(NAME[what]);

const DOMAIN = { events: [0.915, 1], HR: [0.655, 0.905], NIBP: [0.285, 0.61], SPO2: [0, 0.24] };
const AXIS = { HR: "y", NIBP: "y2", SPO2: "y3", SBP: "y2", DBP: "y2" };

// Plotly reads a few tags in texts; names and notes are other people's words.
export const plain = (words) => String(words ?? "").replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

const axis = (domain, range, more = {}) => ({
  domain, range, fixedrange: true, gridcolor: inkOf("grid"), zeroline: false, tickfont: { color: inkOf("text") }, nticks: 6,
  ...more,
});

// The whole layout for a window [from, to] (ms on the bed's clock). `ranges` has a y range for each panel.
export function layout(bed, zone, [from, to], ranges, revision) {
  const x = (at) => local(at, zone);
  return {
    uirevision: revision, dragmode: "zoom", hovermode: "x", showlegend: false,
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", margin: { l: 46, r: 54, t: 4, b: 28 },
    font: { family: '"Risewatch Inter", Inter, sans-serif', size: 13, color: inkOf("text") },
    hoverlabel: { bgcolor: colour("button"), bordercolor: colour("button-edge"), font: { color: colour("text") } },
    xaxis: {
      type: "date", range: [x(from), x(to)], gridcolor: inkOf("grid"), anchor: "y3", nticks: 8, tickfont: { color: inkOf("text") },
      tickformatstops: [
        { dtickrange: [null, 59_999], value: "%H:%M:%S" }, { dtickrange: [60_000, 86_399_999], value: "%H:%M" },
        { dtickrange: [86_400_000, null], value: "%-d %b" },
      ],
      hoverformat: "%H:%M:%S",
    },
    yaxis: axis(DOMAIN.HR, ranges.HR),
    yaxis2: axis(DOMAIN.NIBP, ranges.NIBP),
    yaxis3: axis(DOMAIN.SPO2, ranges.SPO2),
    yaxis4: axis(DOMAIN.events, [0, 3], { visible: false }),
    shapes: [
      ...phases(bed, x, to), ...band(bed, x, from, to), ...rises(bed, x, to), ...eventLines(bed, x), ...limits(bed, ranges),
    ],
    annotations: [...watermark(bed), ...titles(bed), ...limitWords(bed, ranges), ...peaks(bed, x)],
  };
}

// In each panel, so that a picture of one panel, or of a part of it, says it too.
function watermark(bed) {
  const word = markWord(bed);
  if (!word) return [];
  return Object.values(DOMAIN).slice(1).flatMap(([low, high]) => [0.2, 0.5, 0.8].map((x) => ({
    xref: "paper", yref: "paper", x, y: (low + high) / 2, xanchor: "center", yanchor: "middle", showarrow: false,
    text: `<b>${word}</b>`, font: { color: colour("replay-t"), size: 26 }, opacity: 0.4,
  })));
}

function titles(bed) {
  const rate = bed.rate === "PR" ? "PR (pulse)  /min" : "HR  /min";
  return [["HR", rate], ["NIBP", "NIBP  mmHg"], ["SPO2", "SpO₂  %"]].map(([panel, words]) => ({
    xref: "paper", yref: "paper", x: 0.004, y: DOMAIN[panel][1], xanchor: "left", yanchor: "top", showarrow: false,
    text: `<b>${words}</b>`, font: { color: inkOf(panel), size: 14 },
  }));
}

// When the drug ran, when it was paused, and what came after: [{from, to, kind}], `to` null while it lasts.
export function courseSpans(session) {
  const spans = [];
  const close = (at) => {
    const last = spans[spans.length - 1];
    if (last && last.to === null) last.to = at;
  };
  const open = (kind, from) => { close(from); spans.push({ kind, from, to: null }); };
  const kinds = {
    "infusion-start": "infusion", "infusion-pause": "paused", "infusion-resume": "infusion", "infusion-stop": "recovery",
  };
  const ordered = [...(session?.events ?? [])].sort((a, b) => a.time - b.time || a.id - b.id);
  for (const event of ordered) if (event.kind in kinds) open(kinds[event.kind], event.time);
  return spans;
}

function phases(bed, x, to) {
  const shade = { infusion: sheer("accent", 0.13), paused: sheer("none", 0.18), recovery: sheer("none", 0.09) };
  return courseSpans(bed.session).map((span) => ({
    type: "rect", xref: "x", yref: "paper", layer: "below", x0: x(span.from), x1: x(span.to ?? Math.max(to, span.from)),
    y0: 0, y1: 1, fillcolor: shade[span.kind], line: { width: 0 },
  }));
}

// From the baseline up to where a rise counts as over: the band to which a transient rise comes back.
function band(bed, x, from, to) {
  const drawn = [];
  for (const signal of ["HR", "SBP", "DBP"]) {
    const base = bed.baseline[signal];
    if (base?.value == null) continue;
    const first = bed.limits.find((each) => each.signal === signal && each.level === 1);
    const own = signal === "HR" ? "hr" : "nibp";
    const top = first && first.clear > base.value ? first.clear : base.value;
    drawn.push({
      type: "rect", xref: "paper", yref: AXIS[signal], layer: "below", x0: 0, x1: 1, y0: base.value, y1: top,
      fillcolor: sheer(own, 0.1), line: { width: 0 },
    }, {
      type: "line", xref: "paper", yref: AXIS[signal], layer: "below", x0: 0, x1: 1, y0: base.value, y1: base.value,
      line: { color: sheer(own, 0.55), width: 1 },
    });
  }
  return drawn;
}

const inside = (value, [low, high]) => value > low && value < high;
const panelOf = (signal) => (signal === "SBP" || signal === "DBP" ? "NIBP" : signal);

// The limits in force as they work for this patient: all upper ones, and of the low ones the first that is passed.
export function limitLines(bed) {
  const up = bed.limits.map((each) => ({ signal: each.signal, priority: each.level, at: each.threshold }));
  const first = bed.low.filter((each) => !bed.low.some((other) => other.signal === each.signal && other.limit > each.limit));
  const down = first.map((each) => ({ signal: each.signal, priority: each.priority, at: each.limit }));
  return [...up, ...down].filter((each) => each.at != null);
}

function limits(bed, ranges) {
  return limitLines(bed).filter((each) => inside(each.at, ranges[panelOf(each.signal)])).map((each) => ({
    type: "line", xref: "paper", yref: AXIS[each.signal], x0: 0, x1: 1, y0: each.at, y1: each.at,
    line: { color: inkOf(each.priority), width: 1.3, dash: each.priority === 1 ? "dash" : "dot" },
    opacity: 0.8,
  }));
}

// Where two would stand on each other, the more urgent one is named.
function limitWords(bed, ranges) {
  const named = [];
  const wanted = limitLines(bed).filter((each) => inside(each.at, ranges[panelOf(each.signal)]));
  for (const each of wanted.sort((a, b) => b.priority - a.priority)) {
    const [low, high] = ranges[panelOf(each.signal)];
    const near = (other) => panelOf(other.signal) === panelOf(each.signal) && Math.abs(other.at - each.at) < (high - low) * 0.09;
    if (!named.some(near)) named.push(each);
  }
  return named.map((each) => ({
    xref: "paper", yref: AXIS[each.signal], x: 1, y: each.at, xanchor: "left", yanchor: "middle", showarrow: false,
    text: `${each.signal === "DBP" ? "dia " : each.signal === "SBP" ? "sys " : ""}${Math.round(each.at * 10) / 10}`,
    font: { color: inkOf(each.priority), size: 11 },
  }));
}

function rises(bed, x, to) {
  return bed.rises.filter((each) => !each.present_at_baseline).map((each) => ({
    type: "rect", xref: "x", yref: `${AXIS[each.signal]} domain`, layer: "below", x0: x(each.onset), x1: x(each.return ?? to),
    y0: 0, y1: 1, fillcolor: inkOf(each.level), opacity: 0.09, line: { width: 0 },
  }));
}

// Only the highest open level of a signal is named; the shades of the lower ones lie under it.
function peaks(bed, x) {
  return bed.rises.filter((each) => !each.present_at_baseline && each.peak_time != null && each.signal === "HR").map((each) => ({
    xref: "x", yref: AXIS[each.signal], x: x(each.peak_time), y: each.peak, showarrow: false, yshift: 12,
    text: `<b>${"▲".repeat(each.level)} ${Math.round(each.peak)}</b>`, font: { color: inkOf(each.level), size: 12 },
  }));
}

function eventLines(bed, x) {
  return (bed.session?.events ?? []).map((event) => ({
    type: "line", xref: "x", yref: "paper", layer: "below", x0: x(event.time), x1: x(event.time), y0: 0, y1: 1,
    line: { color: sheer("soft", 0.55), width: 1 },
  }));
}

// The events as diamonds with their words, on three lines in turn so that neighbours do not run into each other.
export function eventTrace(bed, zone, [from, to]) {
  const events = (bed.session?.events ?? []).filter((each) => each.time >= from && each.time <= to).sort((a, b) => a.time - b.time);
  const words = events.map((each) => each.words);
  return {
    type: "scatter", mode: "markers+text", yaxis: "y4", cliponaxis: true,
    x: events.map((each) => local(each.time, zone)), y: events.map((_, at) => 2.5 - (at % 3)),
    text: words.map((each) => ` ${plain(each.length > 26 ? `${each.slice(0, 25)}…` : each)}`), textposition: "middle right",
    textfont: { size: 12, color: inkOf("text") }, marker: { symbol: "diamond", size: 9, color: colour("text") },
    hovertext: words.map((each, at) => `${plain(each)} (${plain(events[at].author)})`), hoverinfo: "text",
  };
}

// A y range that holds the values shown and the limits next to them, in steps of ten so that it rarely moves.
export function yRanges(bed, seen) {
  const around = (values, low, high, room = 6) => {
    const all = values.filter((each) => each != null);
    const down = Math.min(low, ...all), up = Math.max(high, ...all);
    return [Math.floor((down - 4) / 10) * 10, Math.ceil((up + room) / 10) * 10];
  };
  const near = (...signals) => limitLines(bed).filter((each) => signals.includes(each.signal) && each.priority < 3).map((each) => each.at);
  const rate = near("HR"), pressure = near("SBP", "DBP").filter((each) => each > 60);
  const lowest = Math.min(88, ...seen.SPO2);
  return {
    HR: around([...seen.HR, ...rate], 55, 100), NIBP: around([...seen.NIBP, ...pressure], 60, 150, 16),
    SPO2: [Math.floor(lowest / 2) * 2 - 1, 101.5],
  };
}
