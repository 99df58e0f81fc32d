"""The stage before the detector: readings become cuff measurements and samples, sorted, without doubles.

Clinical definition 3.11.4-5: by measurement time, then receipt, then file order; of two different readings of one
signal at one time the one received last counts, before any rule of validity, and the conflict is told.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from operator import attrgetter

from msgspec import Struct, field

from dashboard.rises.criteria import EQUAL
from dashboard.rises.validity import Cuff, cuff_of, rate_is_valid, saturation_is_valid
from devices.reading import Notice, Reading, Status
from devices.recordings.readings.lazy import LazyReadings
from devices.signals import NIBP, PulseOrigin, pulse_origin

_time = attrgetter("time")
RANKS = {PulseOrigin.LINE: 1, PulseOrigin.OXIMETER: 2}
PIECE = 1 << 13
"""About so many readings are looked at at once of a recording that is made only where it is looked at."""
ECG = 0
"""Rank of the ECG's rate; pulse rates follow: 1 the arterial line's, 2 the oximeter's. The cuff's has none."""


class Sample(Struct, frozen=True):
    """One sample of a continuous signal.

    Attributes:
        signal: HR, PR or SPO2. value: None where absent. status: the monitor's. valid: by clinical definition 3.6.
        rank: of several sources of the heart rate the lowest that is valid counts in an epoch.
    """

    time: int
    received: int
    signal: str
    value: float | None
    status: Status
    valid: bool
    rank: int

    def same_value(self, other: Sample) -> bool:
        if self.value is None or other.value is None:
            return self.value is other.value
        return self.valid == other.valid and abs(self.value - other.value) <= EQUAL


class Prepared(Struct):
    """What the detectors are fed with: each list by time, one item a time (samples: a rank and a time)."""

    cuffs: list[Cuff] = field(default_factory=list)
    rates: list[Sample] = field(default_factory=list)
    saturations: list[Sample] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    last: int | None = None


def in_order(readings: Iterable[Reading]) -> list[Reading]:
    """By measurement time, then receipt; what is equal in both keeps its order."""
    # Twice by a number, not once by pairs of them, which would take more memory than the readings.
    ordered = sorted(readings, key=attrgetter("received"))
    ordered.sort(key=_time)
    return ordered


def ordered(readings: Iterable[Reading]) -> Sequence[Reading]:
    """The same; readings that promise to be in order are not made for it."""
    return readings if isinstance(readings, LazyReadings) else in_order(readings)


def pieces(readings: Iterable[Reading], anchor: int, span: int, until: int) -> Iterator[tuple[list[Reading], int]]:
    """Ordered readings up to the instant `until` piece by piece, so that not all need be made at once.

    Args:
        anchor, span: a piece ends at `anchor` plus a multiple of `span`, so that no span is cut.

    Yields:
        The readings of a piece, and the end of the last span that they fill: no reading before it is to come.
    """
    source, held = iter(readings), []
    while more := list(islice(source, PIECE)):
        held += more
        last = held[-1].time
        if last > until:
            break
        edge = last - (last - anchor) % span
        cut = bisect_left(held, edge, key=_time)
        if cut:
            yield held[:cut], edge
            held = held[cut:]
    rest = held[: bisect_right(held, until, key=_time)]
    if rest:
        yield rest, until


def assemble(readings: Sequence[Reading]) -> list[Cuff | Sample]:
    """Cuff measurements and samples of `readings`, in their order; other signals are left out.

    Readings of the cuff with equal time, receipt and protocol are one measurement.
    """
    items: list[Cuff | Sample | list[Reading | None]] = []
    groups: dict[tuple[int, int, str], list[Reading | None]] = {}
    for reading in readings:
        if reading.signal in NIBP:
            key = (reading.time, reading.received, _protocol(reading.source))
            place = NIBP.index(reading.signal)
            group = groups.get(key)
            if group is None or group[place] is not None:  # a second value of one signal is another measurement
                group = groups[key] = [None, None, None]
                items.append(group)
            group[place] = reading
        else:
            sample = sample_of(reading)
            if sample is not None:
                items.append(sample)
    return [cuff_of(*item) if isinstance(item, list) else item for item in items]


def plain_cuff(by_signal: Mapping[str, Reading]) -> tuple[int, float, float, float | None] | None:
    """Time, systolic, diastolic and mean pressure of a measurement that the monitor vouches for; None of any other.

    Args:
        by_signal: readings, of which those of the cuff count.
    """
    sys, dia, mean = map(by_signal.get, NIBP)
    if sys is None or dia is None or not _belong(sys, dia):
        return None
    if mean is None:
        return sys.time, sys.value, dia.value, None  # type: ignore[return-value]
    if not _belong(sys, mean):
        return None
    return sys.time, sys.value, dia.value, mean.value  # type: ignore[return-value]


def _belong(one: Reading, other: Reading) -> bool:
    """Whether two readings of the cuff are of one measurement, each with a number that the monitor vouches for."""
    return (
        one.status is other.status is Status.OK
        and one.value is not None
        and other.value is not None
        and one.time == other.time
        and one.received == other.received
        and _protocol(one.source) == _protocol(other.source)
    )


@lru_cache(256)
def _protocol(source: str) -> str:
    return source.partition(":")[0]


def sample_of(reading: Reading) -> Sample | None:
    """The sample that `reading` is; None for a signal no detector looks at, such as a cuff's own pulse rate."""
    if reading.signal == "SPO2":
        valid = saturation_is_valid(reading.value, reading.status)
        return Sample(reading.time, reading.received, "SPO2", reading.value, reading.status, valid, 0)
    if reading.signal == "HR":
        rank = ECG
    elif reading.signal == "PR":
        origin = pulse_origin(reading.source)
        if origin not in RANKS:
            return None
        rank = RANKS[origin]
    else:
        return None
    valid = rate_is_valid(reading.value, reading.status)
    return Sample(reading.time, reading.received, reading.signal, reading.value, reading.status, valid, rank)


