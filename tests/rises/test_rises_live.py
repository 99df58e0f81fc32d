"""The session watched as it happens: the same rises as looking back, in any slicing; lateness, changes, marks."""

import random

import pytest
from made_sessions import made
from msgspec.structs import replace
from rise_sessions import EXAMPLE_A, EXAMPLE_B, T0, at, at_s, cuff, cuffs, judged, rate, rates
from ticklish_series import ticklish

from dashboard.rises.analysis import analyse
from dashboard.rises.detector import Detector, Step
from dashboard.rises.episodes import RiseEvent, Scope
from dashboard.rises.live import SessionDetector
from dashboard.rises.prepare import assemble, in_order
from dashboard.rises.streams import Change
from dashboard.rises.threshold_files import preset
from dashboard.rises.timeline import Timeline
from devices.instant import MINUTE, SECOND
from devices.reading import Notice, Reading, Status
from devices.signals import NIBP

BATCH = 30


def slices(rng: random.Random, readings: list[Reading]) -> list[list[Reading]]:
    """Readings in order, cut anywhere but inside a cuff measurement."""
    found: list[list[Reading]] = [[]]
    for previous, reading in zip([None, *readings], readings, strict=False):
        together = previous is not None and (previous.time, previous.received) == (reading.time, reading.received)
        if found[-1] and not together and rng.random() < 0.3:
            found.append([])
        found[-1].append(reading)
    return found


@pytest.mark.parametrize("first", range(0, 150, BATCH))
def test_fed_in_any_slices_it_finds_what_looking_back_finds(first: int) -> None:
    for seed in range(first, first + BATCH):
        session, rng = made(seed, conflicts=False), random.Random(seed + 1)
        timeline = Timeline(T0, session.infusion_end, None, session.session_end)
        whole = analyse(session.readings, timeline, session.thresholds)
        end = whole.timeline.session_end
        detector = SessionDetector(timeline, session.thresholds)
        events = []
        for part in slices(rng, in_order(each for each in session.readings if each.time <= end)):
            events += detector.push(part)
            if rng.random() < 0.5:  # the clock never runs ahead of what was handed on
                events += detector.advance(part[-1].time)
        events += detector.finish(end)
        assert detector.episodes(Scope.RISE) == [rise.episode for rise in whole.rises], f"seed {seed}"
        assert detector.episodes(Scope.LOW) == list(whole.low), f"seed {seed}"
        assert detector.episodes(Scope.BEFORE_START) == list(whole.before_start), f"seed {seed}"
        assert detector.baselines == whole.baselines, f"seed {seed}"
        assert not [each for each in events if isinstance(each, Notice) and each.kind == "late"], f"seed {seed}"
        confirmed = [each.episode for each in events if isinstance(each, RiseEvent) and each.step is Step.CONFIRMED]
        assert len(confirmed) == len(whole.rises) + len(whole.low) + len(whole.before_start), f"seed {seed}"


def torn(reading: Reading, rng: random.Random) -> Reading:
    """Now and then a pressure that belongs to no other."""
    if reading.signal not in NIBP or rng.random() < 0.9:
        return reading
    other = {"time": reading.time + 1}, {"received": reading.received + 1}, {"source": "other:nibp"}
    return replace(reading, **rng.choice(other))


@pytest.mark.parametrize("first", range(0, 120, BATCH))
def test_what_passes_as_plain_numbers_does_what_it_does_assembled(first: int) -> None:
    """A detector given readings tells, step by step, the same as one given the measurements and samples they make."""
    for seed in range(first, first + BATCH):
        series, rng = ticklish(seed, short=True), random.Random(seed)
        given, assembled = (SessionDetector(series.timeline, series.thresholds, series.manual) for _ in range(2))
        for batch in slices(rng, in_order(torn(each, rng) for each in series.readings)):
            rng.shuffle(batch)
            until = max(each.time for each in batch) - SECOND * rng.choice((0, 1, 7))
            for told, expected in (
                (given.push(batch), assembled.feed(assemble(in_order(batch)))),
                (given.advance(until), assembled.advance(until)),
            ):
                assert list(told) == list(expected), seed
            assert given.marks == assembled.marks
            assert given.baselines == assembled.baselines
        last = series.last + SECOND
        assert given.finish(last) == assembled.finish(last)
        assert given.episodes(Scope.RISE) == assembled.episodes(Scope.RISE)


