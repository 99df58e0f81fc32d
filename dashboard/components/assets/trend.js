// A bed's figure: history from /api/series, then what the stream brings. Subscribed first, fetched after: what comes
// meanwhile waits and is drawn if it is newer, so that no reading is missed and none doubled.

import { reached } from "./bedside.js";
import { el, setHidden, setText } from "./dom.js";
import { inkOf, eventTrace, layout, plain, yRanges } from "./figure.js";
import { hub } from "./hub.js";
import { clock, local } from "./times.js";

const LINES = ["HR", "PR", "SPO2", "ABP_SYS", "ABP_DIA"];
const PARTS = { NIBP_SYS: 1, NIBP_DIA: 2, NIBP_MEAN: 3 };
const USED = new Set(["ok", "unverified", "range"]);
const POINTS = 2500;
const MOST = 20_000;
const BEFORE = 600_000;
const WINDOWS = [["15 min", 15], ["30 min", 30], ["1 h", 60], ["All", null]];

let script = null;

function plotly() {
  script ??= new Promise((done, failed) => {
    if (window.Plotly) return done(window.Plotly);
    const tag = document.createElement("script");
    tag.src = "/api/plotly.js";
    tag.onload = () => done(window.Plotly);
    tag.onerror = () => { script = null; tag.remove(); failed(new Error("plotly.js cannot be had")); };
    document.head.append(tag);
  });
  return script;
}

export class Trend {
  constructor(bedId) {
    this.bedId = bedId;
    this.root = el("section", "rw-trend rw-live", null, { "aria-label": "Trends" });
    this.plot = el("div", "rw-plot");
    this.words = el("div", "rw-trend-words", "Loading the trends");
    this.bar = el("div", "rw-trend-bar");
    this.back = el("button", "rw-back", "Back to live", { type: "button" });
    this.back.onclick = () => this.live();
    this.choices = WINDOWS.map(([words, minutes]) => {
      const button = el("button", "rw-window", words, { type: "button" });
      button.onclick = () => { this.minutes = minutes; this.live(); };
      return { button, minutes };
    });
    this.earlier = el("button", "rw-earlier", "‹ Earlier", { type: "button" });
    this.later = el("button", "rw-later", "Later ›", { type: "button" });
    this.earlier.onclick = () => this.rewind(-1);
    this.later.onclick = () => this.rewind(1);
    // Neither means anything before there is a course to look back on.
    this.earlier.disabled = true;
    for (const each of [this.back, this.later]) setHidden(each, true);
    this.past = el("span", "rw-past", "", { role: "status" });
    const windows = el("span", "rw-windows");
    windows.append(...this.choices.map((each) => each.button));
    this.bar.append(this.back, this.earlier, this.later, windows);
    this.root.append(this.plot, this.words, this.past, this.bar);
    this.minutes = 30;
    this.follow = true;
    this.revision = 1;
    this.turn = 0;
    this.data = null;
    this.waiting = [];
    this.visible = () => { if (!document.hidden && this.hidden) { this.hidden = false; this.draw(); } };
    document.addEventListener("visibilitychange", this.visible);
    this.repaint = () => { if (this.ready) this.draw(); };
    document.addEventListener("risewatch-look", this.repaint);
    // A page that is being left takes the element off the screen first.
    this.resize = new ResizeObserver(() => {
      if (this.ready && !this.ended && this.plot.isConnected && this.plot.clientWidth) window.Plotly.Plots.resize(this.plot);
    });
    this.resize.observe(this.plot);
    setHidden(this.back, true);
  }

  end() {
    this.ended = true;
    this.resize.disconnect();
    document.removeEventListener("visibilitychange", this.visible);
    document.removeEventListener("risewatch-look", this.repaint);
    clearTimeout(this.zooming);
    clearTimeout(this.again);
    if (this.ready) window.Plotly.purge(this.plot);
  }

  get bed() { return hub.beds.get(this.bedId); }

  async series(start, end) {
    const asked = new URLSearchParams({
      token: hub.token, bed: this.bedId, start: Math.floor(start), end: Math.ceil(end), points: POINTS,
    });
    const answer = await fetch(`/api/series?${asked}`, { cache: "no-store" });
    if (!answer.ok) throw new Error(`series: ${answer.status}`);
    return answer.json();
  }

