"""S1 to S3: finding frames in what a serial port brings, against a state machine that takes byte after byte.

S1: 0x7E-delimited frames of 323 bytes with stuffing and an 8-bit sum, by the framer of GE monitors. S2: 55 AA frames of
6 to 10 bytes, by the scanner of the Berry driver, through a port and in memory. S3: from the stamp in a frame to the
frame read, 250 frames of 60 bytes a second.

Real pseudo-terminals in raw mode; another process writes. What the reading process costs is CPU time. Every reader's
frames are compared with those that were written, in every round.
Run: python benchmarks/serial_frames.py [--only S1,S2,S3] [--rounds 7] [--small]
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import pty
import random
import selectors
import statistics
import struct
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path
from zlib import adler32

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import serial
import side_by_side

from devices.instant import SECOND
from devices.links.line import LineSettings
from devices.links.serial_port import SerialLink
from devices.protocols.berry_pm6750 import frames as berry
from devices.protocols.framing import Bad, Look, Scanner
from devices.protocols.ge_dri import frames as ge
from devices.protocols.ge_dri import records
from devices.virtual.bedside import PatientBedside
from devices.virtual.ge_dri import SHORTEST_S, GeDriDevice
from devices.virtual.patient import named

PYSERIAL = f"pyserial {side_by_side.version_of('pyserial')}"
PYTHON = "the standard library's"
BULK = 65_536
POLL_S = 0.010
HELD = 4_095
"""As many bytes as a pseudo-terminal gives at once."""

DRAIN_ROUNDS = 10
"""A drain takes less than a millisecond: so many more rounds of it."""

USUAL, PER_BYTE, OURS = "read(1), byte by byte", "read(in_waiting), byte by byte", "ours"
DRAIN = "a bare drain: os.read until empty"
DRAIN_LEAST, DRAIN_AWAITED = (
    "as many reads as ours, not one to see that it is empty",
    "the same, asleep until bytes are there",
)
RECORDS_PER_BYTE, RECORDS = "read(in_waiting), byte by byte, records", "ours, records"

Feed = Callable[[bytes], object]


# -- what is sent ------------------------------------------------------------------------------------------------------


def ge_frames(count: int) -> list[bytes]:
    """Frames of 323 bytes before stuffing, as a GE monitor sends them: its displayed values, of a patient at rest."""
    start, every = 1_770_000_000 * SECOND, SHORTEST_S
    monitor = GeDriDevice(PatientBedside(named("typical", 1), start), UTC)
    monitor.receive(ge.request_frame(records.Request(records.DISPLAYED, every)), start)
    return [monitor.tick(start + number * every * SECOND) for number in range(count)]


def berry_frames(size: int) -> list[bytes]:
    """Frames of 6 to 10 bytes, `size` bytes of them."""
    chance, made, total = random.Random(2), [], 0
    while total < size:
        payload = bytes(chance.randrange(251) for _ in range(chance.randint(1, 5)))
        made.append(berry.encode(chance.choice((0x01, 0x02, 0x04, 0x05, 0xFE, 0xFF)), payload))
        total += len(made[-1])
    return made


def stamped_frame() -> bytes:
    """55 AA, length, type, the steady clock in nanoseconds, filling, complement of the sum: 60 bytes."""
    body = bytes((58, 0x01)) + struct.pack("<Q", time.monotonic_ns()) + bytes(47)
    return berry.MARK + body + bytes((~sum(body) & 0xFF,))


# -- the usual way: a state for each byte ------------------------------------------------------------------------------


class FlagMachine:
    """0x7E-delimited frames, byte by byte."""

    def __init__(self) -> None:
        self.found: list[bytes] = []
        self._body = bytearray()
        self._sum = 0
        self._inside = self._escaped = False

    def feed(self, data: bytes) -> None:
        body, total, inside, escaped = self._body, self._sum, self._inside, self._escaped
        for byte in data:
            if byte == 0x7E:
                if inside and len(body) > 1 and (total - body[-1]) & 0xFF == body[-1]:
                    self.found.append(bytes(body[:-1]))
                body.clear()
                total, inside, escaped = 0, True, False
            elif byte == 0x7D:
                escaped = True
            elif inside:
                if escaped:
                    byte |= 0x20
                    escaped = False
                body.append(byte)
                total += byte
        self._sum, self._inside, self._escaped = total, inside, escaped


class MarkMachine:
    """55 AA frames, byte by byte."""

    def __init__(self, longest: int = berry.LONGEST) -> None:
        self.found: list[bytes] = []
        self._longest = longest
        self._body = bytearray()
        self._state = self._left = self._sum = 0

    def feed(self, data: bytes) -> None:
        body, state, left, total, longest = self._body, self._state, self._left, self._sum, self._longest
        for byte in data:
            if state == 3:
                body.append(byte)
                total += byte
                left -= 1
                if not left:
                    if total & 0xFF == 0xFF:
                        self.found.append(bytes(body))
                    state = 0
            elif state == 0:
                if byte == 0x55:
                    state = 1
            elif state == 1:
                state = 2 if byte == 0xAA else 1 if byte == 0x55 else 0
            elif berry.SHORTEST <= byte <= longest:
                body = bytearray((0x55, 0xAA, byte))
                total, left, state = byte, byte - 1, 3
            else:
                state = 0
        self._body, self._state, self._left, self._sum = body, state, left, total


# -- ours --------------------------------------------------------------------------------------------------------------


class OurFlags:
    """What the framer of GE monitors cuts and verifies."""

    def __init__(self) -> None:
        self.found: list[bytes | str] = []
        self._rest = b""

    def feed(self, data: bytes) -> None:
        data = self._rest + data
        _, found, used = ge.cut(data)
        self._rest = data[used:]
        self.found += found


class OurRecords:
    """The framer of GE monitors whole, with the records that the driver has of it."""

    def __init__(self) -> None:
        self.found: list[records.Record] = []
        self._framer = ge.Framer(ge.Stuffing.WIRE)

    def feed(self, data: bytes) -> None:
        self.found += [piece.record for piece in self._framer.feed(data) if isinstance(piece, ge.Good)]


class MachineRecords:
    """The state machine, and the same records made of what it finds."""

    def __init__(self) -> None:
        self.found: list[records.Record | str] = []
        self._machine = FlagMachine()

    def feed(self, data: bytes) -> None:
        self._machine.feed(data)
        self.found += map(records.read_record, self._machine.found)
        self._machine.found.clear()


class OurMarks:
    """The scanner of the Berry driver."""

    def __init__(self, scanner: Scanner | None = None) -> None:
        self.found: list[bytes] = []
        self._scanner = scanner or berry.Finder().scanner

    def feed(self, data: bytes) -> None:
        for run in self._scanner.runs(data):
            if isinstance(run, list):
                self.found += run


def long_scanner() -> Scanner:
    """A scanner for the stamped frames."""

    def examine(held: bytearray, place: int) -> int | Look | Bad:
        if len(held) < place + 60:
            return Look.WAIT
        is_good = adler32(held[place + 2 : place + 60], 0) & 0xFF == 0xFF
        return 60 if is_good else Bad(60, "checksum")

    return Scanner(examine, 60, berry.MARK)


# -- reading from a port -----------------------------------------------------------------------------------------------


def read_one(name: str, total: int, feed: Feed) -> None:
    """`total` bytes by pyserial, one a read."""
    port = serial.Serial(name, 115200, timeout=5)
    ready()
    for _ in range(total):
        feed(port.read(1))


def read_waiting(name: str, total: int, feed: Feed) -> None:
    """By pyserial, what waits."""
    port = serial.Serial(name, 115200, timeout=5)
    ready()
    while total:
        data = port.read(port.in_waiting or 1)
        total -= len(data)
        feed(data)


def read_link(name: str, total: int, feed: Feed) -> None:
    """By the house's link: asleep until bytes are there, then all of them."""
    link = SerialLink(name, LineSettings(115200))
    selector = selectors.DefaultSelector()
    selector.register(link.fileno(), selectors.EVENT_READ)
    ready()
    while total:
        selector.select(5)
        data = link.read()
        total -= len(data)
        feed(data)


