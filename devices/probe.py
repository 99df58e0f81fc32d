"""What speaks on a port: heard without a byte sent, or, on one port that a person named, asked.

Listening tries every line setting at which some protocol is met, all ports at once, and lets the drivers of those
protocols hear the same bytes. Asking is for one port of which a technician has said that a monitor hangs there: each
driver that speaks first may then send its own opening requests, which only ask (its entry's `asks` says what). On a
port with anything else a stray byte can act: some infusion pumps stop on a bare CR.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, tzinfo
from functools import partial
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from devices import catalogue, instant
from devices.hub import Hub
from devices.instant import SECOND
from devices.links.line import LineSettings
from devices.links.link import scheme_of
from devices.monitor import Monitor
from devices.protocols.base import Counters, Driver
from devices.protocols.entry import Entry
from devices.reading import Item, Reading

LISTEN_S = 3.2
"""How long one line setting is listened at: longer than the slowest stream's interval (2 s)."""

ASK_S = 5.0
"""How long an answer is waited for, association included."""

ENOUGH = 3
"""So many whole frames, and hardly anything else, settle what is heard."""

MOST_STRAY = 0.2
"""Share of the bytes that may lie outside the frames of what is found: a stream is joined in its middle."""


class Found(Struct, frozen=True):
    """A protocol that was understood on a port.

    Attributes:
        entry, line: which, and how the serial line was set.
        frames, rejected: whole and refused frames. stray: share of the bytes outside the whole ones, 0 to 1.
        signals: those that gave a reading. said: what the monitor told of itself.
    """

    entry: Entry
    line: LineSettings
    frames: int
    rejected: int
    stray: float
    signals: tuple[str, ...]
    said: tuple[str, ...] = ()
    asked: bool = False


class Heard(Struct):
    """What came of one port.

    Attributes:
        port: its URL. fault: why it could not be opened, "" if it could.
        found: protocols understood, the likeliest first.
        bytes_at: bytes that came, by line setting.
    """

    port: str
    fault: str = ""
    found: list[Found] = field(default_factory=list)
    bytes_at: dict[LineSettings, int] = field(default_factory=dict)


class Ears:
    """Several drivers that hear the same bytes and may not speak. Satisfies `devices.protocols.base.Driver`."""

    name = "probe"
    quiet_after = 3600 * SECOND
    cuff_dating = 0
    zone: tzinfo = UTC
    assumed_start: int | None = None
    needs_start = False
    is_relative = False

    def __init__(self, drivers: Iterable[tuple[Entry, Driver]]) -> None:
        self.counters = Counters()
        self.each = [(entry, driver, _Memory()) for entry, driver in drivers]

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        self.counters.bytes_in += len(data)
        for _, driver, memory in self.each:
            memory.take(driver.receive(data, at))
        return []

    def send(self, at: int) -> bytes:
        return b""

    def wake(self) -> int | None:
        return None

    def opened(self, at: int) -> None:
        for _, driver, _ in self.each:
            driver.opened(at)

    def finish(self, at: int | None) -> list[Item]:
        return []

    def found(self, line: LineSettings) -> list[Found]:
        """What was understood so far, the likeliest first."""
        verdicts = [_verdict(entry, line, driver, memory) for entry, driver, memory in self.each]
        return sorted((each for each in verdicts if each is not None), key=lambda each: (each.stray, -each.frames))

    def is_sure(self) -> bool:
        """Whether one protocol is understood beyond doubt: listening longer would tell nothing new."""
        return any(
            driver.counters.frames >= ENOUGH and not driver.counters.rejected for _, driver, _ in self.each
        ) and (len(self.found(LineSettings())) == 1)


class _Memory:
    """What is kept of a driver's items: which signals it gave, what the monitor said of itself."""

    def __init__(self) -> None:
        self.signals: dict[str, None] = {}
        self.said: dict[str, None] = {}

    def take(self, items: Iterable[Item]) -> None:
        for item in items:
            if isinstance(item, Reading):
                self.signals[item.signal] = None
            elif item.kind == "device-event" and len(self.said) < 8:
                self.said[item.text] = None


def _verdict(entry: Entry, line: LineSettings, driver: Driver, memory: _Memory, asked: bool = False) -> Found | None:
    """What `driver` understood, None if it was nothing to speak of."""
    counters = driver.counters
    stray = counters.bytes_skipped / counters.bytes_in if counters.bytes_in else 1.0
    if not counters.frames or counters.rejected > counters.frames:
        return None
    # A cable that only echoes gives back whole frames, but no reading.
    if asked and not memory.signals:
        return None
    # Where frames are few, what was joined in the middle weighs more.
    if (stray > MOST_STRAY and counters.frames < ENOUGH) or stray > 0.5:
        return None
    return Found(
        entry, line, counters.frames, counters.rejected, stray, tuple(memory.signals), tuple(memory.said), asked
    )


def lines_of(entries: Iterable[Entry]) -> list[LineSettings]:
    """The line settings at which any of `entries` is met, without flow control: only listening needs none."""
    found: dict[LineSettings, None] = {}
    for entry in entries:
        for line in (entry.line, *entry.other_lines):
            found[_without_flow(line)] = None
    return list(found)


def _without_flow(line: LineSettings) -> LineSettings:
    return LineSettings(line.baud, line.bytesize, line.parity, line.stopbits)


