// One bed: who, which phase, what alarms, the numbers, their course, and what happened. Mounted by the page.

import { AlarmBar } from "./alarm_bar.js";
import { Anew } from "./anew.js";
import * as bedside from "./bedside.js";
import { CuffCard, EventList, NumberCard } from "./cards.js";
import { soundControls } from "./controls.js";
import { covered } from "./cover.js";
import { el, keep, setClass, setHidden, setText, shapes, style } from "./dom.js";
import { hub } from "./hub.js";
import { doseWords } from "./reminders.js";
import { keepShift } from "./shift.js";
import { Shelf } from "./shelf.js";
import { sound } from "./sound.js";
import { clock } from "./times.js";
import { Trend } from "./trend.js";

export async function mount(component) {
  const { version, bed } = component.data;
  keepShift(component.data.shift);
  await Promise.all([style("palette.css", version), style("base.css", version), style("shelf.css", version), style("wall.css", version), style("bed.css", version)]);
  keep(component, `bed ${bed}`, (first) => new BedView(first));
}

class BedView {
  constructor(component) {
    this.component = component;
    this.id = component.data.bed;
    this.anew = new Anew(() => this.component.setTriggerValue("anew", this.id));
    this.controls = soundControls(component.data);
    this.root = el("div", "rw rw-bedview");
    this.header();
    const acknowledged = (alarm) => { if (alarm.priority === 3) this.component.setTriggerValue("acknowledged", alarm.id); };
    this.alarms = new AlarmBar(acknowledged);
    this.hr = new NumberCard("hr", { HR: "HR", PR: "PR (pulse)", default: "HR" }, "/min", ["HR"]);
    this.cuff = new CuffCard();
    this.oxygen = new NumberCard("spo2", { default: "SpO₂" }, "%", ["SPO2"]);
    this.events = new EventList();
    this.trend = new Trend(this.id);
    const side = el("div", "rw-cards");
    side.append(this.hr.root, this.cuff.root, this.oxygen.root, this.events.root);
    this.main = el("div", "rw-bedmain");
    this.main.append(this.trend.root, side);
    this.watermark = el("div", "rw-watermark", null, { "aria-hidden": "true" });
    this.gone = el("div", "rw-gone", "This bed is not watched any more: choose another on the wall.");
    // Who it is and what is wrong stay in sight, also when the page is scrolled to its buttons.
    const top = el("div", "rw-bedtop");
    top.append(this.head, this.controls.bar, this.alarms.root);
    this.root.append(top, this.main, this.gone, this.watermark);
    setHidden(this.gone, true);
    component.parentElement.append(this.root);
    this.fit();
    this.resized = () => this.fit();
    window.addEventListener("resize", this.resized);
    this.leave = hub.subscribe(component.data.token, (kind, detail) => this.hear(kind, detail));
    this.shelf = new Shelf(component, this.id, acknowledged);
  }

  header() {
    this.head = el("header", "rw-header rw-bedhead");
    this.name = el("span", "rw-site");
    this.mark = el("span", "rw-modemark");
    this.patient = el("span", "rw-patient");
    this.phase = el("span", "rw-phasebox");
    this.phaseWords = el("span", "rw-live");
    this.fill = el("i", "rw-live");
    const progress = el("span", "rw-phaseprogress");
    progress.append(this.fill);
    this.phase.append(this.phaseWords, progress);
    this.drug = el("span", "rw-drug");
    this.given = el("span", "rw-given");
    this.set = el("span", "rw-set");
    const drugs = el("span", "rw-drugbox");
    drugs.append(this.drug, this.given);
    const who = el("span", "rw-whobox");
    who.append(this.patient, this.set);
    this.live = el("span", "rw-liveage");
    this.clock = el("span", "rw-clock rw-live");
    // Empty they would say something before anything is known: a course that is over, a mark.
    for (const each of [this.mark, this.phase]) setHidden(each, true);
    this.head.append(this.name, this.mark, who, this.phase, drugs, el("span", "rw-spring"), this.live,
      this.controls.root, this.clock);
  }

  update(component) {
    this.component = component;
    hub.token = component.data.token;
    this.controls.allow(component.data);
    this.shelf.allow(component.data);
    this.render();
  }

  end() {
    this.leave();
    this.shelf.end();
    this.trend.end();
    this.alarms.end();
    window.removeEventListener("resize", this.resized);
    sound.leave();
    this.root.remove();
  }

  get bed() { return hub.beds.get(this.id); }

