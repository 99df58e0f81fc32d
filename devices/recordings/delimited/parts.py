"""The numbered part files of one case of the University of Queensland, which are one recording."""

from __future__ import annotations

from pathlib import Path

from devices.recordings.kinds import PART
from devices.recordings.recording import Builder


def parts_of(path: Path) -> dict[int, Path]:
    """`path`, or all the parts of its case by their numbers, in the order of these: 2 before 10."""
    found = PART.fullmatch(path.name)
    if not found:
        return {0: path}
    parts: dict[int, Path] = {}
    for each in path.parent.iterdir():
        other = PART.fullmatch(each.name)
        if other and other["case"] == found["case"] and each.is_file():
            parts[int(other["number"])] = each
    return dict(sorted(parts.items()))


def tell_parts(parts: dict[int, Path], into: Builder) -> None:
    """Notes which parts were joined, and which of them are not there."""
    numbers = list(parts)
    if len(numbers) > 1:
        into.notice("device-event", f"{len(numbers)} parts of one case were joined: {numbers[0]} to {numbers[-1]}")
    if missing := sorted(set(range(numbers[0], numbers[-1])) - set(numbers)):
        into.notice("incomplete", f"parts of the case are not there: {', '.join(map(str, missing))}")
