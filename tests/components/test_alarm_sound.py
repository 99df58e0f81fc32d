"""The alarm sound in a real browser: blocked until a tap and saying so, its patterns, pause, mute, acknowledgement."""

import pytest
from fake_scene import wall_scene
from fake_stream import Fake, Running, wall_ms
from waiting import until

pytestmark = pytest.mark.browser

BURSTS = "JSON.stringify(window.risewatchSound.bursts.map((each) => [each.kind, each.pulses]))"
ALARM = "window.risewatchSound.bursts.some((each) => each.kind !== 'test')"
ALARMS = "window.risewatchSound.bursts.filter((each) => each.kind !== 'test').length"
RUNNING = "window.risewatchSound && window.risewatchSound.running()"


def kinds(page):
    """The alarms that sounded; the tap that opened the page may have given its test tone before."""
    sounded = page.evaluate("window.risewatchSound.bursts.map((each) => [each.kind, each.pulses])")
    return [each for each in sounded if each[0] != "test"]


def opened(page, running):
    page.goto(running.url + "/?stay=1")
    page.wait_for_function("document.querySelectorAll('.rw-cell').length > 0")
    page.locator(".rw-site").click()
    page.wait_for_function(RUNNING)


def test_a_high_alarm_is_ten_pulses_at_once_and_is_named_in_the_title(page, served):
    opened(page, served)
    page.wait_for_function(ALARM)
    assert kinds(page)[0] == [3, 10]
    page.wait_for_function("document.title.startsWith('▲▲▲ Bed 2')")
    page.wait_for_function("document.title === 'Risewatch'")


def test_the_screen_tells_the_log_what_it_presents_and_that_its_sound_was_paused(page, served):
    opened(page, served)
    page.wait_for_function(ALARM)
    page.locator(".rw-pause").first.click()

    def presented():
        return [each for each in served.fake.presented if 1 in each["alarms"] or 2 in each["alarms"]]

    until(page, lambda: [each["sound"] for each in presented()][-1:] == ["paused"])
    told = presented()
    assert len({each["screen"] for each in told}) == 1
    assert [each["sound"] for each in told][-2:] == ["on", "paused"]
    assert all(each["visible"] for each in told)


def test_nothing_sounds_for_what_is_seen_over_silent_or_a_replay(page):
    now = wall_ms()
    beds = wall_scene(now)
    for bed in beds:
        bed.view["alarms"] = []
    high = {**wall_scene(now)[1].view["alarms"][0]}
    beds[0].view["alarms"] = [{**high, "id": 91, "acknowledged": now, "acknowledged_by": "A. Meyer RN"}]
    beds[1].view["alarms"] = [{**high, "id": 92, "ended": now}]
    beds[2].view["alarms"] = [{**high, "id": 93, "silent": True}]
    beds[3].view["mode"] = "replay"
    beds[3].view["alarms"] = [{**high, "id": 94}]
    with Running(Fake(beds)) as running:
        opened(page, running)
        page.wait_for_timeout(1_200)
        assert kinds(page) == []
        beds[4].view["alarms"] = [{**high, "id": 95, "priority": 2}]
        running.fake.told(beds[4])
        page.wait_for_function(ALARM)
        assert kinds(page) == [[2, 3]]


def test_a_pause_counts_down_and_gives_way_to_something_more_urgent(page):
    now = wall_ms()
    beds = wall_scene(now)
    beds[1].view["alarms"] = []
    with Running(Fake(beds)) as running:
        opened(page, running)
        page.wait_for_function(ALARM)
        before = len(kinds(page))
        page.get_by_role("button", name="Pause sound 2 min").click()
        page.wait_for_function(
            "/Sound paused 0[12]:\\d\\d/.test(document.querySelector('.rw-sound-state').textContent)"
        )
        assert page.locator(".rw-sound-by").inner_text() == "by A. Meyer RN"
        again = {**wall_scene(now)[4].view["alarms"][0], "id": 80}
        beds[0].view["alarms"] = [again]
        running.fake.told(beds[0])
        page.wait_for_timeout(700)
        assert len(kinds(page)) == before
        beds[0].view["alarms"] = [{**again, "id": 81, "priority": 3}]
        running.fake.told(beds[0])
        page.wait_for_function(f"{ALARMS} > {before}")
        assert kinds(page)[-1] == [3, 10]


