"""The wall: what each state of a bed looks like, and that its largest numbers fit everywhere."""

import re

import pytest
from fake_scene import SECOND, alarm, session, wall_scene
from fake_stream import Fake, Running, many, wall_ms

pytestmark = pytest.mark.browser


def cell(page, number):
    return page.locator(".rw-cell").nth(number - 1)


def opened(page, running, path="/?stay=1"):
    page.goto(running.url + path)
    page.wait_for_function("document.querySelector('.rw-cell .rw-hr .rw-value')?.textContent.match(/^[0-9]/)")
    return page


def background(locator):
    return locator.evaluate("node => getComputedStyle(node).backgroundColor")


def border(locator):
    return locator.evaluate(
        "node => getComputedStyle(node).borderTopStyle + ' ' + getComputedStyle(node).borderTopColor"
    )


def test_each_state_says_itself_by_text_shape_frame_and_colour(page, served):
    opened(page, served)
    texts = [page.locator(".rw-cell").nth(n).inner_text() for n in range(8)]
    words = [" ".join(each.split()) for each in texts]

    assert "Infusion" in words[0]
    assert "no limit passed since" in words[0]
    assert "last cuff 1 min ago" in words[0]
    assert "✓" not in "".join(words)
    assert "within limits" not in "".join(words)

    assert "▲▲▲ SpO₂ LOW" in words[1]
    assert "86 ≤ 90" in words[1]
    assert "+1" in words[1]
    assert border(cell(page, 2)) == "solid rgb(255, 59, 74)"
    assert background(cell(page, 2).locator(".rw-spo2 .rw-value")) == "rgb(255, 59, 74)"

    assert "Baseline" in words[2]
    assert "Recovery" in words[3]

    assert "▲▲ BP SYS HIGH" in words[4]
    assert "168 ≥ 160" in words[4]
    assert border(cell(page, 5)) == "solid rgb(255, 210, 63)"

    assert "NO DATA" in words[5]
    assert "– –" in words[5]
    assert "repeating-linear-gradient" in cell(page, 6).evaluate("node => getComputedStyle(node).backgroundImage")
    assert cell(page, 6).locator(".rw-crossed").count() == 1

    assert "▲ NIBP OVERDUE" in words[6]
    assert "overdue · 12 min ago" in words[6]
    assert border(cell(page, 7)).startswith("dashed")
    struck = cell(page, 7).locator(".rw-nibp .rw-value").evaluate("node => getComputedStyle(node).textDecorationLine")
    assert struck == "line-through"

    assert "No session" in words[7]
    assert "Ready" in words[7]

    header = " ".join(page.locator(".rw-header").inner_text().split())
    assert "Ketamine suite 7 sessions ▲▲▲ 1 high ▲▲ 1 medium ▲ 2 low 1 no data" in header
    assert re.search(r"Live · [01]\.\d s", header)
    assert re.search(r"\d\d:\d\d:\d\d$", header)


def test_a_tap_is_told_to_the_page_and_does_not_load_another(page, served):
    opened(page, served)
    page.evaluate("window.same = true")
    cell(page, 5).click()
    assert page.evaluate("window.triggers") == [["opened", 5]]
    assert page.evaluate("window.same")
    assert cell(page, 5).get_attribute("href") == "/bed?bed=5"


def test_a_late_number_is_grey_with_its_age_then_dashes(page):
    now = wall_ms()
    beds = wall_scene(now)
    beds[0].silent_since = now - 14 * SECOND
    beds[2].silent_since = now - 33 * SECOND
    with Running(Fake(beds)) as running:
        opened(page, running)
        grey = cell(page, 1).locator(".rw-hr")
        assert re.fullmatch(r"HR/min1[4-7] s ago\d+", re.sub(r"\n", "", grey.inner_text()))
        assert "rw-is-delayed" in grey.locator(".rw-value").get_attribute("class")
        lost = cell(page, 3).locator(".rw-hr")
        assert lost.locator(".rw-value").inner_text() == "– –"
        assert re.search(r"3\d s ago", lost.inner_text())
        assert "rw-is-fresh" in cell(page, 2).locator(".rw-hr .rw-value").get_attribute("class")


