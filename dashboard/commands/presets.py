"""``risewatch presets``: the threshold sets that come with the program."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    name: Annotated[str | None, typer.Argument(help="Print this one as a threshold file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable: all values.")] = False,
) -> None:
    """Lists the threshold sets, or prints one: a file to copy and change.

    They are examples: a named local clinician must approve every threshold before any use near a patient.
    """
    import json

    from dashboard.rises.threshold_files import PRESETS, preset, preset_text

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