def steps(events: list[object], signal: str, level: int) -> list[tuple[str, float]]:
    """Step and minute of what happened to one rise detector."""
    found = []
    for event in events:
        if isinstance(event, RiseEvent):
            about = event.episode or event.mark
            assert about is not None
            if (about.signal, about.level, about.scope) == (signal, level, Scope.RISE):
                found.append((event.step.value, (event.time - T0) / MINUTE))
    return found


def test_a_rise_is_told_as_it_grows() -> None:
    detector = SessionDetector(Timeline(T0), preset("adult-iv"))
    events: list[object] = []
    for row in EXAMPLE_A:
        events += detector.push(cuff(*row))
    assert steps(events, "SBP", 1) == [
        ("provisional", 10), ("reset", 15), ("provisional", 20), ("confirmed", 27), ("peak", 30), ("peak", 35),
        ("peak", 40), ("returned", 90),
    ]  # fmt: skip


def test_the_first_of_two_readings_is_marked() -> None:
    detector = SessionDetector(Timeline(T0), preset("adult-iv"))
    detector.push(cuffs([(-10, 120, 76), (-5, 120, 76), (5, 145, 80)]))
    (mark,) = detector.marks
    assert (mark.signal, mark.level, mark.count, mark.needed, mark.since) == ("SBP", 1, 1, 2, at(5))
    assert detector.open == []


def test_an_open_rise_is_prolonged_only_after_its_deadline() -> None:
    timeline = Timeline(T0, infusion_end=at(40))
    detector = SessionDetector(timeline, preset("adult-iv"))
    detector.push(cuffs([(-10, 120, 76), (-5, 120, 76), (5, 145, 80), (10, 145, 80)]))
    (episode,) = detector.open
    assert detector.deadline(episode) == at(130)
    assert detector.outcome(episode, at(130)) == "unresolved"
    assert detector.outcome(episode, at(130) + 1) == "sustained_unresolved"
    detector.timeline = Timeline(T0)  # the infusion was started again: no deadline while it runs
    assert detector.deadline(episode) is None
    assert detector.outcome(episode, at(500)) == "unresolved"


def test_a_reading_older_than_the_newest_is_late_and_not_processed() -> None:
    detector = SessionDetector(Timeline(T0), preset("adult-iv"))
    detector.push(cuffs([(-10, 120, 76), (-5, 120, 76), (10, 120, 76)]))
    (late,) = detector.push(cuff(5, 220, 110))
    assert isinstance(late, Notice) and late.kind == "late" and late.time == at(5)
    assert detector.open == []


def test_live_the_second_of_two_different_readings_of_one_time_is_late() -> None:
    detector = SessionDetector(Timeline(T0), preset("adult-iv"))
    detector.push(cuffs([(-10, 120, 76), (-5, 120, 76), (10, 120, 76)]))
    assert [event.kind for event in detector.push(cuff(10, 220, 110)) if isinstance(event, Notice)] == [
        "conflict",
        "late",
    ]
    assert detector.push(cuff(10, 120, 76)) == []  # the same reading again is no news


def test_a_sample_of_a_closed_epoch_is_late() -> None:
    detector = SessionDetector(Timeline(T0), preset("adult-iv"))
    detector.push([rate(0, 70), rate(3, 70), rate(6, 70)])
    detector.advance(at_s(5))
    assert [event.kind for event in detector.push([rate(4.999, 70)]) if isinstance(event, Notice)] == ["late"]
    assert detector.push([rate(5, 70)]) == []


