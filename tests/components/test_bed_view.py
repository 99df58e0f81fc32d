"""The view of one bed in a real browser, told by a made stream."""

import re
import time
from itertools import pairwise

import pytest
from fake_scene import MINUTE, alarm, event
from fake_stream import Fake, Running, many, wall_ms

pytestmark = pytest.mark.browser

DRAWN = "document.querySelector('.rw-plot')?.data?.[0]?.x?.length > 100"
HR_TIMES = "Array.from(document.querySelector('.rw-plot').data[0].x).filter((x, i, all) => x !== null)"
# A machine that is busy may have the page covered for a moment, and what is under the cover has no text.
UNCOVERED = "!document.body.classList.contains('rw-blank')"
WINDOW = "document.querySelector('.rw-plot').layout.xaxis.range.map((each) => +new Date(each))"
RANGE = "document.querySelector('.rw-plot').layout.xaxis.range.map(String)"


def open_bed(page, served, number=5, drawn=True):
    page.goto(f"{served.url}/bed?bed={number}&stay")
    page.wait_for_selector(".rw-nibp .rw-value:not(:empty)")
    if drawn:
        page.wait_for_function(DRAWN)
    page.wait_for_function(UNCOVERED)


def text(page, selector):
    page.wait_for_function(UNCOVERED)
    return page.locator(selector).first.inner_text()


def test_shows_who_which_phase_and_what_lies_between_baseline_and_now(page, served):
    served.fake.bed(5).hr_at = lambda _at: 92
    open_bed(page, served)
    assert text(page, ".rw-patient") == "Anna Berg · K-0142"
    assert re.match(r"Infusion 2[34]:\d\d", text(page, ".rw-phasebox"))
    assert text(page, ".rw-phasebox").strip().endswith("/ 40:00")
    assert text(page, ".rw-drug") == "Ketamine 0.5 mg/kg"
    assert text(page, ".rw-set") == "adult-iv v3 · 8c1f22d0"
    assert text(page, ".rw-hr .rw-value") == "92"
    assert text(page, ".rw-hr .rw-delta") == "▲ +22"
    assert text(page, ".rw-hr .rw-base") == "baseline 70"
    assert text(page, ".rw-hr .rw-limits") == "limits 50 – 100"
    assert text(page, ".rw-nibp .rw-value") == "168/96"
    assert text(page, ".rw-nibp .rw-unit") == "MAP 120"
    assert text(page, ".rw-nibp .rw-delta") == "+48/+20"
    assert re.match(r"1 min ago · next in 03:[0-5]\d", text(page, ".rw-nibp .rw-card-foot"))
    assert "1 of 2, repeat cuff" in text(page, ".rw-nibp .rw-hint")
    assert text(page, ".rw-bar-what").endswith("SYS HIGH")
    assert text(page, ".rw-bar-amount") == "168 ≥ 160 mmHg"
    assert "medium · since " in text(page, ".rw-bar-since")


def test_a_suspect_measurement_is_marked_and_shown_all_the_same(page, served):
    bed = served.fake.bed(5)
    cuff = {"sys": 168, "dia": 96, "mean": 120, "unit": "mmHg", "status": "ok", "source": "ge-dri:nibp",
            "time": wall_ms() - MINUTE, "rejected": None, "suspect": "systolic 121 before it"}  # fmt: skip
    bed.view["numbers"] = {"NIBP": cuff}
    open_bed(page, served)
    assert text(page, ".rw-nibp .rw-value") == "168/96"
    assert "suspect: systolic 121 before it" in text(page, ".rw-nibp .rw-hint")


def test_a_suspect_rate_is_marked_and_shown_all_the_same(page, served):
    bed = served.fake.bed(5)
    rate = {"value": 140, "unit": "/min", "status": "ok", "source": "ge-dri:ecg.hr", "time": wall_ms(),
            "interval_s": 1, "suspect": "about twice the pulse rate 70"}  # fmt: skip
    bed.view["numbers"] = {"HR": rate}
    open_bed(page, served, drawn=False)
    assert "suspect: about twice the pulse rate 70" in text(page, ".rw-hr .rw-hint")
    assert page.locator(".rw-hr .rw-hint").is_visible()
    assert page.locator(".rw-hr .rw-value").inner_text().isdigit()
    assert not page.locator(".rw-spo2 .rw-hint").is_visible()


