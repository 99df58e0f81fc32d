"""An alarm that begins while a dialog is open: seen above it and acknowledged by touch and by keyboard, at every size
and on every kind of page; not a word of what is being typed is lost, and every button of the dialog is in reach."""

import pytest
from clinic import S
from served import SLOW, on_shift, see, still, until

from dashboard.sessions.events import EventKind
from dashboard.store import queries
from devices import instant

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

NURSE = "A. Meyer RN"
SIZES = {"station": (1920, 1080), "tablet": (1024, 768), "phone": (390, 844)}
DIALOG = "[data-testid=stDialog]"
WORDS = "slept, easily woken"

# The middle of an element is on the screen, and nothing lies over it.
TOUCHABLE = """(node) => { const box = node.getBoundingClientRect();
  const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return Boolean(at) && (node.contains(at) || at.contains(node)) && box.top >= 0 && box.bottom <= innerHeight; }"""


@pytest.fixture
def session(clinic):
    made = clinic.start(clinic.beds[0], instant.now() - 40 * 60 * S)
    clinic.event(made, EventKind.INFUSION_START, instant.now() - 30 * 60 * S)
    return made


def opened(browser, dashboard, clinic, path, size, **settings):
    settings |= {"viewport": {"width": SIZES[size][0], "height": SIZES[size][1]}, "reduced_motion": "reduce"}
    page = on_shift(browser, dashboard, clinic.store, NURSE, path, **settings)
    page.set_default_timeout(SLOW)
    page.wait_for_function("window.risewatchHub?.watch?.state === 'running'", timeout=SLOW)
    still(page)  # what is drawn late moves what is tapped
    return page


def note_begun(page):
    page.get_by_role("button", name="Note").click()
    field = page.locator(f"{DIALOG} textarea")
    field.click()
    field.press_sequentially(WORDS)
    return field


def high(clinic, bed, **more):
    return clinic.alarm(bed, instant.now(), priority=3, value=184.0, threshold=180.0, text="SBP 184, limit 180", **more)


def said(page, words):
    page.locator(".rw-shelf-told", has_text=words).wait_for()


def touchable(locator):
    return locator.evaluate(TOUCHABLE)


def acknowledged_by(clinic, alarm):
    with clinic.store.reading() as connection:
        return queries.alarm(connection, alarm).acknowledged_by


def notes(clinic, session):
    with clinic.store.reading() as connection:
        return [e.detail["text"] for e in queries.session_events(connection, session) if e.kind is EventKind.NOTE]


@pytest.mark.parametrize("size", SIZES)
def test_an_alarm_is_acknowledged_by_touch_while_a_note_is_written(browser, dashboard, clinic, session, size):
    touch = size != "station"
    page = opened(browser, dashboard, clinic, f"/bed?bed={clinic.beds[0]}", size, has_touch=touch)
    field = note_begun(page)
    said(page, "No alarm standing")
    place = "node => JSON.stringify(node.getBoundingClientRect())"
    before = field.evaluate(place)
    alarm = high(clinic, clinic.beds[0])
    said(page, "Bed 1: BP SYS HIGH")
    said(page, "184 ≥ 180 mmHg")
    cut = "e => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1"
    assert not page.locator(".rw-shelf-told").evaluate(cut)
    assert field.evaluate(place) == before  # nothing moved under the finger
    button = page.locator(".rw-shelf .rw-ack")
    assert touchable(button)
    assert button.bounding_box()["height"] >= 48
    if touch:
        button.tap()
    else:
        button.click()
    until(lambda: acknowledged_by(clinic, alarm) == NURSE, 20)
    said(page, f"seen by {NURSE}")
    button.wait_for(state="hidden")
    assert field.input_value() == WORDS
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    for each in page.locator(f"{DIALOG} button:visible, {DIALOG} input:visible").all():
        if each.get_attribute("aria-label") == "Dismiss":  # for screen readers alone
            continue
        each.scroll_into_view_if_needed()
        assert touchable(each), each.inner_text()
    page.get_by_role("button", name="Record note").click()
    until(lambda: notes(clinic, session) == [WORDS], 20)
    # What was done after the high alarm is asked when the hands are free.
    see(page, "high alarm acknowledged, what was done?", SLOW)
    assert page.errors == []


