// Has the page run anew when what its buttons rest on has changed. Not while it runs: what was just tapped is then being
// done. Nor while something is being entered: a new run closes a dialog for a moment, and what is typed then goes astray,
// to a number key's act at worst.

const CLOSES_MS = 1500;  // what was just closed is left the time to tell the page so: else the new run opens it again

export class Anew {
  // `ask` asks the page; it is no tap: told at the same time as one, it must not take its place.
  constructor(ask) {
    this.ask = ask;
    this.owed = false;
    this.free = 0;
  }

  owe() {
    this.owed = true;
    this.tick();
  }

  tick() {
    const at = performance.now();
    if (entering()) this.free = at + CLOSES_MS;
    if (!this.owed || at < this.free || running()) return;
    this.owed = false;
    this.ask();
  }
}

const FIELDS = "input:not([type=range], [type=checkbox], [type=radio]), textarea, [role=listbox], [role=listbox] *";

// In a dialog, a field or a list of choices.
function entering() {
  return document.querySelector("[data-testid=stDialog]") !== null || document.activeElement?.matches(FIELDS);
}

function running() {
  const state = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState;
  return state !== undefined && state !== "notRunning";
}
