"""The samples of a WFDB data file, in each of its storage formats but the compressed ones.

Source: signal(5) of the WFDB manual. A frame holds each signal's samples of one step of the record, in the header's
order. Read in pieces, so that a waveform beside the numbers takes no memory.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from devices.errors import RecordingError
from devices.recordings.wfdb.header import Track

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MISSING: dict[int, int | None] = {
    8: None, 16: -(1 << 15), 24: -(1 << 23), 32: -(1 << 31), 61: -(1 << 15), 80: -(1 << 7), 160: -(1 << 15),
    212: -(1 << 11), 310: -(1 << 9), 311: -(1 << 9),
}  # fmt: skip
"""By storage format the code for "no value": the lowest; a format of differences has none."""

COMPRESSED = (508, 516, 524)
"""Formats compressed by FLAC, which only waveforms are."""

_PIECE = 1 << 20
"""So many samples are read at once; a multiple of 6 frames, so that each piece but the last is of whole blocks."""
_WIDEST = 1 << 20
"""So many samples a frame may hold; a minute of all waveforms of a bed has some hundred thousand."""


class _Stored(Struct, frozen=True):
    """How samples are packed: `samples` of them in each `block` bytes; what a last, broken block of so many bytes
    holds; and a block's bytes to samples."""

    block: int
    samples: int
    broken: tuple[int, ...]
    unpack: Callable[[NDArray[np.uint8]], NDArray[np.int32]]


def refuse_format(code: int, header: str, file: str) -> None:
    """Refuses a storage format that is not read.

    Raises:
        RecordingError: it is none of ours; the sentence names it.
    """
    if code in MISSING:
        return
    why = (
        "compressed by FLAC, which is not read: convert it to format 16" if code in COMPRESSED else "which is not known"
    )
    raise RecordingError(f"{header}: the signals in {file[:80]!r} are stored in format {code}, {why}")


def frames_in(size: int, code: int, width: int) -> int:
    """How many whole frames of `width` samples are in `size` bytes."""
    stored = _stored()[code]
    blocks, rest = divmod(max(size, 0), stored.block)
    return (blocks * stored.samples + stored.broken[rest]) // width


def read_samples(
    path: Path, offset: int, tracks: Sequence[Track], wanted: Collection[int], count: int
) -> dict[int, NDArray[np.int32]]:
    """The samples of some signals in `count` frames of the file at `path`, as stored.

    Args:
        tracks: the file's signals, all of one storage format. wanted: the places of those that are asked for.

    Returns:
        By place among `tracks`: one signal's samples, in order; those of a skewed signal too that precede the record.
    """
    import numpy as np

    code, width = tracks[0].code, sum(track.frame for track in tracks)
    if width > _WIDEST:
        raise RecordingError(f"{path.name} has {width} samples a frame, more than the {_WIDEST} that are read")
    stored = _stored()[code]
    starts = np.concatenate(([0], np.cumsum([track.frame for track in tracks]))).tolist()
    found = {place: np.empty(count * tracks[place].frame, np.int32) for place in wanted}
    before = {place: tracks[place].initial for place in wanted}
    many = max(1, _PIECE // width // 6) * 6
    with path.open("rb") as file:
        file.seek(offset)
        for first in range(0, count, many):
            frames = min(many, count - first)
            samples = frames * width
            blocks = -(-samples // stored.samples)
            data = np.frombuffer(file.read(blocks * stored.block), np.uint8)
            if missing := -len(data) % stored.block:
                data = np.concatenate((data, np.zeros(missing, np.uint8)))
            piece = stored.unpack(data)[:samples].reshape(frames, width)
            for place, into in found.items():
                held = piece[:, starts[place] : starts[place + 1]].reshape(-1)
                if code == 8:
                    held = before[place] + np.cumsum(held, dtype=np.int32)
                    before[place] = int(held[-1])
                into[first * tracks[place].frame :][: len(held)] = held
    return found


@cache
def _stored() -> dict[int, _Stored]:
    def aligned(form: str, minus: int = 0) -> _Stored:
        import numpy as np

        size = np.dtype(form).itemsize
        return _Stored(size, 1, (0,) * size, lambda data: data.view(form).astype(np.int32) - np.int32(minus))

    return {
        8: aligned("<i1"), 16: aligned("<i2"), 32: aligned("<i4"), 61: aligned(">i2"), 80: aligned("<u1", 128),
        160: aligned("<u2", 32768), 24: _Stored(3, 1, (0, 0, 0), _of_24), 212: _Stored(3, 2, (0, 0, 1), _of_212),
        310: _Stored(4, 3, (0, 0, 1, 1), _of_310), 311: _Stored(4, 3, (0, 0, 1, 2), _of_311),
    }  # fmt: skip


def _words(data: NDArray[np.uint8], size: int) -> list[NDArray[np.int32]]:
    """The bytes of each block, by place."""
    import numpy as np

    return [data[place::size].astype(np.int32) for place in range(size)]


def _signed(bits: int, *parts: NDArray[np.int32]) -> NDArray[np.int32]:
    """`parts` of each block one after the other, as numbers of `bits` bits with a sign."""
    import numpy as np

    whole = np.stack(parts, axis=1).reshape(-1)
    half = 1 << (bits - 1)
    return ((whole & ((1 << bits) - 1)) ^ half) - half


def _of_24(data: NDArray[np.uint8]) -> NDArray[np.int32]:
    low, middle, high = _words(data, 3)
    return _signed(24, low | middle << 8 | high << 16)


def _of_212(data: NDArray[np.uint8]) -> NDArray[np.int32]:
    first, both, second = _words(data, 3)
    return _signed(12, first | (both & 0x0F) << 8, second | (both >> 4) << 8)


def _of_310(data: NDArray[np.uint8]) -> NDArray[np.int32]:
    a, b, c, d = _words(data, 4)
    one, two = a | b << 8, c | d << 8
    return _signed(10, one >> 1, two >> 1, one >> 11 | (two >> 11) << 5)


def _of_311(data: NDArray[np.uint8]) -> NDArray[np.int32]:
    a, b, c, d = _words(data, 4)
    one, two = a | b << 8, c | d << 8
    return _signed(10, one, one >> 10 | (two & 0x0F) << 6, two >> 4)