def test_stale_rules_follow_the_sources_own_interval(page, served):
    """Clinical definition 3.7: grey after 10 s or three intervals, dashes after 30 s or six; the cuff by its cycle."""
    opened(page, served)
    found = page.evaluate(
        """async () => {
          const { shownNumber, shownCuff } = await import("/api/assets/numbers.js");
          const known = { value: 70, status: "ok", time: 0, valid: { value: 70, time: 0 } };
          const rate = (age, interval_s, more = {}) => shownNumber({ ...known, interval_s, ...more }, age * 1000).state;
          const measured = { sys: 120, dia: 80, mean: 93, status: "ok", time: 0 };
          const cuff = (age) => shownCuff(measured, age * 1000, 300).state;
          return {
            second: [rate(10, 1), rate(10.1, 1), rate(30, 1), rate(30.1, 1)],
            slow: [rate(36, 12), rate(36.1, 12), rate(72, 12), rate(72.1, 12)],
            pulse: [rate(10, 300, { cuff: true }), rate(10.1, 300, { cuff: true })],
            off: rate(5, 1, { value: null, status: "off" }),
            never: shownNumber(undefined, 0).text,
            zero: shownNumber({ value: null, status: "zero", time: 0, interval_s: 1, valid: null }, 0),
            cuff: [cuff(420), cuff(420.1), cuff(720), cuff(720.1)],
          };
        }"""
    )
    assert found["second"] == ["fresh", "delayed", "delayed", "lost"]
    assert found["slow"] == ["fresh", "delayed", "delayed", "lost"]
    assert found["pulse"] == ["fresh", "delayed"]  # measured with the cuff: every 5 min, and old at once
    assert found["off"] == "doubtful"
    assert found["never"] == "– –"
    assert (found["zero"]["text"], found["zero"]["words"]) == ("– –", "no signal")
    assert found["cuff"] == ["fresh", "overdue", "overdue", "struck"]


@pytest.mark.parametrize("mode", ["demo", "replay"])
def test_what_is_not_live_is_marked_in_every_cell(page, mode):
    beds = many(8, wall_ms(), mode)
    for bed in beds:
        bed.view["replay"] = {"recording": "case 12", "start": 0, "end": 1, "speed": 10, "playing": True}
    with Running(Fake(beds, demo=mode == "demo")) as running:
        opened(page, running)
        marks = page.locator(".rw-cell .rw-modemark:visible").all_inner_texts()
        assert marks == [{"demo": "DEMO", "replay": "REPLAY 10×"}[mode]] * 8
        assert (border(cell(page, 1)) == "double rgb(229, 139, 255)") == (mode == "replay")
        counted = page.locator(".rw-chip:visible").count()
        assert (counted == 0) == (mode == "replay")


def test_the_words_of_others_are_text(page):
    beds = wall_scene(wall_ms())
    beds[0].view["name"] = "<img src=x onerror=alert(1)>"
    with Running(Fake(beds)) as running:
        opened(page, running)
        assert cell(page, 1).locator(".rw-name").inner_text() == "<img src=x onerror=alert(1)>"
        assert page.locator("img").count() == 0


def test_an_alarm_over_but_unseen_stays_and_one_unanswered_says_since_when(page):
    now = wall_ms()
    beds = wall_scene(now)
    beds[0].view["alarms"] = [
        alarm(9, "rise SBP", 2, "SBP", now - 400_000, now - 400_000, value=165, threshold=160, ended=now - 9_000)
    ]
    beds[1].view["alarms"][0]["raised"] = now - 61_000
    with Running(Fake(beds)) as running:
        opened(page, running)
        assert "was 165 ≥ 160" in cell(page, 1).inner_text()
        assert border(cell(page, 1)).startswith("dotted")
        assert re.search(r"unacknowledged since \d\d:\d\d", cell(page, 2).inner_text())
        acknowledged = running.fake.bed(2)
        for each in acknowledged.view["alarms"]:
            each.update(acknowledged=now, acknowledged_by="A. Meyer RN")
        running.fake.told(acknowledged)
        page.wait_for_function("document.querySelectorAll('.rw-cell')[1].innerText.includes('seen')")
        assert "unacknowledged" not in cell(page, 2).inner_text()
        assert "rw-unseen" not in cell(page, 2).get_attribute("class")


SIZES = [(1920, 1080, 16), (1920, 1080, 4), (1440, 900, 8), (1024, 768, 8), (390, 844, 3)]


@pytest.mark.parametrize(("width", "height", "count"), SIZES)
def test_the_largest_numbers_fit(page, width, height, count):
    beds = many(count, wall_ms(), "demo")
    for bed in beds:
        if bed.hr is not None:
            bed.hr, bed.climb, bed.spo2, bed.fall_since = 188, 0, 100, None
            bed.cuffs[-1] = (bed.cuffs[-1][0], 210, 120, 150)
    page.set_viewport_size({"width": width, "height": height})
    with Running(Fake(beds)) as running:
        opened(page, running)
        page.evaluate("document.fonts.ready")
        out = page.evaluate(
            """() => [...document.querySelectorAll(".rw-cell")].flatMap((cell) => {
              const box = cell.getBoundingClientRect();
              const outside = [...cell.querySelectorAll(".rw-value, .rw-mean, .rw-age, .rw-time")].filter((each) => {
                const own = each.getBoundingClientRect();
                return own.width && (own.left < box.left || own.right > box.right || own.bottom > box.bottom);
              });
              const shown = [...cell.querySelectorAll(".rw-value, .rw-mean")].filter((each) => each.offsetWidth);
              const places = shown.map((each) => each.getBoundingClientRect());
              const meets = places.some((one, place) => places.slice(place + 1).some((other) =>
                one.left < other.right && other.left < one.right
                && one.top < other.bottom - 2 && other.top < one.bottom - 2));
              return [...outside.map((each) => each.textContent), ...(meets ? ["numbers meet"] : [])];
            })"""
        )
        assert out == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


