"""What the catalogue knows of a protocol before anything of it is imported."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from devices.links.line import LineSettings

Value = str | int | float | bool


class Setting(Struct, frozen=True):
    """A setting that a protocol's driver takes: its type, the value without it, what it does."""

    type: type
    default: Value
    help: str


class Entry(Struct, frozen=True):
    """One protocol.

    Attributes:
        name: as in configurations and commands. label: for people. monitors: which monitors speak it.
        driver, device: ``module:Class``, imported when used; device "" if there is no virtual monitor.
        line: how its serial line is set by default. signals: what it can offer.
        settings: what its driver takes besides the line's settings.
        other_lines: further line settings at which its monitors are met.
        speaks_unasked: its monitors stream of their own accord, so that listening alone finds them.
        asks: what its driver sends first, for a person who is to allow it ("" if it never sends anything). It only
            asks: nothing in it acts on a patient or changes the monitor, but for starting the flow of its data.
        network: spoken over a network only; no serial port is searched for it.
    """

    name: str
    label: str
    monitors: str
    driver: str
    device: str
    line: LineSettings
    signals: tuple[str, ...]
    settings: Mapping[str, Setting] = field(default_factory=dict)
    other_lines: tuple[LineSettings, ...] = ()
    speaks_unasked: bool = False
    asks: str = ""
    network: bool = False
