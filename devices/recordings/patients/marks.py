"""What stands in a table's columns that are not read: by it one may see that the rows are of several patients.

Of each such column one small number a row is kept, and its different texts once, whoever reads the rows.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, field

from devices.recordings.options import Options
from devices.recordings.patients.other_columns import Meaning, meaning_of
from devices.recordings.recording import NOT_KNOWN, SAYS_PAIR
from devices.recordings.tables.header import Header, Layout
from devices.recordings.texts import is_missing

MOST = 4096
"""A column with more different cells counts, measures or describes."""
LONGEST = 128
"""So many characters has a name at most; longer cells describe."""
INDEX = "__index_level_0__"
"""The index of a table that pandas wrote without a name for it."""
NONE = 0
"""The code of a cell that stands for no value."""

_CODES = 1 << 26
"""So many codes are held of all columns together: 128 MiB."""
_OFTEN = 4096

_FRACTION = re.compile(r"[-+]?\d*[.,]\d*[1-9]\d*(?:e[-+]?\d+)?", re.ASCII | re.IGNORECASE)


class Mark(Struct):
    """One column that is not read.

    Attributes:
        name: as the header writes it. meaning: as far as the name tells it.
        texts: its different cells, stripped, by their codes; the first is that of no value.
        codes: by the number of the row (16 bits a row), once it is settled.
    """

    name: str
    meaning: Meaning
    texts: list[str] = field(default_factory=lambda: [""])
    codes: array[int] = field(default_factory=lambda: array("H"))
    _known: dict[str, int] = field(default_factory=dict)
    _coded: dict[str, int] = field(default_factory=dict)
    _last: int = NONE
    _again: int = 0
    """So many rows behind those in `codes` have the code `_last`: a column that never changes takes no memory."""

    def code(self, cell: str) -> int | None:
        """The code of `cell`; None if the column measures or describes, or has more different cells than are kept."""
        found = self._known.get(cell)
        if found is None:
            text = cell.strip()
            if is_missing(text):
                found = NONE
            elif (found := self._coded.get(text)) is None:
                if _FRACTION.fullmatch(text) or len(self.texts) > MOST or len(text) > LONGEST:
                    return None
                found = self._coded[text] = len(self.texts)
                self.texts.append(text)
            if len(self._known) > 2 * MOST:
                return None
            self._known[cell] = found
        return found

    def add(self, row: int, code: int) -> None:
        """The code of the row of this number; rows that were left out before it are without one."""
        if row > len(self.codes) + self._again:
            self.reach(row)
        if code == self._last:
            self._again += 1
        else:
            self.repeat(code, 1)

    def repeat(self, code: int, count: int) -> None:
        """The next `count` rows have this code."""
        if code != self._last:
            self.settle()
            self._last = code
        self._again += count

    def reach(self, rows: int) -> None:
        """Those of the first `rows` rows that have no code yet are without one."""
        self.repeat(NONE, max(0, rows - len(self.codes) - self._again))

    def extend(self, codes: bytes) -> None:
        """The codes of the next rows, 16 bits each."""
        self.settle()
        self.codes.frombytes(codes)

    def settle(self) -> None:
        self.codes.extend(array("H", (self._last,)) * self._again)
        self._again = 0


class Marks:
    """The columns of one table that are not read and may name patients, filled row by row or piece by piece."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._marks: dict[str, Mark | None] = {}
        self._places: dict[int, tuple[Header, list[tuple[int, str]]]] = {}

    def __iter__(self) -> Iterator[Mark]:
        """Those that hold two different values at least."""
        return (mark for mark in self._marks.values() if mark is not None and len(mark.texts) > 2)

    @property
    def are_there(self) -> bool:
        """Some of them do."""
        return any(True for _ in self)

    def of(self, header: Header) -> list[tuple[int, str]]:
        """The places and the names of the columns under `header` that are looked at still."""
        found = self._places.get(id(header))
        if found is None:
            found = self._places[id(header)] = (header, unread(header, self._options))
            for _, name in found[1]:
                self._marks.setdefault(name, Mark(name, meaning_of(name)))
            self._forget()
        return found[1]

    def take(self, row: int, cells: Sequence[str], header: Header) -> None:
        """The cells of one row; `row` is its number, more than those before."""
        for place, name in self.of(header):
            mark = self._marks[name]
            code = None if mark is None else mark.code(cells[place])
            if mark is None or code is None:
                self._marks[name] = None
            else:
                mark.add(row, code)
        if not row % _OFTEN:
            self.bound()

    def codes(self, name: str, texts: Iterable[str]) -> list[int] | None:
        """The codes of `texts` in the column called `name`; None if the column is looked at no more."""
        mark = self._marks[name]
        codes: list[int] = []
        for text in texts:  # one by one, for a column that measures or counts soon shows it
            code = None if mark is None else mark.code(text)
            if code is None:
                self.drop(name)
                return None
            codes.append(code)
        return codes

    def repeat(self, name: str, code: int, count: int) -> None:
        """The next `count` rows of the column called `name` have this code."""
        if (mark := self._marks[name]) is not None:
            mark.repeat(code, count)

    def reach(self, name: str, rows: int) -> None:
        """Those of the first `rows` rows of the column called `name` that have no code yet are without one."""
        if (mark := self._marks[name]) is not None:
            mark.reach(rows)

    def extend(self, name: str, codes: bytes) -> None:
        """The codes of the next rows of the column called `name`, 16 bits each."""
        if (mark := self._marks[name]) is not None:
            mark.extend(codes)

    def drop(self, name: str) -> None:
        """The column called `name` is looked at no more."""
        self._marks[name] = None
        self._forget()

    def bound(self) -> None:
        """Keeps what is held within bounds: those columns go first that hold the most different cells."""
        held = [mark for mark in self._marks.values() if mark is not None]
        while sum(len(mark.codes) for mark in held) > _CODES:
            most = max((mark for mark in held if mark.codes), key=lambda mark: len(mark.texts))
            held.remove(most)
            self._marks[most.name] = None
        self._forget()

    def _forget(self) -> None:
        for _, places in self._places.values():
            places[:] = [(place, name) for place, name in places if self._marks[name] is not None]


def unread(header: Header, options: Options) -> list[tuple[int, str]]:
    """The places and the names of the columns under `header` that may name patients, and nobody said that they do not.

    A second column of one name is called by its number (``#7``).
    """
    said = options.overrides
    if said.patient_column or said.one_patient or header.layout is Layout.TIDY or header.is_queensland:
        return []
    if header.layout is Layout.LONG:
        used = {*header.time, *header.who, header.what, header.value, header.unit, header.detail, header.error}
        places = [place for place in range(len(header.names)) if place not in used]
    else:
        notes = {column.name: column.note for column in header.columns}
        places = [place for place, name in enumerate(header.names) if notes.get(name) in (NOT_KNOWN, SAYS_PAIR)]
    found: list[tuple[int, str]] = []
    for place in places:
        name = header.names[place]
        if not name or name in options.mapping or f"#{place + 1}" in options.mapping:
            continue
        if name != INDEX and meaning_of(name) is not Meaning.MEASURED:
            found.append((place, f"#{place + 1}" if any(name == other for _, other in found) else name))
    return found
