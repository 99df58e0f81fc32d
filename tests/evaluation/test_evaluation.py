"""The evaluation: figures another program finds too, made sessions that are what their labels say, honest words."""

import ast
import json
from pathlib import Path

import numpy as np
import pytest
import recompute

from dashboard import cli
from dashboard.evaluation.bench import evaluation, trials
from dashboard.evaluation.contenders import bare, delayed, detector
from dashboard.evaluation.doubted import doubts
from dashboard.evaluation.score import paired, score
from dashboard.evaluation.truth import Event, Truth, latent, readings, sampled
from dashboard.evaluation.written import as_json, text
from dashboard.rises.analysis import analyse
from dashboard.rises.threshold_files import preset
from dashboard.rises.timeline import Timeline
from devices.instant import MINUTE, SECOND
from devices.virtual import cohort
from devices.virtual.cohort import T0, made

SET, COUNT, SEED, PART = preset("adult-iv"), 12, 5, "development"
DOCS = Path(__file__).parents[2] / "docs" / "evaluation.md"


@pytest.fixture(scope="module")
def found():
    return evaluation(list(trials(COUNT, SEED, PART, SET)), SEED, PART, SET)


@pytest.mark.parametrize(
    ("truth", "by_hand"), [(Truth.SAMPLED, recompute.sampled), (Truth.READINGS, recompute.on_readings)]
)
def test_another_program_finds_the_same_figures(found, truth, by_hand):
    expected = recompute.recompute(COUNT, SEED, PART, SET, by_hand)
    ours = found.scores["detector", truth, "all", "all"]
    assert (ours.true, ours.found, ours.matched) == (expected["true"], expected["found"], expected["matched"])
    assert ours.found > 10
    for name in ("recall", "precision", "f1"):
        assert getattr(ours, name)[0] == pytest.approx(expected[name])
    assert ours.onset_error[0] == expected["onset"] and ours.alarm_delay[0] == expected["delay"]
    assert ours.peak_error[0] == pytest.approx(expected["peak"])
    assert ours.false_per_hour == pytest.approx(expected["false_per_hour"])
    assert ours.challenge == pytest.approx(expected["challenge"])
    assert ours.classes == {true: dict(row) for true, row in expected["classes"].items()}


def test_the_detector_follows_the_written_rule_exactly(found):
    ours = found.scores["detector", Truth.READINGS, "all", "all"]
    assert (ours.missed, ours.false, ours.onset_error, ours.return_error) == (0, 0, (0.0, 0.0), (0.0, 0.0))


def test_splits_add_up_and_intervals_hold_their_value(found):
    for truth in Truth:
        whole = found.scores["detector", truth, "all", "all"]
        for split in ("signal", "level", "kind", "cuff cycle", "noise", "pulse rate"):
            parts = [
                each for (name, of, by, _), each in found.scores.items() if (name, of, by) == ("detector", truth, split)
            ]
            for figure in ("true", "found", "matched", "false", "between_cuffs"):
                assert sum(getattr(each, figure) for each in parts) == getattr(whole, figure)
        for low_high in (whole.recall, whole.precision, whole.f1):
            assert 0 <= low_high[1] <= low_high[0] <= low_high[2] <= 1


def test_the_same_seed_gives_the_same_and_parts_are_drawn_apart():
    one, again, other = made(1, "held-out", 3), made(1, "held-out", 3), made(1, "development", 3)
    assert one.rate.tobytes() == again.rate.tobytes() and one.cuff_sbp.tobytes() == again.cuff_sbp.tobytes()
    assert len(one.rate) != len(other.rate) or (one.rate != other.rate).any()


def test_the_generator_knows_nothing_of_the_detector():
    tree = ast.parse(Path(cohort.__file__).read_text())
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not [each for each in imported if each.startswith("dashboard")]


def test_artefacts_are_where_their_labels_say():
    seen = set()
    for number in range(150):
        session = made(2, PART, number)
        # The clock's step moves the readings' times; sessions with it are looked at for that alone.
        kinds = {each.kind for each in session.artefacts}
        at = (session.cuff_time - T0) / SECOND
        steps = np.diff(session.rate_time) / SECOND
        for each in session.artefacts:
            inside = (at >= each.start_s) & (at < each.end_s)
            if each.kind == "clock-step":
                assert (np.abs(steps - 1) >= 59).sum() >= 1
                seen.add(each.kind)
                continue
            if "clock-step" in kinds or (not inside.any() and each.kind != "hr-doubling"):
                continue
            if each.kind == "cuff-fail":
                assert np.isnan(session.cuff_sbp[inside]).all()
            elif each.kind == "pp-collapse" and not kinds & {"cuff-fail", "motion", "repeat-value"}:
                assert (session.cuff_sbp - session.cuff_dbp)[inside].max() <= 13
            elif each.kind == "hr-doubling" and not kinds & {"motion", "dropout"}:
                when = (session.rate_time - T0) / SECOND
                during = (when >= each.start_s) & (when < each.end_s)
                assert np.median(session.rate[during]) > 1.6 * np.median(session.rate[~during])
            elif each.kind == "dropout":
                raise AssertionError("a cuff result within a dropout")
            seen.add(each.kind)
    assert seen >= set(cohort.ARTEFACTS) - {"dropout", "motion", "repeat-value"}


