// Has the page run anew when what its buttons rest on has changed. Never beside a hand: Streamlit drops a tap when it is
// asked for a further run before it has begun that tap's own, and a new run closes a dialog for a moment: what is typed
// then goes astray, to a number key's act at worst.

const QUIET_MS = 1500;  // since the last touch or key, and since a dialog or a list was seen open: the page knows of it by then
const FIELDS = "input:not([type=range], [type=checkbox], [type=radio], [role=combobox][aria-expanded=false]), textarea, [role=listbox], [role=listbox] *";

const APART_MS = 500;  // two parts that ask at once would be one request, for one of them

let touched = -Infinity;
let asked = -Infinity;
for (const kind of ["pointerdown", "keydown", "click"]) {
  window.addEventListener(kind, () => { touched = performance.now(); }, { capture: true, passive: true });
}

export class Anew {
  // `ask` asks the page; it is no tap: told at the same time as one, it must not take its place.
  constructor(ask) {
    this.ask = ask;
    this.owed = false;
    this.seen = -Infinity;  // something open
  }

  owe() {
    this.owed = true;
    this.tick();
  }

  // What was to be drawn anew no longer is.
  forgo() {
    this.owed = false;
  }

  tick() {
    const at = performance.now();
    if (entering()) this.seen = at;
    if (!this.owed || running() || at < Math.max(this.seen, touched) + QUIET_MS || at < asked + APART_MS) return;
    this.owed = false;
    asked = at;
    this.ask();
  }
}

// In a dialog, a field or a list of choices.
export function entering() {
  return document.querySelector("[data-testid=stDialog]") !== null || document.activeElement?.matches(FIELDS);
}

function running() {
  const state = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState;
  return state !== undefined && state !== "notRunning";
}
