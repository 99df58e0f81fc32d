"""The main job, end to end: one command, the wall within a minute, a rise flagged and acknowledged in the page."""

import re
import signal
import socket
import subprocess
import sys
import time

import pytest

from dashboard.store import queries
from dashboard.store.database import open_store
from devices import instant


def free_port():
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


@pytest.fixture
def demo(tmp_path):
    """The demonstration as a newcomer starts it, in a folder that is not the project's."""
    port = free_port()
    here = tmp_path / "anywhere"
    here.mkdir()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "dashboard.cli",
            "demo",
            "--no-browser",
            "--port",
            str(port),
            "--data",
            str(tmp_path / "d"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=here,
    )
    process.address = f"http://127.0.0.1:{port}"
    process.data = tmp_path / "d"
    process.begun = time.monotonic()
    yield process
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert "Traceback" not in said


def open_page(browser, address, patience_s=60):
    """The page at `address`, as soon as somebody serves it."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    deadline = time.monotonic() + patience_s
    while True:
        try:
            page.goto(address)
            return page
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)


def until(condition, patience_s):
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"not within {patience_s} s")


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_the_demonstration_shows_a_rise_that_is_acknowledged_on_every_screen(demo, browser):
    wall = open_page(browser, demo.address)
    wall.get_by_text("Bed 2", exact=True).first.wait_for(timeout=60_000)
    for name in ("Bed 1", "Bed 2", "Bed 3", "Bed 4"):
        wall.get_by_text(name, exact=True).first.wait_for(timeout=10_000)
    assert time.monotonic() - demo.begun < 60
    assert wall.get_by_text(re.compile("DEMO")).count() >= 3
    assert wall.get_by_text(re.compile("REPLAY")).count() >= 1

    before = wall.inner_text("body")
    until(lambda: wall.inner_text("body") != before, 10)

    # the strong-rise patient passes a limit of level 3 within two minutes of watching
    store = open_store(demo.data)
    opened = instant.now()

    def urgent():
        with store.reading() as connection:
            (bed,) = (bed for bed in queries.beds(connection) if bed.name == "Bed 2")
            session = queries.open_sessions(connection)[bed.id]
            passed = {rise.signal for rise in queries.rises(connection, session.id) if rise.confirmed > opened}
            found = queries.standing_alarms(connection)
        return [each for each in found if each.bed_id == bed.id and each.priority == 3 and each.signal in passed]

    alarm = until(urgent, 120)[0]
    wall.get_by_text(re.compile("BP DIA HIGH")).first.wait_for(timeout=5_000)
    other = open_page(browser, f"{demo.address}/bed?bed={alarm.bed_id}")
    nurse = open_page(browser, f"{demo.address}/bed?bed={alarm.bed_id}")
    nurse.get_by_role("button", name="Begin shift").click()
    nurse.get_by_label("Your name, as it shall stand in the record").fill("A. Meyer RN")
    nurse.get_by_role("button", name="Begin shift").last.click()
    nurse.get_by_role("button", name="Acknowledge").first.click(timeout=15_000)

    def acknowledged():
        with store.reading() as connection:
            return [
                each
                for each in queries.alarms_of(connection, alarm.session_id)
                if each.acknowledged_by == "A. Meyer RN"
            ]

    until(acknowledged, 5)
    other.get_by_text(re.compile("A. Meyer RN")).first.wait_for(timeout=10_000)
    store.close()