def test_an_epoch_is_known_at_its_end() -> None:
    detector = SessionDetector(Timeline(T0), preset("adult-iv"))
    detector.push(rates([(-300, 0, 70), (0, 30, 135)]))
    assert not [e for e in detector.advance(at_s(15) - 1) if isinstance(e, RiseEvent) and e.step is Step.CONFIRMED]
    (confirmed,) = [e for e in detector.advance(at_s(15)) if isinstance(e, RiseEvent) and e.step is Step.CONFIRMED]
    assert confirmed.episode is not None
    assert (confirmed.time, confirmed.episode.level, confirmed.episode.onset) == (at_s(15), 3, T0)


def test_before_the_start_the_level_3_limits_run_and_low_limits_too() -> None:
    detector = SessionDetector(Timeline(), preset("adult-iv"))
    detector.push(cuffs([(-20, 185, 95), (-10, 88, 60)]))
    assert [(e.scope, e.signal, e.level) for e in detector.episodes(Scope.BEFORE_START)] == [
        (Scope.BEFORE_START, "SBP", 3)
    ]
    assert [(e.scope, e.level, e.peak) for e in detector.open] == [(Scope.BEFORE_START, 3, 185), (Scope.LOW, 2, 88)]
    assert detector.baselines["SBP"].value == 136.5  # as it would be if the drug started now
    assert detector.rules["SBP"][0].limit.threshold == 156.5


def test_a_start_entered_late_is_run_over_what_is_stored() -> None:
    stored = cuffs(EXAMPLE_A[:14]) + rates([(-300, 600, 70)])
    random.Random(1).shuffle(stored)
    detector = SessionDetector(Timeline(T0), preset("adult-iv"))
    detector.catch_up(stored)
    detector.advance(at(41))
    assert [(e.signal, e.level) for e in detector.open] == [("SBP", 1), ("SBP", 2), ("SBP", 3), ("DBP", 1), ("DBP", 2)]
    assert detector.baselines["SBP"].value == 120


def test_a_detector_fed_what_is_stored_stands_where_the_lost_one_stood() -> None:
    rows = [cuff(*row) for row in EXAMPLE_A]
    lost = SessionDetector(Timeline(T0), preset("adult-iv"))
    for row in rows[:15]:
        lost.push(row)
    again = SessionDetector(Timeline(T0), preset("adult-iv"))
    again.push([reading for row in rows[:15] for reading in row])
    assert (again.open, again.marks, again.baselines) == (lost.open, lost.marks, lost.baselines)
    after = [detector.push(row) for row in rows[15:] for detector in (lost, again)]
    assert after[::2] == after[1::2]


def test_other_thresholds_act_on_later_readings_and_open_rises_keep_theirs() -> None:
    rows = [(-10, 120, 76), (-5, 120, 76), (5, 141, 80), (10, 141, 80), (15, 156, 80), (20, 129, 80), (25, 129, 80),
            (30, 145, 80), (35, 139, 80)]  # fmt: skip
    changes = [Change(at(10), preset("cardiac-risk"))]
    analysis = analyse(cuffs(rows), Timeline(T0, at(40)), preset("adult-iv"), changes=changes)
    found = [(r.episode.level, (r.episode.onset - T0) / MINUTE, r.episode.threshold, r.episode.thresholds)
             for r in analysis.rises if r.episode.signal == "SBP"]  # fmt: skip
    old, new = preset("adult-iv").hash, preset("cardiac-risk").hash
    assert found == [(1, 5, 140, old), (2, 15, 150, new), (1, 30, 138, new)]


def test_a_reading_at_the_time_of_a_change_is_judged_by_the_old_thresholds() -> None:
    rows = [(-10, 120, 76), (-5, 120, 76), (15, 156, 80)]
    for when, expected in ((15, []), (14.999, [2, 1])):
        changes = [Change(at(when), preset("cardiac-risk"))]
        analysis = analyse(cuffs(rows), Timeline(T0, at(40)), preset("adult-iv"), changes=changes)
        assert [rise.episode.level for rise in analysis.rises] == expected


