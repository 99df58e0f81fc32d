"""``risewatch ports``: which serial ports this machine has. Nothing is opened."""

from __future__ import annotations

import typer


def command() -> None:
    """Lists the serial ports of this machine, with what the system knows of each. Opens none of them."""
    from serial.tools import list_ports

    found = sorted(list_ports.comports())
    if not found:
        typer.echo("No serial port found. Plug the adapter in and ask again.", err=True)
    for port in found:
        typer.echo(f"{port.device}\t{port.description}\t{port.hwid}")
