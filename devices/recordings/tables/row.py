"""One row of a table that fits its header, whatever held the table."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from devices.recordings.tables.header import Header


class Row(Struct, frozen=True):
    """One row that fits its header: its number in the file's data (0 is the first), its time as written, its cells.

    `doubted`: nothing ends its line, so that its last cell may be cut. `part`: ``SYS`` or ``DIA`` where that part of
    the pressures in its value cell is meant, a row of a long table whose quantity holds ``120/80``; else "".
    """

    number: int
    time: str
    cells: Sequence[str]
    header: Header
    doubted: bool = False
    part: str = ""