  // Fetches the session anew and draws it. A load that is overtaken by another one is dropped.
  async load() {
    const bed = this.bed;
    if (!bed) return;
    const turn = (this.turn += 1);
    this.loading = true;
    this.waiting = [];
    clearTimeout(this.again);
    const now = hub.bedNow(bed);
    const started = bed.session?.started ?? now - 3_600_000;
    try {
      const [found] = await Promise.all([this.series(Math.min(started, bed.session?.t0 ?? started) - BEFORE, now + 60_000), plotly()]);
      if (turn !== this.turn || this.ended) return;
      this.data = Object.fromEntries(LINES.map((name) => {
        const line = found.streams[name];
        return [name, { t: line ? [...line.t] : [], v: line ? [...line.v] : [], source: line?.source ?? null }];
      }));
      this.cuffs = found.nibp.map((each) => [...each]);
      this.loading = false;
      this.take(this.waiting, false);
      this.waiting = [];
      this.draw();
    } catch {
      if (turn !== this.turn || this.ended) return;
      this.words.textContent = "The trends cannot be had just now; the numbers do not depend on them.";
      setHidden(this.words, false);
      this.again = setTimeout(() => this.load(), 3000);
    }
  }

  // New rows of this bed, from the stream.
  add(rows) {
    if (this.loading || !this.data) { this.waiting.push(...rows); return; }
    this.take(rows, true);
  }

  take(rows, drawing) {
    const bed = this.bed;
    const more = new Map();
    let cuff = false;
    for (const [signal, time, value, status, source] of rows) {
      if (signal in PARTS) {
        cuff = this.takeCuff(signal, time, value, status) || cuff;
        continue;
      }
      const line = this.data[signal];
      if (!line || time <= (line.t.at(-1) ?? -Infinity)) continue;
      const chosen = bed.numbers[signal]?.source ?? line.source;
      if (chosen && chosen !== source) continue;
      const y = USED.has(status) ? value : null;
      // A fast replay is told in extremes, some of its seconds apart, and with the gaps that are in it.
      const fast = bed.mode === "replay" && bed.clock.rate > 4 ? 1000 * bed.clock.rate : 0;
      const gap = Math.max(10_000, 3000 * (bed.numbers[signal]?.interval_s ?? 1), fast);
      const points = more.get(signal) ?? [[], []];
      if (line.t.length && time - line.t.at(-1) > gap) push(line, points, time - 1, null);
      push(line, points, time, y);
      more.set(signal, points);
    }
    if (!drawing || (!cuff && !more.size)) return;
    if (document.hidden) { this.hidden = true; return; }
    if (!this.ready) return;
    if (LINES.some((name) => this.data[name].t.length > MOST)) { this.load(); return; }
    if (cuff || (this.follow && hub.bedNow(bed) > this.window[1] - 1000) || this.outside(more)) { this.draw(); return; }
    const names = [...more.keys()];
    window.Plotly.extendTraces(this.plot, {
      x: names.map((name) => more.get(name)[0].map((at) => local(at, hub.site.zone))), y: names.map((name) => more.get(name)[1]),
    }, names.map((name) => LINES.indexOf(name)), MOST);
  }

  takeCuff(signal, time, value, status) {
    let row = this.cuffs.find((each) => each[0] === time);
    if (row && row[PARTS[signal]] === value) return false;
    if (!row) {
      row = [time, null, null, null, status];
      this.cuffs.push(row);
      this.cuffs.sort((a, b) => a[0] - b[0]);
    }
    row[PARTS[signal]] = value;
    return true;
  }

  // A value that leaves the panel asks for a new range.
  outside(more) {
    for (const [name, [, values]] of more) {
      const range = this.ranges[name === "PR" ? "HR" : name.startsWith("ABP") ? "NIBP" : name];
      if (values.some((each) => each !== null && (each < range[0] || each > range[1]))) return true;
    }
    return false;
  }

  // What a bed's word changes in the figure: limits, phases, events, rises. Its numbers are not part of it.
  told() {
    const bed = this.bed;
    if (!bed) return;
    const shown = JSON.stringify([bed.session, bed.limits, bed.low, bed.baseline, bed.rises, bed.rate]);
    const session = bed.session?.id ?? null;
    const other = this.session !== undefined && session !== this.session;
    this.session = session;
    if (other) { this.live(); this.load(); return; }
    if (shown === this.shown) return;
    this.shown = shown;
    if (document.hidden) this.hidden = true;
    else this.draw();
  }

  live() {
    this.follow = true;
    this.revision += 1;
    this.draw();
  }

