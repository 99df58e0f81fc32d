"""L1 to L7 and L9: recordings to columns, beside the packages that are usually taken for it.

L1 to L3: `.vital` of 24 h, one track after the other and by time, and of 4 h with waves between the numbers, against
vitaldb and against inflating the file alone. L4 (with --full): 30 days, the whole process. L5: 24 h to a list of rises,
the whole process, against vitaldb and `rolling(n).min()` of pandas, which finds rising edges only. L6: WFDB, format 16.
L7: EDF. L9: Parquet against bare pyarrow.

Before timing all results are compared, value by value; of L5 the rising edges with a plain loop over our columns. Each
contender is timed in a process of its own (`recordings_calls.py`), with the memory that its user would have.
Run: python benchmarks/recordings.py [--only L1,L2,L3,L5,L6,L7,L9] [--rounds 7] [--full]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import recording_files as files
import recordings_calls as calls
import side_by_side

from devices.recordings.base import read_series

HERE = Path(__file__).resolve().parent
OURS = "ours"
Contender = Callable[[Path], Callable[[], Any]]
ALL = ("L1", "L2", "L3", "L5", "L6", "L7", "L9")


def named(package: str) -> str:
    return f"{package} {side_by_side.version_of(package)}"


def installed(package: str) -> bool:
    return side_by_side.version_of(package) is not None


def measured(contenders: dict[str, Contender], path: Path, rounds: int, times: int = 3) -> dict[str, list[float]]:
    """What each contender costs. Short calls are made more `times` a round: the first ones begin with cold caches."""
    with calls.apart(contenders, path, times) as each:
        return side_by_side.measure(each, rounds)


def same(theirs: dict[str, np.ndarray], ours: dict[str, np.ndarray], what: str, off: float = 1e-4) -> None:
    """Ends the benchmark where two results differ."""
    if theirs.keys() != ours.keys():
        raise SystemExit(f"{what}: columns differ: {theirs.keys()} {ours.keys()}")
    for name, column in ours.items():
        other = np.asarray(theirs[name], dtype=float)
        if len(other) != len(column) or not np.allclose(other, column, rtol=0, atol=off, equal_nan=True):
            raise SystemExit(f"{what}: {name} differs")


def columns_of(path: Path) -> dict[str, np.ndarray]:
    """Our columns by the bare name of the track."""
    table = read_series(path).table()
    return {name.partition(":")[2].rpartition("/")[2]: column for name, column in table.columns.items()}


def vital(row: str, path: Path, goals: tuple[float, float], rounds: int) -> bool:
    """L1 to L3."""
    contenders: dict[str, Contender] = {OURS: calls.our_table, "inflating alone": calls.inflating}
    if installed("vitaldb"):
        names = list(files.TRACKS)
        frame = calls.by_vitaldb(path)()
        # Their rows are all seconds, ours those in which something was measured.
        rows = frame[frame.notna().any(axis=1)]
        same({name.rpartition("/")[2]: rows[name].to_numpy() for name in names}, columns_of(path), row)
        contenders["vitaldb"] = calls.by_vitaldb
    costs = measured(contenders, path, rounds)
    workload = f"{path.stem}: {path.stat().st_size} bytes, {len(read_series(path).table().seconds)} rows"
    wanted = {"vitaldb": (goals[0], named("vitaldb")), "inflating alone": (1 / goals[1], f"zlib {zlib.ZLIB_VERSION}")}
    return side_by_side.report(row, workload, costs, OURS, wanted)


def compiled(folder: Path) -> dict[str, str]:
    """An environment in which all modules are compiled once and kept, as an installed program's are; in `folder`."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**environment, "PYTHONPYCACHEPREFIX": str(folder)}


