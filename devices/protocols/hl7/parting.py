"""Several messages in one block, and several patients in one message, made into messages of one patient each.

The standard has both: a batch (FHS, BHS, messages, BTS, FTS), and in an ORU^R01 the group of PID, PV1, OBR and OBX that
repeats. Read as one, the numbers of one patient would be another's.
"""

from __future__ import annotations

import re

from devices.protocols.framing import Frame

_LINE = re.compile(rb"[^\r\n]*[\r\n]*")
_SEGMENT = re.compile(rb"[^0-9A-Za-z]{0,8}([A-Z][A-Z0-9]{2})(?![0-9A-Za-z])")
_BATCH = frozenset((b"FHS", b"BHS", b"BTS", b"FTS"))


class OfAnother(Frame, frozen=True):
    """A further patient's part of the message before: it has that one's header, and is acknowledged with it."""


def parted(data: bytes) -> list[Frame]:
    """The messages in `data`, each of one patient; mostly that is `data` itself."""
    if data.count(b"MSH") < 2 and data.count(b"PID") < 2 and data.count(b"PV1") < 2 and b"MSH" in data[:12]:
        return [Frame(data)]
    found: list[Frame] = []
    for message in _messages(data):
        first, *others = _patients(message)
        found.append(Frame(first))
        found += map(OfAnother, others)
    return found or [Frame(data)]


def _segments(data: bytes) -> list[tuple[bytes, bytes]]:
    lines = [match[0] for match in _LINE.finditer(data) if match[0]]
    return [(match[1] if (match := _SEGMENT.match(line)) else b"", line) for line in lines]


def _messages(data: bytes) -> list[bytes]:
    found: list[bytearray] = []
    for name, line in _segments(data):
        if name == b"MSH":
            found.append(bytearray())
        if found and name not in _BATCH:
            found[-1] += line
    return [bytes(each) for each in found]


def _patients(message: bytes) -> list[bytes]:
    """Each patient's part, behind what stands before the first. One that is named again begins no other part."""
    shared, parts = bytearray(), [bytearray()]
    seen: dict[bytes, list[bytes]] = {}
    for name, line in _segments(message):
        if name in (b"PID", b"PV1"):
            # All but the segment's own number.
            begin = line[line.index(name) :].strip()
            who = begin.split(begin[3:4], 2)[2:] if len(begin) > 3 else []
            if seen.get(name) == who:
                continue
            if name in seen:
                parts.append(bytearray())
                seen = {}
            seen[name] = who
        if name == b"MSH":
            shared += line
        else:
            parts[-1] += line
    return [bytes(shared + part) for part in parts]
