"""What finger oximeters have in common: a sample with its reason if it has no value, told once a second at most."""

from __future__ import annotations

from dataclasses import dataclass

from devices.instant import SECOND
from devices.protocols.speech import Speech
from devices.reading import Item, Reading, Status

NO_SPO2, NO_PULSE = 127, 255
"""What these devices send where they have no saturation, no pulse rate."""


@dataclass(frozen=True, slots=True)
class Sample:
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


class Oximeter:
    """Tells samples: both readings, and a notice when the device's state changes for the worse.

    Args:
        good: the status of a value, `ok` or `unverified`.
    """

    def __init__(self, speech: Speech, good: Status) -> None:
        self._speech = speech
        self._good = good

    def items(self, sample: Sample, at: int) -> list[Item]:
        """What `sample`, received at `at`, says."""
        items: list[Item] = []
        if self._speech.changed("oximeter", sample.code) and sample.trouble is not None:
            kind = "probe-off" if sample.trouble is Status.OFF else "signal-poor"
            items.append(self._speech.notice(kind, sample.text, at, signal="SPO2", code=sample.code, own="spo2"))
        items.append(self._value("SPO2", sample.spo2, NO_SPO2, sample.trouble, at, "spo2"))
        items.append(self._value("PR", sample.pr, NO_PULSE, sample.trouble, at, "spo2.pr"))
        return items

    def _value(self, signal: str, value: int, none: int, trouble: Status | None, at: int, own: str) -> Reading:
        if trouble is None and value in (0, none):
            trouble = Status.INVALID if value else Status.ZERO
        if trouble is not None:
            return self._speech.reading(signal, None, trouble, at, own)
        return self._speech.number(signal, value, at, own, status=self._good)


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
        return [] if newest is None else self._oximeter.items(*newest)
