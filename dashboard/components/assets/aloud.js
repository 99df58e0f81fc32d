// What a screen reader says at once: each new alarm, once, in words. The numbers and ages beside it change each second
// and are read when one goes to them, so nothing else on a page is a live region but the cover and the sound's bar.

import { el, OVER_DIALOGS, setText } from "./dom.js";

class Aloud {
  constructor() {
    this.said = new Set();
    this.region = el("div", "rw-quietly", "", { role: "log", "aria-live": "assertive", "aria-atomic": "true", ...OVER_DIALOGS });
  }

  // `alarms` as for the sound, with `spoken`.
  say(alarms) {
    if (!this.region.isConnected) document.body.append(this.region);
    const known = new Set(alarms.map((each) => String(each.id)));
    for (const id of [...this.said]) if (!known.has(id)) this.said.delete(id);
    const news = alarms.filter((each) => each.spoken && !this.said.has(String(each.id))).sort((a, b) => b.priority - a.priority);
    if (!news.length) return;
    for (const each of news) this.said.add(String(each.id));
    setText(this.region, news.map((each) => each.spoken).join(". "));
  }
}

export const aloud = (window.risewatchAloud ??= new Aloud());
