"""Each page in each of its states in a real browser: nothing there yet, live, with an alarm, without its database, and
with wrong input. The covered states have tests of their own; docs/screens/states.md says which test shows which."""

import os

import pytest
from clinic import Clinic, S, cuff
from served import NAME, SLOW, Dashboard, Watch, covered, on_shift, see, still

from dashboard.sessions.events import EventKind
from dashboard.store.database import FILE_NAME
from devices import instant

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

NURSE = "A. Meyer RN"
MIN = 60 * S

EMPTY = {
    "/": "No bed is configured yet",
    "/bed": "No bed is configured yet",
    "/session": "No bed is configured yet. Start the watch with a bed configuration",
    "/handover": "No session is open: there is nothing to hand over",
    "/thresholds": "shipped preset",
    "/replay": "Open a recording",
    "/importing": "Or choose one that is here",
    "/history": "There is no session yet",
    "/monitors": "No bed is configured yet. Find out below what speaks on which port",
}
LIVE = {
    "/": "124/78",
    "/bed?bed=1": "124/78",
    "/session": "With an open session: Bed 1",
    "/handover": "Not live: numbers go on at the bed",
    "/thresholds": "shipped preset",
    "/replay": "Nothing on this page is live",
    "/importing": "Nothing on this page is live",
    "/history": "Bed 1",
    "/monitors": "connected",
}
OWN_VIEW = ("/", "/bed?bed=1")


class Served:
    """A clinic, a watch and a server."""

    def __init__(self, folder, beds):
        self.folder, self.clinic = folder, Clinic(folder, beds)
        self.clinic.beat(instant.now())
        self.watch, self.dashboard = Watch(self.clinic), Dashboard(folder)

    def __enter__(self):
        self.watch.start()
        self.dashboard.start()
        return self

    def __exit__(self, *_error):
        self.watch.stopped.set()
        self.watch.join(5)
        self.dashboard.kill()
        self.clinic.store.close()

    def page(self, browser, path="/", **settings):
        page = on_shift(browser, self.dashboard, self.clinic.store, NURSE, path, **settings)
        page.set_default_timeout(SLOW)
        return page


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    with Served(tmp_path_factory.mktemp("empty"), 0) as made:
        yield made


@pytest.fixture
def running(tmp_path):
    """Two beds; at the first an infusion runs."""
    made, now = Served(tmp_path, 2), instant.now()
    session = made.clinic.start(made.clinic.beds[0], now - 45 * MIN)
    made.clinic.event(session, EventKind.INFUSION_START, now - 35 * MIN)
    for bed in made.clinic.beds:
        made.clinic.write(bed, *cuff(now - MIN, 124, 78, 93))
    with made:
        yield made


def test_a_page_with_nothing_to_show_says_so_and_is_live_all_the_same(browser, empty):
    page = empty.page(browser)
    for path, words in EMPTY.items():
        page.goto(empty.dashboard.address + path)
        see(page, words)
        see(page, "0 sessions, no alarm standing")
        page.wait_for_function("document.querySelector('.rw-liveage')?.textContent.startsWith('Live · ')")
        still(page)
        assert not covered(page), path
        assert page.get_by_test_id("stException").count() == 0, path
    assert page.errors == []


def test_every_page_is_live_and_shows_an_alarm_that_comes(browser, running):
    page = running.page(browser)
    for path, words in LIVE.items():
        page.goto(running.dashboard.address + path)
        see(page, words)
        page.wait_for_function("document.querySelector('.rw-liveage')?.textContent.startsWith('Live · ')")
        if path not in OWN_VIEW:
            see(page, "1 session, no alarm standing")
        still(page)
        assert not covered(page), path
    marked = {"/": ".rw-cell.rw-p3", "/bed?bed=1": ".rw-bar.rw-p3"}
    pages = []
    for path, words in LIVE.items():
        pages.append(running.page(browser, path))
        see(pages[-1], words)
        pages[-1].wait_for_function("window.risewatchHub?.watch?.state === 'running'")
    running.clinic.alarm(
        running.clinic.beds[0], instant.now(), priority=3, value=184.0, threshold=180.0, text="SBP 184, limit 180"
    )
    for path, each in zip(LIVE, pages, strict=True):
        line = each.locator(marked.get(path, ".rw-strip-alarm.rw-p3"))
        line.wait_for()
        assert "184 ≥ 180" in line.inner_text(), path
        each.wait_for_function("document.title.startsWith('▲▲▲ Bed 1')")
        assert each.errors == []