def test_a_muted_screen_says_so_for_as_long_as_it_is(page, served):
    opened(page, served)
    page.locator(".rw-icon-screen").click()
    page.get_by_role("button", name="Mute this screen").click()
    assert "AUDIO OFF" in page.locator(".rw-soundbar").inner_text()
    assert page.locator(".rw-sound-state").inner_text() == "AUDIO OFF"
    before = len(kinds(page))
    fake = served.fake
    louder = {**fake.bed(2).view["alarms"][0], "id": 70}
    fake.bed(1).view["alarms"] = [louder]
    fake.told(fake.bed(1))
    page.wait_for_timeout(600)
    assert len(kinds(page)) == before
    page.locator(".rw-soundbar").get_by_role("button", name="Sound on again").click()
    page.wait_for_function(f"{ALARMS} > {before}")
    page.locator(".rw-soundbar").wait_for(state="hidden")


def test_without_a_name_nobody_can_mute(page):
    with Running(Fake(may_act=False)) as running:
        opened(page, running)
        assert page.get_by_role("button", name="Mute").count() == 0


class Raw:
    """A page touched by the protocol below Playwright's own calls, which count as a user's and would unblock it."""

    def __init__(self, browser, url):
        self.page = browser.new_page()
        self.session = self.page.context.new_cdp_session(self.page)
        self.session.send("Page.navigate", {"url": url})
        self.until("document.querySelector('.rw-soundbar')?.innerText.includes('SOUND BLOCKED')")

    def ask(self, expression):
        answer = self.session.send("Runtime.evaluate", {"expression": expression, "returnByValue": True})
        return answer["result"].get("value")

    def until(self, expression):
        for _ in range(100):
            if self.ask(expression):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(expression)

    def start_button(self):
        where = "document.querySelector('.rw-start').getBoundingClientRect()"
        return {"x": self.ask(f"{where}.x + 10"), "y": self.ask(f"{where}.y + 10")}

    def mouse(self, kind, place):
        self.session.send("Input.dispatchMouseEvent", {"type": kind, **place, "button": "left", "clickCount": 1})


TESTS = "window.risewatchSound.bursts.filter((each) => each.kind === 'test').length"


def test_sound_that_the_browser_blocks_is_said_until_a_tap(silent_chromium, served):
    raw = Raw(silent_chromium, served.url + "/?stay=1")
    assert raw.ask("window.risewatchSound.context.state") == "suspended"
    assert raw.ask(BURSTS) == "[]"
    place = raw.start_button()
    raw.mouse("mousePressed", place)
    raw.mouse("mouseReleased", place)
    raw.until(RUNNING)
    raw.until("document.querySelector('.rw-soundbar').hidden")
    raw.until("window.risewatchSound.bursts.some((each) => each.kind === 3)")
    assert raw.ask(TESTS) == 1


def test_a_long_tap_starts_once_and_the_bar_leaves_after_it(silent_chromium, served):
    """Sound runs as soon as the finger is down; the bar stays under it until it is up."""
    raw = Raw(silent_chromium, served.url + "/?stay=1")
    place = raw.start_button()
    raw.mouse("mousePressed", place)
    raw.until("document.querySelector('.rw-sound-state').textContent === 'Sound on'")
    assert not raw.ask("document.querySelector('.rw-soundbar').hidden")
    raw.mouse("mouseReleased", place)
    raw.until("document.querySelector('.rw-soundbar').hidden")
    raw.until(f"{TESTS} === 1")


def test_the_tap_that_unblocks_the_sound_also_does_what_it_was_meant_for(page, served):
    """The bar that says SOUND BLOCKED leaves with that tap; what lies under the finger does not move before it ends."""
    page.goto(served.url + "/bed?bed=5&stay")
    page.wait_for_function("document.querySelector('.rw-bar-what')?.textContent.endsWith('HIGH')")
    page.evaluate(
        """() => { const sound = window.risewatchSound; let blocked = true;
          sound.state = () => (blocked ? "blocked" : "on");
          document.addEventListener("pointerdown", () => { blocked = false; }, true); }"""
    )
    page.locator(".rw-soundbar").wait_for()
    box = page.locator(".rw-bar .rw-ack").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.wait_for_function("document.querySelector('.rw-sound-state').textContent === 'Sound on'")
    page.mouse.up()
    page.locator(".rw-soundbar").wait_for(state="hidden")
    until(page, lambda: served.fake.acknowledged == [2])
