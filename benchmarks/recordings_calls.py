"""A contender's own process: it reads one file whenever a line comes in, and answers with its seconds of CPU time.

Each has the memory that its user would have. In one process the others would gain by what ours makes the C library
keep (see `devices/recordings/series.py`); to be left with that is only for the floor, bare inflating.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
Reader = Callable[[], Any]


def ours(path: Path) -> Reader:
    from devices.recordings.base import read_series

    return lambda: read_series(path)


def our_table(path: Path) -> Reader:
    from devices.recordings.base import read_series

    return lambda: read_series(path, places=False).table()


def inflating(path: Path) -> Reader:
    import zlib

    import devices.recordings.series  # noqa: F401

    packed = path.read_bytes()
    return lambda: zlib.decompress(packed, 31)


def by_vitaldb(path: Path) -> Reader:
    import recording_files
    import vitaldb

    names = list(recording_files.TRACKS)
    return lambda: vitaldb.VitalFile(str(path), names).to_pandas(names, 1)


def by_wfdb(path: Path) -> Reader:
    import wfdb

    return lambda: wfdb.rdrecord(str(path.with_suffix(""))).p_signal


def by_pyedflib(path: Path) -> Reader:
    from pyedflib import highlevel

    return lambda: highlevel.read_edf(str(path))


def by_edfio(path: Path) -> Reader:
    import edfio

    return lambda: [each.data for each in edfio.read_edf(path).signals]


def by_parquet(path: Path) -> Reader:
    import pyarrow.parquet as pq

    return lambda: pq.read_table(path)


def by_pandas(path: Path) -> Reader:
    import pandas as pd

    return lambda: pd.read_csv(path, parse_dates=["time"])


def by_csv(path: Path) -> Reader:
    from pyarrow import csv

    head = path.read_bytes()[:200]
    how = csv.ReadOptions(use_threads=False, encoding="utf-16" if head.startswith(b"\xff\xfe") else "utf8")
    cut = csv.ParseOptions(delimiter=";" if b";" in head else ",")
    return lambda: csv.read_csv(path, how, cut)


def by_rows(path: Path) -> Reader:
    from devices.recordings.base import read_recording

    return lambda: read_recording(path)


@contextmanager
def apart(
    contenders: Mapping[str, Callable[[Path], Reader]], path: Path, times: int = 3
) -> Iterator[dict[str, Callable[[], float]]]:
    """The contenders that read `path`, each in a process of its own, for `side_by_side.measure`.

    Each costs the mean of `times` calls, in seconds of CPU time.
    """
    with ExitStack() as held:
        yield {name: _asked(held, reader.__name__, path, times) for name, reader in contenders.items()}


def _asked(held: ExitStack, reader: str, path: Path, times: int) -> Callable[[], float]:
    told = [sys.executable, __file__, reader, str(path), str(times)]
    process = held.enter_context(Popen(told, stdin=PIPE, stdout=PIPE, text=True, bufsize=1))
    ask, answer = process.stdin, process.stdout
    assert ask is not None and answer is not None

    def cost() -> float:
        ask.write("\n")
        said = answer.readline()
        if not said:
            raise SystemExit(f"{reader} of {path.name} failed")
        return float(said)

    return cost


def _answer(read: Reader, times: int) -> None:
    read()
    # What importing left is not looked through before each call: it would empty the caches for the short calls.
    gc.collect()
    gc.freeze()
    for _ in sys.stdin:
        spent = 0.0
        for _ in range(times):
            gc.collect()
            begun = time.process_time()
            read()
            spent += time.process_time() - begun
        print(spent / times, flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    _answer(globals()[sys.argv[1]](Path(sys.argv[2])), int(sys.argv[3]))
