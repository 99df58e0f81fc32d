"""The words of technical alarms, in a real browser: short where they are read from afar, whole wherever they stand."""

from functools import partial

import pytest
from fake_scene import alarm, wall_scene
from fake_stream import Fake, Running, wall_ms

from dashboard.rises.notices import high_but_rejected
from dashboard.rises.validity import Cuff, Rejection
from devices.reading import Status

pytestmark = pytest.mark.browser

MINUTE = 60_000
SIZES = [(1920, 1080), (1440, 900), (1024, 768), (390, 844)]
REJECTED = {
    "sys": 246, "dia": 238, "mean": 240, "unit": "mmHg", "status": "ok", "source": "ge-dri:nibp",
    "rejected": "the pulse pressure is less than 20", "suspect": None,
}  # fmt: skip
LONGEST = "Something was said that no screen knows: " + "word after word, " * 4 + "to its end"

# Cut off, over its neighbours, or beyond what holds it.
CUT = """(bar) => {
  const box = bar.getBoundingClientRect();
  const buttons = bar.querySelector("button").parentElement.getBoundingClientRect();
  const wrong = (each) => {
    const at = each.getBoundingClientRect();
    const beside = at.right <= buttons.left + 1 || at.left >= buttons.right;
    const apart = at.bottom <= buttons.top + 1 || at.top >= buttons.bottom;
    const out = at.right > box.right + 1 || at.bottom > box.bottom + 1;
    return !(beside || apart) || out || each.scrollWidth > each.clientWidth + 1;
  };
  return [...bar.querySelectorAll(".rw-bar-what, .rw-bar-amount, .rw-bar-since")]
    .filter((each) => each.textContent && wrong(each)).map((each) => each.textContent);
}"""
REPEAT = "[...document.querySelectorAll('.rw-what')].some((e) => e.textContent === 'REPEAT CUFF')"
WORDS = """[...document.querySelectorAll(".rw-line .rw-what, .rw-line .rw-detail")]
  .map((e) => [e.textContent, [parseFloat(getComputedStyle(e).fontSize), e.scrollWidth > e.clientWidth + 1]])"""


def on_wall(page, running):
    """The words of each alarm: their size in px, and whether they are cut."""
    page.goto(running.url)
    page.wait_for_function(REPEAT)
    page.evaluate("document.fonts.ready.then(() => true)")
    page.wait_for_timeout(600)
    return dict(page.evaluate(WORDS))


def with_alarm(key, text, numbers=None, **more):
    """A clinic whose third bed has one medium technical alarm."""
    now = wall_ms()
    beds = wall_scene(now)
    for bed in beds:
        bed.view["alarms"] = []
    beds[2].view["alarms"] = [alarm(77, key, 2, "NIBP", now - MINUTE, now - MINUTE, text=text, **more)]
    beds[2].view["numbers"] = numbers or {}
    return beds


def implausible(**more):
    cuff = Cuff(0, 0, 246.0, 238.0, 240.0, Status.OK)
    text = high_but_rejected(cuff, Rejection.PULSE_PRESSURE).text
    return with_alarm("cuff-implausible", text, {"NIBP": REJECTED | {"time": wall_ms() - MINUTE}}, **more)


def at_bed(page, running, bed):
    page.goto(f"{running.url}/bed?bed={bed.id}&stay")
    page.wait_for_function("document.querySelector('.rw-bar-since')?.textContent.includes('medium')")
    page.evaluate("document.fonts.ready.then(() => true)")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("beds", [implausible, partial(with_alarm, "something-new", LONGEST)], ids=["known", "long"])
def test_no_word_is_cut_on_the_bar_of_a_bed(page, size, beds):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    made = beds()
    with Running(Fake(made)) as running:
        at_bed(page, running, made[2])
        assert page.locator(".rw-bar").evaluate(CUT) == []


@pytest.mark.parametrize("size", SIZES)
def test_the_bar_says_what_to_do_the_events_why_and_its_end_moves_nothing(page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    beds = implausible()
    height = "document.querySelector('.rw-bar').getBoundingClientRect().height"
    with Running(Fake(beds)) as running:
        at_bed(page, running, beds[2])
        assert page.locator(".rw-bar-what").inner_text() == "REPEAT CUFF"
        assert page.locator(".rw-bar-amount").inner_text() == "246/238 rejected"
        assert "the pulse pressure is less than" in page.locator(".rw-events").inner_text()
        with_it = page.evaluate(height)
        beds[2].view["alarms"] = []
        running.fake.told(beds[2])
        page.wait_for_function("!document.querySelector('.rw-bar-since').textContent.includes('medium')")
        assert page.evaluate(height) == with_it


@pytest.mark.parametrize("size", [(1920, 1080), (1024, 768)])
def test_the_wall_says_what_to_do_as_large_as_any_alarm(page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    beds = implausible()
    now = wall_ms()
    beds[0].view["alarms"] = [alarm(5, "rise SBP", 2, "SBP", now, now, value=168, threshold=160)]
    with Running(Fake(beds)) as running:
        told = on_wall(page, running)
    (size_of, cut), (usual, _) = told["REPEAT CUFF"], told["BP SYS HIGH"]
    assert not cut
    assert size_of >= 0.75 * usual


@pytest.mark.parametrize("size", SIZES)
def test_no_technical_alarm_is_cut_on_the_wall(page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    now = wall_ms()
    beds = wall_scene(now)
    keys = ["no-data", "cuff-overdue", "hr-lost", "cuff-implausible", "cuff-rejected", "hr-not-evaluable", "no-data"]
    for bed, key in zip(beds, keys, strict=False):
        since = now - 83 * MINUTE
        bed.view["alarms"] = [alarm(bed.id, key, 2, "NIBP", since, since, text="a sentence")]
        bed.view["numbers"] = {"NIBP": REJECTED | {"time": now}}
    with Running(Fake(beds)) as running:
        told = on_wall(page, running)
    assert [words for words, (_, cut) in told.items() if cut] == []


@pytest.mark.parametrize(
    ("key", "what", "amount"),
    [
        ("cuff-rejected", "CHECK CUFF", "readings do not count"),
        ("hr-not-evaluable", "HR NOT EVALUABLE", "too sparse"),
        ("cuff-implausible", "REPEAT CUFF", "implausible high reading"),  # what was measured since is believed
    ],
)
def test_each_technical_alarm_has_short_words(page, key, what, amount):
    beds = with_alarm(key, "a sentence", {"NIBP": REJECTED | {"rejected": None, "time": wall_ms()}})
    with Running(Fake(beds)) as running:
        at_bed(page, running, beds[2])
        assert page.locator(".rw-bar-what").inner_text() == what
        assert page.locator(".rw-bar-amount").inner_text() == amount


def test_one_that_is_over_says_so(page):
    beds = implausible(ended=wall_ms() - 1_000)
    with Running(Fake(beds)) as running:
        at_bed(page, running, beds[2])
        assert page.locator(".rw-bar-amount").inner_text() == "measured"
