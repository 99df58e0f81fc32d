"""Readings to be doubted (clinical definition 3.6): marked and told of, never left out, never quieting an alarm.

A stage beside the detector, not in its way: whoever tells of a session feeds it with the same items. Rates are compared
in spans of 5 s that do not hang on the start of the drug, so that a start entered late moves no mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median

from dashboard.rises.criteria import EQUAL, at_least, at_most
from dashboard.rises.epochs import EPOCH
from dashboard.rises.prepare import ECG, Sample
from dashboard.rises.validity import Cuff, rejection
from devices.instant import MINUTE, SECOND
from devices.reading import Notice

JUMP = 40.0
"""A systolic change (mmHg) against the previous valid reading that is doubted."""
ISOLATED_WITHIN = 10 * MINUTE
ISOLATED_BACK = 15.0
"""A jump was isolated if the next valid reading comes within that time and is so near (mmHg) to the one before it."""
DOUBLED = 0.10
"""The ECG's rate within this share of twice the pulse rate: it may count every beat twice."""
APART = 20.0
APART_FOR = 30 * SECOND
"""ECG and pulse more than so many /min apart, for longer than that."""
BRIDGED = 2
"""So many spans without one of the two rates neither count nor end a stretch, as in the detector's runs."""

KINDS: dict[str, str] = {
    "suspect-jump": "a systolic pressure 40 or more away from the previous valid one",
    "suspect-isolated": "a jump that the next reading did not bear out",
    "suspect-double-counting": "the ECG's rate is about twice the pulse rate",
    "suspect-rates-apart": "ECG and pulse rate differ for more than 30 s",
}
"""Kind of notice -> what it means."""


def is_jump(before: Cuff, cuff: Cuff) -> bool:
    """Whether the systolic pressures of two valid measurements lie so far apart that the later one is doubted."""
    assert before.sbp is not None and cuff.sbp is not None  # a valid tuple has both
    return at_least(abs(cuff.sbp - before.sbp), JUMP)


def jump(before: Cuff, cuff: Cuff) -> Notice | None:
    """The mark of a valid `cuff` whose systolic pressure lies far from that of the valid one `before` it."""
    if not is_jump(before, cuff):
        return None
    text = f"Suspect: systolic {cuff.sbp:g} after {before.sbp:g} mmHg; it counts"
    return Notice(cuff.time, cuff.received, "suspect-jump", text, "NIBP")


def isolated(cuffs: Iterable[Cuff]) -> list[Notice]:
    """The jumps that stand alone among `cuffs` (by time): known only afterwards, so for a report alone."""
    valid = [cuff for cuff in cuffs if rejection(cuff) is None]
    found = []
    for (before, cuff), (_, after) in pairwise(pairwise(valid)):
        assert before.sbp is not None and after.sbp is not None  # a valid tuple has both
        soon = after.time - cuff.time <= ISOLATED_WITHIN
        if is_jump(before, cuff) and soon and at_most(abs(after.sbp - before.sbp), ISOLATED_BACK):
            text = (
                f"Suspect: systolic {cuff.sbp:g} stands alone between {before.sbp:g} and {after.sbp:g} mmHg; it counts"
            )
            found.append(Notice(cuff.time, cuff.received, "suspect-isolated", text, "NIBP"))
    return found


def is_doubled(ecg: float, pulse: float) -> bool:
    return at_most(abs(ecg - 2 * pulse), DOUBLED * 2 * pulse)


def is_apart(ecg: float, pulse: float) -> bool:
    return abs(ecg - pulse) > APART + EQUAL


