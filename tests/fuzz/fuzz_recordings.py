"""Fuzzes the readers of binary recordings, guided by what of their code was reached (needs atheris).

``python tests/fuzz/fuzz_recordings.py [FORMAT ...] [--seconds 60] [--found DIRECTORY]``; options as `fuzz_drivers.py`.
An input is a file, or what its readers see behind the packing (see `recording_checks.written`).
"""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
import tempfile
import zlib
from pathlib import Path

import fuzz_drivers

LONGEST = 6_000


def load() -> None:
    """Imports the readers with instruments in them."""
    import atheris

    with (
        contextlib.redirect_stderr(io.StringIO()),
        atheris.instrument_imports(include=["devices.recordings", "devices.captures"]),
    ):
        from devices.recordings.base import FORMATS

        for each in FORMATS.values():
            importlib.import_module(each.module)
        importlib.import_module("devices.recordings.series")
        importlib.import_module("devices.recordings.parquet.columns")
        importlib.import_module("devices.recordings.delimited.columns")


def child(form: str, limit: str, work: Path, found: Path) -> None:
    """Fuzzes one format in this process, which then ends."""
    import atheris
    import recording_checks

    begin, grown = work / "seeds", work / "corpus"
    for place in (begin, grown):
        place.mkdir(exist_ok=True)
    for name, seed in recording_checks.seeds(form).items():
        (begin / name).write_bytes(seed)
    shortest: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as scratch:

        def one(data: bytes) -> None:
            try:
                recording_checks.check(form, data, Path(scratch))
            except Exception as error:
                rule = fuzz_drivers.signature(error)
                if len(data) < shortest.get(rule, sys.maxsize):
                    shortest[rule] = len(data)
                    (found / f"{form}-{zlib.crc32(rule.encode()):08x}").write_bytes(data)
                    print(f"BROKEN {form}: {rule}: {error!s:.300}", flush=True)

        corpus = fuzz_drivers.CORPUS.parent / "recordings_corpus" / form
        places = [str(place) for place in (grown, begin, corpus) if place.is_dir()]
        options = [*limit.split(), f"-max_len={LONGEST}", "-timeout=30", "-rss_limit_mb=2048", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], *options, *places], one)
        atheris.Fuzz()


if __name__ == "__main__":
    sys.path[:0] = [str(fuzz_drivers.HERE), str(fuzz_drivers.HERE.parent.parent)]

    def names() -> list[str]:
        load()
        return list(importlib.import_module("recording_checks").FORMATS)

    def replay(form: str, data: bytes) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            importlib.import_module("recording_checks").check(form, data, Path(scratch))

    sys.exit(fuzz_drivers.main(names, child, replay))
