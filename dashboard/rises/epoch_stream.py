"""A continuous signal in epochs of 5 s (clinical definition 3.1, 3.2, 3.4, 3.14)."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from math import inf

from dashboard.rises import notices
from dashboard.rises.baseline import RATE_WINDOW, Baseline, rate_baseline
from dashboard.rises.episodes import RiseEvent
from dashboard.rises.epochs import BRIDGED, CALM, EPOCH, Epochs, Span
from dashboard.rises.prepare import Sample, conflict
from dashboard.rises.streams import NOTHING, Event, Stream
from dashboard.rises.thresholds import ThresholdSet
from dashboard.rises.timeline import AFTER_ALL, BEFORE_ALL
from dashboard.rises.validity import HR_RANGE, SPO2_RANGE


class EpochStream(Stream):
    """A continuous signal: heart rate (ECG, else pulse) or saturation. The clock closes its epochs.

    Attributes:
        passes: takes a sample of the common kind without a detour, see `Epochs.passes`.
        epochs: its samples. start: when the baseline is to be frozen. Before both `epochs.due` and `start` there is
            nothing to `advance`.
    """

    def __init__(self, signal: str, t0: int | None, thresholds: ThresholdSet, manual: Mapping[str, float]) -> None:
        super().__init__((signal,), t0, thresholds, manual)
        self.signal = signal
        self._believed = SPO2_RANGE if signal == "SPO2" else HR_RANGE
        self.epochs = Epochs(t0 if t0 is not None else 0, self._believed)
        self.passes = self.epochs.passes
        self._baseline_epochs: deque[tuple[int, float]] = deque(maxlen=RATE_WINDOW // EPOCH)
        # From then on the baseline is frozen, whether an epoch has a value or not; never again once it is.
        self.start = t0 + EPOCH if t0 is not None else AFTER_ALL
        self._missing = 0
        self._missing_since = 0
        self._settle()

    def push(self, sample: Sample) -> Sequence[Event]:
        """Takes a sample for its epoch. One of a closed epoch, or another one of its time, is late: not processed."""
        instead = self.epochs.push(sample)
        if instead is None:
            return NOTHING
        text = f"{sample.signal} {'without value' if sample.value is None else format(sample.value, 'g')}"
        told = notices.late(sample.time, sample.received, sample.signal, text)
        return [told] if instead is sample else [conflict(instead, sample), told]

    def advance(self, until: int) -> Sequence[Event]:
        """Closes and processes the epochs that end at or before `until`."""
        if until < self.epochs.due and until < self.start:
            return NOTHING
        closed = self.epochs.plain(until)
        if closed is CALM:
            return NOTHING
        if closed is None:
            return self._advance(until, self.epochs.close(until))
        low, high, calm_until = self._calm
        start, value = closed
        if start < calm_until:  # also `until` lies before a start to come, since it lies within the next epoch
            if self._frozen is None:
                self._baseline_epochs.append(closed)
            return NOTHING if low < value < high else self._moved(start, value, calm_until)
        events: list[Event] = []
        self._take(start, value, events)
        self._settle()
        if until >= self.start:
            events += self.freeze()
        return events

    def _advance(self, until: int, spans: Sequence[Span]) -> list[Event]:
        events: list[Event] = []
        low, high, calm_until = self._calm
        for span in spans:
            start, _, value, _, _ = span
            if value is None:
                self._miss(span, events)
            elif low < value < high and start < calm_until:
                if self._frozen is None:
                    self._baseline_epochs.append((start, value))
                continue
            else:
                self._take(start, value, events)
            self._settle()
            low, high, calm_until = self._calm
        if until >= self.start:
            events += self.freeze()
        return events

    def freeze(self) -> list[Event]:
        self.start = AFTER_ALL
        return super().freeze()

    def _settle(self) -> None:
        # Until when the short way may be taken; not at all while there is a gap to be told of.
        until = BEFORE_ALL if self._missing else AFTER_ALL
        if self._frozen is None and self.t0 is not None and self.t0 < until:
            until = self.t0
        if self._changes and self._changes[0].at < until:
            until = self._changes[0].at
        self._set_calm(*self._unmoved(self.signal, *self._believed), until)

    def _set_calm(self, low: float, high: float, until: int) -> None:
        self._calm = low, high, until
        # Medians are wanted for the baseline; and before something to come nothing is left out.
        if self._frozen is not None and until == AFTER_ALL:
            self.epochs.calm(low, high)
        else:
            self.epochs.calm(inf, inf)

    def end(self) -> list[Event]:
        """Tells of values missing at the end."""
        events: list[Event] = []
        self._tell_gap(self._missing_since + self._missing * EPOCH, events)
        return events

    def _moved(self, start: int, value: float, calm_until: int) -> list[RiseEvent]:
        """An epoch like the one before in all but its value."""
        changed: list[RiseEvent] = []
        low, high = self._believed
        for ladder in self._running:
            if not ladder.low < value < ladder.high:
                ladder.push(start, value, start + EPOCH, changed)
            if ladder.low > low:
                low = ladder.low
            if ladder.high < high:
                high = ladder.high
        if (low, high, calm_until) != self._calm:
            self._set_calm(low, high, calm_until)
        return changed

    def _take(self, start: int, value: float, events: list[Event]) -> None:
        if self._changes:
            self._apply_changes(start + 1, events)
        if self.t0 is not None and start >= self.t0:
            if self._frozen is None:
                events += self.freeze()
        else:
            self._baseline_epochs.append((start, value))
        if self._missing:
            self._tell_gap(start, events)
            self._missing = 0
        changed: list[RiseEvent] = []
        for ladder in self._running:
            ladder.push(start, value, start + EPOCH, changed)
        events += changed

    def _miss(self, span: Span, events: list[Event]) -> None:
        if self._missing == 0:
            self._missing_since = span.start
        if self._missing <= BRIDGED < self._missing + span.number:
            known = self._missing_since + (BRIDGED + 1) * EPOCH
            if self.t0 is not None and known > self.t0:
                events += self.freeze()  # however the clock came here, this break is no concern of the pre-dose check
            self._break_runs(known, events)
        self._missing += span.number

    def _tell_gap(self, until: int, events: list[Event]) -> None:
        """A gap ends at `until`, and is told as far as it lies after the start of the drug."""
        if self.t0 is None or self._missing <= BRIDGED or until <= self.t0:
            return
        events.append(notices.epoch_gap(self.signal, max(self.t0, self._missing_since), until))

    def _computed(self) -> dict[str, Baseline]:
        found = list(self._baseline_epochs)
        if found:
            end = self.t0 if self.t0 is not None else found[-1][0] + EPOCH
            found = [epoch for epoch in found if epoch[0] >= end - RATE_WINDOW]
        return {self.signal: rate_baseline(found)}
