"""``risewatch dashboard``: the screens alone, on the store of a running watch."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import typer


def command(
    data: Optional[Path] = typer.Option(  # noqa: UP045 (typer reads the annotation at run time)
        None, "--data", help="The data folder (default: this user's).", file_okay=False
    ),
    config: Optional[Path] = typer.Option(  # noqa: UP045
        None, "--config", help="A bed configuration; its database wins.", dir_okay=False
    ),
    host: str = typer.Option("127.0.0.1", "--host", help="Address to listen on."),
    port: int = typer.Option(8501, "--port", help="Port to listen on."),
    no_browser: bool = typer.Option(False, "--no-browser", help="Do not open a browser."),
) -> None:
    """Opens the screens. Watching itself is done by ``risewatch watch`` (or ``run``, which does both)."""
    from dashboard.server import serve
    from dashboard.watch.places import database_of

    raise typer.Exit(serve(database_of(data, config), host, port, open_browser=not no_browser))
