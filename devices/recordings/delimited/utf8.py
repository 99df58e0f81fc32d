"""A text table's bytes, as UTF-8 whatever they were: its first lines, and its rows in blocks of whole lines."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from devices.recordings.delimited.blocks import AHEAD, Block
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.texts import encoding_at, encoding_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_HEAD = 1 << 16
_AT_ONCE = 1 << 19
_BLOCK = 1 << 21
"""Bytes that are read at once: what is made of them stays in the cache."""


class Source(Protocol):
    """What gives the rows of a table in blocks; as of `TableBytes`."""

    is_guessed: bool
    may_be_cut: bool

    def blocks(self, begin: int, longest: int, /) -> Iterator[Block]: ...


class TableBytes:
    """The file `path` as UTF-8 without a byte order mark."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            head = file.read(_HEAD)
            file.seek(max(path.stat().st_size - 1, 0))
            end = file.read(1)
        # ASCII so far is read as it stands: a later byte that is none is part of no number, in whichever encoding.
        plain = head.isascii() and b"\x00" not in head
        self.is_guessed = plain
        """Whether bytes that are no ASCII are UTF-8 was not looked at."""
        self._encoding, self._mark, _ = encoding_at(head) if plain else encoding_of(path)
        self.may_be_cut = self._encoding != "utf-8" or end != b"\n"
        """Perhaps nothing ends the last line."""

    def head(self, count: int) -> list[bytes]:
        """The first `count` lines, each with its end, of those that are whole among its first bytes."""
        with io.BufferedReader(self._open(0)) as file:
            lines = file.read(_HEAD).split(b"\n", count)
        return [line + b"\n" for line in lines[:-1]]

    def blocks(self, begin: int, longest: int) -> Iterator[Block]:
        """The rows from the byte `begin` on, in blocks of whole lines; each block is overwritten by the next.

        A last line without an end is given one; its block `is_cut`.

        Raises:
            Unfit: a line is longer than `longest`.
        """
        buffer = bytearray(AHEAD + min(_BLOCK, self._path.stat().st_size) + AHEAD)
        held = AHEAD
        with self._open(begin) as file:
            while count := file.readinto(memoryview(buffer)[held:-AHEAD]):
                until = held + count
                end = buffer.rfind(b"\n", held, until) + 1
                held = until
                if end:
                    yield Block(buffer, end - AHEAD)
                    held = AHEAD + until - end
                    buffer[AHEAD:held] = buffer[end:until]
                elif held - AHEAD > longest:
                    raise Unfit
                if held == len(buffer) - AHEAD:
                    buffer = buffer + bytes(len(buffer))
        if held > AHEAD:
            end_of_lines = b"\r\n" if self.head(1)[0].endswith(b"\r\n") else b"\n"
            buffer[held : held + len(end_of_lines)] = end_of_lines
            yield Block(buffer, held + len(end_of_lines) - AHEAD, is_cut=True)

    def _open(self, begin: int) -> io.RawIOBase:
        file = self._path.open("rb", buffering=0)
        if self._encoding == "utf-8":
            file.seek(self._mark + begin)
            return file
        file.seek(self._mark)
        recoded = _Recoded(file, self._encoding)
        recoded.readexactly(begin)
        return recoded


class _Recoded(io.RawIOBase):
    """What `file` holds in `encoding`, as UTF-8; bytes that are no character are U+FFFD."""

    def __init__(self, file: io.FileIO, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._held = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, into: WriteableBuffer, /) -> int:
        while not self._held and not self._ended:
            read = self._file.read(_AT_ONCE)
            self._ended = not read
            self._held = memoryview(self._decoder.decode(read, self._ended).encode(errors="replace"))
        room = memoryview(into)
        count = min(len(room), len(self._held))
        room[:count] = self._held[:count]
        self._held = self._held[count:]
        return count

    def readexactly(self, count: int) -> None:
        """Reads `count` bytes, or to the end, and leaves them."""
        while count and (read := self.read(count)):
            count -= len(read)

    def close(self) -> None:
        self._file.close()
        super().close()
