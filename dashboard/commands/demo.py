"""``risewatch demo``: everything on this machine, with nothing plugged in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    data: Annotated[Path | None, typer.Option(help="The data folder (default: a new temporary one, printed).")] = None,
    host: Annotated[str, typer.Option(help="Address the screens are served on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port the screens are served on.")] = 8501,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """Three virtual monitors on real pseudo-terminals and one real recording, sessions some 25 minutes in."""
    from dashboard.demo.run import run_demo

    raise typer.Exit(run_demo(data, host, port, open_browser=not no_browser))
