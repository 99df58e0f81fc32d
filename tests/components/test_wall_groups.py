"""The wall's order and groups, initials, age of every number, and full screen."""

import pytest
from contrast import weak
from fake_stream import Fake, Running, many, wall_ms

pytestmark = pytest.mark.browser

GRID = """[...document.querySelector(".rw-grid").children].map(
  (each) => each.querySelector(".rw-name")?.textContent ?? each.textContent)"""


def opened(page, running):
    page.goto(running.url + "/?stay=1")
    page.wait_for_function("document.querySelector('.rw-cell .rw-hr .rw-value')?.textContent.match(/^[0-9]/)")


@pytest.fixture
def grouped():
    beds = many(5, wall_ms(), "live")
    for bed, group in zip(beds, ("North", "South", "North", "", "South"), strict=True):
        bed.view["group"] = group
    with Running(Fake(beds)) as running:
        yield running


def test_beds_of_a_group_stand_under_its_name_and_an_alarm_moves_none(page, grouped):
    opened(page, grouped)
    order = ["North", "Bed 1", "Bed 3", "South", "Bed 2", "Bed 5", "Other beds", "Bed 4"]
    assert page.evaluate(GRID) == order
    grouped.fake.bed(4).view["alarms"] = grouped.fake.bed(2).view["alarms"]
    grouped.fake.told(grouped.fake.bed(4))
    page.wait_for_function("document.querySelectorAll('.rw-cell.rw-p3').length === 2")
    grouped.fake.drop()
    page.wait_for_timeout(800)
    assert page.evaluate(GRID) == order
    assert page.get_by_role("heading", name="North").is_visible()


def test_without_groups_there_is_no_heading(page, served):
    opened(page, served)
    assert page.locator(".rw-group").count() == 0


@pytest.mark.parametrize(("width", "height", "count"), [(1024, 768, 11), (1920, 1080, 16), (390, 844, 4)])
def test_cells_that_cannot_be_read_are_not_made(page, width, height, count):
    """Where they would be too small the wall scrolls; no number is cut off by its cell."""
    beds = many(count, wall_ms(), "live")
    for number, bed in enumerate(beds):
        bed.view["group"] = "North" if number < count / 2 else "South"
    page.set_viewport_size({"width": width, "height": height})
    with Running(Fake(beds)) as running:
        opened(page, running)
        page.evaluate("document.fonts.ready")
        page.wait_for_function(
            """() => [...document.querySelectorAll(".rw-cell")].every((cell) => {
              const box = cell.getBoundingClientRect();
              return [...cell.querySelectorAll(".rw-value")].every((each) => !each.offsetWidth
                || each.getBoundingClientRect().bottom <= box.bottom);
            })"""
        )
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_initials_until_someone_on_shift_asks_for_names_and_then_only_for_that_one(page, served):
    opened(page, served)
    who = page.locator(".rw-who").first
    assert who.inner_text() == "A. B."
    page.locator(".rw-icon-screen").click()
    page.get_by_role("button", name="show names in full").click()
    page.wait_for_function("document.querySelector('.rw-who').textContent === 'Anna Berg'")
    page.reload()
    page.wait_for_function("document.querySelector('.rw-who')?.textContent === 'Anna Berg'")
    page.evaluate("component.data = { ...component.data, who: 'B. Kurz RN' }; window.remount()")
    page.wait_for_function("document.querySelector('.rw-who').textContent === 'A. B.'")
    page.evaluate("component.data = { ...component.data, who: '', may_act: false }; window.remount()")
    page.locator(".rw-icon-screen").click()
    assert page.get_by_role("button", name="show names in full").count() == 0


def test_every_number_has_its_age(page, served):
    opened(page, served)
    ages = page.locator(".rw-cell").first.locator(".rw-age").all_inner_texts()
    assert ages == ["now", "now", "1 min ago"]


def test_full_screen_is_one_tap_and_one_tap_back(page, served):
    opened(page, served)
    button = page.get_by_role("button", name="Full screen")
    button.click()
    page.wait_for_function("document.fullscreenElement && document.body.classList.contains('rw-full')")
    page.wait_for_function("document.querySelector('.rw-icon-full').getAttribute('aria-pressed') === 'true'")
    assert page.locator(".rw-wall").bounding_box()["height"] > page.evaluate("innerHeight") - 20
    button.click()
    page.wait_for_function("!document.fullscreenElement && !document.body.classList.contains('rw-full')")


