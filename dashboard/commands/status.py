"""``risewatch status``: what the store knows of watch, beds, monitors, readings and rises."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def command(
    data: Annotated[Path | None, typer.Option(help="The data folder (default: this user's).")] = None,
    config: Annotated[Path | None, typer.Option(help="A configuration; its database wins.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Says how the watch, the beds and their monitors stand. Exit 0 whenever the store can be read."""
    import json

    from dashboard.store.database import open_store
    from dashboard.store.status import status
    from dashboard.watch.places import database_of
    from devices import instant

    store = open_store(database_of(data, config), create=False)
    try:
        with store.reading() as connection:
            found = status(connection, instant.now())
    finally:
        store.close()
    typer.echo(json.dumps(found, indent=2, ensure_ascii=False) if as_json else _table(found))


def _table(found: dict[str, Any]) -> str:
    watch = found["watch"]
    age = watch["heartbeat_age_s"]
    lines = [f"watch {watch['state']}" + ("" if age is None else f", heartbeat {age:.1f} s ago")]
    if not found["beds"]:
        lines.append("no bed is configured")
    for bed in found["beds"]:
        monitor = bed["monitor"]
        mark = "" if bed["mode"] == "live" else f" [{bed['mode'].upper()}]"
        lines.append(f"\n{bed['name']}{mark}: {bed['state'].replace('_', ' ')}")
        lines.append(
            f"  {monitor['protocol']} on {monitor['port']}: {monitor['state']}, "
            f"{monitor['frames']} frames, {monitor['rejected']} rejected"
        )
        for signal, each in bed["readings"].items():
            value = "no value" if each["value"] is None else f"{each['value']:g} {each['unit']}"
            lines.append(f"  {signal}: {value} ({each['status']}, {each['source']}, {each['age_s']:.0f} s old)")
        for rise in bed["rises"]:
            lines.append(
                f"  rise {rise['signal']} level {rise['level']}: onset {rise['onset']}, peak {rise['peak']:g}, "
                f"limit {rise['threshold']:g}, {rise['outcome'].replace('_', ' ')}"
            )
    return "\n".join(lines)
