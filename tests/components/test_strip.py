"""The strip of a page without a live view, in a real browser: an alarm is seen and heard, a stalled watch covers."""

import pytest
from fake_scene import wall_scene
from fake_stream import Fake, Running, wall_ms

pytestmark = pytest.mark.browser


def opened(page, running):
    page.goto(running.url + "/?strip=1&stay=1&top=300")
    page.wait_for_function("window.risewatchHub && window.risewatchHub.beds.size > 0")
    page.wait_for_function("document.querySelector('.rw-strip-since').textContent !== ''")


def test_the_most_urgent_alarm_of_any_bed_is_seen_heard_and_one_tap_away(page, served):
    opened(page, served)
    line = page.locator(".rw-strip-alarm")
    page.wait_for_function("document.querySelector('.rw-strip-what').textContent.startsWith('Bed 2: ')")
    assert page.locator(".rw-strip-shape").inner_text() == "▲▲▲"
    assert "Bed 2" in page.locator("[aria-live=assertive]").inner_text()
    assert line.bounding_box()["height"] >= 48
    line.click()
    assert page.evaluate("window.triggers") == [["opened", 2]]
    page.wait_for_function("window.risewatchSound.bursts.some((each) => each.kind === 3)")
    page.wait_for_function("document.title.startsWith('▲▲▲ Bed 2')")


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_without_an_alarm_it_says_what_is_so_and_a_replays_is_none(page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    now = wall_ms()
    beds = wall_scene(now)[:3]
    high = wall_scene(now)[1].view["alarms"][0]
    for bed in beds:
        bed.view["alarms"] = []
    beds[2].view.update(mode="replay", alarms=[high])
    with Running(Fake(beds)) as running:
        opened(page, running)
        said = page.locator(".rw-strip-since")
        assert said.is_visible()
        assert said.inner_text() == "2 sessions, no alarm standing"
        assert said.evaluate("(e) => e.scrollWidth <= e.clientWidth")
        assert page.locator(".rw-strip-alarm").is_disabled()


@pytest.mark.parametrize("size", [(1440, 900), (1024, 768), (390, 844)])
def test_the_words_of_an_alarm_are_whole_beside_a_replay_and_their_coming_moves_nothing(page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    beds = wall_scene(wall_ms())
    high = beds[1].view["alarms"]
    for bed in beds:
        bed.view["alarms"] = []
    running_part = {"recording": "case 12", "start": 0, "end": 4_260_000, "speed": 10, "playing": True}
    beds[3].view.update(mode="replay", replay=running_part)
    place = "JSON.stringify(document.querySelector('.rw-strip').getBoundingClientRect())"
    with Running(Fake(beds)) as running:
        opened(page, running)
        page.evaluate("document.fonts.ready")
        before = page.evaluate(place)
        beds[1].view["alarms"] = high
        running.fake.told(beds[1])
        page.wait_for_function("document.querySelector('.rw-strip-what').textContent.startsWith('Bed 2: ')")
        cut = page.evaluate(
            """[...document.querySelectorAll(".rw-strip-what, .rw-strip-since, .rw-strip-alarm")]
               .filter((e) => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)
               .map((e) => e.className)"""
        )
        assert cut == []
        assert page.evaluate(place) == before


def test_a_stopped_watch_covers_the_page_and_a_form_can_be_finished_under_a_band_that_stays(page, served):
    opened(page, served)
    assert page.locator(".rw-cover").count() == 0
    served.fake.watch = {"state": "stalled", "age": 9_000, "version": "0", "mode": "live"}
    cover = page.locator(".rw-cover")
    cover.wait_for(state="visible")
    assert cover.bounding_box()["height"] > 700
    page.get_by_role("button", name="Go on with this page").click()
    assert cover.is_visible()
    assert cover.bounding_box()["height"] < 120
    assert "NOT MONITORING" in cover.inner_text()
    assert not page.locator(".rw-strip-alarm").is_visible()  # no old number beside it
    served.fake.watch = {"state": "running", "age": 0, "version": "0", "mode": "live"}
    cover.wait_for(state="hidden")


def test_the_cover_of_a_page_with_numbers_cannot_be_made_small(page, served):
    page.goto(served.url + "/?stay=1")
    page.wait_for_function("document.querySelectorAll('.rw-cell').length > 0")
    served.fake.watch = {"state": "stopped", "age": 9_000, "version": "0", "mode": "live"}
    page.locator(".rw-cover").wait_for(state="visible")
    assert not page.get_by_role("button", name="Go on with this page").is_visible()


def test_the_browser_keeps_the_shift_it_is_told_and_drops_only_that_one(page, served):
    name = "risewatch_shift_0badcafe"

    def told(shift):
        served.fake.shift = shift
        opened(page, served)
        return {each["name"]: each["value"] for each in page.context.cookies()}

    assert told({"name": name, "keep": "one.signed", "seconds": 3_600}) == {name: "one.signed"}
    assert told(None) == {name: "one.signed"}
    assert told({"name": name, "drop": "another.signed"}) == {name: "one.signed"}
    assert told({"name": name, "drop": "one.signed"}) == {}
