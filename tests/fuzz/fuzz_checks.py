"""Runs a fuzzed input through a driver and checks what every driver promises, whatever the bytes."""

from __future__ import annotations

import math
import sys
import time
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from pathlib import Path

from fuzz_broken import demand
from fuzz_input import Act, Piece, Setup, parse
from fuzz_seals import seal_of

from devices import catalogue, instant
from devices.protocols.base import Driver, SaysFarewell
from devices.protocols.entry import Entry, Value
from devices.reading import KINDS, VALUELESS, Item, Notice, Reading, Status
from devices.signals import SIGNALS

sys.path.insert(0, str(Path(__file__).parent.parent / "protocols"))

from protocol_cases import cases
from test_driver_contract import held

START = 1_770_000_000 * instant.SECOND
CASES = cases()
RAW_MOST = 3_000
"""Bytes that a notice may carry: the longest frame there is, of GE, is shown whole where it is refused."""
TEXT_MOST = 1_000
HELD_MOST = 40_000
REASONS_MOST = 40
SENDS_MOST = 8
"""Messages that may be due at one instant, each in a call of its own."""
REPEATED_BYTES, REPEATED_PIECES = 5_000, 1_000
"""How far an input is repeated to see what that costs."""
SLOWEST_BYTE, SLOWEST_PIECE = 100e-6, 2e-3
"""Seconds of the processor that a byte and a piece may take. A byte takes 1 to 10 us; looking at all bytes again for
each new one takes far more."""

_OTHERS: dict[str, tuple[Value, ...]] = {
    "zone": ("Europe/Berlin",),
    "transport": ("serial", "udp", "auto"),
    "output": ("board", "bci", "berry"),
    "data_format": ("ascii", "1", "2", "7", "8", "13"),
    "arterial": ("P1",),
    "salt": ("secret",),
}
"""What settings that are texts are set to, besides their defaults."""


def variants(entry: Entry) -> list[dict[str, Value]]:
    """The settings with which a driver is fuzzed: the battery's, and each with one of them another."""
    usual = dict(CASES[entry.name].settings)
    found = [usual]
    for name, setting in entry.settings.items():
        others = (not setting.default,) if setting.type is bool else _OTHERS.get(name, ())
        found += [{**usual, name: other} for other in others]
    return found


@dataclass
class Run:
    """A driver that is given an input; what it said and sent.

    Attributes:
        said: the items of each call. sent: what was sent. given: how many bytes it was given.
    """

    driver: Driver
    stamped: bool
    cut: int | None = None
    now: int = START
    said: list[list[Item]] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    given: int = 0

    def begin(self) -> None:
        if self.stamped:
            self.driver.opened(self.now)

    def do(self, piece: Piece, data: bytes) -> None:
        """One piece; its `data` are sealed already where they are to be."""
        self.now += piece.step
        if piece.act in (Act.WAIT, Act.SEALED_WAIT) and self.stamped:
            due = self.driver.wake()
            if due is not None and due > self.now:
                self.now = min(due, self.now + 24 * instant.HOUR)
        if piece.act is Act.OPENED and self.stamped:
            self.driver.opened(self.now)
        due = self.driver.wake()
        self.hear(data)
        if self.stamped and piece.act not in (Act.HEAR, Act.SEALED_HEAR, Act.FINISH):
            self.send(due)
        if piece.act is Act.FINISH:
            self.finish()

    def hear(self, data: bytes) -> None:
        at = self.now if self.stamped else None
        size = self.cut or len(data) or 1
        pieces = (data[place : place + size] for place in range(0, len(data), size))
        self.said.append([item for each in pieces for item in self.driver.receive(each, at)])
        self.given += len(data)

    def send(self, due: int | None) -> None:
        """As `devices.monitor` does it: a reply that did not come is told of when the next request was due."""
        for _ in range(SENDS_MOST):
            self.sent.append(self.driver.send(self.now))
            if due is not None and due <= self.now:
                self.said.append(self.driver.receive(b"", self.now))
            due = self.driver.wake()
            if due is None or due > self.now:
                return
        demand(False, "it wants to be woken at once, for ever", due)

    def finish(self) -> None:
        self.said.append(self.driver.finish(self.now if self.stamped else None))

    def check(self) -> None:
        """That all items are well-made, all counts right and nothing sent that may not be."""
        for item in chain.from_iterable(self.said):
            check_item(item, self.driver.name)
            demand(not self.stamped or START <= item.received <= self.now, "received at another time", item)
        check_counters(self.driver, self.given)
        if isinstance(self.driver, SaysFarewell):
            demand(len(self.driver.closing()) < RAW_MOST, "a long farewell", self.driver.closing())
        sent = b"".join(self.sent)
        demand(not CASES[self.driver.name].harmful(sent), "it sends something harmful", sent)