  // Half a window back or forth. The numbers beside it go on live; forth beyond now is live again.
  rewind(direction) {
    if (!this.window || !this.data) return;
    const [from, to] = this.window;
    const step = ((to - from) / 2) * direction;
    const first = this.first();
    if (direction < 0 && from <= first) return;
    if (to + step >= hub.bedNow(this.bed)) { this.live(); return; }
    const start = Math.max(from + step, Math.min(from, first));
    this.window = [start, start + to - from];
    this.follow = false;
    this.revision += 1;
    this.draw();
    clearTimeout(this.zooming);
    this.zooming = setTimeout(() => this.closer(), 300);
  }

  // The oldest thing there is to see.
  first() {
    return Math.min(...LINES.map((name) => this.data[name].t[0] ?? Infinity), this.cuffs[0]?.[0] ?? Infinity);
  }

  span() {
    const now = hub.bedNow(this.bed);
    const first = Math.min(this.first(), now - 300_000);
    const length = this.minutes === null ? Math.max(now - first, 600_000) : this.minutes * 60_000;
    return [now - length, now + length * 0.06];
  }

  draw() {
    const bed = this.bed;
    if (!bed || !this.data || !window.Plotly || this.ended) return;
    if (this.follow || !this.window) this.window = this.span();
    const zone = hub.site.zone;
    const [from, to] = this.window;
    const within = (line) => line.v.filter((value, at) => value !== null && line.t[at] >= from && line.t[at] <= to);
    const cuffs = this.cuffs.filter((each) => each[0] >= from - 60_000 && each[0] <= to);
    const rate = bed.rate === "PR" || !this.data.HR.t.length ? "PR" : "HR";
    this.ranges = yRanges(bed, {
      HR: extent([...within(this.data.HR), ...(rate === "PR" ? within(this.data.PR) : [])]),
      NIBP: extent([...cuffs.flatMap((each) => [each[1], each[2]]), ...within(this.data.ABP_SYS), ...within(this.data.ABP_DIA)]),
      SPO2: extent(within(this.data.SPO2)),
    });
    const traces = [
      this.line("HR", "HR", "y", inkOf("HR")), this.line("PR", "PR", "y", inkOf("HR"), { dash: "dot", visible: rate === "PR" }),
      this.line("SPO2", "SpO₂", "y3", inkOf("SPO2")), this.line("ABP_SYS", "arterial sys", "y2", inkOf("ABP"), { dash: "dot", width: 1 }),
      this.line("ABP_DIA", "arterial dia", "y2", inkOf("ABP"), { dash: "dot", width: 1 }),
      ...this.cuffTraces(bed, zone), eventTrace(bed, zone, this.window),
    ];
    const now = layout(bed, zone, this.window, this.ranges, this.revision);
    now.datarevision = this.drawn = (this.drawn ?? 0) + 1;
    const drawing = window.Plotly.react(this.plot, traces, now, { displayModeBar: false, responsive: false, doubleClick: false });
    if (!this.ready) {
      this.ready = true;
      setHidden(this.words, true);
      drawing.then(() => {
        if (this.ended) return;
        this.plot.on("plotly_relayout", (change) => this.zoomed(change));
        this.plot.on("plotly_doubleclick", () => this.live());
      });
    }
    setHidden(this.back, this.follow);
    setHidden(this.later, this.follow);
    this.earlier.disabled = from <= this.first();
    setText(this.past, this.follow ? "" : `looking back, ${clock(from, zone)} to ${clock(to, zone)}`);
    for (const { button, minutes } of this.choices) button.setAttribute("aria-pressed", String(this.follow && minutes === this.minutes));
  }

  line(name, words, axis, colour, { dash = "solid", width = 2, visible = true } = {}) {
    const { t, v } = this.data[name];
    return {
      type: "scatter", mode: "lines", name: words, yaxis: axis, visible, x: t.map((at) => local(at, hub.site.zone)), y: [...v],
      line: { color: colour, width, dash, shape: name === "SPO2" ? "hv" : "linear" }, connectgaps: false,
      hovertemplate: `${words} %{y}<extra></extra>`,
    };
  }

