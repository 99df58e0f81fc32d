"""REPLAY stands in every part of a view of a recording, so that a picture cut out of it says so too (hazard 11)."""

import pytest
from fake_stream import Fake, Running, many, wall_ms

pytestmark = pytest.mark.browser

WITHIN = """(region) => {
  const box = region.getBoundingClientRect();
  const texts = [...region.querySelectorAll("*")].filter((each) =>
    !each.closest(".rw-watermark") && each.childElementCount === 0 && /REPLAY/.test(each.textContent));
  return texts.filter((each) => {
    const own = each.getBoundingClientRect();
    return own.width > 20 && own.height > 8 && own.left >= box.left - 1 && own.right <= box.right + 1
      && own.top >= box.top - 1 && own.bottom <= box.bottom + 1;
  }).length;
}"""


@pytest.fixture
def replays():
    beds = many(8, wall_ms(), "replay")
    for bed in beds:
        bed.view["replay"] = {"recording": "case 12", "start": 0, "end": 4_000_000, "speed": 10, "playing": True}
    with Running(Fake(beds)) as running:
        yield running


@pytest.mark.parametrize("size", [(1920, 1080), (1024, 768), (390, 844)])
def test_each_part_of_a_bed_cut_out_says_replay(page, replays, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{replays.url}/bed?bed=5&stay")
    page.wait_for_function("document.querySelector('.rw-plot .main-svg') !== null")
    page.wait_for_selector(".rw-plot .annotation", state="attached")
    page.wait_for_selector(".rw-bar .rw-cardmark:not(:empty)", state="attached")
    for region in (".rw-bedhead", ".rw-bar", ".rw-card.rw-hr", ".rw-card.rw-nibp", ".rw-card.rw-spo2", ".rw-events"):
        assert page.locator(region).evaluate(WITHIN) >= 1, region
    # Three in each of the three panels: also a part of the figure has one.
    assert page.locator(".rw-plot").evaluate(WITHIN) == 9
    assert page.title().startswith("REPLAY · ")


def test_each_cell_of_the_wall_and_the_tab_say_replay(page, replays):
    page.goto(replays.url)
    page.wait_for_function("document.querySelectorAll('.rw-cell').length === 8")
    page.wait_for_function("document.querySelector('.rw-cell .rw-modemark').textContent !== ''")
    assert [cell.evaluate(WITHIN) for cell in page.locator(".rw-cell").all()] == [1] * 8
    page.wait_for_function("document.title.startsWith('REPLAY · ')")


def test_the_strip_says_that_there_are_replays_beside_what_is_live(page):
    beds = many(8, wall_ms(), "live")
    beds[2].view.update(
        mode="replay", replay={"recording": "a", "start": 0, "end": 3_600_000, "speed": 10, "playing": True}
    )
    beds[2].view["clock"] = {"at": 754_000, "wall": wall_ms(), "rate": 0}
    with Running(Fake(beds)) as running:
        page.goto(running.url + "/?strip=1&stay=1&top=300")
        page.wait_for_selector(".rw-strip-replays:not(:empty)")
        assert page.locator(".rw-strip-replays").inner_text() == "REPLAY paused Bed 3 12:34 of 1:00:00"
        assert page.locator(".rw-strip").evaluate(WITHIN) >= 1
        assert not page.title().startswith("REPLAY")


def test_a_live_view_says_it_nowhere(page, served):
    page.goto(f"{served.url}/bed?bed=5&stay")
    page.wait_for_function("document.querySelector('.rw-plot .main-svg') !== null")
    assert page.locator(".rw-bedview").evaluate(WITHIN) == 0
    assert page.locator(".rw-cardmark:visible").count() == 0
