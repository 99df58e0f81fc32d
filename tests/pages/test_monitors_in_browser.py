"""The monitors page in a real browser: counters go on by themselves, and the watch finds out what speaks on a port."""

import threading

import pytest
from served import is_foreign, see

from dashboard.watch.desk import Desk
from devices import catalogue, instant
from devices.virtual.bedside import PatientBedside
from devices.virtual.patient import named
from devices.virtual.server import VirtualMonitor

pytestmark = pytest.mark.browser


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
    box = page.get_by_label("Or another one")
    box.fill(monitor.url)
    box.press("Enter")
    page.get_by_role("button", name=f"Listen on {monitor.url}").click(timeout=15_000)
    see(page, "masimo speaks at 9600 8N1", 40_000)
    see(page, 'protocol = "masimo"')
    box.fill("/dev/not-there")
    box.press("Enter")
    page.get_by_role("button", name="Listen on /dev/not-there").click(timeout=15_000)
    see(page, "/dev/not-there was not listened to: ")
    assert foreign == []
