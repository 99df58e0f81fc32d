// The wall: every bed at once. Mounted by the page; fed by the hub.

import * as bedside from "./bedside.js";
import { Cell } from "./cell.js";
import { soundControls } from "./controls.js";
import { el, keep, setClass, setHidden, setText, shapes, style } from "./dom.js";
import { Elsewhere } from "./elsewhere.js";
import { groupName, groups } from "./groups.js";
import { hub } from "./hub.js";
import { covered } from "./cover.js";
import { keepShift } from "./shift.js";
import { Shelf } from "./shelf.js";
import { sound } from "./sound.js";
import { WINDOW_MS } from "./spark.js";
import { clock } from "./times.js";

// How a cell may be laid out, the size in units at which it was drawn, and the height below which it comes into
// question: the usual way; all numbers in one row, the pressure nearly as large as the rate; without trend and mean, where height
// is short. What else is gained or lost by a layout is in its worth.
const LAYOUTS = [
  { name: "", width: 466, height: 490, below: Infinity, worth: 1 },
  { name: " rw-wide", width: 980, height: 330, below: Infinity, worth: 1.1 },
  { name: " rw-compact", width: 466, height: 400, below: 330, worth: 0.95 },
];
const HEADING = 44;
// Smaller cells cannot be read: then the wall scrolls.
const LEAST = { wide: 215, tall: 170 };

export async function mount(component) {
  const { version } = component.data;
  keepShift(component.data.shift);
  await Promise.all([style("palette.css", version), style("base.css", version), style("shelf.css", version), style("wall.css", version)]);
  keep(component, "wall", (first) => new Wall(first));
}

class Wall {
  constructor(component) {
    this.component = component;
    this.cells = new Map();
    this.controls = soundControls(component.data, true);
    this.root = el("div", "rw rw-wall");
    const header = (this.header = el("header", "rw-header"));
    this.site = el("span", "rw-site");
    this.sessions = el("span", "rw-sessions rw-live");
    this.counts = {};
    header.append(this.site, this.sessions);
    for (const [name, words] of [["p3", "high"], ["p2", "medium"], ["p1", "low"], ["none", "no data"]]) {
      this.counts[name] = { chip: el("span", `rw-chip rw-chip-${name} rw-live${name === "none" ? " rw-crossed" : ""}`), words };
      header.append(this.counts[name].chip);
    }
    this.live = el("span", "rw-liveage");
    this.clock = el("span", "rw-clock rw-live");
    header.append(el("span", "rw-spring"), this.live, this.controls.root, this.clock);
    this.grid = el("div", "rw-grid");
    this.elsewhere = new Elsewhere((bed) => this.component.setTriggerValue("opened", bed));
    this.root.append(header, this.controls.bar, this.elsewhere.root, this.grid);
    component.parentElement.append(this.root);
    this.layout = new ResizeObserver(() => this.arrange());
    for (const each of [this.grid, this.controls.bar, this.elsewhere.root, header]) this.layout.observe(each);
    this.repaint = () => { this.drawn = 0; this.soon(); };
    document.addEventListener("risewatch-look", this.repaint);
    this.regroup = () => { this.rebuild(); this.render(); };
    document.addEventListener("risewatch-group", this.regroup);
    this.dirty = true;
    this.drawn = 0;
    this.leave = hub.subscribe(component.data.token, (kind, detail) => this.hear(kind, detail));
    this.shelf = new Shelf(component);
  }

  update(component) {
    this.component = component;
    hub.token = component.data.token;
    this.controls.allow(component.data);
    this.shelf.allow(component.data);
    this.controls.update();
  }

  end() {
    this.leave();
    this.shelf.end();
    this.layout.disconnect();
    document.removeEventListener("risewatch-look", this.repaint);
    document.removeEventListener("risewatch-group", this.regroup);
    sound.leave();
    this.root.remove();
  }

  hear(kind, detail) {
    if (kind === "snapshot") this.rebuild();
    if (kind === "readings") {
      const cell = this.cells.get(detail.bed);
      if (cell) cell.spark.add(detail.rows, hub.beds.get(detail.bed).numbers);
    }
    if (kind === "late") this.fetch(detail.bed);
    if (kind === "cover") this.render();
    if (kind === "snapshot" || kind === "bed" || kind === "readings") this.soon();
    if (kind === "tick" || kind === "beat") this.tick();
  }

  rebuild() {
    const order = [...hub.beds.keys()];
    for (const [id, cell] of this.cells) {
      if (hub.beds.has(id)) continue;
      cell.root.remove();
      this.cells.delete(id);
    }
    for (const id of order) {
      if (!this.cells.has(id)) {
        this.cells.set(id, new Cell(id, (bed) => this.component.setTriggerValue("opened", bed)));
        this.fetch(id);
      }
      const cell = this.cells.get(id);
      const bedNow = hub.bedNow(hub.beds.get(id));
      if (cell.drawn && bedNow < cell.drawn.now - 2000) {
        cell.spark.clear();
        this.fetch(id);
      }
    }
    this.group();
    this.arrange();
  }

  // Beds of one group stand together under its name, groups by their first bed's place; without groups there is no name.
  group() {
    const all = new Map();
    for (const bed of hub.beds.values()) all.set(bed.group, [...(all.get(bed.group) ?? []), bed.id]);
    groups.tell([...all.keys()]);
    const shown = [...all].filter(([name]) => groups.chosen() === null || name === groups.chosen());
    this.groups = shown.map(([, ids]) => ids.length);
    const named = all.size > 1;
    const wanted = [];
    for (const [name, ids] of shown) {
      if (named) wanted.push(this.heading(groupName(name)));
      for (const id of ids) wanted.push(this.cells.get(id).root);
    }
    this.headed = named;
    wanted.forEach((node, at) => { if (this.grid.children[at] !== node) this.grid.insertBefore(node, this.grid.children[at] || null); });
    while (this.grid.children.length > wanted.length) this.grid.lastChild.remove();
  }

