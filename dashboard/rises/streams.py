"""What the two ways values come have in common: see `cuff_stream` and `epoch_stream`.

Each stream holds the detectors of its signals in all scopes, the readings its baseline rests on, and the changes of
thresholds and baseline still to come. Clinical definition 3.1, 3.2, 3.4, 3.6, 3.7, 3.14.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf

from msgspec import Struct

from dashboard.rises import low, notices
from dashboard.rises.baseline import Baseline, manual_baseline
from dashboard.rises.episodes import Episode, Mark, RiseEvent, Scope
from dashboard.rises.ladder import Ladder, Rule
from dashboard.rises.rules import before_start_rules, rise_rules
from dashboard.rises.thresholds import ThresholdSet
from devices.reading import Notice

Event = RiseEvent | Notice

NOTHING: tuple[Event, ...] = ()
"""What most values do."""


class Change(Struct, frozen=True):
    """Other thresholds or baselines for readings later than `at`; what is None stays. Made by `author` for `reason`."""

    at: int
    thresholds: ThresholdSet | None = None
    baselines: Mapping[str, float] | None = None
    author: str = ""
    reason: str = ""


class Stream:
    """What both have: ladders by scope and signal, thresholds and baselines as they are now."""

    def __init__(
        self, signals: Sequence[str], t0: int | None, thresholds: ThresholdSet, manual: Mapping[str, float]
    ) -> None:
        self.signals = signals
        self.t0 = t0
        self.thresholds = thresholds
        self._manual = dict(manual)
        self._changes: list[Change] = []
        self._frozen: dict[str, Baseline] | None = None
        self._before = {
            each: Ladder(Scope.BEFORE_START, each, before_start_rules(thresholds, each)) for each in signals
        }
        self._rises: dict[str, Ladder] = {}
        self._low = {each: low.ladder(thresholds, each) for each in signals}
        self._run(self._before)

    @property
    def is_frozen(self) -> bool:
        return self._frozen is not None

    @property
    def measured(self) -> dict[str, Baseline]:
        """By signal: frozen at t0, before it as the readings so far give it."""
        return self._frozen if self._frozen is not None else self._computed()

    @property
    def baselines(self) -> dict[str, Baseline]:
        """The measured ones, each replaced by a manual one if there is any."""
        found = self.measured
        return {each: manual_baseline(self._manual[each]) if each in self._manual else found[each] for each in found}

    @property
    def rules(self) -> dict[str, list[Rule]]:
        """By signal: what is in force, before the start what would be."""
        if self._rises:
            return {signal: ladder.rules for signal, ladder in self._rises.items()}
        return {
            signal: rise_rules(self.thresholds, signal, baseline.value) for signal, baseline in self.baselines.items()
        }

    @property
    def open(self) -> list[Episode]:
        return [episode for ladder in self._running for episode in ladder.open]

    @property
    def episodes(self) -> list[Episode]:
        """All episodes so far, also those still open before the start when it came."""
        return [episode for ladder in self._ladders() for episode in (*ladder.finished, *ladder.open)]

    @property
    def marks(self) -> list[Mark]:
        return [mark for ladder in self._running for mark in ladder.marks]

    def schedule(self, change: Change) -> None:
        """Notes a change; it acts on the first value later than its time."""
        self._changes.append(change)
        self._changes.sort(key=lambda each: each.at)  # stable: of two at one time the one made last wins
        self._settle()

    def freeze(self) -> list[Event]:
        """The start of the drug has passed: the baseline stands, and the rise detectors are set by it."""
        if self._frozen is not None or self.t0 is None:
            return []
        self._frozen = self._computed()
        told: list[Event] = []
        for signal, baseline in self.baselines.items():
            rules = rise_rules(self.thresholds, signal, baseline.value)
            self._rises[signal] = Ladder(Scope.RISE, signal, rules)
            told += notices.at_start(self.t0, signal, baseline, rules, self.thresholds)
        self._run(self._rises)
        self._settle()
        return told

    def _computed(self) -> dict[str, Baseline]:
        raise NotImplementedError

    def _settle(self) -> None:
        """Notes what the next value must be like to change nothing. To be called whenever anything has changed."""
        raise NotImplementedError

    def _run(self, ladders: Mapping[str, Ladder]) -> None:
        """Sets which ladders take values: before the start the pre-dose check, after it the rises; always the low."""
        self._running = (*ladders.values(), *self._low.values())
        self._running_of = {signal: (ladders[signal], self._low[signal]) for signal in self.signals}

    def _unmoved(self, signal: str, low: float = -inf, high: float = inf) -> tuple[float, float]:
        """Between which values of `signal`, all between `low` and `high`, no running detector would change."""
        for ladder in self._running_of[signal]:
            if ladder.low > low:
                low = ladder.low
            if ladder.high < high:
                high = ladder.high
        return low, high

    def _ladders(self) -> Iterable[Ladder]:
        yield from self._before.values()
        yield from self._rises.values()
        yield from self._low.values()

    def _apply_changes(self, before: int, events: list[Event]) -> None:
        """Makes the changes whose time lies before the instant `before`."""
        while self._changes and self._changes[0].at < before:
            change = self._changes.pop(0)
            if change.thresholds is not None:
                self.thresholds = change.thresholds
            self._manual |= {
                signal: value for signal, value in (change.baselines or {}).items() if signal in self.signals
            }
            for signal, ladder in self._before.items():
                events += ladder.change(before_start_rules(self.thresholds, signal), change.at)
            for signal, ladder in self._low.items():
                events += ladder.change(low.rules(self.thresholds, signal), change.at)
            for signal, baseline in self.baselines.items():
                if signal in self._rises:
                    events += self._rises[signal].change(rise_rules(self.thresholds, signal, baseline.value), change.at)

    def _break_runs(self, known: int, events: list[Event]) -> None:
        broken: list[RiseEvent] = []
        for ladder in self._running:
            ladder.break_runs(known, broken)
        events += broken
