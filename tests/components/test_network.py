"""The network between screen and server is cut and mended: covered meanwhile, and no reading missing or doubled."""

import time

import pytest
from fake_scene import SECOND
from fake_stream import wall_ms
from proxy import Network

pytestmark = pytest.mark.browser

COVERED = "!!document.querySelector('.rw-cover') && !document.querySelector('.rw-cover').hidden"
LISTEN = """() => {
  window.seen = [];
  window.risewatchHub.subscribe(window.risewatchHub.token, (kind, detail) => {
    if (kind !== "readings" || detail.bed !== 1) return;
    window.seen.push(...detail.rows.filter(([signal]) => signal === "HR").map(([, time, value]) => [time, value]));
  });
}"""


def opened(page, url):
    page.goto(url + "/?stay=1")
    page.wait_for_function("document.querySelector('.rw-cell .rw-hr .rw-value')?.textContent.match(/^[0-9]/)")


@pytest.fixture
def network(served):
    with Network(int(served.url.rsplit(":", 1)[1])) as made:
        yield made


def test_a_cut_network_covers_the_page_within_four_seconds_and_a_mended_one_uncovers_it(page, network):
    opened(page, network.url)
    assert not page.evaluate(COVERED)
    network.cut()
    began = time.monotonic()
    page.wait_for_function(COVERED, timeout=4_300)
    assert time.monotonic() - began < 4.3  # a beat may have come up to 250 ms before it was looked at
    assert "No word from the server" in page.locator(".rw-cover").inner_text()
    hidden = "[...document.querySelectorAll('.rw-value')].every((e) => getComputedStyle(e).visibility === 'hidden')"
    assert page.evaluate(hidden)
    network.mend()
    page.wait_for_function(f"!({COVERED})")
    assert not page.evaluate(hidden)


def test_two_hundred_readings_over_a_cut_network_come_once_each_and_all(page, served, network):
    opened(page, network.url)
    bed = served.fake.bed(1)
    bed.silent_since = wall_ms() - SECOND  # only the test's own readings
    page.wait_for_timeout(1_100)
    page.evaluate(LISTEN)
    base = wall_ms()

    def send(numbers):
        for number in numbers:
            row = ["HR", base + number, 60 + number % 40, "ok", "ge-dri:ecg.hr"]
            served.fake.send("readings", {"bed": 1, "rows": [row]})

    send(range(80))
    page.wait_for_function("window.seen.length === 80")
    network.cut()
    send(range(80, 120))  # while nobody hears
    time.sleep(0.5)
    network.mend()
    page.wait_for_function("window.seen.length === 120")
    served.fake.drop()  # and once more, by the server
    send(range(120, 200))
    page.wait_for_function("window.seen.length === 200")
    page.wait_for_timeout(500)
    seen = page.evaluate("window.seen")
    assert [each[0] for each in seen] == [base + number for number in range(200)]
    assert [each[1] for each in seen] == [60 + number % 40 for number in range(200)]
    page.wait_for_function("document.querySelector('.rw-cell .rw-hr .rw-value').textContent === '99'")
