"""Who is on shift outlives a reload of the page in this browser, and nothing else does."""

import pytest
from clinic import S, T

from dashboard.access.people import begin_shift, end_shift, on_shift, remembered, to_remember
from dashboard.live.tokens import Shifts, Tokens

HOUR = 3_600 * S


@pytest.fixture
def shifts():
    return Shifts("a key")


def reloaded(told, shifts, now):
    """A page that is opened with the cookie it was told to keep."""
    state = {}
    remembered(state, shifts, {told["name"]: told["keep"]}, now)
    return state


def test_a_reload_keeps_the_name_and_the_beginning_of_the_shift(shifts):
    state = {}
    begin_shift(state, "A. Meyer RN", T)
    told = to_remember(state, shifts, T + HOUR)
    assert told["seconds"] == 11 * 3_600
    assert on_shift(reloaded(told, shifts, T + 2 * HOUR), T + 2 * HOUR) == on_shift(state, T + 2 * HOUR)


def test_a_shift_is_over_after_twelve_hours_whatever_the_browser_kept(shifts):
    state = {}
    begin_shift(state, "A. Meyer RN", T)
    assert reloaded(to_remember(state, shifts, T), shifts, T + 12 * HOUR) == {}


def test_a_cookie_of_another_store_or_of_nobody_is_nothing(shifts):
    for text in ("", "A. Meyer RN", Shifts("another").issue("A. Meyer RN", T), Tokens("a key").issue("A. Meyer RN", T)):
        state = {}
        remembered(state, shifts, {shifts.cookie: text}, T)
        assert state == {}


def test_an_ended_shift_is_dropped_and_does_not_come_back(shifts):
    state = {}
    begin_shift(state, "A. Meyer RN", T)
    kept = to_remember(state, shifts, T)
    end_shift(state)
    assert to_remember(state, shifts, T)["drop"] == kept["keep"]
    # What the page was opened with still lies in its request.
    remembered(state, shifts, {kept["name"]: kept["keep"]}, T + S)
    assert on_shift(state, T + S) is None


def test_a_page_without_a_shift_touches_no_other_tabs_cookie(shifts):
    assert to_remember({}, shifts, T) is None


def test_a_cookie_opens_no_live_route(shifts):
    with pytest.raises(Exception, match="not known here"):
        Tokens("a key").read(shifts.issue("A. Meyer RN", T), T)