def test_notes_are_text_and_never_markup(page, served):
    open_bed(page, served)
    assert "Ondansetron 4 mg <b>iv</b>" in text(page, ".rw-eventlist")
    assert page.locator(".rw-eventlist b").count() == 0
    drawn = page.evaluate("Array.from(document.querySelectorAll('.rw-plot .textpoint text')).map((e) => e.textContent)")
    assert any("Ondansetron 4 mg <b>" in each for each in drawn)


def test_a_bed_without_alarm_never_says_that_all_is_well(page, served):
    open_bed(page, served, 1)
    said = text(page, ".rw-bar")
    assert "no limit passed since " in said
    assert "last cuff 1 min ago" in said
    whole = page.locator(".rw-bedview").inner_text().lower()
    for word in ("normal", "safe", "within limits", "✓"):
        assert word not in whole


def test_readings_are_neither_missing_nor_doubled_over_reconnections(page, served):
    open_bed(page, served)
    for _ in range(2):
        before = page.evaluate(f"{HR_TIMES}.at(-1)")
        served.fake.drop()
        page.wait_for_function(f"before => {HR_TIMES}.at(-1) >= before + 2000", arg=before)
    sent = {row[1] for row in served.fake.sent[5] if row[0] == "HR"}
    shown = page.evaluate(HR_TIMES)
    offset = page.evaluate(
        "(async () => { const { local } = await import('/api/assets/times.js');"
        " return local(Date.now(), 'Europe/Berlin') - Date.now(); })()"
    )
    instants = [round((each - offset) / 1000) * 1000 for each in shown]
    assert len(instants) == len(set(instants))
    assert instants == sorted(instants)
    until = max(instants)
    assert {each for each in sent if each <= until} <= set(instants)


