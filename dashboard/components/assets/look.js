// How this screen looks: dark, dimmed for the night, or light. Remembered by the browser; the colours are in palette.css.

const KEY = "risewatch_look";
const root = document.documentElement;

export const LOOKS = { dark: "Dark", night: "Night, dimmed", light: "Light" };

export function look() {
  return root.dataset.look in LOOKS ? root.dataset.look : "dark";
}

// Between dark and night at once; to and from light with the page loaded anew, since Streamlit's parts follow only then.
export function setLook(wanted) {
  const before = look();
  if (!(wanted in LOOKS) || wanted === before) return;
  try {
    localStorage.setItem(KEY, wanted);
  } catch {
    // Not remembered: as long as the page stays.
  }
  root.dataset.look = wanted;
  known = null;
  document.dispatchEvent(new CustomEvent("risewatch-look"));
  if ((before === "light") !== (wanted === "light")) location.reload();
}

let known = null;

// A colour of the palette as it is in this look, for what is drawn and not styled.
export function colour(name) {
  if (!known || known.look !== look()) known = { look: look(), style: getComputedStyle(root) };
  return known.style.getPropertyValue(`--${name}`).trim() || "#8E9BAA";
}

// The same with an opacity, as rgba().
export function sheer(name, opacity) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour(name).slice(at, at + 2), 16));
  return `rgba(${red},${green},${blue},${opacity})`;
}
