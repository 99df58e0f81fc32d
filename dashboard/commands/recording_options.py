"""What commands that read a recording have in common: times, zones, and what a file leaves open."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.errors import ConfigurationError
from devices import instant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from devices.recordings.base import Recording
    from devices.recordings.overrides import Overrides


PatientOption = Annotated[str | None, typer.Option(metavar="ID", help="Which patient of a file with several.")]
DeviceOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="Whose values count, where devices of a .vital file give the same.")
]
MemberOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="Which recording of a ZIP archive with several.")
]
AlsoOption = Annotated[
    list[Path] | None,
    typer.Option("--with", metavar="FILE", help="A further file of the same session (as often as there are)."),
]
StartOption = Annotated[str | None, typer.Option(metavar="T", help="When a recording with relative time began.")]
DateOrderOption = Annotated[
    str | None, typer.Option(metavar="dmy|mdy|ymd", help="How the dates of the file are meant.")
]
MappingOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="What the file does not say itself, see docs/recordings.md.")
]


def zone(name: str | None) -> tzinfo | None:
    """The zone of ``--timezone``, None if none was named.

    Raises:
        typer.BadParameter: there is no such zone.
    """
    try:
        return instant.zone_named(name) if name else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--timezone") from None


def check_date_order(text: str | None) -> None:
    """Raises typer.BadParameter: there is no such order."""
    from devices.recordings.base import DateOrder

    if text is not None and text not in set(DateOrder):
        raise typer.BadParameter(f"{text!r} is not dmy, mdy or ymd", param_hint="--date-order")


def check_time(option: str, text: str | None, zone: tzinfo) -> None:
    """Refuses what can be no time of any recording, before one is read.

    Raises:
        typer.BadParameter: neither ISO 8601 nor a number of seconds.
    """
    if text is None or _is_relative(text):
        return
    _absolute(option, text, zone)


def time(option: str, text: str | None, zone: tzinfo, relative: bool) -> int | None:
    """The instant of an option in a recording that counts from its start (`relative`) or has dates.

    Raises:
        ConfigurationError: the option is of the other kind.
    """
    if text is None:
        return None
    if _is_relative(text) != relative:
        if relative:
            raise ConfigurationError(
                f"the recording has no dates: give {option} as seconds from its start, such as +600, or say with "
                "--start when it began"
            )
        raise ConfigurationError(f"the recording has dates: give {option} as ISO 8601, such as 2026-03-01T09:30:00Z")
    return instant.parse_relative(text) if relative else _absolute(option, text, zone)


def read(
    path: Path,
    *,
    zone: tzinfo | None,
    start: str | None,
    date_order: str | None,
    patient: str | None,
    mapping: Overrides,
    member: str | None = None,
    device: str | None = None,
    also: Sequence[Path] | None = None,
    judged: bool = True,
) -> Recording:
    """The recording at `path`. `judged`: a detector takes it, which needs one source of each signal.

    Raises:
        DeviceError: it cannot be read, or leaves something open.
        typer.BadParameter: an option that cannot be.
    """
    from devices.recordings.base import ask_source, read_recording

    check_date_order(date_order)
    in_zone = zone or (instant.zone_named(mapping.zone) if mapping.zone else UTC)
    found = read_recording(
        path,
        zone=zone,
        start=None if start is None else _absolute("--start", start, in_zone),
        date_order=date_order,
        patient=patient,
        mapping=mapping,
        member=member,
        device=device,
        also=also or (),
    )
    if judged:
        ask_source(found)
    return found


def load_mapping(path: Path | None) -> Overrides:
    """What the mapping file `path` says; nothing without one.

    Raises:
        ConfigurationError: the file cannot be read. RecordingError: it says what cannot be.
    """
    from devices.recordings.overrides import Overrides, parse

    if path is None:
        return Overrides()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not TOML: {error}") from None
    return parse(text, str(path))


def tell(read: Recording) -> None:
    """Says on standard error what the reader had to say, and what was read, used and refused."""
    for notice in read.notices:
        typer.echo(f"{instant.format(notice.time, read.relative)} {notice.kind}: {notice.text}", err=True)
    typer.echo(read.counts.sentence(), err=True)


def _is_relative(text: str) -> bool:
    try:
        instant.parse_relative(text)
    except ValueError:
        return False
    return True


def _absolute(option: str, text: str, zone: tzinfo) -> int:
    try:
        return instant.parse(text, zone)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