def check_item(item: Item, protocol: str) -> None:
    """That one item is well-made."""
    for moment in (item.time, item.received):
        demand(type(moment) is int and instant.EARLIEST <= moment <= instant.LATEST, "a time that is none", item)
    if isinstance(item, Reading):
        demand(item.signal in catalogue.protocol_named(protocol).signals, "a signal it does not offer", item)
        demand(item.unit == SIGNALS[item.signal].unit, "another unit than the signal's", item)
        demand(isinstance(item.status, Status), "a status that is none", item)
        demand((item.value is None) == (item.status in VALUELESS), "a value beside its status", item)
        demand(item.value is None or (type(item.value) is float and math.isfinite(item.value)), "no number", item)
        demand(item.source.startswith(f"{protocol}:") and item.source.isprintable(), "another's source", item)
        return
    demand(isinstance(item, Notice) and item.kind in KINDS, "a kind that is none", item)
    demand(0 < len(item.text) <= TEXT_MOST, "no text, or a long one", item)
    demand(len(item.code) <= TEXT_MOST, "a long code", item)
    demand(item.signal in ("", "NIBP", *SIGNALS), "a notice of no signal", item)
    demand(item.source.split(":")[0] == protocol, "another's notice", item)
    demand(type(item.raw) is bytes and len(item.raw) <= RAW_MOST, "raw bytes without a bound", item)
    # It goes to terminals, pages and databases: no NUL, no escape sequence, no half of a pair.
    demand(all(text.isprintable() for text in (item.text, item.code, item.source)), "unprintable", item)


def check_counters(driver: Driver, given: int) -> None:
    counted = driver.counters
    demand(counted.bytes_in == given, "bytes_in", (counted, given))
    demand(sum(counted.by_reason.values()) == counted.rejected, "reasons do not add up", counted)
    demand(len(counted.by_reason) <= REASONS_MOST, "too many reasons", counted)
    demand(0 <= counted.frames <= given and 0 <= counted.bytes_skipped <= given, "counters", (counted, given))


def made(protocol: str, setup: Setup) -> Driver:
    """A driver as the input wants it."""
    entry = catalogue.protocol_named(protocol)
    choices = variants(entry)
    driver = catalogue.create(protocol, choices[setup.variant % len(choices)])
    if not setup.stamped and setup.started:
        driver.assumed_start = START
    return driver


def run(protocol: str, setup: Setup, pieces: list[Piece], cut: int | None = None) -> Run:
    """Gives a new driver all `pieces`, each in one or in pieces of `cut` bytes, and ends them."""
    seal = seal_of(protocol)
    running = Run(made(protocol, setup), setup.stamped, cut)
    running.begin()
    for piece in pieces:
        sealed = piece.act >= Act.SEALED_HEAR and piece.data
        running.do(piece, seal(piece.data) if sealed else piece.data)
    running.finish()
    return running


def check(protocol: str, data: bytes) -> Run:
    """Checks one input.

    Raises:
        Broken: a promise was broken. Anything else: the driver raised it, which is the first promise broken.
    """
    setup, pieces = parse(data)
    whole = run(protocol, setup, pieces)
    whole.check()
    again = run(protocol, setup, pieces, setup.cut)
    demand(again.said == whole.said, "other items in other pieces", first_difference(again, whole))
    demand(again.driver.counters == whole.driver.counters, "other counters in other pieces", again.driver.counters)
    demand(again.sent == whole.sent, "other requests in other pieces", (again.sent, whole.sent))
    return whole


def first_difference(one: Run, other: Run) -> object:
    """The first item that is another: in pieces, and whole."""
    items = (chain.from_iterable(each.said) for each in (one, other))
    return next((pair for pair in zip_longest(*items) if pair[0] != pair[1]), "in other calls")


def check_repeated(protocol: str, data: bytes, slower: float = 1) -> None:
    """That an input again and again neither fills the memory nor takes ever longer. `slower`: how much the
    processor is slowed down by instruments.

    Raises:
        Broken: it does.
    """
    setup, pieces = parse(data)
    length = sum(len(piece.data) for piece in pieces) or 1
    turns = max(2, min(REPEATED_BYTES // length, REPEATED_PIECES // len(pieces)) if pieces else 2)
    many = [Piece(piece.act, min(piece.step, instant.MINUTE), piece.data) for piece in pieces] * turns
    for cut in (None, 1):
        begun = time.process_time()
        running = run(protocol, setup, many, cut)
        took = time.process_time() - begun
        allowed = 0.05 + slower * (running.given * SLOWEST_BYTE + len(many) * SLOWEST_PIECE)
        demand(took <= allowed, "it takes too long", (took, allowed, running.given, len(many)))
        running.check()
        demand(held(running.driver) <= HELD_MOST, "it holds too much", held(running.driver))
