"""The monitors page in a real browser: counters go on by themselves, and the watch finds out what speaks on a port."""

import threading

import pytest
from served import SLOW, is_foreign, on_shift, see, still
from sqlalchemy import func, select

from dashboard.store import monitor_commands as commands
from dashboard.store import schema
from dashboard.store.monitor_commands import Action
from dashboard.watch.desk import Desk
from devices import catalogue, instant
from devices.virtual.bedside import PatientBedside
from devices.virtual.patient import named
from devices.virtual.server import VirtualMonitor

pytestmark = pytest.mark.browser


SENT = """window.sent = [];
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (...all) { window.sent.push(performance.now()); return send.apply(this, all); };"""
"""What the page asks of Streamlit: each run."""


class Watch(threading.Thread):
    """Counts frames, beats, and carries out what is asked for, as a watch does."""

    def __init__(self, clinic, folder):
        super().__init__(daemon=True)
        self.clinic, self.desk, self.stopped = clinic, Desk({"Bed 1": "loop://0"}, folder), threading.Event()

    def run(self):
        frames = 1_000
        while not self.stopped.wait(0.3):
            now = instant.now()
            frames += 3
            self.clinic.state(self.clinic.beds[0], frames=frames, bytes_in=frames * 20, last_frame=now)
            self.clinic.beat(now)
            self.desk.carry_out(self.clinic.store, now)
        self.desk.close()


@pytest.fixture
def monitor():
    start = instant.now()
    bedside = PatientBedside(named("typical", 1), start, None, first_cuff_after_s=1.0, cycle_s=60.0)
    running = VirtualMonitor(lambda: catalogue.create_device("masimo", bedside), "pty", name="m", start=start).start()
    yield running
    running.stop()


@pytest.fixture
def watch(clinic, tmp_path):
    made = Watch(clinic, tmp_path / "captures")
    made.start()
    yield made
    made.stopped.set()
    made.join(5)


def listen_on(page, port):
    """As a person would, who types no port into a page that is still being drawn."""
    box = page.get_by_label("Or another one")
    box.wait_for(state="visible", timeout=SLOW)
    still(page)
    box.fill(port)
    box.press("Enter")
    button = page.get_by_role("button", name=f"Listen on {port}")
    button.wait_for(state="visible", timeout=SLOW)
    still(page)
    button.click()


@pytest.mark.timeout(120)
def test_counters_go_on_and_a_port_is_listened_to_without_a_reload(browser, dashboard, monitor):
    page = browser.new_page(viewport={"width": 1280, "height": 1600})
    foreign = []
    page.on("request", lambda asked: foreign.append(asked.url) if is_foreign(asked.url, dashboard) else None)
    page.goto(dashboard.address + "/monitors")
    see(page, "connected")
    first = page.locator("td.n").nth(1).inner_text()
    page.wait_for_function(
        "first => document.querySelectorAll('td.n')[1].innerText !== first", arg=first, timeout=15_000
    )
    see(page, "/s")

    page.get_by_role("button", name="Begin shift").first.click()
    page.get_by_label("Your name, as it shall stand in the record").fill("A. Meyer RN")
    page.get_by_role("button", name="Begin shift").last.click()
    listen_on(page, monitor.url)
    see(page, "masimo speaks at 9600 8N1", 40_000)
    see(page, 'protocol = "masimo"')
    listen_on(page, "/dev/not-there")
    see(page, "/dev/not-there was not listened to: ")
    assert foreign == []


def drawn(browser, dashboard, clinic, **settings):
    """The page of somebody on shift, at the first bed, once all of it stands; `sent` counts the runs it asks for."""
    page = on_shift(browser, dashboard, clinic.store, "Ada", "/history", **settings)
    page.add_init_script(SENT)
    page.goto(f"{dashboard.address}/monitors?bed={clinic.beds[0]}")
    see(page, "Last notices")
    see(page, "Looked at")
    page.wait_for_timeout(3_000)  # it asked the watch to look, and draws what came of it
    still(page)
    return page


def runs(page):
    return page.evaluate("window.sent.length")


def looked_at(clinic, by):
    look = schema.monitor_command.c.action == Action.LOOK.value
    with clinic.store.reading() as connection:
        count = select(func.count()).where(look, schema.monitor_command.c.author == by)
        return connection.execute(count).scalar()


def another_looks(clinic):
    """Another technician has the watch look: what this page shows of the ports is out of date."""
    commands.ask_watch(clinic.store, Action.LOOK, author="Bob", now=instant.now())


def look_time(page):
    return page.get_by_text("Looking opens no port").inner_text()


@pytest.mark.timeout(120)
def test_while_nothing_changes_but_counters_the_page_is_not_run(browser, dashboard, clinic):
    page = drawn(browser, dashboard, clinic)
    before, frames = runs(page), page.locator("td.n").nth(1).inner_text()
    page.wait_for_timeout(5_000)
    assert runs(page) == before
    assert page.locator("td.n").nth(1).inner_text() != frames
    said = look_time(page)
    another_looks(clinic)
    page.wait_for_function("before => window.sent.length > before", arg=before, timeout=5_000)
    page.get_by_text(said).wait_for(state="detached", timeout=5_000)
    assert page.errors == []


@pytest.mark.timeout(240)
def test_every_tap_is_carried_out_while_the_page_follows_what_others_do(browser, dashboard, clinic):
    page = drawn(browser, dashboard, clinic)
    before, begun = runs(page), looked_at(clinic, "Ada")
    taps = 24
    for tap in range(taps):
        another_looks(clinic)
        page.wait_for_timeout(60 * tap)  # so that a tap falls before, into and after the page's own run
        asked = looked_at(clinic, "Ada")
        page.get_by_role("button", name="Look again").click(timeout=SLOW)
        page.wait_for_timeout(400)
        still(page)
        assert looked_at(clinic, "Ada") == asked + 1, f"tap {tap}"
    assert looked_at(clinic, "Ada") == begun + taps
    assert runs(page) > before + taps  # it did follow meanwhile
    assert page.errors == []


@pytest.mark.timeout(240)
def test_the_pages_own_runs_take_nothing_that_is_open_or_being_entered(browser, dashboard, clinic):
    page = drawn(browser, dashboard, clinic)
    page.get_by_label("Or another one").fill("/dev/ttyS9")
    page.get_by_label("Or another one").press("Enter")
    page.get_by_role("button", name="Listen on /dev/ttyS9").click(timeout=SLOW)
    see(page, "/dev/ttyS9 was not listened to: ")
    log = page.get_by_text("Who did what with ports and beds")
    log.click()
    see(page, "Ada: had /dev/ttyS9 listened to")
    box, said = page.get_by_label("Or another one"), look_time(page)
    box.fill("")
    before = runs(page)
    for letter in "/dev/serial/by-id/x":
        another_looks(clinic)
        box.press_sequentially(letter)
        page.wait_for_timeout(300)
    assert (box.input_value(), runs(page)) == ("/dev/serial/by-id/x", before)
    box.press("Tab")
    page.get_by_text(said).wait_for(state="detached", timeout=8_000)
    assert box.input_value() == "/dev/serial/by-id/x"
    commands.switch_capture(clinic.store, clinic.beds[0], True, author="Bob", now=instant.now())
    see(page, "Bob: switched the capture of Bed 1 on", 8_000)  # the list is still open, and goes on
    page.wait_for_function("document.querySelector('[data-testid=stCheckbox] input').checked", timeout=8_000)
    assert page.errors == []
