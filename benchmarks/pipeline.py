"""S5: the whole way, 64 ports at one sample of five values a second: read, check, detect, store durably.

Ours is what the watch is made of: the hub, a monitor and a driver a port, a session's detectors a bed, one durable
commit a second for all; bytes wait for that commit, and all ports are read together. Beside it the same with ten
commits a second, and the watch itself with an open session on every bed: it commits within 100 ms, and judges alarms,
ages and baselines besides, which no yardstick does. Each reader is a process of its own on real pseudo-terminals and
reports its CPU time from when all ports are open.
Run: python benchmarks/pipeline.py [--ports 64] [--seconds 20] [--rounds 7]
"""

from __future__ import annotations

import argparse
import os
import queue
import sqlite3
import tempfile
import threading
import time
from collections import deque
from pathlib import Path

import side_by_side
import terminals

VALUES = 5
"""Of a sample: heart rate, saturation, and a pressure of its own: systolic, diastolic, mean."""

LIMITS = {"HR": (100, 120, 140), "SBP": (150, 170, 190), "DBP": (95, 105, 115)}
RUNS = {"HR": 3, "SBP": 2, "DBP": 2}
INDEXED = """
CREATE TABLE reading (bed TEXT, time TEXT, signal TEXT, value TEXT);
CREATE INDEX by_bed ON reading (bed, time)
"""


def line_of(number: int) -> bytes:
    """A sample of the line protocol; the pressure is measured anew each second."""
    from devices.protocols.line.frames import encode

    rise = number % 50
    at = number * 1000
    return encode("D", f"{number},{at},{70 + rise},98,{120 + rise},{75 + rise // 2},{90 + rise // 2},{at}")


def header() -> bytes:
    from devices.protocols.line.frames import encode

    return encode("H", "dev=BENCH,fw=1,rate=1,fields=t|hr|spo2|sys|dia|map|nibp_t")


def write(ports: int, seconds: int) -> None:
    """Opens the terminals, prints their names, then says a sample a second on each, evenly spread."""
    masters = terminals.open_terminals(ports)
    for master in masters:
        os.write(master, header())
    begun = time.monotonic()
    for second in range(seconds):
        said = line_of(second)
        for place, master in enumerate(masters):
            pause = begun + second + place / ports - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            os.write(master, said)
    terminals.stay_open()


