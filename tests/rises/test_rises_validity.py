"""Which cuff readings and rate samples count (clinical definition 3.6), at every edge of the table."""

import pytest
from rise_sessions import cuff, cuff_levels, cuffs, judged, kinds

from dashboard.rises.validity import Rejection, cuff_of, rate_is_valid, rejection, saturation_is_valid
from devices.reading import Reading, Status


def reason(sbp: float | None, dbp: float | None, mean: float | None = None, status: Status = Status.OK) -> str | None:
    by_name = {reading.signal: reading for reading in cuff(1, sbp, dbp, mean, status=status)}
    why = rejection(cuff_of(by_name.get("NIBP_SYS"), by_name.get("NIBP_DIA"), by_name.get("NIBP_MEAN")))
    return None if why is None else why.value


@pytest.mark.parametrize(
    ("sbp", "dbp", "why"),
    [
        (40, 30, None), (39.9, 25, "range"), (270, 200, None), (270.1, 200, "range"), (270, 200.1, "range"),
        (60, 20, None), (60, 19.9, "range"),
        (99.9, 89.9, None), (99.9, 90, "pulse-pressure"), (100, 85, None), (100, 85.1, "pulse-pressure"),
        (150, 135, None), (150, 135.1, "pulse-pressure"), (150.1, 120.1, None), (150.1, 120.2, "pulse-pressure"),
        (200, 170, None), (200, 170.1, "pulse-pressure"), (200.1, 150.1, None), (200.1, 150.2, "pulse-pressure"),
        (115.1, 100.1, None),  # 15 but for a rounding error of 1e-14
        (120, 120, "pulse-pressure"), (80, 120, "pulse-pressure"),
        (230, 120, None), (160, 132, "pulse-pressure"),
        (None, 80, "incomplete"), (120, None, "incomplete"),
    ],
)  # fmt: skip
def test_pressures(sbp: float | None, dbp: float | None, why: str | None) -> None:
    assert reason(sbp, dbp) == why


@pytest.mark.parametrize(("mean", "why"), [(81, None), (80, "mean"), (119, None), (120, "mean"), (0, "mean")])
def test_the_mean_lies_strictly_between(mean: float, why: str | None) -> None:
    assert reason(120, 80, mean) == why


@pytest.mark.parametrize("status", list(Status))
def test_statuses(status: Status) -> None:
    used = status in (Status.OK, Status.UNVERIFIED, Status.RANGE)
    if status is not Status.ZERO:
        assert (reason(120, 80, status=status) is None) is used
    assert rate_is_valid(70, status) is used
    assert saturation_is_valid(97, status) is used


def test_a_zero_is_a_number_out_of_range_so_that_its_high_partner_is_told() -> None:
    sys, _ = cuff(5, 190, 80)
    dia = Reading(sys.time, sys.received, "NIBP_DIA", None, "mmHg", Status.ZERO, "csv:NIBP_DIA")
    assert rejection(cuff_of(sys, dia, None)) is Rejection.RANGE
    assert "high-but-rejected" in kinds(judged([sys, dia]))


def test_a_mean_of_zero_contradicts_and_a_mean_without_value_is_absent() -> None:
    sys, dia = cuff(5, 120, 80)
    zero = Reading(sys.time, sys.received, "NIBP_MEAN", None, "mmHg", Status.ZERO, "csv:NIBP_MEAN")
    absent = Reading(sys.time, sys.received, "NIBP_MEAN", None, "mmHg", Status.INVALID, "csv:NIBP_MEAN")
    assert rejection(cuff_of(sys, dia, zero)) is Rejection.MEAN
    assert rejection(cuff_of(sys, dia, absent)) is None


@pytest.mark.parametrize(("value", "valid"), [(19.9, False), (20, True), (250, True), (250.1, False), (None, False)])
def test_rates(value: float | None, valid: bool) -> None:
    assert rate_is_valid(value, Status.OK) is valid


@pytest.mark.parametrize(("value", "valid"), [(29.9, False), (30, True), (100, True), (100.1, False)])
def test_saturations(value: float, valid: bool) -> None:
    assert saturation_is_valid(value, Status.OK) is valid


@pytest.mark.parametrize(
    ("sbp", "dbp", "told"),
    [(160, 132, True), (146, 140, True), (180, 155, True), (150, 109.9, False), (179, 151, True), (130, 118, True)],
)
def test_a_narrow_high_reading_asks_for_a_repeat(sbp: float, dbp: float, told: bool) -> None:
    assert ("high-but-rejected" in kinds(judged(cuffs([(5, sbp, dbp)])))) is told


def test_a_high_reading_is_told_by_the_highest_level_where_there_is_no_level_3() -> None:
    assert "high-but-rejected" in kinds(judged(cuffs([(5, 160, 132)]), "trial-limits"))


def test_a_reading_the_monitor_itself_doubts_is_no_implausible_high_one() -> None:
    analysis = judged(cuff(5, 190, 100, status=Status.QUESTIONABLE))
    assert kinds(analysis).count("reading-rejected") == 1 and "high-but-rejected" not in kinds(analysis)


def test_three_rejections_in_a_row_are_told_once_and_a_valid_one_starts_anew() -> None:
    bad = [(minute, 120, 115) for minute in (1, 2, 3, 4)]
    assert kinds(judged(cuffs(bad))).count("rejections") == 1
    assert kinds(judged(cuffs([*bad[:2], (2.5, 120, 80), *bad[2:]]))).count("rejections") == 0


def test_every_rejected_reading_is_told_with_its_reason() -> None:
    analysis = judged(cuffs([(5, 120, 115)]))
    (notice,) = [each for each in analysis.notices if each.kind == "reading-rejected"]
    assert notice.text == "Cuff reading 120/115 does not count: the pulse pressure is less than 15"


def test_a_limit_above_the_baseline_is_known_to_the_first_rejected_reading_after_the_start() -> None:
    rules = cuff_levels([{"signal": "SBP", "level": 3, "n_on": 1, "rise": 40}])
    assert "high-but-rejected" in kinds(judged(cuffs([(-5, 120, 80), (5, 160, 140)]), rules))
    assert "high-but-rejected" not in kinds(judged(cuffs([(-5, 120, 80), (5, 159, 140)]), rules))
