"""S4: 64 ports at once, each 104 short frames a second in bursts every 20 ms, read until all frames are there.

Real pseudo-terminals; another process writes. Each reader is a process of its own and reports its own CPU time.
Run: python benchmarks/serial_ports.py [--ports 64] [--seconds 4] [--rounds 7]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import threading
import time
from collections.abc import Iterator

import side_by_side
import terminals

BURSTS = 50
REST_S = 0.1
"""How long the watch lets bytes wait for those of other ports, where a commit was made just before."""

FRAMES_A_BURST = (2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2)  # 104 or so a second at 50 bursts a second


def frame(number: int) -> bytes:
    """55 AA, length, type, two bytes of a counter, complement of the sum: eight bytes."""
    body = bytes((5, 0x04, number & 0x7F, number >> 7 & 0x7F, 98))
    return b"\x55\xaa" + body + bytes((~sum(body) & 0xFF,))


def frames_until(seconds: float) -> list[bytes]:
    """The bursts of one port."""
    bursts, number = [], 0
    for burst in range(round(seconds * BURSTS)):
        count = FRAMES_A_BURST[burst % len(FRAMES_A_BURST)]
        bursts.append(b"".join(frame(number + place) for place in range(count)))
        number += count
    return bursts


# -- the writer --------------------------------------------------------------------------------------------------------


def write(ports: int, seconds: float) -> None:
    """Opens the terminals, prints their names, waits for a word, writes in time, waits for the end."""
    masters = terminals.open_terminals(ports)
    begun = time.monotonic()
    for number, burst in enumerate(frames_until(seconds)):
        pause = begun + number / BURSTS - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        for master in masters:
            os.write(master, burst)
    terminals.stay_open()


# -- the readers -------------------------------------------------------------------------------------------------------


class ByteMachine:
    """The usual way to find frames: a state for each byte."""

    def __init__(self) -> None:
        self.frames = 0
        self._body = bytearray()
        self._state = 0

    def byte(self, value: int) -> None:
        if self._state == 0:
            self._state = 1 if value == 0x55 else 0
        elif self._state == 1:
            self._state = 2 if value == 0xAA else 0
            self._body.clear()
        else:
            self._body.append(value)
            if len(self._body) == self._body[0] + 1:
                if ~sum(self._body[:-1]) & 0xFF == self._body[-1]:
                    self.frames += 1
                self._state = 0


def our_scanner() -> object:
    from devices.protocols.framing import Bad, Look, Scanner

    def examine(held: bytearray, place: int) -> int | Look | Bad:
        if len(held) - place < 3:
            return Look.WAIT
        length = held[place + 2]
        if not 4 <= length <= 24:
            return Look.NOTHING
        if len(held) - place < length + 3:
            return Look.WAIT
        body = held[place + 2 : place + 2 + length]
        return length + 3 if ~sum(body) & 0xFF == held[place + 2 + length] else Bad(length + 3, "checksum")

    return Scanner(examine, longest=30, marker=b"\x55\xaa")


class Bulk:
    """Our parser, fed with whatever has come."""

    def __init__(self) -> None:
        self.frames = 0
        self._scanner = our_scanner()

    def feed(self, data: bytes) -> None:
        for run in self._scanner.runs(data):  # type: ignore[attr-defined]
            if isinstance(run, list):
                self.frames += len(run)


def read_with_hub(names: list[str], wanted: int) -> int:
    """Ours: the hub, a monitor and a driver a port."""
    from devices.hub import Hub
    from devices.links.line import LineSettings
    from devices.monitor import Monitor
    from devices.protocols.base import Counters

    class Driver:
        name = "bench"
        quiet_after = 10_000_000

        def __init__(self) -> None:
            self.counters = Counters()
            self._scanner = our_scanner()

        def receive(self, data: bytes, at: int | None) -> list[object]:
            for run in self._scanner.runs(data):  # type: ignore[attr-defined]
                if isinstance(run, list):
                    self.counters.frames += len(run)
            return []

        def send(self, at: int) -> bytes:
            return b""

        def wake(self) -> None:
            return None

        def opened(self, at: int) -> None: ...

    drivers = [Driver() for _ in names]
    line = LineSettings(115200)
    hub = Hub([Monitor(name, name, driver, line) for name, driver in zip(names, drivers, strict=True)])  # type: ignore[arg-type]
    hub.wait(0)
    terminals.ready()
    while sum(driver.counters.frames for driver in drivers) < wanted * len(names):
        for _ in range(200):
            hub.wait(1.0, REST_S)
            if drivers[-1].counters.frames >= wanted:
                break
    return sum(driver.counters.frames for driver in drivers)


def _serial(name: str) -> object:
    import serial

    return serial.Serial(name, 115200, timeout=1)


def _in_threads(names: list[str], work: object) -> None:
    opened = [_serial(name) for name in names]
    threads = [threading.Thread(target=work, args=(number, port)) for number, port in enumerate(opened)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    terminals.ready()
    for thread in threads:
        thread.join()


def read_usual(names: list[str], wanted: int) -> int:
    """A thread a port, one byte a read, a state machine."""
    machines = [ByteMachine() for _ in names]

    def work(number: int, port: object) -> None:
        machine = machines[number]
        while machine.frames < wanted:
            for value in port.read(1):  # type: ignore[attr-defined]
                machine.byte(value)

    _in_threads(names, work)
    return sum(machine.frames for machine in machines)


def read_bulk_threads(names: list[str], wanted: int) -> int:
    """A thread a port, bulk reads, our parser."""
    parsers = [Bulk() for _ in names]

    def work(number: int, port: object) -> None:
        parser = parsers[number]
        while parser.frames < wanted:
            parser.feed(port.read(port.in_waiting or 1))  # type: ignore[attr-defined]

    _in_threads(names, work)
    return sum(parser.frames for parser in parsers)


def _streams(names: list[str], wanted: int, open_connection: object) -> int:
    parsers = [Bulk() for _ in names]

    async def one(reader: asyncio.StreamReader, parser: Bulk) -> None:
        while parser.frames < wanted:
            parser.feed(await reader.read(4096))

    async def all_of_them() -> None:
        opened = [await open_connection(name) for name in names]  # type: ignore[operator]
        terminals.ready()
        await asyncio.gather(*(one(reader, parser) for (reader, _), parser in zip(opened, parsers, strict=True)))
        for _, writer in opened:
            writer.close()

    asyncio.run(all_of_them())
    return sum(parser.frames for parser in parsers)


def read_pyserial_asyncio(names: list[str], wanted: int) -> int:
    """pyserial-asyncio streams, our parser."""
    import serial_asyncio

    return _streams(names, wanted, lambda name: serial_asyncio.open_serial_connection(url=name, baudrate=115200))


def read_serialx(names: list[str], wanted: int) -> int:
    """serialx streams, our parser."""
    import serialx

    return _streams(names, wanted, lambda name: serialx.open_serial_connection(name, baudrate=115200))


READERS = {
    "ours": read_with_hub,
    "a thread a port, byte by byte": read_usual,
    "a thread a port, bulk": read_bulk_threads,
    "pyserial-asyncio streams": read_pyserial_asyncio,
    "serialx streams": read_serialx,
}


def read(which: str, wanted: int) -> None:
    names = terminals.terminals()
    got = READERS[which](names, wanted)
    cpu = terminals.spent()
    if got != wanted * len(names):
        raise SystemExit(f"{which}: {got} frames instead of {wanted * len(names)}")
    terminals.finish(cpu)


# -- the race ----------------------------------------------------------------------------------------------------------


def race(which: str, ports: int, seconds: float) -> float:
    """CPU seconds of one reader."""
    wanted = sum(len(burst) for burst in frames_until(seconds)) // len(frame(0))
    return terminals.race(__file__, which, wanted, ports, seconds, patience=seconds * 20 + 30)


def available() -> Iterator[str]:
    needs = {"pyserial-asyncio streams": "pyserial-asyncio", "serialx streams": "serialx"}
    for name in READERS:
        if name not in needs or side_by_side.version_of(needs[name]):
            yield name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ports", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=side_by_side.ROUNDS)
    parser.add_argument("--write", nargs=2)
    parser.add_argument("--read", nargs=2)
    options = parser.parse_args()
    if options.write:
        write(int(options.write[0]), float(options.write[1]))
        return
    if options.read:
        read(options.read[0], int(options.read[1]))
        return
    contenders = {name: (lambda name=name: race(name, options.ports, options.seconds)) for name in available()}
    costs = side_by_side.measure(contenders, options.rounds)
    pyserial = f"pyserial {side_by_side.version_of('pyserial')}"
    reached = side_by_side.report(
        "S4",
        f"{options.ports} ports, 104 frames of 8 bytes a second each, {options.seconds:g} s",
        costs,
        "ours",
        {
            "a thread a port, byte by byte": (15.0, pyserial),
            "a thread a port, bulk": (9.0, pyserial),
            "pyserial-asyncio streams": (2.3, f"pyserial-asyncio {side_by_side.version_of('pyserial-asyncio')}"),
            "serialx streams": (4.0, f"serialx {side_by_side.version_of('serialx')}"),
        },
    )
    side_by_side.end(reached)


if __name__ == "__main__":
    main()
