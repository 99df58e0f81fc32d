"""``risewatch flag``: the rises of a recording, by the same machine that watches live."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from devices.instant import MINUTE

if TYPE_CHECKING:
    from datetime import tzinfo

    from dashboard.rises.analysis import Analysis
    from devices.recordings.base import Recording


def command(
    recording: Annotated[Path, typer.Argument(help="A recording of any format that is read, see `formats`.")],
    infusion_start: Annotated[
        str, typer.Option(metavar="T", help="Start of the drug: ISO 8601, or +SECONDS in a recording without dates.")
    ],
    infusion_end: Annotated[
        str | None, typer.Option(metavar="T", help="Stop of the drug (default: the session's end, marked assumed).")
    ] = None,
    session_end: Annotated[
        str | None, typer.Option(metavar="T", help="End of watching (default: the last reading).")
    ] = None,
    thresholds: Annotated[
        str, typer.Option(metavar="PRESET|FILE", help="A preset, see `presets`, or a threshold file in TOML.")
    ] = "adult-iv",
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Why each rise was flagged: baseline, limit, the readings that decided.")
    ] = False,
    timezone: Annotated[
        str | None,
        typer.Option(metavar="ZONE", help="Zone of times without an offset, here and in the file (default: UTC)."),
    ] = None,
    start: StartOption = None,
    patient: PatientOption = None,
    date_order: DateOrderOption = None,
    mapping: MappingOption = None,
    device: DeviceOption = None,
    member: MemberOption = None,
    also: AlsoOption = None,
) -> None:
    """Flags the rises of a recorded session: baseline, each rise with onset, peak, return and outcome, and notices.

    Not a medical device; thresholds are examples until a local clinician approves them.
    """
    import json
    from datetime import UTC

    from dashboard.commands import recording_options
    from dashboard.rises.analysis import analyse
    from dashboard.rises.threshold_files import named
    from dashboard.rises.timeline import Timeline
    from dashboard.rises.written import as_json as written

    said = recording_options.zone(timezone)
    overrides = recording_options.load_mapping(mapping)
    zone = said or recording_options.zone(overrides.zone) or UTC
    times = {"--infusion-start": infusion_start, "--infusion-end": infusion_end, "--session-end": session_end}
    for option, text in times.items():
        recording_options.check_time(option, text, zone)
    rules = named(thresholds)
    read = recording_options.read(
        recording, zone=said, start=start, date_order=date_order, patient=patient, mapping=overrides,
        member=member, device=device, also=also,
    )  # fmt: skip
    t0, stop, end = (recording_options.time(option, text, zone, read.relative) for option, text in times.items())
    assert t0 is not None  # the option is required
    for option, given in (("--infusion-end", stop), ("--session-end", end)):
        if given is not None and given < t0:
            raise typer.BadParameter("lies before --infusion-start", param_hint=option)
    recording_options.tell(read)
    analysis = analyse(read.readings, Timeline(t0, stop, None, end), rules)
    if as_json:
        found = written(analysis, read.relative)
        if explain:
            _add_explanations(found, analysis, read.relative)
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    _show(analysis, read, zone)
    if explain:
        _show_explanations(analysis)


def _add_explanations(found: dict[str, Any], analysis: Analysis, relative: bool) -> None:
    from dashboard.rises.explanation import explain
    from dashboard.rises.explanation_words import as_json

    for entry, rise in zip(found["rises"], analysis.rises, strict=True):
        # The rise and its annotations are there already.
        said = as_json(explain(analysis, rise), relative)
        entry["explanation"] = {key: value for key, value in said.items() if key not in ("rise", "annotations")}


def _show_explanations(analysis: Analysis) -> None:
    from dashboard.rises.explanation import explain
    from dashboard.rises.explanation_words import headline, sentences

    t0 = analysis.evidence.t0
    for rise in analysis.rises:
        explanation = explain(analysis, rise)
        typer.echo(f"\n{headline(explanation)}")
        for each in sentences(explanation, lambda time: f"{(time - t0) / MINUTE:+.1f} min"):
            typer.echo(f"  {each}")


_COLUMNS = ("signal", "level", "limit", "onset", "confirmed", "peak", "at", "return", "declared", "outcome")


def _show(analysis: Analysis, read: Recording, zone: tzinfo) -> None:
    """The analysis for a person: times in `zone` and minutes from the start of the drug."""
    import sys

    from dashboard.rises.notices import UNITS
    from devices import instant

    t0 = analysis.timeline.timeline.t0
    assert t0 is not None

    def moment(time: int) -> str:
        if read.relative:
            return instant.format(time, relative=True)
        return instant.to_datetime(time, zone).isoformat(sep=" ", timespec="seconds")

    def since(time: int | None) -> str:
        return "-" if time is None else f"{(time - t0) / MINUTE:+.1f}"

    closed = analysis.timeline
    said = {True: " (assumed)", False: ""}
    typer.echo(f"Infusion   {moment(t0)} to {moment(closed.infusion_end)}{said[closed.infusion_end_assumed]}")
    typer.echo(f"Watched    to {moment(closed.session_end)}{said[closed.session_end_assumed]}")
    typer.echo(f"Thresholds {analysis.thresholds.name} ({analysis.thresholds.hash[:8]})")
    for signal, baseline in analysis.baselines.items():
        value = "none" if baseline.value is None else f"{baseline.value:g} {UNITS[signal]}"
        of = "epochs" if signal == "HR" else "readings"
        typer.echo(f"Baseline   {signal} {value} ({baseline.status.value}, {baseline.n} {of})")
    rows = [
        (
            rise.episode.signal,
            str(rise.episode.level),
            f"{rise.episode.threshold:g}",
            since(rise.episode.onset),
            since(rise.episode.confirmed),
            f"{rise.episode.peak:g}",
            since(rise.episode.peak_time),
            since(rise.episode.return_time),
            since(rise.episode.declared),
            "present at baseline" if rise.episode.present_at_baseline else rise.outcome.value.replace("_", " "),
        )
        for rise in analysis.rises
    ]
    typer.echo(f"\n{len(analysis.counted)} rises by these thresholds; times in minutes from the start of the infusion")
    if rows and sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        for column in _COLUMNS:
            table.add_column(column, no_wrap=column != "outcome")  # a number is never cut, an outcome may wrap
        for row in rows:
            table.add_row(*row)
        Console().print(table)
    elif rows:
        widths = [max(map(len, column)) for column in zip(_COLUMNS, *rows, strict=True)]
        for row in (_COLUMNS, *rows):
            typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    if analysis.low:
        typer.echo("\nLow limits (notices, not rises)")
        for low in analysis.low:
            until = "until the end" if low.return_time is None else f"to {since(low.return_time)}"
            typer.echo(
                f"  {low.signal} at or below {low.threshold:g} {UNITS[low.signal]} from {since(low.onset)} {until}, "
                f"lowest {low.peak:g} at {since(low.peak_time)}"
            )
    if analysis.spells:
        typer.echo("\nNot looked at")
        for spell in analysis.spells:
            what = spell.lack.value.replace("-", " ")
            typer.echo(f"  {spell.signal} {what} from {since(spell.since)} to {since(spell.until)}")
    if analysis.notices:
        typer.echo("\nNotices")
        for notice in analysis.notices:
            typer.echo(f"  {since(notice.time)}  {notice.text}")
