"""Rows and parts of a table that sum others up: a mean of readings is no reading, whatever time stands beside it.

Reports end with their statistics (Mean, Min, Max), spreadsheets and pandas (``describe``) write them under or in place
of the rows, ambulatory monitors' reports add tables of hourly averages.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING

from devices.errors import RecordingError
from devices.recordings.names import plain
from devices.recordings.recording import Builder

if TYPE_CHECKING:
    from devices.recordings.tables.row import Row

_SAID = (
    "mean means average averages averaged avg median sd std stdev stddev sem variance summary statistics statistic"
    " mittel mittelwert mittelwerte durchschnitt standardabweichung moyenne moyennes ecarttype promedio desviacion"
    " gemiddelde gemiddelden medelvarde gennemsnit gjennomsnitt 平均 平均值 標準偏差 标准差 中位数"
)
_ALONE = "min minimum max maximum count total sum 最大 最大值 最小 最小值 最高 最低"
_SCOPES = "of all overall h hour hours hourly day days daily daytime night nights nighttime awake asleep value values"
_STATISTICS, _OF = frozenset(_SAID.split()), frozenset(_SCOPES.split())
_WHOLE = _STATISTICS | frozenset(_ALONE.split())
"""Also those that say something else beside other words: ``5 min``, ``Total hip``."""
_BESIDE = frozenset(("max", "min", "sd", "std", "sem"))
"""People, wards and places are called so, too: they are statistics only beside another one."""
_PERCENTILE = re.compile(r"\d{1,2}(?:\.\d+)?%", re.ASCII)
_TITLES = _STATISTICS - _BESIDE - {"mean", "summary"}
"""In a title these may be of a report, or of a mean pressure."""
_MOST = 6
"""Words of a title."""

ENDS = 30
"""Rows at the beginning and at the end of a table of which one says so, if any does: there statistics stand."""


def statistic(text: str) -> str:
    """The statistic that `text` names, such as ``Mean`` or ``24 h average``; "" if it names none, or more."""
    if (label := plain(text)) in _WHOLE and "/" not in text:
        return label
    words = [plain(word) for word in text.split() if not word[0].isdigit()]
    found = [word for word in words if word in _STATISTICS]
    return found[0] if len(found) == 1 and all(word in _OF for word in words if word != found[0]) else ""


def is_title(cells: Sequence[str]) -> bool:
    """Whether a line of these cells says that the table under it holds statistics: ``Hourly averages``."""
    held = [cell for cell in cells if cell]
    words = [plain(word) for word in held[0].split()] if len(held) == 1 else []
    return len(words) <= _MOST and any(word in _TITLES for word in words)


def without_summaries(rows: list[Row], into: Builder) -> list[Row]:
    """The `rows` without those that are labelled as statistics, which are refused in `into`.

    Where every row bears one and the same label, these are the readings that there are.

    Raises:
        RecordingError: there are no others, and they are several statistics.
    """
    if not are_labelled(rows[:ENDS] + rows[-ENDS:]):
        return rows
    words: dict[tuple[int, int], set[str]] = {}
    for row in rows:
        for place in row.header.labels:
            if word := statistic(row.cells[place]):
                words.setdefault((id(row.header), place), set()).add(word)
    labelling = {key for key, held in words.items() if held - _BESIDE}
    labels = [_label(row, labelling) for row in rows]
    if not any(labels):
        return rows
    if all(labels):
        if len(set(labels)) == 1:
            return rows
        shown = ", ".join(sorted(set(labels))[:4])
        raise RecordingError(
            f"all rows of the table are statistics ({shown}), not readings of instants: export the readings themselves,"
            " or keep the rows of one statistic alone"
        )
    for row, label in zip(rows, labels, strict=True):
        if label:
            raw = row.header.delimiter.join(row.cells).encode(errors="replace")
            text = f"row {row.number + 1} is a statistic ({label}), no reading"
            into.refuse("of statistics", text, row=row.number, raw=raw)
    return [row for row, label in zip(rows, labels, strict=True) if not label]


def are_labelled(rows: Sequence[Row]) -> bool:
    """Whether one of `rows` may be labelled as a statistic."""
    return any(statistic(row.cells[place]) for row in rows for place in row.header.labels)


def _label(row: Row, labelling: Container[tuple[int, int]]) -> str:
    """The label of a statistic that `row` bears in one of the columns that hold such; "" if it bears none."""
    for place in row.header.labels:
        cell = row.cells[place]
        # A share of 100 is a percentile only among other statistics.
        if (id(row.header), place) in labelling and (statistic(cell) or _PERCENTILE.fullmatch(cell)):
            return cell
    return ""
