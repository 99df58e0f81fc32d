"""The worked examples of the clinical definition, 3.12 and 3.13, with every variant."""

import pytest
from rise_sessions import EXAMPLE_A, EXAMPLE_B, changed, cuffs, judged, kinds, rates, seconds, told

A = {
    ("SBP", 1): (20, 27, 184, 40, 85, 90, "transient"),
    ("SBP", 2): (30, 35, 184, 40, 70, 75, "transient"),
    ("SBP", 3): (40, 40, 184, 40, 55, 60, "transient"),
    ("DBP", 1): (20, 27, 104, 40, 70, 75, "transient"),
    ("DBP", 2): (35, 40, 104, 40, 50, 55, "transient"),
}


def test_example_a() -> None:
    analysis = judged(cuffs(EXAMPLE_A))
    assert told(analysis) == A
    assert {s: (b.value, b.n, b.status) for s, b in analysis.baselines.items()} == {
        "SBP": (120, 3, "ok"),
        "DBP": (76, 3, "ok"),
        "HR": (None, 0, "none"),
    }
    limits = {(r.episode.signal, r.episode.level): (r.episode.threshold, r.episode.clear) for r in analysis.rises}
    assert limits == {
        ("SBP", 1): (140, 130),
        ("SBP", 2): (160, 150),
        ("SBP", 3): (180, 170),
        ("DBP", 1): (91, 86),
        ("DBP", 2): (100, 95),
    }
    assert "reading-rejected" in kinds(analysis)  # 146/140 at 25 min
    assert "high-but-rejected" in kinds(analysis)  # its 140 is above the DBP level 3 of 110


def test_example_a_is_listed_by_confirmed_then_priority_then_signal() -> None:
    analysis = judged(cuffs(EXAMPLE_A))
    assert [(r.episode.signal, r.episode.level) for r in analysis.rises] == [
        ("SBP", 1), ("DBP", 1), ("SBP", 2), ("SBP", 3), ("DBP", 2),
    ]  # fmt: skip


def test_example_a_ending_at_72_leaves_three_unresolved() -> None:
    found = told(judged(cuffs(EXAMPLE_A), session_end=72))
    for key in (("SBP", 1), ("SBP", 2), ("DBP", 1)):
        assert found[key] == (*A[key][:4], None, None, "unresolved")
    assert found["SBP", 3] == A["SBP", 3]
    assert found["DBP", 2] == A["DBP", 2]


def test_example_a_with_x_off_40_sustains_only_sbp_level_1() -> None:
    found = told(judged(cuffs(EXAMPLE_A), changed("adult-iv", x_off_min=40)))
    assert found == A | {("SBP", 1): (*A["SBP", 1][:6], "sustained_returned")}


def test_example_a_with_trial_limits() -> None:
    assert told(judged(cuffs(EXAMPLE_A), "trial-limits")) == {
        ("SBP", 2): (40, 40, 184, 40, 50, 55, "transient"),
        ("DBP", 2): (35, 35, 104, 40, 50, 55, "transient"),
    }


def test_example_a_with_clinic_limits() -> None:
    assert told(judged(cuffs(EXAMPLE_A), "clinic-165-100")) == {
        ("SBP", 2): (35, 35, 184, 40, 60, 65, "transient"),
        ("DBP", 2): (35, 35, 104, 40, 50, 55, "transient"),
        ("SBP", 3): (40, 40, 184, 40, 55, 60, "transient"),
    }


def test_example_a_with_cardiac_risk_and_a_gap_of_12() -> None:
    found = told(judged(cuffs(EXAMPLE_A), changed("cardiac-risk", max_gap_min=12)))
    assert {key: (row[0], row[4], row[5]) for key, row in found.items()} == {
        ("SBP", 1): (10, 90, 95),
        ("SBP", 2): (27, 75, 85),
        ("SBP", 3): (30, 70, 75),
        ("DBP", 1): (10, 85, 90),
        ("DBP", 2): (15, 75, 85),
        ("DBP", 3): (35, 50, 55),
    }


def test_high_baseline_clears_at_the_baseline_itself() -> None:
    rows = [(-10, 158, 90), (-5, 158, 90), (5, 166, 90), (10, 167, 90), (15, 160, 90), (20, 158, 90), (25, 157, 90)]
    analysis = judged(cuffs(rows))
    assert told(analysis) == {("SBP", 2): (5, 10, 167, 10, 20, 25, "transient")}
    assert (analysis.rises[0].episode.threshold, analysis.rises[0].episode.clear) == (165, 158)
    assert not analysis.rises[0].episode.present_at_baseline
    assert "level-order" in kinds(analysis)  # level 2 at 165 lies below level 1 at 178


@pytest.mark.parametrize("step", [1, 5])
def test_example_b(step: int) -> None:
    analysis = judged(rates(EXAMPLE_B, step), infusion_end=40, session_end=100)
    found = [
        (r.episode.level, *map(seconds, (r.episode.onset, r.episode.confirmed)), r.episode.peak,
         *map(seconds, (r.episode.peak_time, r.episode.return_time, r.episode.declared)), r.outcome)
        for r in analysis.rises
    ]  # fmt: skip
    assert found == [
        (1, 720, 780, 131, 1800, 2520, 2580, "transient"),
        (2, 900, 930, 131, 1800, 2400, 2460, "transient"),
    ]
    assert (analysis.baselines["HR"].value, analysis.baselines["HR"].n) == (70, 60)
