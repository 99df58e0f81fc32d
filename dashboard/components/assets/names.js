// Names on this screen: initials, unless someone on shift chose otherwise here; the choice ends with the shift.

const KEY = "risewatch_names";
const SHIFT_MS = 12 * 3600 * 1000;

class Names {
  // Whose screen it is: "" where nobody has given a name, and then there are initials.
  constructor() {
    this.who = "";
  }

  full() {
    if (!this.who) return false;
    try {
      const { who, until } = JSON.parse(localStorage.getItem(KEY) ?? "{}");
      return who === this.who && Date.now() < until;
    } catch {
      return false;
    }
  }

  choose(full) {
    try {
      if (full && this.who) localStorage.setItem(KEY, JSON.stringify({ who: this.who, until: Date.now() + SHIFT_MS }));
      else localStorage.removeItem(KEY);
    } catch {
      // Then it stays with initials.
    }
  }

  of(session) {
    if (!session) return "";
    return (this.full() ? session.patient : session.initials) || "";
  }
}

export const names = (window.risewatchNames ??= new Names());
