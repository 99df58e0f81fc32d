"""One real browser for all tests that need one. Without it they are skipped, with the reason; in CI that is a failure.

Browser tests run last: Playwright keeps an event loop running in the main thread, in which no other test could start
one of its own.
"""

import os
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

_skipped_browser_tests = []


@pytest.fixture(scope="session")
def chromium():
    """Debian's Chromium, driven by Playwright."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield running
        running.close()


class Browser:
    """Opens pages as a Playwright browser does, each with nothing remembered, and closes them all at the end."""

    def __init__(self, chromium):
        self._chromium = chromium
        self._contexts = []

    def new_page(self, **settings):
        context = self._chromium.new_context(**settings)
        self._contexts.append(context)
        return context.new_page()

    def close(self):
        for context in self._contexts:
            context.close()


@pytest.fixture
def browser(chromium):
    opened = Browser(chromium)
    yield opened
    opened.close()


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def pytest_runtest_logreport(report):
    if report.skipped and "browser" in report.keywords:
        _skipped_browser_tests.append(report.nodeid)


def pytest_sessionfinish(session, exitstatus):
    if os.environ.get("CI") and _skipped_browser_tests:
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter):
    if os.environ.get("CI") and _skipped_browser_tests:
        terminalreporter.section("browser tests were skipped in CI", red=True, bold=True)
        for each in _skipped_browser_tests:
            terminalreporter.line(each)


@pytest.fixture
def silent_chromium(chromium):
    """A Chromium that gives no sound before a person has touched the page."""
    arguments = [*ARGUMENTS, "--autoplay-policy=document-user-activation-required"]
    running = chromium.browser_type.launch(executable_path=str(CHROMIUM), args=arguments)
    yield running
    running.close()