def read_blocking(name: str, total: int, feed: Feed) -> None:
    """Blocking reads of the system's."""
    port = serial.Serial(name, 115200, timeout=5)
    # pyserial sets reads to return at once; waited for is with the system's own means.
    attributes = termios.tcgetattr(port.fd)
    attributes[6][termios.VMIN] = 1
    termios.tcsetattr(port.fd, termios.TCSANOW, attributes)
    os.set_blocking(port.fd, True)
    ready()
    while total:
        data = os.read(port.fd, BULK)
        total -= len(data)
        feed(data)


def read_polling(name: str, total: int, feed: Feed) -> None:
    """Looks whether bytes wait every 10 ms."""
    port = serial.Serial(name, 115200, timeout=0)
    ready()
    while total:
        waiting = port.in_waiting
        if not waiting:
            time.sleep(POLL_S)
            continue
        data = port.read(waiting)
        total -= len(data)
        feed(data)


_begin: Callable[[], None] = lambda: None  # noqa: E731


def ready() -> None:
    """The port is open: the writer may begin, and from here on it counts."""
    _begin()


def through_a_port(write: Callable[[int], None], read: Callable[[], None] | Callable[[str], None]) -> float:
    """CPU seconds of `read` (given the port's name), while another process lets `write` write."""
    global _begin
    master, slave = pty.openpty()
    tty.setraw(slave)
    go_read, go_write = os.pipe()
    done_read, done_write = os.pipe()
    child = os.fork()
    if not child:
        os.close(go_write)
        os.close(done_write)
        with contextlib.suppress(OSError):
            os.read(go_read, 1)
            write(master)
            os.read(done_read, 1)
        os._exit(0)
    for unused in (master, go_read, done_read):
        os.close(unused)
    begun = 0.0

    def begin() -> None:
        nonlocal begun
        os.write(go_write, b"!")
        begun = time.process_time()

    _begin = begin
    try:
        read(os.ttyname(slave))  # type: ignore[call-arg]
        return time.process_time() - begun
    finally:
        os.close(done_write)
        os.close(go_write)
        os.close(slave)
        os.waitpid(child, 0)