  hear(kind, detail) {
    if (kind === "snapshot") {
      this.trend.session = this.bed?.session?.id ?? null;
      this.trend.load();
      this.render();
      this.noteCourse();
    }
    if (kind === "readings" && detail.bed === this.id) this.trend.add(detail.rows);
    if (kind === "late" && detail.bed === this.id) this.trend.load();
    if (kind === "bed" && detail.bed === this.id) {
      if (this.trend.data) this.trend.told();
      this.noteCourse();
    }
    if (kind === "readings" || kind === "bed") this.soon();
    if (kind === "tick" || kind === "beat") this.tick();
  }

  // The page's buttons depend on the phase: when it changes, the page is asked to run anew.
  noteCourse() {
    const session = this.bed?.session;
    const course = session ? `${session.id} ${session.phase} ${session.thresholds?.id ?? ""}` : "none";
    if (this.course !== undefined && course !== this.course) this.anew.owe();
    this.course = course;
  }

  soon() {
    if (this.frame) return;
    const later = document.hidden ? (act) => setTimeout(act, 0) : requestAnimationFrame;
    this.frame = later(() => { this.frame = 0; this.render(); }) || true;
  }

  tick() {
    this.anew.tick();
    const age = hub.age();
    const bed = this.bed;
    const live = bed !== undefined && !covered();
    const replay = bed?.mode === "replay";
    setText(this.live, !live ? (covered() ? "Not live" : "Connecting") : replay ? "Recording, not live" : `Live · ${(age / 1000).toFixed(1)} s`);
    setClass(this.live, `rw-liveage${live && !replay ? "" : " rw-notlive"}`);
    const wall = hub.now();
    if (wall !== null) setText(this.clock, clock(wall, hub.site.zone, true));
    this.controls.update();
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.second) {
      this.second = second;
      this.render();
    }
    sound.present(covered() ? [{ id: "cover", priority: 2, text: "NOT MONITORING" }] : this.audible(wall), replay ? "REPLAY" : "");
  }

  // This bed's alarms; of the others those that nobody has acknowledged for too long.
  audible(wall) {
    return bedside.audible(hub.beds.values(), wall ?? 0, (alarm, bed) => bed.id === this.id || bedside.escalated(alarm, wall ?? 0));
  }

  render() {
    const bed = this.bed;
    const wall = hub.now();
    if (wall === null) return;
    setHidden(this.gone, bed !== undefined || !hub.beds.size);
    setHidden(this.main, bed === undefined);
    setHidden(this.alarms.root, bed === undefined);
    if (!bed) return;
    const zone = hub.site.zone;
    const now = hub.bedNow(bed);
    this.say(bed, now, zone);
    // The test tone belongs to the time before the start; during an infusion its place is needed.
    this.controls.offerTest(!bed.session || bed.session.t0 === null);
    const mark = bedside.modeMark(bed, hub.site);
    setText(this.mark, mark);
    setHidden(this.mark, !mark);
    setText(this.watermark, mark ? `${mark.split(" ")[0]}   `.repeat(200) : "");
    const silent = Boolean(bed.session) && bedside.silent(bed);
    setClass(this.root, `rw rw-bedview${bed.mode === "replay" ? " rw-replayed" : mark ? " rw-demoed" : ""}${silent ? " rw-silent" : ""}`);
    this.alarms.update(bed, now, wall, zone, this.component.data.may_act, (id) => this.component.setTriggerValue("opened", id));
    this.hr.update(bed, now, bed.rate);
    this.cuff.update(bed, now);
    this.oxygen.update(bed, now, "SPO2");
    this.events.update(bed, zone);
  }

  say(bed, now, zone) {
    const session = bed.session;
    setText(this.name, bed.name);
    setText(this.patient, session ? [session.patient, session.identifier].filter(Boolean).join(" · ") : "No session");
    const course = bedside.course(bed, now);
    setText(this.phaseWords, session ? `${bedside.phaseWords(session)} ${course.text}${course.of ? ` / ${course.of}` : ""}` : "");
    setHidden(this.phase, !session);
    this.fill.style.width = `${Math.round(1000 * (course.part ?? 0)) / 10}%`;
    setText(this.drug, session ? [session.drug, session.dose_mg_per_kg === null ? "" : `${session.dose_mg_per_kg} mg/kg`].join(" ").trim() : "");
    setText(this.given, session?.dose ? doseWords(session.dose, now) : "");
    const set = session?.thresholds;
    setText(this.set, set ? `${set.name} v${set.version} · ${String(set.hash).slice(0, 8)}` : "");
    if (bed.mode === "replay") setText(this.set, `${set ? `${set.name} v${set.version} · ` : ""}recording time ${clock(now, zone, true)}`);
  }

  // As high as the window leaves room for, with the page's buttons under it.
  fit() {
    const top = this.root.getBoundingClientRect().top + window.scrollY;
    this.root.style.setProperty("--top", `${Math.round(top)}px`);
  }
}
