"""``risewatch presets``: the threshold sets that come with the program."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    name: Annotated[str | None, typer.Argument(help="Print this one as a threshold file.")] = None,
    diff: Annotated[
        tuple[str, str] | None,
        typer.Option("--diff", metavar="A B", help="What differs between two presets or threshold files."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable: all values.")] = False,
) -> None:
    """Lists the threshold sets, prints one (a file to copy and change), or says what differs between two.

    They are examples: a named local clinician must approve every threshold before any use near a patient.
    """
    import json

    from dashboard.rises.threshold_files import PRESETS, preset, preset_text

    if diff is not None:
        if name:
            raise typer.BadParameter("give either a name or --diff A B")
        _show_differences(*diff, as_json)
        return
    if as_json:
        chosen = [preset(each) for each in ([name] if name else PRESETS)]
        found = [{**each.canonical, "hash": each.hash} for each in chosen]
        typer.echo(json.dumps(found[0] if name else found, indent=2, ensure_ascii=False))
        return
    if name:
        typer.echo(preset_text(name), nl=False)
        return
    width = max(map(len, PRESETS))
    for each in PRESETS:
        thresholds = preset(each)
        typer.echo(f"{each.ljust(width)}  {thresholds.hash[:8]}  {thresholds.title}")


def _show_differences(first: str, second: str, as_json: bool) -> None:
    import json

    from dashboard.rises.threshold_diff import differences, said
    from dashboard.rises.threshold_files import named

    before, after = named(first), named(second)
    found = differences(before, after)
    if as_json:
        rows = [{"field": each.field, "old": each.old, "new": each.new} for each in found]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    typer.echo(f"{before.name} ({before.hash[:8]}) -> {after.name} ({after.hash[:8]})")
    if not found:
        typer.echo("Nothing differs.")
        return
    rows_of_text = [(each.field, said(each.old), said(each.new)) for each in found]
    widths = [max(len(row[column]) for row in rows_of_text) for column in (0, 1)]
    for field, old, new in rows_of_text:
        typer.echo(f"{field.ljust(widths[0])}  {old.ljust(widths[1])}  ->  {new}")
