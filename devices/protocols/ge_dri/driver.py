"""GE Datex-Ohmeda record interface (DRI): S/5, B-series and CARESCAPE monitors (GE DRI sheet).

The monitor says nothing until it is asked; asked once, it sends displayed values at the wished interval for good,
until it is switched off. So the driver asks on opening, and again when records stay away. Nothing it sends acts on a
patient: all it can ask for is records, and their end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo

from devices import instant
from devices.errors import SettingError
from devices.instant import MINUTE, SECOND
from devices.protocols.base import Counters
from devices.protocols.ge_dri.cuff import CuffWatch, Moment
from devices.protocols.ge_dri.frames import Framer, Good, Piece, Refused, Skipped, Stuffing, request_frame
from devices.protocols.ge_dri.records import (
    AUXILIARY,
    DISPLAYED,
    MAIN_TYPES,
    PHYSIOLOGICAL,
    REQUEST,
    TREND_10S,
    TREND_60S,
    Record,
    Request,
)
from devices.protocols.ge_dri.vitals import NAME, Vitals
from devices.reading import Item, Notice

SHORTEST_S, LONGEST_S = 5, 3_600
"""Intervals between displayed values that a monitor keeps, seconds; the longest is ours."""

MISSED = 3
"""So many intervals without displayed values, and the monitor is asked again; so many times, and it is said."""

RETRY = 10 * SECOND
OFFSET_TOLD = 30 * SECOND

_UNDATED_MOST = 100
"""Refused frames held back at most until a record tells the time."""

_KINDS_MOST = 100
"""Kinds of records whose counters are remembered at most: a monitor sends a few."""

_STALL = 3
"""Records that can come each second at most, for telling a lost record from a counter that was set."""

_REASONS = {
    "length": "its length is not the one it states",
    "checksum": "its sum is wrong",
    "subrecord": "a subrecord lies outside it",
    "aborted-escape": "it was broken off in the middle of an escape",
    "too-long": "it is longer than any record",
    "cut-off": "the bytes end in the middle of it",
}


class GeDri:
    """Driver of the protocol ``ge-dri``.

    Live, readings carry the instant they came at: the monitor's clock is local and of unknown zone, so it is used
    only to date the cuff, as a difference on that same clock. Bytes without stamps are dated by it, read in `zone`.

    Args:
        interval_s: seconds between records, 5 to 3600.
        zone: zone of the monitor's clock, a zone or its name.
        aux: ask for the cuff's time stamps as well.

    Raises:
        SettingError: an interval or a zone that cannot be.
    """

    name = NAME
    is_relative = False
    needs_start = False

    def __init__(self, interval_s: int = 5, zone: str | tzinfo = UTC, aux: bool = True) -> None:
        if not SHORTEST_S <= interval_s <= LONGEST_S:
            raise SettingError(
                f"the setting 'interval_s' cannot be {interval_s}: give {SHORTEST_S} to {LONGEST_S} seconds"
            )
        try:
            self.zone: tzinfo = instant.zone_named(zone) if isinstance(zone, str) else zone
        except ValueError as error:
            raise SettingError(f"the setting 'zone': {error}") from None
        self.counters = Counters()
        self.assumed_start: int | None = None
        self.interval = interval_s * SECOND
        self.quiet_after = MISSED * self.interval
        # Without a time stamp a fresh result is dated by its receipt, and it is called fresh for a minute.
        self.cuff_dating = MINUTE + self.interval
        self._interval_s = interval_s
        self._aux = aux
        self._framer = Framer()
        self._cuff = CuffWatch(self.interval)
        self._vitals = Vitals(self._cuff)
        self._queue: list[Item] = []
        self._undated: list[Piece] = []
        self._last: tuple[int, int, int] | None = None
        self._number_of_kind: dict[tuple[int, ...], int] = {}
        self._seen: int | None = None
        self._offset_told = False
        self._fresh = False
        self._due: int | None = None
        self._tries = 0
        self._lost_since: int | None = None

    # Bytes in.

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        """What the bytes say; see `devices.protocols.base.Driver`."""
        self.counters.bytes_in += len(data)
        items, self._queue = self._queue, []
        for piece in self._framer.feed(data):
            items += self._piece(piece, at)
        return items

    def finish(self, at: int | None) -> list[Item]:
        """The bytes have ended: what waits or is left half read is told now."""
        items, self._queue = self._queue, []
        for piece in self._framer.end():
            items += self._piece(piece, at)
        return [*items, *self._told_undated(0), *self._cuff.finish(at)]

    def _piece(self, piece: Piece, at: int | None) -> Iterator[Item]:
        if isinstance(piece, Good):
            yield from self._record(piece.record, at)
            return
        if isinstance(piece, Refused):
            self.counters.reject(piece.reason)
        else:
            self.counters.bytes_skipped += piece.count
        when = self._seen if at is None else at
        if when is None:
            # Nothing before it told the time: it is told with the first record that does.
            self._undated.append(piece)
            if len(self._undated) >= _UNDATED_MOST:
                yield from self._told_undated(0)
        else:
            yield from self._refusal(piece, when)

    def _told_undated(self, at: int) -> Iterator[Item]:
        undated, self._undated = self._undated, []
        for piece in undated:
            yield from self._refusal(piece, at)

    def _refusal(self, piece: Piece, at: int) -> Iterator[Item]:
        if isinstance(piece, Refused):
            text = f"a frame of {len(piece.raw)} bytes was refused: {_REASONS[piece.reason]}"
            yield Notice(at, at, "frame-rejected", text, code=piece.reason, source=NAME, raw=piece.raw)
        elif isinstance(piece, Skipped):
            text = f"{piece.count} bytes outside any frame were left out"
            yield Notice(at, at, "bytes-skipped", text, source=NAME, raw=piece.raw)

    # Records.

    def _record(self, record: Record, at: int | None) -> Iterator[Item]:
        types = tuple(sub.type for sub in record.subrecords)
        when = self._clock(record.time) if at is None else at
        if record.main_type == PHYSIOLOGICAL and types and types[0] == REQUEST:
            # Our own question, not an answer: a plug that joins transmit and receive must not pass for a monitor.
            text = "a request came back as it was sent: is this cable a loop-back plug, or another computer on it?"
            yield from self._vitals.once("echo", "ignored", text, when)
            return
        self.counters.frames += 1
        self._seen = when
        moment = Moment(when, record.time)
        yield from self._told_undated(when)
        yield from self._clock_notices(record, moment, live=at is not None)
        yield from self._order(record, types, moment)
        if record.main_type != PHYSIOLOGICAL:
            kind = MAIN_TYPES.get(record.main_type)
            told = "ignored" if kind else "unknown-parameter"
            text = f"records of the {kind or 'unknown'} kind ({record.main_type}) are left out"
            yield from self._vitals.once(f"main {record.main_type}", told, text, when, str(record.main_type))
            return
        if DISPLAYED in types:
            yield from self._answered(when)
        # The cuff's time stamp first: it may be of the result in the same record.
        for sub in sorted(record.subrecords, key=lambda sub: sub.type != AUXILIARY):
            if sub.type == AUXILIARY:
                yield from self._cuff.stamp(sub.time, moment)
            elif sub.type == DISPLAYED:
                yield from self._vitals.read(sub, moment)
            elif sub.type in (TREND_10S, TREND_60S):
                seconds = 10 if sub.type == TREND_10S else 60
                text = f"trends over {seconds} s are left out: they are not current values"
                yield from self._vitals.once(f"trend {seconds}", "ignored", text, when, str(sub.type))
            else:
                text = f"subrecords of type {sub.type} are not known"
                yield from self._vitals.once(f"type {sub.type}", "unknown-parameter", text, when, str(sub.type))

    def _clock(self, seconds: int) -> int:
        """The monitor's local clock as an instant. Of an hour that comes twice, the first is meant."""
        if self.zone is UTC:
            return seconds * SECOND
        local = datetime(1970, 1, 1) + timedelta(seconds=seconds)  # noqa: DTZ001 - local time of `zone`
        try:
            return instant.from_datetime(instant.localize(local, self.zone))
        except ValueError:
            return instant.from_datetime(local.replace(tzinfo=self.zone))

    def _clock_notices(self, record: Record, moment: Moment, live: bool) -> Iterator[Item]:
        if not live:
            text = f"the bytes carry no times: the monitor's own clock was taken, read in {self.zone}"
            yield from self._vitals.once("time", "time-assumed", text, moment.at)
            return
        offset = self._clock(record.time) - moment.at
        if abs(offset) > OFFSET_TOLD and not self._offset_told:
            self._offset_told = True
            way = "ahead of" if offset > 0 else "behind"
            seconds = abs(offset) // SECOND
            text = f"the monitor's clock, read in {self.zone}, is {seconds} s {way} this machine's; ours is used"
            yield Notice(moment.at, moment.at, "clock-offset", text, code=str(offset // SECOND), source=NAME)

    def _order(self, record: Record, types: tuple[int, ...], moment: Moment) -> Iterator[Item]:
        """Whether records were lost, or the monitor started anew."""
        kind = (record.main_type, *types)
        before, number = self._last, record.number
        of_kind = self._number_of_kind.get(kind)
        self._last = (number, record.time, moment.at)
        if len(self._number_of_kind) >= _KINDS_MOST:
            self._number_of_kind.clear()
        self._number_of_kind[kind] = number
        if before is None:
            return
        step, passed = (number - before[0]) % 256, record.time - before[1]
        # Whether all records are counted together or each kind on its own is not said: either makes a sequence.
        in_order = step == 1 or of_kind is None or (number - of_kind) % 256 == 1
        at = moment.at
        if passed < 0:
            self._cuff.clock_moved()
            if in_order:
                text = f"the monitor's clock was set back by {-passed} s"
                yield Notice(at, at, "clock-offset", text, code=str(passed), source=NAME)
            else:
                text = f"the monitor started anew: its clock went back by {-passed} s and its counter jumped"
                yield Notice(at, at, "device-restarted", text, code=str(passed), source=NAME)
        elif not in_order and step > _STALL * (passed + 2):
            text = f"the monitor's record counter jumped from {before[0]} to {number}: it was probably restarted"
            yield Notice(at, at, "device-restarted", text, code=str(number), source=NAME)
        elif not in_order:
            text = f"record {number} came after record {before[0]}: {(step - 1) % 256} were sent that did not come"
            yield Notice(at, at, "sequence-gap", text, code=str((step - 1) % 256), source=NAME)

    # Bytes out.

    def opened(self, at: int) -> None:
        """The port is open: the wire's own bytes come, and the monitor is asked anew."""
        self._framer = Framer(Stuffing.WIRE)
        self._last = None
        self._offset_told = False
        self._number_of_kind.clear()
        self._fresh, self._due, self._tries = True, at, 0

    def send(self, at: int) -> bytes:
        """The requests due at `at`: all on opening, those for records again while none come."""
        if self._due is None or at < self._due:
            return b""
        wanted = self._wanted(self._interval_s)
        if self._fresh:
            self._fresh, self._tries = False, 1
            self._due = at + MISSED * self.interval
            return _frames([*(Request(type, 0) for type in (DISPLAYED, TREND_10S, TREND_60S)), *wanted])
        if self._tries == MISSED and self._lost_since is None:
            self._lost_since = at
            text = f"the monitor does not answer: asked {self._tries} times; it will be asked again and again"
            self._queue.append(Notice(at, at, "not-answering", text, source=NAME))
        self._tries += 1
        # A request may start the monitor's interval anew: never ask again before a record can have come.
        self._due = at + (MISSED * self.interval if self._tries <= MISSED else max(RETRY, 2 * self.interval))
        return _frames(wanted)

    def wake(self) -> int | None:
        """The instant at which `send` is due next; None before the port was opened."""
        return self._due

    def closing(self) -> bytes:
        """What to send before the port is closed for good: the end of what was asked for."""
        return _frames(self._wanted(0))

    def _wanted(self, interval_s: int) -> list[Request]:
        types = (DISPLAYED, AUXILIARY) if self._aux else (DISPLAYED,)
        return [Request(type, interval_s) for type in types]

    def _answered(self, at: int) -> Iterator[Item]:
        """Displayed values came: the next are due within three intervals."""
        if self._due is not None and not self._fresh:
            self._tries, self._due = 0, at + MISSED * self.interval
        if self._lost_since is not None:
            seconds = (at - self._lost_since) // SECOND
            self._lost_since = None
            yield Notice(at, at, "device-event", f"the monitor answers again, after {seconds} s", source=NAME)


def _frames(requests: Iterable[Request]) -> bytes:
    return b"".join(request_frame(request) for request in requests)
