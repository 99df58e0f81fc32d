"""Which readings count (clinical definition 3.6): fixed, published, and nothing rejected is dropped silently."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from dashboard.rises.criteria import EQUAL
from devices.reading import USED, VALUELESS, Reading, Status

VERSION = 1
"""Counts up when a rule changes, so that a report says by which rules it was made."""

SBP_RANGE = (40.0, 270.0)
DBP_RANGE = (20.0, 200.0)
HR_RANGE = (20.0, 250.0)
SPO2_RANGE = (30.0, 100.0)

LOW_SBP, LOW_SBP_PULSE_PRESSURE = 100.0, 10.0
PULSE_PRESSURES = ((150.0, 15.0), (200.0, 30.0))
HIGHEST_PULSE_PRESSURE = 50.0
"""The least pulse pressure believed (rule 3): below LOW_SBP, up to each systolic pressure, and above them all."""

_SBP_LEAST, _SBP_MOST = SBP_RANGE[0] - EQUAL, SBP_RANGE[1] + EQUAL
_DBP_LEAST, _DBP_MOST = DBP_RANGE[0] - EQUAL, DBP_RANGE[1] + EQUAL
_LOW_SBP = LOW_SBP - EQUAL


class Rejection(StrEnum):
    """Why a cuff measurement does not count, by the rule's number in 3.6."""

    INCOMPLETE = "incomplete"  # 1: systolic or diastolic missing
    STATUS = "status"  # 1: the device does not vouch for it
    RANGE = "range"  # 2
    PULSE_PRESSURE = "pulse-pressure"  # 3
    MEAN = "mean"  # 4


IMPLAUSIBLE = frozenset({Rejection.RANGE, Rejection.PULSE_PRESSURE, Rejection.MEAN})
"""Rejections that a true crisis can cause, so that a high value among them asks for a repeat."""


class Cuff(Struct, frozen=True):
    """One cuff measurement: valid or invalid as a whole. Pressures in mmHg, None where absent.

    Attributes:
        time, received: as in Reading. status: the first of its readings' statuses that is not used, else OK.
    """

    time: int
    received: int
    sbp: float | None
    dbp: float | None
    mean: float | None
    status: Status

    def same_values(self, other: Cuff) -> bool:
        """Whether the two say the same of the same measurement."""
        pairs = ((self.sbp, other.sbp), (self.dbp, other.dbp), (self.mean, other.mean))
        usable = (self.status in USED) == (other.status in USED)
        return usable and all(_same(one, another) for one, another in pairs)

    def __str__(self) -> str:
        sbp, dbp = ("-" if value is None else f"{value:g}" for value in (self.sbp, self.dbp))
        return f"{sbp}/{dbp}" if self.mean is None else f"{sbp}/{dbp} (mean {self.mean:g})"


def cuff_of(sys: Reading | None, dia: Reading | None, mean: Reading | None) -> Cuff:
    """The measurement that these readings (at least one of them given) make up.

    A reading of status ZERO is the number 0 here: the tuple is rejected by its range, and a high partner is not lost.
    A mean without a value is absent; the pressures beside it stand on their own.
    """
    given = [reading for reading in (sys, dia, mean) if reading is not None]
    status = Status.OK
    for reading in given:
        doubted = reading.status not in USED and reading.status is not Status.ZERO
        if doubted and not (reading is mean and reading.status in VALUELESS):
            status = reading.status
            break
    return Cuff(given[0].time, given[0].received, _number(sys), _number(dia), _number(mean), status)


def _number(reading: Reading | None) -> float | None:
    if reading is None:
        return None
    return 0.0 if reading.status is Status.ZERO else reading.value


def _same(one: float | None, another: float | None) -> bool:
    if one is None or another is None:
        return one is another
    return abs(one - another) <= EQUAL


def rejection(cuff: Cuff) -> Rejection | None:
    """Why `cuff` does not count; None if it does. The first rule that speaks against it, in the order of 3.6."""
    if cuff.sbp is None or cuff.dbp is None:
        return Rejection.INCOMPLETE
    if cuff.status not in USED:
        return Rejection.STATUS
    return implausible(cuff.sbp, cuff.dbp, cuff.mean)


def implausible(sbp: float, dbp: float, mean: float | None) -> Rejection | None:
    """Why pressures that the monitor vouches for, in mmHg, do not count: rules 2 to 4."""
    if not (_SBP_LEAST <= sbp <= _SBP_MOST and _DBP_LEAST <= dbp <= _DBP_MOST):
        return Rejection.RANGE
    if not sbp - dbp >= least_pulse_pressure(sbp) - EQUAL:
        return Rejection.PULSE_PRESSURE
    if mean is not None and not (dbp + EQUAL < mean < sbp - EQUAL):
        return Rejection.MEAN
    return None


def explain(cuff: Cuff, why: Rejection) -> str:
    """The reason in a sentence's end, for a person."""
    match why:
        case Rejection.INCOMPLETE:
            return "systolic or diastolic is missing"
        case Rejection.STATUS:
            return f"the monitor marks it {cuff.status.value.replace('_', ' ')}"
        case Rejection.RANGE:
            return (
                f"outside systolic {SBP_RANGE[0]:g} to {SBP_RANGE[1]:g}, diastolic {DBP_RANGE[0]:g} to {DBP_RANGE[1]:g}"
            )
        case Rejection.PULSE_PRESSURE:
            assert cuff.sbp is not None
            return f"the pulse pressure is less than {least_pulse_pressure(cuff.sbp):g}"
        case Rejection.MEAN:
            return "the mean does not lie between diastolic and systolic"


def least_pulse_pressure(sbp: float) -> float:
    """The smallest pulse pressure that is believed at a systolic pressure, both in mmHg."""
    if sbp < _LOW_SBP:
        return LOW_SBP_PULSE_PRESSURE
    for highest, least in PULSE_PRESSURES:
        if sbp <= highest + EQUAL:
            return least
    return HIGHEST_PULSE_PRESSURE


def rate_is_valid(value: float | None, status: Status) -> bool:
    """Whether a heart or pulse rate sample (1/min) counts."""
    return value is not None and status in USED and _within(value, HR_RANGE)


def saturation_is_valid(value: float | None, status: Status) -> bool:
    """Whether an SpO2 sample (%) counts."""
    return value is not None and status in USED and _within(value, SPO2_RANGE)


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] - EQUAL <= value <= limits[1] + EQUAL
