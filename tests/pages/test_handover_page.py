"""The hand-over: what is open stands first, nothing says that all is well, and who signs in takes the sessions over."""

import re

import pytest
from clinic import S, cuff, reading

from dashboard.access.people import on_shift
from dashboard.errors import SessionError
from dashboard.sessions.events import EventKind, nurse_of
from dashboard.store import acts, queries, writes
from devices import instant
from devices.reading import Notice

MIN = 60 * S


@pytest.fixture
def running(clinic):
    """Bed 1: an infusion of Anna Berger since 30 minutes with an open rise; Bed 2: a baseline."""
    now = instant.now()
    clinic.now = now
    clinic.mine = clinic.start(clinic.beds[0], now - 50 * MIN)
    clinic.event(clinic.mine, EventKind.INFUSION_START, now - 30 * MIN)
    for minute, sys in ((-40, 120), (-35, 121), (-31, 122), (-20, 168), (-10, 150)):
        clinic.write(clinic.beds[0], *cuff(now + minute * MIN, sys, 80, 100))
    clinic.write(clinic.beds[0], *(reading("HR", now - n * S, 70.0) for n in range(0, 1_200, 2)))
    row = {
        "signal": "SBP",
        "level": 1,
        "threshold": 141.0,
        "clear": 131.0,
        "baseline": 121.0,
        "onset": now - 20 * MIN,
        "confirmed": now - 10 * MIN,
        "peak": 168.0,
        "peak_time": now - 20 * MIN,
        "return_time": None,
        "declared": None,
        "outcome": "unresolved",
        "present_at_baseline": 0,
    }
    with clinic.store.writing() as connection:
        version = queries.session(connection, clinic.mine).threshold_version_id
        writes.write_rise(connection, clinic.mine, {**row, "threshold_version_id": version})
        told = Notice(now - 15 * MIN, now - 15 * MIN, "cuff-failed", "the cuff <b>failed</b>", "NIBP")
        writes.write_notices(connection, [(clinic.beds[0], clinic.mine, told)])
    clinic.alarm(clinic.beds[0], now - 10 * MIN, session_id=clinic.mine)
    clinic.event(clinic.mine, EventKind.NOTE, now - 5 * MIN, text="a <i>headache</i>")
    clinic.other = clinic.start(clinic.beds[1], now - 3 * MIN)
    return clinic


def sheets(text):
    return text.split('<section class="rw-sheet">')[1:]


def test_a_sheet_says_what_is_open_first_then_all_that_the_next_shift_asks(pages, running):
    pages.open("handover")
    first, second = sheets(pages.text())
    order = ("Open<ul>", "<h4>Due", "Since the start", "<h4>Rises", "<h4>Drug", "<h4>Risk", "What happened", "<h4>Gaps")
    assert [first.index(each) for each in order] == sorted(first.index(each) for each in order)
    for said in (
        "<span>Bed 1</span>",
        "Systolic not back to baseline: peak 168, back at 131 or less",
        "Alarm not acknowledged: SBP 168, limit 165",
        "<b>Infusion 30:",
        "SBP level 1 from",
        "rise in progress",
        "highest <b>168</b> at",
        "(+10 min)",
        "a &lt;i&gt;headache&lt;/i&gt;",
        "the cuff &lt;b&gt;failed&lt;/b&gt;",
        "adult-iv, version 1",
        "nurse Nurse One",
    ):
        assert said in first, said
    assert "1970-01-01" not in first and "Not live" in first
    assert "No open rise, no alarm unacknowledged; no cuff yet" in second and "never heard" in second
    assert not re.search(r"\b(normal|safe)\b", first + second, re.IGNORECASE)


def test_who_signs_in_takes_over_in_every_chosen_session(pages, running):
    at = pages.named("Nurse One").open("handover")
    at.text_input("handover_name").set_value("  B. Ruiz   RN ")
    at.text_input("handover_remark").set_value("watch the cuff")
    at.button("handover_sign").click().run()
    assert not at.exception and not at.error
    assert on_shift(at.session_state, instant.now()).name == "B. Ruiz RN"
    assert at.success[0].value == "B. Ruiz RN has taken over Bed 1, Bed 2 and is on shift at this screen"
    for session in (running.mine, running.other):
        with running.store.reading() as connection:
            events = queries.session_events(connection, session)
        last = events[-1]
        assert (last.kind, last.author) == (EventKind.HANDOVER, "B. Ruiz RN")
        assert dict(last.detail) == {"from": "Nurse One", "to": "B. Ruiz RN", "remark": "watch the cuff"}
        assert nurse_of(events, "Nurse One") == ("B. Ruiz RN", last.time)
    assert "Hand-over from Nurse One to B. Ruiz RN: watch the cuff" in pages.text()


@pytest.mark.parametrize(
    ("name", "beds", "sentence"),
    [
        ("", None, "Give your name as it shall stand in the record, such as A. Meyer RN"),
        ("Nurse One", None, "Nurse One has these sessions already"),
        ("B. Ruiz", [], "Choose the sessions that are taken over"),
    ],
)
def test_a_hand_over_that_cannot_be_changes_nothing(pages, running, name, beds, sentence):
    at = pages.named("Nurse One").open("handover")
    at.text_input("handover_name").set_value(name)
    if beds is not None:
        at.button_group("handover_sessions").set_value(beds)
    at.button("handover_sign").click().run()
    assert [each.value for each in at.error] == [sentence]
    assert on_shift(at.session_state, instant.now()).name == "Nurse One"
    with running.store.reading() as connection:
        assert not [e for e in queries.session_events(connection, running.mine) if e.kind is EventKind.HANDOVER]


def test_one_session_that_has_ended_meanwhile_lets_none_be_taken_over(running):
    acts.record_event(
        running.store,
        running.other,
        EventKind.SESSION_END,
        time=running.now,
        author="Nurse One",
        now=running.now,
        bed_now=running.now,
    )
    with pytest.raises(SessionError, match="has ended"):
        acts.hand_over(running.store, [running.mine, running.other], taker="B. Ruiz", remark="", now=running.now)
    with running.store.reading() as connection:
        assert not [e for e in queries.session_events(connection, running.mine) if e.kind is EventKind.HANDOVER]


def test_without_a_session_there_is_nothing_to_hand_over(pages, clinic):
    pages.open("handover")
    assert "No session is open" in pages.text()


def test_both_identifiers_are_for_those_on_shift(pages, running):
    at = pages.named("Nurse One").open("handover")
    assert "1970-01-01" not in pages.text()
    at.toggle("handover_in_full").set_value(True).run()
    assert "1970-01-01" in pages.text()
