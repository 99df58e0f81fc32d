"""When an IVY 450C has measured with the cuff: its numbers repeat in every message and carry no time.

Other devices sheet, section A: a measurement is new when a number changes or the state digit does.
"""

from __future__ import annotations

from devices.reading import Status

Numbers = tuple[float | None, ...]
"""Systolic, diastolic, mean (mmHg), pulse (/min)."""


class CuffWatch:
    """Tells a new measurement from one that is shown again."""

    def __init__(self) -> None:
        self._numbers: Numbers | None = None
        self._states: set[str] = set()

    def take(self, state: str, numbers: Numbers, after_gap: bool) -> Status | None:
        """What the numbers shown are worth if they are a new measurement, None if they are an old one or none.

        The first ones, and ones that changed while nothing was heard (`after_gap`), are of unknown age. What the
        state digit means is not known: the same four numbers under another digit are told, but as `questionable`,
        since a measurement that is told twice would confirm itself.
        """
        before, self._numbers = self._numbers, numbers
        if numbers != before:
            self._states = {state}
            if numbers[0] is None and numbers[1] is None:
                return None
            return Status.AGE_UNKNOWN if before is None or after_gap else Status.UNVERIFIED
        if state in self._states:
            return None
        self._states.add(state)
        return None if numbers[0] is None and numbers[1] is None else Status.QUESTIONABLE
