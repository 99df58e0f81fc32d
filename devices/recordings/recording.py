"""What a recording is once read.

Every reader fills a `Builder`: it sorts by measurement time and then receipt, keeps doubles, and counts what
was read, used and refused. Nothing is filled in, resampled or dropped silently.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, NoReturn

from msgspec import Struct, field
from msgspec.structs import replace

from devices import instant
from devices.errors import RecordingError
from devices.reading import Notice, Reading, Status
from devices.recordings.explanation import Explanation
from devices.recordings.options import Limits
from devices.signals import NIBP, SIGNALS

if TYPE_CHECKING:
    from devices.recordings.readings.in_columns import ColumnReadings
    from devices.recordings.readings.in_tracks import TrackReadings
    from devices.recordings.readings.packed import PackedReadings

TOLD = 100
"""So many refused rows are told one by one; the rest in one sentence (a hostile file could have millions)."""

LARGEST = 1e300
"""Numbers beyond it are none: converted to another unit, they would be infinite."""

NOTED = 10_000
"""So many events are told; more are counted (a sleep recording has some thousands)."""

LONGEST_TEXT = 1_000
"""Characters of an event that are kept."""

FEWEST_STEPS = 4
"""Fewer intervals than this have no median to measure a gap by."""


class Column(Struct, frozen=True):
    """What became of one column or track.

    Attributes:
        name: as written in the file.
        signal: what it was read as, "" if it was left out.
        unit: the unit written in the file, "" if none was.
        note: why it was left out, or what was done to it.
    """

    name: str
    signal: str
    unit: str = ""
    note: str = ""

    @property
    def is_used(self) -> bool:
        """It is a signal, or says when or whose the values are."""
        return bool(self.signal) or self.note in (SAYS_WHEN, SAYS_WHO, SAYS_WHAT, SAYS_PAIR)


SAYS_WHEN, SAYS_WHO, SAYS_WHAT = "the time", "the patient", "what happened"
NOT_KNOWN = "its name is not known"
NUMBERS_ROWS = "it numbers the rows"
SAYS_PAIR = "systolic/diastolic"
"""Notes on columns that are no signal and yet used."""


class Counts(Struct):
    """What was read, used and refused.

    `rows` are a table's rows, a record's samples or a file's packets; `used` gave at least one reading;
    `repeats` are cuff values shown again, which are no new measurement; `refused` counts by reason.
    """

    rows: int = 0
    used: int = 0
    repeats: int = 0
    refused: dict[str, int] = field(default_factory=dict)

    def refuse(self, reason: str, count: int = 1) -> None:
        self.refused[reason] = self.refused.get(reason, 0) + count

    def sentence(self) -> str:
        """One line for a person, such as ``72 rows read, 70 used, 2 refused (2 without a time)``."""
        text = f"{self.rows} rows read, {self.used} used, {sum(self.refused.values())} refused"
        if self.refused:
            text += f" ({', '.join(f'{count} {reason}' for reason, count in sorted(self.refused.items()))})"
        if self.repeats:
            text += f", {self.repeats} repeated cuff values counted once"
        return text


class Recording(Struct, frozen=True):
    """A recording, read.

    Attributes:
        readings: by time, then receipt; the readings of one cuff measurement stand together as sys, dia, mean. A list,
            or `LazyReadings`, which are made only where they are looked at.
        notices: all else the file said and what was refused, in the same order.
        relative: instants count from the recording's start, which is not dated.
        format: its format's name.
        patients: the patients named in the file, one of whom was read.
        counts: what was read, used and refused.
        mapping: what became of each column or track, in the file's order.
        explanation: how the file was understood otherwise: its encoding, its layout, its times.
    """

    readings: Sequence[Reading]
    notices: list[Notice]
    relative: bool
    format: str
    patients: tuple[str, ...]
    counts: Counts
    mapping: tuple[Column, ...]
    explanation: Explanation = field(default_factory=Explanation)

    def streams(self) -> Mapping[tuple[str, str], int]:
        """How many readings there are, by signal and source."""
        in_columns: Callable[[], Mapping[tuple[str, str], int]] | None = getattr(self.readings, "streams", None)
        return in_columns() if in_columns else Counter((each.signal, each.source) for each in self.readings)

    @property
    def first(self) -> int:
        """The instant of the first reading, 0 if there is none."""
        return _ends(self.readings)[0]

    @property
    def last(self) -> int:
        """The instant of the last reading, 0 if there is none."""
        return _ends(self.readings)[1]


def _ends(readings: Sequence[Reading]) -> tuple[int, int]:
    """The instants of the first and the last of `readings`, 0 if there are none."""
    if not readings:
        return 0, 0
    in_columns: tuple[int, int] | None = getattr(readings, "ends", None)
    return in_columns or (readings[0].time, readings[-1].time)


# The recorded-files sheet's own examples of plausible limits; signals it does not name keep the house's.
PLAUSIBLE = {name: (signal.low, signal.high) for name, signal in SIGNALS.items()}
for _place in ("NIBP", "ABP"):
    PLAUSIBLE |= {f"{_place}_SYS": (30, 300), f"{_place}_DIA": (10, 200), f"{_place}_MEAN": (15, 250)}
"""The limits by signal, both of which are plausible."""


def judge(signal: str, value: float) -> tuple[float | None, Status]:
    """A recorded number's value and status.

    A 0 means that there was no signal: no quantity read here can be 0 in a living patient, and only the sheets of
    two live protocols say otherwise. Outside the recorded-files sheet's limits a number is marked `range` and kept.
    """
    if value == 0:
        return None, Status.ZERO
    low, high = PLAUSIBLE[signal]
    return value, Status.OK if low <= value <= high else Status.RANGE


class Gap(Struct, frozen=True):
    """How often a source is interrupted, the longest time (microseconds), and the instant at which that begins."""

    count: int
    longest: int
    since: int


class Builder(Struct):
    """A recording in the making, filled by one reader."""

    format: str
    limits: Limits = field(default_factory=Limits)
    readings: list[Reading] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    mapping: list[Column] = field(default_factory=list)
    patients: tuple[str, ...] = ()
    relative: bool = False
    explanation: Explanation = field(default_factory=Explanation)
    columns: ColumnReadings | PackedReadings | TrackReadings | None = None
    _sources: dict[str, str] = field(default_factory=dict)
    _notices: list[tuple[int | None, Notice]] = field(default_factory=list)
    _told: int = 0
    _noted: int = 0

    def add(
        self, time: int, received: int, signal: str, value: float | None, name: str, status: Status | None = None
    ) -> None:
        """One reading of `signal`, from the column or track `name`; without `status` it is judged by its value."""
        if status is None and value is not None:
            value, status = judge(signal, value)
        assert status is not None
        source = self._sources.get(name)
        if source is None:
            source = self._sources[name] = f"{self.format}:{name}"
        self.take(Reading(time, received, signal, value, SIGNALS[signal].unit, status, source))

    def take(self, reading: Reading) -> None:
        """One reading as a protocol's driver made it."""
        self.readings.append(reading)
        if len(self.readings) > self.limits.readings:
            self._refuse_many()

    def keep(self, columns: ColumnReadings | PackedReadings | TrackReadings) -> None:
        """All readings, where they stand in columns; there are no others then."""
        if len(columns) > self.limits.readings:
            self._refuse_many()
        self.columns = columns

    def _refuse_many(self) -> NoReturn:
        raise RecordingError(
            f"the recording has more than {self.limits.readings} values, which is more than is read: cut it into"
            " shorter ones"
        )

    def add_cuff(
        self,
        time: int,
        received: int,
        values: Mapping[str, float],
        names: Mapping[str, str],
        status: Status | None = None,
    ) -> None:
        """One cuff measurement: `values` and column `names` by signal; handed on as sys, dia, mean."""
        for signal in NIBP:
            if signal in values:
                # A 0 keeps its own status: a value that is not there cannot be of unknown age.
                given = None if values[signal] == 0 else status
                self.add(time, received, signal, values[signal], names[signal], given)

    def notice(
        self,
        kind: str,
        text: str,
        *,
        time: int | None = None,
        row: int = 0,
        signal: str = "",
        code: str = "",
        raw: bytes = b"",
    ) -> None:
        """Something to tell; without `time` it concerns the whole file and is dated to its first reading."""
        self._notices.append((time, Notice(0, row, kind, text, signal, code, self.format, raw)))

    def event(self, time: int, text: str, row: int = 0) -> None:
        """Something that the file says happened: told up to a limit, beyond it only counted."""
        self._noted += 1
        if self._noted <= NOTED:
            shown = "".join(char if char.isprintable() else " " for char in text[:LONGEST_TEXT])
            self.notice("device-event", shown.strip(), time=time, row=row)

    def refuse(self, reason: str, text: str, *, time: int | None = None, row: int = 0, raw: bytes = b"") -> None:
        """One row that is not used, counted under `reason`."""
        self.counts.refuse(reason)
        self.tell("row-refused", text, time=time, row=row, raw=raw)

    def tell(
        self, kind: str, text: str, *, time: int | None = None, row: int = 0, signal: str = "", raw: bytes = b""
    ) -> None:
        """A notice about one row: told singly up to a limit, beyond it only counted."""
        self._told += 1
        if self._told <= TOLD:
            self.notice(kind, text, time=time, row=row, signal=signal, raw=raw[:200])

    def take_over(self, other: Builder) -> None:
        """Takes what another one counted as refused and told, as said of this one's format."""
        for reason, count in other.counts.refused.items():
            self.counts.refuse(reason, count)
        self._notices += [(time, replace(notice, source=self.format)) for time, notice in other._notices]
        self._told += other._told

    def leave_untold(self, count: int) -> None:
        """So many more rows or cells were refused than are told singly."""
        self._told += count

    def build(self) -> Recording:
        """The recording, in order.

        Raises:
            RecordingError: its times run out of the years that can be written.
        """
        if self._told > TOLD:
            self.notice("row-refused", f"{self._told - TOLD} more rows or cells were refused; the counts hold them all")
        if self._noted > NOTED:
            self.notice("ignored", f"{self._noted - NOTED} of {self._noted} annotations were left out")
        # Twice by a number, not once by pairs of them: millions of pairs would take more memory than the readings.
        self.readings.sort(key=attrgetter("received"))
        self.readings.sort(key=attrgetter("time"))
        readings: Sequence[Reading] = self.readings if self.columns is None else self.columns
        self._check_dates(readings)
        self._tell_gaps()
        self._tell_conflicts()
        first = _ends(readings)[0]
        notices = [
            Notice(
                first if time is None else time, found.received, found.kind, found.text, found.signal, found.code,
                found.source, found.raw,
            )
            for time, found in self._notices
        ]  # fmt: skip
        notices.sort(key=lambda notice: (notice.time, notice.received))
        return Recording(
            readings, notices, self.relative, self.format, self.patients, self.counts, tuple(self.mapping),
            self.explanation,
        )  # fmt: skip

    def _check_dates(self, readings: Sequence[Reading]) -> None:
        """A start near the end of the calendar (one field of a damaged header) must not fail where it is written."""
        told = [time for time, _ in self._notices if time is not None]
        ends = _ends(readings) if readings else ()
        if not self.relative and any(not instant.EARLIEST <= time <= instant.LATEST for time in (*told, *ends)):
            raise RecordingError("the recording runs out of the years 1 to 9999: its start cannot be what is said")

    def _tell_gaps(self) -> None:
        """One notice a source whose values are interrupted: for more than three times their median interval."""
        for signal, source, gap in self._gaps() if self.columns is None else self.columns.gaps():
            times_said = "once" if gap.count == 1 else f"{gap.count} times, longest"
            text = f"{source} is interrupted {times_said} for {span(gap.longest)} from here"
            self.notice("file-gap", text, time=gap.since, signal=signal)

    def _gaps(self) -> Iterator[tuple[str, str, Gap]]:
        times: dict[tuple[str, str], list[int]] = {}
        for reading in self.readings:
            # A cuff's three values stop and go on together: its systolic speaks for them.
            if reading.value is not None and reading.signal not in NIBP[1:]:
                times.setdefault((reading.signal, reading.source), []).append(reading.time)
        for (signal, source), held in times.items():
            steps = sorted(later - earlier for earlier, later in pairwise(held) if later > earlier)
            if len(steps) < FEWEST_STEPS or steps[-1] <= 3 * steps[len(steps) // 2]:
                continue
            longest = steps[-1]
            count = sum(step > 3 * steps[len(steps) // 2] for step in steps)
            since = next(earlier for earlier, later in pairwise(held) if later - earlier == longest)
            yield signal, source, Gap(count, longest, since)

    def _tell_conflicts(self) -> None:
        """One notice a source that gives two different values for one time. Equal ones are doubles, and no conflict."""
        for signal, source, count, first in self._conflicts() if self.columns is None else self.columns.conflicts():
            often = "once" if count == 1 else f"{count} times, first here,"
            text = f"{source} gives {often} two different values for one time: both were kept"
            self.notice("same-time", text, time=first, signal=signal)

    def _conflicts(self) -> Iterator[tuple[str, str, int, int]]:
        last: dict[tuple[str, str], tuple[int, float | None]] = {}
        found: dict[tuple[str, str], list[int]] = {}
        for reading in self.readings:
            key, now = (reading.signal, reading.source), (reading.time, reading.value)
            before = last.get(key)
            if before is not None and before[0] == now[0] and before[1] != now[1]:
                found.setdefault(key, []).append(reading.time)
            last[key] = now
        for (signal, source), times in found.items():
            yield signal, source, len(times), times[0]


def span(duration: int) -> str:
    """A duration for a person: ``45 s``, ``12 min``, ``3.5 h``."""
    seconds = duration / instant.SECOND
    if seconds < 120:
        return f"{seconds:g} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
