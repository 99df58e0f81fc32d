"""Cuff values of an export to cuff measurements: a monitor that shows the last value again has measured once.

A determination takes about half a minute, so an equal value that comes sooner than that after the last one is the
same measurement shown again; equal values minutes apart are two measurements.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from msgspec import Struct

from devices import instant

RESENT = 10 * instant.SECOND
"""Within this time an equal value is a repeat (recorded-files sheet, Vital Recorder section)."""

SHORTEST = 30 * instant.SECOND
"""No cuff measures more often: in a table with rows closer than this, equal values in neighbouring rows repeat."""


class Shown(Struct, frozen=True):
    """Cuff values shown together: when, in which row, the value by signal."""

    time: int
    row: int
    values: Mapping[str, float]


class Measured(Struct, frozen=True):
    """One measurement: first shown as `shown`, and then `repeats` times more, the last time at `until`."""

    shown: Shown
    repeats: int
    until: int

    @property
    def stayed(self) -> bool:
        """It was shown again at a later time, as a monitor's screen does; a row written twice is no such thing."""
        return self.until > self.shown.time


def reach(times: Sequence[int]) -> int:
    """How long after the last time a table with rows at `times` (sorted) shows an equal value as a repeat."""
    steps = sorted(later - earlier for earlier, later in itertools.pairwise(times) if later > earlier)
    if not steps:
        return RESENT
    median = steps[len(steps) // 2]
    # One and a half steps: neighbouring rows, with some unevenness, but not across a missing one.
    return max(RESENT, median * 3 // 2) if median <= SHORTEST else RESENT


def measurements(shown: Sequence[Shown], within: int = RESENT) -> list[Measured]:
    """The measurements behind `shown` (by time): equal values at most `within` after the last showing are one.

    A monitor may show sys, dia and mean at moments of their own: what does not contradict the measurement shown
    last belongs to it, and a value that was still missing joins it if it comes soon after its beginning.
    """
    found: list[Measured] = []
    last = 0
    for one in shown:
        now = _joined(found[-1], one, within) if found and one.time - last <= within else None
        if now is None:
            found.append(Measured(one, 0, one.time))
        else:
            found[-1] = now
        last = one.time
    return found


def _joined(measured: Measured, shown: Shown, within: int) -> Measured | None:
    """`measured` with what was `shown` after it; None if that is another measurement."""
    held = measured.shown
    if any(held.values.get(signal, value) != value for signal, value in shown.values.items()):
        return None
    known = shown.values.keys() & held.values.keys()
    if known == shown.values.keys():
        return Measured(held, measured.repeats + 1, shown.time)
    if shown.time - held.time > within:
        return None
    until = shown.time if known else measured.until
    return Measured(Shown(held.time, held.row, {**held.values, **shown.values}), measured.repeats + bool(known), until)
