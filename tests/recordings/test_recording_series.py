"""A recording as columns is the recording as readings: every source, time, value and status, and the same rises."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import recordings_made
from both_ways import look_at
from recording_bytes import T, device, number, packet, save, track, wave
from recording_columns import check

from dashboard.resources import sample_data
from dashboard.rises import recorded
from devices import instant
from devices.recordings.base import ChoiceNeeded, Recording, RecordingError, read_recording, read_series
from devices.recordings.delimited import reader as delimited
from devices.recordings.delimited import utf8 as table_bytes
from devices.recordings.readings import in_columns as column_readings
from devices.recordings.readings import packed as packed_readings
from devices.recordings.readings.lazy import LazyReadings
from devices.recordings.vital import columns as vital_columns

SAMPLES = sorted(
    path
    for path in sample_data().rglob("*")
    if path.suffix in (".vital", ".hea", ".edf", ".parquet", ".csv", ".txt") and path.name != "README.md"
)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_sample(path: Path) -> None:
    try:
        read_recording(path)
    except ChoiceNeeded as error:
        if "--date-order" in str(error):
            check(path, date_order="mdy")
            return
        patient = str(error).rpartition("one of ")[2].split(",")[0]
        check(path, patient=patient)
        return
    check(path)


@pytest.mark.parametrize("seed", range(10))
def test_any_vital_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(vital_columns, "_FIRST", [1, 4, 1 << 8][seed % 3])
    monkeypatch.setattr(vital_columns, "_MOST", [8, 1 << 17][seed % 2])
    check(recordings_made.vital(tmp_path, seed))


@pytest.mark.parametrize("seed", range(12))
def test_any_wfdb_record(tmp_path: Path, seed: int) -> None:
    check(recordings_made.wfdb(tmp_path, seed))


@pytest.mark.parametrize("seed", range(12))
def test_any_edf_file(tmp_path: Path, seed: int) -> None:
    check(recordings_made.edf(tmp_path, seed))


@pytest.mark.parametrize("seed", range(14))
def test_any_wide_parquet_table(tmp_path: Path, seed: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 300))
    steps = rng.integers(1, 4, count) if seed < 10 else np.full(count, seed % 3 + 1)
    time = T * 1_000_000 + np.cumsum(steps) * 1_000_000 + (250_000 if seed % 4 else 0)
    if seed == 3:
        time = time[::-1].copy()
    unit, zone = ("us", "UTC") if seed != 4 else ("ns", None)
    time = time * (1000 if unit == "ns" else 1)
    names = (
        ["HR", "NIBP_SYS", "NIBP_DIA"],
        ["Heart Rate", "NBPSys", "NBPDias", "SpO2 (%)"],
        ["HR", "SBP", "ART_SBP (kPa)"],
    )
    columns = {"time": pa.array(time, pa.timestamp(unit, zone))}
    for name in names[seed % 3]:
        data = rng.integers(0, 3, count) * 60 + rng.choice([0, 0.3], count if seed % 2 else 1)
        kind = pa.float32() if seed % 2 else pa.float64()
        columns[name] = pa.array(data, kind, mask=rng.random(count) < 0.2)
    if seed == 6:
        columns["HR"] = pa.array(["70"] * count)
    pq.write_table(pa.table(columns), tmp_path / "made.parquet", row_group_size=int(rng.integers(1, 2 * count + 1)))
    check(tmp_path / "made.parquet")


@pytest.mark.parametrize("late", [None, 1, 16_383, 16_384, 16_385, 39_998])
def test_a_parquet_table_with_one_time_of_many_off_its_step(tmp_path: Path, late: int | None) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    time = T * 1_000_000 + np.arange(40_000) * 2_000_000
    if late is not None:
        time[late] += 500_000
    rate = np.where(np.arange(40_000) % 7, 70.0, np.nan).astype(np.float32)  # NaN, where a hole would be no number too
    columns = {"time": pa.array(time, pa.timestamp("us", "UTC")), "HR": pa.array(rate)}
    pq.write_table(pa.table(columns), tmp_path / "made.parquet")
    found = read_series(tmp_path / "made.parquet")
    assert found.instants(found.series[0]).tolist() == time.tolist()
    check(tmp_path / "made.parquet")


@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize(
    "odd", [(-0.0,), (-0.0, np.nan), (-0.0, 2000.3), (-0.0, 1e30), (-5.0,), (np.inf,), (-np.inf, 5.0)]
)
def test_a_parquet_column_with_odd_numbers(tmp_path: Path, odd: tuple[float, ...], kind: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    values = pa.array(np.array([70.0, *odd, 71.0, 72.0], kind))
    times = pa.array([T * 1_000_000 + n * 1_000_000 for n in range(len(values))], pa.timestamp("us", "UTC"))
    pq.write_table(pa.table({"time": times, "HR": values, "SPO2": values}), tmp_path / "made.parquet")
    check(tmp_path / "made.parquet")


def test_parquet_times_whose_steps_go_round_the_largest_number(tmp_path: Path) -> None:
    """Equal steps of a quarter of all that 64 bits hold lead back to the beginning: they do not ascend."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    time = np.array([T * 1_000_000 + step for step in range(5)], np.uint64) + np.arange(5, dtype=np.uint64) * (1 << 62)
    columns = {"time": pa.array(time.astype(np.int64), pa.timestamp("us", "UTC")), "HR": [70.0] * 5}
    pq.write_table(pa.table(columns), tmp_path / "made.parquet")
    check(tmp_path / "made.parquet")
    assert read_series(tmp_path / "made.parquet").counts.refused == {"without a time": 3}


