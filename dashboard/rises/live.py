"""A session watched as it happens: readings in, events out.

The same machine as `analysis`, which feeds it a whole recording. Readings come in order of measurement time; one
that is older than what was processed is late: reported, stored by whoever called, not processed (3.7). Epochs of
continuous signals are closed by the clock alone, so whoever calls `advance` decides how long to wait for samples.

Nothing needs saving: a detector made with the same timeline, thresholds and changes and fed the stored readings
stands where the lost one stood. That is also how a start entered late, with an earlier time, is run over what is
stored: rises still open then alarm now, closed ones are only listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from dashboard.rises import notices
from dashboard.rises.baseline import Baseline
from dashboard.rises.cuff_stream import CUFF_BASELINE_SETTLED, CuffStream
from dashboard.rises.episodes import Episode, Mark, Scope, listing_order
from dashboard.rises.epoch_stream import EpochStream
from dashboard.rises.ladder import Rule
from dashboard.rises.outcomes import Outcome, deadline, outcome
from dashboard.rises.prepare import ECG, Sample, assemble, in_order, not_flagged, plain_cuff, prepare
from dashboard.rises.streams import NOTHING, Change, Event
from dashboard.rises.thresholds import ThresholdSet
from dashboard.rises.timeline import AFTER_ALL, Timeline
from dashboard.rises.validity import Cuff
from devices.reading import Reading, Status
from devices.signals import NIBP

_OK = Status.OK
_CUFF = frozenset(NIBP)


class SessionDetector:
    """The detectors of one session.

    Attributes:
        cuff_passes, rate_passes: take a plain measurement or sample, given as numbers, that changes nothing, and say
            whether they did: one call each for most seconds of a session.
        push_cuff: takes a measurement, given as numbers, that did not pass. A sample that did not is to be fed.
        timeline: may be replaced as stops and the end are recorded; t0 is fixed once given. A detector made without
            t0 runs the checks before the start; when the drug starts make a new one and feed it what is stored.
    """

    def __init__(
        self,
        timeline: Timeline,
        thresholds: ThresholdSet,
        baselines: Mapping[str, float] | None = None,
        changes: Iterable[Change] = (),
    ) -> None:
        """`thresholds` and manual `baselines` (SBP, DBP, HR) hold from the beginning, `changes` from their times."""
        self.timeline = timeline
        manual = baselines or {}
        self._cuffs = CuffStream(timeline.t0, thresholds, manual)
        self._rates = EpochStream("HR", timeline.t0, thresholds, manual)
        self._saturations = EpochStream("SPO2", timeline.t0, thresholds, {})
        self._streams = (self._cuffs, self._rates, self._saturations)
        self._cuffs_settled = timeline.t0 + CUFF_BASELINE_SETTLED if timeline.t0 is not None else AFTER_ALL
        self.cuff_passes = self._cuffs.passes
        self.push_cuff = self._cuffs.push_numbers
        self.rate_passes = self._rates.passes
        self._told_not_flagged = False
        self._x_off = {thresholds.hash: thresholds.x_off}
        for change in changes:
            self.change(change.at, change.thresholds, change.baselines)

    def push(self, readings: Sequence[Reading]) -> list[Event]:
        """Takes readings as they were received; all readings of a cuff measurement in one call.

        Returns:
            Rise events and notices. Cuff readings act at once, samples when `advance` closes their epoch.
        """
        readings, events = self._pass(readings)
        if not readings:
            return events
        ordered = in_order(readings)
        if not self._told_not_flagged:
            told = not_flagged(ordered)
            self._told_not_flagged = bool(told)
            events += told
        return events + self.feed(assemble(ordered))

    def _pass(self, readings: Sequence[Reading]) -> tuple[Sequence[Reading], list[Event]]:
        """Takes what the monitor vouches for as plain numbers, without assembling it.

        Returns:
            What is left, in its order, and what was told: nothing unless all was taken, so that events keep theirs.
        """
        left = {each.signal: each for each in readings}
        if len(left) < len(readings):
            return readings, []  # two of one signal: their order counts
        rate, saturation = left.get("HR"), left.get("SPO2")
        if rate is not None and _passes(rate, self.rate_passes):
            del left["HR"]
        if saturation is not None and _passes(saturation, self._saturations.passes):
            del left["SPO2"]
        numbers = plain_cuff(left)
        if numbers is not None:
            if self.cuff_passes(*numbers):
                for signal in NIBP:
                    left.pop(signal, None)
            elif left.keys() <= _CUFF:
                return (), list(self._cuffs.push_numbers(*numbers, left["NIBP_SYS"].received))
        return list(left.values()), []

    def catch_up(self, readings: Iterable[Reading]) -> list[Event]:
        """Takes stored readings, or a part of a recording: sorted and without doubles, as the report sees them.

        Args:
            readings: in any order; all there are of each instant, and none older than what was taken before.
        """
        prepared = prepare(readings)
        told = [each for each in prepared.notices if each.kind != "not-flagged" or not self._told_not_flagged]
        self._told_not_flagged |= any(each.kind == "not-flagged" for each in told)
        return [*told, *self.feed([*prepared.cuffs, *prepared.rates, *prepared.saturations])]

    def feed(self, items: Iterable[Cuff | Sample]) -> list[Event]:
        """Takes measurements and samples that are assembled already."""
        events: list[Event] = []
        for item in items:
            if isinstance(item, Cuff):
                events += self._cuffs.push(item)
            elif item.signal == "SPO2":
                events += self._saturations.push(item)
            else:
                events += self._rates.push(item)
        return events

    def advance(self, now: int) -> Sequence[Event]:
        """The clock says `now`: epochs that have ended are closed and processed; their later samples are late."""
        events: Sequence[Event] = NOTHING
        rates, saturations = self._rates, self._saturations
        # Asked here, as each call of a stream that has nothing to do costs as much as a sample.
        if now >= rates.epochs.due or now >= rates.start:
            events = rates.advance(now)
        if now >= saturations.epochs.due or now >= saturations.start:
            events = [*events, *saturations.advance(now)]
        if now > self._cuffs_settled:
            self._cuffs_settled = AFTER_ALL
            events = [*events, *self._cuffs.freeze()]
        return events

    def finish(self, end: int) -> list[Event]:
        """The session ends: closes the last whole epochs and tells of runs too short to be confirmed."""
        events = list(self.advance(end))
        for stream in (self._rates, self._saturations):
            events += stream.end()
        if self.timeline.t0 is not None:
            for each in self._streams:
                events += each.freeze()
        events += [notices.unconfirmed(mark) for mark in self.marks if mark.scope is Scope.RISE]
        return events

    def change(
        self, at: int, thresholds: ThresholdSet | None = None, baselines: Mapping[str, float] | None = None
    ) -> None:
        """Other thresholds or manual baselines for readings later than `at`. Open events keep their threshold."""
        if thresholds is not None:
            self._x_off[thresholds.hash] = thresholds.x_off
        for stream in self._streams:
            stream.schedule(Change(at, thresholds, baselines))

    @property
    def measured(self) -> dict[str, Baseline]:
        """Of SBP, DBP and HR: as the readings give it, whatever was entered by hand."""
        return {**self._cuffs.measured, **self._rates.measured}

    @property
    def baselines(self) -> dict[str, Baseline]:
        """Of SBP, DBP and HR; before the start as the readings so far give it."""
        return {**self._cuffs.baselines, **self._rates.baselines}

    @property
    def rules(self) -> dict[str, list[Rule]]:
        """By SBP, DBP and HR: the limits in force, before the start those that would be."""
        return {**self._cuffs.rules, **self._rates.rules}

    @property
    def open(self) -> list[Episode]:
        """What goes on now, in all scopes; what was open before the start is no longer watched after it."""
        return [episode for stream in self._streams for episode in stream.open]

    @property
    def marks(self) -> list[Mark]:
        """Qualifying runs that are not yet long enough, in all scopes."""
        return [mark for stream in self._streams for mark in stream.marks]

    def episodes(self, scope: Scope) -> list[Episode]:
        """All episodes of `scope` so far, open ones too, in the order of 3.11.10."""
        found = [episode for stream in self._streams for episode in stream.episodes]
        return sorted((each for each in found if each.scope is scope), key=listing_order)

    def deadline(self, episode: Episode) -> int | None:
        """Until when `episode` counts as transient if back; None while the infusion runs."""
        return deadline(episode.onset, self.timeline.infusion_end, self._x_off[episode.thresholds])

    def outcome(self, episode: Episode, at: int) -> Outcome:
        """The class of `episode`, judged at the instant `at` (now, or the session's end)."""
        x_off = self._x_off[episode.thresholds]
        return outcome(episode.onset, episode.return_time, self.timeline.infusion_end, x_off, at)


def _passes(reading: Reading, passes: Callable[[int, float, int], bool]) -> bool:
    return reading.status is _OK and reading.value is not None and passes(reading.time, reading.value, ECG)
