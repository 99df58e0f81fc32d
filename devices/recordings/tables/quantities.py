"""The quantities of a long table: what its rows' values are called, what they are read as, in which units they are."""

from __future__ import annotations

import functools
from collections.abc import Container, Iterable, Mapping

from devices.recordings.names import PLAIN, Conversion, conversion, pair_method, plain, signal_of, split_unit
from devices.recordings.options import Options
from devices.recordings.recording import NOT_KNOWN, SAYS_WHEN, SAYS_WHO, Builder, Column
from devices.recordings.tables.header import Field, Header, refuse_doubles
from devices.recordings.tables.items import ITEMS
from devices.recordings.tables.pairs import whole_of
from devices.recordings.tables.row import Row

_CHALLENGE = frozenset(("recordid", "nisysabp", "nidiasabp", "nimap", "sysabp", "diasabp"))
"""Names by which a Challenge 2012 table is known: there MAP is the arterial line's mean, and -1 is unknown."""


def _tell_roles(header: Header, into: Builder) -> None:
    """Notes what became of the table's own columns, before those that its rows name."""
    used = {header.what, header.value, header.unit, header.detail, header.error}
    for place, name in enumerate(header.names):
        if place in header.time or place in header.who:
            into.mapping.append(Column(name, "", "", SAYS_WHEN if place in header.time else SAYS_WHO))
        elif place not in used and name:
            into.mapping.append(Column(name, "", "", "it is not needed"))


def called_in(row: Row, header: Header, options: Options) -> tuple[str, str]:
    """What a row's value is called and the signal that is; a category that leaves the method open, by its detail."""
    name = row.cells[header.what]
    if name in ITEMS and plain(header.names[header.what]) == "itemid":
        return name, ITEMS[name][0]
    signal = _signal_of(name)
    if row.part:
        name, signal = f"{name} {row.part.lower()}", f"{pair_method(name)}_{row.part}"
    if header.detail >= 0 and signal in PLAIN and name not in options.mapping:
        detail = row.cells[header.detail]
        if place := _method(detail):
            return f"{name}/{detail}", f"{place}_{PLAIN[signal]}"
    return name, signal


_signal_of = functools.lru_cache(maxsize=1024)(signal_of)  # a million rows have a dozen names


@functools.lru_cache(maxsize=1024)
def _method(detail: str) -> str:
    """How a pressure was measured by what the hospital calls it: ``NIBP``, ``ABP``, or "" if that is not said."""
    label = plain(detail)
    if any(word in label for word in ("noninvasive", "nibp", "nbp", "cuff")):
        return "NIBP"
    return "ABP" if any(word in label for word in ("arterial", "invasive", "abp")) else ""


def is_challenge(names: Iterable[str]) -> bool:
    """Whether quantities of these names are a Challenge 2012 table's."""
    return any(plain(name) in _CHALLENGE for name in names)


def tell_quantities(
    called: Mapping[str, str], challenge: bool, header: Header, options: Options, into: Builder
) -> dict[str, Field]:
    """The quantities that are read of those `called` so, by name and signal; notes the mapping, and what is left out.

    Raises:
        RecordingError: two are of one cuff value.
    """
    _tell_roles(header, into)
    fields: dict[str, Field] = {}
    unknown: list[str] = []
    for name, known in called.items():
        found = quantity(name, known, challenge, header, options)
        if isinstance(found, Column):
            unknown.append(name)
            into.mapping.append(found)
        else:
            fields[name] = found
            into.mapping.append(Column(name, found.signal, found.unit, found.convert.note))
    if unknown:
        shown = ", ".join(unknown[:12]) + (f" and {len(unknown) - 12} more" if len(unknown) > 12 else "")
        into.notice("ignored", f"quantities left out: {shown}")
    refuse_doubles(list(fields.values()), "quantities")
    return fields


def quantity(name: str, known: str, challenge: bool, header: Header, options: Options) -> Field | Column:
    """What the quantity called `name` is read as, whose name says the signal `known`, or why it is left out."""
    signal = options.mapping.get(name, known)
    if challenge and plain(name) == "map" and name not in options.mapping:
        signal = "ABP_MEAN"
    whole, units = whole_of(name), options.overrides.units
    unit = split_unit(whole)[1]
    if name in ITEMS and signal == ITEMS[name][0]:
        unit = ITEMS[name][1]
    unit = units.get(name, units.get(whole, unit))
    convert = conversion(unit, signal) if signal else None
    if convert is None:
        chosen = options.mapping.get(name) == ""
        why = "left out by the mapping" if chosen else f"not in {unit}" if signal else NOT_KNOWN
        return Column(name, "", unit, why)
    return Field(header.value, name, signal, convert, unit=unit)


def converted(row: Row, header: Header, one: Field, told: Container[str], written: str = "") -> Conversion:
    """How a row's value is converted. `written`: the unit behind the number in its cell, "" if there is none.

    Raises:
        ValueError: its unit is none of the quantity.
    """
    unit = written or (row.cells[header.unit] if header.unit >= 0 else "")
    if not unit or one.name in told or whole_of(one.name) in told:
        return one.convert
    found = conversion(unit, one.signal)
    if found is None:
        raise ValueError(f"{unit!r} is no unit of {one.name}")
    return found
