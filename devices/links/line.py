"""How a serial line is set."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from devices.errors import SettingError


class LineSettings(Struct, frozen=True):
    """How a serial line is set. Networks and pseudo-terminals take no notice of it.

    Raises:
        SettingError: a rate, size, parity or stop bits that no serial line has.
    """

    baud: int = 9600
    bytesize: int = 8
    parity: str = "N"
    stopbits: float = 1
    rtscts: bool = False

    def __post_init__(self) -> None:
        if self.baud <= 0:
            raise SettingError(f"baud {self.baud} is not a rate: give bits per second such as 9600")
        if self.bytesize not in (5, 6, 7, 8):
            raise SettingError(f"bytesize {self.bytesize} is not possible: give 5, 6, 7 or 8")
        if self.parity not in ("N", "E", "O", "M", "S"):
            raise SettingError(f"parity {self.parity!r} is not possible: give N, E, O, M or S")
        if self.stopbits not in (1, 1.5, 2):
            raise SettingError(f"stopbits {self.stopbits} is not possible: give 1, 1.5 or 2")


class Line(Protocol):
    """What a link needs to know of a serial line; LineSettings is one."""

    @property
    def baud(self) -> int: ...
    @property
    def bytesize(self) -> int: ...
    @property
    def parity(self) -> str: ...
    @property
    def stopbits(self) -> float: ...
    @property
    def rtscts(self) -> bool: ...
