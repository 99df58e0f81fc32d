"""Finished sessions as columns: what a report would find, kept in the store, made again where they are missing."""

import json
from datetime import UTC

import pytest
from sqlalchemy import delete, select, update

from dashboard import cli
from dashboard.rises.analysis import analyse
from dashboard.rises.batch import judge_columns
from dashboard.rises.threshold_files import preset
from dashboard.rises.timeline import Timeline
from dashboard.sessions.events import EventKind
from dashboard.sessions.plan import Plan
from dashboard.store import acts, finished, packed, queries, writes
from dashboard.store import schema as s
from devices.instant import MINUTE, SECOND
from devices.reading import Reading, Status

T0 = 1_772_359_200 * SECOND


def given(minute, signal, value, source=None, status=Status.OK):
    time = T0 + round(minute * MINUTE)
    unit = "mmHg" if signal.startswith("NIBP") else "/min"
    return Reading(time, time, signal, value, unit, status, source or f"line:{signal}")


def session_of(store, bed, preset_id, *, t0=True, baseline=None):
    """A session with a rise of pressure and pulse, ended 100 min after its infusion began."""
    readings = []
    for minute in range(-20, 100, 5):
        high = 40 if 20 <= minute < 60 else 0
        readings += [given(minute, "NIBP_SYS", 120.0 + high), given(minute, "NIBP_DIA", 76.0 + high / 2)]
    for tick in range(-10 * 12, 100 * 12):
        readings.append(given(tick / 12, "HR", 70.0 + (25 if 240 <= tick < 500 else 0)))
    readings += [given(30.01, "HR", None, status=Status.OFF), given(41, "PR", 64.0, "ge-dri:spo2.pr")]
    begun = T0 - 30 * MINUTE
    session_id = acts.start_session(
        store, bed.id, patient="A. B.", identifier="x", threshold_version_id=preset_id, author="Ada", now=begun,
        bed_now=begun, plan=Plan(planned_minutes=40),
    )  # fmt: skip

    def said(kind, minute, **detail):
        time = T0 + minute * MINUTE
        acts.record_event(store, session_id, kind, time=time, author="Ada", now=time, bed_now=time, detail=detail)

    if t0:
        said(EventKind.INFUSION_START, 0)
    if baseline is not None:
        said(EventKind.BASELINE, 1, signal="SBP", value=baseline, reason="known")
    if t0:
        said(EventKind.INFUSION_STOP, 40)
    said(EventKind.SESSION_END, 100)
    with store.writing() as connection:
        writes.ReadingWriter().write(connection, [(bed.id, each) for each in readings])
    return session_id, readings


def stored(store, session_id):
    with store.reading() as connection:
        return connection.execute(select(s.packed_session).where(s.packed_session.c.session_id == session_id)).first()


def test_the_columns_judge_as_the_readings_do(store, bed, preset_id):
    session_id, readings = session_of(store, bed, preset_id)
    with store.reading() as connection:
        (session,) = queries.finished_sessions(connection)
    (columns,) = packed.load(store, [session])
    end = T0 + 100 * MINUTE
    expected = analyse(readings, Timeline(T0, T0 + 40 * MINUTE, T0 + 40 * MINUTE, end), preset("adult-iv"))
    judged = judge_columns(columns, preset("adult-iv"))
    assert judged.rises == expected.rises and len(expected.rises) >= 4
    assert dict(judged.baselines) == dict(expected.baselines)
    assert stored(store, session_id) is not None


def test_what_is_missing_or_of_another_form_is_made_again(store, bed, preset_id):
    session_id, _ = session_of(store, bed, preset_id)
    with store.reading() as connection:
        chosen = queries.finished_sessions(connection)
    (first,) = packed.load(store, chosen)
    kept = stored(store, session_id).body
    with store.writing() as connection:
        connection.execute(update(s.packed_session).values(body=b"\xff\xff" + kept[2:]))
    packed.load(store, chosen)
    assert stored(store, session_id).body == kept
    with store.writing() as connection:
        connection.execute(delete(s.packed_session))
    told = []
    (again,) = packed.load(store, chosen, told.append)
    assert again.cuff_time.tolist() == first.cuff_time.tolist() and told[-1] == 1


def test_a_baseline_entered_by_a_person_counts(store, bed, preset_id):
    session_of(store, bed, preset_id, baseline=140.0)
    (session,) = finished.sessions(store, UTC)
    assert session.columns.manual == {"SBP": 140.0}
    assert session.label == "Bed 1 2026-03-01 09:30, session 1"  # no patient's name


def test_a_session_without_an_infusion_is_not_asked_about(store, bed, preset_id):
    session_of(store, bed, preset_id, t0=False)
    assert finished.sessions(store, UTC) == []


def test_the_command_on_a_store(sqlite_store, tmp_path, capsys):
    with sqlite_store.reading() as connection:
        bed = queries.beds(connection)[0]
        preset_id = queries.latest_threshold_version(connection, "adult-iv").id
    sets = ["--thresholds", "adult-iv", "--thresholds", "trial-limits", "--json"]
    with pytest.raises(SystemExit) as leaving:
        cli.main(["whatif", "--data", str(tmp_path), *sets])
    assert leaving.value.code == 1 and "no finished session" in capsys.readouterr().err
    session_of(sqlite_store, bed, preset_id)
    with pytest.raises(SystemExit):
        cli.main(["whatif", "--data", str(tmp_path), *sets])
    found = json.loads(capsys.readouterr().out)
    assert found["sessions"] == 1 and found["sets"][0]["all"]["flags"] > found["sets"][1]["all"]["flags"]
