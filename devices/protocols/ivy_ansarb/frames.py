"""The messages of an IVY 450C: a mark, waves, text lines, a mark (other devices sheet, section A).

There is no checksum: a message is known by its marks, its length and the shape of every line of its text.
"""

from __future__ import annotations

import re

from msgspec import Struct

from devices.protocols.framing import Bad, Look

MARKER = b"\xffANSAR-B "
END = b"\xfe"
WAVES = 400
"""Bytes of waves: 200 ECG, 50 respiration, 50 pleth, 50 pressure 1, 50 pressure 2. The end mark may occur in them."""

TEXT = len(MARKER) + WAVES
"""Where the text begins."""

LONGEST = TEXT + 1_024
"""Bytes of the longest message that is believed; real ones have a little under 600."""

_LINES = re.compile(rb"(?:[A-Z][A-Z0-9]{0,7}=[0-9]{0,2};[ -~]*\r\n?)+")


class Line(Struct, frozen=True):
    """One line of a message: ``NAME=state;field;field;...``; `raw` without its end."""

    name: str
    state: str
    fields: tuple[str, ...]
    raw: bytes


def examine(held: bytes, place: int) -> int | Look | Bad:
    """What begins at `place`, where MARKER stands."""
    if len(held) - place <= TEXT:
        cut = held.find(MARKER, place + 1)
        return Look.WAIT if cut < 0 else Bad(cut - place, "cut short")
    end = held.find(END, place + TEXT, place + LONGEST)
    cut = held.find(MARKER, place + 1, end if end >= 0 else place + LONGEST)
    if cut >= 0:
        return Bad(cut - place, "cut short")
    if end < 0:
        return Look.WAIT if len(held) - place < LONGEST else Bad(LONGEST, "no end")
    if not _LINES.fullmatch(held, place + TEXT, end):
        return Bad(end + 1 - place, "text")
    return end + 1 - place


def lines(message: bytes) -> list[Line]:
    """The lines of a whole message that `examine` found."""
    found = []
    for raw in message[TEXT : -len(END)].replace(b"\n", b"").split(b"\r"):
        if raw:
            name, _, rest = raw.decode("ascii").partition("=")
            state, *fields = rest.split(";")
            found.append(Line(name, state, tuple(fields), raw))
    return found
