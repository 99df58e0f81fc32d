"""The screens with live beds: from a byte at the port to the painted number and chart, and what it costs.

The watch and the dashboard run as their own processes, the monitors are pseudo-terminals that speak the line protocol,
one sample a second each, evenly spread; every bed has an open session, with a history of one second's step and a cuff
measurement every three minutes. Measured, once with a short and once with a long history:

- CPU of the dashboard's process with viewers on its stream, and of the watch's, in percent of a core;
- what a viewer receives, bytes a second;
- from writing a sample to the terminal to its number in a painted frame of the wall, and to the last point of the
  bed's chart, in Chromium;
- from the first byte of the page to a frame in which every bed shows its rate.

Run: python benchmarks/screens.py [--beds 8] [--viewers 10] [--seconds 30] [--hours 1,24]
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import pty
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import tty
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashboard.live.tokens import Tokens, token_key
from dashboard.sessions.events import EventKind
from dashboard.sessions.plan import Plan
from dashboard.store import acts, queries, writes
from dashboard.store.database import Store, open_store
from devices import instant
from devices.protocols.line.frames import encode
from devices.reading import Reading, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

Process = subprocess.Popen[bytes]

GOALS = {"latency p95": 250.0, "chart p95": 250.0, "dashboard": 5.0, "viewer": 2_000.0, "first paint": 2_000.0}
"""Milliseconds, percent of a core, bytes a second: at most."""

RATES = range(61, 121)
"""The rates the beds show, one after the other: each is another one for a minute."""

CHROMIUM = "/usr/bin/chromium"

WATCHING = """
() => {
  const seen = window.__seen = [];
  const shown = new Map();
  const look = () => {
    const now = performance.timeOrigin + performance.now();
    document.querySelectorAll(".rw-cell").forEach((cell, place) => {
      const value = cell.querySelector(".rw-hr .rw-value");
      if (!value || shown.get(place) === value.textContent) return;
      const text = value.textContent, isFirst = !shown.has(place);  // what stood there before says nothing
      shown.set(place, text);
      if (!isFirst) requestAnimationFrame(() => seen.push([place, text, performance.timeOrigin + performance.now()]));
    });
    for (const plot of document.querySelectorAll(".js-plotly-plot")) {
      for (const trace of plot.data || []) {
        if (!/^(HR|Heart)/.test(trace.name || "") || !trace.y || !trace.y.length) continue;
        const last = String(trace.y[trace.y.length - 1]);
        if (shown.get(plot) === last) continue;
        const isFirst = !shown.has(plot);
        shown.set(plot, last);
        if (isFirst) continue;
        requestAnimationFrame(() => seen.push(["chart", last, performance.timeOrigin + performance.now()]));
      }
    }
    requestAnimationFrame(look);
  };
  look();
}
"""

FIRST_PAINT = """
(beds) => new Promise(found => {
  const look = () => {
    const values = [...document.querySelectorAll(".rw-cell .rw-hr .rw-value")];
    if (values.filter(each => /[0-9]/.test(each.textContent)).length < beds) return requestAnimationFrame(look);
    requestAnimationFrame(() => found(performance.now() - performance.getEntriesByType("navigation")[0].responseStart));
  };
  look();
})
"""


class Monitors:
    """Terminals that speak the line protocol, and when each rate was written to which."""

    def __init__(self, beds: int) -> None:
        self.names: list[str] = []
        self.written: dict[tuple[int, str], float] = {}
        self._masters: list[int] = []
        self._stop = threading.Event()
        for _ in range(beds):
            master, slave = pty.openpty()
            tty.setraw(slave)
            self._masters.append(master)
            self.names.append(os.ttyname(slave))
        self._thread = threading.Thread(target=self._speak, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _speak(self) -> None:
        begun, number = time.monotonic(), 0
        while True:
            for place, master in enumerate(self._masters):
                pause = begun + number + place / len(self._masters) - time.monotonic()
                if self._stop.wait(max(0.0, pause)):
                    return
                rate = RATES[number % len(RATES)]
                line = encode("D", f"{number % 65_536},{number * 1_000},{rate},98")
                self.written[place, str(rate)] = time.time() * 1_000
                if number % 5 == 0:  # again and again, since what was said before the port was opened is lost
                    line = encode("H", "dev=BENCH,fw=1,rate=1,fields=t|hr|spo2") + line
                with suppress(BlockingIOError):
                    os.write(master, line)
            number += 1


def fill(store: Store, hours: float) -> None:
    """A session on every bed that has gone on for `hours`, and what was read in it."""
    now = instant.now()
    start = now - round(hours * 3_600) * instant.SECOND
    with store.reading() as connection:
        beds = queries.beds(connection)
        version = queries.latest_threshold_version(connection, "adult-iv")
    assert version is not None
    for bed in beds:
        session = acts.start_session(
            store, bed.id, patient="A. B.", identifier="1970", threshold_version_id=version.id,
            plan=Plan(planned_minutes=40.0), author="benchmark", now=start, bed_now=start,
        )  # fmt: skip
        with store.writing() as connection:
            writes.ReadingWriter().write(connection, [(bed.id, each) for each in history(start, now)])
        acts.record_event(
            store, session, EventKind.INFUSION_START, time=start + 600 * instant.SECOND, author="benchmark",
            now=start + 600 * instant.SECOND, bed_now=start + 600 * instant.SECOND,
        )  # fmt: skip


def history(start: int, end: int) -> Iterator[Reading]:
    for second in range((end - start) // instant.SECOND):
        at = start + second * instant.SECOND
        yield Reading(at, at, "HR", 70.0 + second % 7, "/min", Status.OK, "line:hr")
        yield Reading(at, at, "SPO2", 97.0 + second % 2, "%", Status.OK, "line:spo2")
        if second % 180 == 0:
            for signal, value in (("NIBP_SYS", 120.0), ("NIBP_DIA", 75.0), ("NIBP_MEAN", 90.0)):
                yield Reading(at, at, signal, value + second % 5, "mmHg", Status.OK, "line:nibp")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def clinic(
    folder: Path, monitors: Monitors, hours: float
) -> Iterator[tuple[int, subprocess.Popen[bytes], subprocess.Popen[bytes]]]:
    """The watch and the dashboard at work: the dashboard's port, and both processes."""
    configuration = folder / "beds.toml"
    configuration.write_text(
        "".join(
            f'[[bed]]\nname = "Bed {place}"\nprotocol = "line"\nport = "{name}"\n\n'
            for place, name in enumerate(monitors.names, 1)
        )
    )
    command = [sys.executable, "-m", "dashboard.cli"]
    data = ["--data", str(folder / "data")]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    port = free_port()

    def watch() -> Process:
        return subprocess.Popen([*command, "watch", "--config", str(configuration), *data], **quiet)  # type: ignore[call-overload, no-any-return]

    # Once only to set up the beds: the history must be there before the watch begins to judge.
    first = watch()
    until(lambda: (folder / "data" / "risewatch.db").exists(), "the store was not made")
    time.sleep(3.0)
    first.terminate()
    first.wait()
    store = open_store(folder / "data")
    fill(store, hours)
    store.close()
    watching = watch()
    serving = subprocess.Popen([*command, "dashboard", "--port", str(port), "--no-browser", *data], **quiet)  # type: ignore[call-overload]
    try:
        until(lambda: answers(port), "the dashboard did not answer")
        monitors.start()
        time.sleep(8.0)
        # A watch that was just started first judges what is stored: a day of eight beds for some 12 s.
        until(lambda: spends_little(watching), "the watch did not come to rest")
        yield port, serving, watching
    finally:
        for process in (serving, watching):
            process.terminate()
            process.wait()


