"""Fuzzes protocol drivers, guided by what of their code was reached (needs atheris: ``pip install -e .[fuzzing]``).

``python tests/fuzz/fuzz_drivers.py [PROTOCOL ...] [--seconds 60] [--found DIRECTORY]``; without a name, all protocols
of the catalogue in turn. Starts from talks with the virtual monitor and the corpus. What breaks a promise of a driver
is written to the directory, the shortest input for each promise, and fuzzing goes on; the exit status is then 1.
``--replay FILE`` runs one input alone.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
SLOWED = 20
"""How much slower a driver is, at most, with instruments in it."""
REPEATED_EVERY = 128
"""One in so many inputs is repeated to see what that costs."""


def child(protocol: str, seconds: int, work: Path, found: Path) -> None:
    """Fuzzes one protocol in this process, which then ends."""
    import atheris

    with atheris.instrument_imports(include=["devices.protocols"]):
        from devices import catalogue

        catalogue.create(protocol)
    import fuzz_checks
    import fuzz_seeds

    begin = work / "seeds"
    begin.mkdir(exist_ok=True)
    for name, seed in fuzz_seeds.seeds(protocol).items():
        (begin / name).write_bytes(seed)
    frames = fuzz_seeds.words(protocol)[:100]
    marks = [fuzz_checks.Piece(act, step, b"").written() for act in fuzz_checks.Act for step in (0, 1_000_000)]
    dictionary = work / "words"
    dictionary.write_text("".join('"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n' for word in frames + marks))
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

    grown = work / "corpus"
    grown.mkdir(exist_ok=True)
    places = [str(grown), str(begin), *(str(CORPUS / protocol) for _ in (1,) if (CORPUS / protocol).is_dir())]
    limits = [
        f"-max_total_time={seconds}",
        f"-max_len={fuzz_seeds.longest(protocol)}",
        "-timeout=30",
        "-rss_limit_mb=2048",
    ]
    atheris.Setup([sys.argv[0], *limits, f"-dict={dictionary}", "-print_final_stats=1", *places], one)
    atheris.Fuzz()


def signature(error: Exception) -> str:
    """By what findings are told apart: the rule, or the exception and the place in the drivers that raised it."""
    if hasattr(error, "rule"):
        return str(error.rule)
    place, trace = "", error.__traceback__
    while trace is not None:
        if "protocols" in trace.tb_frame.f_code.co_filename:
            place = f"{Path(trace.tb_frame.f_code.co_filename).name} {trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} at {place}"


def fuzz(protocol: str, seconds: int, found: Path, keep: Path | None) -> bool:
    """Fuzzes one protocol in a process of its own and says how it went; whether nothing was found."""
    with tempfile.TemporaryDirectory() as scratch:
        work = (keep / protocol) if keep else Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        told = [sys.executable, __file__, protocol, "--child", str(work), "--seconds", str(seconds), "--found", found]
        ended = subprocess.run(told, capture_output=True, text=True, errors="replace", check=False)
    said = ended.stdout + ended.stderr
    runs = re.findall(r"number_of_executed_units: (\d+)", said)
    reached = re.findall(r"cov: (\d+)", said)
    broken = [line for line in said.splitlines() if line.startswith("BROKEN")]
    print(f"{protocol}: {runs[-1] if runs else 'no'} inputs, {reached[-1] if reached else 'no'} places reached")
    print("\n".join(dict.fromkeys(broken)) if broken or ended.returncode == 0 else said[-3_000:], flush=True)
    return not broken and ended.returncode == 0 and bool(runs)


def main() -> int:
    sys.path[:0] = [str(HERE), str(HERE.parent.parent)]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("protocols", nargs="*", metavar="PROTOCOL")
    parser.add_argument("--seconds", type=int, default=60, help="for each protocol")
    parser.add_argument("--found", type=Path, default=Path("found"), help="where inputs that break a promise go")
    parser.add_argument("--keep", type=Path, help="where the inputs that reached something new are kept")
    parser.add_argument("--replay", type=Path, help="one input to run alone, with the protocol's name")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.replay:
        import fuzz_checks

        fuzz_checks.check(given.protocols[0], given.replay.read_bytes())
        fuzz_checks.check_repeated(given.protocols[0], given.replay.read_bytes())
        return 0
    given.found.mkdir(parents=True, exist_ok=True)
    if given.child:
        child(given.protocols[0], given.seconds, given.child, given.found)
        return 0
    from devices import catalogue

    names = given.protocols or [entry.name for entry in catalogue.protocols()]
    good = [fuzz(name, given.seconds, given.found, given.keep) for name in names]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
