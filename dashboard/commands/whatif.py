"""``risewatch whatif``: what threshold sets would have flagged on sessions that are over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.commands.recording_options import DateOrderOption, MappingOption

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from dashboard.rises.whatif import Finished, WhatIf
    from dashboard.store.database import Store

SHOWN_DIFFERENCES = 40


def command(
    sessions: Annotated[
        Path | None,
        typer.Argument(help="CSV: recording,infusion_start,infusion_end,session_end,patient (the first two needed)."),
    ] = None,
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="The finished sessions of this data folder.")] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="Or those of this configuration's store.")] = None,
    thresholds: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PRESET|FILE|NAME@VERSION",
            help="To be given twice or more: the others are compared with the first. NAME@VERSION is of the store.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    timezone: Annotated[
        str | None,
        typer.Option(metavar="ZONE", help="Zone of times without an offset, here and in the files (default: UTC)."),
    ] = None,
    date_order: DateOrderOption = None,
    mapping: MappingOption = None,
) -> None:
    """Judges finished sessions by two or more threshold sets and tells what appears, vanishes or moves.

    Not a medical device; thresholds are examples until a local clinician approves them.
    """
    import json
    from datetime import UTC

    from dashboard.commands import _threshold_sets, progress, recording_options
    from dashboard.errors import ConfigurationError
    from dashboard.rises.whatif import Asking
    from dashboard.rises.whatif_written import as_json as written

    in_store = any(map(_threshold_sets.is_stored, thresholds or []))
    has_store = data is not None or config is not None
    # Beside a SESSIONS file the store may only be where the versions are.
    if (sessions is None) != has_store and not (sessions is not None and in_store):
        raise typer.BadParameter("give either a SESSIONS file or --data (or --config)", param_hint="SESSIONS")
    if thresholds is None or len(thresholds) < 2:
        raise typer.BadParameter("give two or more threshold sets", param_hint="--thresholds")
    zone = recording_options.zone(timezone)
    sets = _threshold_sets.sets(thresholds, lambda: _store(data, config))
    # A version is called as it was asked for: two of one set have one name.
    called = [
        text if _threshold_sets.is_stored(text) else each.name for text, each in zip(thresholds, sets, strict=True)
    ]
    asking = Asking(sets, called)
    if sessions is not None:
        from dashboard.commands import _sessions_file

        lines = _sessions_file.rows(sessions)
        overrides = recording_options.load_mapping(mapping)
        found, total = _sessions_file.read(lines, zone, date_order, overrides), len(lines)
    else:
        store = _store(data, config)
        try:
            with progress.step("Reading the sessions"):
                found, total = _stored(store, zone or UTC)
        finally:
            store.close()
        if not total:
            raise ConfigurationError("there is no finished session with an infusion in this store yet")
    with progress.step("Judging the sessions") as tell:
        for number, each in enumerate(found, 1):
            asking.take(each)
            tell(number / total)
    answer = asking.answer()
    if as_json:
        typer.echo(json.dumps(written(answer), indent=2, ensure_ascii=False))
    else:
        _show(answer)


def _store(data: Path | None, config: Path | None) -> Store:
    from dashboard.store.database import open_store
    from dashboard.watch.places import database_of

    return open_store(database_of(data, config), create=False)


def _stored(store: Store, zone: tzinfo) -> tuple[Iterator[Finished], int]:
    from dashboard.store import finished

    found = finished.sessions(store, zone)
    return iter(found), len(found)


def _show(answer: WhatIf) -> None:
    from dashboard.rises import whatif_written

    typer.echo(f"{len(answer.sessions)} sessions, {answer.hours:.1f} h watched after the start of the drug")
    for outlook in answer.outlooks:
        typer.echo(f"  {outlook.name} ({outlook.thresholds.hash[:8]})")
    typer.echo("")
    _table(whatif_written.rows(answer))
    for outlook in answer.outlooks[1:]:
        differences = whatif_written.difference_rows(outlook)
        title = f"{outlook.name} against {answer.outlooks[0].name}"
        typer.echo(f"\n{title}: {outlook.same} the same, {len(differences)} differ")
        _table(differences[:SHOWN_DIFFERENCES])
        if len(differences) > SHOWN_DIFFERENCES:
            typer.echo(f"... and {len(differences) - SHOWN_DIFFERENCES} more; --json has them all")


def _table(rows: list[dict[str, str]]) -> None:
    if not rows:
        return
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