def in_step(
    data: bytes,
    read: Callable[[SerialLink, selectors.BaseSelector, int], object],
    take: Callable[[], object] = lambda: None,
) -> float:
    """CPU seconds of `read` for `data`, of which as much as a terminal holds is there before each call of it.

    A reader beside a free writer is woken 48 times or 2,400 times for the same bytes, as the two happen to run; here
    each makes as many reads as any other. `take` is called between: frames are used as they come, and not kept.
    """
    master, slave = pty.openpty()
    tty.setraw(slave)
    link = SerialLink(os.ttyname(slave), LineSettings(115200))
    selector, waiting, spent = selectors.DefaultSelector(), bytearray(4), 0.0
    selector.register(link.fileno(), selectors.EVENT_READ)
    for at in range(0, len(data), HELD):
        piece = data[at : at + HELD]
        os.write(master, piece)
        while int.from_bytes(waiting, sys.byteorder) < len(piece):
            fcntl.ioctl(link.fileno(), termios.FIONREAD, waiting)
        waiting[:] = bytes(4)
        begun = time.process_time()
        read(link, selector, len(piece))
        spent += time.process_time() - begun
        take()
    link.close()
    os.close(master)
    os.close(slave)
    return spent


def drain(link: SerialLink, _: selectors.BaseSelector, size: int) -> None:
    """The system's read until the port is empty, as the list of goals says it."""
    with contextlib.suppress(BlockingIOError):
        while True:
            size -= len(os.read(link.fileno(), BULK))
    assert not size


def drain_least(link: SerialLink, _: selectors.BaseSelector, size: int) -> None:
    """Nothing but the reads that bring something, which only who knows how much is coming can do with."""
    while size:
        size -= len(os.read(link.fileno(), BULK))


def drain_awaited(link: SerialLink, selector: selectors.BaseSelector, size: int) -> None:
    """Asleep until bytes are there, then the system's read."""
    while size:
        selector.select(5)
        size -= len(os.read(link.fileno(), BULK))


