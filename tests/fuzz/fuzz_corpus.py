"""Chooses the few inputs of a protocol that are worth keeping: ``fuzz_corpus.py PROTOCOL DIRECTORY ...``.

Of the inputs in the directories and the corpus as it is, those are taken one after another that reach most of the
driver not reached before; each is then shortened as long as it still reaches what it was taken for. ``regression-``
files are always kept as they are. Says how much of the driver the inputs reach.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

from fuzz_checks import run  # noqa: E402
from fuzz_input import parse  # noqa: E402

from devices import catalogue  # noqa: E402

CORPUS = HERE / "corpus"
MOST, LONGEST = 8, 2_000
"""Inputs chosen for a protocol, and bytes of each."""
TRIALS = 250
"""How often an input is tried to be shortened."""

Step = tuple[str, int, int]
"""From one line to another of a file."""


class Reached:
    """Follows which steps from line to line are taken in the files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._steps: set[Step] = set()

    def by(self, act: Callable[[], object]) -> set[Step]:
        self._steps = set()
        sys.settrace(self._called)
        try:
            act()
        finally:
            sys.settrace(None)
        return self._steps

    def _called(self, frame: FrameType, event: str, _: object) -> Callable[..., object] | None:
        name = frame.f_code.co_filename
        if not name.startswith(self._folder):
            return None
        before = frame.f_lineno

        def lines(frame: FrameType, event: str, _: object) -> Callable[..., object]:
            nonlocal before
            if event == "line":
                self._steps.add((name, before, frame.f_lineno))
                before = frame.f_lineno
            return lines

        return lines


def steps_of(protocol: str, reached: Reached, data: bytes) -> set[Step]:
    setup, pieces = parse(data)
    return reached.by(lambda: run(protocol, setup, pieces))


def shortened(data: bytes, holds: Callable[[bytes], bool]) -> bytes:
    """`data` with parts left out, as long as it `holds`."""
    size, trials = max(1, len(data) // 2), 0
    while size and trials < TRIALS:
        place = 2
        while place < len(data) and trials < TRIALS:
            shorter = data[:place] + data[place + size :]
            trials += 1
            if holds(shorter):
                data = shorter
            else:
                place += size
        size //= 2
    return data


def choose(protocol: str, inputs: list[bytes], reached: Reached) -> list[bytes]:
    """The inputs to keep, shortened."""
    left = {data: steps_of(protocol, reached, data) for data in dict.fromkeys(inputs) if len(data) <= LONGEST}
    chosen: list[bytes] = []
    seen: set[Step] = set()
    while left and len(chosen) < MOST:
        best = max(left, key=lambda data: (len(left[data] - seen), -len(data)))
        wanted = left.pop(best) - seen
        if not wanted:
            break
        shorter = shortened(best, lambda data, wanted=wanted: wanted <= steps_of(protocol, reached, data))
        seen |= steps_of(protocol, reached, shorter)
        chosen.append(shorter)
    return chosen


def _lines(code: CodeType) -> set[int]:
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    here = {line for _, _, line in code.co_lines() if line} - {code.co_firstlineno}
    return here.union(*(_lines(each) for each in inner))


def share(folder: Path, steps: set[Step]) -> float:
    """How much of the lines within functions of the files in `folder` was reached."""
    reached = {(name, line) for name, _, line in steps}
    whole = set()
    for path in folder.glob("*.py"):
        module = compile(path.read_text(), str(path), "exec")
        classes = [each for each in module.co_consts if isinstance(each, CodeType)]
        inside = [code for each in classes for code in (each, *each.co_consts) if isinstance(code, CodeType)]
        functions = [code for code in inside if code.co_flags & 0x02]  # optimised: a function, not a class
        whole |= {(str(path), line) for code in functions for line in _lines(code)}
    return len(reached & whole) / max(1, len(whole))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("protocol")
    parser.add_argument("directories", nargs="*", type=Path)
    parser.add_argument("--dry", action="store_true", help="only say how much is reached")
    given = parser.parse_args()
    place = CORPUS / given.protocol
    module = catalogue.protocol_named(given.protocol).driver.partition(":")[0]
    folder = HERE.parent.parent / Path(*module.split(".")).parent
    reached = Reached(folder)
    files = [path for directory in (*given.directories, place) if directory.is_dir() for path in directory.iterdir()]
    inputs = [path.read_bytes() for path in sorted(files)]
    all_steps = set().union(*(steps_of(given.protocol, reached, data) for data in inputs))
    print(f"{given.protocol}: {len(inputs)} inputs reach {share(folder, all_steps):.0%} of the driver's lines")
    if given.dry:
        return
    chosen = choose(given.protocol, inputs, reached)
    place.mkdir(parents=True, exist_ok=True)
    for old in place.glob("reach-*"):
        old.unlink()
    for number, data in enumerate(chosen, 1):
        (place / f"reach-{number:02d}").write_bytes(data)
    kept = [path.read_bytes() for path in place.iterdir()]
    steps = set().union(*(steps_of(given.protocol, reached, data) for data in kept))
    print(f"{len(kept)} kept, {sum(map(len, kept))} bytes: {share(folder, steps):.0%}")


if __name__ == "__main__":
    main()
