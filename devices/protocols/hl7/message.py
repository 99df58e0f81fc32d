"""Reading one message: its header, its groups of rows, what each row measures (HL7 sheet, section 4).

Monitors write the same identifiers, units and times again and again: each spelling is read once and remembered, which
is what makes the reader fast. What is not measured (names, notes, other segments) is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import NamedTuple, TypeVar

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


@dataclass(slots=True)
class Message:
    """One message.

    Attributes:
        delimiters: what it is written with. header: its MSH fields as written: ``header[9]`` is MSH-9.
        time: its MSH-7. cells, groups: its results, each cell with the parts of a Row.
        patient, visit: its PID and PV1 as written, None without one.
    """

    delimiters: Delimiters
    header: list[str]
    time: Stamp | None
    cells: list[Cell]
    groups: list[Group]
    patient: str | None = None
    visit: str | None = None

    @property
    def rows(self) -> list[Row]:
        """The results, with names for their parts."""
        return [Row._make(cell) for cell in self.cells]

    def location(self) -> str:
        """The PV1-3 as written, "" without one."""
        return self.part(self.visit or "", 3)

    def part(self, segment: str, place: int) -> str:
        """A field of a segment (but MSH) by its number in the standard, "" where it is shorter."""
        fields = segment.split(self.delimiters.field, place + 1)
        return fields[place] if place < len(fields) else ""

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


class _Memory(dict[str, _T]):
    """What was read before, by how it was written; what was not is read when it is asked for.

    Attributes:
        known: is never forgotten.
    """

    def __init__(self, read: Callable[[str], _T], known: Mapping[str, _T] = MappingProxyType({})) -> None:
        super().__init__(known)
        self.known = known
        self._read = read

    def __missing__(self, written: str) -> _T:
        found = self._read(written)
        if len(self) >= _REMEMBERED + len(self.known):
            self.clear()
            self.update(self.known)
        if len(written) <= _LONGEST:
            self[written] = found
        return found


_Names = _Memory[Identifier]


class _Spellings:
    """How things are spelt with one set of delimiters."""

    def __init__(self, delimiters: Delimiters) -> None:
        self.delimiters = delimiters
        self.times = _Memory(Stamps().parse)
        self._values = _Memory[Number](partial(number, delimiters), _PLAIN)
        self._units = _Memory(partial(unit, delimiters))
        usual = _Memory(partial(identify, delimiters))
        cuff = _Memory(partial(identify, delimiters, is_cuff_group=True))
        # In a group that is the cuff's a bare ``SYS`` is the cuff's.
        self._names = _Memory(lambda group: cuff if is_cuff_group(delimiters.text(group)) else usual)

    def message(self, text: str, is_parted: bool = False) -> Message:
        """The message in `text`. Raises _RunOn, unless its segments have been parted already."""
        separator = self.delimiters.field
        mark = f"OBX{separator}"
        segments = text.split("\r")
        if mark in segments[0] and not is_parted:
            raise _RunOn(is_whole=True)
        header = segments[0].split(separator)
        header.insert(1, separator)
        times, values, units, names = self.times, self._values, self._units, self._names[""]
        cells: list[Cell] = []
        groups: list[Group] = []
        message = Message(self.delimiters, header, times[header[7]] if len(header) > 7 else None, cells, groups)
        width = group = 0
        when, time = "", times[""]  # of the row before: mostly that of the next one
        for segment in segments:
            if segment[:4] == mark or segment == "OBX":
                fields = segment.split(separator)
                if len(fields) != width:
                    if len(fields) < 15:
                        fields += [""] * (15 - len(fields))
                    elif "OBX" in fields[1:] and not is_parted:
                        raise _RunOn
                    width = len(fields)
                if fields[14] != when:
                    when = fields[14]
                    time = times[when]
                cells.append((names[fields[3]], values[fields[5]], units[fields[6]], time, fields, group))
                continue
            kind = segment[:3]
            if kind == "OBR":
                fields = segment.split(separator, 8)
                if len(fields) < 8:
                    fields += [""] * (8 - len(fields))
                elif mark in fields[-1] and not is_parted:
                    raise _RunOn
                measured = fields[7]
                if not measured and message.time is None:
                    measured = message.part(segment, 14)
                groups.append(Group(fields[4], times[measured]))
                names, group = self._names[fields[4]], len(groups)
            elif kind == "PID":
                message.patient = segment
            elif kind == "PV1":
                message.visit = segment
        return message
