"""The annotation signals of EDF+: the time of each record, and what was noted.

Units: onsets and durations are seconds from the start of the file, given back in microseconds.
Errors: none are raised; a list that is not understood ends where it stops making sense, and says how much was left.
Source: the recorded-files sheet, section 4; the EDF+ specification, time-stamped annotation lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from devices import instant
from devices.recordings.edf.header import LONGEST

_STAMP = re.compile(rb"(?P<sign>[+-])(?P<s>\d{1,12})(?:\.(?P<f>\d*))?(?:\x15(?P<lasts>\d{0,12}(?:\.\d*)?))?")

_LONGEST_TEXT = 1_000


class Annotation(Struct, frozen=True):
    """One text: when, seconds it lasts as written ("" if not said), what. An empty text gives its record's time."""

    onset: int
    lasts: str
    text: str


def read_lists(data: bytes) -> Iterator[Annotation | None]:
    """The annotations of one record's signal in their order; None for each list that is not understood."""
    for part in data.split(b"\x00"):
        if not part:
            continue
        head, mark, rest = part.partition(b"\x14")
        found = _STAMP.fullmatch(head)
        if not mark or not found or int(found["s"]) > LONGEST:
            yield None
            continue
        micro = int(((found["f"] or b"") + b"000000")[:6])
        onset = int(found["s"]) * instant.SECOND + micro
        lasts = (found["lasts"] or b"").decode("ascii")
        # Each text ends with a mark: what is behind the last one is empty, or cut.
        for text in rest.split(b"\x14")[:-1] or [b""]:
            shown = "".join(char if char.isprintable() else " " for char in text.decode("utf-8", errors="replace"))
            yield Annotation(-onset if found["sign"] == b"-" else onset, lasts, shown.strip()[:_LONGEST_TEXT])
