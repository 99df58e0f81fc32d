"""Dark, night and light: every text legible, every state of a bed told apart without colour, no alarm dimmed."""

import io
from itertools import combinations

import numpy as np
import pytest
from contrast import brightness, contrast, weak
from fake_scene import alarm, wall_scene
from fake_stream import Fake, Running, wall_ms
from PIL import Image

from dashboard.components.palette import LOOKS, palette

pytestmark = pytest.mark.browser


def opened(page, running, path="/?stay=1", look="dark"):
    page.add_init_script(f"localStorage.setItem('risewatch_look', '{look}')")
    page.emulate_media(reduced_motion="reduce")
    page.goto(running.url + path)
    page.wait_for_function(
        "document.querySelector('.rw-hr .rw-age, .rw-hr .rw-card-foot')?.textContent.match(/now|[0-9]/)"
    )
    page.evaluate("document.fonts.ready")
    return page


@pytest.fixture
def every_state():
    """The wall's eight beds, with one alarm over but unseen, one seen, one doubtful number and a replay."""
    now = wall_ms()
    beds = wall_scene(now)
    over = alarm(31, "rise SBP", 3, "SBP", now - 400_000, now - 400_000, value=185, threshold=180, ended=now - 9_000)
    beds[0].view["alarms"] = [over]
    beds[2].silent_since = now - 14_000
    beds[3].view.update(mode="replay", replay={"recording": "1", "start": 0, "end": 1, "speed": 10, "playing": True})
    beds[4].view["alarms"][0].update(acknowledged=now, acknowledged_by="A. Meyer RN")
    with Running(Fake(beds)) as running:
        yield running


@pytest.mark.parametrize("look", LOOKS)
def test_every_text_of_wall_and_bed_stands_out_from_its_ground(page, every_state, look):
    opened(page, every_state, look=look)
    page.locator(".rw-icon-screen").click()
    assert weak(page, ".rw-wall") == []
    for number in (1, 2, 5, 6):
        opened(page, every_state, f"/bed?bed={number}&stay", look)
        assert weak(page, ".rw-bedview") == []
    every_state.fake.watch = {"state": "stopped", "age": 9_000, "version": "0", "mode": "live"}
    page.locator(".rw-cover:visible").wait_for()
    assert weak(page, ".rw-cover") == []


@pytest.mark.parametrize("look", LOOKS)
def test_the_palette_keeps_its_contrasts(look):
    found = palette(look)
    for ground in ("ground", "card", "plot", "stripe-a", "stripe-b"):
        for name in ("text", "soft", "dim", "time", "lost", "hr", "spo2", "nibp", "abp", "high-t", "medium-t", "low-t",
                     "none-t", "replay-t"):  # fmt: skip
            assert contrast(found[name], found[ground]) >= 4.5, (name, ground)
    pairs = ("high high-ink", "high-beat high-ink", "medium medium-ink", "medium-beat medium-ink", "none ink",
             "replay replay-ink", "warn-ground warn-t", "accent accent-ink", "button text", "pressed text")  # fmt: skip
    for ground, ink in (each.split() for each in pairs):
        assert contrast(found[ground], found[ink]) >= 4.5, (ground, ink)
    # Frames, by the rule for what is no text.
    for name in ("button-edge", "focus", "high", "low"):
        assert contrast(found[name], found["card"]) >= 3, name


def test_the_night_is_darker_everywhere_but_in_an_alarm():
    day, night = palette("dark"), palette("night")
    for name in ("text", "soft", "time", "hr", "spo2", "nibp", "live", "edge", "ground", "card"):
        assert brightness(night[name]) < brightness(day[name]), name
    for name in day:
        if name.split("-")[0] in ("high", "medium", "low", "warn"):
            assert night[name] == day[name], name


# What deficiencies leave of linear RGB (Viénot, Brettel and Mollon 1999), and greyscale.
SIGHT = {
    "deuteranopia": [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]],
    "protanopia": [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]],
    "greyscale": [[0.2126, 0.7152, 0.0722]] * 3,
}


