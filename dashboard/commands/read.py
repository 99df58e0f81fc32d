"""``risewatch read``: any recording to a tidy table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.commands.recording_options import (
    AlsoOption,
    DateOrderOption,
    DeviceOption,
    MappingOption,
    MemberOption,
    PatientOption,
    StartOption,
)
from dashboard.commands.writing_options import FormOption, form_to_write, write_as

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from devices.recordings.base import Recording


def command(
    recording: Annotated[Path, typer.Argument(help="A recording of any format that is read, see `formats`.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Write here, not to the screen: .csv, .parquet, .vital, .edf.")
    ] = None,
    form: FormOption = None,
    notices: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the notices here too, as CSV.")] = None,
    patient: PatientOption = None,
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Zone of times without an offset (default: UTC, and says so).")
    ] = None,
    start: StartOption = None,
    date_order: DateOrderOption = None,
    mapping: MappingOption = None,
    device: DeviceOption = None,
    member: MemberOption = None,
    also: AlsoOption = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say how the file was understood, and what became of each column.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --explain: machine-readable.")] = False,
) -> None:
    """Reads RECORDING and prints one reading a row: time, signal, value, unit, status, source.

    With -o it is written in the form that the file's name asks for (.csv: the same tidy table), or --as; a name that
    asks for none is refused. With --explain it prints how the file was understood instead, and the table only to the
    file of -o.

    Notices and a summary go to standard error. Exit status 0 also when nothing in it has a usable value; 1 if it
    cannot be read or leaves something open, with one sentence that names the option.
    """
    from dashboard.commands import recording_options
    from dashboard.commands._tidy import refuse_same, tell_notices, write_tidy
    from devices.recordings.writing.document import of_recording

    if as_json and not explain:
        raise typer.BadParameter("says how to write what --explain says: give both", param_hint="--json")
    zone = recording_options.zone(timezone)
    for written in (out, notices):
        _check_target(written, [recording, *(also or ())], mapping)
    form = form_to_write(form, out)
    read = recording_options.read(
        recording,
        zone=zone,
        start=start,
        date_order=date_order,
        patient=patient,
        mapping=recording_options.load_mapping(mapping),
        member=member,
        device=device,
        also=also,
        judged=False,
    )
    _tell_sources(read)
    if explain:
        _explain(read, as_json)
        if out is None and notices is None:
            return
    if out is None or form == "tidy":
        writer = write_tidy(read.readings, read.notices, out, notices, read.relative, in_order=True)
    else:
        refuse_same(out, notices)
        lost = write_as(form, of_recording(read), out)
        writer = tell_notices([*read.notices, *lost], notices, read.relative)
    writer.tell_summary(f"{recording.name} ({read.format}): {read.counts.sentence()}; {len(read.readings)} readings")


def _tell_sources(read: Recording) -> None:
    """A table keeps all sources of a signal, each under its name; whoever judges it will be asked which counts."""
    from devices.reading import Notice
    from devices.recordings.base import ChoiceNeeded, ask_source

    try:
        ask_source(read)
    except ChoiceNeeded as question:
        read.notices.insert(0, Notice(read.first, 0, "several-sources", str(question), source=read.format))


def _check_target(out: Path | None, recordings: Sequence[Path], mapping: Path | None) -> None:
    from dashboard.errors import ConfigurationError

    if out is None:
        return
    try:
        own = out.exists() and any(
            each.exists() and each.samefile(out) for one in recordings for each in _inputs(one, mapping)
        )
    except OSError as error:
        raise ConfigurationError(f"{out} cannot be written: {error.strerror}") from None
    if own:
        raise ConfigurationError(f"{out} is the recording itself, which is never written over: name another file")


def _inputs(recording: Path, mapping: Path | None) -> Iterator[Path]:
    """The files that reading `recording` may read: a WFDB record has a header and data files that the header names."""
    yield recording
    if mapping is not None:
        yield mapping
    folder = recording.parent
    yield from folder.glob("*.dat")
    for header in folder.glob("*.hea"):
        yield header
        if header.stem == recording.stem or header.name == f"{recording.name}.hea":
            lines = header.read_text("latin-1").splitlines()
            yield from (folder / line.split()[0] for line in lines if line.strip())


def _explain(read: Recording, as_json: bool) -> None:
    """How the file was understood, on standard output."""
    import json

    from devices.recordings.explanation import as_json as plain
    from devices.recordings.explanation import as_lines

    if as_json:
        typer.echo(json.dumps(plain(read), indent=2, ensure_ascii=False))
        return
    for line in as_lines(read):
        typer.echo(line)
    typer.echo(f"\n{read.counts.sentence()}; {len(read.readings)} readings")
    for notice in read.notices:
        typer.echo(f"{notice.kind}: {notice.text}")