def in_parts(names: list[str], samples: int, folder: Path, every_s: float = 1.0) -> int:
    """Ours: hub, monitors, drivers, detectors, one durable commit every `every_s` seconds."""
    from dashboard.rises.live import SessionDetector
    from dashboard.rises.threshold_files import preset
    from dashboard.rises.timeline import Timeline
    from dashboard.store import writes
    from dashboard.store.database import open_store
    from devices import catalogue
    from devices.hub import Hub
    from devices.instant import SECOND
    from devices.monitor import Monitor
    from devices.reading import Reading

    store = open_store(folder)
    beds = [{"name": f"Bed {n}", "place": n, "grp": "", "protocol": "line", "port": port, "mode": "live"}
            for n, port in enumerate(names)]  # fmt: skip
    with store.writing() as connection:
        ids = writes.set_up_beds(connection, beds)
    line = catalogue.protocol_named("line").line
    monitors = [Monitor(f"Bed {n}", port, catalogue.create("line"), line) for n, port in enumerate(names)]
    hub = Hub(monitors)
    rules = preset("adult-iv")
    detectors = {id(each): SessionDetector(Timeline(hub.now, None, None), rules) for each in monitors}
    for _ in range(3):
        hub.wait(0.0)
    terminals.ready()
    every = round(every_s * SECOND)
    writer, waiting, count, due = writes.ReadingWriter(), [], 0, hub.now + every
    while count < VALUES * samples * len(names):
        pause = max(0.0, (due - hub.now) / SECOND)
        for source, items in hub.wait(pause, rest_s=pause):
            readings = [each for each in items if isinstance(each, Reading)]
            if readings:
                detectors[id(source)].push(readings)
                waiting += [(ids[source.name], each) for each in readings]
        count_now = count + len(waiting)
        if hub.now >= due or count_now >= VALUES * samples * len(names):
            due = hub.now + every
            for each in detectors.values():
                each.advance(hub.now - SECOND // 2)
            if waiting:
                with store.writing() as connection:
                    writer.write(connection, waiting)
                count, waiting = count_now, []
    with store.reading() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM reading").scalar_one())


def with_watch(names: list[str], samples: int, folder: Path) -> int:
    """The watch, with an open session on every bed."""
    from dashboard.sessions.plan import Plan
    from dashboard.store import acts, queries
    from dashboard.watch.build import build_watch
    from dashboard.watch.configuration import check_configuration
    from devices.instant import SECOND

    beds = [{"name": f"Bed {n}", "protocol": "line", "port": port} for n, port in enumerate(names)]
    watch = build_watch(check_configuration({"bed": beds}, "benchmark"), folder, "live", folder / "captures")
    with watch.store.reading() as connection:
        version = queries.latest_threshold_version(connection, "adult-iv")
        for bed in watch.beds:
            bed.resume(connection, watch.hub.now)
    assert version is not None
    for bed in watch.beds:
        now = watch.hub.now
        acts.start_session(
            watch.store, bed.bed.id, patient="A. B.", identifier="1970", threshold_version_id=version.id,
            plan=Plan(planned_minutes=40.0), author="benchmark", now=now, bed_now=now,
        )  # fmt: skip
    for _ in range(5):
        watch.step()
    terminals.ready()
    drivers = [bed.source.driver for bed in watch.beds]  # type: ignore[attr-defined]
    while sum(driver.counters.frames for driver in drivers) < (samples + 1) * len(names):
        watch.step()
    last = watch.hub.now
    while watch.hub.now < last + SECOND // 2:
        watch.step()  # what came last is committed within 100 ms
    with watch.store.reading() as connection:
        return sum(len(queries.readings(connection, bed.bed.id)) for bed in watch.beds)


def in_tenths(names: list[str], samples: int, folder: Path) -> int:
    return in_parts(names, samples, folder, 0.1)


class Detectors:
    """Nine bare ones: a deque of the last values and its minimum."""

    def __init__(self) -> None:
        self._held = {
            signal: [(limit, deque(maxlen=RUNS[signal])) for limit in limits] for signal, limits in LIMITS.items()
        }
        self.flags = 0

    def push(self, signal: str, value: float) -> None:
        for limit, held in self._held[signal]:
            held.append(value)
            if len(held) == held.maxlen and min(held) >= limit:
                self.flags += 1


def checked(line: bytes) -> list[str] | None:
    """The parts of a whole line, None if its sum is wrong or it is no sample."""
    body, _, total = line[1:].rpartition(b"*")
    checksum = 0
    for byte in body:
        checksum ^= byte
    return body.decode().split(",") if b"%02X" % checksum == total and body.startswith(b"VS1,D") else None


def named(parts: list[str]) -> zip[tuple[str, str]]:
    """The signals of a sample's parts, with their values."""
    return zip(("HR", "SPO2", "SBP", "DBP", "MBP"), parts[4:9], strict=True)


def _threads(names: list[str], samples: int, one: object) -> None:
    import serial

    opened = [serial.Serial(name, 115200, timeout=1) for name in names]
    threads = [threading.Thread(target=one, args=(number, port)) for number, port in enumerate(opened)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    terminals.ready()
    for thread in threads:
        thread.join()


def usual(names: list[str], samples: int, folder: Path) -> int:
    """A thread a port, a byte a read, nine bare detectors, a commit a reading into a text table with an index."""
    waiting: queue.Queue[tuple[str, str, str, str] | None] = queue.Queue()

    def store() -> None:
        connection = sqlite3.connect(folder / "usual.db")
        connection.executescript(INDEXED)
        while (row := waiting.get()) is not None:
            connection.execute("INSERT INTO reading VALUES (?, ?, ?, ?)", row)
            connection.commit()

    writer = threading.Thread(target=store)
    writer.start()

    def one(number: int, port: object) -> None:
        line, detectors, count = bytearray(), Detectors(), 0
        while count < samples:
            for byte in port.read(1):  # type: ignore[attr-defined]
                line.append(byte)
                if byte != 0x0A:
                    continue
                parts = checked(bytes(line).strip())
                line.clear()
                if parts is None:
                    continue
                count += 1
                now = f"{time.time():.3f}"
                for signal, value in named(parts):
                    if signal in LIMITS:
                        detectors.push(signal, float(value))
                    waiting.put((str(number), now, signal, value))

    _threads(names, samples, one)
    waiting.put(None)
    writer.join()
    return int(sqlite3.connect(folder / "usual.db").execute("SELECT count(*) FROM reading").fetchone()[0])


def bulk(names: list[str], samples: int, folder: Path) -> int:
    """A thread a port, bulk reads, nine bare detectors, one batch a second into a text table."""
    rows: list[tuple[str, str, str, str]] = []
    lock, over = threading.Lock(), threading.Event()

    def store() -> None:
        connection = sqlite3.connect(folder / "bulk.db")
        connection.executescript(INDEXED)
        while True:
            ended = over.wait(1.0)
            with lock:
                batch, rows[:] = list(rows), []
            connection.executemany("INSERT INTO reading VALUES (?, ?, ?, ?)", batch)
            connection.commit()
            if ended:
                return

    writer = threading.Thread(target=store)
    writer.start()

    def one(number: int, port: object) -> None:
        held, detectors, count = b"", Detectors(), 0
        while count < samples:
            *lines, held = (held + port.read(port.in_waiting or 1)).split(b"\n")  # type: ignore[attr-defined]
            for line in lines:
                parts = checked(line.strip())
                if parts is None:
                    continue
                count += 1
                now = f"{time.time():.3f}"
                for signal, value in named(parts):
                    if signal in LIMITS:
                        detectors.push(signal, float(value))
                    with lock:
                        rows.append((str(number), now, signal, value))

    _threads(names, samples, one)
    over.set()
    writer.join()
    return int(sqlite3.connect(folder / "bulk.db").execute("SELECT count(*) FROM reading").fetchone()[0])


CONTENDERS = {
    "ours": in_parts,
    "ours, ten commits a second (no goal)": in_tenths,
    "the whole watch (no goal)": with_watch,
    "the usual way": usual,
    "bulk, a batch a second": bulk,
}


def read(which: str, samples: int) -> None:
    names = terminals.terminals()
    with tempfile.TemporaryDirectory() as folder:
        stored = CONTENDERS[which](names, samples, Path(folder))
        cpu = terminals.spent()
        if stored != VALUES * samples * len(names):
            raise SystemExit(f"{which}: {stored} readings stored instead of {VALUES * samples * len(names)}")
    terminals.finish(cpu)


def race(which: str, ports: int, seconds: int) -> float:
    """CPU seconds of one reader."""
    return terminals.race(__file__, which, seconds, ports, seconds, patience=seconds * 10 + 30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ports", type=int, default=64)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=side_by_side.ROUNDS)
    parser.add_argument("--write", nargs=2)
    parser.add_argument("--read", nargs=2)
    options = parser.parse_args()
    if options.write:
        write(int(options.write[0]), int(options.write[1]))
        return
    if options.read:
        read(options.read[0], int(options.read[1]))
        return
    contenders = {name: (lambda name=name: race(name, options.ports, options.seconds)) for name in CONTENDERS}
    costs = side_by_side.measure(contenders, options.rounds)
    of = f"pyserial {side_by_side.version_of('pyserial')}, SQLite {sqlite3.sqlite_version}"
    reached = side_by_side.report(
        "S5",
        f"{options.ports} ports, one sample of five values a second each, {options.seconds} s",
        costs,
        "ours",
        {"the usual way": (20.0, of), "bulk, a batch a second": (3.5, of)},
    )
    side_by_side.end(reached)


if __name__ == "__main__":
    main()
