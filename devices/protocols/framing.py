"""Cutting a stream of bytes into frames: text lines, and binary frames found by their shape and checked.

What comes out depends on the bytes alone, not on the pieces they come in. Nothing is dropped silently: bytes that
are no frame come out as `Skipped`, frames that fail their check as `Refused`, and both are bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum

from msgspec import Struct

RAW_KEPT = 256
"""So many bytes of what was refused or skipped are shown; the rest is only counted."""

JUNK_MOST = 1_024
"""Bytes outside any frame are told of after so many at the latest."""


class Frame(Struct, frozen=True):
    """A whole frame whose check holds; a text line without its end."""

    data: bytes


class Refused(Struct, frozen=True):
    """A frame that is not what it should be. `reason`: a few words such as "checksum"; `data`: at most RAW_KEPT."""

    data: bytes
    reason: str


class Skipped(Struct, frozen=True):
    """`count` bytes outside any frame, the first RAW_KEPT of them in `data`."""

    data: bytes
    count: int


Piece = Frame | Refused | Skipped


class Look(Enum):
    """What stands at a place in the bytes, when it is no whole frame."""

    WAIT = "more bytes are needed to tell"
    NOTHING = "no frame begins here"


class Bad(Struct, frozen=True):
    """A frame begins here, is `length` bytes long, and fails for `reason`."""

    length: int
    reason: str


Examine = Callable[[bytes, int], int | Look | Bad]
"""Given the bytes and a place in them: the length of the whole, verified frame that begins there, or what else."""

Leading = Callable[[list[bytes]], int]
"""Given what stands between one marker and the next, several times: how many of them, from the first on, make a whole,
verified frame with the marker before them. Never more than `Examine` would find one by one."""

Run = list[bytes] | Refused | Skipped
"""What `Scanner.runs` gives: whole frames that came one after another, or what was no frame."""

_FIRST_WINDOW, _LAST_WINDOW = 256, 65_536
"""So many bytes are cut at their markers at once: few after a bad frame, more and more while all are good."""


class Scanner:
    """Finds binary frames by looking at every place where one may begin; after a bad one it goes on one byte later.

    Args:
        examine: says what begins at a place. It must not ask for more than `longest` bytes.
        longest: bytes of the longest frame there is.
        marker: the bytes every frame begins with, if it always begins with the same: skipping is then fast.
        leading: for a dense stream of short frames with a marker: judges many of them at once.
        cut_at: that marker, where frames without it come as well; else `marker`.
    """

    def __init__(
        self,
        examine: Examine,
        longest: int,
        marker: bytes = b"",
        leading: Leading | None = None,
        cut_at: bytes = b"",
    ) -> None:
        self._examine = examine
        self._longest = longest
        self._marker = marker
        self._leading = leading
        self._cut_at = cut_at or marker
        self._window = _FIRST_WINDOW
        self._held = b""
        self._told = 0  # how many of the held bytes were told already, as part of a refused frame
        self._junk = bytearray()
        self._junk_count = 0

    def feed(self, data: bytes) -> Iterator[Piece]:
        """What is complete with `data`. The iterator must be used up before the next call."""
        return _one_by_one(self.runs(data))

    def runs(self, data: bytes) -> list[Run]:
        """The same as `feed`, with the frames that follow one another in a list: faster where there are many."""
        held = self._held + data if self._held else data
        first = None
        if 0 < len(held) <= self._longest and not self._junk_count and not self._told and held.startswith(self._marker):
            # Most reads at a slow monitor bring one frame, and nothing else.
            first = self._examine(held, 0)
            if first == len(held):
                self._held = b""
                return [[held]]
        return self._scan(held, first)

    def end(self) -> Iterator[Piece]:
        """What is left when no more bytes come."""
        return _one_by_one(self.last_runs())

    def last_runs(self) -> list[Run]:
        """The same as `end`, in the form of `runs`."""
        runs = self._scan(self._held, last=True)
        self.clear()
        return runs

    def clear(self) -> None:
        """Forgets what is half read."""
        self._held = b""
        self._junk.clear()
        self._told = self._junk_count = 0

    def _scan(self, held: bytes, first: int | Look | Bad | None = None, last: bool = False) -> list[Run]:
        """Looks from the beginning of `held` on; `first` is what stands there, where that is known already."""
        runs: list[Run] = []
        good: list[bytes] = []  # the frames that came one after another up to here
        place, marker, examine, leading = 0, self._marker, self._examine, self._leading
        end = len(held)
        while place < end:
            if marker and not held.startswith(marker, place):
                skipped, place = place, self._next_marker(held, place, last)
                good = self._end_of(good, runs)
                self._skip(held, skipped, place, runs)
                if not held.startswith(marker, place):
                    break
            if leading is not None and first is None and held.startswith(self._cut_at, place):
                frames = self._cut(held, place, leading)
                if frames:
                    if self._junk_count:
                        self._tell_junk(runs)
                    good += frames
                    place += sum(map(len, frames))
                    continue
            found = examine(held, place) if first is None else first
            first = None
            if isinstance(found, int):
                if self._junk_count:
                    self._tell_junk(runs)
                after = place + found
                good.append(held[place:after])
                place = after
                continue
            if found is Look.WAIT and end - place < self._longest and not last:
                break
            good = self._end_of(good, runs)
            if not isinstance(found, Bad):
                self._skip(held, place, place + 1, runs)
            elif place >= self._told:
                self._tell_junk(runs)
                runs.append(Refused(held[place : place + min(found.length, RAW_KEPT)], found.reason))
                self._told = place + found.length
            place += 1
        if good:
            runs.append(good)
        self._held = held[place:]
        if self._told:
            self._told = max(0, self._told - place)
        if last:
            self._tell_junk(runs)
        return runs

    @staticmethod
    def _end_of(good: list[bytes], runs: list[Run]) -> list[bytes]:
        """Something else comes after the frames `good`: they are a run of their own, and the next one begins."""
        if not good:
            return good
        runs.append(good)
        return []

    def _cut(self, held: bytes, place: int, leading: Leading) -> list[bytes]:
        """The whole frames from `place` on that are each followed by the next one's marker at once."""
        between = held[place : place + self._window].split(self._cut_at)[1:-1]
        good = leading(between)
        if good < len(between):
            self._window = _FIRST_WINDOW
            del between[good:]
        else:
            self._window = min(2 * self._window, _LAST_WINDOW)
        marker = self._cut_at
        return [marker + part for part in between]

    def _next_marker(self, held: bytes, place: int, last: bool) -> int:
        """The next place where the marker stands, or may begin to stand when more bytes come; else the end."""
        found = held.find(self._marker, place)
        if found >= 0:
            return found
        if not last:
            for kept in range(min(len(self._marker) - 1, len(held) - place), 0, -1):
                if held.endswith(self._marker[:kept]):
                    return len(held) - kept
        return len(held)

    def _skip(self, held: bytes, start: int, stop: int, runs: list[Run]) -> None:
        start = max(start, self._told)
        while start < stop:
            # Told at every so many bytes, wherever the pieces end that they come in.
            taken = min(stop - start, JUNK_MOST - self._junk_count)
            room = RAW_KEPT - len(self._junk)
            if room > 0:
                self._junk += held[start : start + min(taken, room)]
            self._junk_count += taken
            start += taken
            if self._junk_count == JUNK_MOST:
                self._tell_junk(runs)

    def _tell_junk(self, runs: list[Run]) -> None:
        if self._junk_count:
            runs.append(Skipped(bytes(self._junk), self._junk_count))
            self._junk.clear()
            self._junk_count = 0


