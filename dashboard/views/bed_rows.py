"""A bed configuration as rows of a table that a person edits, and back. Pure."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from dashboard.errors import ConfigurationError
from dashboard.watch.configuration import Configuration, check_configuration

COLUMNS = ["name", "group", "protocol", "port", "location", "capture", "settings"]

_WHERE = "the new configuration"


def rows_of(configuration: Configuration) -> list[dict[str, Any]]:
    """A row a bed, in the order of the wall; `settings` as a line of TOML."""
    return [
        {**{name: getattr(bed, name) for name in COLUMNS[:-1]}, "settings": _settings_text(bed.settings)}
        for bed in configuration.bed
    ]


def configuration_from(rows: Iterable[Mapping[str, Any]], watch: str, zone: str) -> Configuration:
    """The configuration that the rows say, checked as a file is. Rows left empty are none.

    Raises:
        ConfigurationError: it cannot be; the sentence names the bed.
    """
    beds: list[dict[str, Any]] = []
    for row in rows:
        given = {name: _cell(row.get(name)) for name in COLUMNS}
        if not any(given.values()):
            continue
        bed: dict[str, Any] = {name: str(given[name]) for name in ("name", "protocol", "port")}
        for name in ("name", "protocol", "port"):
            if not bed[name]:
                raise ConfigurationError(f"{_WHERE}: bed {bed['name'] or len(beds) + 1!r} has no {name}; give one")
        bed |= {name: str(given[name]) for name in ("location", "group") if given[name]}
        bed["capture"] = given["capture"] is True
        bed["settings"] = _settings(str(given["settings"]), bed["name"])
        beds.append(bed)
    content = {"watch": watch.strip() or "risewatch", "timezone": zone, "bed": beds}
    return check_configuration(content, _WHERE)


def _cell(value: Any) -> Any:
    """A cell without what editing leaves in an empty one (None, NaN)."""
    if value is None or value != value:
        return ""
    return value if isinstance(value, bool) else str(value).strip()


def _settings(text: str, bed: str) -> dict[str, Any]:
    try:
        found = tomllib.loads(f"settings = {{{text}}}")["settings"]
    except tomllib.TOMLDecodeError:
        raise ConfigurationError(
            f"{_WHERE}: the settings of {bed!r} cannot be read: write them as baud = 19200, rtscts = false"
        ) from None
    return dict(found)


def _settings_text(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in settings.items())