def chosen(page, group):
    page.locator(".rw-icon-screen").click()
    panel = page.locator(".rw-panel").bounding_box()
    assert panel["x"] >= 0 and panel["x"] + panel["width"] <= page.viewport_size["width"]
    page.get_by_role("group", name="Beds on this wall").get_by_role("button", name=group).click()


@pytest.mark.parametrize("size", [(1920, 1080), (1024, 768), (390, 844)])
def test_one_group_is_shown_remembered_and_hides_no_alarm_of_the_others(page, grouped, size):
    """Bed 2 (South) has a high alarm and a low one, Bed 5 (South) a medium one."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    opened(page, grouped)
    counts = "[...document.querySelectorAll('.rw-chip')].filter((e) => !e.hidden).map((e) => e.textContent)"
    before = page.evaluate(counts), page.locator(".rw-sessions").inner_text()
    assert page.locator(".rw-elsewhere").is_hidden()
    chosen(page, "North")
    assert page.evaluate(GRID) == ["North", "Bed 1", "Bed 3"]
    line = page.locator(".rw-elsewhere-alarm")
    assert line.inner_text().split("\n") == ["▲▲▲", "Bed 2, not shown here: SpO₂ LOW 86 ≤ 90", "+2"]
    assert (page.evaluate(counts), page.locator(".rw-sessions").inner_text()) == before
    assert weak(page, ".rw-elsewhere") == []
    assert line.evaluate("e => e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight")
    assert line.bounding_box()["height"] >= 48
    page.wait_for_function("window.risewatchSound.alarms.some((each) => each.text.includes('Bed 2'))")

    page.reload()
    page.wait_for_function("document.querySelector('.rw-elsewhere-words')?.textContent.startsWith('Bed 2')")
    assert page.evaluate(GRID) == ["North", "Bed 1", "Bed 3"]
    line.click()
    assert page.evaluate("window.triggers") == [["opened", 2]]

    kept = {number: grouped.fake.bed(number).view.pop("alarms") for number in (2, 5)}
    for number in kept:
        grouped.fake.told(grouped.fake.bed(number))
    page.wait_for_function("document.querySelector('.rw-elsewhere-alarm').disabled")
    page.locator(".rw-soundbar").wait_for(state="hidden")  # a tap has unblocked the sound
    assert line.inner_text() == "North only: 3 beds are not shown, no alarm standing there"
    place = "JSON.stringify([...document.querySelectorAll('.rw-cell')].map((e) => e.getBoundingClientRect()))"
    places = page.evaluate(place)
    grouped.fake.bed(2).view["alarms"] = kept[2]
    grouped.fake.told(grouped.fake.bed(2))
    page.wait_for_function("!document.querySelector('.rw-elsewhere-alarm').disabled")
    assert page.evaluate(place) == places

    page.get_by_role("button", name="Show all beds").click()
    assert len(page.evaluate(GRID)) == 8
    assert page.locator(".rw-elsewhere").is_hidden()
    page.reload()
    page.wait_for_function("document.querySelectorAll('.rw-cell').length === 5")


def test_a_remembered_group_that_is_no_more_hides_nothing(page, grouped):
    opened(page, grouped)
    chosen(page, "South")
    for bed in grouped.fake.beds:
        bed.view["group"] = "East" if bed.id < 3 else "West"
    page.reload()
    page.wait_for_function("document.querySelectorAll('.rw-cell').length === 5")
    assert page.locator(".rw-elsewhere").is_hidden()


def test_where_there_are_no_groups_none_can_be_chosen(page, served):
    opened(page, served)
    page.locator(".rw-icon-screen").click()
    assert page.get_by_role("group", name="Beds on this wall").count() == 0


def test_the_panel_is_in_view_also_where_its_button_stands_at_the_left(page, grouped):
    opened(page, grouped)
    page.evaluate("document.querySelector('.rw-screen').style.cssText = 'position: fixed; left: 0; top: 0'")
    page.locator(".rw-icon-screen").click()
    assert page.locator(".rw-panel").bounding_box()["x"] >= 0