def test_by_keyboard_from_the_field_and_back_and_enter_records_nothing(browser, dashboard, clinic, session):
    page = opened(browser, dashboard, clinic, f"/bed?bed={clinic.beds[0]}", "tablet")
    field = note_begun(page)
    first, second = high(clinic, clinic.beds[0]), high(clinic, clinic.beds[0], key="rise DBP 3", signal="DBP")
    said(page, "+1")
    for alarm, words in ((first, "BP SYS HIGH"), (second, "BP DIA HIGH")):
        said(page, words)
        page.keyboard.press("F6")
        assert page.evaluate("document.activeElement.textContent") == "Acknowledge"
        page.keyboard.press("Enter")
        until(lambda alarm=alarm: acknowledged_by(clinic, alarm) == NURSE, 20)
        page.wait_for_function("document.activeElement.tagName === 'TEXTAREA'")
    assert field.input_value() == WORDS
    assert notes(clinic, session) == []
    page.keyboard.type(" since 10:40")
    assert field.input_value() == WORDS + " since 10:40"


def test_tab_goes_round_through_the_dialog_and_the_alarm(browser, dashboard, clinic, session):
    high(clinic, clinic.beds[0])
    page = opened(browser, dashboard, clinic, f"/bed?bed={clinic.beds[0]}", "tablet")
    note_begun(page)
    said(page, "184 ≥ 180 mmHg")
    seen = []
    for _ in range(24):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.textContent || document.activeElement.ariaLabel"))
        assert page.evaluate(f"document.activeElement.closest('{DIALOG}, .rw-shelf') !== null")
    assert seen.index("Acknowledge") < seen.index("Close")
    assert any(each.startswith("Record note") for each in seen)
    page.locator(f"{DIALOG} button[aria-label=Close]").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.textContent") == "Acknowledge"


@pytest.mark.parametrize("path", ["/", "/history", "/handover"])
@pytest.mark.parametrize("size", SIZES)
def test_every_kind_of_page_has_it_over_its_dialogs(browser, dashboard, clinic, session, path, size):
    page = opened(browser, dashboard, clinic, path, size)
    page.get_by_role("button", name=f"On shift: {NURSE}").click()
    page.locator(DIALOG).wait_for()
    alarm = high(clinic, clinic.beds[0])
    said(page, "Bed 1: BP SYS HIGH")
    button = page.locator(".rw-shelf .rw-ack")
    assert touchable(button)
    button.click()
    until(lambda: acknowledged_by(clinic, alarm) == NURSE, 20)
    assert page.locator(DIALOG).is_visible()
    assert touchable(page.get_by_role("button", name="End shift"))
    page.keyboard.press("Escape")
    page.locator(".rw-shelf").wait_for(state="detached")
    assert page.errors == []


def test_it_is_read_aloud_over_a_dialog_and_a_silent_watch_is_said_there(browser, dashboard, watch, clinic, session):
    page = opened(browser, dashboard, clinic, f"/bed?bed={clinic.beds[0]}", "tablet")
    note_begun(page)
    high(clinic, clinic.beds[0])
    said(page, "184 ≥ 180 mmHg")
    aloud = page.locator("[aria-live=assertive]")
    page.wait_for_function("document.querySelector('[aria-live=assertive]').textContent.includes('high alarm')")
    assert not aloud.evaluate("node => node.closest('[inert], [aria-hidden=true]') !== null")
    watch.going.clear()
    said(page, "NOT MONITORING")
    assert "184" not in page.locator(".rw-shelf").inner_text()
    watch.going.set()
    said(page, "184 ≥ 180 mmHg")


def test_without_a_name_the_alarm_is_shown_over_the_shifts_dialog_and_not_acknowledged(
    browser, dashboard, clinic, session
):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(dashboard.address + "/")
    page.get_by_role("button", name="Begin shift").click()
    field = page.locator(f"{DIALOG} input")
    field.fill("A. Mey")
    high(clinic, clinic.beds[0])
    said(page, "Bed 1: BP SYS HIGH")
    assert page.locator(".rw-shelf .rw-ack").is_hidden()
    assert field.input_value() == "A. Mey"
    assert touchable(field)
