// What the browser's tab says, for a screen that is in the background: title and icon name the most urgent alarm, and
// whether the page is being kept up to date. By number and shape of the marks, not by colour alone.

const up = (x, y, size) => `<path d="M${x} ${y - size}l${size} ${size * 1.75}h-${2 * size}z"/>`;
const box = (ground, ink, inside, more = "") =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="${ground}" ${more}/><g fill="${ink}">${inside}</g></svg>`;

const ICONS = {
  3: box("#FF3B4A", "#160103", up(16, 8.5, 6) + up(8.5, 22, 6) + up(23.5, 22, 6)),
  2: box("#FFD23F", "#181204", up(8.5, 16, 6.5) + up(23.5, 16, 6.5)),
  1: box("#0B1119", "#5BE7FF", up(16, 15, 8), 'stroke="#5BE7FF" stroke-width="4" stroke-dasharray="5 3"'),
  cover: box("#5E0A12", "none", '<circle cx="16" cy="16" r="10" stroke="#FFFFFF" stroke-width="4"/><path d="M9 23L23 9" stroke="#FFFFFF" stroke-width="4"/>'),
};

class Tab {
  constructor() {
    this.base = document.title;
    this.set = null;
    this.own = null;
    this.state = "";
  }

  // `alarms` as for the sound: {priority, text, id}; `mark`: what is not live.
  say(alarms, mark) {
    if (document.title !== this.set) this.base = document.title;
    const first = alarms.reduce((best, each) => (!best || each.priority > best.priority ? each : best), null);
    const turn = Math.floor(performance.now() / 1000) % 2 === 0;
    this.set = first && turn ? first.text : `${mark ? `${mark} · ` : ""}${this.base}`;
    if (document.title !== this.set) document.title = this.set;
    this.icon(!first ? "" : first.id === "cover" ? "cover" : String(first.priority));
  }

  icon(state) {
    const link = this.link();
    if (state === this.state && link.dataset.state === state) return;
    this.state = link.dataset.state = state;
    link.type = "image/svg+xml";
    link.href = state ? `data:image/svg+xml,${encodeURIComponent(ICONS[state])}` : this.own;
  }

  // The page's own link, found anew: Streamlit may have put another in its place.
  link() {
    let link = document.querySelector('link[rel~="icon"]');
    if (!link) {
      link = document.createElement("link");
      link.rel = "icon";
      document.head.append(link);
    }
    if (!link.dataset.state) this.own = link.getAttribute("href") || "/api/assets/icon.svg";
    return link;
  }
}

export const tab = (window.risewatchTab ??= new Tab());