def serial_entries() -> list[Entry]:
    return [entry for entry in catalogue.protocols() if not entry.network]


def listen(
    ports: Sequence[str],
    *,
    seconds: float = LISTEN_S,
    hub: Hub | None = None,
    tell: Callable[[str], None] = lambda _: None,
    given_up: Callable[[], bool] = lambda: False,
) -> list[Heard]:
    """Listens on `ports`, all at once, at each line setting in turn. Sends nothing.

    Protocols of a network are listened for where the port is one.

    Args:
        seconds: at each setting. Ports that are no serial lines have one. hub: waits; one of its own if None.
        tell: told what is being done, in words. given_up: whether nobody waits for the answer any more; whoever
            makes it true wakes the hub.
    """
    heard = {port: Heard(port) for port in ports}
    entries = serial_entries()
    own = hub or Hub()
    for line in lines_of(entries):
        open_ports = [each for each in heard.values() if not each.fault and not _is_settled(each)]
        if not open_ports or given_up():
            break
        names = ", ".join(each.port for each in open_ports)
        tell(f"listening{f' at {words(line)}' if any(has_line(each.port) for each in open_ports) else ''}: {names}")
        monitors = []
        for each in open_ports:
            is_line = has_line(each.port)
            speakers = [entry for entry in entries if not is_line or line in lines_of([entry])]
            if scheme_of(each.port):
                speakers += [entry for entry in catalogue.protocols() if entry.network]
            ears = Ears((entry, catalogue.create(entry.name)) for entry in speakers)
            monitors.append((each, ears, Monitor(each.port, each.port, ears, line)))
        listening = [ears for _, ears, _ in monitors]
        _run(own, [monitor for _, _, monitor in monitors], seconds, partial(_heard_enough, given_up, listening))
        for each, ears, monitor in monitors:
            each.fault = "" if monitor.opened_count else monitor.fault or f"{each.port} could not be opened in time"
            each.bytes_at[line] = ears.counters.bytes_in
            each.found += [found if has_line(each.port) else _as_usual(found) for found in ears.found(line)]
    if hub is None:
        own.close()
    for each in heard.values():
        each.found.sort(key=lambda found: (found.stray, -found.frames))
    return list(heard.values())


def ask(
    port: str,
    *,
    seconds: float = ASK_S,
    hub: Hub | None = None,
    tell: Callable[[str], None] = lambda _: None,
    given_up: Callable[[], bool] = lambda: False,
) -> Heard:
    """Lets each driver that speaks first ask on `port`, one after the other, until one is answered.

    Only for a port of which a person has said that a monitor hangs there. The arguments are those of `listen`.
    """
    heard = Heard(port)
    own = hub or Hub()
    for entry in serial_entries():
        if not entry.asks or heard.fault or heard.found:
            continue
        for line in (entry.line, *entry.other_lines) if has_line(port) else (entry.line,):
            if given_up():
                break
            tell(f"asking as {entry.name} at {words(line)}: {entry.asks}")
            driver, memory = catalogue.create(entry.name), _Memory()
            monitor = Monitor(port, port, driver, line)
            _run(own, [monitor], seconds, partial(_answered_enough, given_up, driver, memory), memory)
            heard.fault = "" if monitor.opened_count else monitor.fault or f"{port} could not be opened in time"
            heard.bytes_at[line] = heard.bytes_at.get(line, 0) + monitor.bytes_in
            found = _verdict(entry, line, driver, memory, asked=True)
            if found is not None:
                heard.found.append(found)
                break
    if hub is None:
        own.close()
    return heard


def _run(
    hub: Hub, monitors: list[Monitor], seconds: float, enough: Callable[[], bool], memory: _Memory | None = None
) -> None:
    """Lets `monitors` run for `seconds`, or until `enough`; then their ports are given back."""
    for monitor in monitors:
        hub.add(monitor)
    end = hub.now + instant.seconds(seconds)
    while hub.now < end and not enough():
        for _, items in hub.wait((end - hub.now) / SECOND):
            if memory is not None:
                memory.take(items)
        if all(monitor.fault and not monitor.opened_count for monitor in monitors):
            break
    for monitor in monitors:
        hub.remove(monitor)


def _heard_enough(given_up: Callable[[], bool], listening: Sequence[Ears]) -> bool:
    return given_up() or all(ears.is_sure() for ears in listening)


def _answered_enough(given_up: Callable[[], bool], driver: Driver, memory: _Memory) -> bool:
    return given_up() or (driver.counters.frames >= ENOUGH and bool(memory.signals))


def _as_usual(found: Found) -> Found:
    """On a port that has no line settings those of the protocol are as good as any."""
    return replace(found, line=found.entry.line)


def _is_settled(heard: Heard) -> bool:
    if heard.bytes_at and not has_line(heard.port):
        return True
    return any(found.frames >= ENOUGH for found in heard.found)


def has_line(port: str) -> bool:
    """Whether `port` is a serial line that can be set; a network or a pseudo-terminal cannot."""
    return not scheme_of(port) and not str(Path(port).resolve()).startswith("/dev/pts/")


def words(line: LineSettings) -> str:
    """``9600 8N1``"""
    return f"{line.baud} {line.bytesize}{line.parity}{line.stopbits:g}"
