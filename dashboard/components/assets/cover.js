// The cover over a page that is not being kept up to date. It starts below the navigation, which stays usable. On a page
// that shows no live number it can be made small, so that a form may be finished: a band that stays as long as it is so.

import { el, OVER_DIALOGS, setClass, setHidden, setText } from "./dom.js";

let cover = null;
let title = null;
let text = null;
let button = null;
let may = false;
let small = false;
let said = "";

export function showCover(reason) {
  if (!cover) {
    cover = el("div", "rw-cover", null, { role: "region", "aria-label": "Not monitoring", ...OVER_DIALOGS });
    title = el("div", "rw-cover-title", "", { role: "alert" });  // its text counts seconds
    text = el("div", "rw-cover-text");
    button = el("button", "rw-cover-shrink", "Go on with this page", { type: "button" });
    button.onclick = () => { small = true; look(); };
    cover.append(title, text, button);
  }
  if (!cover.isConnected) document.body.append(cover);
  setText(title, "NOT MONITORING");
  said = `${reason} Look at the bedside monitor.`;
  setText(text, said);
  if (cover.hidden) small = false;
  cover.hidden = false;
  look();
  document.body.classList.add("rw-blank");
}

function look() {
  if (!cover) return;
  setHidden(button, !may || small);
  setClass(cover, `rw-cover${may && small ? " rw-cover-small" : ""}`);
}

// Whether the page may make the cover small: only one without live numbers.
export function letShrink(on) {
  may = on;
  small = false;
  look();
}

export function hideCover() {
  if (cover) cover.hidden = true;
  document.body.classList.remove("rw-blank");
}

// Why, in the cover's words.
export function coverWords() {
  return said;
}

export function covered() {
  return Boolean(cover && cover.isConnected && !cover.hidden);
}
