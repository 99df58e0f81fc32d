"""One cuff measurement as a monitor shows it, again in every message, told once (HL7 sheet, section 4)."""

from __future__ import annotations

from collections import OrderedDict
from itertools import pairwise

from msgspec import Struct, field

from devices.instant import SECOND
from devices.reading import VALUELESS, Status
from devices.signals import NIBP, SIGNALS

Shown = tuple[float | None, Status]
"""A value and what it is worth."""

SHOWN_AGAIN = 90 * SECOND
"""Equal values dated with their message that come sooner are the same measurement shown again."""

_KEPT = 16


class Determination(Struct):
    """The rows of one message that belong to one measurement.

    Attributes:
        device: when it was measured, an instant of the sender's clock; None if it does not say.
        is_now: that time is the message's own: it may be no measuring time at all.
        values: by own name (``nibp.sys`` ..): value and status. corrected: a row says that it corrects an earlier one.
        code: what a row without value holds instead.
    """

    device: int | None
    is_now: bool
    values: dict[str, Shown] = field(default_factory=dict)
    corrected: bool = False
    code: str = ""

    @property
    def pressures(self) -> dict[str, Shown]:
        return {own: shown for own, shown in self.values.items() if own != "nibp.pr"}

    @property
    def is_empty(self) -> bool:
        """No pressure has a number. A pulse alone is no measurement that failed."""
        return bool(self.pressures) and all(value is None for value, _ in self.pressures.values())

    def judged(self) -> dict[str, Shown]:
        """The values as they are told: a systolic that is not above the diastolic, or a mean not between, makes all of
        them `range`; a pressure that the measurement lacks is `invalid`, but for the mean."""
        given = dict(self.values)
        if not self.pressures:
            return given
        in_order = [given[own][0] for own in ("nibp.sys", "nibp.mean", "nibp.dia") if own in given]
        there = [value for value in in_order if value is not None]
        is_odd = any(higher <= lower for higher, lower in pairwise(there))
        for own, signal in zip(("nibp.sys", "nibp.dia", "nibp.mean"), NIBP, strict=True):
            value, status = given.get(own, (None, Status.INVALID))
            if value is not None and status in (Status.OK, Status.UNVERIFIED):
                known = SIGNALS[signal]
                status = Status.RANGE if is_odd or not known.low <= value <= known.high else status
            if own != "nibp.mean" or value is not None or status not in (Status.INVALID, *VALUELESS):
                given[own] = (value, status)
            else:
                given.pop(own, None)
        return given


class CuffMemory:
    """Which measurements were told. Dated ones are known by their time, others by their values."""

    def __init__(self) -> None:
        self._told: OrderedDict[int, dict[str, Shown]] = OrderedDict()
        self._failed: OrderedDict[int, None] = OrderedDict()
        self._now: tuple[dict[str, Shown], int] | None = None
        self._undated: dict[str, Shown] | None = None
        self._has_value = False

    def news(self, seen: Determination, at: int) -> dict[str, Shown]:
        """What of `seen`, shown at the instant `at` of the sender's clock, was not told yet; {} if all was."""
        self._has_value = True
        if seen.device is None:
            before, self._undated = self._undated, dict(seen.values)
            return {} if before == seen.values else dict(seen.values)
        key = seen.device // SECOND
        repeated = self._is_stamped_anew(seen, at)
        known = self._told.get(key)
        if known is None:
            self._keep(key, {} if repeated else dict(seen.values))
            return {} if repeated else dict(seen.values)
        fresh = {own: shown for own, shown in seen.values.items() if known.get(own) != shown}
        if not fresh:
            return {}
        changed = any(own in known for own in fresh)
        known.update(fresh)
        # What was told otherwise is told again as a whole; what was not there before comes after.
        return dict(seen.values) if changed else fresh

    def is_first_undated(self) -> bool:
        """Whether no measurement without a time was told before."""
        return self._undated is None

    def was_told(self, device: int) -> bool:
        """Whether something of the measurement of that time was told."""
        return device // SECOND in self._told

    def failed(self, seen: Determination) -> bool:
        """Whether `seen`, which has no value, is a failure to be told: one with a time of its own, once."""
        had, self._has_value = self._has_value, False
        self._now = None
        if seen.device is None or seen.is_now:
            return False
        key = seen.device // SECOND
        if key in self._failed or key in self._told:
            self._has_value = had
            return False
        self._failed[key] = None
        if len(self._failed) > _KEPT:
            self._failed.popitem(last=False)
        return True

    def _is_stamped_anew(self, seen: Determination, at: int) -> bool:
        """The same values as in the message before, and both times dated with the message itself: one measurement that
        a careless sender dates anew with every message."""
        before, self._now = self._now, (dict(seen.values), at) if seen.is_now else None
        return before is not None and seen.is_now and before[0] == seen.values and at - before[1] <= SHOWN_AGAIN

    def _keep(self, key: int, values: dict[str, Shown]) -> None:
        self._told[key] = values
        if len(self._told) > _KEPT:
            self._told.popitem(last=False)
