"""What-if on the thresholds page in a real browser: asked before saving, it ends, and its panels are drawn; and the
report of a session comes as a file."""

import re

import pytest
from served import is_foreign, see
from test_threshold_pages import finished_session

from dashboard.store import queries

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def finished(clinic):
    for day in range(8):
        finished_session(clinic, day)


@pytest.mark.timeout(180)
def test_the_answer_is_drawn_as_small_multiples_before_anything_is_saved(browser, dashboard, clinic):
    page = browser.new_page(viewport={"width": 1280, "height": 1400})
    page.set_default_timeout(60_000)
    foreign = []
    page.on("request", lambda asked: foreign.append(asked.url) if is_foreign(asked.url, dashboard) else None)
    page.goto(dashboard.address + "/thresholds")
    page.get_by_role("tab", name="New version").click()
    page.get_by_label("Your name, as it shall stand in the record").fill("Dr. Ruiz")
    page.get_by_role("button", name="Begin shift").last.click()
    page.get_by_text("What would this have flagged?").click()
    see(page, "8 sessions, 13.3 h watched", 60_000)
    figure = page.locator(".js-plotly-plot").last
    figure.wait_for()
    page.wait_for_function("document.querySelectorAll('.js-plotly-plot .subplot.xy').length > 0")
    # A panel a session; each shows its readings as points that no line joins, and a row of flags for each of two sets.
    assert figure.locator("g.annotation").count() == 8
    traces = figure.evaluate("node => node.data.map(each => [each.name, each.mode, each.x.length])")
    assert [mode for name, mode, _ in traces if name == "SBP"] == ["markers"] * 8
    assert {name for name, mode, _ in traces if mode == "lines+text"} == {"adult-iv, version 1", "as edited"}
    # Levels 1 and 2 begin together: each has a line of its own.
    assert figure.evaluate("node => new Set(node.data[1].y.filter(each => each !== null)).size") == 2
    assert page.locator("[data-testid=stProgress]").count() == 0  # it has ended
    with clinic.store.reading() as connection:
        assert [each.version for each in queries.threshold_versions(connection) if each.name == "adult-iv"] == [1]
    assert foreign == []


@pytest.mark.timeout(180)
def test_the_report_of_a_session_comes_as_a_file(browser, dashboard, tmp_path):
    page = browser.new_page(viewport={"width": 1280, "height": 1400}, accept_downloads=True)
    page.set_default_timeout(60_000)
    page.goto(dashboard.address + "/history?session=1")
    page.get_by_role("button", name="Make the report").click()
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "session-1-report.html"
    path = tmp_path / "session.html"
    download.value.save_as(path)
    content = path.read_text(encoding="utf-8")
    assert re.search(r"<title>Session report: .*session 1", content)
    page.goto(path.as_uri())
    see(page, "Why each rise was flagged")
