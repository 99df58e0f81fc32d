"""Pressures written as one text, ``120/80``: cut into systolic and diastolic, which stay one measurement.

What may follow in such a cell, a mean or a pulse, is not told apart and left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from devices.errors import RecordingError
from devices.recordings.names import conversion, pair_method, split_unit
from devices.recordings.options import Options
from devices.recordings.recording import NOT_KNOWN, SAYS_PAIR, Builder, Column
from devices.recordings.tables.columns import Field
from devices.recordings.tables.header import Header, Layout, refuse_doubles
from devices.recordings.tables.row import Row
from devices.recordings.texts import is_missing

_PART = r"(?:\d{1,3}(?:[.,]\d{1,3})?|-{1,3})?"
NO_NUMBER = "cells that are no number"
"""Why a cell that is no pair is not used."""

_PAIR = re.compile(
    rf"(?P<sys>{_PART})\s*/\s*(?P<dia>{_PART})(?:\s*mmhg)?(?P<more>\s*[(\[/ ]\s*{_PART}\s*[)\]]?(?:\s*mmhg)?)?",
    re.ASCII | re.IGNORECASE,
)


def split_pairs(rows: list[Row], header: Header, options: Options, into: Builder) -> Header:
    """The header, and in `rows` the cells, with two columns (or, in a long table, rows) for each that holds pairs.

    A column is one if half of its cells at least are pairs; what else it holds is refused.

    Raises:
        RecordingError: the table has these pressures in columns of their own, too; or nothing that is known.
    """
    if header.layout is Layout.LONG:
        rows[:] = [one for row in rows for one in _long(row)]
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
    if isinstance(found, re.Match):
        parts = (found["sys"], found["dia"])
    elif found is None:
        tell_no_pair(row.number, name, row.cells[at], into)
    return replace(row, cells=[*row.cells[:at], *parts, *row.cells[at + 1 :]], header=header)


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


def _long(row: Row) -> Sequence[Row]:
    header = row.header
    method = pair_method(row.cells[header.what])
    found = is_pair(row.cells[header.value]) if method else None
    if not isinstance(found, re.Match):
        return (row,)
    made = []
    for end in ("sys", "dia"):
        cells = list(row.cells)
        cells[header.what], cells[header.value] = f"{method} {end}", found[end]
        made.append(replace(row, cells=cells))
    return made
