"""Reading one message: its header, its groups of rows, what each row measures (HL7 sheet, section 4).

Monitors write the same identifiers, units and times again and again: each spelling is read once and remembered, which
is what makes the reader fast. What is not measured (names, notes, other segments) is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Generic, NamedTuple, TypeVar

from devices.protocols.hl7.identifiers import Identifier, Unit, identify, unit
from devices.protocols.hl7.numbers import Number, number
from devices.protocols.hl7.quantities import is_cuff_group
from devices.protocols.hl7.stamps import Stamp, Stamps
from devices.protocols.hl7.syntax import Delimiters, decode

_REMEMBERED = 1_000
"""Spellings of one kind that are remembered; what a hostile sender varies without end is forgotten again."""

_LONGEST = 200
"""A longer spelling is not worth its memory."""

_PLAIN = {str(value): float(value) for value in range(1_000)}
"""Nearly all values are such, and none of the codes for "no value" is: known before they are read."""

_SEGMENTS = "PID|PD1|NK1|PV1|PV2|ROL|AL1|DG1|EVN|SFT|UAC|ORC|OBR|TQ1|NTE|OBX|SPM|PRT|DSC"
"""Where a message without any line ends is parted."""

_T = TypeVar("_T")
_made = tuple.__new__  # a named tuple's own way takes three times as long


class BadMessage(ValueError):
    """Not a message: its words are the reason, such as "no MSH"."""


class Row(NamedTuple):
    """One OBX.

    Attributes:
        what: its OBX-3. value: the number in its OBX-5, or why there is none. unit: its OBX-6, None if not known.
        time: its OBX-14, None if there is none. fields: its fields as written, ``fields[5]`` is OBX-5; at least 15.
        group: the number of its group.
    """

    what: Identifier
    value: Number
    unit: Unit | None
    time: Stamp | None
    fields: list[str]
    group: int

    def field(self, place: int) -> str:
        """A field by its number in the standard, "" where the row is shorter."""
        return self.fields[place] if place < len(self.fields) else ""


class Group(NamedTuple):
    """An OBR and its rows: `name` is its OBR-4, `time` its OBR-7 (OBR-14 where the message has no other time)."""

    name: str
    time: Stamp | None


Cell = tuple[Identifier, Number, Unit | None, Stamp | None, list[str], int]
"""The parts of a Row, without their names."""


class Message(NamedTuple):
    """One message.

    Attributes:
        delimiters: what it is written with. header: its MSH fields as written: ``header[9]`` is MSH-9.
        time: its MSH-7. cells, groups: its results, each cell with the parts of a Row.
        text: the whole of it.
    """

    delimiters: Delimiters
    header: list[str]
    time: Stamp | None
    cells: list[Cell]
    groups: list[Group]
    text: str

    @property
    def rows(self) -> list[Row]:
        """The results, with names for their parts."""
        return [Row._make(cell) for cell in self.cells]

    @property
    def patient(self) -> str | None:
        """Its PID as written, None without one."""
        return self._segment("PID")

    def _segment(self, name: str) -> str | None:
        """The last segment called `name`."""
        start = self.text.rfind(f"\r{name}")
        return self.text[start + 1 :].partition("\r")[0] if start >= 0 else None

    def location(self) -> str:
        """The PV1-3 as written, "" without one."""
        visit = self._segment("PV1")
        fields = visit.split(self.delimiters.field, 4) if visit is not None else []
        return fields[3] if len(fields) > 3 else ""

    def heading(self, place: int) -> str:
        """An MSH field by its number in the standard, "" where the header is shorter."""
        return self.header[place] if place < len(self.header) else ""

    @property
    def kind(self) -> tuple[str, str]:
        """Message type and event, such as ORU and R01."""
        parts = self.heading(9).split(self.delimiters.component or "\0")
        return parts[0].strip().upper(), parts[1].strip().upper() if len(parts) > 1 else ""

    @property
    def control_id(self) -> str:
        return self.heading(10)


class Reader:
    """Reads messages. What it remembers is how things are spelt, never what was measured."""

    def __init__(self) -> None:
        self._spellings: dict[str, _Spellings] = {}

    def read(self, data: bytes) -> Message:
        """The message in `data` (without the bytes of a block).

        Raises:
            BadMessage: it does not begin with an MSH segment.
        """
        text = decode(data)
        if "\n" in text:
            text = text.replace("\r\n", "\r").replace("\n", "\r")
        start = text.find("MSH")
        if start < 0 or start > 8 or len(text) < start + 4:
            raise BadMessage("no MSH")
        if start:
            text = text[start:]
        spellings = self._spellings.get(text[3:9])
        if spellings is None:
            if text[3].isalnum() or text[3].isspace():
                raise BadMessage("no MSH")
            if len(self._spellings) > 8:
                self._spellings.clear()
            spellings = self._spellings[text[3:9]] = _Spellings(Delimiters.of(text[:9]))
        try:
            return spellings.message(text)
        except _RunOn as found:
            place = re.escape(spellings.delimiters.field)
            between = rf"\s?(?=(?:{_SEGMENTS}){place})" if found.is_whole else f"(?<={place})(?=OB[XR]{place})"
            return spellings.message(re.sub(between, "\r", text), is_parted=True)


class _RunOn(Exception):
    """Two segments stand in one line: one monitor leaves out the end of a segment after an empty field.

    Attributes:
        is_whole: the rows stand in the line of the header: what stored the message has lost its line ends.
    """

    def __init__(self, is_whole: bool = False) -> None:
        super().__init__()
        self.is_whole = is_whole


class _Memory(Generic[_T]):
    """What was read before, by how it was written; what was not is read when it is asked for.

    Args:
        first: is never forgotten.

    Attributes:
        known: what is remembered. It is no part of the class, as a look into a dict of an own class is dear.
    """

    def __init__(self, read: Callable[[str], _T], first: Mapping[str, _T] = MappingProxyType({})) -> None:
        self.known = dict(first)
        self._first = first
        self._most = _REMEMBERED + len(first)
        self._read = read

    def read(self, written: str) -> _T:
        """What `written` says."""
        known = self.known
        if written in known:
            return known[written]
        found = self._read(written)
        if len(known) >= self._most:
            known.clear()
            known.update(self._first)
        if len(written) <= _LONGEST:
            known[written] = found
        return found


class _Spellings:
    """How things are spelt with one set of delimiters."""

    def __init__(self, delimiters: Delimiters) -> None:
        self.delimiters = delimiters
        self._result = f"OBX{delimiters.field}"
        self._times = _Memory(Stamps().parse)
        self._values = _Memory[Number](partial(number, delimiters), _PLAIN)
        self._units = _Memory(partial(unit, delimiters))
        self._usual = usual = _Memory(partial(identify, delimiters))
        cuff = _Memory(partial(identify, delimiters, is_cuff_group=True))
        # In a group that is the cuff's a bare ``SYS`` is the cuff's.
        self._names = _Memory(lambda group: cuff if is_cuff_group(delimiters.text(group)) else usual)

    def message(self, text: str, is_parted: bool = False) -> Message:
        """The message in `text`. Raises _RunOn, unless its segments have been parted already."""
        separator = self.delimiters.field
        segments = text.split("\r")
        heading = segments.pop(0)
        if self._result in heading and not is_parted:
            raise _RunOn(is_whole=True)
        header = heading.split(separator)
        header.insert(1, separator)
        time = self._times.read(header[7]) if len(header) > 7 else None
        cells: list[Cell] = []
        groups: list[Group] = []
        names = self._usual
        known, values, units, times = names.known, self._values.known, self._units.known, self._times.known
        group = width = 0
        for segment in segments:
            fields = segment.split(separator)
            name = fields[0]
            if name == "OBX":
                if len(fields) != width:
                    if len(fields) < 15:
                        fields += [""] * (15 - len(fields))
                    elif "OBX" in fields[1:] and not is_parted:
                        raise _RunOn
                    width = len(fields)
                try:
                    cells.append(
                        (known[fields[3]], values[fields[5]], units[fields[6]], times[fields[14]], fields, group)
                    )
                except KeyError:
                    cells.append(self._cell(names, fields, group))
            elif name == "OBR":
                if len(fields) < 8:
                    fields += [""] * (8 - len(fields))
                elif "OBX" in fields and not is_parted:
                    raise _RunOn
                measured = fields[7]
                if not measured and time is None and len(fields) > 14:
                    measured = fields[14]
                groups.append(_made(Group, (fields[4], self._times.read(measured))))
                names, group = self._names.read(fields[4]), len(groups)
                known = names.known
        return _made(Message, (self.delimiters, header, time, cells, groups, text))

    def _cell(self, names: _Memory[Identifier], fields: list[str], group: int) -> Cell:
        """The row with these fields, something of which has not been read before."""
        what, value, unit = names.read(fields[3]), self._values.read(fields[5]), self._units.read(fields[6])
        return what, value, unit, self._times.read(fields[14]), fields, group
