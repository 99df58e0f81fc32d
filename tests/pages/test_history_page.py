"""The history page: initials only, marks on what was not watched here, a session opened with all that is on record."""

import json

import pytest
from clinic import S, T, cuff, reading

from dashboard.sessions.events import EventKind
from dashboard.sessions.privacy import HIDDEN, initials
from dashboard.store import acts, queries, writes
from dashboard.views.session_words import why_text
from devices import instant
from devices.reading import Notice

M = 60 * S


@pytest.fixture
def filled(clinic):
    """Bed 1: a finished session of Anna Berger with one rise; Bed 2: an older running one of the same patient."""

    def start(bed, now):
        with clinic.store.reading() as connection:
            version = queries.latest_threshold_version(connection, "adult-iv").id
        return acts.start_session(
            clinic.store,
            bed,
            patient="Anna Berger",
            identifier="1970-01-01",
            threshold_version_id=version,
            author="Nurse One",
            now=now,
            bed_now=now,
        )

    bed = clinic.beds[0]
    clinic.older = start(clinic.beds[1], T - 600 * M)
    clinic.event(clinic.older, EventKind.INFUSION_START, T - 590 * M)
    clinic.write(clinic.beds[1], *cuff(T - 580 * M, 131, 81))
    clinic.mine = start(bed, T)
    clinic.event(clinic.mine, EventKind.INFUSION_START, T + 10 * M)
    clinic.event(clinic.mine, EventKind.INFUSION_STOP, T + 50 * M)
    for minute, sys in ((5, 120), (20, 150), (30, 172), (60, 125)):
        clinic.write(bed, *cuff(T + minute * M, sys, 80, 100))
    clinic.write(bed, *(reading("HR", T + n * S, 70.0) for n in range(0, 3_600, 30)))
    row = {
        "signal": "SBP",
        "level": 1,
        "threshold": 140.0,
        "clear": 130.0,
        "baseline": 120.0,
        "onset": T + 20 * M,
        "confirmed": T + 30 * M,
        "peak": 172.0,
        "peak_time": T + 30 * M,
        "return_time": None,
        "declared": None,
        "outcome": "unresolved",
        "present_at_baseline": 0,
    }
    with clinic.store.writing() as connection:
        version = queries.session(connection, clinic.mine).threshold_version_id
        writes.write_rise(connection, clinic.mine, {**row, "threshold_version_id": version})
        gap = Notice(T + 40 * M, T + 40 * M, "gap", "no cuff <b>for</b> 30 min", "NIBP")
        writes.write_notices(connection, [(bed, clinic.mine, gap)])
    clinic.alarm(bed, T + 30 * M, session_id=clinic.mine)
    clinic.event(clinic.mine, EventKind.SESSION_END, T + 70 * M)
    return clinic


def test_the_list_shows_initials_and_never_an_all_clear(pages, filled):
    pages.open("history")
    said = pages.text()
    assert said.count("A. B.") == 2
    assert "Anna" not in said
    assert "1970-01-01" not in said
    assert HIDDEN in said
    assert "1 rise: 1 not back" in said
    assert "no rise flagged" in said
    for never in ("normal", "safe", "all clear"):
        assert never not in said.lower()


def test_both_identifiers_need_a_name_on_shift(pages, filled):
    at = pages.open("history")
    assert not at.toggle
    at = pages.named().open("history")
    assert "Anna" not in pages.text()
    at.toggle("history_in_full").set_value(True).run()
    assert "Anna Berger" in pages.text()
    assert "1970-01-01" in pages.text()


def test_a_session_is_found_by_initials_and_opened(pages, filled):
    at = pages.open("history")
    at.text_input("history_text").set_value("ab").run()
    opened = [each.key for each in at.button if (each.key or "").startswith("open_")]
    assert opened == [f"open_{filled.mine}", f"open_{filled.older}"]
    at.text_input("history_text").set_value("xy").run()
    assert "No session matches" in pages.text()
    at.text_input("history_text").set_value("").run()
    at.selectbox("history_level").set_value(1).run()
    (button,) = (each for each in at.button if (each.key or "").startswith("open_"))
    button.click().run()
    assert at.query_params["session"] == str(filled.mine)
    assert f"session {filled.mine}" in pages.text()


def test_an_opened_session_says_open_items_peaks_rises_alarms_gaps_and_who(pages, filled):
    pages.open("history", session=filled.mine)
    said = pages.text()
    assert "Systolic not back to baseline: peak 172, back at 130 or less" in said
    assert "Alarm not acknowledged: SBP 168, limit 165" in said
    assert "no screen has told of it" in said
    assert "highest <b>172</b> mmHg" in said
    assert "(+20 min)" in said  # the peak, counted from the start of the drug
    assert "limit 140 mmHg: baseline + 20, baseline 120 (adult-iv, version 1); over at 130" in said
    assert "no cuff &lt;b&gt;for&lt;/b&gt; 30 min" in said
    assert "Nurse One" in said
    assert "Anna" not in said


