// What a person sets for this screen alone: full screen, look, names, notifications, mute. Two buttons in every header.

import { el, setHidden, setText } from "./dom.js";
import { groupName, groups } from "./groups.js";
import { look, LOOKS, setLook } from "./look.js";
import { names } from "./names.js";
import { notices } from "./notices.js";
import { hub } from "./hub.js";
import { sound } from "./sound.js";

const MARGIN = 8; // pixels between a panel and the edge of the screen

const NOTICES = {
  on: "Tell me also when this tab is in the background: on", off: "Tell me also when this tab is in the background: off",
  ask: "Tell me also when this tab is in the background: off",
  refused: "The browser refuses notifications for this address: allow them in its settings",
  none: "Notifications need https",
};

export function fullScreen() {
  return Boolean(document.fullscreenElement);
}

async function toggleFull() {
  try {
    await (fullScreen() ? document.exitFullscreen() : document.documentElement.requestFullscreen());
  } catch {
    // A browser without full screen, such as a phone's: the page fills it anyway.
  }
}

let told = () => {};  // of the header that is on the page
document.addEventListener("fullscreenchange", () => {
  document.body.classList.toggle("rw-full", fullScreen());
  told();
});

// `changed` is called after something was set that the header around it says too.
// `wall`: it is a wall's header, where names and groups of beds are chosen.
export function screenControls(wall, changed) {
  const root = el("span", "rw-screen");
  const full = el("button", "rw-icon rw-icon-full", null, { type: "button", "aria-label": "Full screen", title: "Full screen" });
  const open = el("button", "rw-icon rw-icon-screen", null, {
    type: "button", "aria-label": "This screen: look, names, notifications", title: "This screen", "aria-expanded": "false", "aria-haspopup": "dialog",
  });
  const panel = el("div", "rw-panel", null, { role: "dialog", "aria-label": "This screen" });
  const looks = el("div", "rw-choices", null, { role: "group", "aria-label": "Look" });
  const choices = Object.entries(LOOKS).map(([name, words]) => {
    const button = el("button", "", words, { type: "button" });
    button.onclick = () => { setLook(name); update(); };
    looks.append(button);
    return { name, button };
  });
  const name = el("button", "rw-names", "", { type: "button" });
  name.onclick = () => { names.choose(!names.full()); update(); };
  const notice = el("button", "", "", { type: "button" });
  notice.onclick = () => { notices.state() === "on" ? notices.set(false) : notices.set(true); update(); };
  const mute = el("button", "rw-mute", "Mute this screen: AUDIO OFF is then said on it", { type: "button" });
  mute.onclick = () => { sound.mute(names.who, hub.now()); show(false); open.focus(); changed(); };
  const shown = el("div", "rw-choices rw-groups", null, { role: "group", "aria-label": "Beds on this wall" });
  panel.append(looks, shown, name, notice, mute);
  root.append(full, open, panel);
  full.onclick = toggleFull;

  function show(on) {
    setHidden(panel, !on);
    open.setAttribute("aria-expanded", String(on));
    if (!on) return;
    update();
    inView();
    choices.find((each) => each.name === look()).button.focus();
  }

  // It hangs from the right end of its button, which stands far left where the header takes two lines.
  function inView() {
    panel.style.right = "";
    const left = panel.getBoundingClientRect().left;
    if (left < MARGIN) panel.style.right = `${left - MARGIN}px`;
  }

  open.onclick = () => show(panel.hidden);
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden) return;
    event.stopPropagation();
    show(false);
    open.focus();
  });
  // A tap elsewhere closes it; a finger that left with Tab too.
  const away = (event) => { if (!root.isConnected) document.removeEventListener("pointerdown", away); else if (!root.contains(event.target)) show(false); };
  document.addEventListener("pointerdown", away);
  root.addEventListener("focusout", (event) => { if (event.relatedTarget && !root.contains(event.relatedTarget)) show(false); });

  function update() {
    full.setAttribute("aria-pressed", String(fullScreen()));
    for (const each of choices) each.button.setAttribute("aria-pressed", String(each.name === look()));
    setHidden(shown, !wall || groups.known.length < 2);
    if (!shown.hidden) shown.replaceChildren(...[null, ...groups.known].map((each) => {
      const button = el("button", "", each === null ? "All beds" : groupName(each), { type: "button", "aria-pressed": String(each === groups.chosen()) });
      button.onclick = () => { groups.choose(each); show(false); open.focus(); };
      return button;
    }));
    setHidden(name, !wall || !names.who);
    setText(name, names.full() ? "Names in full until the shift ends: back to initials" : "Initials: show names in full");
    const state = notices.state();
    setText(notice, NOTICES[state]);
    notice.setAttribute("aria-pressed", String(state === "on"));
    setHidden(mute, !names.who || !["on", "paused"].includes(sound.state()));
    notice.disabled = state === "refused" || state === "none";
  }
  show(false);
  told = update;
  update();
  setHidden(full, !document.documentElement.requestFullscreen);
  return { root, update };
}
