"""What-if: 1,000 stored two-hour sessions judged by two threshold sets, beside a plain pandas script that does less.

Ours: from the database's packed sessions to the compared answer (baselines, gaps, returns, peaks, outcomes, matching).
Pandas: from frames that lie in memory already, per session and limit `rolling(n).min() >= limit` and its rising edges,
at baselines that are given; nothing of returns, gaps, outcomes or comparison. Checked first: pandas' edges against a
plain loop; ours against the live form on some sessions.
Run: python benchmarks/whatif.py [--sessions 1000] [--rounds 7]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas
import side_by_side

from dashboard.rises import arrays
from dashboard.rises.analysis import Rise
from dashboard.rises.batch import rises
from dashboard.rises.columns import Columns, pack, reduce
from dashboard.rises.episodes import Scope
from dashboard.rises.live import SessionDetector
from dashboard.rises.prepare import Sample
from dashboard.rises.rules import rise_rules
from dashboard.rises.threshold_files import preset
from dashboard.rises.timeline import Timeline
from dashboard.rises.validity import Cuff
from dashboard.rises.whatif import Finished, WhatIf, ask
from dashboard.sessions.events import EventKind
from dashboard.sessions.setup import ensure_presets
from dashboard.store import acts, finished, queries, writes
from dashboard.store.database import Store, open_store
from devices.instant import MINUTE, SECOND
from devices.reading import Status

SETS = [preset("adult-iv"), preset("cardiac-risk")]
BEFORE, LENGTH, CYCLE = 15 * 60, 2 * 3600, 300
OURS, PANDAS = "ours, from the store", "pandas, edges only, from memory"


class Session:
    """Two hours: 1 Hz heart rate, a cuff every five minutes, a rise of its own size."""

    def __init__(self, number: int) -> None:
        made = np.random.default_rng([11, number])
        second = np.arange(-BEFORE, LENGTH - BEFORE)
        swell = np.clip(np.sin(np.clip(second / 4500, 0, 1) * np.pi), 0, 1) * made.lognormal(0, 0.7)
        self.t0 = 1_772_359_200 * SECOND + number * 86_400 * SECOND
        self.time = self.t0 + second * SECOND
        self.rate = np.round(72 + 14 * swell + made.normal(0, 3, len(second)))
        at = slice(None, None, CYCLE)
        self.cuff_time = self.time[at]
        self.sbp = np.round(122 + 25 * swell[at] + made.normal(0, 5, len(swell[at])))
        self.dbp = np.round(76 + 15 * swell[at] + made.normal(0, 4, len(swell[at])))
        self.timeline = Timeline(self.t0, self.t0 + 40 * MINUTE, None, int(self.time[-1]) + SECOND)

    def columns(self) -> Columns:
        measured = arrays.cuffs(self.cuff_time, self.sbp, self.dbp)
        rates = arrays.rates(self.time, self.rate)
        return reduce(arrays.Recording(measured, rates, arrays.saturations([], []), None), self.timeline)

    def live(self, number: int) -> tuple[Rise, ...]:
        detector = SessionDetector(self.timeline, SETS[number])
        cuffs = zip(self.cuff_time.tolist(), self.sbp.tolist(), self.dbp.tolist(), strict=True)
        detector.feed(Cuff(at, at, sbp, dbp, None, Status.OK) for at, sbp, dbp in cuffs)
        rates = zip(self.time.tolist(), self.rate.tolist(), strict=True)
        detector.feed(Sample(at, at, "HR", rate, Status.OK, True, 0) for at, rate in rates)
        end = self.timeline.session_end
        assert end is not None
        detector.finish(end)
        return tuple(Rise(each, detector.outcome(each, end)) for each in detector.episodes(Scope.RISE))


def fill(store: Store, sessions: list[Session]) -> None:
    """Finished sessions with their packed columns; their readings are not needed."""
    ensure_presets(store, 0)
    with store.writing() as connection:
        bed = {"name": "Bed 1", "place": 0, "grp": "", "protocol": "line", "port": "/dev/x", "mode": "live"}
        bed_id = writes.set_up_beds(connection, [bed])["Bed 1"]
        version = queries.latest_threshold_version(connection, "adult-iv")
        assert version is not None
    for each in sessions:
        begun, end = int(each.time[0]), int(each.time[-1]) + SECOND
        session_id = acts.start_session(
            store, bed_id, patient="made", identifier="made", threshold_version_id=version.id, author="benchmark",
            now=begun, bed_now=begun,
        )  # fmt: skip
        said = ((EventKind.INFUSION_START, each.t0), (EventKind.SESSION_END, end))
        for kind, at in said:
            acts.record_event(store, session_id, kind, time=at, author="benchmark", now=end, bed_now=end)
        with store.writing() as connection:
            writes.write_packed(connection, session_id, pack(each.columns()))


def frames(each: Session, columns: Columns) -> tuple[dict[str, pandas.Series], list[tuple[str, float, int]]]:
    """What the pandas script finds in memory, and the limits it looks for."""
    epochs = pandas.to_datetime(columns.t0 + columns.rate_number * 5 * SECOND, unit="us")
    cuffs = pandas.to_datetime(columns.cuff_time, unit="us")
    series = {
        "HR": pandas.Series(columns.rate_value, epochs)[columns.rate_number >= 0],
        "SBP": pandas.Series(columns.sbp, cuffs)[columns.cuff_time > each.t0],
        "DBP": pandas.Series(columns.dbp, cuffs)[columns.cuff_time > each.t0],
    }
    base = {
        "HR": float(np.median(columns.rate_value[columns.rate_number < 0][-60:])),
        "SBP": float(np.median(columns.sbp[columns.cuff_time <= each.t0][-3:])),
        "DBP": float(np.median(columns.dbp[columns.cuff_time <= each.t0][-3:])),
    }
    limits = [
        (signal, rule.limit.threshold, rule.n_on)
        for thresholds in SETS
        for signal in base
        for rule in rise_rules(thresholds, signal, base[signal])
    ]
    return series, limits


def edges(series: dict[str, pandas.Series], limits: list[tuple[str, float, int]]) -> int:
    found = 0
    for signal, threshold, n_on in limits:
        reached = series[signal].rolling(n_on).min() >= threshold
        found += int((reached & ~reached.shift(1, fill_value=False)).sum())
    return found


def edges_plainly(series: dict[str, pandas.Series], limits: list[tuple[str, float, int]]) -> int:
    found = 0
    for signal, threshold, n_on in limits:
        run = 0
        for value in series[signal].tolist():
            run = run + 1 if value >= threshold else 0
            found += run == n_on
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=side_by_side.ROUNDS)
    options = parser.parse_args()
    made = [Session(number) for number in range(options.sessions)]
    for each in made[:: max(1, len(made) // 20)]:
        if rises(each.columns(), SETS) != [each.live(number) for number in range(len(SETS))]:
            raise SystemExit("the batch and the live form differ")
    held = [frames(each, each.columns()) for each in made]
    if any(edges(*each) != edges_plainly(*each) for each in held[:20]):
        raise SystemExit("pandas' rising edges are not those of a plain loop")
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder))
        fill(store, made)
        walls: list[float] = []

        def ours() -> float:
            begun, wall = time.process_time(), time.perf_counter()
            answer: WhatIf = ask(finished.sessions(store, UTC), SETS)
            walls.append(time.perf_counter() - wall)
            spent = time.process_time() - begun
            again = ask([Finished("", each.columns()) for each in made[:10]], SETS)
            assert len(answer.sessions) == len(made) and again.outlooks[0].total.flags >= 0
            return spent

        def plain() -> float:
            begun = time.process_time()
            for each in held:
                edges(*each)
            return time.process_time() - begun

        costs = side_by_side.measure({OURS: ours, PANDAS: plain}, options.rounds)
        store.close()
    flagged = ask([Finished("", each.columns()) for each in made], SETS)
    found = ", ".join(f"{each.total.flags} flags by {each.thresholds.name}" for each in flagged.outlooks)
    workload = f"{len(made)} stored two-hour sessions, {len(SETS)} sets: {found}"
    reached = side_by_side.report(
        "what-if", workload, costs, OURS, {PANDAS: (1.0, f"pandas {side_by_side.version_of('pandas')}")}
    )
    slowest = sorted(walls)[len(walls) // 2]
    print(f"    wall {slowest:.2f} s (median), goal under 2 s: {'reached' if slowest < 2 else 'MISSED'}")
    side_by_side.end(reached and slowest < 2)


if __name__ == "__main__":
    main()
