"""Lines of a table that are no rows are taken out one by one, and all others read in columns: as by rows."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from recording_columns import check
from table_writings import alike, damaged
from test_long_columns import written as long_table
from test_odd_order import written as odd_order

from devices import instant
from devices.recordings.base import read_recording
from devices.recordings.delimited import reader as delimited
from devices.recordings.readings.lazy import LazyReadings


def odd_line(rng: random.Random, lines: list[str]) -> str:
    row = rng.choice(lines)
    cells = row.split(",")
    return rng.choice(
        [
            "", "", ",,", "," * (len(cells) - 1), "   ", '""', "# a note", "# a note, with a comma", lines[0], lines[0],
            ",".join(cells[:-1]), ",".join(cells[:1]), row + ",", row + ",,", row + ",7", f'{row},"x"', row + ', "',
            row.replace(",", ",\x00", 1), row.replace(",", ',"', 1), "Mean" + ",70" * (len(cells) - 1),
            "Patient: 17", "End of file", cells[0], "0", "x",
        ]
    )  # fmt: skip


def with_odd_lines(rng: random.Random, text: str) -> str:
    lines = text.split("\n")
    for _ in range(rng.choice([1, 1, 2, 5])):
        one = odd_line(rng, [line for line in lines if line] or [""])
        for _ in range(rng.choice([1, 1, 1, 3])):
            lines.insert(rng.randint(1, len(lines)), one)
    return "\n".join(lines)


def table_with_odd_lines(rng: random.Random) -> tuple[bytes, dict[str, Any]]:
    if rng.random() < 0.7:
        text, say = odd_order(rng)
        return with_odd_lines(rng, text).encode(), say
    table, say = long_table(rng)
    return damaged(rng, table), say


@pytest.mark.parametrize("part", range(8))
def test_any_table_with_odd_lines_is_read_alike_by_columns_and_by_rows(tmp_path: Path, part: int) -> None:
    seeds = (f"odd lines {number}" for number in range(part * 40, part * 40 + 40))
    taken = alike(tmp_path, seeds, table_with_odd_lines, lambda path, say, _: check(path, **say))
    assert taken >= 3  # else this would be a comparison of rows with rows


def test_rows_shorter_than_their_header_are_refused_and_all_others_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand: a comment, an empty line, the header again, a short row and a long one in a table of six rows."""
    monkeypatch.setattr(delimited, "_LONG", 0)
    path = tmp_path / "table.csv"
    path.write_text(
        "Time,HR,ABPSys\n"
        "2026-03-01T09:00:00Z,70,120\n"
        "# lead fell off\n"
        "2026-03-01T09:00:01Z,71,121\n"
        "\n"
        "2026-03-01T09:00:02Z,72\n"
        "Time,HR,ABPSys\n"
        "2026-03-01T09:00:03Z,73,123,9\n"
        "2026-03-01T09:00:04Z,74,124,\n"
        "2026-03-01T09:00:05Z,75,125\n"
    )
    found = read_recording(path)
    assert isinstance(found.readings, LazyReadings)
    begins = instant.parse("2026-03-01T09:00:00Z")
    rates = [((r.time - begins) // instant.SECOND, r.received, r.value) for r in found.readings if r.signal == "HR"]
    assert rates == [(0, 0, 70), (1, 2, 71), (4, 5, 74), (5, 6, 75)]
    assert found.counts.sentence() == "7 rows read, 4 used, 3 refused (3 of another length)"
    assert [(n.received, n.text) for n in found.notices if n.kind == "row-refused"] == [
        (1, "row 2 has 1 fields under a header of 3"),
        (3, "row 4 has 2 fields under a header of 3"),
        (4, "row 5 has 4 fields under a header of 3"),
    ]
