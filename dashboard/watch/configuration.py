"""A bed configuration: which monitor hangs on which port, read from TOML. A wrong key stops everything.

watch = "clinic"                      # name of this watch
database = "postgresql+psycopg://..."  # optional; the data folder's SQLite file otherwise
timezone = "Europe/Berlin"            # the clinic's zone, for the screens

[[bed]]
name = "Bed 1"
protocol = "dinamap"
port = "/dev/serial/by-id/usb-..."    # any pyserial URL
group = "North"                       # optional
capture = true                        # optional: keep every byte of the port in files, beside the database
[bed.settings]                        # the protocol's own settings, optional
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dashboard.errors import ConfigurationError
from devices import instant
from devices.catalogue import check_settings, protocols
from devices.errors import DeviceError
from devices.protocols.hl7.places import is_location, same_location


class BedConfiguration(BaseModel):
    """One bed. `location` tells beds apart that share one HL7 port (PV1-3); `capture` keeps its port's bytes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str = Field(min_length=1, max_length=40)
    protocol: str
    port: str = Field(min_length=1)
    location: str = ""
    group: str = ""
    capture: bool = False
    settings: dict[str, str | int | float | bool] = {}


class Configuration(BaseModel):
    """A clinic's beds, in the order in which they stand on the wall."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    watch: str = "risewatch"
    database: str | None = None
    timezone: str = "UTC"
    bed: tuple[BedConfiguration, ...] = Field(default=(), strict=False)


def load_configuration(path: Path) -> Configuration:
    """The configuration in the TOML file at `path`.

    Raises:
        ConfigurationError: not readable, a wrong key or type, an unknown protocol or setting, an unknown time
            zone, two beds of one name or on one port. The sentence names the place.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"the configuration {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"the configuration {path} is not TOML: {error}") from None
    return parse_configuration(text, str(path))


def parse_configuration(text: str, where: str) -> Configuration:
    """The configuration in the TOML `text`; `where` names it in sentences. Raises as `load_configuration`."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"the configuration {where} is not TOML: {error}") from None
    return check_configuration(content, where)


def _check_shared(one: BedConfiguration, other: BedConfiguration, where: str) -> None:
    """Raises ConfigurationError unless the two beds, on one port, can be told apart."""
    pair = f"{where}: {one.name!r} and {other.name!r} are on the same port {other.port}"
    if one.protocol != other.protocol or one.protocol != "hl7":
        raise ConfigurationError(f"{pair}; a port carries one monitor")
    if not (one.location and other.location):
        raise ConfigurationError(f"{pair}; a port carries one monitor, or give each its 'location' (PV1-3)")
    if same_location(one.location, other.location):
        raise ConfigurationError(f"{pair} and of the same location {other.location}; give each its own")
    if one.settings != other.settings:
        raise ConfigurationError(f"{pair}, but their settings differ; give both the same")


def check_configuration(content: dict[str, Any], where: str) -> Configuration:
    """`content` as a Configuration; `where` names it in sentences. Raises as `load_configuration`."""
    try:
        configuration = Configuration.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise ConfigurationError(f"{where}: there is no setting {place!r}; remove it or correct its name") from None
        if first["type"] == "missing":
            raise ConfigurationError(f"{where}: {place!r} is missing") from None
        raise ConfigurationError(f"{where}: {place!r} cannot be {first['input']!r}: {first['msg'].lower()}") from None
    try:
        instant.zone_named(configuration.timezone)
    except ValueError as error:
        raise ConfigurationError(f"{where}: 'timezone': {error}") from None
    names: dict[str, int] = {}
    on_port: dict[str, list[BedConfiguration]] = {}
    for bed in configuration.bed:
        try:
            check_settings(bed.protocol, bed.settings)
        except DeviceError as error:
            raise ConfigurationError(f"{where}: bed {bed.name!r}: {error}") from None
        if names.setdefault(bed.name, 1) > 1 or sum(each.name == bed.name for each in configuration.bed) > 1:
            raise ConfigurationError(f"{where}: two beds are called {bed.name!r}; give each its own name")
        if bed.location and bed.protocol != "hl7":
            raise ConfigurationError(f"{where}: bed {bed.name!r}: 'location' is for hl7 only; remove it")
        if bed.location and not is_location(bed.location):
            raise ConfigurationError(f"{where}: bed {bed.name!r}: {bed.location!r} is no location such as Ward^3^7")
        for other in on_port.setdefault(bed.port, []):
            _check_shared(other, bed, where)
        on_port[bed.port].append(bed)
    if not configuration.bed:
        known = ", ".join(sorted(each.name for each in protocols()))
        raise ConfigurationError(f"{where}: no [[bed]] is configured; add one with name, port and protocol ({known})")
    return configuration