def test_a_track_described_anew_as_another_is_another(tmp_path: Path) -> None:
    """What was recorded as a heart rate does not become a pressure because the number of its track does."""
    path = save(
        tmp_path / "a.vital",
        device(1, "A"),
        track(1, "HR"),
        *(number(1, T + n, 70) for n in range(100)),
        track(1, "ART_SBP"),
        *(number(1, T + 100 + n, 120) for n in range(100)),
    )
    readings = read_recording(path).readings
    assert {(one.signal, one.value) for one in readings} == {("HR", 70), ("ABP_SYS", 120)}
    assert len(readings) == 200
    check(path)


def test_what_repeats_between_waves_is_checked_to_the_end(tmp_path: Path) -> None:
    """A record that looks like the others and lies inside a wave is none."""
    seconds = []
    for n in range(50):
        hidden = number(1, T + n, 199)
        body = bytes(300) + hidden + bytes(700 - len(hidden)) + bytes(n % 7 == 6)
        seconds += [packet(1, wave(3, T + n, 0)[5:] + body), number(1, T + n, 70 + n % 5), number(2, T + n, 97)]
    path = save(tmp_path / "a.vital", device(1, "A"), track(1, "HR"), track(2, "PLETH_SPO2"), *seconds)
    got = [one.value for one in read_recording(path).readings if one.signal == "HR"]
    assert got == [70 + n % 5 for n in range(50)]
    check(path)


def test_the_table_keeps_every_value_of_every_time(tmp_path: Path) -> None:
    path = save(
        tmp_path / "a.vital",
        device(1, "A"),
        track(1, "HR"),
        track(2, "RR"),
        *(number(1, T + when, value) for when, value in ((0, 70), (1, 71), (1, 72), (2.5, 73))),
        *(number(2, T + when, value) for when, value in ((1, 12), (3, 13))),
    )
    table = read_series(path).table()
    assert table.seconds.tolist() == [0, 1, 1, 2.5, 3]
    shown = {name: [None if np.isnan(x) else x for x in column.tolist()] for name, column in table.columns.items()}
    assert shown == {"vital:A/HR": [70, 71, 72, 73, None], "vital:A/RR": [None, 12, None, None, 13]}


