"""The whole way in a real browser: two screens of one clinic, a session, an alarm, and a server that hangs or dies."""

import os
import signal

import pytest
from clinic import S
from served import covered, screen, see, until

from dashboard.store import queries
from devices import instant

pytestmark = pytest.mark.browser


def high_pressure(clinic):
    return clinic.alarm(clinic.beds[0], instant.now(), text="SBP 168, limit 165", value=168.0, threshold=165.0)


@pytest.mark.timeout(180)
def test_a_session_and_an_alarm_on_two_screens(browser, dashboard, clinic):
    wall, other = screen(browser, dashboard), screen(browser, dashboard)
    for page in (wall, other):
        see(page, "124/78")

    nurse = screen(browser, dashboard, "/session")
    nurse.get_by_label("Your name, as it shall stand in the record").fill("A. Meyer RN")
    nurse.get_by_role("button", name="Begin shift").click()
    see(nurse, "Start a session")
    nurse.get_by_test_id("stButtonGroup").get_by_text("Bed 1").click()
    nurse.get_by_label("Patient, first identifier (initials or name)").fill("K. L.")
    nurse.get_by_label("Second identifier (birth date or record number)").fill("1981-02-03")
    nurse.get_by_text("I have compared both identifiers").click()
    nurse.get_by_role("button", name="Start session").last.click()
    see(nurse, "The session on Bed 1 has started")
    for page in (wall, other):
        see(page, "Baseline")

    nurse.get_by_text("Open the bed").click()
    nurse.wait_for_url("**/bed?bed=*")
    nurse.get_by_role("button", name="Start infusion").click()
    see(nurse, "Nobody has confirmed the test tone in this session")
    nurse.get_by_role("button", name="Record: start infusion").wait_for()
    nurse.wait_for_function("document.activeElement.closest('[role=dialog]') !== null")
    nurse.keyboard.press("Enter")
    see(nurse, "Start infusion, recorded at")
    nurse.get_by_role("button", name="Pause infusion").wait_for()
    nurse.keyboard.press("3")  # the key on the button: a note
    nurse.get_by_role("button", name="Nausea").wait_for()
    nurse.keyboard.press("1")
    see(nurse, "Nausea, recorded at")
    for page in (wall, other):
        see(page, "Infusion")

    alarm = high_pressure(clinic)
    for page in (wall, other):
        see(page, "168")
    # The walls have no name, so they do not offer to acknowledge; it comes from another screen and shows on both.
    assert wall.get_by_role("button", name="Acknowledge").count() == 0
    answer = nurse.request.post(
        f"{dashboard.address}/api/acknowledge", data={"token": dashboard.token("A. Meyer RN"), "alarm": alarm}
    )
    assert answer.json() == {"acknowledged": True}
    for page in (wall, other):
        see(page, "seen")
    for page in (wall, other, nurse):
        assert page.foreign == []  # a ward has no internet


@pytest.mark.timeout(180)
def test_a_nurse_acknowledges_on_the_bed_page_in_her_name(browser, dashboard, clinic):
    clinic.start(clinic.beds[0], instant.now() - 60 * S)
    alarm = high_pressure(clinic)
    nurse = screen(browser, dashboard, f"/bed?bed={clinic.beds[0]}")
    see(nurse, "168")
    assert nurse.get_by_role("button", name="Acknowledge").count() == 0
    nurse.get_by_role("button", name="Begin shift").click()
    nurse.get_by_label("Your name, as it shall stand in the record").fill("A. Meyer RN")
    nurse.get_by_role("button", name="Begin shift").last.click()
    nurse.get_by_role("button", name="Acknowledge").first.click(timeout=10_000)

    def acknowledged_by():
        with clinic.store.reading() as connection:
            return queries.alarm(connection, alarm).acknowledged_by

    until(lambda: acknowledged_by() == "A. Meyer RN", 5)
    nurse.reload()
    see(nurse, "On shift: A. Meyer RN")
    nurse.get_by_role("button", name="On shift: A. Meyer RN").click()
    nurse.get_by_role("button", name="End shift").click()
    see(nurse, "Without a name this screen shows")
    until(lambda: not [each for each in nurse.context.cookies() if each["name"].startswith("risewatch")], 5)


@pytest.mark.timeout(180)
def test_a_screen_covers_itself_when_server_or_watch_fall_silent(browser, dashboard, watch):
    wall = screen(browser, dashboard)
    see(wall, "124/78")
    assert not covered(wall)

    dashboard.process.send_signal(signal.SIGSTOP)
    until(lambda: covered(wall), 5)
    assert not wall.get_by_text("124/78").first.is_visible()
    dashboard.process.send_signal(signal.SIGCONT)
    until(lambda: not covered(wall), 4)

    watch.going.clear()
    until(lambda: covered(wall), 7)
    watch.going.set()
    until(lambda: not covered(wall), 4)

    dashboard.kill()
    until(lambda: covered(wall), 5)
    dashboard.start()
    until(lambda: not covered(wall), 20)
    see(wall, "124/78")


def test_the_page_ids_that_the_style_uses_are_there(browser, dashboard):
    wall = screen(browser, dashboard)
    see(wall, "Not a medical device")
    box = wall.locator("[data-testid=stMainBlockContainer]")
    assert box.count() == 1
    assert box.evaluate("each => getComputedStyle(each).maxWidth") == "none"
    assert box.evaluate("each => getComputedStyle(each).paddingLeft") == "16px"
    assert wall.locator("[data-testid=stAppViewContainer]").count() == 1
    assert os.environ.get("RISEWATCH_DATA")
