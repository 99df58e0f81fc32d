"""Tables straight to columns: what they hold is exactly what reading row by row holds, or they are not taken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices import instant
from devices.reading import Status
from devices.recordings.base import Overrides, RecordingError, read_recording
from devices.recordings.delimited import utf8 as table_bytes
from devices.recordings.delimited.columns import columns_of
from devices.recordings.options import Options
from devices.recordings.series import doubles

NAMES = ("HR", "ART (Sys)", "SpO2 (%)", "Temp (degC)")
SIGNALS = ("HR", "ABP_SYS", "SPO2", "TEMP")
USUAL = ["70", "98", "36.5", "101.25", "120", "0", "0.0", "", "-", "NaN", "None", "NULL", "n/a"]
ODD = [
    " 71 ", "+72", "-5", "1e2", "1E2", "1e0002", "1e400", "inf", "-inf", "nan(7)", "0x40", "1_0", "7.", ".7", "1,5",
    "70 bpm",
    "Nan", "nAn", "#N/A", "***", "-?-", "--", "'70'", "\uff17", "1e-400", "00070", "true", "70\x00", "70\t", "7 0",
]  # fmt: skip
TIMES = [
    "2026-03-01T09:00:{s:02d}Z", "2026-03-01 09:00:{s:02d}Z", "2026-03-01T09:00:{s:02d}", "2026-03-01T09:00:{s:02d}.5Z",
    "2026-03-01T09:00:{s:02d}.123456789Z", "2026-03-01T09:00:{s:02d}+01:00", "2026-03-01T0900{s:02d}Z",
    "20260301T0900{s:02d}Z",
    "2026-03-01T09:{s:02d}Z", "2026-03-01", "2026-03-01T24:00:00Z", "2026-03-01T09:00:60Z", "2026-W09-7", "{s}",
    "2026-02-30T09:00:00Z", " 2026-03-01T09:00:{s:02d}Z", "2026-03-01T09:00:{s:02d}z", "9999-12-31T23:59:59Z",
    "2026-03-01T09:00:{s:02d}-0130", "2026-03-01T09:00:{s:02d}+01",
]  # fmt: skip


def same_or_left(path: Path) -> bool:
    """Whether the table was taken; then it is compared, value by value, with what reading row by row gives."""
    found = columns_of(path, Options())
    if found is None:
        return False
    rows = read_recording(path, mapping=Overrides(collapse=False))
    whole = {} if found.rows_refused is None else found.rows_refused.counts.refused
    cells = {reason: count for reason, count in rows.counts.refused.items() if reason not in whole}
    assert {reason: rows.counts.refused.get(reason) for reason in whole} == whole
    assert cells.keys() <= {"cells that are no number", "unknown (-1)", "below 0"}
    assert bool(cells) is bool(found.refused)
    told = {each.kind for each in rows.notices}
    assert ("row-refused" in told) == any(reason != "cut" for reason in whole)
    assert ("incomplete" in told) == (found.cut_off != "" or "cut" in whole)
    numbers = range(len(found.times)) if found.kept is None else found.kept.tolist()
    for field, values in found.values:
        source = f"csv:{field.name}"
        mine = [
            (int(t), n, None if v == 0 else v) for n, t, v in zip(numbers, found.times, values, strict=True) if v == v
        ]
        theirs = [(r.time, r.received, r.value) for r in rows.readings if r.source == source]
        assert all((r.value is None) == (r.status is Status.ZERO) for r in rows.readings)
        if any(value for _, _, value in mine):
            assert mine == theirs
        else:
            assert theirs == []  # 0 throughout: it was not connected
    assert (next((n.text for n in rows.notices if n.kind == "time-assumed"), "") != "") == found.reader.naive
    return True


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_stands_in_a_table_it_is_the_same_or_not_taken(tmp_path: Path, data: st.DataObject) -> None:
    draw = data.draw
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    end = draw(st.sampled_from(["\n", "\r\n", "\n", "\r"]))
    times = draw(st.sampled_from([TIMES[:1], TIMES[:1], TIMES[2:3], TIMES]))
    cells = st.sampled_from([*USUAL * 6, *ODD]) if draw(st.booleans()) else st.sampled_from(USUAL)
    lines = [delimiter.join(("Time", *NAMES))]
    for second in range(draw(st.integers(0, 8))):
        row = [draw(st.sampled_from(times)).format(s=second), *(draw(cells) for _ in NAMES)]
        lines.append(
            delimiter.join(row[: draw(st.sampled_from([5, 5, 5, 5, 5, 5, 5, 4]))])
            + draw(st.sampled_from(["", "", "", delimiter]))
        )
        if draw(st.integers(0, 12)) == 0:
            lines.append(draw(st.sampled_from(["", lines[0], delimiter * 4, "# note", '"x"'])))
    text = end.join(lines) + draw(st.sampled_from([end, end, end, ""]))
    path = tmp_path / "table.csv"
    path.write_bytes(draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf"])) + text.encode())
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(table_bytes, "_BLOCK", draw(st.sampled_from([1, 50, 100, 1 << 19])))
            same_or_left(path)
    except RecordingError as error:  # of reading row by row: then it must not have been taken
        pytest.fail(str(error))


def test_a_plain_table_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    rows = "".join(
        f"2026-03-01T09:{s // 60:02d}:{s % 60:02d}Z,{60 + s % 40},{100.5 + s % 9},{90 + s % 9},{'' if s % 7 else 37}\n"
        for s in range(3000)
    )
    path.write_text("Time," + ",".join(NAMES) + "\n" + rows)
    assert same_or_left(path)
    path.write_text("Time;" + ";".join(NAMES) + "\r\n" + rows.replace(",", ";").replace("\n", "\r\n").replace("Z", ""))
    assert same_or_left(path)


@pytest.mark.parametrize(
    "text",
    [
        "Time,HR\n0,70\n1,71\n",
        "Clock,HR\n09:00:00,70\n",
        "Time,HR\n01/02/2026 09:00:00,70\n",
        "Time;HR;RR\n2026-03-01T09:00:00Z;70,5;12.5\n",
        "Time;HR\n2026-03-01T09:00:00Z;70.125\n",
        "Time,HR\nThu Apr 29 01:21:35 UTC 2021,70\n",
        'Time,Note,HR\n2026-03-01T09:00:00Z,"1,5",70\n',
        'Time,Note,HR\n2026-03-01T09:00:00Z,"a""b",70\n',
        'Time,Note,HR\n2026-03-01T09:00:00Z,"a" ,70\n',
        "Time,Temp\n2026-03-01T09:00:00Z,98.6\n",
        "HR,Time\n70,2026-03-01T09:00:01Z\n71,2026-03-01T09:00:02",
        "Time,HR\n2026-03-01T09:00:01Z\r70\n",
        "Time,NBPSys,NBPSys\n2026-03-01T09:00:01Z,120,130\n",
        "time,signal,value,unit,status,source\n2026-03-01T09:00:01Z,HR,70,/min,ok,x\n",
        "x\n",
    ],
)
def test_what_needs_judging_is_not_taken(tmp_path: Path, text: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    assert columns_of(path, Options()) is None


def test_options_that_change_what_is_read_are_not_for_it(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("Time,HR,Odd\n2026-03-01T09:00:00,70,7\n")
    assert columns_of(path, Options(start=0)) is None
    assert columns_of(path, Options(patient="A")) is None
    assert columns_of(path, Options(overrides=Overrides(missing=frozenset(("70",))))) is None
    mapping = {"Odd": "RR"}
    mapped = columns_of(path, Options(mapping=mapping, overrides=Overrides(columns=mapping)))
    assert mapped is not None
    assert [(field.signal, values.tolist()) for field, values in mapped.values] == [("HR", [70.0]), ("RR", [7.0])]
    assert np.array_equal(mapped.times, [instant.parse("2026-03-01T09:00:00Z")])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(st.from_regex(r"[0-9]{0,5}(\.[0-9]{0,3})?|[0-9]{8}", fullmatch=True), min_size=1, max_size=40),
    times=st.integers(1, 30),
)
def test_every_spelling_of_a_number_is_the_number_that_python_reads(
    tmp_path: Path, cells: list[str], times: int
) -> None:
    path = tmp_path / "table.csv"
    spread = [cell[:8] for cell in cells] * times + [str(50 + n / 8)[:8] for n in range(600)]
    rows = (f"2026-03-01T{n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z,{cell}\n" for n, cell in enumerate(spread))
    path.write_text("Time,RR\n" + "".join(rows))
    found = columns_of(path, Options())
    assert found is not None
    ((_, values),) = found.values
    expected = [float(cell) if cell not in ("", ".") else np.nan for cell in spread]
    assert np.array_equal(doubles(values), expected, equal_nan=True)


def test_numbers_that_32_bits_do_not_tell_are_given_as_doubles(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    rows = "".join(f"2026-03-01T09:{n // 60:02d}:{n % 60:02d}.25+01:00,{36 + n % 40 / 7:.5f},{n}\n" for n in range(400))
    path.write_text("Time,Temp (degC),HR\n" + rows)
    found = columns_of(path, Options())
    assert found is not None and not found.reader.naive
    assert [values.dtype for _, values in found.values] == [np.float64, np.float64]
    assert found.values[0][1].tolist() == [float(f"{36 + n % 40 / 7:.5f}") for n in range(400)]
    assert found.times[:2].tolist() == [
        instant.parse("2026-03-01T08:00:00.25Z"),
        instant.parse("2026-03-01T08:00:01.25Z"),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_time_may_stand_in_any_column(tmp_path: Path, end: str) -> None:
    path = tmp_path / "table.csv"
    for place in range(3):
        rows = [["HR", "SpO2"], *([str(60 + s), str(90 + s % 9)] for s in range(30))]
        for number, row in enumerate(rows):
            row.insert(place, f"2026-03-01T09:00:{number - 1:02d}Z" if number else "Time")
        path.write_bytes("".join(f"{','.join(row)}{end}" for row in rows).encode())
        assert same_or_left(path)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(("place", "length"), [*((0, n) for n in range(79, 87)), *((1, n) for n in range(59, 67))])
def test_rows_of_every_length_about_that_of_a_word_of_marks(tmp_path: Path, length: int, place: int, end: str) -> None:
    """Rows of up to 62 bytes, or so many behind a time, are cut in another way than longer ones. In both ways a row of
    another width is seen."""

    def refused(rows: list[str]) -> int:
        """How many rows are refused, whatever is read of the others."""
        assert columns(rows)
        found = columns_of(tmp_path / "table.csv", Options())
        assert found is not None
        count = sum(found.rows_refused.counts.refused.values()) if found.rows_refused else 0
        assert len(found.times) == len(rows) - count
        return count

    def columns(rows: list[str]) -> bool:
        path = tmp_path / "table.csv"
        names = ["HR", "RR", "SpO2", "Note", "Other"]
        names.insert(place, "Time")
        path.write_bytes("".join(f"{row}{end}" for row in (",".join(names), *rows)).encode())
        return same_or_left(path)

    full: list[str] = []
    for second in range(20):
        cells = [str(60 + second), "", str(90 + second % 11), "x", "y"]
        cells.insert(place, f"2026-03-01T09:00:{second:02d}Z")
        full.append(",".join(cells).ljust(length, "x"))
    assert columns(full)
    one = full[7]
    few, fewer, more = "x".join(one.rsplit(",", 1)), one.replace(",,", ","), f"{one[:-2]},x"
    within = [f"{one[:at]},{one[at + 1 :]}" for at in range(23) if one[at] != ","]  # a mark in the time
    for changed in (few, fewer, more, f"{one[:-5]}x,x,x", one.replace(",", "x"), one[:15], *within):
        assert refused([*full[:7], changed, *full[8:]]) == 1
    # Two rows that make good for each other.
    assert refused([*full[:6], fewer, more, *full[8:]]) == 2
    bare = [*full[:7], f"{one[:-2]},,", *full[8:]]  # a mark at a row's end is no cell
    assert columns(bare)


def test_points_alone_are_no_numbers(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("Time,HR,RR\n" + "".join(f"2026-03-01T09:00:{n:02d}Z,{'.' if n % 2 else ''},\n" for n in range(60)))
    assert read_recording(path).counts.refused == {"cells that are no number": 30}
    assert same_or_left(path)
    path.write_text("Time,HR,RR\n2026-03-01T09:00:00Z,70,5.\n2026-03-01T09:00:01Z,71,.\n")
    found = columns_of(path, Options())
    assert found is not None and found.refused
    assert np.array_equal(found.values[1][1], [5, np.nan], equal_nan=True)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), decimals=st.integers(0, 4))
def test_numbers_with_their_points_at_one_place_and_what_stands_between(
    tmp_path: Path, data: st.DataObject, decimals: int
) -> None:
    alike = st.integers(0, 30_000).map(lambda n: f"{n / 10**decimals:.{decimals}f}"[:8])
    others = st.sampled_from(["", "", "7", "70.5", ".5", "5.", ".", "12.", "1234567", "9.999", "..", "1.2.3", "NaN"])
    cells = data.draw(st.lists(st.one_of(alike, alike, st.just(""), alike), min_size=4, max_size=60))
    for place in data.draw(st.lists(st.integers(0, len(cells) - 1), max_size=2)):
        cells[place] = data.draw(others)
    path = tmp_path / "table.csv"
    pairs = list(zip(cells[::2], cells[1::2], strict=False))
    rows = "".join(f"2026-03-01T09:00:{n:02d}Z,{one},{two}\n" for n, (one, two) in enumerate(pairs))
    path.write_text("Time,HR,RR\n" + rows)
    found = columns_of(path, Options())
    none = (".", "..", "1.2.3")
    assert found is not None
    assert bool(found.refused) is any(cell in none for pair in pairs for cell in pair)
    for (_, values), written in zip(found.values, zip(*pairs, strict=True), strict=True):
        expected = [np.nan if cell in none else float(cell or "nan") for cell in written]
        assert np.array_equal(doubles(values), expected, equal_nan=True)