def seen(cell, sight):
    """A cell's picture as someone with that sight sees it, small enough that only what is large counts; 0 to 1."""
    picture = Image.open(io.BytesIO(cell)).convert("RGB")
    linear = (np.asarray(picture, float) / 255) ** 2.2 @ np.array(SIGHT[sight]).T
    small = Image.fromarray((np.clip(linear, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)).resize((48, 40), Image.BOX)
    return np.asarray(small, float) / 255


# The same bed with the same numbers in each state; what differs is only what says the state.
STATES = ("quiet", "low", "medium", "high", "high, over", "no data", "no session")


@pytest.fixture
def state_wall():
    now = wall_ms()
    beds = [wall_scene(now)[0] for _ in STATES]
    priority = {"low": 1, "medium": 2, "high": 3, "high, over": 3}
    for number, (bed, state) in enumerate(zip(beds, STATES, strict=True), 1):
        bed.id, bed.view["name"] = number, "Bed"
        bed.hr_at, bed.spo2_at = (lambda _at: 80), (lambda _at: 98)
        if state in priority:
            ended = now if "over" in state else None
            one = alarm(number, "rise SBP", priority[state], "SBP", now, now, value=126, threshold=126, ended=ended)
            bed.view["alarms"] = [one]
        if state == "no data":
            bed.silent_since = now - 60_000
            bed.view["monitor"] = "lost"
        if state == "no session":
            bed.view["session"], bed.view["alarms"] = None, []
    with Running(Fake(beds)) as running:
        yield running


@pytest.mark.parametrize("look", LOOKS)
def test_no_two_states_look_alike_to_someone_who_sees_no_red_no_green_or_no_colour(page, state_wall, look):
    opened(page, state_wall, look=look)
    rates = "[...document.querySelectorAll('.rw-hr .rw-value')].map((each) => each.textContent)"
    page.wait_for_function(f"{rates}.filter((each) => each > 0).length === {len(STATES) - 1}")  # one has no data
    curves = "performance.getEntriesByType('resource').filter((each) => each.name.includes('/api/series')).length"
    page.wait_for_function(f"{curves} >= {len(STATES)}")
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    page.wait_for_function("!document.getAnimations().some((each) => each.playState === 'running')")
    cells = [page.locator(".rw-cell").nth(number).screenshot() for number in range(len(STATES))]
    for sight in SIGHT:
        pictures = [seen(cell, sight) for cell in cells]
        for one, other in combinations(range(len(STATES)), 2):
            # At least one patch in twenty-five differs by a tenth of the whole range.
            apart = np.abs(pictures[one] - pictures[other]).max(axis=2) > 0.1
            assert apart.mean() > 1 / 25, (sight, STATES[one], STATES[other], round(float(apart.mean()), 3))


@pytest.mark.parametrize("look", LOOKS)
def test_each_state_has_a_mark_or_word_of_its_own(page, state_wall, look):
    opened(page, state_wall, look=look)
    told = [
        page.locator(".rw-cell").nth(number).evaluate(
            """(cell) => [cell.querySelector(".rw-shape").textContent, getComputedStyle(cell).borderTopStyle,
              cell.querySelector(".rw-what").textContent.replace(/[0-9:]+/g, ""),
              cell.querySelector(".rw-phase").textContent,
              Boolean(cell.querySelector(".rw-crossed"))].join(" | ")"""
        )
        for number in range(len(STATES))
    ]  # fmt: skip
    assert len(set(told)) == len(STATES), told


def test_what_moves_stands_still_for_who_asked_for_it(page, every_state):
    flashing = """() => document.getAnimations().filter((each) => each.playState === "running"
      && each.effect.getTiming().iterations === Infinity).length"""
    page.goto(every_state.url + "/?stay=1")
    page.wait_for_selector(".rw-unseen.rw-p3")
    assert page.evaluate(flashing) > 0
    for frame in page.evaluate(
        "document.getAnimations().map((each) => each.effect.getTiming()).filter((each) => each.iterations === Infinity)"
        ".map((each) => each.duration)"
    ):
        assert frame >= 350  # at most three flashes a second
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(flashing) == 0


def test_the_look_is_chosen_on_the_screen_and_remembered(page, every_state):
    page.goto(every_state.url + "/?stay=1")
    page.wait_for_selector(".rw-cell")
    assert page.evaluate("document.documentElement.dataset.look") == "dark"
    page.locator(".rw-icon-screen").click()
    page.get_by_role("button", name="Night, dimmed").click()
    assert page.evaluate("document.documentElement.dataset.look") == "night"
    page.reload()
    page.wait_for_selector(".rw-cell")
    assert page.evaluate("document.documentElement.dataset.look") == "night"
    page.locator(".rw-icon-screen").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Light").click()
    page.wait_for_selector(".rw-cell")
    assert page.evaluate("document.documentElement.dataset.look") == "light"
