"""Why a rise was flagged: every part by hand for the worked examples, and true to the detector for random sessions."""

import json
from pathlib import Path
from statistics import median

import pytest
from made_sessions import made
from rise_sessions import EXAMPLE_A, EXAMPLE_B, T0, Row, at, changed, cuffs, judged, minutes, rate, rates

from dashboard.cli import main
from dashboard.rises.analysis import Analysis, analyse
from dashboard.rises.criteria import EQUAL, Kind
from dashboard.rises.explanation import Explanation, NotExplained, explain
from dashboard.rises.explanation_words import as_json, headline, sentences
from dashboard.rises.streams import Change
from dashboard.rises.threshold_files import preset
from dashboard.rises.timeline import Timeline
from devices import instant
from devices.instant import MINUTE
from devices.reading import Status


def of(analysis: Analysis, signal: str, level: int) -> Explanation:
    rise = next(each for each in analysis.rises if (each.episode.signal, each.episode.level) == (signal, level))
    return explain(analysis, rise)


def points(values: object) -> list[tuple[float | None, float]]:
    return [(minutes(each.time), each.value) for each in values]  # type: ignore[attr-defined]


def told(explanation: Explanation, **more: bool) -> str:
    return "\n".join(sentences(explanation, lambda time: f"{(time - T0) / MINUTE:g}", **more))


def test_example_a_level_1_by_hand() -> None:
    found = of(judged(cuffs(EXAMPLE_A)), "SBP", 1)
    assert points(found.baseline.points) == [(-10, 124), (-5, 120), (0, 116)]
    assert (found.decided_by.kind, found.decided_by.setting, found.decided_by.gives) == (Kind.RISE, 20, 140)
    assert points(found.confirming) == [(20, 140), (27, 152)]
    assert (minutes(found.peak.time), found.peak.value, points(found.reached_again)) == (40, 184, [(45, 184)])
    assert points(found.returning) == [(85, 130), (90, 128)]
    assert [(minutes(each.first), each.said, each.why) for each in found.refused] == [
        (25, "146/140", "the pulse pressure is less than 15")
    ]
    assert minutes(found.deadline) == 130 and found.gaps == () and found.doubts == ()
    assert (found.thresholds.name, found.thresholds.hash) == ("adult-iv", preset("adult-iv").hash)
    assert told(found).splitlines() == [
        "Baseline 120 mmHg: the median of 124 (-10), 120 (-5), 116 (0).",
        "Threshold 140 mmHg: baseline + 20.",
        "Back at or below 130: 10 below the threshold.",
        "Onset 20, confirmed 27 by 2 readings in a row at or above 140 (2 needed): 140 (20), 152 (27).",
        "Peak 184 at 40 (reached again 45: of equal ones the earliest counts).",
        "Returned 85, declared 90 by 2 readings in a row at or below 130 (2 needed): 130 (85), 128 (90); "
        "back by 130, so it was transient.",
        "Not counted: 146/140 at 25, the pulse pressure is less than 15.",
        "64 mmHg over the baseline at the peak, 20 min from onset to peak, 55 min at or above the threshold, "
        "area above it 1071.0 mmHg·min.",
        "Fastest rise 3.2 mmHg per minute, from 35 to 40.",
        f"Thresholds adult-iv ({preset('adult-iv').hash[:8]}).",
    ]
    assert headline(found) == "SBP level 1: 184 mmHg at the peak, limit 140"


def test_which_criterion_set_the_limit() -> None:
    analysis = judged(cuffs(EXAMPLE_A))
    assert [(each.kind, each.gives) for each in of(analysis, "DBP", 2).criteria] == [("absolute", 100), ("rise", 101)]
    assert of(analysis, "DBP", 2).decided_by.kind == "absolute" and of(analysis, "SBP", 2).decided_by.kind == "rise"
    all_of = judged(cuffs(EXAMPLE_A), changed("adult-iv", combine="all"))
    assert of(all_of, "SBP", 2).decided_by.kind == "absolute"
    assert "the highest of its criteria (the other: baseline + 40 = 160)" in told(of(all_of, "SBP", 2))
    percent = judged(cuffs(EXAMPLE_A), changed("cardiac-risk", max_gap_min=12))
    assert told(of(percent, "SBP", 1)).splitlines()[1] == (
        "Threshold 138 mmHg: baseline + 15 %, the lowest of its criteria (the other: baseline + 20 = 140)."
    )


