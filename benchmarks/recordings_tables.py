"""L8: a CSV to columns: with ISO times beside pandas, and in any writing beside bare pyarrow on one thread.

24 h at 1 Hz of heart rate, pressures and SpO2 with noise, rises and missing seconds; in whole numbers and with a
decimal. Result: seconds as 64-bit floats and one column of 32-bit floats a signal, NaN where nothing was measured. All
results are compared, value by value, before anything is timed; so is reading row by row, which tells of odd files.
The same table in the writings of other programs (`WRITINGS`), and with a row a value, must give the same columns. Each
contender is timed in a process of its own (`recordings_calls.py`), with the memory that its user would have.

    python benchmarks/recordings_tables.py [--rounds N] [--hours H] [--rows]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import recordings_calls as calls
import side_by_side

from devices import instant
from devices.recordings.base import Overrides, read_recording, read_series
from devices.recordings.series import doubles

NAMES = ("HR", "ABPSys", "ABPDias", "ABPMean", "SpO2")
T0 = 1_774_083_600
"""2026-03-21T09:00:00Z, so that the day is no month."""
OURS, PANDAS, PYARROW = "ours", 'pandas.read_csv(parse_dates=["time"])', "pyarrow.csv.read_csv, one thread"

Result = dict[str, np.ndarray]


def write(path: Path, hours: float, decimals: int) -> None:
    """The table, by a fixed seed."""
    made, count = np.random.default_rng(8), round(hours * 3600)
    second = np.arange(count)
    swell = np.clip(np.sin(second / 900) * 1.4, 0, 1)
    sbp, dbp = 120 + 65 * swell + made.normal(0, 3, count), 75 + 38 * swell + made.normal(0, 2, count)
    columns = [70 + 65 * swell + made.normal(0, 2, count), sbp, dbp, (sbp + 2 * dbp) / 3, 97 + made.normal(0, 1, count)]
    texts = [np.char.mod(f"%.{decimals}f", column) for column in columns]
    for column in texts:
        column[made.random(count) < 0.002] = ""
    stamps = np.datetime_as_string(second.astype("timedelta64[s]") + np.datetime64(T0, "s"))
    with path.open("w") as file:
        file.write("time," + ",".join(NAMES) + "\n")
        file.writelines(
            f"{row}\n" for row in map("Z,".join, zip(stamps, map(",".join, zip(*texts, strict=True)), strict=True))
        )


def lengthen(wide: Path, path: Path) -> None:
    """The same table with one row a value."""
    with wide.open() as read, path.open("w") as file:
        next(read)
        file.write("time,name,value\n")
        for line in read:
            time, *cells = line.rstrip("\n").split(",")
            file.writelines(f"{time},{name},{cell}\n" for name, cell in zip(NAMES, cells, strict=True) if cell)


class Writing(NamedTuple):
    """Another writing of the table.

    Attributes:
        decimals: of its numbers. row: how a row of cells is written; `second` counts from the start.
        names: of its columns. delimiter, encoding: of the file. is_backwards: the newest row stands first.
    """

    decimals: int
    row: Callable[[int, list[str]], list[str]] = lambda second, row: row
    names: tuple[str, ...] = ("time", *NAMES)
    delimiter: str = ","
    encoding: str = "utf-8"
    is_backwards: bool = False


def _clock(form: str) -> Callable[[int, list[str]], list[str]]:
    """Puts the time of the row's second into its place, as `form` has it; it may be two cells."""

    def row_of(second: int, row: list[str]) -> list[str]:
        return [*datetime.fromtimestamp(T0 + second, UTC).strftime(form).split("|"), *row[1:]]

    return row_of


def _commas(second: int, row: list[str]) -> list[str]:
    return [row[0], *(cell.replace(".", ",") for cell in row[1:])]


TRACKS = ("time", *(f"X/{name}" for name in NAMES))
"""As tracks' names say that numbers are seconds."""
WRITINGS = {
    "day.month.year": Writing(0, _clock("%d.%m.%Y %H:%M:%S")),
    "month/day/year, AM and PM": Writing(0, _clock("%m/%d/%Y %I:%M:%S %p")),
    "the clock before the date": Writing(0, _clock("%H:%M:%S|%d.%m.%Y"), ("Time", "Date", *NAMES)),
    "seconds from the start": Writing(0, lambda second, row: [str(second), *row[1:]], TRACKS),
    "seconds from before the start on": Writing(0, lambda second, row: [str(second - 3600), *row[1:]], TRACKS),
    "semicolons and decimal commas": Writing(1, _commas, delimiter=";"),
    "UTF-16": Writing(0, encoding="utf-16"),
    "all in quotes": Writing(0, lambda second, row: [f'"{cell}"' for cell in row]),
    "a space behind commas": Writing(0, delimiter=", "),
    "a column with the patient": Writing(0, lambda second, row: ["stay 7", *row], ("stay_id", "time", *NAMES)),
    "the newest row first": Writing(0, is_backwards=True),
    "pressures of unknown method": Writing(0, names=("time", "HR", "SBP", "DBP", "MAP", "SpO2")),
}


