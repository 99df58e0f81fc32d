"""Which dialog is open is the page's to remember: a new run does not close it, another page does not begin with it."""

from types import SimpleNamespace

import pytest
from clinic import S
from served import SLOW, on_shift, still

from dashboard.sessions.events import EventKind
from dashboard.views import at_bed, bed_acts, frame
from devices import instant

pytestmark = pytest.mark.timeout(300)

DIALOG = "[data-testid=stDialog]"


@pytest.fixture
def sessions(clinic):
    made = [clinic.start(bed, instant.now() - 40 * 60 * S) for bed in clinic.beds]
    for session in made:
        clinic.event(session, EventKind.INFUSION_START, instant.now() - 30 * 60 * S)
    return made


@pytest.fixture
def state(monkeypatch):
    """What the page remembers."""
    kept = {}
    monkeypatch.setattr("streamlit.session_state", kept)
    return kept


def rested(page):
    """Until what was just asked for has been done; it is begun a moment after the key."""
    page.wait_for_timeout(300)
    still(page)


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/history", "/bed?bed={bed}"])
def test_the_shifts_dialog_outlives_a_new_run_and_is_closed_once(browser, dashboard, clinic, sessions, path):
    page = on_shift(browser, dashboard, clinic.store, "Ada", path.format(bed=clinic.beds[0]))
    dialog = page.locator(DIALOG)
    page.get_by_role("button", name="On shift: Ada").click(timeout=SLOW)
    dialog.wait_for(timeout=SLOW)
    rested(page)
    for _ in range(2):
        page.keyboard.press("r")  # Streamlit's own key: the page runs again
        rested(page)
    assert dialog.get_by_role("button", name="End shift").is_visible()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached", timeout=SLOW)
    rested(page)
    page.keyboard.press("r")
    rested(page)
    assert dialog.count() == 0
    page.get_by_role("button", name="On shift: Ada").click(timeout=SLOW)
    dialog.get_by_role("button", name="End shift").click(timeout=SLOW)
    page.get_by_role("button", name="Begin shift").wait_for(timeout=SLOW)
    rested(page)
    assert dialog.count() == 0
    assert page.errors == []


@pytest.mark.browser
def test_a_dialog_that_was_left_open_is_not_open_on_another_page_or_at_another_bed(
    browser, dashboard, clinic, sessions
):
    page = on_shift(browser, dashboard, clinic.store, "Ada", "/")
    dialog = page.locator(DIALOG)
    page.locator(".rw-cell").first.click(timeout=SLOW)
    page.get_by_role("button", name="Note").click(timeout=SLOW)
    dialog.wait_for(timeout=SLOW)
    page.go_back()
    page.locator(".rw-cell").nth(1).click(timeout=SLOW)
    page.get_by_role("button", name="Note").wait_for(timeout=SLOW)
    still(page)
    assert dialog.count() == 0
    assert page.errors == []


def test_the_question_after_an_alarm_waits_while_the_shift_is_handed_over(state):
    at = SimpleNamespace(bed=SimpleNamespace(id=1), now=lambda: 5)
    state[frame.OPEN] = frame.SHIFT_DIALOG
    bed_acts.owe_question(1)
    bed_acts.ask_after_alarm(at)
    assert state[frame.OPEN] == frame.SHIFT_DIALOG
    del state[frame.OPEN]
    bed_acts.ask_after_alarm(at)
    assert state[frame.OPEN] == bed_acts.AFTER_ALARM


def test_a_dialog_stays_open_on_its_own_page_alone(state):
    at_bed.turned_to(("bed", "1"))
    state[frame.OPEN] = "note"
    at_bed.turned_to(("bed", "1"))
    assert state[frame.OPEN] == "note"
    at_bed.turned_to(("bed", "2"))
    assert frame.OPEN not in state