def ours_in_step(data: bytes, expected: list[bytes]) -> float:
    """As in_step, of our link and framer."""
    parser = OurFlags()
    taken = 0

    def take() -> None:
        nonlocal taken
        found, parser.found = parser.found, []
        same(found, expected[taken : taken + len(found)], OURS)
        taken += len(found)

    def read(link: SerialLink, selector: selectors.BaseSelector, size: int) -> None:
        while size:
            selector.select(5)
            read = link.read()
            size -= len(read)
            parser.feed(read)

    spent = in_step(data, read, take)
    same(taken, len(expected), OURS)
    return spent


def write_all(data: bytes) -> Callable[[int], None]:
    def write(master: int) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(master, rest) :]

    return write


def same(found: object, expected: object, who: str) -> None:
    if found != expected:
        raise SystemExit(f"{who}: the frames found are not those that were written")


# -- the rows ----------------------------------------------------------------------------------------------------------


def through(
    data: bytes, read: Callable[[str, int, Feed], None], make: Callable[[], object], expected: object, who: str
) -> Callable[[], float]:
    """One reader of a port, with one parser; returns what a round of it costs."""

    def run() -> float:
        parser = make()
        cost = through_a_port(write_all(data), lambda name: read(name, len(data), parser.feed))  # type: ignore[attr-defined]
        same(parser.found, expected, who)  # type: ignore[attr-defined]
        return cost

    return run


def s1(rounds: int, small: bool) -> bool:
    data = b"".join(ge_frames(100 if small else 600))
    judge = FlagMachine()
    judge.feed(data)
    made = judge.found
    read = [records.read_record(record) for record in made]
    costs = side_by_side.measure(
        {
            USUAL: through(data, read_one, FlagMachine, made, USUAL),
            PER_BYTE: through(data, read_waiting, FlagMachine, made, PER_BYTE),
            OURS: through(data, read_link, OurFlags, made, OURS),
            RECORDS_PER_BYTE: through(data, read_waiting, MachineRecords, read, RECORDS_PER_BYTE),
            RECORDS: through(data, read_link, OurRecords, read, RECORDS),
        },
        rounds,
    )
    workload = f"{len(made)} frames of 323 bytes between flags, {len(data)} bytes, through a port"
    reached = side_by_side.report("S1", workload, costs, OURS, {USUAL: (200.0, PYSERIAL), PER_BYTE: (4.0, PYSERIAL)})
    # No goal of the list: what is left of it where both make the records that the driver reads.
    side_by_side.report("S1 with records", workload, costs, RECORDS, {RECORDS_PER_BYTE: (1.0, PYSERIAL)})
    drains = {
        DRAIN: lambda: in_step(data, drain),
        DRAIN_LEAST: lambda: in_step(data, drain_least),
        DRAIN_AWAITED: lambda: in_step(data, drain_awaited),
        OURS: lambda: ours_in_step(data, made),
    }
    costs = side_by_side.measure(drains, rounds * DRAIN_ROUNDS)
    workload = f"{workload}, {HELD} a read"
    # No goals of the list, for comparison: one reader that knows how much is coming, and one that waits for it.
    for least, name in ((DRAIN_LEAST, "S1 reads alone"), (DRAIN_AWAITED, "S1 waits and reads alone")):
        side_by_side.report(name, workload, costs, OURS, {least: (0.35, PYTHON)})
    return side_by_side.report("S1 drain", workload, costs, OURS, {DRAIN: (1 / 1.6, PYTHON)}) and reached


