"""What calls for attention beside the alarm's sound: the tab, notifications, reminders; and numbers marked truly."""

import pytest
from fake_scene import MINUTE, alarm, wall_scene
from fake_stream import Fake, Running, wall_ms

pytestmark = pytest.mark.browser

# A browser whose person allows notifications, and which keeps what it was told.
NOTICES = """
window.told = [];
class Told extends EventTarget {
  constructor(title, more) { super(); Object.assign(this, { title, more }); window.told.push(this); }
  static permission = "default";
  static asked = 0;
  static async requestPermission() { Told.asked += 1; Told.permission = "granted"; return "granted"; }
  close() { this.closed = true; }
}
window.Notification = Told;
"""
HIDE = "Object.defineProperty(document, 'hidden', { value: %s, configurable: true })"


def quiet_beds():
    beds = wall_scene(wall_ms())
    for bed in beds:
        bed.view["alarms"] = []
    return beds


def opened(page, running, path="/?stay=1"):
    page.goto(running.url + path)
    page.wait_for_function("window.risewatchHub?.beds.size > 0")
    return page


def high(bed, number=50, **more):
    now = wall_ms()
    bed.view["alarms"] = [alarm(number, "rise SBP", 3, "SBP", now, now, value=184, threshold=180, **more)]
    bed.view["alarms"][0]["text"] = "SBP up to 184, limit 180 mmHg"


def test_in_the_background_an_alarm_is_notified_once_without_a_name_and_taken_back_with_it(page):
    page.add_init_script(NOTICES)
    with Running(Fake(quiet_beds())) as running:
        opened(page, running)
        page.locator(".rw-site").click()  # the tap that begins a shift
        page.wait_for_function("window.Notification.asked === 1")
        page.evaluate("window.risewatchSound.start()")
        bed = running.fake.bed(2)
        high(bed)
        running.fake.told(bed)
        page.wait_for_function("document.querySelector('.rw-cell.rw-p3')")
        page.wait_for_timeout(400)
        assert page.evaluate("window.told.length") == 0  # the page is in sight
        page.evaluate(HIDE % "true")
        high(bed, 51)
        running.fake.told(bed)
        page.wait_for_function("window.told.length === 1")
        page.wait_for_timeout(1_200)
        told = page.evaluate("window.told.map((each) => [each.title, each.more.body, each.more.requireInteraction])")
        assert told == [["▲▲▲ Bed 2: SBP up to 184, limit 180 mmHg", "Look at the bedside monitor.", True]]
        assert "Berg" not in str(told)
        bed.view["alarms"] = []
        running.fake.told(bed)
        page.wait_for_function("window.told[0].closed")


def test_notifications_can_be_switched_off_on_a_screen(page):
    page.add_init_script(NOTICES)
    with Running(Fake(quiet_beds())) as running:
        opened(page, running)
        page.locator(".rw-site").click()
        page.wait_for_function("window.risewatchNotices.state() === 'on'")
        page.locator(".rw-icon-screen").click()
        page.get_by_role("button", name="in the background: on").click()
        page.evaluate(HIDE % "true")
        high(running.fake.bed(1))
        running.fake.told(running.fake.bed(1))
        page.wait_for_function("document.title.startsWith('▲▲▲')")
        assert page.evaluate("window.told.length") == 0


def test_the_tabs_icon_is_another_for_each_priority_and_for_a_page_that_stands_still(page):
    icon = "document.querySelector('link[rel~=icon]')"
    with Running(Fake(quiet_beds())) as running:
        opened(page, running)
        page.wait_for_function(f"{icon}?.dataset.state === ''")
        seen = {page.evaluate(f"{icon}.href")}
        for priority in (1, 2, 3):
            bed = running.fake.bed(1)
            bed.view["alarms"] = [alarm(priority, "rise HR", priority, "HR", 0, wall_ms(), value=131, threshold=130)]
            running.fake.told(bed)
            page.wait_for_function(f"{icon}.dataset.state === '{priority}'")
            seen.add(page.evaluate(f"{icon}.href"))
        running.fake.watch = {"state": "stopped", "age": 9_000, "version": "0", "mode": "live"}
        page.wait_for_function(f"{icon}.dataset.state === 'cover'")
        seen.add(page.evaluate(f"{icon}.href"))
        assert len(seen) == 5
        drawn = page.evaluate(
            """async () => { const image = new Image(); image.src = document.querySelector('link[rel~=icon]').href;
            await image.decode(); return image.naturalWidth; }"""
        )
        assert drawn > 0


