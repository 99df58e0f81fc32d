"""One whole process of L4 and L5: reads a `.vital` file to a table or to rises, and says in a line what it found."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

T0 = 1_772_355_600
BEFORE = 1_800
NAMES = ["Solar8000/HR", "Solar8000/ART_SBP", "Solar8000/ART_DBP", "Solar8000/ART_MBP", "Solar8000/PLETH_SPO2"]
CUFF = [name.replace("ART", "NIBP") for name in NAMES]


def table(path: str) -> str:
    from devices.recordings.formats import read_series

    found = read_series(path, places=False).table()
    return f"{len(found.seconds)} rows, {len(found.columns)} columns"


def vitaldb_table(path: str) -> str:
    import vitaldb

    found = vitaldb.VitalFile(path, NAMES).to_pandas(NAMES, 1)
    return f"{len(found)} rows, {len(found.columns)} columns"


def rises(path: str) -> str:
    from dashboard.rises import batch, recorded
    from dashboard.rises.threshold_files import preset
    from dashboard.rises.timeline import Timeline
    from devices.recordings.formats import read_series

    session = recorded.session(read_series(path))
    t0 = (T0 + BEFORE) * 1_000_000
    judged = batch.judge(session, Timeline(t0, t0 + 2_400_000_000, None, None), preset("adult-iv"))
    return f"{len(judged.rises)} rises"


def vitaldb_rises(path: str) -> str:
    """The usual way: rising edges of rolling minima, at the baselines' medians; no return, no gaps, no validity."""
    import pandas
    import vitaldb

    frame = vitaldb.VitalFile(path, CUFF).to_pandas(CUFF, 1).astype("float32")
    frame.index = pandas.to_datetime(frame.index, unit="s")
    count = 0
    for name, n_on, limits in zip(CUFF, (12, 2, 2), ((20, 30, 40), (20, 30, 40), (15, 25, 35)), strict=False):
        series = frame[name].ffill()
        if name.endswith("HR"):
            series = series.resample("5s").median()
        base = series.iloc[: BEFORE // (5 if name.endswith("HR") else 1)].median()
        for limit in limits:
            reached = series.rolling(n_on).min() >= base + limit
            count += int((reached & ~reached.shift(1, fill_value=False)).sum())
    return f"{count} rising edges"


SCRIPTS = {"table": table, "vitaldb-table": vitaldb_table, "rises": rises, "vitaldb-rises": vitaldb_rises}

if __name__ == "__main__":
    said = SCRIPTS[sys.argv[1]](sys.argv[2])
    # Of this program alone: what wait4 tells may be that of the process it was forked from.
    status = Path("/proc/self/status").read_text()
    print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")), said)
