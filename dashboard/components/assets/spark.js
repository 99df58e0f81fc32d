// The small trend of a cell: heart rate and SpO2 of the last 15 minutes on the bed's own clock, on a canvas.

import { colour, sheer } from "./look.js";

const WINDOW_MS = 15 * 60000;
const MOST = 2000;

export class Spark {
  constructor(canvas) {
    this.canvas = canvas;
    this.lines = { HR: [], PR: [], SPO2: [] };
  }

  // Replaces what is known by a series' answer; newer points that came meanwhile are kept.
  load(streams) {
    for (const signal of Object.keys(this.lines)) {
      const found = streams[signal];
      const points = found ? found.t.map((time, at) => [time, found.v[at]]) : [];
      const last = points.length ? points[points.length - 1][0] : -Infinity;
      this.lines[signal] = points.concat(this.lines[signal].filter((each) => each[0] > last));
    }
  }

  clear() {
    for (const signal of Object.keys(this.lines)) this.lines[signal] = [];
  }

  add(rows, numbers) {
    for (const [signal, time, value, , source] of rows) {
      const line = this.lines[signal];
      if (!line || (numbers[signal] && numbers[signal].source !== source)) continue;
      if (line.length && line[line.length - 1][0] >= time) continue;
      line.push([time, value]);
      if (line.length > MOST) line.splice(0, line.length - MOST);
    }
  }

  draw(now, rate, lowSpo2, mark = "") {
    const canvas = this.canvas;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (!width || !height) return;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const x = (time) => width - 6 - ((now - time) / WINDOW_MS) * (width - 6);
    const rates = this.lines[rate] || [];
    const seen = rates.filter((each) => each[1] !== null && each[0] > now - WINDOW_MS).map((each) => each[1]);
    const middle = seen.length ? (Math.min(...seen) + Math.max(...seen)) / 2 : 75;
    const half = Math.max(25, seen.length ? (Math.max(...seen) - Math.min(...seen)) / 2 + 3 : 0);
    const y = (value, low, high, top, bottom) => bottom - ((value - low) / (high - low)) * (bottom - top);
    this.line(pen, rates, x, (value) => y(value, middle - half, middle + half, 3, height * 0.55), now, colour("hr"));
    const oxygen = (value) => y(Math.max(80, value), 80, 100, height * 0.6, height - 4);
    if (lowSpo2 !== null) {
      pen.strokeStyle = colour("fill");
      pen.setLineDash([2, 5]);
      pen.lineWidth = 1;
      pen.beginPath();
      pen.moveTo(0, oxygen(lowSpo2));
      pen.lineTo(width, oxygen(lowSpo2));
      pen.stroke();
      pen.setLineDash([]);
    }
    this.line(pen, this.lines.SPO2, x, oxygen, now, colour("spo2"));
    if (!mark) return;
    pen.fillStyle = sheer("replay", 0.6);
    pen.font = "800 11px sans-serif";
    pen.fillText(mark, 4, height * 0.55);
  }

  line(pen, points, x, y, now, ink) {
    pen.strokeStyle = pen.fillStyle = ink;
    pen.lineWidth = 1.6;
    pen.lineJoin = "round";
    pen.beginPath();
    let drawing = false;
    let last = null;
    let before = null;
    for (const [time, value] of points) {
      if (time < now - WINDOW_MS) continue;
      if (value === null || (before !== null && time - before > 180000)) drawing = false;
      before = time;
      if (value === null) continue;
      if (drawing) pen.lineTo(x(time), y(value));
      else pen.moveTo(x(time), y(value));
      drawing = true;
      last = [x(time), y(value)];
    }
    pen.stroke();
    if (!last) return;
    pen.beginPath();
    pen.arc(last[0], last[1], 3, 0, 7);
    pen.fill();
  }
}

export { WINDOW_MS };
