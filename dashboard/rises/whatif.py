"""What other thresholds would have flagged on sessions that are over: counts by level, and what differs.

A *flag* is a rise that was not present at baseline. Watched time counts from the start of the drug to the session's
end. A set is compared with the first one, session by session, signal by signal, level by level, by
`matching.match`: two flags are the same rise if they overlap in time (one that never returned lasts to the session's
end), the pair with the nearest onsets first. A matched rise with the same onset, confirmation and return is *same*,
else *moved*; one only the first set finds *vanishes*, one only the other finds *appears*.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from msgspec import Struct

from dashboard.rises.analysis import Rise
from dashboard.rises.batch import rises
from dashboard.rises.columns import Columns
from dashboard.rises.matching import Span, match
from dashboard.rises.outcomes import Outcome
from dashboard.rises.thresholds import SIGNALS, ThresholdSet
from devices.instant import HOUR, SECOND

LEVELS = (1, 2, 3)


class Finished(Struct, frozen=True):
    """A session to ask about. `label`: how people call it. `relative`: its times have no date."""

    label: str
    columns: Columns
    relative: bool = False


class Count(Struct, frozen=True):
    """The flags of one set at one level, or at all of them (`level` None).

    Attributes:
        by_signal: flags by SBP, DBP, HR. sessions: how many had a flag.
        transient: flags that were back in time, a share of all; confirm_s: median seconds from onset to confirmation;
            first_min: median minutes from the start of the drug to a session's first confirmation. None without flags.
    """

    level: int | None
    flags: int
    by_signal: dict[str, int]
    per_session: float
    per_hour: float
    sessions: int
    transient: float | None
    confirm_s: float | None
    first_min: float | None


class Difference(Struct, frozen=True):
    """A flag that is not the same by two sets. `before`: by the first set, `after`: by the other; None: not there."""

    session: Finished
    before: Rise | None
    after: Rise | None

    @property
    def kind(self) -> str:
        return "appears" if self.before is None else "vanishes" if self.after is None else "moved"

    @property
    def rise(self) -> Rise:
        """The flag itself, by the other set if it is there."""
        found = self.after or self.before
        assert found is not None
        return found


class Outlook(Struct, frozen=True):
    """What one set flags.

    Attributes:
        name: what the set is called, two versions of one set apart.
        flags: by session. counts: a level each. total: of all levels.
        same, differences: against the first set, for which nothing differs.
    """

    thresholds: ThresholdSet
    name: str
    flags: tuple[tuple[Rise, ...], ...]
    counts: tuple[Count, ...]
    total: Count
    same: int
    differences: tuple[Difference, ...]

    def differing(self, kind: str, level: int | None = None) -> int:
        """How many flags appear, vanish or moved, at one level or at all."""
        return sum(each.kind == kind and level in (None, each.rise.episode.level) for each in self.differences)


class WhatIf(Struct, frozen=True):
    """The answer. `sessions`: those that were judged, `hours`: watched in them."""

    sessions: tuple[Finished, ...]
    hours: float
    outlooks: tuple[Outlook, ...]


class Asking:
    """Flags session after session, so that whoever asks can show how far it is.

    Args:
        names: what the sets are called, one each (default: by their own names).

    Raises:
        ValueError: no threshold set.
    """

    def __init__(self, sets: Sequence[ThresholdSet], names: Sequence[str] = ()) -> None:
        if not sets:
            raise ValueError("what-if needs a threshold set")
        self._sets = tuple(sets)
        self._names = tuple(names) or tuple(each.name for each in sets)
        self._sessions: list[Finished] = []
        self._watched = 0
        self._flags: list[list[tuple[Rise, ...]]] = [[] for _ in sets]
        self._same = [0] * len(sets)
        self._differences: list[list[Difference]] = [[] for _ in sets]

    def take(self, session: Finished) -> None:
        """Judges one session by every set."""
        columns = session.columns
        self._sessions.append(session)
        self._watched += max(0, columns.timeline.session_end - columns.t0)
        first: tuple[Rise, ...] = ()
        for place, judged in enumerate(rises(columns, self._sets)):
            found = tuple(each for each in judged if not each.episode.present_at_baseline)
            self._flags[place].append(found)
            if place == 0:
                first = found
                self._same[0] += len(found)
                continue
            for before, after in compared(first, found, columns.timeline.session_end):
                if before is not None and after is not None and _times(before) == _times(after):
                    self._same[place] += 1
                else:
                    self._differences[place].append(Difference(session, before, after))

    def answer(self) -> WhatIf:
        """All of it so far."""
        outlooks = []
        for place, thresholds in enumerate(self._sets):
            counts = tuple(self._count(place, level) for level in LEVELS)
            differences = tuple(self._differences[place])
            total, flags = self._count(place, None), tuple(self._flags[place])
            outlooks.append(
                Outlook(thresholds, self._names[place], flags, counts, total, self._same[place], differences)
            )
        return WhatIf(tuple(self._sessions), self._watched / HOUR, tuple(outlooks))

    def _count(self, place: int, level: int | None) -> Count:
        sessions = [[each for each in found if level in (None, each.episode.level)] for found in self._flags[place]]
        flags = [each for found in sessions for each in found]
        firsts = [
            min(each.episode.confirmed for each in found) - session.columns.t0
            for found, session in zip(sessions, self._sessions, strict=True)
            if found
        ]
        hours = self._watched / HOUR
        return Count(
            level=level,
            flags=len(flags),
            by_signal={signal: sum(each.episode.signal == signal for each in flags) for signal in SIGNALS},
            per_session=len(flags) / len(sessions) if sessions else 0.0,
            per_hour=len(flags) / hours if hours else 0.0,
            sessions=len(firsts),
            transient=sum(each.outcome is Outcome.TRANSIENT for each in flags) / len(flags) if flags else None,
            confirm_s=median(each.episode.confirmed - each.episode.onset for each in flags) / SECOND if flags else None,
            first_min=median(firsts) / (60 * SECOND) if firsts else None,
        )


def compared(first: Sequence[Rise], other: Sequence[Rise], end: int) -> Iterator[tuple[Rise | None, Rise | None]]:
    """The flags of one session by two sets, side by side; None where the one has what the other has not.

    Args:
        end: of the session, where a rise that has not returned ends.
    """
    groups: dict[tuple[int, int], tuple[list[Rise], list[Rise]]] = {}
    for side, rises_of_set in enumerate((first, other)):
        for each in rises_of_set:
            groups.setdefault(_key(each), ([], []))[side].append(each)
    for _, (before, after) in sorted(groups.items()):
        pairs = dict(match([_span(each, end) for each in before], [_span(each, end) for each in after]))
        for place, each in enumerate(before):
            yield each, after[pairs[place]] if place in pairs else None
        matched = set(pairs.values())
        yield from ((None, each) for place, each in enumerate(after) if place not in matched)


def ask(sessions: Sequence[Finished], sets: Sequence[ThresholdSet]) -> WhatIf:
    """What each of `sets` flags on `sessions`, compared with the first of them."""
    asking = Asking(sets)
    for session in sessions:
        asking.take(session)
    return asking.answer()


def _key(rise: Rise) -> tuple[int, int]:
    return SIGNALS.index(rise.episode.signal), rise.episode.level


def _span(rise: Rise, end: int) -> Span:
    episode = rise.episode
    return Span(episode.onset, episode.return_time if episode.return_time is not None else max(end, episode.onset + 1))


def _times(rise: Rise) -> tuple[int, int, int | None]:
    episode = rise.episode
    return episode.onset, episode.confirmed, episode.return_time