PLACES = """() => [...document.querySelectorAll(".rw-cell")].map((cell) =>
  [...cell.querySelectorAll(".rw-name, .rw-label, .rw-value, .rw-progress, .rw-line")].map((each) => {
    const { left, top } = each.getBoundingClientRect();
    return [Math.round(2 * left) / 2, Math.round(2 * top) / 2];
  }))"""


@pytest.mark.parametrize(("width", "height", "count"), SIZES)
def test_an_alarm_moves_no_number_and_none_of_its_words_is_cut(page, width, height, count):
    beds = many(count, wall_ms(), "live")
    for bed in beds:
        bed.hr, bed.spo2, bed.fall_since, bed.silent_since = 71, 97, None, None
        bed.view["alarms"] = []
    page.set_viewport_size({"width": width, "height": height})
    with Running(Fake(beds)) as running:
        opened(page, running)
        page.evaluate("document.fonts.ready")
        before = page.evaluate(PLACES)
        now = wall_ms()
        for number, bed in enumerate(beds):
            priority, ended = 1 + number % 3, None if number % 2 else now
            two = [
                alarm(number * 10 + n, f"rise {signal}", priority, signal, now - 300_000, now - 300_000, value=205,
                      threshold=180, ended=ended)
                for n, signal in enumerate(("SBP", "DBP"))
            ]  # fmt: skip
            bed.view["alarms"] = two
            running.fake.told(bed)
        page.wait_for_function(
            f"[...document.querySelectorAll('.rw-what')].filter((e) => /HIGH/.test(e.textContent)).length == {count}"
        )
        page.wait_for_timeout(600)
        assert page.evaluate(PLACES) == before
        cut = "(e) => e.scrollWidth > e.clientWidth + 1 && e.textContent"
        words = f"[...document.querySelectorAll('.rw-line .rw-what, .rw-line .rw-detail')].map({cut}).filter(Boolean)"
        assert page.evaluate(words) == []


def test_a_bed_added_or_taken_away_is_shown_so(page, served):
    opened(page, served)
    fake = served.fake
    gone = fake.beds.pop()
    fake.drop()
    page.wait_for_function("document.querySelectorAll('.rw-cell').length === 7")
    gone.view["session"] = session(18, "baseline", wall_ms() - 60_000, None)
    fake.beds.insert(0, gone)
    fake.drop()
    page.wait_for_function("document.querySelectorAll('.rw-cell').length === 8")
    assert cell(page, 1).locator(".rw-name").inner_text() == "Bed 8"


def test_a_rejected_measurement_is_struck_and_called_so(page, served):
    bed = served.fake.bed(1)
    bed.view["numbers"] = {
        "NIBP": {"sys": 246, "dia": 238, "mean": 240, "unit": "mmHg", "status": "ok", "source": "ge-dri:nibp",
                 "time": wall_ms() - 60 * SECOND, "rejected": "the pulse pressure is less than 20",
                 "suspect": "systolic 121 before it"},
    }  # fmt: skip
    opened(page, served)
    struck = "(e) => getComputedStyle(e).textDecorationLine"
    assert cell(page, 1).locator(".rw-nibp .rw-value").inner_text() == "246/238"
    assert cell(page, 1).locator(".rw-nibp .rw-value").evaluate(struck) == "line-through"
    assert cell(page, 1).locator(".rw-nibp .rw-age").inner_text().startswith("rejected · 1 min ago")
    assert cell(page, 4).locator(".rw-nibp .rw-value").evaluate(struck) == "none"


def test_doubted_numbers_are_marked_in_their_cells_and_stay(page, served):
    bed = served.fake.bed(1)
    now = wall_ms()
    bed.view["numbers"] = {
        "HR": {"value": 140, "unit": "/min", "status": "ok", "source": "ge-dri:ecg.hr", "time": now, "interval_s": 1,
               "suspect": "about twice the pulse rate 70"},
        "NIBP": {"sys": 168, "dia": 96, "mean": 120, "unit": "mmHg", "status": "ok", "source": "ge-dri:nibp",
                 "time": now - 60 * SECOND, "rejected": None, "suspect": "systolic 121 before it"},
    }  # fmt: skip
    opened(page, served)
    assert "suspect" in cell(page, 1).locator(".rw-hr .rw-age").inner_text()
    assert cell(page, 1).locator(".rw-nibp .rw-age").inner_text().startswith("suspect · 1 min ago")
    assert cell(page, 1).locator(".rw-nibp .rw-value").inner_text() == "168/96"
    assert "suspect" not in cell(page, 3).inner_text()
