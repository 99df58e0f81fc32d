"""``risewatch formats``: the recording formats that are read."""

from __future__ import annotations

from typing import Annotated

import typer


def command(as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False) -> None:
    """Lists the recording formats: name, usual suffixes, what is read. A file's content decides."""
    import json

    from devices.recordings.base import FORMATS

    if as_json:
        rows = [{"name": each.name, "suffixes": list(each.suffixes), "text": each.text} for each in FORMATS.values()]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    width = max(len(name) for name in FORMATS)
    suffixes = max(len(" ".join(each.suffixes)) for each in FORMATS.values())
    for each in FORMATS.values():
        typer.echo(f"{each.name.ljust(width)}  {' '.join(each.suffixes).ljust(suffixes)}  {each.text}")
