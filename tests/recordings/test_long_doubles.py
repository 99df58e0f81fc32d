"""Quantities that come twice at one time in long tables: each value is a reading, in columns as row by row."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from table_writings import differences

from devices.errors import ChoiceNeeded
from devices.recordings.base import read_recording
from devices.recordings.delimited import reader as delimited
from devices.recordings.delimited import utf8 as table_bytes
from devices.recordings.delimited.long_doubles import further_samples
from devices.recordings.readings.in_columns import ColumnReadings

HEAD = "Time,Parameter,Value\n"


def table(*rows: str) -> str:
    """Rows such as ``1 HR 71``: in that second."""
    cells = (row.split(" ") for row in rows)
    return HEAD + "".join(f"2026-03-01T09:00:{int(second):02d}Z,{name},{value}\n" for second, name, value in cells)


@pytest.mark.parametrize("block", [1, 1 << 21])
def test_each_of_two_values_of_one_time_is_a_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(table_bytes, "_BLOCK", block)
    monkeypatch.setattr(delimited, "_LONG", 0)
    path = tmp_path / "table.csv"
    path.write_text(
        table(
            *("0 HR 70", "0 HR 70", "0 RR 12"),  # the same twice
            *("1 RR 13", "1 HR 71", "1 HR 99", "1 RR 14", "1 HR -1"),  # another, and one that is refused
            *("2 HR 72", "2 RR 13", "2 HR 72", "2 RR 13", "2 HR 73"),
            "3 HR 73",
        )
    )
    assert differences(path, {})
    found = read_recording(path)
    assert isinstance(found.readings, ColumnReadings)
    begin = found.first
    assert [((r.time - begin) // 1_000_000, r.received, r.signal, r.value) for r in found.readings] == [
        (0, 0, "HR", 70),
        (0, 1, "HR", 70),
        (0, 1, "RR", 12),
        (1, 3, "HR", 71),
        (1, 3, "RR", 13),
        (1, 5, "HR", 99),
        (1, 5, "RR", 14),
        (2, 8, "HR", 72),
        (2, 8, "RR", 13),
        (2, 10, "HR", 72),
        (2, 10, "RR", 13),
        (2, 12, "HR", 73),
        (3, 13, "HR", 73),
    ]
    assert [(each.kind, each.text, (each.time - begin) // 1_000_000) for each in found.notices] == [
        ("same-time", "csv:HR gives 2 times, first here, two different values for one time: both were kept", 1),
        ("same-time", "csv:RR gives once two different values for one time: both were kept", 1),
    ]
    assert found.counts.sentence() == "14 rows read, 13 used, 1 refused (1 unknown (-1))"


def test_two_writings_of_one_time_are_left_to_the_rows(tmp_path: Path) -> None:
    """There they are one sample, or two if a quantity comes again."""
    path = tmp_path / "table.csv"
    for name in ("HR", "RR"):
        path.write_text(HEAD + f"2026-03-01T09:00:00Z,HR,70\n2026-03-01T09:00:00.0Z,{name},71\n")
        assert not differences(path, {})


def test_two_people_at_each_time_are_asked_about(tmp_path: Path) -> None:
    path, rng = tmp_path / "table.csv", random.Random(3)
    rows = (
        f"2026-03-01T09:{n // 60:02d}:{n % 60:02d}Z,HR,{60 + 40 * who + rng.randint(0, 2)},{'AB'[who]}\n"
        for n in range(300)
        for who in range(2)
    )
    path.write_text("Time,Parameter,Value,kod\n" + "".join(rows))
    assert not differences(path, {})
    with pytest.MonkeyPatch.context() as patch, pytest.raises(ChoiceNeeded, match="the rows of one time differ"):
        patch.setattr(delimited, "_LONG", 0)
        read_recording(path)


@pytest.mark.parametrize("part", range(4))
def test_samples_are_parted_as_going_through_the_rows_parts_them(part: int) -> None:
    rng = random.Random(part)
    for _ in range(300):
        count = rng.randint(1, 30)
        of = np.array(sorted(rng.randint(0, 5) for _ in range(count)))
        quantity = [rng.choice([-1, 0, 1, 2]) for _ in range(count)]
        begun = frozenset(rng.sample([0, 1, 2], rng.randint(0, 2)))
        expected, sample, there = [], of[0], set(begun)
        for row, (one, what) in enumerate(zip(of.tolist(), quantity, strict=True)):
            if one != sample:
                sample, there = one, set()
            if what in there:
                expected.append(row)
                there = set()
            there |= {what} - {-1}
        held = {
            what: np.array([row for row in range(count) if quantity[row] == what])
            for what in sorted({*quantity} - {-1})
        }
        assert further_samples(of, held, begun).tolist() == expected
