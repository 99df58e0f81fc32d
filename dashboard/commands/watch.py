"""``risewatch watch``: ports, detection, alarms and their writes, without screens."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    config: Annotated[Path, typer.Option(help="The bed configuration (TOML).")],
    data: Annotated[Path | None, typer.Option(help="The data folder (default: this user's).")] = None,
    demo: Annotated[bool, typer.Option("--demo", hidden=True, help="Virtual beds: mark all DEMO.")] = False,
) -> None:
    """Watches the configured beds until stopped. One watch per database: a second one is refused."""
    import logging

    from dashboard.watch.build import build_watch
    from dashboard.watch.configuration import load_configuration
    from dashboard.watch.configuration_file import ConfigurationFile
    from dashboard.watch.places import captures_of, database_of

    logging.basicConfig(level=logging.WARNING, format="risewatch watch: %(message)s")
    configuration = load_configuration(config)
    place = configuration.database or database_of(data, None)
    file = ConfigurationFile(config, configuration, editable=not demo)
    build_watch(configuration, place, "demo" if demo else "live", captures_of(data), file).run()
