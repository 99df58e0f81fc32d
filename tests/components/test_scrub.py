"""The slider of a replay, in a real browser: the page is drawn anew when the replay is no longer as its buttons say."""

import json
from urllib.parse import quote

import pytest
from fake_scene import wall_scene
from fake_stream import Fake, Running, wall_ms

pytestmark = pytest.mark.browser

SHOWN = {"playing": True, "speed": 60.0, "ended": False, "foreseen": 1}
APP = "document.querySelector('[data-testid=stApp]')"


@pytest.fixture
def replayed(page):
    """A replay of an hour at 60x in its tenth minute, as the page shows it; and its server."""
    beds = wall_scene(wall_ms())[:1]
    part = {"recording": "a.csv", "start": 0, "end": 3_600_000, "speed": 60, "playing": True, "foreseen": 1}
    beds[0].view.update(mode="replay", replay=part, clock={"at": 600_000, "wall": wall_ms(), "rate": 60})
    with Running(Fake(beds)) as running:
        page.goto(f"{running.url}/bed?bed={beds[0].id}&scrub={quote(json.dumps(SHOWN))}")
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<div data-testid=stApp></div>')")
        page.wait_for_function("document.querySelector('.rw-scrub-words')?.textContent.includes(' of 1:00:00')")
        yield running


def told(running, page, **replay):
    bed = running.fake.beds[0]
    bed.view["replay"] |= replay
    if "playing" in replay:
        bed.view["clock"] = {"at": 900_000, "wall": wall_ms(), "rate": 60 if replay["playing"] else 0}
    running.fake.told(bed)


def asked(page):
    return page.evaluate("window.triggers")


def now_shows(page, **shown):
    page.evaluate("(shown) => { component.data.shown = shown; remount(); }", SHOWN | shown)


@pytest.mark.parametrize(
    "change", [{"playing": False}, {"speed": 120}, {"foreseen": 2}], ids=["paused", "faster", "flags found"]
)
def test_what_another_screen_or_the_watch_changed_is_drawn_anew_once(page, replayed, change):
    page.wait_for_timeout(2_000)
    assert asked(page) == []
    told(replayed, page, **change)
    page.wait_for_function("window.triggers.length > 0")
    page.wait_for_timeout(2_500)  # a page that cannot follow is not run again and again
    assert asked(page) == [["anew", replayed.fake.beds[0].id]]
    now_shows(page, **change)
    page.wait_for_timeout(2_500)
    assert len(asked(page)) == 1


def test_what_the_page_knows_before_the_stream_tells_is_not_asked_for(page, replayed):
    now_shows(page, playing=False)
    page.wait_for_timeout(700)
    told(replayed, page, playing=False)
    page.wait_for_timeout(2_500)
    assert asked(page) == []


def test_the_end_is_drawn(page, replayed):
    bed = replayed.fake.beds[0]
    bed.view["clock"] = {"at": 3_595_000, "wall": wall_ms(), "rate": 60}  # a twelfth of a second before it
    replayed.fake.told(bed)
    page.wait_for_function("window.triggers.length > 0")
    assert asked(page) == [["anew", bed.id]]


def test_what_is_being_typed_is_not_disturbed(page, replayed):
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<input id=field>')")
    page.locator("#field").focus()
    told(replayed, page, playing=False)
    page.wait_for_timeout(3_000)
    assert asked(page) == []
    page.locator("#field").blur()
    page.wait_for_function("window.triggers.length > 0")


def test_a_tap_is_not_answered_with_a_new_run_that_would_take_it_along(page, replayed):
    told(replayed, page, playing=False)
    for _ in range(6):  # a hand at work
        page.mouse.click(5, 5)
        page.wait_for_timeout(600)
    assert asked(page) == []
    tapped = page.evaluate("performance.now()")
    page.wait_for_function("window.triggers.length > 0")
    assert page.evaluate("performance.now()") - tapped > 800


@pytest.mark.parametrize("state", ["running", "rerunRequested"])
def test_a_page_that_is_at_work_is_left_to_end_it(page, replayed, state):
    page.evaluate(f"{APP}.dataset.testScriptState = '{state}'")
    told(replayed, page, playing=False)
    page.wait_for_timeout(3_000)
    assert asked(page) == []
    page.evaluate(f"{APP}.dataset.testScriptState = 'notRunning'")
    page.wait_for_function("window.triggers.length > 0")


def test_a_hand_on_the_slider_asks_for_the_second(page, replayed):
    page.get_by_role("slider", name="Position of the replay").fill("1800")
    assert asked(page) == [["seek", 1800]]
