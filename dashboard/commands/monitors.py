"""``risewatch monitors``: the protocols that are spoken, with the monitors that speak them."""

from __future__ import annotations

from typing import Annotated

import typer


def command(as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False) -> None:
    """Lists the protocols: name, monitors, line settings, signals, settings of a bed."""
    import json

    from devices.catalogue import protocols
    from devices.protocols.entry import Entry

    def line(entry: Entry) -> str:
        set_to = entry.line
        flow = " RTS/CTS" if set_to.rtscts else ""
        return f"{set_to.baud} {set_to.bytesize}{set_to.parity}{set_to.stopbits:g}{flow}"

    if as_json:
        rows = [
            {
                "name": each.name,
                "label": each.label,
                "monitors": each.monitors,
                "line": line(each),
                "signals": list(each.signals),
                "settings": {key: value.help for key, value in each.settings.items()},
                "simulated": bool(each.device),
            }
            for each in protocols()
        ]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for each in protocols():
        typer.echo(f"{each.name}: {each.label}")
        typer.echo(f"    monitors  {each.monitors}")
        typer.echo(f"    line      {line(each)}")
        typer.echo(f"    signals   {' '.join(each.signals)}")
        for key, value in each.settings.items():
            # As it is written in a bed's TOML table.
            typer.echo(f"    setting   {key} = {json.dumps(value.default)}: {value.help}")
