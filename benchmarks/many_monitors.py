"""Many virtual monitors of mixed protocols on real pseudo-terminals, one watch, counted at both ends.

What each monitor says is also given, byte by byte as it was put on its line, to a second driver at its own end. After
the time is over the readings in the store are compared with those: signal, source, value and status of every reading
of every bed. Reported: what is missing or too many, CPU and memory of the watch.

Run: python benchmarks/many_monitors.py [--beds 64] [--seconds 600] [--protocols dinamap,line,...]
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from functools import partial
from pathlib import Path

from devices import catalogue, instant
from devices.reading import Reading
from devices.virtual.bedside import PatientBedside
from devices.virtual.patient import PATIENTS, named
from devices.virtual.server import VirtualMonitor

TOGETHER = 16
"""Virtual monitors a process: they cost more than reading them."""


class Counted(VirtualMonitor):
    """A virtual monitor that hears itself."""

    def __init__(self, protocol: str, number: int) -> None:
        patient = list(PATIENTS)[number % len(PATIENTS)]
        bedside = PatientBedside(named(patient, number), instant.now(), None, cycle_s=60.0 + number % 7)
        super().__init__(partial(catalogue.create_device, protocol, bedside), "pty", name=f"{protocol}-{number}")
        self.said: Counter[str] = Counter()
        self.silent = False
        self._ear = catalogue.create(protocol)
        self._heard_once = False

    def _say(self, data: bytes, at: int) -> None:
        if not data or self.silent or not self._end._open_there():  # type: ignore[attr-defined]
            return
        super()._say(data, at)
        now = instant.now()
        if not self._heard_once:
            self._heard_once = True
            self._ear.opened(now)
        for item in self._ear.receive(data, now):
            if isinstance(item, Reading):
                self.said[key_of(item.signal, item.source, item.value, item.status.value)] += 1


def key_of(signal_name: str, source: str, value: float | None, status: str) -> str:
    return f"{signal_name} {source} {'-' if value is None else f'{value:g}'} {status}"


def farm(protocols: list[str], first: int) -> None:
    """Runs monitors, prints their ports, falls silent at a word, then says what was said."""
    monitors = [Counted(protocol, first + number) for number, protocol in enumerate(protocols)]
    for monitor in monitors:
        monitor.start()
    print(json.dumps([monitor.url for monitor in monitors]), flush=True)
    sys.stdin.readline()
    for monitor in monitors:
        monitor.silent = True
    time.sleep(1.0)
    print(json.dumps([dict(monitor.said) for monitor in monitors]), flush=True)
    sys.stdin.readline()
    for monitor in monitors:
        threading.Thread(target=monitor.stop).start()


def usage(pid: int) -> tuple[float, int, int]:
    """CPU seconds, resident and highest resident memory (MiB) of a process."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    ticks = int(stat[11]) + int(stat[12])
    return (
        ticks / os.sysconf("SC_CLK_TCK"),
        int(status["VmRSS"].split()[0]) >> 10,
        int(status["VmHWM"].split()[0]) >> 10,
    )


def of_each(counted: Counter[str]) -> Counter[str]:
    """How many readings there are of each signal and source, whatever their values."""
    found: Counter[str] = Counter()
    for key, count in counted.items():
        found[" ".join(key.split(" ")[:2])] += count
    return found


def stored(folder: Path) -> dict[str, Counter[str]]:
    """What the store holds, by bed."""
    import sqlite3

    found: dict[str, Counter[str]] = {}
    with sqlite3.connect(f"file:{folder / 'risewatch.db'}?mode=ro", uri=True) as connection:
        query = (
            "SELECT bed.name, stream.signal, stream.source, reading.value, reading.status FROM reading"
            " JOIN stream ON stream.id = reading.stream_id JOIN bed ON bed.id = stream.bed_id"
        )
        for bed, name, source, value, status in connection.execute(query):
            found.setdefault(bed, Counter())[key_of(name, source, value, status)] += 1
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--beds", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--protocols", default="")
    parser.add_argument("--farm", nargs=2)
    options = parser.parse_args()
    if options.farm:
        farm(options.farm[0].split(","), int(options.farm[1]))
        return
    known = [entry.name for entry in catalogue.protocols() if entry.device and not entry.network]
    wanted = options.protocols.split(",") if options.protocols else known
    beds = [wanted[number % len(wanted)] for number in range(options.beds)]
    farms = []
    for first in range(0, len(beds), TOGETHER):
        command = [sys.executable, __file__, "--farm", ",".join(beds[first : first + TOGETHER]), str(first)]
        farms.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    ports = [port for each in farms for port in json.loads(each.stdout.readline())]  # type: ignore[union-attr]
    folder = Path(tempfile.mkdtemp(prefix="risewatch-many-"))
    configuration = folder / "beds.toml"
    configuration.write_text(
        "".join(
            f'[[bed]]\nname = "Bed {number + 1}"\nprotocol = "{protocol}"\nport = "{port}"\n'
            for number, (protocol, port) in enumerate(zip(beds, ports, strict=True))
        )
    )
    command = [sys.executable, "-m", "dashboard.cli", "watch", "--config", str(configuration), "--data", str(folder)]
    watch = subprocess.Popen(command)
    time.sleep(5.0)
    cpu, _, _ = usage(watch.pid)
    begun = time.monotonic()
    while time.monotonic() - begun < options.seconds:
        time.sleep(min(30.0, options.seconds))
        spent, resident, highest = usage(watch.pid)
        passed = time.monotonic() - begun
        share = (spent - cpu) / passed * 100
        print(f"{passed:6.0f} s: watch {share:.1f} % of a core, {resident} MiB, at most {highest} MiB")
    for each in farms:
        each.stdin.write("silence\n")  # type: ignore[union-attr]
        each.stdin.flush()  # type: ignore[union-attr]
    said = [Counter(one) for each in farms for one in json.loads(each.stdout.readline())]  # type: ignore[union-attr]
    time.sleep(2.0)
    watch.send_signal(signal.SIGTERM)
    watch.wait(20)
    for each in farms:
        each.stdin.write("end\n")  # type: ignore[union-attr]
        each.stdin.flush()  # type: ignore[union-attr]
        each.wait(20)
    held = stored(folder)
    lost = doubled = others = total = 0
    for number, (protocol, one) in enumerate(zip(beds, said, strict=True)):
        there = held.get(f"Bed {number + 1}", Counter())
        missing, extra = one - there, there - one
        total += sum(one.values())
        said_of, held_of = of_each(one), of_each(there)
        lost += (said_of - held_of).total()
        doubled += (held_of - said_of).total()
        others += missing.total() - (said_of - held_of).total()
        if missing or extra:
            print(f"Bed {number + 1} ({protocol}): missing {dict(missing)}, too many {dict(extra)}")
    size = sum(file.stat().st_size for file in folder.glob("risewatch.db*"))
    print(f"{len(beds)} beds, {options.seconds:g} s: {total} readings said, {lost} missing, {doubled} too many")
    if others:
        # Of sixty samples a second the newest is told: which one that is, is decided by when the bytes arrive.
        print(f"{others} of a dense stream were another sample of their second at the other end")
    print(f"database {size / 1e6:.1f} MB")
    sys.exit(1 if lost or doubled else 0)


if __name__ == "__main__":
    main()
