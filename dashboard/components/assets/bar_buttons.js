// The two buttons beside an alarm, on the bed's page and over a dialog: acknowledge, and the sound's pause.

import { el, setHidden, setText } from "./dom.js";
import { hub } from "./hub.js";
import { names } from "./names.js";
import { sound } from "./sound.js";
import { span } from "./times.js";

// The server writes an acknowledgement and tells every screen; here nothing is taken for done before it says so.
export class Acknowledging {
  constructor() {
    this.sending = new Set();
  }

  // Why it failed, in a sentence; "" when it is written, null when it is on its way already.
  async send(alarm) {
    if (this.sending.has(alarm.id)) return null;
    this.sending.add(alarm.id);
    let failed = "";
    try {
      const answer = await fetch("/api/acknowledge", {
        method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ token: hub.token, alarm: alarm.id }), signal: AbortSignal.timeout(5000),
      });
      if (!answer.ok) failed = (await answer.json().catch(() => ({}))).error || `the server refused it (${answer.status})`;
    } catch {
      failed = "the server did not answer: tap again";
    }
    this.sending.delete(alarm.id);
    return failed && `Not acknowledged: ${failed}.`;
  }
}

export class PauseButton {
  constructor() {
    this.root = el("button", "rw-silence", "", { type: "button" });
    this.words = el("span");
    this.by = el("span", "rw-sound-by");
    this.root.append(this.words, this.by);
    setHidden(this.root, true);
    this.root.onclick = () => { sound.pauseLeft() > 0 ? sound.resume() : sound.pause(names.who); };
  }

  update(audible) {
    const left = sound.pauseLeft();
    setHidden(this.root, !(audible && sound.state() !== "muted") && left <= 0);
    setText(this.words, left > 0 ? `Sound paused ${span(left + 999)}` : "Pause sound 2 min");
    setText(this.by, left > 0 && sound.pausedBy ? `by ${sound.pausedBy}` : "");
  }
}