def test_the_figure_has_bars_limits_phases_and_the_shade_of_the_rise(pages, filled):
    at = pages.open("history", session=filled.mine)
    figure = json.loads(at.get("plotly_chart")[0].proto.spec)
    traces = {each["name"]: each for each in figure["data"]}
    bars = traces["NIBP"]
    assert bars["y"] == [120, 80, None, 150, 80, None, 172, 80, None, 125, 80, None]
    assert bars["connectgaps"] is False
    assert traces["mean"]["y"] == [100, 100, 100, 100]
    assert bars["x"][0] == instant.to_datetime(T + 5 * M).strftime("%Y-%m-%dT%H:%M:%S.000")
    shapes = figure["layout"]["shapes"]
    stamp = lambda minute: instant.to_datetime(T + minute * M).strftime("%Y-%m-%dT%H:%M:%S.000")  # noqa: E731
    phases = [(each["x0"], each["x1"]) for each in shapes if each.get("yref") == "paper" and each["type"] == "rect"]
    assert phases == [(stamp(10), stamp(50)), (stamp(50), stamp(70))]
    (shade,) = (each for each in shapes if "domain" in each.get("yref", "") and each["type"] == "rect")
    assert (shade["x0"], shade["x1"], shade["yref"]) == (stamp(20), stamp(70), "y2 domain")  # not back: to the end
    assert "140" not in [each.get("text") for each in figure["layout"]["annotations"]]  # no baseline stored, no + 20
    assert "sys 180" in [each.get("text") for each in figure["layout"]["annotations"]]
    assert "DEMO" not in json.dumps(figure)


@pytest.mark.parametrize("mode", ["demo", "replay"])
def test_what_is_not_live_is_marked_in_the_list_the_page_and_the_figure(pages, filled, mode):
    from sqlalchemy import update

    from dashboard.store import schema as s

    with filled.store.writing() as connection:
        connection.execute(update(s.session).values(mode=mode))
    pages.open("history")
    assert pages.text().count(f'<span class="rw-tag">{mode.upper()}</span>') == 2
    at = pages.open("history", session=filled.mine)
    assert f'role="note">{mode.upper()}' in pages.text()
    assert (
        f"<b>{mode.upper()}</b>" in json.loads(at.get("plotly_chart")[0].proto.spec)["layout"]["annotations"][3]["text"]
    )


def test_two_infusions_of_one_patient_are_laid_on_each_other(pages, filled):
    at = pages.open("history", session=filled.mine)
    box = at.multiselect(f"compare_{filled.mine}")
    assert [each.endswith(f"session {filled.older}") for each in box.options] == [True]
    box.set_value(box.options).run()
    assert not at.exception
    figure = json.loads(at.get("plotly_chart")[1].proto.spec)
    bars = [each for each in figure["data"] if each.get("yaxis") == "y2"]
    assert [each["x"] for each in bars] == [
        [-5, -5, None, 10, 10, None, 20, 20, None, 50, 50, None],
        [10, 10, None],
    ]
    assert bars[1]["y"] == [131, 81, None]


def test_a_file_is_prepared_and_names_nobody(pages, filled):
    at = pages.open("history", session=filled.mine)
    at.selectbox("export_form").set_value("tidy").run()
    at.button("export_prepare").click().run()
    assert not at.error
    assert at.get("download_button")


@pytest.mark.parametrize("wrong", ["99", "x", "-1", "1;drop", "99999999999"])
def test_an_address_that_names_no_session_says_so(pages, filled, wrong):
    at = pages.open("history", session=wrong)
    assert [each.value for each in at.error] == ["There is no such session. Choose one of the list."]


def test_an_empty_history_says_so(pages):
    pages.open("history")
    assert "There is no session yet" in pages.text()


def test_a_long_history_is_turned_page_by_page(pages, clinic):
    for n in range(27):
        session = clinic.start(clinic.beds[0], T + n * M)
        clinic.event(session, EventKind.SESSION_END, T + n * M + 30 * S)
    at = pages.open("history")
    keys = lambda: [each.key for each in at.button if (each.key or "").startswith("open_")]  # noqa: E731
    first = keys()
    assert len(first) == 25
    at.button("history_older").click().run()
    assert len(keys()) == 2
    assert not set(keys()) & set(first)
    at.button("history_newer").click().run()
    assert keys() == first


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Anna Berger", "A. B."),
        ("anna maria berger", "A. M. B."),
        ("A. B.", "A. B."),
        ("AB", "AB"),
        ("Müller-Łukasz, Ö", "M. Ł. Ö."),
        ("K-0142", "K-0142"),
        ("Recording", "Recording"),
        ("Berger", "B."),
        ("", ""),
    ],
)
def test_names_become_initials(name, shown):
    assert initials(name) == shown


def test_the_reason_of_a_rise_survives_thresholds_that_are_gone(filled):
    from dashboard.store import history

    with filled.store.reading() as connection:
        record = history.record(connection, filled.mine)
    record.versions.clear()
    assert why_text(record.rises[0], record) == "limit 140 mmHg, baseline 120; over at 130"


def test_the_report_of_a_session_is_made_for_download_with_initials_until_someone_asks_for_more(pages, filled):
    at = pages.named().open("history", session=filled.mine)
    at.button("report_prepare").click().run()
    assert not at.exception
    assert len(at.get("download_button")) == 1
    assert "With initials only" in pages.text()
    at.toggle("history_in_full").set_value(True).run()
    assert "With both identifiers" in pages.text()
