"""A virtual GE monitor: silent until asked, then records of what its bedside observes (GE DRI sheet, section 8).

It has the habits a driver must bear: garbage in unused list entries, codes instead of numbers, a clock that shows
local time, a cuff result that stays on show, a time stamp of the cuff in records of its own.
"""

from __future__ import annotations

import struct
from datetime import tzinfo

from msgspec import Struct

from devices import instant
from devices.instant import SECOND
from devices.protocols.ge_dri import records
from devices.protocols.ge_dri.frames import Framer, Good, Stuffing, wrap
from devices.protocols.ge_dri.records import Request
from devices.protocols.ge_dri.values import INVALID, NOT_UPDATED
from devices.virtual.device import Bedside, Cuff, Observation

LEVEL = 10
SHORTEST_S = 5
_TREND_S = {records.TREND_10S: 10, records.TREND_60S: 60}
_GARBAGE = bytes.fromhex("bdbdff")
_OLD_AFTER = 60 * SECOND

_ON, _INACTIVE, _ABSENT = 3, 1, 0
_ECG_SOURCE_ECG = 1 << 3
_ECG_ALL_OFF = 1 << 11 | 1 << 12 | 1 << 13
_ECG_LABEL = 0x2200
_MEASURING, _OLD = 1 << 5, 1 << 8


class _Stream(Struct):
    """One type of record that was asked for: when the next is due, and every how many microseconds."""

    due: int
    every: int
    classes: int


