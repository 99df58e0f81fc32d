"""``risewatch run``: watch and dashboard for the beds of a configuration, each in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    config: Annotated[Path, typer.Option(help="The bed configuration (TOML).")],
    data: Annotated[Path | None, typer.Option(help="The data folder (default: this user's).")] = None,
    host: Annotated[str, typer.Option(help="Address the screens are served on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port the screens are served on.")] = 8501,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """Watches the configured beds and serves their screens. A watch that dies is started again at once."""
    import logging

    from dashboard.server import check_free
    from dashboard.watch.configuration import load_configuration
    from dashboard.watch.supervisor import Child, supervise

    logging.basicConfig(level=logging.WARNING, format="risewatch run: %(message)s")
    load_configuration(config)
    check_free(host, port)
    place = [] if data is None else ["--data", str(data)]
    screens = [*place, "--config", str(config), "--host", host, "--port", str(port)]
    if no_browser:
        screens.append("--no-browser")
    children = [
        Child("watch", ["watch", "--config", str(config), *place], restart=True),
        Child("dashboard", ["dashboard", *screens], restart=True),
    ]
    raise typer.Exit(supervise(children))
