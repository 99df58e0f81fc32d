// The sound's control in a view's header, and the bar that stands while this screen cannot or may not sound.

import { el, setClass, setHidden, setText } from "./dom.js";
import { clock, span } from "./times.js";
import { hub } from "./hub.js";
import { names } from "./names.js";
import { screenControls } from "./screen.js";
import { sound } from "./sound.js";

const WORDS = { on: "Sound on", blocked: "Sound blocked", none: "No sound", paused: "Sound paused", muted: "AUDIO OFF" };

// While a finger is down nothing moves under it: the tap that unblocks the sound is meant for what it lies on, such as
// Acknowledge, which would slip away with the bar.
let held = false;
document.addEventListener("pointerdown", () => { held = true; }, true);
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => setTimeout(() => { held = false; }, 100), true);

// `data` as the page mounts a view: who is on shift, and whether acts may be done in that name.
export function soundControls(data, wall = false) {
  const root = el("span", "rw-sound");
  const told = el("span", "rw-sound-told");
  const state = el("span", "rw-sound-state");
  const by = el("span", "rw-sound-by");
  told.append(state, by);
  const pause = el("button", "rw-pause", "Pause sound 2 min", { type: "button" });
  pause.onclick = () => { sound.pauseLeft() > 0 ? sound.resume() : sound.pause(names.who); update(); };
  const test = el("button", "rw-test", "Test tone", { type: "button" });
  test.onclick = () => sound.play("test");
  const screen = screenControls(wall, () => update());
  root.append(told, test, pause, screen.root);

  const bar = el("div", "rw-soundbar", null, { role: "alert" });
  const words = el("span", "rw-soundbar-text");
  const start = el("button", "rw-start", "Start monitoring", { type: "button" });
  start.onclick = () => { (sound.muted ? Promise.resolve(sound.unmute()) : sound.start()).then(update); };
  bar.append(words, start);
  bar.onclick = (event) => { if (event.target !== start && sound.state() === "blocked") sound.start().then(update); };

  let may = data.may_act;
  names.who = data.who || "";
  let testing = true;
  function update() {
    sound.prepare();
    const now = sound.state();
    setText(state, now === "paused" ? `Sound paused ${span(sound.pauseLeft() + 999)}` : WORDS[now]);
    setClass(state, `rw-sound-state rw-sound-${now}`);
    setText(by, now === "paused" && sound.pausedBy ? `by ${sound.pausedBy}` : "");
    setHidden(test, !may || !testing || now !== "on");
    setHidden(pause, now !== "on" && now !== "paused");
    setText(pause, now === "paused" ? "Sound on again" : "Pause sound 2 min");
    if (!held) setHidden(bar, now === "on" || now === "paused");
    setClass(bar, `rw-soundbar rw-soundbar-${now}`);
    setText(words, {
      blocked: "SOUND BLOCKED, tap here: the browser gives no alarm sound before the first tap. A test tone follows.",
      muted: `AUDIO OFF: this screen gives no alarm sound${sound.muted && sound.mutedSince ? `, by ${sound.muted} since ${clock(sound.mutedSince, hub.site.zone)}` : ""}.`,
      none: "NO SOUND: this browser cannot give alarm sounds. Use another one, or keep the screen in sight.",
    }[now] || "");
    setText(start, now === "muted" ? "Sound on again" : "Start monitoring");
    setHidden(start, now === "none");
  }
  update();
  return { root, bar, update, allow: (next) => { may = next.may_act; names.who = next.who || ""; screen.update(); }, offerTest: (next) => { testing = next; } };
}
