"""What commands that read a recording have in common: times, zones, and what a file leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from dashboard.errors import ConfigurationError
from devices import instant

if TYPE_CHECKING:
    from datetime import tzinfo

    from devices.recordings.base import Recording


def zone(name: str) -> tzinfo:
    """The zone of ``--timezone``.

    Raises:
        typer.BadParameter: there is no such zone.
    """
    try:
        return instant.zone_named(name)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--timezone") from None


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
    zone: tzinfo,
    start: str | None,
    date_order: str | None,
    patient: str | None,
    mapping: Path | None,
) -> Recording:
    """The recording at `path`.

    Raises:
        DeviceError: it cannot be read, or leaves something open. ConfigurationError: so with the mapping file.
        typer.BadParameter: an option that cannot be.
    """
    from devices.recordings.base import DateOrder
    from devices.recordings.formats import read_recording

    if date_order is not None and date_order not in set(DateOrder):
        raise typer.BadParameter(f"{date_order!r} is not dmy, mdy or ymd", param_hint="--date-order")
    return read_recording(
        path,
        zone=zone,
        start=None if start is None else _absolute("--start", start, zone),
        date_order=date_order,
        patient=patient,
        mapping=None if mapping is None else load_mapping(mapping),
    )


def load_mapping(path: Path) -> Mapping[str, str]:
    """Column or track name -> signal ("" leaves it out), from a TOML file of such lines.

    Raises:
        ConfigurationError: the file cannot be read, or names what is no signal.
    """
    import tomllib

    from devices.signals import SIGNALS

    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not TOML: {error}") from None
    for name, signal in found.items():
        if not isinstance(signal, str) or (signal and signal not in SIGNALS):
            raise ConfigurationError(f"{path}: {name!r} = {signal!r} is no signal; there are {', '.join(SIGNALS)}")
    return found


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
