"""What of refused bytes may be shown: never what may be a patient's name or number."""

from __future__ import annotations

import re

from devices.protocols.framing import RAW_KEPT

_SAFE = re.compile(rb"(?:\x0b\s*)?(?:MSH|OBX|OBR)[^0-9A-Za-z\r\n]")
_WRITTEN = re.compile(rb"[|^~&]|[A-Za-z]{4}")
_FEW = 3
_FIELDS = 12
"""Fields of a segment that are shown: where bytes were lost, another segment's may follow in the same line."""


def shown(data: bytes) -> bytes:
    """The first bytes of `data` that hold no patient's identifiers, at most RAW_KEPT.

    The first segment, if it is one without a person in it; noise as it is; of other text only its first letters.
    """
    start = data[:RAW_KEPT]
    safe = _SAFE.match(start)
    if safe:
        segment = re.split(rb"[\r\n]", start.lstrip(b"\r\n"), maxsplit=1)[0]
        mark = start[safe.end() - 1 : safe.end()]
        return mark.join(segment.split(mark)[:_FIELDS])
    return start[:_FEW] if _WRITTEN.search(start) else start