def test_the_oximeter_counts_each_beat_once_and_leaves_the_other_readings_as_they_were():
    doubled = with_pulse = 0
    for number in range(80):
        session = made(2, PART, number)
        kinds = {each.kind for each in session.artefacts}
        with_pulse += len(session.pulse) > 0
        if not len(session.pulse) or kinds & {"motion", "dropout", "clock-step"}:
            continue
        assert len(session.pulse) == len(session.rate)
        ratio = session.rate / session.pulse
        during = np.zeros(len(ratio), bool)
        for each in session.artefacts:
            if each.kind == "hr-doubling":
                at = (session.pulse_time - T0) / SECOND
                during |= (at >= each.start_s) & (at < each.end_s)
        doubled += bool(during.any())
        assert 0.9 < np.median(ratio[~during]) < 1.1
        if during.any():
            assert 1.85 < np.median(ratio[during]) < 2.15
    assert doubled >= 3 and 50 < with_pulse < 80


def test_marks_of_suspect_rates_are_those_that_looking_at_the_readings_gives():
    seen = set()
    for number in range(24):
        session = made(2, PART, number)
        told = sorted((each.time, each.kind) for each in doubts(session))
        whole = analyse(recompute.as_readings(session), Timeline(T0, session.infusion_end, None, session.end), SET)
        kinds = ("suspect-double-counting", "suspect-rates-apart")
        expected = sorted((each.time, each.kind) for each in whole.notices if each.kind in kinds)
        assert told == [each for each in expected if each[0] >= T0 - 10 * SECOND]
        seen |= {kind for _, kind in told}
    assert "suspect-double-counting" in seen


def test_no_rise_is_lost_by_a_mark(found):
    rises = found.scores["detector", Truth.SAMPLED, "signal", "HR"]
    counts = found.marks.rises.values()
    assert sum(each.matched for each in counts) == rises.matched
    assert sum(each.overlapping + each.false for each in counts) == rises.false
    assert found.marks.doubled_told == found.marks.doubled


def test_the_usual_population_is_that_of_the_published_summary():
    usual = [each for number in range(250) if (each := made(9, PART, number)).kind == "usual"]
    rises = [each.sbp.max() - each.sbp[cohort.BEFORE_S] for each in usual]
    assert 12 < np.mean(rises) < 20 and 9 < np.std(rises) < 20  # noiseless; with cuff noise 19.6, SD 12.8 is published


def test_plain_limits_do_what_plain_limits_do():
    session = next(
        each for number in range(99) if (each := made(3, PART, number)).kind == "strong" and each.classes == ("none",)
    )
    at_once, later = bare(session, SET), delayed(session, SET)
    assert len(at_once) >= len(later) >= len(detector(session, SET))
    assert all(each.confirmed == each.onset for each in at_once)
    assert all(each.confirmed - each.onset == 15 * SECOND for each in later)


def event(onset, back, signal="SBP", level=1, outcome="transient"):
    return Event(signal, level, T0 + onset * MINUTE, T0 + onset * MINUTE, T0 + back * MINUTE, 150.0, outcome)


def test_what_lay_between_two_cuffs_is_told_apart():
    true = [event(10, 13), event(40, 60)]
    pairs = paired(0, true, [event(41, 60)], 5.0, T0 + 120 * MINUTE, seen=[event(40, 60)])
    ours = score(pairs, [0], 2.0, 1, 1)
    assert (ours.true, ours.matched, ours.missed, ours.between_cuffs, ours.recall[0]) == (2, 1, 0, 1, 1.0)
    assert ours.onset_error == (60.0, 60.0)


def test_an_onset_more_than_one_cycle_away_is_another_event():
    pairs = paired(0, [event(10, 40)], [event(16, 40)], 5.0, T0 + 120 * MINUTE)
    ours = score(pairs, [0], 2.0, 1, 1)
    assert (ours.matched, ours.missed, ours.false, ours.false_per_hour) == (0, 1, 1, 0.5)
    assert ours.classes == {"false": {"transient": 1}, "transient": {"missed": 1}}
    assert ours.challenge == 100.0  # by the session both were there


def test_the_challenge_score_counts_a_miss_five_times():
    pairs = paired(0, [event(10, 40)], [], 5.0, T0 + 120 * MINUTE)
    assert score(pairs, [0, 1], 4.0, 2, 1).challenge == pytest.approx(100 * 3 / (3 + 5))


def test_a_truth_is_true_of_its_curve():
    for number in range(6):
        session = made(7, PART, number)
        for each in latent(session, SET):
            curve = {"SBP": session.sbp, "DBP": session.dbp, "HR": session.hr}[each.signal]
            assert each.peak <= curve.max() and each.peak >= curve[cohort.BEFORE_S]
        assert {(each.signal, each.level) for each in sampled(session, SET)} <= {
            (each.signal, each.level) for each in latent(session, SET)
        }
        assert readings(session, SET) is not None


def test_what_is_printed_says_what_it_is(found, capsys):
    said = text(found)
    assert "not clinical performance" in said and "seed 5" in said and "vasovagal" in said
    with pytest.raises(SystemExit):
        cli.main(["evaluate", "--sessions", "2", "--seed", "4", "--json"])
    given = json.loads(capsys.readouterr().out)
    assert given["sessions"] == 2 and "not clinical performance" in given["about"]
    assert len(as_json(found)["scores"]) == len(found.scores)
    with pytest.raises(SystemExit) as leaving:
        cli.main(["evaluate", "--part", "all"])
    assert leaving.value.code == 2


def test_the_page_of_figures_names_its_seed_and_says_that_they_are_not_clinical():
    written = DOCS.read_text()
    assert "not clinical performance" in written and "seed 1" in written and "Mix:" in written
