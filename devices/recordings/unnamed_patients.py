"""A sign of several patients in a wide table none of whose columns is called as patients are: whose rows mix.

A file is refused rather than read as one patient: the columns that name patients have too many names, in too many
languages, to know them all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from devices import instant
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
    """Refuses a table where rows of one time are told apart by a column whose few values come again and again, or where
    the times begin anew with each value of one.

    Args:
        samples: made of `rows`, by their numbers; some may have made none.

    Raises:
        ChoiceNeeded: it is such a table; the sentence names the column.
    """
    unread = unread_columns(header)
    if not unread or any(row.header is not header for row in rows):
        return
    by_number = {row.number: row for row in rows}
    for place in unread:
        cells = [by_number[one.row].cells[place].strip() for one in samples]
        names = set(cells)
        if "" in names or len(names) < 2 or 3 * len(names) > len(samples) or any(map(_MEASURED.fullmatch, names)):
            continue
        called = header.names[place]
        if _tells_apart(cells, samples):
            said = f"the rows of one time differ in the column {called!r}"
        elif _goes_back_with(cells, samples):
            said = f"the times go back where the column {called!r} changes"
        else:
            continue
        raise ChoiceNeeded(
            f"{said}, which may name {len(names)} patients: say with --mapping"
            f' [patient] column = "{called}", or [columns] "{called}" = "" if all are one patient\'s',
            "patient_column",
        )


def _tells_apart(cells: Sequence[str], samples: Sequence[Sample]) -> bool:
    """Half of the times have several rows, which all differ in `cells`, one a row."""
    if len({sample.time for sample in samples}) + _FEWEST > len(samples):
        return False
    ordered = sorted(zip(samples, cells, strict=True), key=lambda one: one[0].time)
    times = [[cell for _, cell in same] for _, same in groupby(ordered, key=lambda one: one[0].time)]
    several = [same for same in times if len(same) > 1]
    if len(several) < _FEWEST or 2 * len(several) < len(times):
        return False
    return all(len(set(same)) == len(same) for same in several)


def _goes_back_with(cells: Sequence[str], samples: Sequence[Sample]) -> bool:
    """Each of `cells`, one a row, fills one block of rows; the times go back where a block begins, and nowhere else."""
    blocks = [list(same) for _, same in groupby(range(len(cells)), key=lambda place: cells[place])]
    if len(blocks) != len(set(cells)) or any(len(block) < _FEWEST for block in blocks):
        return False
    begins = {block[0] for block in blocks[1:]}
    back = {place for place in range(1, len(samples)) if samples[place].time < samples[place - 1].time - instant.MINUTE}
    return bool(back) and back <= begins
