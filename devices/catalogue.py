"""Which protocols are spoken: name -> driver, virtual device, line settings, what it offers. Imported when asked for.

Each folder of `devices.protocols` is one, and its `ENTRY` says what it is. A third party adds one by an entry point
of the group ``risewatch.protocols`` that names such an `Entry`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Any

from msgspec.structs import fields

from devices import protocols as built_in
from devices.errors import SettingError, UnknownName
from devices.links.line import LineSettings
from devices.protocols.base import Driver
from devices.protocols.entry import Entry, Value
from devices.virtual.device import Bedside, VirtualDevice

GROUP = "risewatch.protocols"


def _built_in() -> Iterator[Entry]:
    for module in pkgutil.iter_modules(built_in.__path__, f"{built_in.__name__}."):
        if module.ispkg:
            entry: Entry = importlib.import_module(module.name).ENTRY
            yield entry


@lru_cache
def _entries() -> dict[str, Entry]:
    found = {entry.name: entry for entry in _built_in()}
    for point in entry_points(group=GROUP):
        entry = point.load()
        if entry.name in found:
            raise SettingError(
                f"the package {point.value} offers the protocol {entry.name!r} a second time: remove one"
            )
        found[entry.name] = entry
    return found


def protocols() -> list[Entry]:
    """All protocols, the program's own first."""
    return list(_entries().values())


def protocol_named(name: str) -> Entry:
    """The protocol called `name`.

    Raises:
        UnknownName: there is none; the sentence lists those there are.
    """
    try:
        return _entries()[name]
    except KeyError:
        known = ", ".join(_entries())
        raise UnknownName(f"there is no protocol {name!r}; there are {known}") from None


def check_settings(name: str, settings: Mapping[str, Value]) -> None:
    """Raises UnknownName or SettingError for a protocol, a key or a type that cannot be."""
    split_settings(name, settings)


def split_settings(name: str, settings: Mapping[str, Value]) -> tuple[dict[str, Value], LineSettings]:
    """A bed's settings, parted into the driver's and the line's; what is not named stays as the protocol has it.

    Raises:
        UnknownName: no such protocol. SettingError: a key that neither knows, or a value of another type.
    """
    entry = protocol_named(name)
    of_line = {each.name: getattr(entry.line, each.name) for each in fields(entry.line)}
    of_driver: dict[str, Value] = {}
    for key, value in settings.items():
        if key in of_line:
            of_line[key] = _of_type(key, value, type(of_line[key]))
        elif key in entry.settings:
            of_driver[key] = _of_type(key, value, entry.settings[key].type)
        else:
            known = ", ".join((*entry.settings, *of_line))
            raise SettingError(f"{name} has no setting {key!r}; there are {known}")
    return of_driver, LineSettings(**of_line)


def _of_type(key: str, value: Value, wanted: type) -> Any:
    if wanted in (int, float) and isinstance(value, int | float) and not isinstance(value, bool):
        if wanted is float or float(value).is_integer() or key == "stopbits":
            return wanted(value) if key != "stopbits" else value
    elif wanted is str and not isinstance(value, bool):
        return str(value)
    elif isinstance(value, wanted) and isinstance(value, bool) == (wanted is bool):
        return value
    words = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    raise SettingError(f"the setting {key!r} cannot be {value!r}: give {words.get(wanted, wanted.__name__)}")


def create(name: str, settings: Mapping[str, Value] | None = None) -> Driver:
    """A new driver of the protocol `name` with the driver's part of a bed's settings.

    Raises:
        UnknownName, SettingError: as `split_settings`.
    """
    entry = protocol_named(name)
    of_driver, _ = split_settings(name, settings or {})
    driver: Driver = _load(entry.driver)(**of_driver)
    return driver


def create_device(name: str, bedside: Bedside) -> VirtualDevice:
    """A virtual monitor's side of the protocol `name`, showing what `bedside` observes.

    Raises:
        UnknownName: no such protocol. SettingError: it has no virtual monitor.
    """
    entry = protocol_named(name)
    if not entry.device:
        raise SettingError(f"the protocol {name!r} has no virtual monitor")
    device: VirtualDevice = _load(entry.device)(bedside)
    return device


def _load(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)
