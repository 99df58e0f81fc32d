"""Wall, bed and strip by keyboard alone and to a screen reader: order, focus one can see, names, what is read aloud."""

import pytest
from fake_scene import wall_scene
from fake_stream import Fake, Running, wall_ms

pytestmark = pytest.mark.browser

FOCUS = """() => { const at = document.activeElement; const style = getComputedStyle(at);
  return { tag: at.tagName, name: at.getAttribute("aria-label") || at.textContent.trim(), outline: style.outlineStyle,
    width: parseFloat(style.outlineWidth) }; }"""


def opened(page, running, path="/?stay=1"):
    page.goto(running.url + path)
    page.wait_for_function("window.risewatchHub?.beds.size > 0")
    page.wait_for_function("document.querySelector('.rw-clock').textContent !== ''")


def walk(page, most=40):
    """What Tab comes to, in order, once round."""
    found = []
    for _ in range(most):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        if at["tag"] == "BODY":
            break
        found.append(at)
    return found


@pytest.mark.parametrize("path", ["/?stay=1", "/bed?bed=5&stay", "/?strip=1&stay=1&top=200"])
def test_tab_goes_everywhere_in_order_and_is_seen(page, served, path):
    opened(page, served, path)
    if page.locator(".rw-plot").count():  # its buttons come with the curves
        page.wait_for_function("document.querySelector('.rw-plot').data?.[0]?.x?.length > 100")
    found = walk(page)
    reachable = page.evaluate(
        "[...document.querySelectorAll('.rw button, .rw a[href]')]"
        ".filter((each) => each.getClientRects().length && !each.disabled).length"
    )
    assert len([each for each in found if each["tag"] in ("BUTTON", "A")]) == reachable  # what scrolls comes besides
    for each in found:
        assert each["name"], each
        assert (each["outline"], each["width"] >= 3) == ("solid", True), each
    beds = [each["name"] for each in found if each["tag"] == "A" and each["name"].startswith("Bed")]
    assert beds == sorted(beds)


def test_enter_on_a_bed_opens_it_and_enter_on_the_button_acknowledges(page, served):
    opened(page, served)
    page.locator(".rw-cell").nth(4).focus()
    page.keyboard.press("Enter")
    assert page.evaluate("window.triggers") == [["opened", 5]]
    opened(page, served, "/bed?bed=5&stay")
    page.locator(".rw-ack").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.rw-bar-since').textContent.includes('seen by A. Meyer RN')")
    assert served.fake.acknowledged == [2]


def test_enter_acknowledges_a_bed_opened_with_an_alarm_without_a_search_for_the_button(page, served):
    opened(page, served, "/bed?bed=5&stay")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.rw-bar-since').textContent.includes('seen by A. Meyer RN')")
    assert served.fake.acknowledged == [2]


def test_enter_in_a_field_or_on_another_button_acknowledges_nothing(page, served):
    opened(page, served, "/bed?bed=5&stay")
    dialog = "<input id=note><div role=dialog><p tabindex=0 id=in>x</p></div>"
    page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", dialog)
    for target in ("#note", "#in", ".rw-icon-screen"):
        page.locator(target).focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(150)
    assert served.fake.acknowledged == []


def test_the_panel_of_the_screen_opens_and_closes_by_keyboard_and_gives_the_focus_back(page, served):
    opened(page, served)
    page.locator(".rw-icon-screen").focus()
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUS)["name"] == "Dark"
    assert page.locator(".rw-icon-screen").get_attribute("aria-expanded") == "true"
    page.keyboard.press("Escape")
    assert page.locator(".rw-panel").is_hidden()
    assert page.evaluate(FOCUS)["name"].startswith("This screen")


def test_a_screen_reader_is_told_what_a_bed_is_and_of_an_alarm_at_once(page):
    beds = wall_scene(wall_ms())
    medium = beds[4].view["alarms"]
    beds[4].view["alarms"] = []
    with Running(Fake(beds)) as running:
        opened(page, running)
        names = [each.get_attribute("aria-label") for each in page.locator(".rw-cell").all()]
        assert names[0].startswith("Bed 1, A. B., Infusion")
        assert "; HR 7" in names[0] or "; HR 8" in names[0]
        assert "NIBP 126/78, 1 min ago" in names[0]
        assert names[1].startswith("Bed 2, A. B., Infusion: high alarm, SpO₂ LOW 86 ≤ 90")
        assert "no data" in names[5].lower()
        assert names[7].startswith("Bed 8, No session")
        aloud = page.locator("[aria-live=assertive]")
        assert aloud.count() == 1
        beds[4].view["alarms"] = medium
        running.fake.told(beds[4])
        page.wait_for_function("document.querySelector('[aria-live=assertive]').textContent.includes('Bed 5')")
        assert "medium alarm" in aloud.inner_text()
        assert "Berg" not in page.locator(".rw-wall").inner_text()


@pytest.mark.parametrize("path", ["/?stay=1", "/bed?bed=5&stay"])
def test_numbers_that_change_each_second_are_not_read_aloud_each_second(page, served, path):
    opened(page, served, path)
    live = "[...document.querySelectorAll('[aria-live], [role=status], [role=alert], [role=log]')]"
    page.wait_for_timeout(1_200)
    before = page.evaluate(f"{live}.filter((e) => e.getAttribute('aria-live') !== 'off').map((e) => e.textContent)")
    page.wait_for_timeout(2_200)
    after = page.evaluate(f"{live}.filter((e) => e.getAttribute('aria-live') !== 'off').map((e) => e.textContent)")
    assert before == after
