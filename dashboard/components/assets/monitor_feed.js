// What the page Monitors shows, asked of the server once a second for all parts of the page together. Beside the live
// stream: it goes on without it, and says by itself when the server gives no answer.
//
// Parts subscribe with what they want to know more of ({bed, command}, ids) and a function (kind): "answer", "tick".

const EVERY_MS = 1000;
const SILENT_MS = 3000;
const PATIENCE_MS = 5000;
const RATES_OVER_MS = 3500;
const RATES_FROM_MS = 500;

export class Feed {
  constructor() {
    this.parts = new Map();
    this.token = "";
    this.forget();
  }

  forget() {
    this.answer = null;
    this.told = [];
    this.refusal = "";
    this.asked = -Infinity;  // when the answer we have was asked for
    this.begun = this.arrived = performance.now();
  }

  subscribe(token, wants, listener) {
    this.token = token;
    this.parts.set(listener, wants);
    if (!this.timer) {
      this.forget();
      this.timer = setInterval(() => this.tick(), 250);
    }
    this.ask();
    return () => {
      this.parts.delete(listener);
      if (this.parts.size) return;
      clearInterval(this.timer);
      this.timer = 0;
    };
  }

  tick() {
    if (performance.now() - this.begun >= EVERY_MS - 50) this.ask();
    this.tell("tick");
  }

  async ask() {
    if (this.asking) {
      this.more = true;
      return;
    }
    this.asking = true;
    do {
      this.more = false;
      await this.once();
    } while (this.more && this.timer);
    this.asking = false;
  }

  async once() {
    const asked = this.begun = performance.now();
    const query = new URLSearchParams({ token: this.token });
    for (const wants of this.parts.values()) for (const [name, id] of Object.entries(wants)) query.set(name, id);
    try {
      const answer = await fetch(`/api/monitors?${query}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
      const said = await answer.json();
      if (answer.ok) this.take(said, asked);
      else this.refusal = String(said.error || "");
    } catch {
      this.refusal = "";
    }
  }

  take(answer, asked) {
    this.answer = answer;
    this.asked = asked;
    this.arrived = performance.now();
    this.refusal = "";
    const last = this.told.at(-1);
    if (last && answer.server < last.server) this.told = [];  // its clock was set
    if (answer.server !== last?.server) this.told.push(answer);
    while (answer.server - this.told[0].server > RATES_OVER_MS) this.told.shift();
    this.tell("answer");
  }

  tell(kind) {
    for (const listener of [...this.parts.keys()]) {
      try {
        listener(kind);
      } catch (error) {
        // One part that fails must not silence the others.
        console.error(error);
      }
    }
  }

  // How long ago it was told, ms: by so much every age has grown.
  since() {
    return performance.now() - this.arrived;
  }

  // Why what is shown is not up to date, in a sentence; "" if it is.
  trouble() {
    if (this.since() <= SILENT_MS) return "";
    if (this.refusal) return `${this.refusal[0].toUpperCase()}${this.refusal.slice(1)}.`;
    return `No word from the server for ${Math.floor(this.since() / 1000)} s.`;
  }

  rates() {
    return gains(this.told);
  }
}

// A part of the page that is painted on every answer and four times a second between. Whoever extends it fills `root`
// in `build` and writes into it in `paint`.
export class Part {
  constructor(component, root, wants) {
    this.data = component.data;
    this.root = root;
    this.build();
    component.parentElement.append(root);
    this.leave = feed.subscribe(component.data.token, wants, () => this.paint());
    this.paint();
  }

  build() {}

  update(component) {
    this.data = component.data;
    feed.token = component.data.token;
  }

  end() {
    this.leave();
    this.root.remove();
  }
}

// Bytes and frames a second by bed, from the first of these answers to the last; none where a counter began anew.
export function gains(told) {
  const found = new Map();
  const [first, last] = [told[0], told.at(-1)];
  if (!first || last.server - first.server < RATES_FROM_MS) return found;
  const seconds = (last.server - first.server) / 1000;
  const before = new Map(first.monitors.map((each) => [each.id, each]));
  for (const { id, bytes, frames } of last.monitors) {
    const old = before.get(id);
    if (old && bytes >= old.bytes && frames >= old.frames) found.set(id, [(bytes - old.bytes) / seconds, (frames - old.frames) / seconds]);
  }
  return found;
}

// "4 s", "12 min", "3 h", "2 d"; a dash where there is none.
export function ageText(ms) {
  if (ms === null) return "–";
  for (const [size, unit] of [[86400000, "d"], [3600000, "h"], [60000, "min"]]) {
    if (ms >= 2 * size) return `${Math.floor(ms / size)} ${unit}`;
  }
  return `${Math.max(0, Math.floor(ms / 1000))} s`;
}

export const feed = new Feed();
