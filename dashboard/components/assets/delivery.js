// What this screen presents, told to the server for the alarm log: each alarm once, and again when the sound or the
// sight of it has changed (paused, muted, blocked, in the background).

import { hub } from "./hub.js";

const KEY = "risewatch_screen";
const RETRY_MS = 5000;

class Delivery {
  constructor() {
    this.told = new Map();
    this.quiet = 0;
  }

  // Names this browser, for as long as it remembers.
  screen() {
    if (this.name) return this.name;
    try {
      this.name = localStorage.getItem(KEY);
    } catch {
      this.name = null;
    }
    if (this.name) return this.name;
    this.name = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    try {
      localStorage.setItem(KEY, this.name);
    } catch {
      // Known until the page is closed.
    }
    return this.name;
  }

  tell(alarms, sound) {
    const ids = alarms.map((each) => each.id).filter(Number.isInteger);
    for (const id of [...this.told.keys()]) if (!ids.includes(id)) this.told.delete(id);
    const visible = !document.hidden;
    const how = `${sound} ${visible}`;
    const news = ids.filter((id) => this.told.get(id) !== how).slice(0, 100);
    if (!news.length || !hub.token || performance.now() < this.quiet) return;
    for (const id of news) this.told.set(id, how);
    const body = JSON.stringify({ token: hub.token, screen: this.screen(), sound, visible, alarms: news });
    fetch("/api/presented", { method: "POST", body, headers: { "Content-Type": "application/json" } })
      .then((answer) => { if (!answer.ok) throw new Error(); })
      .catch(() => {
        // Told again later; the watch goes on without it.
        for (const id of news) this.told.delete(id);
        this.quiet = performance.now() + RETRY_MS;
      });
  }
}

export const delivery = (window.risewatchDelivery ??= new Delivery());
