// The browser's notifications, for a screen whose tab is in the background: which bed, which alarm, never a patient.
// Asked for with the tap that begins a shift; the browser gives them over https or on the machine itself only.

const KEY = "risewatch_notices";

class Notices {
  constructor() {
    this.open = new Map();
    this.heard = new Set();
    this.asked = false;
  }

  // "on", "off" (switched off here), "ask" (not yet asked for), "refused" (by the browser) or "none".
  state() {
    if (!window.isSecureContext || !("Notification" in window)) return "none";
    if (this.off()) return "off";
    return { granted: "on", denied: "refused" }[Notification.permission] ?? "ask";
  }

  off() {
    try {
      return localStorage.getItem(KEY) === "off";
    } catch {
      return false;
    }
  }

  set(on) {
    try {
      if (on) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, "off");
    } catch {
      // Not remembered.
    }
    if (on) this.ask();
    else this.close();
  }

  // Must be called in a tap.
  async ask() {
    if (this.asked || this.state() !== "ask") return;
    this.asked = true;
    try {
      await Notification.requestPermission();
    } finally {
      this.asked = false;
    }
  }

  // `alarms` as for the sound. Medium and high ones, each once, while nobody can see the page.
  show(alarms) {
    const known = new Set(alarms.map((each) => String(each.id)));
    for (const id of [...this.heard]) if (!known.has(id)) this.heard.delete(id);
    for (const [id, notice] of this.open) if (!known.has(id) || !document.hidden) { notice.close(); this.open.delete(id); }
    if (this.state() !== "on") return;
    for (const { id, priority, text } of alarms) {
      const name = String(id);
      if (priority < 2 || this.heard.has(name)) continue;
      this.heard.add(name);
      if (document.hidden) this.tell(name, priority, text);
    }
  }

  tell(name, priority, text) {
    try {
      // One for all tabs of this browser; the sound is the page's own.
      const notice = new Notification(text, {
        tag: `risewatch ${name}`, body: "Look at the bedside monitor.", requireInteraction: priority === 3, silent: true,
      });
      notice.onclick = () => { window.focus(); notice.close(); };
      this.open.set(name, notice);
    } catch {
      // Some mobile browsers have the class but refuse to make one.
    }
  }

  close() {
    for (const notice of this.open.values()) notice.close();
    this.open.clear();
  }
}

export const notices = (window.risewatchNotices ??= new Notices());
