"""A finished session reduced to what the rules look at: valid cuff measurements and the medians of epochs.

No threshold has a say in the reduction, so it is done once a session, kept packed, and judged by any number of sets.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

import numpy as np
from msgspec import Struct

from dashboard.rises.arrays import Instants, Recording, Values
from dashboard.rises.epoch_medians import epoch_medians
from dashboard.rises.timeline import ClosedTimeline, Timeline
from dashboard.rises.validity import VERSION

FORM = 1
"""Counts up when the bytes of `pack` change."""

_HEAD = struct.Struct("<HH6q5I")
_NONE = -(1 << 63)
_MANUAL = ("SBP", "DBP", "HR")


class Columns(Struct, frozen=True):
    """One session up to its end.

    Attributes:
        timeline: with t0. cuff_time: instants of the valid measurements, ascending; sbp, dbp: theirs, mmHg.
        rate_number, saturation_number: of the epochs with a value, ascending; epoch 0 starts at t0.
        rate_value, saturation_value: their medians, /min and %.
        manual: baselines entered by a person, by SBP, DBP, HR.
    """

    timeline: ClosedTimeline
    cuff_time: Instants
    sbp: Values
    dbp: Values
    rate_number: Instants
    rate_value: Values
    saturation_number: Instants
    saturation_value: Values
    manual: Mapping[str, float]

    @property
    def t0(self) -> int:
        t0 = self.timeline.timeline.t0
        assert t0 is not None  # `reduce` refuses a session without
        return t0


def reduce(recording: Recording, timeline: Timeline, manual: Mapping[str, float] | None = None) -> Columns:
    """The columns of a session. What lies after its end is left out.

    Raises:
        ValueError: the timeline has no t0.
    """
    if timeline.t0 is None:
        raise ValueError("a session without a start of the drug has no rises to judge")
    closed = timeline.closed(recording.last if recording.last is not None else timeline.t0)
    cuffs, end = recording.cuffs, closed.session_end
    upto = int(np.searchsorted(cuffs.time, end, "right"))
    valid = cuffs.valid[:upto]
    used = slice(0, upto) if valid.all() else np.flatnonzero(valid)
    return Columns(
        closed,
        cuffs.time[used],
        cuffs.sbp[used],
        cuffs.dbp[used],
        *epoch_medians(recording.rates, timeline.t0, end),
        *epoch_medians(recording.saturations, timeline.t0, end),
        dict(manual or {}),
    )


def pack(columns: Columns) -> bytes:
    """The columns as bytes, to the last bit; `unpack` gives them back."""
    closed, timeline = columns.timeline, columns.timeline.timeline
    times = (timeline.t0, timeline.infusion_end, timeline.planned_end, timeline.session_end)
    flags = closed.infusion_end_assumed | closed.session_end_assumed << 1
    manual = [columns.manual.get(signal, np.nan) for signal in _MANUAL]
    arrays = (columns.cuff_time, columns.rate_number, columns.saturation_number)
    head = _HEAD.pack(
        FORM, flags, *(_NONE if time is None else time for time in times), closed.session_end, closed.infusion_end,
        *(len(array) for array in arrays), len(manual), VERSION,
    )  # fmt: skip
    values = (columns.sbp, columns.dbp, columns.rate_value, columns.saturation_value, np.array(manual))
    # Differences of instants and of epoch numbers repeat, and so deflate to almost nothing.
    body = b"".join(np.diff(array, prepend=0).astype("<i8").tobytes() for array in arrays)
    return head + zlib.compress(body + b"".join(each.astype("<f8").tobytes() for each in values), 1)


def unpack(packed: bytes) -> Columns | None:
    """What `pack` was given; None if it was made by another version of the form or of the rules of validity."""
    if len(packed) < _HEAD.size:
        return None
    form, flags, *rest = _HEAD.unpack_from(packed)
    t0, infusion_end, planned_end, last, session_end, closed_infusion_end = rest[:6]
    cuffs, rates, saturations, manual, validity = rest[6:]
    if (form, validity) != (FORM, VERSION):
        return None
    body = zlib.decompress(packed[_HEAD.size :])
    lengths = (cuffs, rates, saturations, cuffs, cuffs, rates, saturations, manual)
    columns, place = [], 0
    for number, length in enumerate(lengths):
        columns.append(np.frombuffer(body, "<i8" if number < 3 else "<f8", length, place))
        place += 8 * length
    known = (None if time == _NONE else time for time in (t0, infusion_end, planned_end, last))
    cuff_time, rate_number, saturation_number = (np.cumsum(column) for column in columns[:3])
    return Columns(
        ClosedTimeline(Timeline(*known), session_end, closed_infusion_end, bool(flags & 1), bool(flags & 2)),
        cuff_time,
        columns[3],
        columns[4],
        rate_number,
        columns[5],
        saturation_number,
        columns[6],
        {name: value for name, value in zip(_MANUAL, columns[7].tolist(), strict=True) if value == value},
    )
