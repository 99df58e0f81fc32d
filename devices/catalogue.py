"""Which protocols are spoken: name -> driver, virtual device, line settings, what it offers. Imported when asked for.

A third party adds one by an entry point of the group ``risewatch.protocols`` that names an `Entry`.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Any

from devices.errors import SettingError, UnknownName
from devices.link import LineSettings
from devices.protocols.base import Driver
from devices.virtual.device import Bedside, VirtualDevice

Value = str | int | float | bool

GROUP = "risewatch.protocols"


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that a protocol's driver takes: its type, the value without it, what it does."""

    type: type
    default: Value
    help: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One protocol.

    Attributes:
        name: as in configurations and commands. label: for people. monitors: which monitors speak it.
        driver, device: ``module:Class``, imported when used; device "" if there is no virtual monitor.
        line: how its serial line is set by default. signals: what it can offer.
        settings: what its driver takes besides the line's settings.
    """

    name: str
    label: str
    monitors: str
    driver: str
    device: str
    line: LineSettings
    signals: tuple[str, ...]
    settings: Mapping[str, Setting] = field(default_factory=dict)

    def check_settings(self, settings: Mapping[str, Value]) -> None:
        """Raises SettingError for a key or a type that cannot be."""
        split_settings(self.name, settings)


_BUILT_IN = (
    Entry(
        name="dinamap",
        label="GE CARESCAPE V100 / DINAMAP host communications (ASCII)",
        monitors="CARESCAPE V100, DINAMAP ProCare 100-400, DINAMAP PRO 100-400; PRO 1000 native output (heart rate)",
        driver="devices.protocols.dinamap:Dinamap",
        device="devices.virtual.dinamap:DinamapDevice",
        line=LineSettings(9600),
        signals=("PR", "NIBP_SYS", "NIBP_DIA", "NIBP_MEAN", "SPO2", "TEMP"),
        settings={"temperature": Setting(bool, False, "ask for the temperature too (TC)")},
    ),
    Entry(
        name="ge-dri",
        label="GE Datex-Ohmeda record interface (DRI)",
        monitors="S/5, AS/3, CS/3, Cardiocap/5, B20-B40, B105/B125, CARESCAPE B450-B850",
        driver="devices.protocols.ge_dri:GeDri",
        device="devices.virtual.ge_dri:GeDriDevice",
        line=LineSettings(19200, parity="E", rtscts=True),
        signals=(
            "HR", "PR", "NIBP_SYS", "NIBP_DIA", "NIBP_MEAN", "ABP_SYS", "ABP_DIA", "ABP_MEAN", "SPO2", "RR", "TEMP",
        ),
        settings={
            "interval_s": Setting(int, 5, "seconds between records, 5 or more"),
            "aux": Setting(bool, True, "ask for the cuff's time stamps too"),
            "zone": Setting(str, "UTC", "zone of the monitor's clock, for comparing it with ours"),
        },
    ),
    Entry(
        name="line",
        label="Line protocol VSL1 (own definition) and its JSON variant",
        monitors="boards, research loggers and simulators that send one text line a sample",
        driver="devices.protocols.line:Line",
        device="devices.virtual.line:LineDevice",
        line=LineSettings(115200),
        signals=("HR", "PR", "NIBP_SYS", "NIBP_DIA", "NIBP_MEAN", "SPO2", "RR", "TEMP"),
        settings={"loose": Setting(bool, False, "accept free forms such as SYS:120,DIA:80,PUL:75, unverified")},
    ),
)  # fmt: skip


@lru_cache
def _entries() -> dict[str, Entry]:
    found = {entry.name: entry for entry in _BUILT_IN}
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
