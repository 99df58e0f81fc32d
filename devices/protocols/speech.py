"""How a driver says what it has read: Readings with the signal's unit, Notices told once, refusals counted."""

from __future__ import annotations

from devices.protocols.base import Counters
from devices.protocols.framing import Refused, Skipped
from devices.reading import VALUELESS, Item, Notice, Reading, Status
from devices.signals import SIGNALS

TOLD_MOST = 200
"""So many different things are told once; noise that passes for frames could name any number of them."""


def printable(text: str) -> str:
    """`text` as it may be shown and stored: what a device sends can hold control characters, which would act on a
    terminal and which not every database takes."""
    return text if text.isprintable() else "".join(each if each.isprintable() else "\ufffd" for each in text)


class Speech:
    """Makes the items of one driver.

    Args:
        name: the protocol's, the first part of every source.
        counters: where refusals are counted.
    """

    def __init__(self, name: str, counters: Counters) -> None:
        self._name = name
        self._counters = counters
        self._told: set[str] = set()
        self._states: dict[str, str] = {}

    def reading(
        self, signal: str, value: float | None, status: Status, at: int, own: str, measured: int | None = None
    ) -> Reading:
        """A reading as it is: `value` is given exactly where `status` has one.

        Args:
            at: when it was received; `measured`: when it was measured, if not then. own: its name in the protocol.
        """
        number = None if value is None or status in VALUELESS else float(value)
        time = at if measured is None else measured
        return Reading(time, at, signal, number, SIGNALS[signal].unit, status, f"{self._name}:{printable(own)}")

    def number(
        self,
        signal: str,
        value: float,
        at: int,
        own: str,
        *,
        status: Status = Status.OK,
        limits: tuple[float, float] | None = None,
        measured: int | None = None,
    ) -> Reading:
        """A number the device measured. Outside `limits` (default: the signal's plausible range) an `ok` or
        `unverified` one becomes `range`: flagged, kept."""
        low, high = limits or (SIGNALS[signal].low, SIGNALS[signal].high)
        if status in (Status.OK, Status.UNVERIFIED) and not low <= value <= high:
            status = Status.RANGE
        return self.reading(signal, value, status, at, own, measured)

    def notice(
        self, kind: str, text: str, at: int, *, signal: str = "", code: str = "", own: str = "", raw: bytes = b"",
        measured: int | None = None,
    ) -> Notice:  # fmt: skip
        """A notice of a kind in `devices.reading.KINDS`. What is not printable in its texts is replaced."""
        source = f"{self._name}:{printable(own)}" if own else self._name
        time = at if measured is None else measured
        return Notice(time, at, kind, printable(text), signal, printable(code), source, raw)

    def once(self, key: str, notice: Notice) -> list[Item]:
        """`notice`, the first time `key` is told; nothing after that, nor after TOLD_MOST keys."""
        if key in self._told or len(self._told) >= TOLD_MOST:
            return []
        self._told.add(key)
        return [notice]

    def changed(self, what: str, state: str) -> bool:
        """Whether `what` is in another state than when last asked; a first state "" is no change."""
        before, self._states[what] = self._states.get(what, ""), state
        return before != state

    def refused(self, piece: Refused, at: int) -> Notice:
        """Counts a refused frame and tells of it with its bytes."""
        self._counters.reject(piece.reason)
        text = f"a frame of {len(piece.data)} bytes was refused: {piece.reason}"
        return self.notice("frame-rejected", text, at, code=piece.reason, raw=piece.data)

    def skipped(self, piece: Skipped, at: int) -> Notice:
        """Counts bytes outside any frame and tells of them."""
        self._counters.bytes_skipped += piece.count
        text = f"{piece.count} bytes outside any frame were left out"
        return self.notice("bytes-skipped", text, at, raw=piece.data)
