"""What the PRO 1000's binary output says, as Readings and Notices (DINAMAP sheet, section 7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import tzinfo

from devices import instant
from devices.instant import SECOND
from devices.protocols.base import Counters
from devices.protocols.dinamap.pro1000 import BLOCK, Alarm, Event, Lost, Pro1000, Rate, Stray
from devices.reading import Item, Notice, Reading, Status

SOURCE = "dinamap"
_LOW, _HIGH = 25, 300
_HELD = 256
"""Events that wait for the first clock at most."""


class NativeOutput:
    """One stream of blocks, dated and told.

    Attributes:
        needs_start: bytes without stamps and without a clock came, and nobody said when they began.
    """

    def __init__(self) -> None:
        self._blocks = Pro1000()
        self._time: int | None = None
        self._told_clock = False
        self._held: list[Event] | None = []
        self.needs_start = False

    @property
    def found(self) -> bool:
        """Whether a whole block came: no text can look like one, its last byte would not be ASCII."""
        return self._blocks.blocks > 0

    def opened(self) -> None:
        """The port was opened anew."""
        self._blocks.opened()

    def feed(self, data: bytes, at: int | None) -> list[Event]:
        return self._blocks.feed(data, wait_for_clock=at is None)

    def end(self) -> list[Event]:
        """What is left when no more bytes come, what waits for a clock among it."""
        held, self._held = self._held or [], None
        return [*held, *self._blocks.end()]

    def items(
        self, events: Iterable[Event], at: int | None, zone: tzinfo, start: int | None, counters: Counters
    ) -> Iterator[Item]:
        """`events` as items; `counters` is brought up to date.

        Without `at` the device's clock, read in `zone`, dates them; where that did not come, `start` and the seconds.
        """
        counters.frames = self._blocks.blocks
        for event in events:
            for dated in self._dated(event, at, zone):
                yield from self._item(dated, at, zone, start, counters)

    def _dated(self, event: Event, at: int | None, zone: tzinfo) -> list[Event]:
        """The events that can be dated now. The first second is often empty: it is dated back from the next one."""
        if at is not None or self._held is None:
            return [event]
        held = self._held
        held.append(event)
        clock = event.clock if isinstance(event, Rate) else None
        if clock is None and len(held) < _HELD:
            return []
        if clock is not None:
            rates = sum(isinstance(each, Rate) for each in held)
            self._time = instant.from_datetime(clock.replace(tzinfo=zone)) - rates * SECOND
        self._held = None
        return held

    def _item(
        self, event: Event, at: int | None, zone: tzinfo, start: int | None, counters: Counters
    ) -> Iterator[Item]:
        if isinstance(event, Rate):
            yield from self._rate(event, at, zone, start)
            return
        moment = at if at is not None else self._time if self._time is not None else start or 0
        if isinstance(event, Alarm):
            text = f"the monitor raises its {event.level} alarm" if event.level else "the monitor's alarm is over"
            yield Notice(moment, moment, "device-event", text, code=event.level or "none", source=SOURCE)
        elif isinstance(event, Lost):
            text = f"{event.count} blocks were lost"
            yield Notice(moment, moment, "sequence-gap", text, code=str(event.count), source=SOURCE)
        elif isinstance(event, Stray) and event.count < BLOCK:
            counters.bytes_skipped += event.count
            text = f"{event.count} bytes are part of no block"
            yield Notice(moment, moment, "bytes-skipped", text, source=SOURCE, raw=event.raw)
        else:
            counters.reject("checksum")
            text = f"{event.count} bytes were refused: their check bytes or CRC are wrong"
            yield Notice(moment, moment, "frame-rejected", text, code="checksum", source=SOURCE, raw=event.raw)

    def _rate(self, rate: Rate, at: int | None, zone: tzinfo, start: int | None) -> Iterator[Item]:
        if at is not None:
            self._time = at
        elif rate.clock is not None:
            self._time = instant.from_datetime(rate.clock.replace(tzinfo=zone))
            yield from self._assumed(f"the bytes carry no times: the monitor's own clock was taken, read in {zone}")
        elif self._time is not None:
            self._time += SECOND
        else:
            self._time = start or 0
            self.needs_start = start is None
            yield from self._assumed("the bytes carry no times: one numeric record a second was assumed")
        value, status = float(rate.value), Status.OK
        if rate.value == 0:
            yield Reading(self._time, self._time, "HR", None, "/min", Status.ZERO, f"{SOURCE}:ecg.hr")
            return
        if not _LOW <= rate.value <= _HIGH:
            status = Status.RANGE
        yield Reading(self._time, self._time, "HR", value, "/min", status, f"{SOURCE}:ecg.hr")

    def _assumed(self, text: str) -> Iterator[Item]:
        if not self._told_clock and self._time is not None:
            self._told_clock = True
            yield Notice(self._time, self._time, "time-assumed", text, source=SOURCE)