def test_no_values_make_an_empty_table(tmp_path: Path) -> None:
    path = save(tmp_path / "a.vital", device(1, "A"), track(1, "HR"), packet(6, b"\x05"))
    found = read_series(path)
    assert [len(one.seconds) for one in found.series] == [0]
    assert found.table().seconds.tolist() == []
    assert recorded.session(found).last is None


def table(rng: random.Random, count: int) -> str:
    """A CSV of any layout that may be read at once, sometimes with something in it that must not be."""
    names = {
        "HR": 0, "Heart Rate (/min)": 0, "SpO2": 0, "SPO2": 0, "NIBP_SYS": 1, "NIBP_DIA": 1, "NBP Sys [mmHg]": 1,
        "ABP_MEAN": 0, "ART Sys (kPa)": 0, "RR": 1, "Temp (degF)": 2, "Pulse": 0, "NIBP PR": 0, "remark": 3,
    }  # fmt: skip
    chosen = rng.sample(list(names), rng.randint(1, 6)) + rng.choice([[], ["HR"], ["NIBP_SYS", "NIBP_DIA"]])
    chosen = list(dict.fromkeys(chosen))
    place, delimiter, end = rng.randint(0, len(chosen)), rng.choice(",,;\t|"), rng.choice(["\n", "\n", "\r\n"])
    zone, mark, fraction = rng.choice(["Z", "", "+05:30", "-0200"]), rng.choice("T "), rng.choice(["", ".5", ".1234"])
    rows = [[*chosen[:place], rng.choice(["time", "Time", "Timestamp"]), *chosen[place:]]]
    held: dict[str, str] = {}
    second = rng.choice([0, 86_390, 3_590])
    for _ in range(count):
        second += rng.choice([1, 1, 1, 2, 60])
        when = f"2026-03-{1 + second // 86_400:02d}{mark}{second // 3600 % 24:02d}:{second // 60 % 60:02d}"
        row = [f"{when}:{second % 60:02d}{fraction}{zone}"]
        for name in chosen:
            if names[name] != 1 or name not in held or rng.random() < 0.05:
                number = rng.choice([rng.randint(40, 180), rng.randint(400, 1800) / 10, rng.uniform(40, 180)])
                held[name] = rng.choice([f"{number}"[:8], f"{number:.0f}", "", "0", "-", "nan"])
            row.append("x, y"[: rng.randint(1, 4)].replace(",", "") if names[name] == 3 else held[name])
        rows.append([*row[1 : place + 1], row[0], *row[place + 1 :]])
    if rng.random() < 0.4:
        row = rng.choice(rows)
        where = rng.randrange(len(row))
        row[where] = rng.choice(
            ["-1", "1e400", " 70", "7 0", '"70"', "12345678901", "\u00e9", "", "x", "1,5", "70\x00"]
        )
        if rng.random() < 0.4:
            rows.insert(rng.randrange(len(rows)), rng.choice([[], row[:-1], [*row, ""], rows[0], ["# note"]]))
    text = end.join(delimiter.join(row) for row in rows)
    return rng.choice(["", "", "\ufeff", "Made by hand\n\n"]) + text + rng.choice([end, end, end, ""])


