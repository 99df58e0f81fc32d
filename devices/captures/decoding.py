"""Captured bytes through the driver that would have read them live: the same readings and notices."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from devices.captures.advice import advice
from devices.captures.capture import Capture
from devices.errors import CaptureError
from devices.protocols.base import Driver, LeavesChoice
from devices.reading import Item, Notice, Reading


class Decoded(Struct, frozen=True):
    """What a capture says: its readings as they came, its notices by time, damage to the capture itself first.

    `relative`: times count from the capture's own beginning, or its first midnight.
    """

    readings: list[Reading]
    notices: list[Notice]
    relative: bool


def decode(captured: Capture, driver: Driver, path: Path) -> Decoded:
    """Runs `captured` through `driver`, whose `assumed_start` and `zone` are set. `path` names it in sentences.

    Raises:
        CaptureError: neither the capture nor its bytes carry times, and nobody said when they began; or the bytes
            leave something open, such as several patients.
    """
    items: list[Item] = []
    last: int | None = None
    for piece in captured.pieces:
        items += driver.receive(piece.data, piece.at)
        last = piece.at
    items += driver.finish(last)
    # Where nothing was understood at all, a start would not help: that is for the caller to say.
    if not captured.is_stamped and driver.needs_start and driver.counters.frames:
        raise CaptureError(
            f"{path} carries no times, and neither do its {driver.name} bytes: say when it began with --start"
        )
    if isinstance(driver, LeavesChoice) and driver.choice:
        raise CaptureError(f"{path}: {driver.choice}")
    notices = [item for item in items if isinstance(item, Notice)]
    first = min((item.time for item in items), default=driver.assumed_start or 0)
    notices[:0] = [Notice(first, first, kind, text, source=driver.name) for kind, text in captured.damage]
    return Decoded(
        [item for item in items if isinstance(item, Reading)],
        notices,
        captured.relative if captured.is_stamped else driver.is_relative,
    )


def nothing_understood(path: Path, driver: Driver) -> CaptureError:
    """The error for a capture in which `driver` found no whole frame."""
    try:
        with path.open("rb") as file:
            what = advice(file.read(4096))
    except OSError:
        what = "is it another protocol?"
    return CaptureError(
        f"nothing in {path} is a whole {driver.name} frame ({driver.counters.bytes_in} bytes, "
        f"{driver.counters.rejected} refused): {what}"
    )
