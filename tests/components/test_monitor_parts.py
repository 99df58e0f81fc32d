"""The live parts of the page Monitors, in a real browser: they go on without a run of the page, claim nothing that is
not known, and have the page drawn anew only when what it was drawn on has changed and no hand is at it."""

import json
from urllib.parse import quote

import pytest

pytestmark = pytest.mark.browser

ROW = {
    "id": 1, "name": "Bed <b>1", "mode": "live", "protocol": "nonin", "port": "/dev/ttyUSB0", "state": "connected",
    "text": "speaking", "bytes": 98_765, "frames": 1_234, "rejected": 7, "age": 4_000,
}  # fmt: skip
FACTS = {"watching": True, "beds": [[1, "Bed <b>1", "nonin", "/dev/ttyUSB0"]], "captures": [], "looked": 3, "log": []}


@pytest.fixture
def fake(served):
    served.fake.monitors = {"facts": dict(FACTS), "monitors": [dict(ROW)]}
    return served.fake


def opened(page, served, part, **more):
    """The part alone, given what the page gives it."""
    page.goto(f"{served.url}/?{part}&stay&more={quote(json.dumps({'zone': 'Europe/Berlin', 'rows': 1, **more}))}")


def cells(page, row=0):
    return page.locator(".rw-rows tbody tr").nth(row).locator("td").all_inner_texts()


def shown(page, text, column, timeout=5_000):
    page.wait_for_function(
        "([text, at]) => document.querySelectorAll('.rw-rows tbody td')[at]?.innerText.trim() === text",
        arg=[text, column],
        timeout=timeout,
    )


def test_a_monitor_stands_there_as_told_and_its_age_goes_on_each_second(page, served, fake):
    opened(page, served, "monitors")
    shown(page, "4 s", 8)
    said = [each.strip() for each in cells(page)]
    assert said == ["Bed <b>1", "nonin", "/dev/ttyUSB0", "connected", "speaking", "98,765", "1,234", "7", "4 s"]
    asked = len(fake.asked_monitors)
    page.route("**/api/monitors?*", lambda route: None)  # no answer comes any more
    for age in ("5 s", "6 s"):
        shown(page, age, 8, 1_500)
    assert len(fake.asked_monitors) <= asked + 1


def test_before_it_is_told_anything_no_empty_table_stands_there(page, served, fake):
    kept, fake.monitors = fake.monitors, None
    opened(page, served, "monitors")
    page.get_by_text("Being asked for").wait_for()
    assert not page.get_by_text("Last frame").is_visible()
    page.get_by_text("The database cannot be read.").wait_for(timeout=6_000)
    fake.monitors = kept
    shown(page, "connected", 3)
    assert not page.get_by_text("Being asked for").is_visible()


def test_a_monitor_that_falls_silent_is_seen_within_two_seconds(page, served, fake):
    opened(page, served, "monitors")
    shown(page, "connected", 3)
    fake.monitors["monitors"] = [ROW | {"state": "quiet", "text": "nothing has come for 30 s"}]
    shown(page, "quiet", 3, 2_000)
    assert cells(page)[4] == "nothing has come for 30 s"
    fake.monitors["monitors"] = []
    page.wait_for_function("!document.querySelector('.rw-rows tbody tr')")


def test_without_a_watch_no_state_is_claimed(page, served, fake):
    fake.monitors["facts"] = FACTS | {"watching": False}
    opened(page, served, "monitors")
    shown(page, "not known", 3)
    assert cells(page)[4] == "the watch is not running"
    assert page.get_by_text("The watch is not running: no monitor is read now").is_visible()


@pytest.mark.parametrize("answers", [True, False], ids=["refused", "no answer"])
def test_without_word_from_the_server_the_page_says_so_and_claims_no_state(page, served, fake, answers):
    opened(page, served, "monitors")
    shown(page, "connected", 3)
    kept, fake.monitors = fake.monitors, None
    if not answers:
        page.route("**/api/monitors?*", lambda route: route.abort())
    shown(page, "not known", 3, 6_000)
    why = "The database cannot be read." if answers else "No word from the server for "
    assert page.get_by_text(why).is_visible()
    assert [each.strip() for each in cells(page)[5:7]] == ["98,765", "1,234"]  # as told last, with no rate
    fake.monitors = kept
    page.unroute("**/api/monitors?*")
    shown(page, "connected", 3)
    assert not page.locator(".rw-said").is_visible()