  heading(name) {
    const known = [...this.grid.querySelectorAll(".rw-group")].find((each) => each.textContent === name);
    return known ?? el("h2", "rw-group", name);
  }

  // The history of a cell's trend, one bed after the other.
  fetch(id) {
    this.queue = (this.queue || Promise.resolve()).then(async () => {
      const bed = hub.beds.get(id);
      if (!bed || !this.cells.has(id)) return;
      const end = hub.bedNow(bed);
      const asked = `token=${encodeURIComponent(hub.token)}&bed=${id}&start=${Math.round(end - WINDOW_MS)}&end=${Math.round(end)}&points=300`;
      try {
        const answer = await fetch(`/api/series?${asked}`);
        if (!answer.ok) return;
        const series = await answer.json();
        if (this.cells.has(id)) this.cells.get(id).spark.load(series.streams);
        this.drawn = 0;
      } catch {
        // Without its history a trend begins now; the numbers do not depend on it.
      }
    });
  }

  // At most one drawing a frame, however many readings come.
  soon() {
    this.dirty = true;
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => { this.frame = 0; this.render(); });
  }

  tick() {
    const age = hub.age();
    const live = hub.beds.size > 0 && !covered();
    setText(this.live, live ? `Live · ${(age / 1000).toFixed(1)} s` : covered() ? "Not live" : "Connecting");
    setClass(this.live, `rw-liveage${live ? "" : " rw-notlive"}`);
    const wall = hub.now();
    if (wall !== null) setText(this.clock, clock(wall, hub.site.zone, true));
    this.controls.update();
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.second || (this.dirty && document.hidden)) {
      this.second = second;
      this.render();
    }
    // A wall of nothing but recordings is no wall of patients: the tab says so.
    const beds = [...hub.beds.values()];
    const mark = beds.length && beds.every((each) => each.mode === "replay") ? "REPLAY" : "";
    sound.present(covered() ? [{ id: "cover", priority: 2, text: "NOT MONITORING" }] : bedside.audible(hub.beds.values(), wall ?? 0), mark);
  }

  render() {
    this.dirty = false;
    const wall = hub.now();
    if (wall === null) return;
    setText(this.site, hub.site.name);
    document.body.classList.toggle("rw-marked", hub.site.demo);
    const count = { p3: 0, p2: 0, p1: 0, none: 0 };
    let sessions = 0;
    for (const [id, cell] of this.cells) {
      const bed = hub.beds.get(id);
      if (!bed) continue;
      if (groups.shows(bed)) cell.update(bed, hub.bedNow(bed), wall, hub.site);
      if (bed.mode === "replay") continue;
      if (bed.session) sessions += 1;
      if (bed.session && bedside.silent(bed)) count.none += 1;
      for (const alarm of bed.alarms) if (alarm.key !== "no-data" && alarm.priority in bedside.PRIORITY) count[`p${alarm.priority}`] += 1;
    }
    this.elsewhere.update();
    setText(this.sessions, `${sessions} session${sessions === 1 ? "" : "s"}`);
    for (const [name, { chip, words }] of Object.entries(this.counts)) {
      setHidden(chip, !count[name]);
      setText(chip, `${name === "none" ? "" : `${shapes(Number(name[1]))} `}${count[name]} ${words}`);
    }
    if (performance.now() - this.drawn > 2000) {
      this.drawn = performance.now();
      for (const cell of this.cells.values()) cell.draw();
    }
  }

  // The columns, and the layout of a cell, that make the numbers largest; a narrow screen scrolls.
  arrange() {
    const sizes = this.groups?.length ? this.groups : [1];
    const beds = Math.max(1, ...sizes);
    const width = this.root.clientWidth;
    const narrow = width < 700;
    const above = 8 + this.header.offsetHeight + [this.controls.bar, this.elsewhere.root].reduce((sum, each) => sum + (each.hidden ? 0 : each.offsetHeight + 8), 0);
    const around = document.fullscreenElement ? (hub.site.demo ? 52 : 15) : 71;
    const height = window.innerHeight - around - above - (this.headed ? sizes.length * HEADING : 0);
    const rows = (columns) => sizes.map((each) => Math.ceil(each / columns));
    const sum = (numbers) => numbers.reduce((all, each) => all + each, 0);
    let best = { columns: 1, layout: LAYOUTS[0], scale: 0, tall: 0 };
    for (let columns = 1; columns <= (narrow ? 1 : Math.min(beds, 6)); columns += 1) {
      const tall = height / sum(rows(columns));
      for (const layout of LAYOUTS) {
        const scale = layout.worth * Math.min(width / columns / layout.width, tall / layout.height);
        if (tall < layout.below && scale > best.scale + 0.001) best = { columns, layout, scale, tall };
      }
    }
    const scrolls = narrow || best.tall < LEAST.tall || width / best.columns < LEAST.wide;
    const columns = !scrolls ? best.columns : narrow ? 1 : Math.min(beds, Math.floor(width / 300));
    const down = rows(columns);
    this.grid.style.setProperty("--columns", columns);
    // A heading is as high as its words; all cells are equally high.
    this.grid.style.gridTemplateRows = this.headed && !scrolls ? down.map((each) => `auto repeat(${each}, minmax(0, 1fr))`).join(" ") : "";
    setClass(this.root, `rw rw-wall${scrolls ? " rw-scrolls" : best.layout.name}`);
    this.drawn = 0;
  }
}
