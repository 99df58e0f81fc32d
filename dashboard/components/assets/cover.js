// The cover over a page that is not being kept up to date. It starts below the navigation, which stays usable.

import { el, setText } from "./dom.js";

let cover = null;
let title = null;
let text = null;

export function showCover(reason) {
  if (!cover) {
    cover = el("div", "rw-cover", null, { role: "alert" });
    title = el("div", "rw-cover-title");
    text = el("div", "rw-cover-text");
    cover.append(title, text);
  }
  if (!cover.isConnected) document.body.append(cover);
  setText(title, "NOT MONITORING");
  setText(text, `${reason} Look at the bedside monitor.`);
  cover.hidden = false;
  document.body.classList.add("rw-blank");
}

export function hideCover() {
  if (cover) cover.hidden = true;
  document.body.classList.remove("rw-blank");
}

export function covered() {
  return Boolean(cover && cover.isConnected && !cover.hidden);
}
