"""The history's page: what it costs with 100 sessions in the store and with 10,000 (each with two rises).

Plain pages are to cost the same; searches and filters look at every session when few match, and stay within what a
person does not notice. Run: python benchmarks/history.py [--rounds 30]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import insert

from dashboard.sessions.setup import ensure_presets
from dashboard.store import history, queries, writes
from dashboard.store import schema as s
from dashboard.store.database import Store, open_store
from dashboard.store.history import Filters
from devices.instant import HOUR, MINUTE, SECOND

T = 1_700_000_000 * SECOND
SIZES = (100, 10_000)
ASKED = {
    "first page": (Filters(), None),
    "page in the middle": (Filters(), 0.5),
    "initials that all have": (Filters(text="a. b."), None),
    "search without a match": (Filters(text="nobody"), None),
    "level 3, which few have": (Filters(level=3), None),
    "an outcome that none has": (Filters(outcome="sustained_returned"), None),
    "a day long ago": (Filters(since=T, until=T + 24 * HOUR), None),
}


def filled(folder: Path, size: int) -> Store:
    store = open_store(folder)
    ensure_presets(store, T)
    with store.writing() as connection:
        beds = writes.set_up_beds(
            connection,
            [
                {"name": f"Bed {n}", "place": n, "grp": "", "protocol": "line", "port": f"/dev/x{n}", "mode": "live"}
                for n in range(8)
            ],
        )
        version = queries.latest_threshold_version(connection, "adult-iv")
        assert version is not None
        ids = list(beds.values())
        same = {"mode": "live", "threshold_version_id": version.id, "started_by": "b", "drug": "Ketamine"}
        connection.execute(
            insert(s.session),
            [
                {**same, "bed_id": ids[n % 8], "patient": "Anna Berger", "identifier": f"R{n % (size // 4):06d}",
                 "started": T + n * 2 * HOUR, "ended": T + n * 2 * HOUR + 100 * MINUTE}
                for n in range(size)
            ],
        )  # fmt: skip
        connection.execute(
            insert(s.session_place),
            [
                {"session_id": n + 1, "bed_id": ids[n % 8], "since": T + n * 2 * HOUR, "until": T + (n + 1) * 2 * HOUR}
                for n in range(size)
            ],
        )
        rise = {"threshold": 140.0, "clear": 130.0, "peak": 150.0, "present_at_baseline": 0, "outcome": "transient",
                "threshold_version_id": version.id}  # fmt: skip
        connection.execute(
            insert(s.rise),
            [
                {**rise, "session_id": n + 1, "signal": signal, "level": 3 if n % 997 == 0 else 1, "onset": T + n,
                 "confirmed": T + n, "peak_time": T + n}
                for n in range(size)
                for signal in ("SBP", "HR")
            ],
        )  # fmt: skip
    return store


def milliseconds(store: Store, filters: Filters, after: int | None, rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        with store.reading() as connection:
            history.page(connection, filters, after)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        stores = {size: filled(Path(folder) / str(size), size) for size in SIZES}
        print(f"{'asked for':28} {SIZES[0]:>8,} {SIZES[1]:>10,}   ratio  (ms, median of {rounds})")
        for name, (filters, place) in ASKED.items():
            found = [
                milliseconds(store, filters, None if place is None else int(size * place), rounds)
                for size, store in stores.items()
            ]
            print(f"{name:28} {found[0]:8.2f} {found[1]:10.2f}  {found[1] / found[0]:6.2f}")
        for store in stores.values():
            store.close()


if __name__ == "__main__":
    main()
