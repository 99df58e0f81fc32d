// Every bed's monitor on the page Monitors: port, state and why, counters with what they gain a second, age of the last
// frame. Without a running watch, or a server that answers, no state is claimed.

import { el, keep, setHidden, setText, style } from "./dom.js";
import { ageText, feed, Part } from "./monitor_feed.js";
import { Rows } from "./rows.js";

const HEADS = [
  ["Bed", "rw-first"], ["Protocol", "rw-wide"], ["Port", "rw-wide"], ["State", "rw-second"], ["Why", "rw-why"],
  ["Bytes", "n"], ["Frames", "n"], ["Rejected", "n"], ["Last frame", "n"],
];
const count = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

export async function mount(component) {
  await style("monitors.css", component.data.version);
  keep(component, "monitors", (first) => new Monitors(first, el("div", "rw-monitors"), {}));
}

class Monitors extends Part {
  build() {
    this.alert = el("div", "rw-said rw-said-bad");  // the cover says it aloud
    this.rows = new Rows(HEADS);
    // As high as the table will be, so that nothing below moves under a finger when it comes.
    this.wait = el("div", "rw-soft", "Being asked for.", { style: `min-height: ${2 + 3.6 * this.data.rows}rem` });
    this.root.append(this.alert, this.wait, this.rows.root);
  }

  paint() {
    const trouble = feed.trouble();
    const { facts, monitors } = feed.answer ?? {};
    const why = trouble ? "no word from the server" : facts && !facts.watching ? "the watch is not running" : "";
    setHidden(this.alert, !why);
    setText(this.alert, trouble ? `${trouble} What stands here is what was told last, and how the monitors stand now is not known.`
      : why ? "The watch is not running: no monitor is read now, and what stands here is what it said last." : "");
    setHidden(this.wait, monitors !== undefined);
    setHidden(this.rows.root, !monitors);
    if (!monitors) return;
    const rates = why ? new Map() : feed.rates();
    this.rows.paint(monitors.map((each) => [each.id, row(each, why, rates.get(each.id))]));
  }
}

function row(each, why, rate) {
  const state = why ? "unknown" : each.state;
  return [
    [["span", "w", each.name], ["span", "rw-tag", each.mode === "live" ? "" : each.mode.toUpperCase()]],
    each.protocol,
    [["code", "", each.port]],
    [["span", `rw-state rw-${state}`, why ? "not known" : state]],
    why || each.text,
    [["span", "", count.format(each.bytes)], ["span", "rw-gain", gained(rate?.[0])]],
    [["span", "", count.format(each.frames)], ["span", "rw-gain", gained(rate?.[1])]],
    count.format(each.rejected),
    ageText(each.age === null ? null : each.age + feed.since()),
  ];
}

// Its line is kept where it is not known, so that nothing below moves under a finger.
function gained(rate) {
  return rate === undefined ? "\u00a0" : `${count.format(rate)}/s`;
}