def test_the_zoom_and_the_drawing_survive_new_readings_until_back_to_live(page, served):
    open_bed(page, served)
    assert page.locator(".rw-back").is_hidden()
    page.evaluate("document.querySelector('.rw-plot').marked = document.querySelector('.rw-plot .main-svg').marked = 1")
    box = page.locator(".rw-plot .nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 45, steps=4)
    page.mouse.up()
    page.wait_for_selector(".rw-back:visible")
    before, points = page.evaluate(RANGE), len(page.evaluate(HR_TIMES))
    served.fake.bed(5).cuffs.append((wall_ms(), 171, 99, 123))
    at = wall_ms()
    rows = [["NIBP_SYS", at, 171], ["NIBP_DIA", at, 99], ["NIBP_MEAN", at, 123]]
    served.fake.send("readings", {"bed": 5, "rows": [[*each, "ok", "ge-dri:nibp"] for each in rows]})
    page.wait_for_function("document.querySelector('.rw-nibp .rw-value').textContent === '171/99'")
    page.wait_for_function(f"points => {HR_TIMES}.length >= points + 2", arg=points)
    assert page.evaluate(RANGE) == before
    assert page.evaluate("document.querySelector('.rw-plot .main-svg').marked") == 1
    page.locator(".rw-back").click()
    assert page.evaluate(RANGE) != before
    assert page.locator(".rw-back").is_hidden()


def test_one_looks_back_step_by_step_while_the_numbers_go_on_and_returns(page, served):
    """Half a window at a time; what is shown is said; forth beyond now is live again."""
    open_bed(page, served)
    page.get_by_role("button", name="15 min").click()
    live = page.evaluate(WINDOW)
    page.locator(".rw-earlier").click()
    page.wait_for_selector(".rw-back:visible")
    once = page.evaluate(WINDOW)
    assert once[1] - once[0] == pytest.approx(live[1] - live[0], abs=1_000)
    assert live[0] - once[0] == pytest.approx((live[1] - live[0]) / 2, abs=3_000)
    assert text(page, ".rw-past").startswith("looking back, ")
    at = wall_ms()
    rows = [["NIBP_SYS", at, 171], ["NIBP_DIA", at, 99], ["NIBP_MEAN", at, 123]]
    served.fake.send("readings", {"bed": 5, "rows": [[*each, "ok", "ge-dri:nibp"] for each in rows]})
    page.wait_for_function("document.querySelector('.rw-nibp .rw-value').textContent === '171/99'")
    assert page.evaluate(WINDOW) == once
    for _ in range(20):
        if page.locator(".rw-earlier").is_disabled():
            break
        page.locator(".rw-earlier").click()
    oldest = page.evaluate("Math.min(...document.querySelector('.rw-plot').data[0].x.map((x) => +new Date(x)))")
    assert page.evaluate(WINDOW)[0] <= oldest + 1_000
    page.locator(".rw-later").click()
    page.locator(".rw-back").click()
    assert page.locator(".rw-past").inner_text() == "" and page.locator(".rw-later").is_hidden()
    assert page.evaluate(WINDOW)[1] >= live[1] - 1_000


def test_what_one_points_at_stays_named_while_readings_come(page, served):
    open_bed(page, served)
    box = page.locator(".rw-plot .nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 60)
    page.wait_for_selector(".rw-plot .hoverlayer .hovertext")
    named = page.locator(".rw-plot .hoverlayer").text_content()
    at = wall_ms()
    served.fake.send("readings", {"bed": 5, "rows": [["HR", at, 99, "ok", "ge-dri:ecg.hr"]]})
    page.wait_for_function("document.querySelector('.rw-plot').data[0].y.includes(99)")
    page.wait_for_timeout(300)
    assert page.locator(".rw-plot .hoverlayer .hovertext").count()
    assert page.locator(".rw-plot .hoverlayer").text_content() == named


def test_history_that_was_thinned_out_is_fetched_finer_when_zoomed(page):
    now = wall_ms()
    beds = many(8, now, "live")
    beds[0].started = now - 300 * MINUTE
    beds[0].view["session"]["started"] = now - 300 * MINUTE
    with Running(Fake(beds)) as served:
        open_bed(page, served, 1)
        line = "Array.from(document.querySelector('.rw-plot').data[0].x)"
        within = f"([a, b]) => {line}.filter((x) => x >= a && x <= b).length"
        middle = page.evaluate(HR_TIMES)[800]
        window = [middle, middle + 4 * MINUTE]
        coarse = page.evaluate(within, window)
        page.evaluate("(r) => window.Plotly.relayout(document.querySelector('.rw-plot'), {'xaxis.range': r})", window)
        page.wait_for_function(f"(w) => ({within})(w) > 200", arg=window)
        assert coarse < 60


def test_nothing_is_offered_or_said_before_it_is_known(page, served):
    held = []
    page.route("**/api/stream*", lambda route: held.append(route))  # a built-in cannot be called by Playwright
    page.goto(f"{served.url}/bed?bed=5&stay")
    page.wait_for_selector(".rw-bar")
    known = (".rw-ack", ".rw-silence", ".rw-modemark", ".rw-phasebox", ".rw-hr .rw-hint", ".rw-nibp .rw-hint")
    assert [each for each in known if page.locator(each).is_visible()] == []
    held[0].continue_()
    page.locator(".rw-ack").click()
    page.wait_for_function("document.querySelector('.rw-bar-since').textContent.includes('seen by A. Meyer RN')")
    assert served.fake.acknowledged == [2]


def test_acknowledging_is_the_servers_word_not_the_buttons(page, served):
    open_bed(page, served, drawn=False)
    page.route("**/api/acknowledge", lambda route: route.fulfill(status=503, json={"error": "the database is away"}))
    page.locator(".rw-ack").click()
    page.wait_for_selector(".rw-trouble:visible")
    assert text(page, ".rw-trouble") == "Not acknowledged: the database is away."
    assert page.locator(".rw-ack").is_visible()
    page.unroute("**/api/acknowledge")
    page.locator(".rw-ack").click()
    page.wait_for_function("document.querySelector('.rw-bar-since').textContent.includes('seen by A. Meyer RN')")
    assert served.fake.acknowledged == [2]
    assert page.locator(".rw-ack").is_hidden()
    assert page.locator(".rw-trouble").is_hidden()


def test_a_pause_of_the_sound_says_whose_it_is_and_moves_no_number(page, served):
    open_bed(page, served)
    page.locator(".rw-patient").click()  # a browser allows sound from the first tap on, wherever it is
    page.wait_for_function("document.querySelector('.rw-soundbar').hidden")
    before = page.evaluate(PLACES)
    page.locator(".rw-silence").click()
    page.wait_for_function("/^Sound paused 0[12]:\\d\\d$/.test(document.querySelector('.rw-silence span').textContent)")
    assert text(page, ".rw-silence .rw-sound-by") == "by A. Meyer RN"
    page.wait_for_function("document.querySelector('.rw-sound-told .rw-sound-by').textContent === 'by A. Meyer RN'")
    assert page.evaluate(PLACES) == before
    page.locator(".rw-silence").click()
    page.wait_for_function("document.querySelector('.rw-silence').textContent === 'Pause sound 2 min'")


def test_without_a_name_nothing_can_be_acknowledged(page):
    with Running(Fake(may_act=False)) as served:
        open_bed(page, served, drawn=False)
        assert page.locator(".rw-ack").is_hidden()
        assert page.locator(".rw-tag-ack").count() == 0


def test_a_change_of_phase_asks_the_page_for_new_buttons_once(page, served):
    open_bed(page, served, 3, drawn=False)
    assert page.evaluate("window.triggers") == []
    bed = served.fake.bed(3)
    bed.view["session"] |= {"phase": "infusion", "t0": wall_ms(), "planned_end": wall_ms() + 40 * MINUTE}
    bed.view["session"]["events"] = [event(1, "infusion-start", wall_ms())]
    served.fake.told(bed)
    served.fake.told(bed)
    page.wait_for_function("document.querySelector('.rw-phasebox').textContent.startsWith('Infusion 00:0')")
    assert page.evaluate("window.triggers") == [["anew", 3]]


def test_a_change_of_phase_closes_no_dialog_and_is_asked_for_after_it(page, served):
    open_bed(page, served, 3, drawn=False)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<div data-testid=stDialog></div>')")
    bed = served.fake.bed(3)
    bed.view["session"] |= {"phase": "infusion", "t0": wall_ms(), "planned_end": wall_ms() + 40 * MINUTE}
    served.fake.told(bed)
    page.wait_for_function("document.querySelector('.rw-phasebox').textContent.startsWith('Infusion 00:0')")
    page.wait_for_timeout(1_200)
    assert page.evaluate("window.triggers") == []
    page.evaluate("document.querySelector('[data-testid=stDialog]').remove()")
    page.wait_for_function("window.triggers.length > 0")
    page.wait_for_timeout(600)
    assert page.evaluate("window.triggers") == [["anew", 3]]


def test_under_the_cover_no_number_and_no_line_can_be_read(page, served):
    open_bed(page, served)
    hidden = "(name) => getComputedStyle(document.querySelector(name)).visibility === 'hidden'"
    live = (
        ".rw-hr .rw-value",
        ".rw-nibp .rw-value",
        ".rw-nibp .rw-unit",
        ".rw-spo2 .rw-value",
        ".rw-plot",
        ".rw-bar-amount",
        ".rw-clock",
    )
    assert not any(page.evaluate(hidden, each) for each in live)
    served.fake.speaking = False
    began = time.monotonic()
    page.wait_for_selector(".rw-cover:visible", timeout=4600)
    assert time.monotonic() - began < 4.6  # a beat may lie up to a second before: 4 s after the last one is promised
    assert all(page.evaluate(hidden, each) for each in live)
    served.fake.speaking = True
    page.wait_for_selector(".rw-cover", state="hidden")
    assert not any(page.evaluate(hidden, each) for each in live)


def test_a_silent_monitor_ends_in_dashes_with_the_age(page, served):
    open_bed(page, served, 6, drawn=False)
    for card in (".rw-hr", ".rw-spo2"):
        assert set(text(page, f"{card} .rw-value")) <= {"–", " "}
    assert "s ago" in text(page, ".rw-hr .rw-card-foot")
    assert "NO DATA" in text(page, ".rw-bar-what")


@pytest.mark.parametrize("size", [(1920, 1080), (1440, 900), (1024, 768), (390, 844)])
def test_the_longest_numbers_fit(page, served, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    bed = served.fake.bed(5)
    bed.hr_at, bed.spo2_at = lambda _at: 188, lambda _at: 100
    bed.cuffs.append((wall_ms(), 210, 120, 150))
    open_bed(page, served, drawn=False)
    assert text(page, ".rw-nibp .rw-value") == "210/120"
    for card in (".rw-hr", ".rw-nibp", ".rw-spo2"):
        outer = page.locator(f"section{card}").bounding_box()
        for part in (".rw-value", ".rw-unit", ".rw-side", ".rw-card-head"):
            inner = page.locator(f"section{card} {part}").first.bounding_box()
            assert inner["x"] >= outer["x"] - 1
            assert inner["x"] + inner["width"] <= outer["x"] + outer["width"] + 1, (card, part)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for button in page.locator("button:visible").all():
        assert button.bounding_box()["height"] >= 44


PLACES = """() => [...document.querySelectorAll(".rw-card .rw-value, .rw-trend, .rw-bar")].map((each) => {
  const { left, top } = each.getBoundingClientRect();
  return [each.className.split(" ")[0], Math.round(left), Math.round(top)];
})"""


@pytest.mark.parametrize("size", [(1920, 1080), (1440, 900), (1024, 768), (390, 844)])
def test_no_alarm_here_or_elsewhere_moves_a_number(page, served, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for bed in served.fake.beds:
        bed.view["alarms"] = []
    open_bed(page, served, drawn=False)
    before = page.evaluate(PLACES)
    now = wall_ms()
    for number, priority in ((5, 3), (2, 3), (3, 2)):
        bed = served.fake.bed(number)
        bed.view["alarms"] = [alarm(number, "rise SBP", priority, "SBP", now, now - 400_000, value=205, threshold=180)]
        served.fake.told(bed)
    page.wait_for_function("document.querySelectorAll('.rw-tag-other').length === 2")
    assert page.evaluate(PLACES) == before
    row = page.locator(".rw-more-row").bounding_box()
    for tag in page.locator(".rw-tag-other").all()[:1]:
        box = tag.bounding_box()
        assert box["x"] + box["width"] <= row["x"] + row["width"] + 1


def test_a_replay_is_marked_in_every_part_and_gives_no_sound(page):
    fake = Fake(many(8, wall_ms(), "replay"))
    for bed in fake.beds:
        bed.view["replay"] = {"recording": "case 12", "start": 0, "end": 1, "speed": 10, "playing": True}
    with Running(fake) as served:
        open_bed(page, served, 5, drawn=False)
        page.locator(".rw-start").dispatch_event("click")  # hidden where the browser allows sound at once
        page.wait_for_function("document.querySelector('.rw-modemark').textContent === 'REPLAY 10×'")
        page.wait_for_function("document.title.startsWith('REPLAY · ')")
        assert text(page, ".rw-liveage") == "Recording, not live"
        assert "recording time" in text(page, ".rw-set")
        mark = page.locator(".rw-watermark")
        assert mark.evaluate("(e) => e.textContent.split('REPLAY').length") > 100
        covers, view = mark.bounding_box(), page.locator(".rw-bedview").bounding_box()
        assert covers["width"] >= view["width"] - 1
        assert covers["height"] >= view["height"] - 1
        assert {each["kind"] for each in page.evaluate("window.risewatchSound.bursts")} <= {"test"}


def test_a_demonstration_is_marked(page):
    with Running(Fake(many(8, wall_ms(), "demo"), demo=True)) as served:
        open_bed(page, served, 5, drawn=False)
        assert text(page, ".rw-modemark") == "DEMO"
        assert "DEMO" in page.locator(".rw-watermark").evaluate("(e) => e.textContent")


def test_an_alarm_elsewhere_is_said_and_leads_there(page, served):
    open_bed(page, served, 1, drawn=False)
    tag = page.locator(".rw-tag-other.rw-tag-p3")
    assert tag.inner_text().startswith("Bed 2: ▲▲▲ SpO₂ LOW")
    tag.click()
    assert page.evaluate("window.triggers") == [["opened", 2]]


def test_the_course_of_a_session_as_spans(page, served):
    page.goto(f"{served.url}/bed?bed=8&stay")
    spans = page.evaluate(
        """async () => (await import("/api/assets/figure.js")).courseSpans({ events: [
          { id: 1, kind: "infusion-start", time: 10 }, { id: 4, kind: "infusion-stop", time: 50 },
          { id: 2, kind: "infusion-pause", time: 20 }, { id: 3, kind: "infusion-resume", time: 30 },
          { id: 5, kind: "note", time: 25 }] })"""
    )
    assert spans == [
        {"kind": "infusion", "from": 10, "to": 20},
        {"kind": "paused", "from": 20, "to": 30},
        {"kind": "infusion", "from": 30, "to": 50},
        {"kind": "recovery", "from": 50, "to": None},
    ]


def test_of_equal_cuff_measurements_one_peak_is_named(page, served):
    bed = served.fake.bed(5)
    bed.cuffs = [(wall_ms() - minute * MINUTE, 120, 80, 93) for minute in range(20, 0, -1)]
    open_bed(page, served)
    traces = page.evaluate("document.querySelector('.rw-plot').data.map((each) => each.text ?? [])")
    named = [words for texts in traces for words in texts if "120/80" in words]
    assert len(named) == 2  # the first, which is the peak as well, and the last


def test_a_cuff_measurement_is_drawn_by_the_limit_it_reaches(page, served):
    page.goto(f"{served.url}/bed?bed=8&stay")
    levels = page.evaluate(
        """async () => {
          const { cuffLevel } = await import("/api/assets/trend.js");
          const bed = {
            limits: [{ signal: "SBP", level: 1, threshold: 140 }, { signal: "SBP", level: 2, threshold: 160 },
                     { signal: "DBP", level: 3, threshold: 110 }],
            low: [{ signal: "SBP", priority: 2, limit: 90 }, { signal: "SBP", priority: 3, limit: 80 }],
          };
          return [[120, 70], [140, 80], [159.9, 80], [160, 80], [130, 110], [90, 50], [80, 50]].map(
            ([sys, dia]) => cuffLevel(bed, [0, sys, dia, null, "ok"])
          ).concat(cuffLevel(bed, [0, 200, 90, null, "questionable"]));
        }"""
    )
    assert levels == ["NIBP", "NIBP", "NIBP", 2, 3, 2, 3, "none"]


def test_the_levels_of_an_alarm_differ_without_colour(page, served):
    """Shape, filling and frame tell them apart, so that they do in greyscale too."""
    told = {}
    for number in (2, 5, 7):
        open_bed(page, served, number, drawn=False)
        bar = page.locator(".rw-bar")
        told[number] = (
            page.locator(".rw-bar-shape").evaluate("(e) => e.textContent"),
            bar.evaluate("(e) => getComputedStyle(e).borderStyle"),
            bar.evaluate("(e) => getComputedStyle(e).backgroundColor === 'rgba(0, 0, 0, 0)'"),
        )
    assert told == {2: ("▲▲▲", "solid", False), 5: ("▲▲", "solid", False), 7: ("▲", "dashed", True)}


def test_a_server_that_answers_but_no_longer_beats_stays_covered(page, served):
    """A new connection gets the last snapshot; that is not life, and its numbers are old."""
    open_bed(page, served, drawn=False)
    served.fake.speaking = False
    page.wait_for_selector(".rw-cover:visible")
    page.evaluate(
        """() => {
          window.lifted = 0;
          const cover = document.querySelector(".rw-cover");
          new MutationObserver(() => { if (cover.hidden) window.lifted += 1; }).observe(cover, { attributes: true });
        }"""
    )
    served.fake.drop()
    page.wait_for_timeout(2500)
    assert page.evaluate("window.lifted") == 0
    assert page.locator(".rw-cover").is_visible()


def test_a_bed_that_is_taken_off_the_page_leaves_without_an_error(page, served):
    open_bed(page, served)
    page.evaluate("document.getElementById('host').style.display = 'none'")
    page.wait_for_timeout(200)
    page.evaluate("document.getElementById('host').remove()")
    page.wait_for_function("window.risewatchHub.listeners.size === 0")
    assert page.errors == []


@pytest.mark.parametrize(("size", "lines"), [((1920, 1080), 1), ((1440, 900), 1), ((1024, 768), 2)])
def test_the_header_keeps_to_its_lines_with_all_that_it_may_say(page, served, size, lines):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    bed = served.fake.bed(5)
    bed.view["mode"] = "demo"
    bed.view["session"] |= {
        "drug": "Ketamine IV (racemic)",
        "dose": {"at": wall_ms(), "amount": 20.6, "per_h": 55.5, "planned": 37.0, "unit": "mg", "assumed": False},
    }
    open_bed(page, served, drawn=False)
    assert re.match(r"given 20\.[6-9] of 37 mg · 55.5 mg/h", text(page, ".rw-given"))
    page.evaluate("document.fonts.ready")
    centres = page.evaluate(
        """[...document.querySelector(".rw-bedhead").children].filter((each) => each.offsetHeight && each.offsetWidth)
           .map((each) => { const box = each.getBoundingClientRect(); return box.top + box.height / 2; })"""
    )
    found = sorted(centres)
    breaks = sum(after - before > 15 for before, after in pairwise(found))
    assert breaks + 1 <= lines, centres
