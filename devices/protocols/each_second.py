"""Dense streams of finger oximeters: sixty or a hundred samples a second, of which one a second is told."""

from __future__ import annotations

from msgspec import Struct

from devices.instant import SECOND
from devices.protocols.oximeter import Condition, Oximeter
from devices.reading import Item, Status

NO_SPO2, NO_PULSE = 127, 255
"""What these devices send where they have no saturation, no pulse rate."""


class Sample(Struct, frozen=True):
    """One frame of an oximeter.

    Attributes:
        spo2, pr: as sent, % and /min.
        trouble: why neither is a value, None if they may be. text: the same for a person. code: the device's own.
    """

    spo2: int
    pr: int
    trouble: Status | None = None
    text: str = ""
    code: str = ""

    @property
    def has_value(self) -> bool:
        return self.trouble is None and (self.spo2 not in (0, NO_SPO2) or self.pr not in (0, NO_PULSE))

    def items(self, oximeter: Oximeter, at: int) -> list[Item]:
        """What the sample, received at `at`, says."""
        return oximeter.sample(
            None if self.spo2 == NO_SPO2 else self.spo2,
            None if self.pr == NO_PULSE else self.pr,
            Condition(Status.OK) if self.trouble is None else Condition(self.trouble, self.code, self.text),
            at,
        )


class EachSecond:
    """Of each second of a dense stream one sample: the newest with a value, or the newest at all if none had one."""

    def __init__(self, oximeter: Oximeter) -> None:
        self._oximeter = oximeter
        self._ends = 0
        self._newest: tuple[Sample, int] | None = None

    def take(self, sample: Sample, at: int) -> list[Item]:
        """What is to be told now that `sample` was received at `at`: the second before, where it begins the next."""
        items: list[Item] = []
        if not self._ends - SECOND <= at < self._ends:
            items = self.rest()
            # Seconds follow one another without a drift; after a gap, or a clock set back, they begin anew.
            is_next = self._ends <= at < self._ends + SECOND
            self._ends = (self._ends if is_next else at) + SECOND
        if self._newest is None or sample.has_value or not self._newest[0].has_value:
            self._newest = sample, at
        return items

    def rest(self) -> list[Item]:
        """What was not told yet, when no more is to be waited for."""
        newest, self._newest = self._newest, None
        return [] if newest is None else newest[0].items(self._oximeter, newest[1])