def child(script: str, path: Path) -> tuple[float, float, int, str]:
    """CPU and wall seconds, peak memory in KiB and output of a process of its own, which reads `path`."""
    begun = time.perf_counter()
    told = [sys.executable, str(HERE / "recordings_child.py"), script, str(path)]
    environment = compiled(path.parent / "compiled")
    with subprocess.Popen(told, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{script} ended with {process.returncode}")
    memory, _, rest = said.partition(" ")
    return used.ru_utime + used.ru_stime, time.perf_counter() - begun, int(memory), rest


def whole(row: str, path: Path, scripts: dict[str, str], goals: dict[str, float], rounds: int) -> bool:
    """L4 and L5: whole processes in turn; `goals` by what is counted: cpu, wall or memory."""
    if not installed("vitaldb"):
        print(f"\n{row}: not measured: vitaldb is not installed")
        return True
    costs: dict[str, dict[str, list[float]]] = {what: {name: [] for name in scripts} for what in goals}
    for number in range(rounds + 1):
        for name, script in scripts.items():
            spent, wall, memory, said = child(script, path)
            if not number:
                print(f"    {name}: {said.strip()}")
                continue
            for what, value in (("cpu", spent), ("wall", wall), ("memory", memory)):
                if what in costs:
                    costs[what][name].append(value)
    reached = True
    for what, goal in goals.items():
        unit = {"cpu": "s CPU", "wall": "s", "memory": "KiB at most"}[what]
        reached &= side_by_side.report(
            f"{row} {what}", path.stem, costs[what], OURS, {"vitaldb": (goal, named("vitaldb"))}, unit
        )
    return reached


def wfdb_rows(folder: Path, hours: dict[str, tuple[float, float]], rounds: int) -> bool:
    """L6: `hours` and the goal by record name."""
    if not installed("wfdb"):
        print("\nL6: not measured: wfdb is not installed")
        return True
    reached = True
    for name, (length, goal) in hours.items():
        path = folder / f"{name}.hea"
        files.write_wfdb(path, files.numbers(length))
        signals = calls.by_wfdb(path)()
        same(dict(zip(files.NAMES, signals.T, strict=True)), _whole_columns(path), "L6")
        costs = measured({OURS: calls.ours, "wfdb": calls.by_wfdb}, path, rounds, 20)
        workload = f"WFDB format 16, {length:g} h"
        reached &= side_by_side.report("L6", workload, costs, OURS, {"wfdb": (goal, named("wfdb"))})
    return reached


def _whole_columns(path: Path) -> dict[str, np.ndarray]:
    """Our columns with a row for every sample."""
    found = read_series(path)
    count = found.counts.rows
    columns = {}
    for one in found.series:
        column = np.full(count, np.nan)
        column[slice(None) if one.place is None else one.place] = one.numbers
        columns[one.source.partition(":")[2]] = column
    return {name: columns[name] for name in files.NAMES}


def edf(path: Path, rounds: int) -> bool:
    """L7."""
    contenders: dict[str, Contender] = {OURS: calls.ours}
    ours = _whole_columns(path)
    raw = {name: np.where(np.isnan(column), files.MISSING, column) for name, column in ours.items()}
    if installed("pyedflib"):
        signals, heads, _ = calls.by_pyedflib(path)()
        same({head["label"]: column for head, column in zip(heads, signals, strict=True)}, raw, "L7 pyedflib")
        contenders["pyedflib"] = calls.by_pyedflib
    if installed("edfio"):
        same(dict(zip(ours, calls.by_edfio(path)(), strict=True)), raw, "L7 edfio")
        contenders["edfio"] = calls.by_edfio
    costs = measured(contenders, path, rounds, 10)
    goals = {"pyedflib": (7.0, named("pyedflib")), "edfio": (1.7, named("edfio"))}
    return side_by_side.report("L7", f"EDF, {path.stem}, {path.stat().st_size} bytes", costs, OURS, goals)


def parquet(path: Path, rounds: int) -> bool:
    """L9."""
    table = calls.by_parquet(path)()
    same({name: table.column(name).to_numpy() for name in files.NAMES}, _whole_columns(path), "L9")
    costs = measured({OURS: calls.ours, "pyarrow": calls.by_parquet}, path, rounds, 20)
    return side_by_side.report("L9", "Parquet, zstd, 24 h", costs, OURS, {"pyarrow": (1 / 1.15, named("pyarrow"))})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(ALL))
    parser.add_argument("--rounds", type=int, default=side_by_side.ROUNDS)
    parser.add_argument("--full", action="store_true", help="L4 too, and L6 of 30 days: some minutes, 4 GB of memory")
    options = parser.parse_args()
    only = options.only.split(",")
    reached = True
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        day = files.numbers(24)
        for row, order, goals in (("L1", "packed", (35.0, 1.4)), ("L2", "live", (25.0, 2.0))):
            if row in only:
                files.write_vital(folder / f"24h-{order}.vital", day, order)
                reached &= vital(row, folder / f"24h-{order}.vital", goals, options.rounds)
        if "L3" in only:
            files.write_vital(folder / "4h-waves.vital", files.numbers(4), "live", waves=True)
            reached &= vital("L3", folder / "4h-waves.vital", (1.7, 1.35), options.rounds)
        if options.full:
            files.write_vital(folder / "30d-live.vital", files.numbers(720), "live")
            scripts = {OURS: "table", "vitaldb": "vitaldb-table"}
            reached &= whole("L4", folder / "30d-live.vital", scripts, {"wall": 20, "memory": 8}, 1)
        if "L5" in only:
            files.write_vital(folder / "24h-cuff.vital", day, "live", cuff=True)
            scripts = {OURS: "rises", "vitaldb": "vitaldb-rises"}
            rounds = max(5, options.rounds)
            reached &= whole("L5", folder / "24h-cuff.vital", scripts, {"cpu": 7, "memory": 5}, rounds)
        if "L6" in only:
            hours = {"hour": (1.0, 6.0), "day": (24.0, 3.0)} | ({"month": (720.0, 2.2)} if options.full else {})
            reached &= wfdb_rows(folder, hours, options.rounds)
        if "L7" in only:
            files.write_edf(folder / "24h.edf", day)
            reached &= edf(folder / "24h.edf", options.rounds)
        if "L9" in only:
            files.write_parquet(folder / "24h.parquet", day)
            reached &= parquet(folder / "24h.parquet", options.rounds)
    print(json.dumps({"load": os.getloadavg()}))
    side_by_side.end(reached)


if __name__ == "__main__":
    main()