class Doubts:
    """The marks of a session as it goes on. Keeps the last valid cuff reading and the spans that are not over."""

    def __init__(self) -> None:
        self._newest: int | None = None
        self._valid: Cuff | None = None
        self._next: int | None = None  # the first span that is not closed
        self._open: dict[int, list[Sample]] = {}
        self._doubled = _Stretch(0)
        self._apart = _Stretch(APART_FOR)
        self._compared = (0.0, 0.0)  # ECG and pulse, the last time both were there

    def of_rate(self) -> str | None:
        """Why the ECG's rate is to be doubted as of the last span that was compared; None if nothing speaks against it
        any more, or nothing can."""
        at = (self._next or 0) * EPOCH
        _, pulse = self._compared
        if self._doubled.stands(at):
            return f"about twice the pulse rate {pulse:g}"
        if self._apart.stands(at):
            return f"pulse rate {pulse:g}, more than 20 apart for over 30 s"
        return None

    def push(self, items: Iterable[Cuff | Sample]) -> list[Notice]:
        """Takes the next measurements and samples; one older than what was processed is left to the report."""
        found = []
        for item in items:
            if isinstance(item, Cuff):
                found += self._measured(item)
            elif item.valid and item.signal != "SPO2":
                index = item.time // EPOCH
                if self._next is None or index >= self._next:
                    self._open.setdefault(index, []).append(item)
        return found

    def _measured(self, item: Cuff) -> list[Notice]:
        if self._newest is not None and item.time <= self._newest:
            return []
        self._newest = item.time
        if rejection(item) is not None:
            return []
        before, self._valid = self._valid, item
        found = jump(before, item) if before is not None else None
        return [found] if found is not None else []

    def advance(self, until: int) -> list[Notice]:
        """Compares the two rates in the spans that end at or before `until`."""
        limit = until // EPOCH
        if self._next is not None and limit <= self._next:
            return []
        found: list[Notice] = []
        for index in sorted(index for index in self._open if index < limit):
            found += self._compare(index, self._open.pop(index))
        self._next = limit
        return found

    def _compare(self, index: int, samples: Sequence[Sample]) -> Iterator[Notice]:
        ecg, pulse = _medians(samples)
        start = index * EPOCH
        if ecg is None or pulse is None:
            self._doubled.skip(start)
            self._apart.skip(start)
            return
        self._compared = (ecg, pulse)
        if self._doubled.take(start, is_doubled(ecg, pulse)):
            text = f"Suspect: the ECG's rate {ecg:g} is about twice the pulse rate {pulse:g} /min; it counts"
            yield _notice(self._doubled.since, "suspect-double-counting", text)
        if self._apart.take(start, is_apart(ecg, pulse)):
            text = (
                f"Suspect: ECG {ecg:g} and pulse {pulse:g} /min have differed by more than 20 for over 30 s; ECG counts"
            )
            yield _notice(self._apart.since, "suspect-rates-apart", text)


class _Stretch:
    """How long a condition has held, span by span; told once, when that is longer than `needed`."""

    def __init__(self, needed: int) -> None:
        self._needed = needed
        self.since = 0
        self._until: int | None = None  # end of the last span in which it held; None: it does not hold
        self._told = False

    def take(self, start: int, holds: bool) -> bool:
        """Whether it is to be told now. `start`: of the span, in which both rates are known."""
        self.skip(start)
        if not holds:
            self._until = None
            return False
        if self._until is None:
            self.since, self._told = start, False
        self._until = start + EPOCH
        if self._told or self._until - self.since <= self._needed:
            return False
        self._told = True
        return True

    def stands(self, at: int) -> bool:
        """Whether it was told and holds as far as is known at the end `at` of a span."""
        return self._told and self._until is not None and at - self._until <= BRIDGED * EPOCH

    def skip(self, start: int) -> None:
        """The spans from the last one in which it held up to `start` tell nothing: too many end the stretch."""
        if self._until is not None and start - self._until > BRIDGED * EPOCH:
            self._until = None


def _medians(samples: Sequence[Sample]) -> tuple[float | None, float | None]:
    """Of the ECG's and of the best pulse source's samples; of two at one time the first counts, as in the epochs."""
    taken: dict[tuple[int, int], float] = {}
    for sample in samples:
        if sample.value is not None:
            taken.setdefault((sample.rank, sample.time), sample.value)
    ecg = [value for (rank, _), value in taken.items() if rank == ECG]
    best = min((rank for rank, _ in taken if rank != ECG), default=None)
    pulse = [value for (rank, _), value in taken.items() if rank == best and rank != ECG]
    return (median(ecg) if ecg else None), (median(pulse) if pulse else None)


def _notice(time: int, kind: str, text: str) -> Notice:
    return Notice(time, time, kind, text, "HR")