def test_example_b_names_epochs_and_bridged_gaps() -> None:
    found = of(judged(rates(EXAMPLE_B, 5)), "HR", 1)
    assert len(found.baseline.points) == 60 and len(found.confirming) == 12 and len(found.returning) == 12
    text = told(found)
    assert "the median of 60 epochs of 5 s from -5 to 0, 70 to 70" in text
    assert "by 12 epochs in a row at or above 90 (12 needed)" in text
    assert "Fastest rise 32 /min in 60 s (rapid)" in text


def test_a_high_baseline_says_why_the_way_back_is_short() -> None:
    rows: list[Row] = [
        (-10, 158, 88),
        (-5, 158, 88),
        (5, 166, 88),
        (10, 167, 88),
        (15, 160, 88),
        (20, 158, 88),
        (25, 157, 88),
    ]
    found = of(judged(cuffs(rows)), "SBP", 2)
    assert found.clear_is_baseline and "Back at or below 158: the baseline" in told(found)


def test_without_a_baseline_and_with_a_provisional_one() -> None:
    rows: list[Row] = [(5, 185, 90), (10, 186, 90)]
    assert told(of(judged(cuffs(rows)), "SBP", 3)).startswith("There was no SBP baseline, so only the absolute limit")
    single = of(judged(cuffs([(-5, 120, 76), *rows])), "SBP", 3)
    assert told(single).startswith("Baseline 120 mmHg, provisional: the single reading of -5.")


def test_an_open_rise_says_how_far_it_is_from_being_back() -> None:
    rows = [row for row in EXAMPLE_A if row[0] <= 85]
    found = of(judged(cuffs(rows), session_end=88), "SBP", 1)
    assert points(found.returning) == [(85, 130)]
    assert "The last value was 130 at 85, 1 of 2 at or below 130 in a row; not back when watching ended" in told(found)
    assert "The rise goes on: the last value was 130 at 85" in told(found, going_on=True)
    broken = of(judged(cuffs(rows), session_end=98), "SBP", 1)  # 13 min after it: no run goes on from there
    assert broken.returning == () and [(minutes(a), minutes(b)) for a, b in broken.gaps] == [(85, 98)]


def test_gaps_doubts_conflicts_and_rate_samples_on_the_way() -> None:
    rows: list[Row] = [(-10, 120, 76), (-5, 120, 76), (5, 165, 80), (10, 166, 80), (30, 150, 80), (30, 151, 80)]
    found = of(judged(cuffs(rows)), "SBP", 1)
    assert [(minutes(a), minutes(b)) for a, b in found.gaps] == [(10, 30), (30, 100)]
    assert [each.kind for each in found.doubts] == ["suspect-jump"]
    assert [each.why for each in found.refused] == ["another one of its time came later"]
    readings = rates([(-300, 0, 70), (0, 120, 95)], 5)
    readings += [rate(second + 1, 300) for second in range(60, 90, 5)] + [rate(92, None, status=Status.OFF)]
    readings += [rate(93, 96, status=Status.QUESTIONABLE)]
    refused = of(judged(readings, session_end=3), "HR", 1).refused
    assert [(each.count, each.said, each.why) for each in refused] == [
        (6, "300 to 300", "outside 20 to 250 /min"),
        (1, "no value", "the monitor marks it off"),
        (1, "96", "the monitor marks it questionable"),
    ]


def test_a_change_in_the_session_is_named_with_its_person_and_reason() -> None:
    stricter = changed("adult-iv", name="mine", x_off_min=30)
    made_by = Change(at(2), stricter, {"SBP": 125}, "Dr. C", "known hypertension")
    rows: list[Row] = [(-10, 120, 76), (-5, 120, 76), (5, 146, 80), (10, 147, 80), (15, 130, 78), (20, 129, 78)]
    analysis = analyse(cuffs(rows), Timeline(T0, at(12), None, at(60)), preset("adult-iv"), None, [made_by])
    text = told(of(analysis, "SBP", 1))
    assert "Baseline 125 mmHg, entered by hand by Dr. C (known hypertension)." in text
    assert f"Thresholds mine ({stricter.hash[:8]}), in force from 2 by Dr. C (known hypertension)." in text
    assert "back by 42, so it was transient" in text
    at_the_start = judged(cuffs(rows), manual={"SBP": 122})
    assert "Baseline 122 mmHg, entered by hand." in told(of(at_the_start, "SBP", 1))


