// Small helpers for building the page. Text goes in by textContent only: names and notes are other people's words.

export function el(tag, className = "", text = null, attributes = {}) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== null) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// Streamlit's dialogs are React Aria's: while one is open, all of the page outside it is inert, and what is added to the
// body later becomes so. This is how React Aria is told of what must go on beside a dialog: touch, keys, reading aloud.
export const OVER_DIALOGS = { "data-react-aria-top-layer": "true" };

// Writes only what changed, so that a screen at rest costs nothing.
export function setText(node, text) {
  const wanted = text === null || text === undefined ? "" : String(text);
  if (node.textContent !== wanted) node.textContent = wanted;
}

export function setClass(node, className) {
  if (node.className !== className) node.className = className;
}

export function setHidden(node, hidden) {
  if (node.hidden !== hidden) node.hidden = hidden;
}

let pen = null;

// How wide a text is in our font at that weight, in its own font size.
export function width(text, weight) {
  pen ??= document.createElement("canvas").getContext("2d");
  pen.font = `${weight} 100px "Risewatch Inter", Inter, sans-serif`;
  return pen.measureText(text).width / 100;
}

const sheets = new Map();

// Adds a style sheet of the assets once; resolves when it is in force (or cannot be had: the text is still readable).
export function style(name, version) {
  if (!sheets.has(name)) {
    sheets.set(name, new Promise((done) => {
      const link = el("link", "", null, { rel: "stylesheet", href: `/api/assets/${name}?v=${version}` });
      link.onload = link.onerror = () => done();
      document.head.append(link);
    }));
  }
  return sheets.get(name);
}

// Triangles, one for each step of priority: an alarm is never colour alone.
export function shapes(priority) {
  return "▲".repeat(Math.max(0, Math.min(3, priority)));
}

// A view is mounted again at every rerun of the page with the same element: kept, given its new props. It is taken
// down only if no further mount follows its leaving.
export function keep(component, identity, build) {
  const host = component.parentElement;
  const held = host.risewatch;
  if (held && held.identity === identity) {
    clearTimeout(held.leaving);
    held.update(component);
    return;
  }
  if (held) held.end();
  const view = build(component);
  const entry = {
    identity,
    leaving: 0,
    update: (next) => view.update(next),
    end() {
      clearTimeout(entry.leaving);
      clearInterval(entry.looking);
      host.removeEventListener("risewatch-leave", leave);
      if (host.risewatch === entry) host.risewatch = null;
      view.end();
    },
  };
  const leave = () => {
    clearTimeout(entry.leaving);
    entry.leaving = setTimeout(() => entry.end(), 300);
  };
  // A page that was left may drop the element without a word.
  entry.looking = setInterval(() => { if (!host.isConnected) entry.end(); }, 1000);
  host.addEventListener("risewatch-leave", leave);
  host.risewatch = entry;
}
