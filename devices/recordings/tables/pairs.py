"""Pressures written as one text, ``120/80``: cut into systolic and diastolic, which stay one measurement.

What may follow in such a cell, a mean or a pulse, is not told apart and left out. Epic's mark of a value that is not
normal, ``(!)``, may stand before it.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from msgspec.structs import replace

from devices.errors import RecordingError
from devices.recordings.names import conversion, pair_method, signal_of, split_unit
from devices.recordings.options import Options
from devices.recordings.recording import NOT_KNOWN, SAYS_PAIR, Builder, Column
from devices.recordings.tables.columns import Field
from devices.recordings.tables.header import Header, Layout, refuse_doubles
from devices.recordings.tables.row import Row
from devices.recordings.texts import FLAG, is_missing

_PART = r"(?:\d{1,3}(?:[.,]\d{1,3})?|-{1,3})?"
NO_NUMBER = "cells that are no number"
"""Why a cell that is no pair is not used."""

_UNIT = r"(?:\s*mm ?hg)?"
_PAIR = re.compile(
    rf"(?:{re.escape(FLAG)}\s*)?(?P<sys>{_PART})\s*/\s*(?P<dia>{_PART}){_UNIT}"
    rf"(?P<more>\s*[(\[/ ]\s*{_PART}\s*[)\]]?{_UNIT})?",
    re.ASCII | re.IGNORECASE,
)


def split_pairs(rows: list[Row], header: Header, options: Options, into: Builder) -> Header:
    """The header, and in `rows` the cells, with two columns (or, in a long table, rows) for each that holds pairs.

    A column is one if half of its cells at least are pairs; what else it holds is refused. So is the quantity of a long
    table, or if some are and its name says nothing else.

    Raises:
        RecordingError: the table has these pressures in columns of their own, too; or nothing that is known.
    """
    if header.layout is Layout.LONG:
        _split_long(rows, options, into)
    if header.layout is not Layout.WIDE:
        return header
    headers = {id(row.header): row.header for row in rows}
    for name in dict.fromkeys(name for each in (header, *headers.values()) for name in perhaps_pairs(each)):
        if name in options.mapping:
            continue
        held = [is_pair(row.cells[row.header.names.index(name)]) for row in rows if name in row.header.names]
        there = [found for found in held if found is not True]
        if not are_pairs(sum(found is not None for found in there), len(there)):
            tell_no_pairs(name, into)
            continue
        cut = {key: wider(each, name, options) for key, each in headers.items()}
        header = cut.get(id(header)) or wider(header, name, options)
        rows[:] = [_cut(row, cut[id(row.header)], name, into) for row in rows]
        headers = {id(each): each for each in cut.values()}
        tell_pairs(header, name, into)
        if any(found["more"] for found in there if isinstance(found, re.Match)):
            tell_more(name, into)
    if not header.fields:
        raise RecordingError("the table names a time and no known signal: say with --mapping what its columns are")
    return header


def perhaps_pairs(header: Header) -> list[str]:
    """The names of the columns that may hold pairs, also of those that are called as another signal is (NBP, RR)."""
    places = {*header.pairs, *(one.index for one in header.fields if pair_method(header.names[one.index]))}
    return [name for place in sorted(places) if header.names.count(name := header.names[place]) == 1]


def is_pair(cell: str) -> re.Match[str] | bool | None:
    """The cell, without spaces about it, as a pair; True where it stands for no value, None if it is something else."""
    cell = cell.strip()
    return True if is_missing(cell) else _PAIR.fullmatch(cell)


def are_pairs(matched: int, there: int) -> bool:
    """Whether a column holds pairs, of whose cells with something in them (`there`) so many are."""
    return matched > 0 and 2 * matched >= there


def wider(header: Header, name: str, options: Options) -> Header:
    """`header` with two columns in the place of that called `name`.

    Raises:
        RecordingError: the table has these pressures in columns of their own, too.
    """
    if name not in header.names:
        return header
    method = pair_method(name)
    at = header.names.index(name)
    units = options.overrides.units

    def place(old: int) -> int:
        return old + (old > at)

    fields = [replace(one, index=place(one.index)) for one in header.fields if one.index != at]
    called = [f"{name} sys", f"{name} dia"]
    for after, (label, end) in enumerate(zip(called, ("SYS", "DIA"), strict=True)):
        signal = options.mapping.get(label, f"{method}_{end}")
        unit = units.get(label, units.get(name, split_unit(name)[1]))
        if signal and (convert := conversion(unit, signal)) is not None:
            fields.append(Field(at + after, label, signal, convert, unit=unit))
    fields.sort(key=lambda one: one.index)
    refuse_doubles(fields)
    return replace(
        header,
        names=(*header.names[:at], *called, *header.names[at + 1 :]),
        time=tuple(map(place, header.time)),
        who=tuple(map(place, header.who)),
        perhaps=tuple(map(place, header.perhaps)),
        event=place(header.event),
        fields=tuple(fields),
        pairs=tuple(place(old) for old in header.pairs if old != at),
        labels=tuple(map(place, header.labels)),
        verdicts=tuple(map(place, header.verdicts)),
    )


def _cut(row: Row, header: Header, name: str, into: Builder) -> Row:
    if name not in row.header.names:
        return replace(row, header=header)
    at = row.header.names.index(name)
    found, parts = is_pair(row.cells[at]), ("", "")
    if found and is_converted(header, name) and says_mmhg(row.cells[at]):
        found = None
    if isinstance(found, re.Match):
        parts = (found["sys"], found["dia"])
    elif found is None:
        tell_no_pair(row.number, name, row.cells[at], into)
    return replace(row, cells=[*row.cells[:at], *parts, *row.cells[at + 1 :]], header=header)


def is_converted(header: Header, name: str) -> bool:
    """Whether the pairs of the column called `name` are in another unit than mmHg, in the wider `header`."""
    return any(one.convert.note for one in header.fields if one.name in (f"{name} sys", f"{name} dia"))


def tell_no_pair(row: int, name: str, cell: str, into: Builder) -> None:
    """Tells that the `cell` of a row, in the column called `name`, is not used."""
    text = f"row {row + 1}, {name}: {cell[:40]!r} is not systolic/diastolic"
    into.refuse(NO_NUMBER, text, row=row, raw=cell.encode(errors="replace"))


def tell_more(name: str, into: Builder) -> None:
    """Tells that the cells of the column called `name` hold more than pairs."""
    into.notice("ignored", f"{name}: what follows systolic and diastolic in its cells was left out")


def tell_pairs(header: Header, name: str, into: Builder) -> None:
    """Notes what the column called `name` became in the wider `header`."""
    made = {one.name: one for one in header.fields}
    columns: list[Column] = []
    for column in into.mapping:
        if column.name != name:
            columns.append(column)
            continue
        columns.append(Column(name, "", column.unit, SAYS_PAIR))
        for label in (f"{name} sys", f"{name} dia"):
            if one := made.get(label):
                columns.append(Column(label, one.signal, one.unit, one.convert.note))
            else:
                columns.append(Column(label, "", column.unit, "left out by its unit or the mapping"))
    into.mapping = columns


def tell_no_pairs(name: str, into: Builder) -> None:
    """The column called `name` holds no pairs: it is left as it was, and where nothing else is known of it, out."""
    if any(column.name == name and column.note == SAYS_PAIR for column in into.mapping):
        into.mapping = [replace(c, note=NOT_KNOWN) if c.name == name else c for c in into.mapping]
        into.notice("ignored", f"columns left out: {name}")


def _split_long(rows: list[Row], options: Options, into: Builder) -> None:
    """Puts two in the place of each of the `rows` of a long table whose quantity holds pairs: one a part."""
    called = [name if pair_method(name) and name not in options.mapping else "" for name in map(_name, rows)]
    matched, there, have_more = Counter[str](), Counter[str](), set[str]()
    for row, name in zip(rows, called, strict=True):
        if not name or (cell := row.cells[row.header.value]).lower() in options.overrides.missing:
            continue
        if (found := _pair_in(cell)) is True:
            continue
        there[name] += 1
        if isinstance(found, re.Match):
            matched[name] += 1
            if found["more"]:
                have_more.add(name)
    paired = [name for name in dict.fromkeys(called) if is_paired(name, matched[name], there[name])]
    for name in paired:
        if name in have_more:
            tell_more(name, into)
    if paired:
        both = zip(rows, called, strict=True)
        rows[:] = [one for row, name in both for one in (parts_of(row) if name in paired else (row,))]


def _name(row: Row) -> str:
    return row.cells[row.header.what]


def is_paired(name: str, matched: int, there: int) -> bool:
    """Whether the quantity of a long table called `name` holds pairs. The numbers are as `are_pairs` takes them."""
    return matched > 0 and (not signal_of(name) or are_pairs(matched, there))


def parts_of(row: Row) -> tuple[Row, Row]:
    """The two rows in the place of one of a long table whose quantity holds pairs. What a slash follows is not cut."""
    return replace(row, part="SYS", doubted=False), replace(row, part="DIA")


def part_in(row: Row) -> str:
    """What stands in the part of its value cell that a row of a long table means; "" for no value.

    Raises:
        ValueError: it is no pair.
    """
    cell = row.cells[row.header.value]
    found = _pair_in(cell)
    if found is None:
        raise ValueError(f"{cell[:40]!r} is not systolic/diastolic")
    return "" if isinstance(found, bool) else found[row.part.lower()]


def says_mmhg(cell: str) -> bool:
    """Whether a pair says its unit, which can be but this."""
    return "hg" in cell.lower()


def whole_of(name: str) -> str:
    """What the pressures are called of which `name` is a part; the name itself if it is none."""
    whole = name.removesuffix(" sys").removesuffix(" dia")
    return whole if pair_method(whole) else name


_pair_in = lru_cache(maxsize=4096)(is_pair)  # a row is asked for both of its parts
