"""The two ways values come: cuff measurements one by one, continuous signals in epochs of 5 s.

Each stream holds the detectors of its signals in all scopes, the readings its baseline rests on, and the changes of
thresholds and baseline still to come. Clinical definition 3.1, 3.2, 3.4, 3.6, 3.7, 3.14.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dashboard.rises import low, notices
from dashboard.rises.baseline import (
    CUFF_READINGS,
    CUFF_WINDOW,
    RATE_WINDOW,
    Baseline,
    cuff_baseline,
    manual_baseline,
    rate_baseline,
)
from dashboard.rises.criteria import at_least
from dashboard.rises.episodes import Episode, Mark, RiseEvent, Scope
from dashboard.rises.epochs import EPOCH, Epochs, Span
from dashboard.rises.ladder import Ladder, Rule
from dashboard.rises.prepare import Sample, conflict
from dashboard.rises.rules import before_start_rules, highest_limit, rise_rules
from dashboard.rises.thresholds import CUFF_SIGNALS, ThresholdSet
from dashboard.rises.validity import IMPLAUSIBLE, Cuff, rejection
from devices.instant import MINUTE
from devices.reading import Notice

Event = RiseEvent | Notice

BRIDGED = 2
"""So many missing epochs in a row neither count nor reset; one more resets pending runs."""
REJECTED_IN_A_ROW = 3
CUFF_BASELINE_SETTLED = MINUTE
"""A cuff measured before the start may arrive after it; so long after t0 the baseline is frozen without waiting."""


@dataclass(frozen=True, slots=True)
class Change:
    """Other thresholds or baselines for readings later than `at`; what is None stays. Made by `author` for `reason`."""

    at: int
    thresholds: ThresholdSet | None = None
    baselines: Mapping[str, float] | None = None
    author: str = ""
    reason: str = ""


class _Stream:
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
        # The ladders that take values now: before the start the pre-dose check, after it the rises; always the low.
        self._running = (*self._before.values(), *self._low.values())

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
        self._running = (*self._rises.values(), *self._low.values())
        return told

    def _computed(self) -> dict[str, Baseline]:
        raise NotImplementedError

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


class CuffStream(_Stream):
    """Cuff measurements, in order of measurement time, each processed at once."""

    def __init__(self, t0: int | None, thresholds: ThresholdSet, manual: Mapping[str, float]) -> None:
        super().__init__(CUFF_SIGNALS, t0, thresholds, manual)
        self._newest: Cuff | None = None
        self._last_valid: int | None = None
        self._baseline_readings: deque[Cuff] = deque(maxlen=CUFF_READINGS)
        self._rejected = 0

    def push(self, cuff: Cuff) -> list[Event]:
        """Takes the next measurement. One older than the newest, or another one of its time, is late: not processed."""
        newest = self._newest
        if newest is not None and cuff.time <= newest.time:
            if cuff.time < newest.time:
                return [notices.late(cuff.time, cuff.received, "NIBP", f"cuff reading {cuff}")]
            return [] if cuff.same_values(newest) else [conflict(newest, cuff), *self._late(cuff)]
        if self.t0 is not None and cuff.time <= self.t0 and self.is_frozen:
            return self._late(cuff)
        self._newest = cuff
        events: list[Event] = []
        self._apply_changes(cuff.time, events)
        why = rejection(cuff)
        if why is not None:
            self._rejected += 1
            events.append(notices.rejected(cuff, why))
            if why in IMPLAUSIBLE and self._reaches_highest(cuff):
                events.append(notices.high_but_rejected(cuff, why))
            if self._rejected == REJECTED_IN_A_ROW:
                events.append(notices.rejected_in_a_row(cuff, self._rejected))
            return events
        self._rejected = 0
        self._take(cuff, events)
        return events

    def _late(self, cuff: Cuff) -> list[Event]:
        return [notices.late(cuff.time, cuff.received, "NIBP", f"cuff reading {cuff}")]

    def _take(self, cuff: Cuff, events: list[Event]) -> None:
        if self.t0 is not None and cuff.time > self.t0:
            events += self.freeze()
        else:
            self._baseline_readings.append(cuff)
        last, self._last_valid = self._last_valid, cuff.time
        if last is not None and cuff.time - last > self.thresholds.max_gap:
            self._break_runs(cuff.time, events)
            if self.t0 is not None and last > self.t0:
                events.append(notices.cuff_gap(last, cuff.time))
        changed: list[RiseEvent] = []
        for ladder in self._running:
            value = cuff.sbp if ladder.signal == "SBP" else cuff.dbp
            assert value is not None  # a valid tuple has both
            ladder.push(cuff.time, value, cuff.time, changed)
        events += changed

    def _reaches_highest(self, cuff: Cuff) -> bool:
        for signal, value in (("SBP", cuff.sbp), ("DBP", cuff.dbp)):
            # Also where the first reading after the start is the rejected one, so that nothing is frozen yet.
            started = self.t0 is not None and cuff.time > self.t0
            baseline = self.baselines[signal].value if started else None
            limit = highest_limit(self.thresholds, signal, baseline)
            if limit is not None and value is not None and at_least(value, limit):
                return True
        return False

    def _computed(self) -> dict[str, Baseline]:
        found = list(self._baseline_readings)
        if found:
            end = self.t0 if self.t0 is not None else found[-1].time
            found = [cuff for cuff in found if cuff.time >= end - CUFF_WINDOW]
        return {
            "SBP": cuff_baseline([(cuff.time, cuff.sbp) for cuff in found if cuff.sbp is not None]),
            "DBP": cuff_baseline([(cuff.time, cuff.dbp) for cuff in found if cuff.dbp is not None]),
        }


class EpochStream(_Stream):
    """A continuous signal: heart rate (ECG, else pulse) or saturation. The clock closes its epochs."""

    def __init__(self, signal: str, t0: int | None, thresholds: ThresholdSet, manual: Mapping[str, float]) -> None:
        super().__init__((signal,), t0, thresholds, manual)
        self.signal = signal
        self._epochs = Epochs(t0 if t0 is not None else 0)
        self._baseline_epochs: deque[Span] = deque(maxlen=RATE_WINDOW // EPOCH)
        self._missing = 0
        self._missing_since = 0

    def push(self, sample: Sample) -> list[Event]:
        """Takes a sample for its epoch. One of a closed epoch, or another one of its time, is late: not processed."""
        instead = self._epochs.push(sample)
        if instead is None:
            return []
        text = f"{sample.signal} {'without value' if sample.value is None else format(sample.value, 'g')}"
        told = notices.late(sample.time, sample.received, sample.signal, text)
        return [told] if instead is sample else [conflict(instead, sample), told]

    def advance(self, until: int) -> list[Event]:
        """Closes and processes the epochs that end at or before `until`."""
        events: list[Event] = []
        for span in self._epochs.close(until):
            if span.value is None:
                self._miss(span, events)
            else:
                self._take(span, span.value, events)
        if self.t0 is not None and until >= self.t0 + EPOCH:
            events += self.freeze()
        return events

    def end(self) -> list[Event]:
        """Tells of values missing at the end."""
        events: list[Event] = []
        self._tell_gap(self._missing_since + self._missing * EPOCH, events)
        return events

    def _take(self, span: Span, value: float, events: list[Event]) -> None:
        self._apply_changes(span.start + 1, events)
        if self.t0 is not None and span.start >= self.t0:
            events += self.freeze()
        else:
            self._baseline_epochs.append(span)
        self._tell_gap(span.start, events)
        self._missing = 0
        changed: list[RiseEvent] = []
        for ladder in self._running:
            ladder.push(span.start, value, span.end, changed)
        events += changed

    def _miss(self, span: Span, events: list[Event]) -> None:
        if self._missing == 0:
            self._missing_since = span.start
        if self._missing <= BRIDGED < self._missing + span.count:
            known = self._missing_since + (BRIDGED + 1) * EPOCH
            if self.t0 is not None and known > self.t0:
                events += self.freeze()  # however the clock came here, this break is no concern of the pre-dose check
            self._break_runs(known, events)
        self._missing += span.count

    def _tell_gap(self, until: int, events: list[Event]) -> None:
        """A gap ends at `until`, and is told as far as it lies after the start of the drug."""
        if self.t0 is None or self._missing <= BRIDGED or until <= self.t0:
            return
        events.append(notices.epoch_gap(self.signal, max(self.t0, self._missing_since), until))

    def _computed(self) -> dict[str, Baseline]:
        found = list(self._baseline_epochs)
        if found:
            end = self.t0 if self.t0 is not None else found[-1].end
            found = [span for span in found if span.start >= end - RATE_WINDOW]
        return {self.signal: rate_baseline([(span.start, span.value) for span in found if span.value is not None])}