def test_a_limit_that_the_baseline_passes_is_said_to_be_no_rise() -> None:
    rows: list[Row] = [(-10, 170, 90), (-5, 170, 90), (5, 171, 90), (10, 172, 90)]
    assert "a limit notice, not counted as a rise" in told(of(judged(cuffs(rows)), "SBP", 2))


def test_another_sessions_rise_is_not_explained() -> None:
    rise = judged(cuffs(EXAMPLE_A)).rises[0]
    with pytest.raises(NotExplained):
        explain(judged(rates(EXAMPLE_B, 5)), rise)


@pytest.mark.parametrize("first", range(0, 80, 20))
def test_what_is_explained_is_what_the_definition_asks_for(first: int) -> None:
    """On sessions full of ties: runs, peak and baseline as 3.2 to 3.4 define them, from the values named alone."""
    seen = 0
    for seed in range(first, first + 20):
        session = made(seed)
        timeline = Timeline(T0, session.infusion_end, None, session.session_end)
        analysis = analyse(session.readings, timeline, session.thresholds)
        for rise in analysis.rises:
            episode, found = rise.episode, explain(analysis, rise)
            seen += 1
            assert len(found.confirming) == found.needed
            assert all(each.value >= episode.threshold - EQUAL for each in found.confirming)
            assert (found.confirming[0].time, found.confirming[-1].known) == (episode.onset, episode.confirmed)
            assert (found.peak.time, found.peak.value) == (episode.peak_time, episode.peak)
            assert found.decided_by.gives == episode.threshold
            if episode.baseline is not None:
                assert median(each.value for each in found.baseline.points) == episode.baseline
            assert all(each.value <= episode.clear + EQUAL for each in found.returning)
            if episode.return_time is None:
                assert len(found.returning) < found.needed_back
            else:
                assert len(found.returning) == found.needed_back
                assert (found.returning[0].time, found.returning[-1].known) == (episode.return_time, episode.declared)
            assert found.annotations.area >= 0 and found.annotations.onset_to_peak >= 0
            assert bool(found.gaps) >= episode.gap
            assert json.dumps(as_json(found)) and all(sentences(found, str))
    assert seen > 20


def test_flag_explains_each_rise_in_text_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.csv"
    lines = [f"{instant.format(at(row[0]))},{row[1]},{row[2]}" for row in EXAMPLE_A]
    path.write_text("\n".join(["time,NIBP_SYS,NIBP_DIA", *lines]) + "\n")
    ends = ["--infusion-start", "2026-03-01T10:00:00Z", "--infusion-end", "2026-03-01T10:40:00Z"]

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["flag", str(path), *ends, *arguments])
        assert ended.value.code in (0, None)
        return capsys.readouterr().out

    assert "Why" not in run() and "the median of" not in run()
    text = run("--explain")
    assert text.count("Baseline 120 mmHg: the median of 124 (-10.0 min)") == 3 and text.count("Thresholds ") == 6
    plain, explained = json.loads(run("--json")), json.loads(run("--json", "--explain"))
    for bare, rise in zip(plain["rises"], explained["rises"], strict=True):
        assert {key: value for key, value in rise.items() if key != "explanation"} == bare
    first = explained["rises"][0]["explanation"]
    assert first["baseline"]["readings"][0] == {"time": "2026-03-01T09:50:00.000Z", "value": 124}
    assert first["criteria"] == [{"criterion": "rise", "setting": 20, "gives": 140, "decided": True}]
    assert [each["value"] for each in first["confirmed_by"]] == [140, 152] and first["deadline"].startswith(
        "2026-03-01T12:10"
    )
    assert first["rejected"][0]["reason"] == "the pulse pressure is less than 15"
    assert first["thresholds"]["hash"] == plain["thresholds"]["hash"]
