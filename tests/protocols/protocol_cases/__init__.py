"""What the contract battery must know of each protocol; a module each, holding its `CASE`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Case:
    """One protocol in the battery.

    Attributes:
        name: the protocol's.
        frames: cuts a whole stream of its virtual monitor into frames, each with its own end.
        harmful: what of the bytes sent is not one of the sheet's harmless requests.
        rate: the signal that shows the bedside's heart rate, "" if none does.
        asks: its driver sends something. answers: it sends only in answer to what it hears.
        spo2, cuff, mean: whether it measures these. cuff_failure: whether it tells of a cuff that failed.
        checked: a checksum guards its frames, so that one wrong bit anywhere is noticed.
        flipped: the place in a frame (index) where the battery flips a bit; inside what the check covers.
        not_in_noise: bytes that noise between two frames must not hold, and what it must end with: noise that looks
            like the begin of a frame may rightly cost the next one.
        settings: of the driver.
        items: a stream of two minutes gives more readings than this.
        settle_s: seconds after which what the bedside shows is surely told.
    """

    name: str
    frames: Callable[[bytes], list[bytes]]
    harmful: Callable[[bytes], list[bytes]]
    rate: str = "PR"
    asks: bool = True
    answers: bool = False
    spo2: bool = True
    cuff: bool = True
    mean: bool = True
    cuff_failure: bool = True
    checked: bool = True
    flipped: int = -4
    not_in_noise: bytes = b""
    noise_end: bytes = b""
    settings: Mapping[str, object] = field(default_factory=dict)
    items: int = 20
    settle_s: int = 20


def cases() -> dict[str, Case]:
    """All cases by protocol."""
    names = [module.name for module in pkgutil.iter_modules(__path__, f"{__name__}.")]
    found = [importlib.import_module(name).CASE for name in names]
    return {case.name: case for case in found}


def ended_by(end: bytes) -> Callable[[bytes], list[bytes]]:
    """Frames that each end with `end`."""
    return lambda data: [frame + end for frame in data.split(end) if frame]


def silent(sent: bytes) -> list[bytes]:
    """For a protocol whose driver must never send anything."""
    return [sent] if sent else []
