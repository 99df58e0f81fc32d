"""Reading one message: its header, its groups of rows, what each row measures (HL7 sheet, section 4).

Monitors write the same identifiers, units and times again and again: each spelling is read once and remembered, which
is what makes the reader fast. What is not measured (names, notes, other segments) is passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from devices.protocols.hl7.identifiers import Identifier, Unit, identify, unit
from devices.protocols.hl7.numbers import Number, number
from devices.protocols.hl7.quantities import is_cuff_group
from devices.protocols.hl7.stamps import Stamp, parse
from devices.protocols.hl7.syntax import Delimiters, decode

_REMEMBERED = 1_000
"""Spellings of one kind that are remembered; what a hostile sender varies without end is forgotten again."""

_LONGEST = 200
"""A longer spelling is not worth its memory."""

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
    """An OBR and its rows: `name` is its OBR-4, `time` its OBR-7."""

    name: str
    time: Stamp | None


@dataclass(slots=True)
class Message:
    """One message.

    Attributes:
        delimiters: what it is written with. header: its MSH fields as written: ``header[9]`` is MSH-9.
        time: its MSH-7. rows, groups: its results. patient, visit: fields of its PID and PV1, None without one.
    """

    delimiters: Delimiters
    header: list[str]
    time: Stamp | None
    rows: list[Row] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    patient: list[str] | None = None
    visit: list[str] | None = None

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
        delimiters = spellings.delimiters
        separator = delimiters.field
        if f"{separator}OB" in text:
            # One monitor leaves out the end of a segment after an empty field.
            place = re.escape(separator)
            text = re.sub(f"(?<={place})(?=OB[XR]{place})", "\r", text)
        segments = text.split("\r")
        header = segments[0].split(separator)
        header.insert(1, separator)
        return self._rows(segments, spellings, Message(delimiters, header, None))

    @staticmethod
    def _rows(segments: list[str], spellings: _Spellings, message: Message) -> Message:
        separator = message.delimiters.field
        message.time = spellings.time(message.heading(7))
        rows, groups = message.rows, message.groups
        names, values, units, times = spellings.names(""), spellings.values, spellings.units, spellings.times
        add, make, row = rows.append, tuple.__new__, f"OBX{separator}"
        group = 0
        for segment in segments:
            if segment.startswith(row):
                fields = segment.split(separator)
                if len(fields) < 15:
                    fields += [""] * (15 - len(fields))
                written, value, measured, time = fields[3], fields[5], fields[6], fields[14]
                # What is remembered is found without a call.
                add(
                    make(
                        Row,
                        (
                            names[written] if written in names else spellings.name(written, names),
                            values[value] if value in values else spellings.value(value),
                            units[measured] if measured in units else spellings.unit(measured),
                            times[time] if time in times else spellings.time(time),
                            fields,
                            group,
                        ),
                    )
                )
            elif segment.startswith("OBR", 0, 3):
                fields = segment.split(separator)
                fields += [""] * (8 - len(fields))
                groups.append(Group(fields[4], spellings.time(fields[7])))
                group = len(groups)
                names = spellings.names(fields[4])
            elif segment.startswith("PID", 0, 3):
                message.patient = segment.split(separator)
            elif segment.startswith("PV1", 0, 3):
                message.visit = segment.split(separator)
        return message


class _Spellings:
    """What was read before, by how it was written with one set of delimiters."""

    def __init__(self, delimiters: Delimiters) -> None:
        self.delimiters = delimiters
        self.values: dict[str, Number] = {}
        self.units: dict[str, Unit | None] = {}
        self.times: dict[str, Stamp | None] = {}
        self._groups: dict[str, dict[str, Identifier]] = {}
        self._usual: dict[str, Identifier] = {}
        self._cuff: dict[str, Identifier] = {}

    def names(self, group: str) -> dict[str, Identifier]:
        """The identifiers of a group called so: in one that is the cuff's a bare ``SYS`` is the cuff's."""
        if group in self._groups:
            return self._groups[group]
        names = self._cuff if is_cuff_group(self.delimiters.text(group)) else self._usual
        return _keep(self._groups, group, names)

    def name(self, written: str, names: dict[str, Identifier]) -> Identifier:
        return _keep(names, written, identify(written, self.delimiters, is_cuff_group=names is self._cuff))

    def value(self, written: str) -> Number:
        return _keep(self.values, written, number(written, self.delimiters))

    def unit(self, written: str) -> Unit | None:
        return _keep(self.units, written, unit(written, self.delimiters))

    def time(self, written: str) -> Stamp | None:
        if written in self.times:
            return self.times[written]
        return _keep(self.times, written, parse(self.delimiters.text(written)))


def _keep(memory: dict[str, _T], written: str, read: _T) -> _T:
    if len(memory) >= _REMEMBERED:
        memory.clear()
    if len(written) <= _LONGEST:
        memory[written] = read
    return read