def prepare(readings: Iterable[Reading]) -> Prepared:
    """`readings`, in any order, as the detectors take them; conflicts and what is not flagged become notices."""
    return prepare_ordered(in_order(readings))


def prepare_ordered(ordered: Sequence[Reading]) -> Prepared:
    """The same of readings that are in order already."""
    prepared = Prepared(last=ordered[-1].time if ordered else None)
    samples: dict[tuple[str, int, int], Sample] = {}
    cuffs: dict[int, Cuff] = {}
    told: dict[tuple[str, int, int], Notice] = {}
    for item in assemble(ordered):
        if isinstance(item, Cuff):
            earlier = cuffs.get(item.time)
            if earlier is not None and not earlier.same_values(item):
                told["NIBP", 0, item.time] = conflict(earlier, item)
            if earlier is None or not earlier.same_values(item):
                cuffs[item.time] = item
        else:
            key = (item.signal, item.rank, item.time)
            first = samples.get(key)
            if first is not None and not first.same_value(item):
                told[key] = conflict(first, item)
            if first is None or not first.same_value(item):
                samples[key] = item
    prepared.cuffs = list(cuffs.values())
    for sample in samples.values():
        (prepared.saturations if sample.signal == "SPO2" else prepared.rates).append(sample)
    prepared.notices = list(told.values()) + not_flagged(ordered)
    return prepared


def conflict(earlier: Cuff | Sample, later: Cuff | Sample) -> Notice:
    """Two different values of one signal at one time, told of the one received last."""
    signal = "NIBP" if isinstance(later, Cuff) else later.signal
    one, another = (str(each) if isinstance(each, Cuff) else _said(each.value) for each in (earlier, later))
    text = f"Two different {signal} readings at one time: {one} and {another}; the one received last counts"
    return Notice(later.time, later.received, "conflict", text, signal)


def not_flagged(readings: Iterable[Reading]) -> list[Notice]:
    """Says once that arterial pressure is there and not looked at."""
    for reading in readings:
        if reading.signal.startswith("ABP_") and reading.value is not None:
            text = "Arterial line pressure is stored and shown, but not flagged: rises rest on the cuff"
            return [Notice(reading.time, reading.received, "not-flagged", text, "ABP")]
    return []


def _said(value: float | None) -> str:
    return "no value" if value is None else f"{value:g}"
