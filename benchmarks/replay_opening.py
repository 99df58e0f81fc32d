"""What opening a long recording as a replay does to the watch beside it: the longest pause of a loop like the watch's.

The loop asks every 5 ms for what is due, as live beds do; a pause is by how much longer a turn took. A table of 1 Hz
with five signals is made, opened, and played until what lies ahead in it is known.

    python benchmarks/replay_opening.py [--days D]
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from recordings_tables import T0, write

from dashboard.sessions.setup import ensure_presets
from dashboard.store import acts, queries
from dashboard.store.database import open_store
from dashboard.watch.replays import Replays
from devices.instant import HOUR, SECOND

STEP_S = 0.005
WALL = 1_800_000_000 * SECOND


def main() -> None:
    said = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    said.add_argument("--days", type=float, default=30.0)
    days = said.parse_args().days
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.csv"
        # Elsewhere, as making it takes more memory than what is measured.
        maker = multiprocessing.get_context("spawn").Process(target=write, args=(path, 24 * days, 1))
        maker.start()
        maker.join()
        store = open_store(f"sqlite:///{folder}/benchmark.sqlite")
        ensure_presets(store, WALL)
        replays, beds = Replays(), []
        detail = {"recording": str(path), "infusion_start": T0 * SECOND + HOUR, "speed": 600}
        acts.command_replay(store, None, "open", author="Ada", now=WALL, detail=detail)
        begun, cpu, pauses, opened_after = time.perf_counter(), time.process_time(), [], None
        last = begun
        while replays.busy or not beds:
            now = WALL + round((last - begun) * SECOND)
            beds += replays.carry_out(store, beds, now)[0]
            for bed in beds:
                bed.take(bed.source.poll(now), now)
                bed.written()
            if beds and opened_after is None:
                opened_after = last - begun
            time.sleep(STEP_S)
            turn = time.perf_counter()
            pauses.append(turn - last - STEP_S)
            last = turn
        with store.reading() as connection:
            assert not queries.refused_replay_commands(connection, 0)
        used = time.process_time() - cpu
        replays.close()
        store.close()
    pauses.sort(reverse=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    shown = ", ".join(f"{1000 * each:.0f}" for each in pauses[:5])
    print(f"{days:g} d: open after {opened_after:.1f} s, all known after {last - begun:.1f} s")
    print(f"longest pauses {shown} ms; CPU of this process {used:.1f} s, peak memory {peak} MB")


if __name__ == "__main__":
    main()