@pytest.mark.parametrize("seed", range(120))
def test_any_table(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read as columns, in blocks of any size, or refused: just as row by row."""
    rng = random.Random(seed)
    monkeypatch.setattr(table_bytes, "_BLOCK", rng.choice([100, 1_000, 1 << 18]))
    path = tmp_path / "table.csv"
    path.write_bytes(table(rng, rng.choice([0, 1, 5, 60, 400])).encode())
    try:
        read_recording(path)
    except RecordingError as error:
        with pytest.raises(type(error)) as caught:
            read_series(path)
        assert str(caught.value) == str(error)
        return
    check(path)


def test_what_is_refused_is_refused_alike(tmp_path: Path) -> None:
    path = tmp_path / "a.edf"
    path.write_bytes(b"0       " + bytes(300))
    said = []
    for read in (read_recording, read_series):
        with pytest.raises(RecordingError) as caught:
            read(path)
        said.append(str(caught.value))
    assert said[0] == said[1]


CELLS = [
    "70", "98", "36.5", "101.25", "7", "0", "0.0", "", "", "-", "NaN", "7.", ".7", "1e2", "+72", "12345678", "3.14159",
    "-1", "x", "1,5",
]  # fmt: skip


def odd_table(rng: random.Random) -> bytes:
    """A wide table in other units beside texts of any length, some of them damaged."""
    names = ["HR", "ART (Sys) (kPa)", "Temp (degF)", "Remark", "SpO2 (%)", "NBP (Sys)"]
    rng.shuffle(names)
    some = [rng.choice(CELLS) for _ in range(rng.randint(1, 6))]
    long = rng.choice(["", "seen", "x" * 253, "x" * 254, "x" * 255, "x" * 256, "x" * 300])
    step, zone, end = rng.choice([1, 1, 7, 60, 3600, 5000]), rng.choice(["Z", "", "+0530", ".5Z"]), rng.choice("\n\r")
    lines = [",".join(("Time", *names))]
    for place in range(rng.randint(1, 150)):
        cells = [long if name == "Remark" else some[(place * 7 + at) % len(some)] for at, name in enumerate(names)]
        time = instant.to_datetime(T + place * step * instant.SECOND)
        lines.append(",".join((f"{time:%Y-%m-%dT%H:%M:%S}{zone}", *cells)))
    data = "".join(line + ("\n" if end == "\n" else "\r\n") for line in lines).encode()
    for _ in range(rng.choice([0, 0, 1, 2])):
        at = rng.randrange(len(data))
        data = data[:at] + rng.choice([b",", b"\n", b"\r", b'"', b"0", b" ", b".", b"-", b"\x00", b"\xa9"]) + data[at:]
    return data


@pytest.mark.parametrize("seed", range(60))
def test_any_table_is_read_or_refused_alike_by_columns_and_by_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = random.Random(seed)
    path = tmp_path / "table.csv"
    path.write_bytes(odd_table(rng))
    monkeypatch.setattr(table_bytes, "_BLOCK", rng.choice([1, 100, 1000, 1 << 19]))
    try:
        read_recording(path)
    except RecordingError as error:
        with pytest.raises(type(error)) as raised:
            read_series(path)
        assert str(raised.value) == str(error)
        return
    check(path)


@pytest.mark.parametrize("seed", range(120))
def test_a_long_table_read_in_columns_is_the_recording_that_its_rows_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = random.Random(seed)
    path = tmp_path / "table.csv"
    path.write_bytes(odd_table(rng) if seed % 2 else table(rng, rng.choice([1, 5, 60, 400])).encode())
    for module in (column_readings, packed_readings):
        monkeypatch.setattr(module, "AT_ONCE", rng.choice([1, 7, 30, 1 << 12]))
    said: list[Recording | str] = []
    for least in (1 << 60, 0):
        monkeypatch.setattr(delimited, "_LONG", least)
        try:
            said.append(read_recording(path))
        except RecordingError as error:
            said.append(f"{type(error)} {error}")
    by_rows, in_columns = said
    assert in_columns == by_rows
    if isinstance(by_rows, str) or isinstance(in_columns, str):
        return
    assert in_columns.streams() == by_rows.streams()
    expected = list(by_rows.readings)
    assert list(in_columns.readings) == expected
    for readings in (in_columns.readings, packed_readings.PackedReadings(expected)):
        if isinstance(readings, LazyReadings):  # a table that is not plain is read row by row
            look_at(readings, expected, rng)


def test_a_plain_table_is_read_in_columns_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    for count, kind in ((100, list), (20_000, column_readings.ColumnReadings)):
        rows = (f"2026-03-01T{n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z,{60 + n % 40}\n" for n in range(count))
        path.write_text("Time,HR\n" + "".join(rows))
        found = read_recording(path).readings
        assert type(found) is kind
        assert [one.value for one in found] == [60 + n % 40 for n in range(count)]