def test_a_manual_baseline_during_the_session_acts_on_later_readings() -> None:
    rows = [(-10, 120, 76), (-5, 120, 76), (5, 142, 80), (10, 142, 80), (15, 142, 80)]
    detector = SessionDetector(Timeline(T0), preset("adult-iv"))
    detector.push(cuffs(rows[:3]))
    detector.change(at(5), baselines={"SBP": 130.0})
    detector.push(cuffs(rows[3:]))
    assert detector.open == []  # 142 is below 130 + 20; the pending run was for 140 and is gone
    assert (detector.baselines["SBP"].value, detector.baselines["SBP"].status) == (130, "manual")
    assert detector.baselines["DBP"].value == 76


def test_a_pending_run_outlives_a_change_that_all_its_readings_satisfy() -> None:
    detector = SessionDetector(Timeline(T0), preset("adult-iv"))
    detector.push(cuffs([(-10, 120, 76), (-5, 120, 76), (5, 152, 80)]))
    detector.change(at(5), baselines={"SBP": 130.0})
    detector.push(cuff(10, 152, 80))
    (episode,) = detector.open
    assert (episode.onset, episode.confirmed, episode.threshold) == (at(5), at(10), 150)


def test_a_manual_baseline_replaces_the_computed_one() -> None:
    analysis = judged(cuffs(EXAMPLE_A), manual={"SBP": 150.0})
    assert analysis.baselines["SBP"].status == "manual"
    assert [r.episode.threshold for r in analysis.rises if r.episode.signal == "SBP"] == [180, 165, 170]


def test_the_detector_goes_on_from_a_saved_state() -> None:
    rng = random.Random(3)
    one = Detector(140, 130, 2, 2)
    for step in range(500):
        value = rng.choice([125, 130, 131, 139, 140, 150])
        other = Detector.restore(one.state())
        assert other.push(step, value, step) == one.push(step, value, step)
        assert other.state() == one.state()


def test_a_rate_that_stays_away_breaks_runs_and_marks_open_rises() -> None:
    detector = SessionDetector(Timeline(T0), preset("adult-iv"))
    detector.push(rates([(-300, 0, 70), (0, 60, 95), (60, 90, 105), (120, 150, 95)]))
    detector.advance(at_s(150))
    (episode,) = [each for each in detector.open if each.level == 1]
    assert episode.gap
    assert detector.episodes(Scope.RISE)[1].onset == at_s(60)


def test_the_saturation_low_limit_runs_on_epochs() -> None:
    readings = rates([(-60, 0, 97), (0, 15, 90), (15, 60, 91), (60, 75, 92)], signal="SPO2")
    analysis = judged(readings)
    (low,) = analysis.low
    assert (low.level, low.onset, low.confirmed, low.peak, low.return_time) == (2, T0, at_s(15), 90, at_s(60))
    assert analysis.rises == ()


def test_falls_are_told_apart_from_rises() -> None:
    analysis = judged(cuffs([(-10, 120, 76), (-5, 120, 76), (5, 90, 60), (10, 79, 50), (15, 84, 50), (20, 95, 60)]))
    assert [(low.level, low.onset, low.peak, low.peak_time, low.return_time) for low in analysis.low] == [
        (2, at(5), 79, at(10), at(20)),
        (3, at(10), 79, at(10), at(20)),
    ]
    assert analysis.rises == ()
    assert [notice.kind for notice in analysis.notices].count("low-limit") == 2


def test_a_marked_sample_is_not_the_patients() -> None:
    for status in (Status.QUESTIONABLE, Status.DEMO, Status.TEST, Status.AGE_UNKNOWN):
        readings = [rate(second, 140, status=status) for second in range(60)]
        assert judged(rates([(-300, 0, 70)]) + readings).rises == ()


def test_example_b_live_second_by_second() -> None:
    detector = SessionDetector(Timeline(T0), preset("adult-iv"))
    waiting = sorted(rates(EXAMPLE_B), key=lambda each: each.time)
    for reading in waiting:
        detector.push([reading])
        detector.advance(reading.time)
    detector.advance(at_s(6000))
    found = [(e.level, (e.onset - T0) // SECOND, (e.confirmed - T0) // SECOND) for e in detector.episodes(Scope.RISE)]
    assert found == [(1, 720, 780), (2, 900, 930)]