class GeDriDevice:
    """The monitor's side of the protocol ``ge-dri``.

    Args:
        bedside: who lies there.
        zone: zone of the monitor's clock; None: this machine's own, as a monitor's clock shows the clinic's time.
    """

    def __init__(self, bedside: Bedside, zone: tzinfo | None = None) -> None:
        self._bedside = bedside
        self._zone = zone
        self._framer = Framer(Stuffing.WIRE)
        self._streams: dict[int, _Stream] = {}
        self._single: dict[int, int] = {}
        self._number = 0
        self._rates: list[int] = []

    def receive(self, data: bytes, at: int) -> bytes:
        """Requests from the host. There is no acknowledgement: the records are the answer."""
        answer = b""
        for piece in self._framer.feed(data):
            if not isinstance(piece, Good) or piece.record.main_type != records.PHYSIOLOGICAL:
                continue
            for sub in piece.record.subrecords:
                if sub.type == records.REQUEST:
                    answer += self._asked(records.read_request(sub), at)
        return answer

    def tick(self, at: int) -> bytes:
        """The records due up to `at`; those that would have come while nobody ticked are not made up."""
        sent = b""
        for type in sorted(self._streams):
            stream = self._streams[type]
            if at < stream.due:
                continue
            sent += self._record(type, stream.classes, at)
            stream.due += stream.every * ((at - stream.due) // stream.every + 1)
        return sent

    def _asked(self, request: Request, at: int) -> bytes:
        if request.type not in (records.DISPLAYED, records.TREND_10S, records.TREND_60S, records.AUXILIARY):
            return b""
        if request.interval == 0:
            self._streams.pop(request.type, None)
            return b""
        if request.interval == -1:
            before = self._single.get(request.type)
            if before is not None and at - before < SHORTEST_S * SECOND:
                return b""
            self._single[request.type] = at
            return self._record(request.type, request.classes, at)
        every = request.interval
        if request.type in _TREND_S:
            if records.DISPLAYED not in self._streams or every < 0:
                return b""
            every = _TREND_S[request.type]
        elif every < SHORTEST_S:
            return b""
        self._streams[request.type] = _Stream(at, every * SECOND, request.classes)
        return b""

    def _record(self, type: int, classes: int, at: int) -> bytes:
        seen = self._bedside.observe(at)
        subs = [self._auxiliary(seen.cuff)] if type == records.AUXILIARY else self._values(type, classes, seen, at)
        entries, data = b"", b""
        for sub in subs:
            entries += records.entry(len(data), type)
            data += sub
        entries += _GARBAGE * (8 - len(subs))
        length = records.HEADER + len(data)
        head = records.header(length, self._number, LEVEL, self._clock(at), records.PHYSIOLOGICAL, entries)
        self._number = (self._number + 1) % 256
        return wrap(head + data)

    def _clock(self, at: int) -> int:
        """Seconds since 1970 as the monitor's wall clock, local time, has them."""
        moment = instant.to_datetime(at)
        offset = (moment.astimezone(self._zone)).utcoffset()
        return at // SECOND + (0 if offset is None else round(offset.total_seconds()))

    def _auxiliary(self, cuff: Cuff) -> bytes:
        stamp = 0 if cuff.time is None else self._clock(cuff.time)
        return struct.pack("<IhIIh", stamp, 0, 0, 0, 0).ljust(records.SIZES[records.AUXILIARY], b"\0")

    def _values(self, type: int, classes: int, seen: Observation, at: int) -> list[bytes]:
        wanted = [] if classes & records.DENY_BASIC else [(records.BASIC, self._basic(seen, at))]
        for bit, kind, data in (
            (records.WANT_EXT1, records.EXT1, _EXT1),
            (records.WANT_EXT2, records.EXT2, _NOTHING),
            (records.WANT_EXT3, records.EXT3, _NOTHING),
        ):
            if classes & bit:
                wanted.append((kind, data))
        clock = self._clock(at)
        return [struct.pack("<I270sBBH", clock, data, 0, 0, kind << 8 | LEVEL << 4 | type) for kind, data in wanted]

    def _basic(self, seen: Observation, at: int) -> bytes:
        data = bytearray(_BASIC)
        struct.pack_into("<IH5h", data, 0, *self._ecg(seen))
        if seen.abp is not None:
            pressures = (100 * value for value in seen.abp)
            struct.pack_into("<IH4h", data, 16, _ON, 1, *pressures, _or_code(seen.pr))
        struct.pack_into("<IH4h", data, 72, *_cuff(seen.cuff, at))
        temperature = _INACTIVE if seen.temp is None else _ON
        struct.pack_into("<IHh", data, 86, temperature, 11, _or_code(seen.temp, 100))
        oximeter = _INACTIVE if seen.spo2 is None and seen.pr is None else _ON
        infrared = NOT_UPDATED if oximeter == _INACTIVE else 250
        struct.pack_into(
            "<IH4h", data, 118, oximeter, 0, _or_code(seen.spo2, 100), _or_code(seen.pr), infrared, INVALID
        )
        struct.pack_into("<3h", data, 226, *self._extremes(seen.hr))
        return bytes(data)

    def _ecg(self, seen: Observation) -> tuple[int, ...]:
        st = (INVALID, INVALID, INVALID)
        if seen.hr is not None:
            return _ON | _ECG_SOURCE_ECG, _ECG_LABEL, seen.hr, *st, _or_code(seen.rr, 1, INVALID)
        return _INACTIVE | _ECG_ALL_OFF, _ECG_LABEL, NOT_UPDATED, *st, NOT_UPDATED

    def _extremes(self, hr: int | None) -> tuple[int, int, int]:
        """The ECG's rate, and its highest and lowest of the last twelve records."""
        if hr is None:
            self._rates.clear()
            return NOT_UPDATED, NOT_UPDATED, NOT_UPDATED
        self._rates = [*self._rates[-11:], hr]
        return hr, max(self._rates), min(self._rates)


def _or_code(value: float | None, scale: int = 1, code: int = NOT_UPDATED) -> int:
    return code if value is None else round(value * scale)


def _cuff(cuff: Cuff, at: int) -> tuple[int, ...]:
    label = 0
    shown = None if cuff.measuring or cuff.sys is None else (cuff.sys, cuff.dia, cuff.mean)
    if cuff.measuring:
        label = _MEASURING
    elif cuff.time is not None and at - cuff.time > _OLD_AFTER:
        label = _OLD
    if shown is None:
        return _ON, label, INVALID, INVALID, INVALID, INVALID
    return _ON, label, *(_or_code(value, 100, INVALID) for value in shown), _or_code(cuff.pulse, 1, INVALID)


def _groups(size: int, *groups: tuple[int, int, int]) -> bytes:
    """Class data in which every listed group (offset, label, number of values) is of a module that is not there."""
    data = bytearray(size)
    for offset, label, count in groups:
        struct.pack_into(f"<IH{count}h", data, offset, _ABSENT, label, *(count * [INVALID]))
    return bytes(data)


_BASIC = _groups(
    270,
    (16, 1, 4), (30, 2, 4), (44, 11, 4), (58, 12, 4), (86, 11, 1), (94, 12, 1), (102, 13, 1), (110, 14, 1),
    (132, 9, 4), (146, 0, 2), (156, 0, 2), (166, 1, 3), (178, 0, 8), (200, 0, 4), (214, 0, 3), (232, 0, 1),
    (240, 13, 4), (254, 14, 4),
)  # fmt: skip
"""The basic class of a monitor without any module: what the bedside has is written over it."""

_EXT1 = _groups(270, (0, 0, 21), (48, 0, 12), (78, 20, 4), (92, 21, 4), (106, 0, 4), (120, 0, 1), (128, 0, 1))
_NOTHING = struct.pack("<135h", *(135 * [INVALID]))
