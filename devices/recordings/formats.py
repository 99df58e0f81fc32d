"""The one way to read a recording of any format. A format's module is imported only when a file of it is read."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from devices import instant
from devices.errors import RecordingError
from devices.reading import Notice
from devices.recordings.archives import Unpacked, unpacked
from devices.recordings.explanation import Explanation
from devices.recordings.kinds import FORMATS, Format, detect
from devices.recordings.options import DateOrder, Limits, Options
from devices.recordings.overrides import Overrides
from devices.recordings.recording import Recording

if TYPE_CHECKING:
    from devices.recordings.series import SeriesRecording

__all__ = ["FORMATS", "Format", "detect", "read_recording", "read_series"]


def read_recording(
    path: Path | str,
    *,
    zone: tzinfo | None = None,
    start: int | None = None,
    date_order: DateOrder | str | None = None,
    patient: str | None = None,
    mapping: Mapping[str, str] | Overrides | None = None,
    limits: Limits | None = None,
    missing: Sequence[float] = (-1.0,),
    member: str | None = None,
    device: str | None = None,
    also: Sequence[Path] = (),
    assumed_zone: tzinfo = UTC,
) -> Recording:
    """Reads the recording at `path`, whatever its format.

    Args:
        zone: the zone of times that carry no offset; None: nobody said one, and what only a zone can say is asked.
        start: the instant at which a recording with relative time began; without it, it stays relative.
        date_order: ``dmy``, ``mdy`` or ``ymd``, where dates leave it open.
        patient: which patient of a file with several.
        mapping: column or track name -> signal ("" leaves it out), over what the names say; or all that a mapping
            file says. The other arguments come before it.
        limits: what is refused; the defaults suit a recording of weeks.
        missing: numbers that stand for no value in a format without a code for that (EDF), in the file's unit.
        member: which recording of a ZIP archive with several.
        device: of several devices that give one signal, whose counts (`.vital`).
        also: further files of the same session, in any order; see `devices.recordings.joining`.
        assumed_zone: the zone that is assumed where nobody said one.

    Raises:
        ChoiceNeeded: the file leaves something open; the message names the option.
        RecordingError: there is no such file, it is of no format that is read, damaged or too large.
    """
    options = _options(zone, start, date_order, patient, mapping, limits, missing)
    if not options.zone_said:
        options = replace(options, zone=assumed_zone)
    options = replace(options, device=device or "")
    if also and options.overrides.first_day is not None:
        raise RecordingError("time.date is the day of one file's first row, not of several: write dates into the files")
    found = cast(Recording, _read(Path(path), options, "read", member))
    if not also:
        return found
    from devices.recordings.joining import join

    others = [(each.name, cast(Recording, _read(each, options, "read", member))) for each in map(Path, also)]
    return join([(Path(path).name, found), *others])


def read_series(
    path: Path | str,
    *,
    zone: tzinfo | None = None,
    start: int | None = None,
    date_order: DateOrder | str | None = None,
    patient: str | None = None,
    mapping: Mapping[str, str] | Overrides | None = None,
    limits: Limits | None = None,
    missing: Sequence[float] = (-1.0,),
    places: bool = True,
    member: str | None = None,
) -> SeriesRecording:
    """As `read_recording`, with the values in columns: the same numbers at the same times, read faster.

    `places`: as in `Options`.
    """
    options = _options(zone, start, date_order, patient, mapping, limits, missing, places)
    found = _read(Path(path), options, "read_series", member)
    if isinstance(found, Recording):
        from devices.recordings.series import series_of

        return series_of(found)
    return found


def _options(
    zone: tzinfo | None,
    start: int | None,
    date_order: DateOrder | str | None,
    patient: str | None,
    mapping: Mapping[str, str] | Overrides | None,
    limits: Limits | None,
    missing: Sequence[float],
    places: bool = True,
) -> Options:
    said = mapping if isinstance(mapping, Overrides) else Overrides(columns=dict(mapping or {}))
    order = date_order or said.date_order
    zone = zone or (instant.zone_named(said.zone) if said.zone else None)
    return Options(
        zone=zone or UTC,
        zone_said=zone is not None,
        start=start,
        date_order=DateOrder(order) if order else None,
        patient=patient,
        mapping=said.columns,
        overrides=said,
        limits=limits or Limits(),
        missing=tuple(missing),
        places=places,
    )


def _read(path: Path, options: Options, form: str, member: str | None = None) -> Recording | SeriesRecording:
    """In the form `form` of the format's module if it has that, else as readings."""
    said = options.overrides
    try:
        with unpacked(path, member, options.limits) as plain:
            known = detect(plain.path, options.limits, plain.head)
            options = _for_format(known, options)
            module = importlib.import_module(known.module)
            read = cast("Callable[[Path, Options], Recording | SeriesRecording]", getattr(module, form, module.read))
            found = read(plain.path, options)
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror or error}") from None
    if isinstance(found, Recording):
        found = replace(found, explanation=_explained(path, plain, found, options))
    _tell_unused({**said.columns, **said.units}, found)
    return found


_TIMES = {
    "vital": "UTC, by the recorder's clock",
    "wfdb": "by the header's start and the number of the sample",
    "edf": "by the header's start and the records",
    "capture": "as the bytes came, or as they say",
}


def _explained(path: Path, plain: Unpacked, recording: Recording, options: Options) -> Explanation:
    """What can be said of any format whose reader says no more: the file, and how its times were understood."""
    how = recording.explanation
    if plain.member:
        how = replace(how, files=tuple(f"{name} in {path.name}" for name in how.files or (plain.path.name,)))
    if recording.explanation.files:
        return how
    naive = any(each.kind == "time-assumed" and str(options.zone) in each.text for each in recording.notices)
    return replace(
        how,
        files=how.files or (path.name,),
        layout=how.layout or FORMATS[recording.format].text,
        times=how.times or _TIMES.get(recording.format, ""),
        zone=how.zone or (str(options.zone) if naive and not recording.relative else ""),
        zone_said=options.zone_said,
    )


def _for_format(found: Format, options: Options) -> Options:
    """`options` as they are for this format.

    Raises:
        RecordingError: a mapping says something of cells and columns where the file has none.
    """
    said = options.overrides
    if options.device and found.name != "vital":
        raise RecordingError(f"--device is for .vital recordings; this is a {found.name} recording: leave it out")
    if found.name in ("csv", "parquet", "hl7"):
        return options
    keys = [
        *said.tables_only,
        *(("units",) if said.units else ()),
        *(("cuff.repeats",) if said.collapse is not None else ()),
    ]
    if found.name == "edf" and said.missing:
        # EDF has no code for "no value": here it is numbers that the mapping names.
        keys.remove("values.missing")
        try:
            options = replace(options, missing=tuple(sorted(float(each) for each in said.missing)))
        except ValueError:
            raise RecordingError(
                f"values.missing = {sorted(said.missing)} in the mapping: in an EDF recording only numbers can stand"
                " for no value, in the file's unit"
            ) from None
    if keys:
        raise RecordingError(f"{keys[0]} in the mapping is for tables; this is a {found.name} recording: leave it out")
    return options


def _tell_unused(mapping: Mapping[str, str], recording: Recording | SeriesRecording) -> None:
    if not mapping:
        return
    held = {column.name for column in recording.mapping}
    held |= {f"#{place + 1}" for place in range(len(recording.mapping))}
    if unused := [name for name in mapping if name not in held]:
        text = f"the mapping names {', '.join(map(repr, unused))}, which the recording does not have"
        recording.notices.insert(0, Notice(recording.first, 0, "ignored", text, source=recording.format))
