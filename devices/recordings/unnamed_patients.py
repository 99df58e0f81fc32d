"""A sign of several patients in a wide table none of whose columns is called as patients are: whose rows mix.

A file is refused rather than read as one patient: the columns that name patients have too many names, in too many
languages, to know them all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from devices.errors import ChoiceNeeded
from devices.recordings.header import Header
from devices.recordings.judging import Sample
from devices.recordings.recording import NOT_KNOWN
from devices.recordings.rows import Row

_FEWEST = 3
"""So many times of their own must have several rows: one or two a clock that was set leaves, too."""
_MEASURED = re.compile(r"[-+]?\d*[.,]\d+")


def unread_columns(header: Header) -> list[int]:
    """Places of the columns whose names mean nothing here: they may name patients."""
    gone = {column.name for column in header.columns if column.note == NOT_KNOWN} - {""}
    return [place for place, name in enumerate(header.names) if name in gone]


def refuse_mixture(rows: Sequence[Row], samples: Sequence[Sample], header: Header) -> None:
    """Refuses a table where rows of one time are told apart by a column whose few values come again and again.

    Args:
        samples: made of `rows`, by their numbers; some may have made none.

    Raises:
        ChoiceNeeded: it is such a table; the sentence names the column.
    """
    unread = unread_columns(header)
    if not unread or any(row.header is not header for row in rows):
        return
    if len({sample.time for sample in samples}) + _FEWEST > len(samples):
        return
    by_number = {row.number: row for row in rows}
    ordered = sorted(samples, key=lambda sample: sample.time)
    times = [[by_number[one.row].cells for one in same] for _, same in groupby(ordered, key=lambda one: one.time)]
    several = [same for same in times if len(same) > 1]
    if len(several) < _FEWEST or 2 * len(several) < len(times):
        return
    for place in unread:
        names = {cells[place].strip() for same in times for cells in same}
        if "" in names or len(names) < 2 or 3 * len(names) > len(samples) or any(map(_MEASURED.fullmatch, names)):
            continue
        if all(len({cells[place].strip() for cells in same}) == len(same) for same in several):
            called = header.names[place]
            raise ChoiceNeeded(
                f"the rows of one time differ in the column {called!r}, which may name {len(names)} patients: say with"
                f' --mapping [patient] column = "{called}", or [columns] "{called}" = "" if all are one patient'
                "patient_column",
            )
