"""What the frames say of the monitor itself: its name and family, versions, battery (PC-300 sheet)."""

from __future__ import annotations

import re

_PC100 = re.compile(r"PC[-_ ]?1\d\d", re.IGNORECASE)
_PC300 = re.compile(r"PC[-_ ]?300", re.IGNORECASE)


def name(data: bytes) -> str:
    """The printable characters of a name."""
    return "".join(chr(byte) for byte in data if 0x20 <= byte < 0x7F).strip()


def family(called: str) -> str:
    """``PC-100``, ``PC-300`` or "": which table of error codes a monitor of this name uses."""
    return "PC-100" if _PC100.search(called) else "PC-300" if _PC300.search(called) else ""


def version(token: int, kind: int, data: bytes) -> tuple[str, str, int | None]:
    """Software, hardware, and the battery's level from 0 to 3 (None: not told, or charging)."""
    parts = 2 if (token, kind) == (0xFF, 0x04) else 1
    software = ".".join(f"{byte >> 4}.{byte & 0x0F}" for byte in data[:parts])
    hardware = ".".join(f"{byte >> 4}.{byte & 0x0F}" for byte in data[parts : parts + 1])
    if len(data) <= parts + 1:
        return software, hardware, None
    battery = data[parts + 1]
    return software, hardware, None if battery & 0x30 else battery & 0x07