def rewrite(path: Path, writing: Writing) -> None:
    """The same table in another writing."""
    rows = [line.split(",") for line in path.read_text().splitlines()[1:]]
    written = [writing.row(second, row) for second, row in enumerate(rows)]
    lines = [writing.names, *(reversed(written) if writing.is_backwards else written)]
    path.write_text("".join(f"{writing.delimiter.join(row)}\n" for row in lines), encoding=writing.encoding)


def ours(path: Path) -> Result:
    found = read_series(path)
    result = {one.source.removeprefix("csv:"): one.values for one in found.series}
    result["time"] = found.series[0].seconds + (found.begins / instant.SECOND - T0)
    return result


def by_rows(path: Path) -> Result:
    """The readings, put into columns: each second is there."""
    readings = read_recording(path, mapping=Overrides(collapse=False)).readings
    count = readings[-1].received + 1
    result = {name: np.full(count, np.nan, np.float32) for name in NAMES}
    result["time"] = np.arange(count, dtype=float)
    for each in readings:
        assert each.time == (T0 + each.received) * instant.SECOND
        result[each.source.removeprefix("csv:")][each.received] = 0 if each.value is None else each.value
    return result


def by_pandas(path: Path) -> Result:
    import pandas as pd

    frame = pd.read_csv(path, parse_dates=["time"])
    result = {name: frame[name].to_numpy(np.float32) for name in NAMES}
    result["time"] = (frame["time"] - pd.Timestamp(T0, unit="s", tz="UTC")).dt.total_seconds().to_numpy()
    return result


def by_pyarrow(path: Path) -> Result:
    import pyarrow as pa
    from pyarrow import csv

    table = csv.read_csv(path, csv.ReadOptions(use_threads=False))
    result = {name: table[name].to_numpy().astype(np.float32) for name in NAMES}
    result["time"] = table["time"].cast(pa.timestamp("s", "UTC")).cast(pa.int64()).to_numpy().astype(float) - T0
    return result


def same(theirs: Result, mine: Result, who: str) -> None:
    for name, column in mine.items():
        if not np.allclose(theirs[name], column, rtol=0, atol=1e-4 if name != "time" else 1e-6, equal_nan=True):
            raise SystemExit(f"{who}: {name} differs")


def measure(path: Path, what: str, rounds: int, rows: bool) -> bool:
    """One workload: compared, then timed."""
    mine = ours(path)
    same(by_rows(path), mine, "row by row")
    same(by_pandas(path), mine, "pandas")
    same(by_pyarrow(path), mine, "pyarrow")
    contenders = {OURS: calls.ours, PANDAS: calls.by_pandas, PYARROW: calls.by_csv}
    if rows:
        contenders["ours, row by row, to readings"] = calls.by_rows
    with calls.apart(contenders, path) as each:
        costs = side_by_side.measure(each, rounds)
    versions = {name: f"{name} {side_by_side.version_of(name)}" for name in ("pandas", "pyarrow")}
    goals = {PANDAS: (4.0, versions["pandas"]), PYARROW: (1 / 1.15, versions["pyarrow"])}
    return side_by_side.report("L8", what, costs, OURS, goals)


def measure_long(wide: Path, path: Path, what: str, rounds: int) -> bool:
    """The same with one row a value, beside pyarrow reading the rows."""
    lengthen(wide, path)
    same(ours(wide), ours(path), "the wide table")
    with calls.apart({OURS: calls.ours, PYARROW: calls.by_csv}, path) as each:
        costs = side_by_side.measure(each, rounds)
    goals = {PYARROW: (1 / 1.15, f"pyarrow {side_by_side.version_of('pyarrow')}")}
    return side_by_side.report("L8", f"{what}, a row a value, {path.stat().st_size} bytes", costs, OURS, goals)


def measure_writing(path: Path, what: str, rounds: int, mine: Result) -> bool:
    """One writing, beside pyarrow's reading of it; `mine`: what the table holds."""
    found = read_series(path)
    for name, one in zip(NAMES, found.series, strict=True):
        if not np.array_equal(one.numbers, doubles(mine[name]), equal_nan=True):
            raise SystemExit(f"{what}: {name} differs")
    with calls.apart({OURS: calls.ours, PYARROW: calls.by_csv}, path) as each:
        costs = side_by_side.measure(each, rounds)
    goals = {PYARROW: (1 / 1.15, f"pyarrow {side_by_side.version_of('pyarrow')}")}
    return side_by_side.report("L8", what, costs, OURS, goals)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=side_by_side.ROUNDS)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--rows", action="store_true", help="time reading row by row, too")
    chosen = parser.parse_args()
    reached = True
    with tempfile.TemporaryDirectory() as folder:
        for decimals in (0, 1):
            path = Path(folder) / "table.csv"
            write(path, chosen.hours, decimals)
            table = f"CSV, ISO times, {chosen.hours:g} h, {len(NAMES)} signals, {decimals} decimals"
            what = f"{table}, {path.stat().st_size} bytes"
            reached = measure(path, what, chosen.rounds, chosen.rows) and reached
            reached = measure_long(path, path.with_name("long.csv"), table, chosen.rounds) and reached
        for name, writing in WRITINGS.items():
            write(path, chosen.hours, writing.decimals)
            mine = ours(path)
            rewrite(path, writing)
            reached = measure_writing(path, f"CSV, {name}, {chosen.hours:g} h", chosen.rounds, mine) and reached
    side_by_side.end(reached)


if __name__ == "__main__":
    main()