def s2(rounds: int, small: bool) -> bool:
    made = berry_frames(8_000 if small else 32_000)
    data = b"".join(made)
    contenders = {
        USUAL: through(data, read_one, MarkMachine, made, USUAL),
        PER_BYTE: through(data, read_waiting, MarkMachine, made, PER_BYTE),
        OURS: through(data, read_link, OurMarks, made, OURS),
    }
    costs = side_by_side.measure(contenders, rounds)
    workload = f"{len(made)} frames of 6 to 10 bytes, {len(data)} bytes, through a port"
    reached = side_by_side.report("S2", workload, costs, OURS, {USUAL: (35.0, PYSERIAL), PER_BYTE: (1.25, PYSERIAL)})

    def in_memory(make: Callable[[], object], who: str) -> Callable[[], float]:
        pieces = [data[at : at + 4_096] for at in range(0, len(data), 4_096)]

        def run() -> float:
            begun = time.process_time()
            for _ in range(10):
                parser = make()
                for piece in pieces:
                    parser.feed(piece)  # type: ignore[attr-defined]
            cost = time.process_time() - begun
            same(parser.found, made, who)  # type: ignore[attr-defined]
            return cost / 10

        return run

    machine = "byte by byte"
    costs = side_by_side.measure({machine: in_memory(MarkMachine, machine), OURS: in_memory(OurMarks, OURS)}, rounds)
    workload = f"{len(made)} frames of 6 to 10 bytes, {len(data)} bytes, in memory, 4096 a feed"
    return side_by_side.report("S2 in memory", workload, costs, OURS, {machine: (1.8, PYTHON)}) and reached


class Clock:
    """Feeds a parser and notes how old each frame's stamp is when it has been read."""

    def __init__(self, parser: MarkMachine | OurMarks) -> None:
        self.ages: list[int] = []
        self._parser = parser

    def feed(self, data: bytes) -> None:
        self._parser.feed(data)
        if self._parser.found:
            now = time.monotonic_ns()
            self.ages += [now - int.from_bytes(frame[4:12], "little") for frame in self._parser.found]
            self._parser.found.clear()


def s3(rounds: int, small: bool) -> bool:
    count = 250 if small else 2_000
    blocking, polling = "blocking os.read", "in_waiting every 10 ms"
    kinds: dict[str, tuple[Callable[[str, int, Feed], None], Callable[[], MarkMachine | OurMarks]]] = {
        blocking: (read_blocking, lambda: OurMarks(long_scanner())),
        USUAL: (read_one, lambda: MarkMachine(58)),
        polling: (read_polling, lambda: OurMarks(long_scanner())),
        OURS: (read_link, lambda: OurMarks(long_scanner())),
    }
    measured: dict[str, dict[str, list[float]]] = {what: {kind: [] for kind in kinds} for what in ("p50", "p99", "CPU")}

    def write(master: int) -> None:
        begun = time.monotonic()
        for number in range(count):
            pause = begun + number / 250 - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            os.write(master, stamped_frame())

    for number in range(rounds + 1):
        for kind, (read, make) in kinds.items():
            clock = Clock(make())
            cost = through_a_port(write, lambda name, read=read, clock=clock: read(name, count * 60, clock.feed))  # type: ignore[misc]
            same(len(clock.ages), count, kind)
            if number:
                cuts = statistics.quantiles(clock.ages, n=100)
                for what, value in (("p50", cuts[49] / 1e3), ("p99", cuts[98] / 1e3), ("CPU", cost / count * 1e6)):
                    measured[what][kind].append(value)
    workload = f"{count} frames of 60 bytes, 250 a second, from stamp to frame read"
    rows = (
        ("p50", {blocking: (0.5, PYTHON), USUAL: (4.0, PYSERIAL), polling: (30.0, PYSERIAL)}),
        ("p99", {USUAL: (1 / 0.6, PYSERIAL)}),
        ("CPU", {USUAL: (6.0, PYSERIAL)}),
    )
    verdicts = [
        side_by_side.report(f"S3 {what}", workload, measured[what], OURS, goals, "us a frame") for what, goals in rows
    ]
    return all(verdicts)


ROWS: dict[str, Callable[[int, bool], bool]] = {"S1": s1, "S2": s2, "S3": s3}


def chosen(words: str) -> Iterator[str]:
    for word in words.split(","):
        if word not in ROWS:
            raise SystemExit(f"there is no row {word!r}; there are {', '.join(ROWS)}")
        yield word


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(ROWS))
    parser.add_argument("--rounds", type=int, default=side_by_side.ROUNDS)
    parser.add_argument("--small", action="store_true", help="a few seconds' worth, for CI")
    options = parser.parse_args()
    verdicts = [ROWS[word](options.rounds, options.small) for word in chosen(options.only)]
    side_by_side.end(all(verdicts))


if __name__ == "__main__":
    main()
