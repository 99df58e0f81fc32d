"""Fuzzes protocol drivers, guided by what of their code was reached (needs atheris: ``pip install -e .[fuzzing]``).

``python tests/fuzz/fuzz_drivers.py [PROTOCOL ...] [--seconds 60] [--found DIRECTORY]``; without a name, all protocols
of the catalogue in turn. Starts from talks with the virtual monitor and the corpus. What breaks a promise of a driver
is written to the directory, the shortest input for each promise, and fuzzing goes on; the exit status is then 1.
``--replay FILE`` runs one input alone. ``--runs N`` makes as many inputs instead, the same ones each time.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import os
import re
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

Child = Callable[[str, str, Path, Path], None]
"""Fuzzes one name in this process: name, the fuzzer's own words for how long, a folder to work in, one for finds."""

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
SLOWED = 20
"""How much slower a driver is, at most, with instruments in it."""
REPEATED_EVERY = 128
"""One in so many inputs is repeated to see what that costs."""


def load() -> list[str]:
    """Imports the drivers with instruments in them; their names."""
    import atheris

    # Which modules are given instruments goes to stderr, a line each.
    with contextlib.redirect_stderr(io.StringIO()), atheris.instrument_imports(include=["devices.protocols"]):
        from devices import catalogue

        names = [entry.name for entry in catalogue.protocols()]
        for name in names:
            catalogue.create(name)
    importlib.import_module("fuzz_seeds")  # and all it needs, once for all protocols
    return names


def child(protocol: str, limit: str, work: Path, found: Path) -> None:
    """Fuzzes one protocol in this process, which then ends. `limit`: the fuzzer's own words for how long."""
    import atheris
    import fuzz_checks
    import fuzz_seeds

    begin, grown, dictionary = work / "seeds", work / "corpus", work / "words"
    for place in (begin, grown):
        place.mkdir(exist_ok=True)
    for name, seed in fuzz_seeds.seeds(protocol).items():
        (begin / name).write_bytes(seed)
    marks = [fuzz_checks.Piece(act, step, b"").written() for act in fuzz_checks.Act for step in (0, 1_000_000)]
    words = [*fuzz_seeds.words(protocol)[:100], *marks]
    dictionary.write_text("".join('"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n' for word in words))
    shortest: dict[str, int] = {}

    def one(data: bytes) -> None:
        try:
            fuzz_checks.check(protocol, data)
            if zlib.crc32(data) % REPEATED_EVERY == 0:
                fuzz_checks.check_repeated(protocol, data, SLOWED)
        except Exception as error:
            rule = signature(error)
            if len(data) < shortest.get(rule, sys.maxsize):
                shortest[rule] = len(data)
                (found / f"{protocol}-{zlib.crc32(rule.encode()):08x}").write_bytes(data)
                print(f"BROKEN {protocol}: {rule}: {error!s:.300}", flush=True)

    places = [str(place) for place in (grown, begin, CORPUS / protocol) if place.is_dir()]
    limits = [*limit.split(), f"-max_len={fuzz_seeds.longest(protocol)}", "-timeout=30"]
    limits += ["-rss_limit_mb=2048", f"-dict={dictionary}", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *limits, *places], one)
    atheris.Fuzz()


def signature(error: Exception) -> str:
    """By what findings are told apart: the rule, or the exception and the place in the code that raised it."""
    if hasattr(error, "rule"):
        return str(error.rule)
    place, trace = "", error.__traceback__
    while trace is not None:
        if {"protocols", "recordings", "captures"} & set(Path(trace.tb_frame.f_code.co_filename).parts):
            place = f"{Path(trace.tb_frame.f_code.co_filename).name} {trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} at {place}"


def fuzz(protocol: str, limit: str, found: Path, keep: Path | None, child: Child) -> bool:
    """Fuzzes one protocol in a process of its own, for the fuzzer ends it, and says how that went; whether all is
    well. A fork, so that the drivers are given their instruments once."""
    with tempfile.TemporaryDirectory() as scratch:
        work = keep / protocol if keep else Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        log = work / "log"
        sys.stdout.flush()
        process = os.fork()
        if not process:
            with log.open("wb") as sink:
                os.dup2(sink.fileno(), 1)
                os.dup2(sink.fileno(), 2)
                try:
                    child(protocol, limit, work, found)
                finally:
                    os._exit(3)  # only where the fuzzer could not begin
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        said = log.read_text(errors="replace")
    runs = re.findall(r"number_of_executed_units: (\d+)", said)
    reached = re.findall(r"cov: (\d+)", said)
    broken = [line for line in said.splitlines() if line.startswith("BROKEN")]
    counts = (each[-1] if each else "no" for each in (runs, reached))
    print("{}: {} inputs, {} places reached".format(protocol, *counts), flush=True)
    is_well = status == 0 and bool(runs)
    for line in broken if is_well else said[-3_000:].splitlines():
        print(line, flush=True)
    return is_well and not broken


def replay(protocol: str, data: bytes) -> None:
    """One input alone."""
    import fuzz_checks

    fuzz_checks.check(protocol, data)
    fuzz_checks.check_repeated(protocol, data)


def main(load: Callable[[], list[str]], child: Child, replay: Callable[[str, bytes], None]) -> int:
    """The command: `load` imports with instruments and gives the names, `child` fuzzes one, `replay` runs one input."""
    sys.path[:0] = [str(HERE), str(HERE.parent.parent)]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("protocols", nargs="*", metavar="PROTOCOL")
    parser.add_argument("--seconds", type=int, default=60, help="for each protocol")
    parser.add_argument("--runs", type=int, help="so many inputs for each protocol instead, drawn alike each time")
    parser.add_argument("--found", type=Path, default=Path("found"), help="where inputs that break a promise go")
    parser.add_argument("--keep", type=Path, help="where the inputs that reached something new are kept")
    parser.add_argument("--replay", type=Path, help="one input to run alone, with the protocol's name")
    given = parser.parse_args()
    if given.replay:
        replay(given.protocols[0], given.replay.read_bytes())
        return 0
    given.found.mkdir(parents=True, exist_ok=True)
    names = load()
    limit = f"-runs={given.runs} -seed=1" if given.runs else f"-max_total_time={given.seconds}"
    good = [fuzz(name, limit, given.found, given.keep, child) for name in given.protocols or names]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main(load, child, replay))
