"""Technical conditions at the exact limits of the clinical definition, section 3.7."""

import pytest

from dashboard.alarms.conditions import (
    HIGH,
    LOW,
    MEDIUM,
    Freshness,
    cuff_conditions,
    link_conditions,
    rate_conditions,
    without_consequences,
)
from devices.instant import MINUTE, SECOND


def priorities(conditions):
    return [each.priority for each in conditions]


@pytest.mark.parametrize(
    ("age_s", "expected"), [(0, []), (10, []), (10.001, [LOW]), (30, [LOW]), (30.001, [MEDIUM]), (600, [MEDIUM])]
)
def test_a_rate_read_each_second(age_s, expected):
    now = 1_000 * SECOND
    assert priorities(rate_conditions(Freshness(now - round(age_s * SECOND)), now)) == expected


@pytest.mark.parametrize(("age_s", "expected"), [(179, []), (181, [LOW]), (360, [LOW]), (361, [MEDIUM])])
def test_a_slow_source_is_given_three_and_six_of_its_own_intervals(age_s, expected):
    now = 10_000 * SECOND
    assert priorities(rate_conditions(Freshness(now - age_s * SECOND, 60 * SECOND), now)) == expected


def test_a_rate_that_never_came_is_no_alarm():
    assert rate_conditions(Freshness(None), 10**12) == []


@pytest.mark.parametrize(("age_min", "expected"), [(7, []), (7.01, [LOW]), (12, [LOW]), (12.01, [MEDIUM])])
def test_a_five_minute_cuff(age_min, expected):
    now = 1_000 * MINUTE
    assert priorities(cuff_conditions(now - round(age_min * MINUTE), 0, 5 * MINUTE, now)) == expected


def test_a_cuff_that_never_measured_counts_from_the_session_start():
    conditions = cuff_conditions(None, 0, 5 * MINUTE, 8 * MINUTE)
    assert [(each.key, each.priority, each.text) for each in conditions] == [
        ("cuff-overdue", LOW, "Cuff overdue: no measurement yet")
    ]


@pytest.mark.parametrize(("age_s", "expected"), [(10, []), (11, [MEDIUM]), (60, [MEDIUM]), (61, [HIGH])])
def test_a_silent_link(age_s, expected):
    now = 1_000 * SECOND
    assert priorities(link_conditions(Freshness(now - age_s * SECOND), 0, now)) == expected


def test_a_silent_monitor_explains_its_missing_rate_but_not_the_overdue_cuff():
    now = 1_000 * MINUTE
    conditions = without_consequences(
        link_conditions(Freshness(now - 2 * MINUTE), 0, now)
        + rate_conditions(Freshness(now - 2 * MINUTE), now)
        + cuff_conditions(now - 9 * MINUTE, 0, 5 * MINUTE, now)
    )
    assert sorted(conditions) == ["cuff-overdue", "no-data"]
