"""The report of a stored session: what people entered, corrected and acknowledged, and where it differs from the flags
of that day."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
from conftest_watch import START, Ward
from report_reader import ReportReader

from dashboard.reports.page import page
from dashboard.reports.session_report import session_report
from dashboard.reports.stored import stored
from dashboard.sessions.events import EventKind
from dashboard.sessions.plan import Plan
from dashboard.sessions.setup import ensure_presets
from dashboard.store import acts, queries, writes
from dashboard.store.database import open_store
from devices.instant import MINUTE, SECOND
from devices.reading import Notice

ALL_CLEAR = re.compile(r"\b(normal|safe|all clear|unremarkable)\b", re.IGNORECASE)


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path)
    ensure_presets(opened, START)
    yield opened
    opened.close()


@pytest.fixture
def ward(store):
    return Ward(store)


def read(ward, in_full=True):
    with ward.store.reading() as connection:
        subject = stored(connection, ward.session, ward.now, "Europe/Vienna", in_full)
    content = page(session_report(subject, ward.now + MINUTE))
    for svg in re.findall(r"<svg.*?</svg>", content, re.DOTALL):
        ElementTree.fromstring(svg)
    assert not ALL_CLEAR.search(ReportReader(content).text)
    return ReportReader(content)


def begin(ward):
    """Three cuffs of 120/76 five minutes apart, then the start."""
    ward.session = acts.start_session(
        ward.store,
        ward.bed.id,
        patient="Anna <Berger>",
        identifier="1970-01-01",
        threshold_version_id=ward.version.id,
        plan=Plan(drug="ketamine", dose_mg_per_kg=0.5, weight_kg=70, weight_entered="154 lb", planned_minutes=40.0),
        author="Ada",
        now=ward.now,
        bed_now=ward.now,
    )
    ward.look()
    for _ in range(3):
        ward.cuff(120, 76)
        ward.pass_time(300)
    ward.start_infusion()


def measure(ward, *values):
    for value in values:
        ward.pass_time(300)
        ward.cuff(value, 80)
        ward.pass_time(1)


def test_what_people_did_stands_in_it_with_their_names(ward):
    begin(ward)
    measure(ward, 145, 150)
    acts.acknowledge(ward.store, ward.alarms()["rise SBP"].id, author="Cy", now=ward.now)
    ward.event(EventKind.NOTE, text="calm & sleepy")
    ward.event(EventKind.SCORE, scale="moaas", value=4)
    ward.event(EventKind.ACTION, action="talk")
    ward.event(EventKind.BASELINE, signal="SBP", value=125, reason="measured in the morning")
    measure(ward, 121, 119)
    ward.event(EventKind.INFUSION_STOP)
    with ward.store.reading() as connection:
        events = queries.session_events(connection, ward.session)
    score = next(each for each in events if each.kind is EventKind.SCORE)
    note = next(each for each in events if each.kind is EventKind.NOTE)
    acts.correct_event(
        ward.store, ward.session, score.id, time=score.time - 2 * MINUTE, reason="clock misread", author="Bo",
        now=ward.now, bed_now=ward.now,
    )  # fmt: skip
    acts.correct_event(
        ward.store, ward.session, note.id, time=None, reason="other patient", author="Bo", now=ward.now,
        bed_now=ward.now,
    )  # fmt: skip
    ward.event(EventKind.SESSION_END)
    ward.commit()
    said = read(ward)
    assert said[""].pairs["Patient"] == "Anna <Berger>"
    assert said[""].pairs["Second identifier"] == "1970-01-01"
    assert said[""].pairs["Started"].endswith("+01:00 by Ada")
    assert said["Plan and dose"].pairs["Weight"] == "154 lb"
    # 20 minutes and 4 seconds of 35 mg in 40 minutes.
    assert "17.56 of 35 mg." in " ".join(said["Plan and dose"].lines)
    told = {row["What"]: row for row in said["Events, notes, scores, interventions"].rows()}
    assert "MOAA/S 4, slow to name called (time corrected)" in told
    assert told["Talked, reassured"]["By"] == "Ada"
    assert not [each for each in told if "calm" in each]
    corrected = said["Corrections"].rows()
    assert [(row["Entered first"].split(",")[0], row["Reason"], row["By"]) for row in corrected] == [
        ("MOAA/S 4", "clock misread", "Bo"),
        ("calm & sleepy", "other patient", "Bo"),
    ]
    assert corrected[1]["Corrected to"] == "withdrawn"
    (rise,) = said["Rises"].rows()
    assert (rise["Signal"], rise["Limit"], rise["Peak"], rise["Outcome"]) == (
        "SBP", "140", "150", "transient: back in time",
    )  # fmt: skip
    assert "The rises flagged live are the same." in said["Rises"].lines
    assert "the SBP baseline is 125 mmHg, entered by hand by Ada: measured in the morning." in " ".join(
        said["Baseline"].lines
    )
    (row,) = (each for each in said["Alarms and acknowledgements"].rows() if each["What"].startswith("SBP"))
    assert row["Acknowledged"].startswith("Cy, ")
    limits = [row["Limit"] for table in (0, 1) for row in said["Thresholds"].rows(table)[:1]]
    assert limits == ["140", "145"]  # 20 over the measured baseline, then over the one entered by hand


def test_initials_alone_where_names_are_not_wanted(ward):
    begin(ward)
    said = read(ward, in_full=False)
    assert "Anna" not in said.text and "1970-01-01" not in said.text
    assert "A. B." in said.text


def test_a_late_reading_counts_in_the_report_and_the_difference_is_told(ward):
    begin(ward)
    measure(ward, 145)
    ward.pass_time(300)
    ward.cuff(150, 80)
    ward.pass_time(1)
    assert len(ward.rises()) == 1
    ward.cuff(125, 80, time=ward.now - 2 * MINUTE - SECOND)  # between the two: it ends the run
    ward.commit()
    ward.event(EventKind.INFUSION_STOP)
    ward.event(EventKind.SESSION_END)
    ward.commit()
    said = read(ward)
    assert said["Rises"].tables == []
    told = " ".join(said["Rises"].lines)
    assert "SBP level 1 flagged live from" in told and "does not follow from all readings" in told
    doubts = " ".join(said["Readings to be doubted, and readings that do not count"].lines)
    assert "Came late" in doubts


def test_a_corrected_start_is_what_the_report_counts_from(ward):
    begin(ward)
    measure(ward, 118, 145, 150)
    with ward.store.reading() as connection:
        events = queries.session_events(connection, ward.session)
    start = next(each for each in events if each.kind is EventKind.INFUSION_START)
    acts.correct_event(
        ward.store, ward.session, start.id, time=start.time + 6 * MINUTE, reason="pump was late", author="Bo",
        now=ward.now, bed_now=ward.now,
    )  # fmt: skip
    ward.look()
    ward.event(EventKind.INFUSION_STOP)
    ward.event(EventKind.SESSION_END)
    ward.commit()
    said = read(ward)
    assert "entered as" in said[""].pairs["Corrected start"]
    # The cuff of 118 lies before the corrected start: the last three are 120, 120, 118.
    assert said["Baseline"].rows()[0]["Rests on"].count("118") == 1
    (row,) = said["Rises"].rows()
    assert "(+4 min)" in row["Onset"]  # ten minutes and a second after the start that was entered


@pytest.mark.parametrize(("mode", "mark"), [("live", None), ("demo", "DEMO"), ("replay", "REPLAY")])
def test_only_a_session_at_a_patient_is_without_a_mark(store, mode, mark):
    ward = Ward(store, mode=mode)
    begin(ward)
    said = read(ward)
    assert (mark in said.text) if mark else not re.search("DEMO|REPLAY|IMPORTED", said.text)


def test_a_running_session_says_where_it_stands(ward):
    begin(ward)
    measure(ward, 145, 150)
    said = read(ward)
    assert said["Open items"].lines[0].startswith("The session is still running")
    (row,) = said["Rises"].rows()
    assert row["Outcome"] == "rise in progress"
    assert "transient" not in " ".join(said["Why each rise was flagged"].details.popitem()[1])


def test_without_a_start_it_says_that_nothing_was_compared(ward):
    ward.open_session()
    ward.cuff(190, 100)
    ward.pass_time(60)
    ward.event(EventKind.SESSION_END)
    ward.commit()
    said = read(ward)
    assert "The infusion was not started: nothing was compared with a baseline." in said["Open items"].lines
    assert "Rises" not in said.parts


def test_what_a_bad_cable_says_a_thousand_times_is_one_row(ward):
    begin(ward)
    with ward.store.writing() as connection:
        told = [Notice(ward.now + n, ward.now + n, "frame-rejected", "a frame was refused") for n in range(1_000)]
        writes.write_notices(connection, [(ward.bed.id, ward.session, each) for each in told])
    rows = [row for row in read(ward)["Technical notices"].rows() if row["Kind"] == "frame-rejected"]
    assert [row["Times"] for row in rows] == ["1000"]


def test_a_session_over_midnight_says_which_times_are_of_the_next_day(ward):
    ward.now = START + 35 * MINUTE  # 23:48 in Vienna
    begin(ward)
    measure(ward, 145, 150)
    (row,) = read(ward)["Rises"].rows()
    assert row["Onset"] == "00:08:20 +1 d (+5 min)"
