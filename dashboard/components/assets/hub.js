// One event stream for the whole page, whatever views are on it, and the watchdog over it.
//
// Views subscribe with a function (kind, detail): "snapshot" {}, "bed" {bed}, "readings" {bed, rows} (rows that are new:
// not newer ones of a bed, signal and source are dropped), "late" {bed} (fetch the series again), "beat" {},
// "tick" {} (every 250 ms), "cover" {on}.

import { showCover, hideCover, covered } from "./cover.js";
import { merged, withRows } from "./numbers.js";

const SILENT_MS = 3000;
const RETRY_MS = 1000;
const REOPEN_MS = 6000;
const JUMP_MS = 2000;
const OFFSETS = 30;

class Hub {
  constructor() {
    this.listeners = new Set();
    this.token = "";
    this.source = null;
    this.forget();
    document.addEventListener("visibilitychange", () => { if (this.timer) this.look(); });
  }

  forget() {
    this.beds = new Map();
    this.site = { name: "", zone: "UTC", demo: false };
    this.watch = null;
    this.marks = new Map();
    this.offsets = [];
    this.offset = null;
    this.arrived = null;
    this.opened = null;
    this.gap = false;
    this.refusal = "";
    this.wasCovered = false;
  }

  subscribe(token, listener) {
    this.token = token;
    this.listeners.add(listener);
    if (!this.timer) {
      this.forget();
      this.arrived = performance.now();
      this.open();
      this.timer = setInterval(() => this.look(), 250);
    } else if (this.beds.size) {
      listener("snapshot", {});
    }
    return () => {
      this.listeners.delete(listener);
      if (!this.listeners.size) this.close();
    };
  }

  close() {
    clearInterval(this.timer);
    clearTimeout(this.retry);
    this.timer = 0;
    if (this.source) this.source.close();
    this.source = null;
    hideCover();
  }

  open() {
    if (this.source) this.source.close();
    this.opened = performance.now();
    const source = new EventSource(`/api/stream?token=${encodeURIComponent(this.token)}`);
    this.source = source;
    const on = (name, act) => source.addEventListener(name, (event) => {
      if (this.source !== source) return;
      act(JSON.parse(event.data));
    });
    on("snapshot", (data) => this.onSnapshot(data));
    on("bed", (data) => this.onBed(data));
    on("readings", (data) => this.onReadings(data));
    on("late", (data) => this.tell("late", { bed: data.bed }));
    on("beat", (data) => this.onBeat(data));
    source.onerror = () => {
      if (this.source !== source || source.readyState !== EventSource.CLOSED) return;
      // An answer that is no stream: the browser gives up, so a new one is opened. It says no Last-Event-ID.
      this.gap = true;
      clearTimeout(this.retry);
      this.retry = setTimeout(() => { if (this.timer && this.source === source) this.ask().then(() => this.open()); }, RETRY_MS);
    };
  }

  // Why the stream is refused, in the server's own sentence.
  async ask() {
    const stop = new AbortController();
    const limit = setTimeout(() => stop.abort(), 2000);
    try {
      const answer = await fetch(`/api/stream?token=${encodeURIComponent(this.token)}`, { signal: stop.signal });
      this.refusal = answer.ok ? "" : String((await answer.json()).error || "");
    } catch {
      this.refusal = "";
    } finally {
      clearTimeout(limit);
      stop.abort();
    }
  }

  tell(kind, detail) {
    for (const listener of [...this.listeners]) {
      try {
        listener(kind, detail);
      } catch (error) {
        // One view that fails must not silence the others.
        console.error(error);
      }
    }
  }

  // The server's wall clock in ms. The sample with the least delay counts; a clock that was set starts anew.
  sample(server) {
    const offset = server - performance.now();
    if (this.offset !== null && Math.abs(offset - this.offset) > JUMP_MS) this.offsets = [];
    this.offsets.push(offset);
    if (this.offsets.length > OFFSETS) this.offsets.shift();
    this.offset = Math.max(...this.offsets);
  }

  now() {
    return this.offset === null ? null : performance.now() + this.offset;
  }

  // Now on a bed's own clock, ms.
  bedNow(bed) {
    const wall = this.now();
    return wall === null ? bed.clock.at : bed.clock.at + (wall - bed.clock.wall) * bed.clock.rate;
  }

  age() {
    return performance.now() - this.arrived;
  }

  onSnapshot(data) {
    this.sample(data.server);
    this.watch = data.watch;
    this.site = data.site;
    const before = this.beds;
    this.beds = new Map();
    for (const bed of data.beds) {
      const old = before.get(bed.id);
      const jumped = old !== undefined && Math.abs(this.bedNow(old) - this.bedNow(bed)) > JUMP_MS;
      if (jumped) this.unmark(bed.id);
      this.beds.set(bed.id, merged(jumped ? undefined : old, bed));
    }
    this.tell("snapshot", {});
    if (this.gap) {
      this.gap = false;
      for (const bed of data.beds) this.tell("late", { bed: bed.id });
    }
    this.look();
  }

  onBed(bed) {
    this.beds.set(bed.id, merged(this.beds.get(bed.id), bed));
    this.tell("bed", { bed: bed.id });
  }

  onReadings({ bed: id, rows }) {
    const bed = this.beds.get(id);
    if (!bed) return;
    const news = rows.filter(([signal, time, , , source]) => {
      const mark = `${id} ${signal} ${source}`;
      if (time <= (this.marks.get(mark) ?? -Infinity)) return false;
      this.marks.set(mark, time);
      return true;
    });
    if (!news.length) return;
    withRows(bed, news);
    this.tell("readings", { bed: id, rows: news });
  }

  // The beat alone is the sign of life: a snapshot may have lain in a server that can no longer read the store.
  onBeat(data) {
    this.arrived = performance.now();
    this.refusal = "";
    this.sample(data.server);
    this.watch = data.watch;
    this.tell("beat", {});
    this.look();
  }

  unmark(id) {
    for (const mark of [...this.marks.keys()]) if (mark.startsWith(`${id} `)) this.marks.delete(mark);
  }

  look() {
    const reason = this.trouble();
    if (reason) showCover(reason);
    else hideCover();
    const on = covered();
    if (on !== this.wasCovered) {
      this.wasCovered = on;
      this.tell("cover", { on });
    }
    if (this.age() > SILENT_MS && this.source && performance.now() - this.opened > REOPEN_MS) {
      // A connection that is open and says nothing will say nothing more.
      this.gap = true;
      this.open();
    }
    this.tell("tick", {});
  }

  trouble() {
    const age = this.age();
    if (age > SILENT_MS) {
      if (this.refusal) return `${this.refusal[0].toUpperCase()}${this.refusal.slice(1)}.`;
      return `No word from the server for ${Math.floor(age / 1000)} s.`;
    }
    if (this.watch && this.watch.state !== "running") {
      if (this.watch.age === null || this.watch.age === undefined) return "The watch is not running.";
      const what = this.watch.state === "stopped" ? "The watch has been stopped" : "The watch has stopped responding";
      return `${what}: last heard ${span(this.watch.age)} ago.`;
    }
    return "";
  }
}

function span(ms) {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

export const hub = (window.risewatchHub ??= new Hub());
