"""The real server and a made watch for tests in a browser, and what such tests do with a page again and again."""

import subprocess
import sys
import threading
import time

from clinic import reading
from test_server import free_port, until_healthy

from dashboard.live.tokens import Shifts, Tokens, token_key
from dashboard.store.database import open_store
from devices import instant

SLOW = 30_000
"""How long a page may take on a machine that is busy, in ms."""

NAME = "Your name, as it shall stand in the record"


class Watch(threading.Thread):
    """Writes what a watch would: readings and a heartbeat each second, until stopped."""

    def __init__(self, clinic):
        super().__init__(daemon=True)
        self.clinic, self.going, self.stopped = clinic, threading.Event(), threading.Event()
        self.going.set()

    def run(self):
        rate = 0
        while not self.stopped.wait(0.5):
            if not self.going.is_set():
                continue
            now = instant.now()
            for bed in self.clinic.beds:
                self.clinic.write(bed, reading("HR", now, 71.0 + rate % 2), reading("SPO2", now, 98.0))
            self.clinic.beat(now)
            rate += 1


class Dashboard:
    def __init__(self, folder):
        self.folder, self.port, self.process = folder, free_port(), None

    def start(self):
        # To a file: a pipe that nobody reads stops the server when it is full.
        written = self.folder / "dashboard.log"
        with written.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "dashboard.cli", "dashboard"),
                    *("--data", str(self.folder), "--port", str(self.port), "--no-browser"),
                ],
                stdout=log,
                stderr=log,
            )
        try:
            until_healthy(self.port, self.process)
        except AssertionError:
            raise AssertionError(written.read_text(encoding="utf-8")) from None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def token(self, who):
        store = open_store(self.folder)
        issued = Tokens(token_key(store)).issue(who, instant.now())
        store.close()
        return issued

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"


def screen(browser, dashboard, path="/", **settings):
    """A page at `path`; what it asks of any other host is in its `foreign`."""
    page = blank(browser, dashboard, **settings)
    page.goto(dashboard.address + path)
    return page


def on_shift(browser, dashboard, store, name, path="/", **settings):
    """A page of a browser that remembers the shift: how it is begun has a test of its own."""
    page = blank(browser, dashboard, **settings)
    remember_shift(page, dashboard, store, name)
    page.goto(dashboard.address + path)
    return page


def blank(browser, dashboard, **settings):
    page = browser.new_page(**{"viewport": {"width": 1280, "height": 900}, **settings})
    page.foreign, page.errors = [], []
    page.on("request", lambda asked: page.foreign.append(asked.url) if is_foreign(asked.url, dashboard) else None)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    return page


def remember_shift(page, dashboard, store, name):
    shifts = Shifts(token_key(store))
    kept = {"name": shifts.cookie, "value": shifts.issue(name, instant.now()), "url": dashboard.address}
    page.context.add_cookies([kept])


def is_foreign(url, dashboard):
    return not url.startswith((dashboard.address, f"ws://127.0.0.1:{dashboard.port}", "data:", "blob:"))


def see(page, text, timeout=SLOW):
    page.get_by_text(text).first.wait_for(state="visible", timeout=timeout)


def still(page):
    """Until the page has ended its run, has drawn all of it, and nothing on it moves into place any more."""
    page.wait_for_function(
        """() => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"
          && !document.querySelector("[data-stale=true], [data-testid=stSkeleton]")
          && document.getAnimations().every((each) => each.playState !== "running"
            || each.effect.getTiming().iterations === Infinity)""",
        timeout=SLOW,
    )
    page.evaluate("document.fonts.ready.then(() => true)")


def choose(page, label, option):
    """Chooses from a list. Streamlit's close when what they hang from is scrolled, which Playwright's click does right
    before it presses: so the field is brought into sight first, and the scrolling is over before it is pressed."""
    field = page.get_by_label(label, exact=True)
    still(page)  # an expander that is opening scrolls too
    field.scroll_into_view_if_needed()
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
    field.click()
    page.get_by_role("option", name=option, exact=True).click()


def covered(page):
    return page.get_by_text("NOT MONITORING").first.is_visible()


def until(condition, seconds):
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if condition():
            return time.monotonic() - began
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")