def test_what_is_selected_stays_while_the_counters_go_on(page, served, fake):
    opened(page, served, "monitors")
    shown(page, "speaking", 4)
    page.locator(".rw-rows tbody td").nth(2).locator("code").select_text()
    fake.monitors["monitors"] = [ROW | {"bytes": 99_999}, ROW | {"id": 2, "name": "Bed 2"}]
    page.wait_for_function("document.querySelectorAll('.rw-rows tbody tr').length === 2")
    assert "99,999" in cells(page)[5]
    assert page.evaluate("getSelection().toString()") == "/dev/ttyUSB0"


def test_one_monitor_is_asked_for_by_its_bed_and_only_that_is_shown(page, served, fake):
    noon = 1_764_000_000_000  # 2025-11-24 16:00:00 UTC
    notice = {"id": 5, "time": noon, "kind": "frame-rejected", "means": "It was not read", "text": "<i>bad</i>"}
    off = {"label": "SpO2", "value": None, "unit": "%", "status": "off", "age": 90_000, "source": "nonin:spo2"}
    one = {
        "id": 2, "rate": 1.0, "late": 0, "clock": {"time": noon, "text": "95 s ahead"}, "heard": [off],
        "notices": [notice | {"bytes": "01 AB", "about": "SPO2", "source": "nonin"}],
    }  # fmt: skip
    opened(page, served, "monitor", bed=1)
    page.get_by_text("Being asked for").wait_for()
    fake.monitors["one"] = one  # of another bed
    page.wait_for_timeout(1_500)
    assert not page.get_by_text("What is heard").is_visible()
    fake.monitors["one"] = one | {"id": 1}
    page.get_by_text("What is heard").wait_for()
    assert {each["bed"] for each in fake.asked_monitors} == {"1"}
    assert cells(page)[:5] == ["SpO2", "none", "%", "off", "90 s"]
    said = page.locator(".rw-told").inner_text()
    for words in ("Clock, 2025-11-24 17:00:00 +01:00: 95 s ahead", "<i>bad</i>", "01 AB", "2025-11-24 17:00:00 +01:00"):
        assert words in said
    fake.monitors["one"] = one | {"id": 1, "heard": [], "clock": None, "notices": [], "late": 3}
    page.get_by_text("No value has ever come from this bed.").wait_for()
    for words in ("no offset between", "3 readings of this session came too late", "It has given no notice."):
        assert page.get_by_text(words).is_visible()


def test_how_far_the_watch_has_come(page, served, fake):
    opened(page, served, "probe", command=9)
    page.get_by_text("The watch has been asked").wait_for()
    fake.monitors["command"] = {"id": 9, "progress": "listening at 9600 8N1", "done": False, "age": 4_000}
    page.get_by_text("Listening at 9600 8N1 (4 s)").wait_for(timeout=2_000)
    fake.monitors["command"]["done"] = True
    page.get_by_text("The watch is done.").wait_for(timeout=2_000)


GAINS = "async (told) => [...(await import('/api/assets/monitor_feed.js')).gains(told)]"


@pytest.mark.parametrize(
    ("after", "gained"),
    [
        ({"bytes": 400, "frames": 16}, [[1, [100, 2]]]),
        ({"bytes": 90, "frames": 16}, []),  # the watch began anew
        ({"bytes": 400, "frames": 9}, []),
        ({"id": 2, "bytes": 400, "frames": 16}, []),
    ],
)
def test_gains_are_counted_over_the_time_that_passed_and_not_over_a_restart(page, served, after, gained):
    page.goto(f"{served.url}/api/assets/palette.css")  # a place to import from
    first = {"id": 1, "bytes": 100, "frames": 10}
    told = [{"server": 0, "monitors": [first]}, {"server": 3_000, "monitors": [first | after]}]
    assert page.evaluate(GAINS, told) == gained
    assert page.evaluate(GAINS, [told[0], told[1] | {"server": 400}]) == []
    assert page.evaluate(GAINS, told[:1]) == page.evaluate(GAINS, []) == []