def _one_by_one(runs: list[Run]) -> Iterator[Piece]:
    for run in runs:
        if isinstance(run, list):
            yield from map(Frame, run)
        else:
            yield run


class Lines:
    """Cuts text into lines ended by CR, LF or both; empty lines are left out.

    Args:
        longest: a line longer than this is refused and what follows up to its end is skipped with it.
    """

    _ENDS = b"\r\n"

    def __init__(self, longest: int = 512) -> None:
        self._longest = longest
        self._held = bytearray()
        self._overlong = False

    def feed(self, data: bytes) -> Iterator[Piece]:
        """What is complete with `data`. The iterator must be used up before the next call."""
        self._held += data.replace(b"\n", b"\r") if b"\n" in data else data
        while True:
            end = self._held.find(b"\r", 0, self._longest + 1)
            if end < 0 and len(self._held) <= self._longest:
                return
            line = bytes(self._held[: self._longest if end < 0 else end])
            del self._held[: len(line) + (end >= 0)]
            if self._overlong:
                if line:
                    yield Skipped(line[:RAW_KEPT], len(line))
            elif end < 0:
                yield Refused(line[:RAW_KEPT], "no end of line")
            elif line.strip(b" \0"):
                yield Frame(line)
            self._overlong = end < 0

    def end(self) -> Iterator[Piece]:
        """A last line without its end is refused: a cut number still looks like a number."""
        rest = bytes(self._held)
        self.clear()
        if rest.strip(b" \0"):
            yield Refused(rest[:RAW_KEPT], "cut at the end")

    def clear(self) -> None:
        """Forgets what is half read."""
        self._held.clear()
        self._overlong = False
