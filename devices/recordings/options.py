"""What a reader is told of a recording, and what no reader will go beyond."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from enum import StrEnum

from msgspec import Struct, field

from devices import instant
from devices.errors import ChoiceNeeded, RecordingError
from devices.recordings.overrides import Overrides


class DateOrder(StrEnum):
    """How the parts of a date follow each other where a file does not say."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"


class Limits(Struct, frozen=True):
    """What is refused before it is parsed, so that no file can exhaust the machine."""

    file_bytes: int = 1 << 30
    text_bytes: int = 512 << 20
    line: int = 1 << 20
    seconds: float = 900.0
    unpacked_bytes: int = 8 << 30
    rows: int = 5_000_000
    columns: int = 2_000
    readings: int = 20_000_000


class Options(Struct, frozen=True):
    """What a person may have to say about a file.

    Attributes:
        zone: the zone of times that carry no offset.
        start: the instant at which a recording with relative time began; None leaves it relative.
        date_order: how ``3/4/2026`` is meant; None if the file must show it itself.
        patient: which patient of a file with several.
        mapping: column or track name -> signal, "" to leave it out; overrides what the names say.
        limits: what is refused.
        places: columns come with the numbers of their rows or packets, which tell of two sources' values of one time
            which was received last; one who only draws them does without.
        missing: numbers that stand for no value where a format has no code for that, as EDF; in the file's unit.
        device: of several devices that give one signal this one's counts; "" if none was chosen.
        overrides: all else that a mapping file says.
        zone_said: a person named the zone; else it is an assumption.
    """

    zone: tzinfo = UTC
    start: int | None = None
    date_order: DateOrder | None = None
    patient: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = Limits()
    missing: tuple[float, ...] = (-1.0,)
    places: bool = True
    overrides: Overrides = field(default_factory=Overrides)
    zone_said: bool = False
    device: str = ""

    def said_of(self, place: int, name: str) -> str | None:
        """What the mapping says of the column, signal or track called `name` at `place`, from 0: a signal, "" to leave
        it out, None if it says nothing."""
        return self.mapping.get(f"#{place + 1}", self.mapping.get(name))


def refuse_start(options: Options, what: str) -> None:
    """Refuses `--start` for a recording that has its own times.

    Raises:
        RecordingError: `--start` was given.
    """
    if options.start is not None:
        raise RecordingError(f"{what} carries its own dates and times: leave --start out")


def begun(moment: datetime, options: Options, what: str) -> int:
    """The instant of the local time `moment`, at which `what` began.

    Raises:
        ChoiceNeeded: its zone skips that time, or has it twice. RecordingError: it lies outside the years 1 to 9999.
    """
    try:
        return instant.from_datetime(instant.localize(moment, options.zone))
    except instant.ClockChange:
        pass  # asked below
    except ValueError as error:
        raise RecordingError(f"{what}'s start: {error}") from None
    first, second = (moment.replace(tzinfo=options.zone, fold=fold) for fold in (0, 1))
    # What is earlier by the summer's offset is there twice.
    how = "has twice" if instant.from_datetime(first) < instant.from_datetime(second) else "skips"
    offsets = first.isoformat()[-6:], second.isoformat()[-6:]
    raise ChoiceNeeded(
        f"{what} began at {moment.isoformat(' ')}, which {options.zone} {how} as its clock changes: say --timezone"
        f" {' or '.join(offsets)}",
        "timezone",
        offsets,
    )
