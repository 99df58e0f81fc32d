"""A gzip file inflated piece by piece, so that what it unpacks to never stands in memory whole."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from devices.errors import RecordingError

PIECE = 256 * 1024


def inflate(path: Path, limit: int, ended: Callable[[bool, str], None]) -> Iterator[bytes]:
    """The inflated bytes of the gzip file `path`, in pieces; `ended` is told at the end whether it was whole.

    Raises:
        RecordingError: it inflates to more than `limit` bytes.
    """
    total = 0
    inflator = zlib.decompressobj(wbits=31)
    with path.open("rb") as file:
        data = b""
        while True:
            data = data or file.read(PIECE)
            try:
                piece = inflator.decompress(data, PIECE)
            except zlib.error as error:
                return ended(False, f"it is damaged ({error})")
            total += len(piece)
            if total > limit:
                raise RecordingError(f"{path.name} unpacks to more than the {limit} bytes that are read")
            if piece:
                yield piece
            if inflator.eof:
                data = inflator.unused_data or file.read(PIECE)
                if not data.startswith(b"\x1f\x8b"):
                    return ended(True, "")
                inflator = zlib.decompressobj(wbits=31)
            elif not data and not piece:
                return ended(False, "the file is cut")
            else:
                data = inflator.unconsumed_tail
