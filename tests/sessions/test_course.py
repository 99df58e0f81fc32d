"""A session's phase and timeline as its events tell them."""

import pytest

from dashboard.errors import SessionError
from dashboard.sessions.events import EventKind, Phase, SessionEvent, check_act, fold
from devices.instant import MINUTE

K = EventKind


def events(*pairs):
    """(kind, minutes) in the order of entry."""
    return [
        SessionEvent(number, kind, minute * MINUTE, minute * MINUTE, "Ada")
        for number, (kind, minute) in enumerate(pairs, 1)
    ]


def test_a_session_without_events_is_in_baseline():
    assert fold([], 40).phase is Phase.BASELINE


def test_start_pause_resume_stop():
    course = fold(
        events((K.INFUSION_START, 10), (K.INFUSION_PAUSE, 20), (K.INFUSION_RESUME, 25), (K.INFUSION_STOP, 55)), 40
    )
    assert course.phase is Phase.RECOVERY
    assert course.t0 == 10 * MINUTE
    assert course.infusion_end == 55 * MINUTE
    assert course.planned_end == 55 * MINUTE  # 10 + 40 planned + 5 of pause
    assert course.infused(60 * MINUTE) == 40 * MINUTE


def test_while_paused_the_infused_time_stands_still():
    course = fold(events((K.INFUSION_START, 0), (K.INFUSION_PAUSE, 12)), 40)
    assert course.phase is Phase.PAUSED
    assert course.infused(30 * MINUTE) == 12 * MINUTE


def test_a_second_start_does_not_move_t0_and_the_last_stop_is_the_end():
    course = fold(
        events((K.INFUSION_START, 0), (K.INFUSION_STOP, 20), (K.INFUSION_START, 30), (K.INFUSION_STOP, 50)), None
    )
    assert course.t0 == 0
    assert course.infusion_end == 50 * MINUTE
    assert course.infused(90 * MINUTE) == 40 * MINUTE


def test_a_stop_entered_while_paused_ends_the_pause():
    course = fold(events((K.INFUSION_START, 0), (K.INFUSION_PAUSE, 10), (K.INFUSION_STOP, 15)), 40)
    assert course.phase is Phase.RECOVERY
    assert course.infused(60 * MINUTE) == 10 * MINUTE


def test_a_restart_after_a_stop_runs_without_an_end():
    course = fold(events((K.INFUSION_START, 0), (K.INFUSION_STOP, 20), (K.INFUSION_START, 30)), 40)
    assert course.phase is Phase.INFUSION
    assert course.infusion_end is None
    assert course.planned_end == 50 * MINUTE


def test_an_event_entered_late_counts_at_its_own_time():
    late = [
        SessionEvent(1, K.INFUSION_START, 0, 0, "Ada"),
        SessionEvent(2, K.INFUSION_RESUME, 20 * MINUTE, 20 * MINUTE, "Ada"),
        SessionEvent(3, K.INFUSION_PAUSE, 10 * MINUTE, 25 * MINUTE, "Ada"),
    ]
    course = fold(late, 40)
    assert course.phase is Phase.INFUSION
    assert course.paused_before == 10 * MINUTE


@pytest.mark.parametrize(
    ("before", "kind", "sentence"),
    [
        ((), K.INFUSION_STOP, "not running"),
        ((), K.INFUSION_PAUSE, "not running"),
        (((K.INFUSION_START, 0),), K.INFUSION_START, "already running"),
        (((K.INFUSION_START, 0),), K.INFUSION_RESUME, "not paused"),
        (((K.SESSION_END, 5),), K.NOTE, "has ended"),
    ],
)
def test_acts_that_do_not_fit_are_refused(before, kind, sentence):
    with pytest.raises(SessionError, match=sentence):
        check_act(fold(events(*before), 40), kind, 6 * MINUTE, started=0, now=10 * MINUTE)


def test_an_act_in_the_future_is_refused():
    with pytest.raises(SessionError, match="future"):
        check_act(fold([], 40), K.INFUSION_START, 11 * MINUTE, started=0, now=10 * MINUTE)


def test_a_stop_before_the_start_is_refused():
    with pytest.raises(SessionError, match="before the infusion start"):
        check_act(fold(events((K.INFUSION_START, 10)), 40), K.INFUSION_STOP, 9 * MINUTE, started=0, now=20 * MINUTE)


@pytest.mark.parametrize(
    ("before", "kind", "minute"),
    [
        (((K.INFUSION_START, 10), (K.INFUSION_PAUSE, 20)), K.INFUSION_RESUME, 15),
        (((K.INFUSION_START, 10), (K.INFUSION_PAUSE, 20), (K.INFUSION_RESUME, 25)), K.INFUSION_STOP, 12),
        (((K.INFUSION_START, 10), (K.INFUSION_STOP, 30)), K.INFUSION_START, 20),
    ],
)
def test_an_act_before_the_one_it_follows_is_refused(before, kind, minute):
    """Told as recorded, it would leave the infusion paused, or stopped, behind the nurse's back."""
    with pytest.raises(SessionError, match="before the infusion's last"):
        check_act(fold(events(*before), 40), kind, minute * MINUTE, started=0, now=40 * MINUTE)


@pytest.mark.parametrize("minute", [-5, 20])
def test_a_session_does_not_end_before_its_beginning_or_its_infusion(minute):
    course = fold(events((K.INFUSION_START, 10), (K.INFUSION_STOP, 30)), 40)
    with pytest.raises(SessionError, match="cannot end before"):
        check_act(course, K.SESSION_END, minute * MINUTE, started=0, now=40 * MINUTE)
    check_act(course, K.SESSION_END, 30 * MINUTE, started=0, now=40 * MINUTE)