  // Each measurement is a bar from systolic to diastolic with a tick at the mean, never joined to the next.
  cuffTraces(bed, zone) {
    const whole = this.cuffs.filter((each) => each[1] !== null && each[2] !== null);
    const level = (row) => cuffLevel(bed, row);
    const colour = (row) => inkOf(level(row));
    const bars = ["NIBP", "none", 2, 3].map((kind) => {
      const rows = whole.filter((each) => level(each) === kind);
      return {
        type: "scatter", mode: "lines", yaxis: "y2", hoverinfo: "skip", line: { color: inkOf(kind), width: 2.5 },
        x: rows.flatMap((each) => [local(each[0], zone), local(each[0], zone), null]), y: rows.flatMap((each) => [each[1], each[2], null]),
      };
    });
    const x = whole.map((each) => local(each[0], zone));
    const highest = Math.max(...whole.map((each) => each[1]));
    const peak = whole.findIndex((each) => each[1] === highest);  // one of equals: words on words cannot be read
    const named = (_row, at) => at === 0 || at === whole.length - 1 || at === peak;
    const hover = whole.map((each) =>
      `${clock(each[0], zone, true)}  <b>${each[1]}/${each[2]}</b>${each[3] === null ? "" : ` (${each[3]})`}` +
      `${USED.has(each[4]) ? "" : ` ${plain(each[4])}`}`);
    const marks = (part, symbol, more) => ({
      type: "scatter", mode: "markers", yaxis: "y2", x, y: whole.map((each) => each[part]), hoverinfo: "skip",
      marker: { symbol, size: 11, color: whole.map(colour), line: { color: whole.map(colour), width: symbol.endsWith("open") ? 2.5 : 0 } },
      ...more,
    });
    return [
      ...bars,
      marks(1, "triangle-down", {
        mode: "markers+text", text: whole.map((each, at) => (named(each, at) ? `<b>${each[1]}/${each[2]}</b>` : "")),
        textposition: "top center", textfont: { size: 12, color: whole.map(colour) }, hoverinfo: "text", hovertext: hover,
      }),
      marks(2, "triangle-up"), marks(3, "line-ew-open"),
    ];
  }

  // Someone looks closer: the window stays where they put it, and where points had been thinned out more are fetched.
  zoomed(change) {
    if (change["xaxis.autorange"]) { this.live(); return; }
    const range = this.plot.layout.xaxis.range;
    if (!("xaxis.range[0]" in change || "xaxis.range" in change)) return;
    const shift = this.window[0] - local(this.window[0], hub.site.zone);
    const instant = (shown) => (typeof shown === "number" ? shown : Date.parse(`${String(shown).replace(" ", "T")}Z`)) + shift;
    this.window = [instant(range[0]), instant(range[1])];
    this.follow = false;
    this.draw();
    clearTimeout(this.zooming);
    this.zooming = setTimeout(() => this.closer(), 300);
  }

  async closer() {
    const [from, to] = this.window;
    const turn = this.turn;
    const thinned = LINES.some((name) => this.data[name].t.length >= POINTS * 0.8);
    if (!thinned || this.follow) return;
    try {
      const found = await this.series(from, to);
      if (turn !== this.turn || this.ended || this.follow) return;
      for (const name of LINES) {
        const line = found.streams[name];
        if (line?.t.length) this.data[name] = spliced(this.data[name], line);
      }
      this.draw();
    } catch {
      // The thinned line stays: it keeps every extreme.
    }
  }
}

function push(line, [times, values], time, value) {
  line.t.push(time);
  line.v.push(value);
  times.push(time);
  values.push(value);
}

const extent = (values) => {
  let low = Infinity, high = -Infinity;
  for (const each of values) {
    if (each == null) continue;
    if (each < low) low = each;
    if (each > high) high = each;
  }
  return low > high ? [] : [low, high];
};

// The stretch that `line` covers taken from it, the rest kept.
function spliced(old, line) {
  const [first, last] = [line.t[0], line.t.at(-1)];
  const from = old.t.findIndex((at) => at >= first);
  const until = old.t.findIndex((at) => at > last);
  const [a, b] = [from < 0 ? old.t.length : from, until < 0 ? old.t.length : until];
  return {
    source: old.source, t: [...old.t.slice(0, a), ...line.t, ...old.t.slice(b)], v: [...old.v.slice(0, a), ...line.v, ...old.v.slice(b)],
  };
}

// How a measurement is drawn: grey where the detector does not use it, else by the highest limit it reaches.
export function cuffLevel(bed, [, sys, dia, , status]) {
  if (!USED.has(status)) return "none";
  const worst = Math.max(reached(bed, "SBP", sys), reached(bed, "DBP", dia));
  return worst >= 2 ? worst : "NIBP";
}
