"""All detectors of one signal in one scope: independent of each other (clinical definition 3.4), fed together."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from msgspec import Struct, field

from dashboard.rises.criteria import Limit
from dashboard.rises.detector import Detector, Step
from dashboard.rises.episodes import Episode, Mark, RiseEvent, Scope

_PROVISIONAL, _RESET, _CONFIRMED, _RETURNED = Step.PROVISIONAL, Step.RESET, Step.CONFIRMED, Step.RETURNED


class Rule(Struct, frozen=True):
    """What one detector is set to: a level's limit in force, and from which threshold set."""

    level: int
    limit: Limit
    n_on: int
    n_off: int
    thresholds: str


class _Rung(Struct):
    """A detector with the rule it follows; `following` waits for the return of an open event."""

    rule: Rule
    detector: Detector
    following: Rule | None = None
    is_leaving: bool = False
    gap: bool = False
    newest: float = field(default=0.0)


class Ladder:
    """The detectors of `signal`; with ``sign = -1`` they look for low values.

    Attributes:
        low, high: a value between the two (neither of them) would change nothing at all, and need not be pushed.
        finished: the episodes that have returned.
    """

    def __init__(self, scope: Scope, signal: str, rules: Sequence[Rule], sign: int = 1) -> None:
        self.scope = scope
        self.signal = signal
        self._sign = sign
        self._rungs: dict[int, _Rung] = {}
        self._all: tuple[_Rung, ...] = ()
        self.low = self.high = 0.0
        self.finished: list[Episode] = []
        self.change(rules, 0)

    @property
    def open(self) -> list[Episode]:
        """The episodes going on, as they are now."""
        return [self._episode(rung) for rung in self._rungs.values() if rung.detector.is_open]

    @property
    def marks(self) -> list[Mark]:
        """The qualifying runs that are not yet long enough."""
        return [self._mark(rung) for rung in self._rungs.values() if rung.detector.run]

    @property
    def rules(self) -> list[Rule]:
        """What is in force, or will be once the open event is back, by level."""
        return [rung.following or rung.rule for _, rung in sorted(self._rungs.items()) if not rung.is_leaving]

    def push(self, time: int, value: float, known: int, events: list[RiseEvent]) -> None:
        """Gives every detector the next valid value; what it did is added to `events`.

        Args:
            time: of the reading or the epoch's start. known: when it is known.
        """
        if self.low < value < self.high:
            return
        rising = self._sign > 0
        signed = value if rising else -value
        low, high = -inf, inf
        for rung in self._all:
            detector = rung.detector
            if not detector.low < signed < detector.high:
                pending = detector.run
                step = detector.push(time, value, known)
                if step is not None:
                    events.append(self._told(step, rung, pending, value, known))
            if detector.low > low:
                low = detector.low
            if detector.high < high:
                high = detector.high
        if rising:
            self.low, self.high = low, high
        else:
            self.low, self.high = -high, -low

    def _told(self, step: Step, rung: _Rung, pending: int, value: float, known: int) -> RiseEvent:
        """What the value did, after which the rung is set as that asks; `pending`: the run before it."""
        if step is _RESET:
            return self._reset(rung, pending, known)
        rung.newest = value
        if step is _PROVISIONAL:
            return RiseEvent(step, known, None, self._mark(rung))
        if step is _CONFIRMED:
            rung.gap = False
        episode = episode_of(self.scope, self.signal, rung.rule, rung.detector, rung.gap)
        if step is _RETURNED:
            self.finished.append(episode)
            self._after_return(rung)
        return RiseEvent(step, known, episode)

    def break_runs(self, known: int, events: list[RiseEvent], missing_for_too_long: bool = True) -> None:
        """Too much is missing between two values: pending runs are forgotten, open events marked."""
        for rung in self._rungs.values():
            if rung.detector.is_open:
                rung.gap = rung.gap or missing_for_too_long
            pending = rung.detector.run
            if rung.detector.break_runs() is not None:
                events.append(self._reset(rung, pending, known))
        self._settle()

    def change(self, rules: Sequence[Rule], known: int) -> list[RiseEvent]:
        """Sets the rules for the values to come. An open event keeps its rule until it has returned."""
        events: list[RiseEvent] = []
        wanted = {rule.level: rule for rule in rules}
        for level in sorted(self._rungs.keys() | wanted.keys()):
            rung, rule = self._rungs.get(level), wanted.get(level)
            if rung is None:
                assert rule is not None
                limit = rule.limit
                detector = Detector(limit.threshold, limit.clear, rule.n_on, rule.n_off, self._sign)
                self._rungs[level] = _Rung(rule, detector)
            elif rung.detector.is_open:
                rung.following, rung.is_leaving = rule, rule is None
            elif rule is None:
                if rung.detector.run:
                    events.append(self._reset(rung, rung.detector.run, known))
                del self._rungs[level]
            else:
                pending, mark = rung.detector.run, self._mark(rung)
                limit, rung.rule = rule.limit, rule
                step = rung.detector.retune(limit.threshold, limit.clear, rule.n_on, rule.n_off)
                if step is not None and pending:
                    events.append(RiseEvent(Step.RESET, known, mark=mark))
        self._settle()
        return events

    def _after_return(self, rung: _Rung) -> None:
        if rung.is_leaving:
            del self._rungs[rung.rule.level]
            self._all = tuple(self._rungs.values())
        elif rung.following is not None:
            rule = rung.rule = rung.following
            rung.following = None
            rung.detector.retune(rule.limit.threshold, rule.limit.clear, rule.n_on, rule.n_off)

    def _settle(self) -> None:
        """Notes between which values no detector of this ladder would change."""
        self._all = tuple(self._rungs.values())
        low, high = -inf, inf
        for rung in self._all:
            detector = rung.detector
            if detector.low > low:
                low = detector.low
            if detector.high < high:
                high = detector.high
        self.low, self.high = (low, high) if self._sign > 0 else (-high, -low)

    def _reset(self, rung: _Rung, pending: int, known: int) -> RiseEvent:
        return RiseEvent(Step.RESET, known, mark=self._mark(rung, pending))

    def _mark(self, rung: _Rung, count: int | None = None) -> Mark:
        detector, rule = rung.detector, rung.rule
        number = detector.run if count is None else count
        threshold = rule.limit.threshold
        return Mark(self.scope, self.signal, rule.level, threshold, detector.run_since, number, rule.n_on, rung.newest)

    def _episode(self, rung: _Rung) -> Episode:
        return episode_of(self.scope, self.signal, rung.rule, rung.detector, rung.gap)


def episode_of(scope: Scope, signal: str, rule: Rule, detector: Detector, gap: bool) -> Episode:
    """What `detector` is in, by `rule`; `gap`: values were missing for too long while it was open."""
    limit = rule.limit
    return Episode(
        scope,
        signal,
        rule.level,
        limit.threshold,
        limit.clear,
        limit.baseline,
        detector.onset,
        detector.confirmed,
        detector.peak,
        detector.peak_time,
        detector.return_time,
        detector.declared,
        limit.present_at_baseline,
        gap,
        rule.thresholds,
    )