def test_an_acknowledged_alarm_that_goes_on_is_announced_once_when_the_watch_reminds(page):
    beds = quiet_beds()
    now = wall_ms()
    high(beds[4], acknowledged=now - 2 * MINUTE, acknowledged_by="A. Meyer RN")
    with Running(Fake(beds)) as running:
        opened(page, running, "/bed?bed=5&stay")
        page.locator(".rw-site").click()
        page.wait_for_function("window.risewatchSound.running()")
        page.wait_for_timeout(1_000)
        alarms = "window.risewatchSound.bursts.filter((each) => each.kind !== 'test')"
        played = f"{alarms}.map((each) => [each.kind, each.pulses])"
        assert page.evaluate(played) == []
        beds[4].view["alarms"][0]["reminded"] = wall_ms()
        running.fake.told(beds[4])
        page.wait_for_function(f"{played}.length === 1")
        assert "STILL ON" in page.locator(".rw-bar-since").inner_text()
        page.wait_for_timeout(1_500)
        assert page.evaluate(played) == [[3, 10]]


def test_the_number_is_marked_by_the_limit_it_reaches_itself(page):
    """An alarm goes on until the return is certain; the next cuff reading may be below its limit, and is not red."""
    beds = quiet_beds()
    high(beds[4])
    beds[4].cuffs.append((wall_ms() - 4 * MINUTE, 184, 98, 126))
    with Running(Fake(beds)) as running:
        opened(page, running)
        number = page.locator(".rw-cell").nth(4).locator(".rw-nibp .rw-value")
        line = page.locator(".rw-cell").nth(4).locator(".rw-detail")
        shown = "document.querySelectorAll('.rw-cell')[4].querySelector('.rw-nibp .rw-value').textContent"
        page.wait_for_function("document.querySelectorAll('.rw-cell')[4]?.querySelector('.rw-hit3')")
        assert line.inner_text() == "184 ≥ 180"
        for sys, dia, mark in ((171, 96, "rw-hit2"), (145, 85, "rw-hit1"), (132, 80, None)):
            beds[4].cuffs.append((wall_ms(), sys, dia, 100))
            running.fake.told(beds[4])
            page.wait_for_function(f"{shown} === '{sys}/{dia}'")
            marks = [each for each in number.get_attribute("class").split() if each.startswith("rw-hit")]
            assert marks == ([mark] if mark else []), (sys, dia)
            assert line.inner_text() == "peak 184 ≥ 180"
            assert "rw-p3" in page.locator(".rw-cell").nth(4).get_attribute("class")  # the alarm itself goes on
        opened(page, running, "/bed?bed=5&stay")
        page.wait_for_function("document.querySelector('.rw-nibp .rw-value').textContent === '132/80'")
        assert "rw-hit" not in page.locator(".rw-nibp .rw-value").get_attribute("class")
        assert page.locator(".rw-bar-amount").inner_text() == "peak 184 ≥ 180 mmHg"


def test_a_high_alarm_that_was_acknowledged_asks_the_page_what_was_done_and_a_medium_one_does_not(page, served):
    opened(page, served, "/bed?bed=5&stay")
    page.locator(".rw-ack").click()
    page.wait_for_function("document.querySelector('.rw-bar-since').textContent.includes('seen by')")
    assert page.evaluate("window.triggers") == []
    opened(page, served, "/bed?bed=2&stay")
    page.locator(".rw-ack").click()
    page.wait_for_function("window.triggers.length > 0")
    assert page.evaluate("window.triggers") == [["acknowledged", 1]]


def test_the_test_tone_is_heard_whole_where_no_alarm_stands(page):
    with Running(Fake(quiet_beds())) as running:
        opened(page, running)
        page.locator(".rw-site").click()
        page.wait_for_function("window.risewatchSound.running()")
        page.evaluate(
            "window.cut = 0; const old = window.risewatchSound.stop;"
            "window.risewatchSound.stop = function () { window.cut += 1; return old.call(this); };"
            "window.risewatchSound.play('test')"
        )
        page.wait_for_timeout(900)
        assert page.evaluate("window.cut") == 0


def test_audio_off_says_by_whom_and_since_when(page, served):
    opened(page, served)
    page.locator(".rw-site").click()
    page.wait_for_function("window.risewatchSound.running()")
    page.locator(".rw-icon-screen").click()
    page.get_by_role("button", name="Mute this screen").click()
    page.wait_for_function("document.querySelector('.rw-soundbar-text').textContent.startsWith('AUDIO OFF')")
    said = page.locator(".rw-soundbar-text").inner_text()
    assert said.startswith("AUDIO OFF: this screen gives no alarm sound, by A. Meyer RN since ")
    assert page.locator(".rw-sound-state").inner_text() == "AUDIO OFF"
