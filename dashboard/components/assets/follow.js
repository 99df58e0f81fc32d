// Has a part of the page Monitors drawn anew when what it was drawn on is no longer so: never beside a hand (anew.js).

import { Anew } from "./anew.js";
import { el, keep, style } from "./dom.js";
import { feed } from "./monitor_feed.js";

const KEPT_MS = 500;  // the server may answer with what it read before it was asked
const AGAIN_MS = 10_000;  // a part that cannot follow is not drawn again and again

export async function mount(component) {
  await style("monitors.css", component.data.version);
  keep(component, "follow", (first) => new Follow(first));
}

class Follow {
  constructor(component) {
    this.anew = new Anew(() => this.component.setTriggerValue("anew", true));
    this.wants = {};
    this.root = el("div", "rw-follow");
    component.parentElement.append(this.root);
    this.update(component);
    this.leave = feed.subscribe(component.data.token, this.wants, (kind) => {
      if (kind === "answer") this.compare();
      this.anew.tick();
    });
  }

  update(component) {
    const drawn = JSON.stringify(component.data.shown);
    if (drawn !== this.drawn) this.again = -Infinity;
    this.drawn = drawn;
    this.component = component;
    this.since = performance.now();
    this.anew.forgo();
    feed.token = component.data.token;
    const { command } = component.data.shown;
    if (command) this.wants.command = command[0];
    else delete this.wants.command;
  }

  end() {
    this.leave();
    this.root.remove();
  }

  compare() {
    const { facts } = feed.answer;
    const differs = Object.entries(this.component.data.shown).some(
      ([name, value]) => name in facts && JSON.stringify(facts[name]) !== JSON.stringify(value),
    );
    const at = performance.now();
    if (!differs) {
      this.anew.forgo();
    } else if (feed.asked >= this.since + KEPT_MS && at >= this.again) {
      this.again = at + AGAIN_MS;
      this.anew.owe();
    }
  }
}
