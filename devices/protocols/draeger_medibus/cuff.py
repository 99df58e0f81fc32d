"""When a MEDIBUS device has a new cuff measurement: it shows the last one with its age in whole minutes, or without.

The sheet gives the codes (section 5) and nothing on how they behave; the rules here are inferred from what they say.
"""

from __future__ import annotations

from msgspec import Struct

from devices.instant import MINUTE, SECOND
from devices.reading import Status

Triple = tuple[float | None, float | None, float | None]
"""Systolic, diastolic, mean, mmHg."""

WATCHED = 10 * SECOND
"""Looks no further apart than this leave no measurement unseen."""

CONFIRMED = 2
"""An age that went back must stay so for so many looks: the numbers may follow it a little later."""


class _Look(Struct):
    at: int
    triple: Triple
    age: int | None


class CuffWatch:
    """Tells each measurement once: when a number changes, when it comes back from none, when its age goes back."""

    def __init__(self) -> None:
        self._last: _Look | None = None
        self._ahead: int | None = None  # when numbers changed without their age: it follows, and is nothing new
        self._dropped: tuple[int, int] | None = None  # when the age went back, and looks since

    def look(self, triple: Triple, age: int | None, at: int) -> tuple[Status, int] | None:
        """What the values shown are worth and when they were measured, if they are a new measurement.

        Args:
            age: minutes since the measurement, None if the device does not say.
        """
        before, self._last = self._last, _Look(at, triple, age)
        if triple[0] is None and triple[1] is None:
            self._dropped = None
            return None
        watched = before is not None and at - before.at <= WATCHED
        if before is None or before.triple != triple:
            self._dropped = self._ahead = None
            if age is None:
                return (Status.OK if watched else Status.AGE_UNKNOWN), at
            if watched and before is not None and before.age is not None and age >= before.age:
                # Seen to change, it is of now, whatever age is still shown.
                self._ahead = at
                return Status.OK, at
            return Status.OK, at - age * MINUTE
        return self._again(before, age, at, watched)

    def _again(self, before: _Look, age: int | None, at: int, watched: bool) -> tuple[Status, int] | None:
        """The same numbers as before: new only if their age says so."""
        if age is None or before.age is None:
            return None
        if not watched and at - age * MINUTE > before.at + MINUTE:
            return Status.OK, at - age * MINUTE
        if age < before.age and (self._ahead is None or at - self._ahead > WATCHED):
            self._dropped = (at - age * MINUTE, 0)
            return None
        if self._dropped is None:
            return None
        measured, looks = self._dropped
        self._dropped = (measured, looks + 1)
        if looks + 1 < CONFIRMED:
            return None
        self._dropped = None
        return Status.OK, measured
