"""The page's one stream: the cover over a page that is not kept up to date, and readings that come once and all."""

import time

import pytest
from waiting import until

pytestmark = pytest.mark.browser

COVERED = "document.querySelector('.rw-cover') && !document.querySelector('.rw-cover').hidden"
READ = "document.querySelector('.rw-cell .rw-hr .rw-value')?.textContent.match(/^[0-9]/)"
SEEN = "getComputedStyle(document.querySelector('.rw-cell .rw-hr .rw-value')).visibility"


def opened(page, running):
    page.goto(running.url + "/?stay=1")
    page.wait_for_function(READ)


def test_a_silent_server_covers_the_page_and_its_numbers_and_a_speaking_one_uncovers_it(page, served):
    opened(page, served)
    assert not page.evaluate(COVERED)
    served.fake.speaking = False
    silent = time.monotonic()
    page.wait_for_function(COVERED, timeout=4_000)
    assert 2 < time.monotonic() - silent < 4
    assert "NOT MONITORING" in page.locator(".rw-cover").inner_text()
    assert "Look at the bedside monitor" in page.locator(".rw-cover").inner_text()
    assert page.evaluate(SEEN) == "hidden"
    assert "Not live" in page.locator(".rw-liveage").inner_text()
    served.fake.speaking = True
    page.wait_for_function(f"!({COVERED})")
    assert page.evaluate(SEEN) == "visible"


def test_a_watch_that_does_not_run_covers_the_page_though_the_server_speaks(page, served):
    opened(page, served)
    served.fake.watch = {"state": "stopped", "age": 65_000, "version": "0", "mode": "live"}
    page.wait_for_function(COVERED, timeout=3_000)
    assert "The watch has been stopped: last heard 65 s ago" in page.locator(".rw-cover").inner_text()
    served.fake.watch = {"state": "stalled", "age": 4_000, "version": "0", "mode": "live"}
    page.wait_for_function("document.querySelector('.rw-cover').innerText.includes('stopped responding')")
    served.fake.watch = {"state": "running", "age": 200, "version": "0", "mode": "live"}
    page.wait_for_function(f"!({COVERED})")


def test_a_refused_screen_says_why(page, served):
    opened(page, served)
    served.fake.token = "another"
    served.fake.drop()
    page.wait_for_function("document.querySelector('.rw-cover')?.innerText.includes('reload the page')")
    served.fake.token = "good"
    page.wait_for_function(f"!({COVERED})")


def test_no_reading_is_missing_or_doubled_after_a_reconnection(page, served):
    opened(page, served)
    page.evaluate("""() => {
      window.seen = [];
      window.risewatchHub.subscribe(window.risewatchHub.token, (kind, detail) => {
        if (kind !== "readings" || detail.bed !== 1) return;
        window.seen.push(...detail.rows.map(([signal, time]) => [signal, time]));
      });
    }""")
    page.wait_for_function("window.seen.length >= 2")
    for _ in range(2):
        before = page.evaluate("window.seen.length")
        served.fake.drop()
        page.wait_for_function("before => window.seen.length >= before + 2", arg=before)
    seen = [tuple(each) for each in page.evaluate("window.seen")]
    assert len(seen) >= 6
    assert len(set(seen)) == len(seen)
    sent = [(signal, at) for signal, at, *_ in served.fake.sent[1]]
    first, last = min(at for _, at in seen), max(at for _, at in seen)
    assert sorted(seen) == sorted(each for each in sent if first <= each[1] <= last)


def test_one_stream_is_open_and_none_after_the_view_is_left(page, served):
    opened(page, served)
    page.evaluate("window.remount()")
    until(page, lambda: len(served.fake._queues) == 1)
    assert page.locator(".rw-wall").count() == 1
    page.evaluate("document.getElementById('host').dispatchEvent(new CustomEvent('risewatch-leave'))")
    page.wait_for_function("document.querySelectorAll('.rw-wall').length === 0")
    served.fake.send("beat", {"server": time.time() * 1000, "watch": served.fake.watch})
    until(page, lambda: not served.fake._queues)
    page.evaluate("window.risewatchHub.arrived -= 10000")
    page.wait_for_timeout(600)
    assert not page.evaluate(COVERED)
