"""The line protocol's lines: ``$VS1,<type>,<payload>*XX`` and their checksum (line protocol sheet, section 2)."""

from __future__ import annotations

MARK = b"$VS1,"
LONGEST = 512
"""Characters of a line, its end not counted."""

SEQUENCES = 65_536
TYPES = ("H", "D", "N", "B", "E")


def checksum(text: bytes) -> int:
    """XOR of all characters between ``$`` and ``*``."""
    total = 0
    for byte in text:
        total ^= byte
    return total


def encode(kind: str, payload: str) -> bytes:
    """A whole line of type `kind`, line feed included."""
    text = f"VS1,{kind},{payload}".encode()
    return b"$" + text + f"*{checksum(text):02X}\n".encode()


class BadLine(ValueError):
    """A line that is refused. The message is the reason under which it is counted."""


def decode(line: bytes) -> tuple[str, str]:
    """Type and payload of a line that begins with ``$VS1,``.

    Raises:
        BadLine: the checksum is missing or wrong, or there is no type.
    """
    text, star, given = line[1:].rpartition(b"*")
    if not star:
        raise BadLine("no checksum")
    if given != f"{checksum(text):02X}".encode():
        raise BadLine("checksum")
    try:
        _, kind, payload = text.decode("utf-8").split(",", 2)
    except ValueError:
        raise BadLine("no payload") from None
    return kind, payload
