"""Decimal commas that stand unquoted between commas, as a program writes them under another country's settings: each
makes its row a cell longer, and every value behind it that of the column before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from devices.errors import ChoiceNeeded, RecordingError
from devices.recordings.options import Options
from devices.recordings.tables.header import Header, Layout

if TYPE_CHECKING:
    from devices.recordings.tables.row import Row


def perhaps_tenths(header: Header, options: Options) -> list[tuple[int, int]]:
    """The places of the columns of signals, each with the column behind it, in which the tenths may stand; none where a
    person or the delimiter says that they do not. Queensland's rows end in texts."""
    if header.is_queensland:
        return []
    if header.delimiter != "," or header.layout is not Layout.WIDE or options.overrides.decimal_mark == ".":
        return []
    pairs = ((one.index, one.index + 1) for one in header.fields)
    return [(place, behind) for place, behind in pairs if behind < len(header.names) and behind not in header.time]


def ask_tenths(rows: Sequence[Row], header: Header, options: Options) -> None:
    """Asks whether a column holds the tenths of the one before: in rows with more cells than the header's line, the
    last of which are empty, single digits stand in it, and nothing else.

    Raises:
        ChoiceNeeded: there is such a column. RecordingError: it is said that the decimal mark is a comma.
    """
    if not (pairs := perhaps_tenths(header, options)):
        return
    usual = len(header.names) + header.spare
    wide = [row.cells for row in rows if row.header.names == header.names and len(row.cells) > usual]
    for place, behind in pairs:
        held = [(cells[place], cells[behind]) for cells in wide if cells[behind]]
        whole = next((each for each in held if each[0].isdigit()), None)
        if whole is not None and all(len(tenth) == 1 and tenth.isdigit() for _, tenth in held):
            said = (
                f"the rows have more commas than the header, and {header.names[behind]!r} holds but single digits"
                f" behind the numbers of {header.names[place]!r}, as where decimal commas stand unquoted between commas"
                f" ({','.join(whole)}): save the table with semicolons"
            )
            if options.overrides.decimal_mark:
                raise RecordingError(said)
            raise ChoiceNeeded(f'{said}, or say with --mapping values.decimal_mark = "."', "decimal_mark", (".",))