def answers(port: int) -> bool:
    with suppress(OSError):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    return False


def until(holds: Any, otherwise: str, patience_s: float = 120.0) -> None:
    end = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > end:
            raise SystemExit(otherwise)
        time.sleep(0.1)


def cpu_of(process: Process) -> float:
    """Seconds of CPU time so far."""
    stat = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def spends_little(process: Process) -> bool:
    """Whether it needed less than a fifth of a core for six seconds: then nothing it judged is on its way any more."""
    before = cpu_of(process)
    time.sleep(6.0)
    return cpu_of(process) - before < 1.2


async def view(port: int, token: str, seconds: float) -> int:
    """A viewer on the stream: bytes received from its second second on."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /api/stream?token={token} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    loop, total = asyncio.get_running_loop(), 0
    begun = loop.time()
    while (left := begun + 1.0 + seconds - loop.time()) > 0:
        with suppress(TimeoutError):
            data = await asyncio.wait_for(reader.read(65_536), left)
            if not data:
                raise SystemExit("the stream ended")
            total += len(data) if loop.time() - begun > 1.0 else 0
    writer.close()
    return total


def viewers(port: int, store: Path, count: int, seconds: float) -> float:
    """Bytes a second of one of `count` viewers."""
    opened = open_store(store)
    token = Tokens(token_key(opened)).issue("", instant.now())
    opened.close()

    async def all_of_them() -> list[int]:
        return await asyncio.gather(*(view(port, token, seconds) for _ in range(count)))

    return statistics.mean(asyncio.run(all_of_them())) / seconds


def delays(page: Page, monitors: Monitors, seconds: float, chart: int | None = None) -> list[float]:
    """Milliseconds from writing a rate to a frame that shows it; of a bed's chart, or of every number on the wall."""
    page.evaluate(WATCHING)
    time.sleep(seconds)
    found = []
    for place, text, at in page.evaluate("() => window.__seen"):
        if (place == "chart") != (chart is not None):
            continue
        written = monitors.written.get((chart if chart is not None else place, text.split(".")[0]))
        if written is not None and 0 <= at - written < 30_000:
            found.append(at - written)
    return found


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def measured(hours: float, options: argparse.Namespace) -> dict[str, float]:
    from playwright.sync_api import sync_playwright

    monitors = Monitors(options.beds)
    with tempfile.TemporaryDirectory() as folder, clinic(Path(folder), monitors, hours) as (port, serving, watching):
        before, begun = (cpu_of(serving), cpu_of(watching)), time.monotonic()
        received = viewers(port, Path(folder) / "data", options.viewers, options.seconds)
        passed = time.monotonic() - begun
        served, watched = cpu_of(serving) - before[0], cpu_of(watching) - before[1]
        print(f"    ({100 * served / passed:.1f} % of a core, {received:.0f} B/s; now the browser)", flush=True)
        address = f"http://127.0.0.1:{port}"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            paints = []
            for _ in range(4):
                page = browser.new_page(viewport={"width": 1920, "height": 1080})
                page.goto(address)
                paints.append(float(page.evaluate(FIRST_PAINT, options.beds)))
                numbers = delays(page, monitors, options.seconds / 2) if len(paints) == 4 else []
                page.close()
            page = browser.new_page(viewport={"width": 1920, "height": 1080})
            page.goto(f"{address}/bed?bed=1")
            page.wait_for_selector(".js-plotly-plot", timeout=30_000)
            time.sleep(3.0)
            charts = delays(page, monitors, options.seconds / 2, chart=0)
            browser.close()
        monitors.stop()
    if len(numbers) < options.beds or len(charts) < 3:
        raise SystemExit(f"too little was seen: {len(numbers)} numbers, {len(charts)} points of the chart")
    return {
        "latency p50": statistics.median(numbers),
        "latency p95": p95(numbers),
        "chart p50": statistics.median(charts),
        "chart p95": p95(charts),
        "first paint": statistics.median(paints[1:]),
        "dashboard": 100 * served / passed,
        "watch": 100 * watched / passed,
        "viewer": received,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beds", type=int, default=8)
    parser.add_argument("--viewers", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--hours", default="1,24")
    options = parser.parse_args()
    units = {"dashboard": "% of a core", "watch": "% of a core", "viewer": "B/s"}
    reached = True
    for hours in map(float, options.hours.split(",")):
        found = measured(hours, options)
        print(f"\n{options.beds} beds, {options.viewers} viewers, {hours:g} h of session, {options.seconds:g} s")
        for name, value in found.items():
            goal = GOALS.get(name)
            verdict = "" if goal is None else f"   goal {goal:g}: {'reached' if value <= goal else 'MISSED'}"
            reached &= goal is None or value <= goal
            print(f"    {name:14} {value:10.1f} {units.get(name, 'ms')}{verdict}")
        row = {"row": "screens", "hours": hours, **found, "when": datetime.now(UTC).isoformat(timespec="seconds")}
        print(json.dumps(row), flush=True)
    sys.exit(0 if reached else 1)


if __name__ == "__main__":
    main()
