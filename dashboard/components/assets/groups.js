// Which group of beds this screen's wall shows: all, unless someone chose one here. The browser remembers it; a group that
// is no more is all again. What is not shown is never silent: the wall says its alarms (wall.js, elsewhere.js).

const KEY = "risewatch_group";

class Groups {
  constructor() {
    this.known = [];
    try {
      this.wanted = JSON.parse(localStorage.getItem(KEY) ?? "null");
    } catch {
      this.wanted = null;
    }
  }

  // The clinic's groups as the beds name them; "" is that of beds without one.
  tell(names) {
    this.known = names;
  }

  // The chosen group, null for all.
  chosen() {
    return this.known.length > 1 && this.known.includes(this.wanted) ? this.wanted : null;
  }

  shows(bed) {
    const chosen = this.chosen();
    return chosen === null || bed.group === chosen;
  }

  choose(name) {
    this.wanted = name;
    try {
      if (name === null) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, JSON.stringify(name));
    } catch {
      // Then it lasts as long as the page.
    }
    document.dispatchEvent(new CustomEvent("risewatch-group"));
  }
}

export const groupName = (name) => name || "Other beds";

export const groups = (window.risewatchGroups ??= new Groups());