def test_without_its_database_no_page_pretends_to_monitor(browser, running):
    page = running.page(browser)
    see(page, "124/78")
    running.watch.stopped.set()
    running.watch.join(5)
    running.clinic.store.close()
    # With its index, without which a connection that is open shows what it has read before for as long as it likes.
    for name in (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"):
        if (running.folder / name).exists():
            with (running.folder / name).open("r+b") as file:
                file.write(bytes(os.fstat(file.fileno()).st_size))
    page.wait_for_function("document.querySelector('.rw-cover') && !document.querySelector('.rw-cover').hidden")
    assert not page.get_by_text("124/78").first.is_visible()
    for path in LIVE:
        page.goto(running.dashboard.address + path)
        see(page, "NOT MONITORING on this screen: the database cannot be read")
        see(page, "Not a medical device")
        if path not in OWN_VIEW:
            page.locator(".rw-cover-title").wait_for()
        assert "Traceback" not in page.locator(".stApp").inner_text()
        assert "sqlite" not in page.locator(".stApp").inner_text()


def test_wrong_input_is_answered_in_one_sentence_and_stays_to_be_corrected(browser, running, tmp_path):
    page = running.page(browser)
    address = running.dashboard.address

    def refused(path, act, sentence, kept=None, value=""):
        page.goto(address + path)
        still(page)
        act()
        see(page, sentence)
        assert page.get_by_test_id("stException").count() == 0
        if kept is not None:
            assert page.get_by_label(kept).first.input_value() == value

    def press(name):
        page.get_by_role("button", name=name).last.click()

    def start():
        page.get_by_test_id("stButtonGroup").get_by_text("Bed 2").click()
        page.get_by_label("Patient, first identifier (initials or name)").fill("K. L.")
        press("Start session")

    identifiers = "Two identifiers of the patient are needed"
    refused("/session", start, identifiers, "Patient, first identifier (initials or name)", "K. L.")

    def pressure():
        press("Cuff by hand")
        page.get_by_label("Systolic, mmHg").fill("80")
        page.get_by_label("Diastolic, mmHg").fill("120")
        press("Record cuff reading")

    refused("/bed?bed=1", pressure, "systolic", "Systolic, mmHg", "80")
    page.get_by_test_id("stDialog").get_by_test_id("stAlert").wait_for()
    refused("/bed?bed=99", lambda: None, "That bed is not configured here")

    def replay():
        page.get_by_label("Infusion start").fill("half past nine")
        page.get_by_label("Recording", exact=True).click()
        page.get_by_role("option", name="worked-example-a").click()
        press("Open the replay")

    refused("/replay", replay, "is neither an ISO 8601 time", "Infusion start", "half past nine")

    def version():
        page.get_by_role("tab", name="New version").click()
        press("Save as a new version")

    refused("/thresholds", version, "A new version needs its author and the reason for the change")
    refused("/history?session=999", lambda: None, "There is no such session")
    refused("/handover", lambda: press("Sign in and take over"), "Give your name as it shall stand in the record")

    words = tmp_path / "words.csv"
    words.write_text("just some words\nand more\n")
    upload = page.locator("input[type=file]").first
    refused("/importing", lambda: upload.set_input_files(str(words)), "is not a table that is understood")
    assert page.errors == []


def test_a_name_that_cannot_be_one_begins_no_shift(browser, running):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(running.dashboard.address + "/session")
    page.get_by_label(NAME).fill("  ")
    page.get_by_role("button", name="Begin shift").last.click()
    see(page, "Give your name as it shall stand in the record")
    see(page, "Say who you are to start a session")


def test_the_review_of_what_is_not_live_says_so_in_the_tab_and_wherever_one_scrolls(browser, running):
    with running.clinic.store.writing() as connection:
        connection.exec_driver_sql("UPDATE session SET mode = 'replay'")
    page = running.page(browser, "/history?session=1")
    mark = page.get_by_text("REPLAY: a recording, not a patient")
    mark.wait_for()
    page.get_by_text("What it came to").wait_for()
    page.wait_for_function("document.title.startsWith('REPLAY · ')")
    still(page)
    page.mouse.move(640, 600)
    page.mouse.wheel(0, 20_000)
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop > 300")
    seen = """(node) => { const box = node.getBoundingClientRect();
      return node.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)); }"""
    assert mark.evaluate(seen)
