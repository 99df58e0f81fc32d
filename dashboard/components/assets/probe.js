// What the watch is doing on a port just now, and for how long; what came of it the page says when it is drawn anew.

import { entering } from "./anew.js";
import { el, keep, setText, style } from "./dom.js";
import { ageText, feed, Part } from "./monitor_feed.js";

export async function mount(component) {
  const { version, command } = component.data;
  await style("monitors.css", version);
  keep(component, `probe ${command}`, (first) => new Probe(first, el("div", "rw-said rw-said-info"), { command }));
}

class Probe extends Part {
  paint() {
    const asked = feed.answer?.command;
    const mine = asked?.id === this.data.command ? asked : null;
    setText(this.root, this.words(mine));
  }

  words(asked) {
    const trouble = feed.trouble();
    if (trouble) return `${trouble} How far the watch has come is not known.`;
    if (asked?.done) return `The watch is done${entering() ? ": leave the field you are in to see what came of it" : ""}.`;
    const said = asked?.progress || "the watch has been asked";
    return `${said[0].toUpperCase()}${said.slice(1)}${asked ? ` (${ageText(asked.age + feed.since())})` : ""}`;
  }
}
