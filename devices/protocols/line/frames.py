"""Lines of the line protocol: cut from bytes, ``$VS1,<type>,<payload>*XX`` opened, numbers read (sheet, section 2)."""

from __future__ import annotations

import re
from functools import lru_cache

MARK = b"$VS1,"
LONGEST = 512
"""Characters of a line, its end not counted."""

SEQUENCES = 65_536
_LATEST = 10**12
"""Milliseconds since a device was switched on (31 years): what is beyond is no time."""

_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,9})?", re.ASCII)


class BadLine(ValueError):
    """A line that is refused. The message is the reason under which it is counted."""


class Lines:
    """Cuts bytes into lines, ended by LF, CR or both. Of a line that is too long only the beginning is kept."""

    def __init__(self) -> None:
        self._held = b""
        self._length = 0

    def feed(self, data: bytes) -> list[tuple[bytes, int]]:
        """Each line that is complete, and how long it was."""
        *ended, rest = data.replace(b"\r", b"\n").split(b"\n")
        found = []
        for part in ended:
            if self._length:
                self._keep(part)
                found.append(self.end())
            elif part:
                found.append((part[: LONGEST + 1], len(part)))
        if rest:
            self._keep(rest)
        return found

    def _keep(self, part: bytes) -> None:
        self._length += len(part)
        self._held += part[: LONGEST + 1 - len(self._held)]

    def end(self) -> tuple[bytes, int]:
        """What is left without an end, and forgets it."""
        found = self._held, self._length
        self._held = b""
        self._length = 0
        return found


def checksum(text: bytes) -> int:
    """XOR of all characters between ``$`` and ``*``."""
    # Folded in halves: all bytes at once, in as many steps as the length has binary digits. The lowest byte counts.
    whole, shift = int.from_bytes(text), 4 << len(text).bit_length()
    while shift > 4:
        whole ^= whole >> shift
        shift >>= 1
    return whole & 0xFF


def encode(kind: str, payload: str) -> bytes:
    """A whole line of type `kind`, line feed included."""
    text = f"VS1,{kind},{payload}".encode()
    return b"$" + text + f"*{checksum(text):02X}\n".encode()


def decode(line: bytes) -> tuple[str, str]:
    """Type and payload of a line that begins with ``$VS1,``.

    Raises:
        BadLine: the checksum is missing or wrong, or there is no type.
    """
    text, star, given = line.rstrip(b" \t")[1:].rpartition(b"*")
    if not star:
        raise BadLine("no checksum")
    if given != f"{checksum(text):02X}".encode():
        raise BadLine("checksum")
    try:
        _, kind, payload = text.decode("utf-8").split(",", 2)
    except ValueError:
        raise BadLine("no payload") from None
    return kind, payload


@lru_cache(maxsize=4096)
def number(text: str) -> float:
    """Raises BadLine for anything but a plain decimal number."""
    if not _NUMBER.fullmatch(text):
        raise BadLine("not a number")
    return float(text)


def sequence(text: str) -> int:
    """Raises BadLine for anything but 0 to 65535."""
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) < SEQUENCES):
        raise BadLine("not a sequence number")
    return int(text)


def milliseconds(text: str) -> int | None:
    """Device time, None where the text is empty. Raises BadLine for what is no time."""
    if text == "":
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 13 and int(text) <= _LATEST):
        raise BadLine("not a device time")
    return int(text)
