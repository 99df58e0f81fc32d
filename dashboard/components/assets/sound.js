// Alarm sound of this screen (clinical definition 4.3): high 10 pulses every 10 s, medium 3 every 25 s, low one soft one.
// Which alarms there are is decided by the watch; this only presents them. There is no "all off": a pause ends after
// 120 s and gives way to anything more urgent, a muted screen says so for as long as it is muted.

import { aloud } from "./aloud.js";
import { delivery } from "./delivery.js";
import { notices } from "./notices.js";
import { tab } from "./tab.js";

const REPEAT = { 3: 10000, 2: 25000 };
const PAUSE_MS = 120000;
const HARMONICS = [0, 1, 0.55, 0.35, 0.2, 0.12];

// Start of each pulse in seconds, pulse length, frequency in Hz, loudness.
const PATTERN = {
  3: { at: [0, 0.25, 0.5, 0.95, 1.2, 2.2, 2.45, 2.7, 3.15, 3.4], length: 0.15, hertz: 660, gain: 0.5 },
  2: { at: [0, 0.4, 0.8], length: 0.2, hertz: 523, gain: 0.35 },
  1: { at: [0], length: 0.25, hertz: 392, gain: 0.15 },
  test: { at: [0, 0.25], length: 0.15, hertz: 523, gain: 0.25 },
};

class Sound {
  constructor() {
    this.context = null;
    this.muted = "";
    this.pausedUntil = 0;
    this.pausedPriority = 0;
    this.pausedBy = "";
    this.heard = new Set();
    this.next = 0;
    this.top = 0;
    this.alarms = [];
    this.bursts = [];
    this.started = false;
    this.lock = null;
    // Any touch unblocks, and wholly: the bar with its button may be gone before the button hears of the click.
    for (const touch of ["pointerdown", "pointerup"]) {
      document.addEventListener(touch, () => { if (this.context && !this.started) this.start(); }, true);
    }
    document.addEventListener("visibilitychange", () => this.wake());
  }

  possible() {
    return Boolean(window.AudioContext || window.webkitAudioContext);
  }

  prepare() {
    if (this.context || !this.possible()) return;
    try {
      this.context = new (window.AudioContext || window.webkitAudioContext)();
      this.context.addEventListener("statechange", () => { if (!this.running()) this.started = false; });
    } catch {
      this.context = null;
    }
  }

  running() {
    return this.context !== null && this.context.state === "running";
  }

  // "on", "blocked", "none", "paused" or "muted".
  state() {
    if (!this.possible()) return "none";
    if (this.muted) return "muted";
    if (!this.running()) return "blocked";
    return this.pauseLeft() > 0 ? "paused" : "on";
  }

  pauseLeft() {
    return Math.max(0, this.pausedUntil - performance.now());
  }

  // The one tap at the start of a shift: sound, a test tone, and a screen that stays awake. Once, however often it is
  // asked for: one tap asks as it goes down, as it goes up and as a click.
  async start() {
    this.prepare();
    if (!this.context) return;
    await this.context.resume();
    if (!this.running() || this.started) return;
    this.started = true;
    this.play("test");
    notices.ask();
    this.wake();
  }

  async wake() {
    if (!this.started || document.visibilityState !== "visible" || !navigator.wakeLock) return;
    try {
      this.lock = await navigator.wakeLock.request("screen");
    } catch {
      this.lock = null;
    }
  }

  // By name where the shift is signed: the screen says so while it lasts.
  pause(who) {
    this.pausedBy = who;
    this.pausedUntil = performance.now() + PAUSE_MS;
    this.pausedPriority = Math.max(0, ...this.alarms.map((each) => each.priority));
    this.stop();
  }

  resume() {
    this.pausedUntil = 0;
    this.pausedBy = "";
    this.next = 0;
  }

  // By name and since when (ms, wall clock): the screen says so for as long as it is.
  mute(who, since) {
    this.muted = who;
    this.mutedSince = since;
    this.stop();
  }

  unmute() {
    this.muted = "";
    this.next = 0;
  }

  // What is to be heard now: alarms {id, priority, text}, none of them silent, over or of a replay, and none seen but
  // those of which the watch reminds: they are `once`. Here it is also said to the tab and, in the background, outside.
  present(alarms, mark = "") {
    this.prepare();
    this.alarms = alarms;
    const now = performance.now();
    const paused = this.pauseLeft() > 0;
    const loud = paused ? alarms.filter((each) => each.priority > this.pausedPriority) : alarms;
    const top = Math.max(0, ...loud.filter((each) => !each.once).map((each) => each.priority));
    const fresh = loud.filter((each) => !this.heard.has(each.id));
    const again = Math.max(0, ...fresh.filter((each) => each.once).map((each) => each.priority));
    const possible = this.running() && !this.muted;
    if (!top && this.top) this.stop();
    if (possible && top) {
      const news = Math.max(0, ...fresh.map((each) => each.priority));
      if (top > this.top || news >= top) this.next = Math.min(this.next, now);
      if (top >= 2 && now >= this.next) {
        this.play(top);
        this.next = now + REPEAT[top];
      } else if (top === 1 && news === 1) {
        this.play(1);
      }
    }
    if (possible) {
      if (again > top) this.play(again);
      for (const each of fresh) this.heard.add(each.id);
    }
    this.top = possible ? top : 0;
    const known = new Set(alarms.map((each) => each.id));
    for (const id of [...this.heard]) if (!known.has(id)) this.heard.delete(id);
    tab.say(alarms, mark);
    notices.show(alarms);
    aloud.say(alarms);
    delivery.tell(alarms, this.state());
  }

  play(kind) {
    const { at, length, hertz, gain } = PATTERN[kind];
    const context = this.context;
    const wave = context.createPeriodicWave(new Float32Array(HARMONICS.length), new Float32Array(HARMONICS));
    const start = context.currentTime + 0.03;
    const out = context.createGain();
    out.connect(context.destination);
    for (const delay of at) {
      const tone = context.createOscillator();
      const shape = context.createGain();
      tone.setPeriodicWave(wave);
      tone.frequency.value = hertz;
      shape.gain.setValueAtTime(0, start + delay);
      shape.gain.linearRampToValueAtTime(gain, start + delay + 0.02);
      shape.gain.setValueAtTime(gain, start + delay + length - 0.03);
      shape.gain.linearRampToValueAtTime(0, start + delay + length);
      tone.connect(shape).connect(out);
      tone.start(start + delay);
      tone.stop(start + delay + length + 0.02);
    }
    this.playing = out;
    this.bursts.push({ kind, pulses: at.length, at: performance.now() });
    if (this.bursts.length > 100) this.bursts.shift();
  }

  stop() {
    if (this.playing) this.playing.disconnect();
    this.playing = null;
    this.next = 0;
  }

  leave() {
    this.present([]);
    if (this.lock) this.lock.release().catch(() => {});
    this.lock = null;
  }
}

export const sound = (window.risewatchSound ??= new Sound());