def test_ages_and_moments_in_words(page, served):
    page.goto(f"{served.url}/api/assets/palette.css")  # a place to import from
    age = (
        "async (ages) => { const { ageText } = await import('/api/assets/monitor_feed.js'); return ages.map(ageText); }"
    )
    ages = [0, -5, 119_999, 120_000, 7_199_000, 7_200_000, 172_800_000, None]
    assert page.evaluate(age, ages) == ["0 s", "0 s", "119 s", "2 min", "119 min", "2 h", "2 d", "\N{EN DASH}"]
    moment = "async (asked) => (await import('/api/assets/times.js')).moment(...asked)"
    for at, zone, words in (
        (1_764_000_000_999, "UTC", "2025-11-24 16:00:00 +00:00"),
        (1_751_371_200_000, "Asia/Kolkata", "2025-07-01 17:30:00 +05:30"),
        (1_764_000_000_000, "America/St_Johns", "2025-11-24 12:30:00 -03:30"),
    ):
        assert page.evaluate(moment, [at, zone]) == words


SHOWN = {"watching": True, "looked": 3, "command": [9, False]}


@pytest.fixture
def followed(page, served, fake):
    """A part of the page that was drawn on what is so, and waits for a command."""
    fake.monitors["facts"]["command"] = [9, False]
    opened(page, served, "follow", shown=SHOWN)
    page.wait_for_timeout(1_500)
    return fake


def asked(page):
    return page.evaluate("window.triggers")


def until_asked(page):
    page.wait_for_function("window.triggers.length > 0", timeout=8_000)


@pytest.mark.parametrize("change", [{"watching": False}, {"looked": 4}, {"command": [9, True]}])
def test_what_it_was_drawn_on_has_changed_so_it_is_drawn_anew_once(page, followed, change):
    assert asked(page) == []
    assert followed.asked_monitors[-1]["command"] == "9"
    followed.monitors["facts"] |= {"captures": [1], "log": [[7, True]]}  # it shows nothing of these
    page.wait_for_timeout(1_500)
    assert asked(page) == []
    followed.monitors["facts"] |= change
    until_asked(page)
    page.wait_for_timeout(2_500)  # a part that cannot follow is not drawn again and again
    assert asked(page) == [["anew", True]]
    page.evaluate("(shown) => { component.data.shown = shown; remount(); }", SHOWN | change)
    page.wait_for_timeout(2_500)
    assert len(asked(page)) == 1
    followed.monitors["facts"]["looked"] = 5  # the next change does not wait for that
    page.wait_for_function("window.triggers.length === 2", timeout=2_500)


def test_what_is_so_again_before_it_could_be_drawn_is_not_drawn(page, followed):
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<input id=field>')")
    page.locator("#field").focus()
    followed.monitors["facts"]["watching"] = False
    page.wait_for_timeout(2_500)
    followed.monitors["facts"]["watching"] = True
    page.wait_for_timeout(1_500)
    page.locator("#field").blur()
    page.wait_for_timeout(2_500)
    assert asked(page) == []


FIELD = "<input id=field role=combobox aria-expanded={}>"


def test_an_open_list_is_left_alone_and_a_closed_one_holds_nothing_up(page, followed):
    page.evaluate("(field) => document.body.insertAdjacentHTML('beforeend', field)", FIELD.format("true"))
    page.locator("#field").focus()
    followed.monitors["facts"]["looked"] = 4
    page.wait_for_timeout(3_000)
    assert asked(page) == []
    page.evaluate("document.getElementById('field').ariaExpanded = 'false'")
    until_asked(page)


def test_a_hand_at_work_is_not_answered_with_a_run(page, followed):
    followed.monitors["facts"]["looked"] = 4
    for _ in range(8):
        page.mouse.click(5, 5)
        page.wait_for_timeout(500)
    assert asked(page) == []
    until_asked(page)


def test_it_all_goes_on_without_the_live_stream(page, served, fake):
    page.route("**/api/stream?*", lambda route: route.abort())
    opened(page, served, "monitors")
    shown(page, "connected", 3)
    page.wait_for_timeout(4_000)
    fake.monitors["monitors"] = [ROW | {"state": "lost"}]
    shown(page, "lost", 3, 2_000)
