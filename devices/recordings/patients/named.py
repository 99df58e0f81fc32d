"""Whose rows are read, where a table holds those of several patients: a choice that a person makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace

from devices.errors import ChoiceNeeded, RecordingError
from devices.recordings.options import Options
from devices.recordings.recording import NUMBERS_ROWS, SAYS_WHO, Builder
from devices.recordings.tables.header import Header
from devices.recordings.tables.row import Row

KEY = 16
"""So many characters has a key of a database at least."""


def of_patient(rows: list[Row], header: Header, options: Options, into: Builder) -> list[Row]:
    """The rows of the one patient that is to be read.

    Raises:
        ChoiceNeeded: the table holds several and none was chosen.
        RecordingError: the chosen one is not among them, or the table names none.
    """
    who = [header.names[index] for index in header.who]
    if not who:
        if options.patient is not None:
            raise RecordingError("the recording does not say whose values these are: leave --patient out")
        return rows
    # After a restart of the logger the columns that name patients may stand elsewhere.
    places: dict[int, list[int]] = {}
    named: list[tuple[str, ...]] = []
    for row in rows:
        held = places.get(id(row.header))
        if held is None:
            if any(name not in row.header.names for name in who):
                raise RecordingError(f"a header in the middle of the table lacks {' and '.join(who)}: whose values?")
            held = places[id(row.header)] = [row.header.names.index(name) for name in who]
        named.append(tuple(row.cells[index] for index in held))
    perhaps = [place for place, index in enumerate(header.who) if index in header.perhaps]
    chosen = chosen_patient(Counter(named), options, into, perhaps)
    tell_numbering(header, into)
    if len(chosen) == len(set(named)):
        return rows
    return [row for row, names in zip(rows, named, strict=True) if names in chosen]


def tell_numbering(header: Header, into: Builder) -> None:
    """Notes of the columns that name patients that they number the rows, where they are of no patient."""
    if not into.patients:
        who = [header.names[index] for index in header.who]
        into.mapping = [
            replace(column, note=NUMBERS_ROWS) if column.note == SAYS_WHO and column.name in who else column
            for column in into.mapping
        ]


def chosen_patient(
    named: Mapping[tuple[str, ...], int], options: Options, into: Builder, perhaps: Collection[int] = ()
) -> Collection[tuple[str, ...]]:
    """Which of `named` are read: what the columns that name patients hold, and in how many rows.

    Args:
        perhaps: the columns that may number the rows instead.

    Raises:
        ChoiceNeeded: they are of several patients and none was chosen.
        RecordingError: the chosen one is not among them.
    """
    if not named:
        return named
    total = sum(named.values())
    held = [sorted(set(column)) for column in zip(*named, strict=True)]
    places = [place for place in range(len(held)) if place not in perhaps or not _numbers_rows(held[place], total)]
    if not places:
        if options.patient is not None:
            raise RecordingError("the recording does not say whose values these are: leave --patient out")
        return named
    # A patient may have had several operations, each with its own start: the finest column tells recordings apart.
    finest = max(places, key=lambda place: len(held[place]))
    into.patients = tuple(held[finest])
    if options.patient is None:
        if "" in held[finest] and len(held[finest]) > 1:
            held[finest].remove("")
            into.patients = tuple(held[finest])
            nobody = sum(count for names, count in named.items() if not names[finest])
            if len(held[finest]) == 1:
                raise ChoiceNeeded(
                    f"{nobody} rows do not say whose they are: say --patient {held[finest][0]} to leave them out",
                    "patient",
                    held[finest],
                )
        if len(held[finest]) > 1:
            shown = ", ".join(held[finest][:8]) + (", ..." if len(held[finest]) > 8 else "")
            raise ChoiceNeeded(
                f"the recording holds {len(held[finest])} patients or cases: say --patient, one of {shown}",
                "patient",
                held[finest],
            )
        return named
    for place in sorted(places, key=lambda place: -len(held[place])):
        chosen = {names for names in named if names[place] == options.patient}
        if not chosen:
            continue
        mine = {names[finest] for names in chosen}
        if len(mine) > 1:
            raise ChoiceNeeded(
                f"{options.patient} has {len(mine)} cases: say --patient, one of {', '.join(sorted(mine))}",
                "patient",
                sorted(mine),
            )
        if others := sum(count for names, count in named.items() if names not in chosen):
            into.counts.refuse("of other patients", others)
        return chosen
    raise RecordingError(
        f"the recording holds no patient {options.patient!r}: say --patient, one of {', '.join(held[finest][:8])}"
    )


def _numbers_rows(held: Sequence[str], total: int) -> bool:
    """Whether the different values of a column number its `total` rows: hardly one comes again, and all are numbers or
    long enough to be keys of a database, or say nothing, as below a sum. A few names that come once each are
    patients."""
    numbers = [each for each in held if each]
    return hardly_comes_again(len(held), total) and all(each.isdigit() or len(each) >= KEY for each in numbers)


def hardly_comes_again(different: int, total: int) -> bool:
    """Whether of `total` cells, so many of which are `different`, hardly one comes again."""
    return different * 10 > total * 9
