"""In CI a browser test that was skipped is a failure: there the browser is installed, and must be used."""

import os

_skipped_browser_tests = []


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
