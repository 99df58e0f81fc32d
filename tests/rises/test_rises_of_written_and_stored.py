"""Rises survive: of a session that was written and read again, and of one that was imported and is judged anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_sessions import Made, made
from rise_sessions import T0

from dashboard.importing.course import Times, course_of
from dashboard.importing.file_hash import Origin
from dashboard.importing.staging import Import, store_import
from dashboard.rises.analysis import Analysis, analyse
from dashboard.rises.timeline import Timeline
from dashboard.rises.written import as_json
from dashboard.store import acts, queries
from dashboard.store.database import open_store
from dashboard.store.material import material
from dashboard.store.status import rise_as_json
from devices.reading import Reading
from devices.recordings.base import Counts, Recording, read_recording
from devices.recordings.writing.document import document
from devices.recordings.writing.formats import write_recording


def judged(session: Made, readings: list[Reading]) -> Analysis:
    last = max(each.time for each in session.readings)
    end = session.session_end if session.session_end is not None else last
    return analyse(readings, Timeline(T0, session.infusion_end, None, end), session.thresholds)


def found(analysis: Analysis) -> tuple[object, object]:
    written = as_json(analysis)
    return written["baseline"], written["rises"]


@pytest.mark.parametrize("form", ["parquet", "vital"])
def test_a_session_written_and_read_again_has_the_same_rises(tmp_path: Path, form: str) -> None:
    rises = 0
    for seed in range(30):
        session = made(seed, conflicts=form == "parquet")
        path = tmp_path / f"{seed}.{form}"
        write_recording(path, document(session.readings), form)
        back = judged(session, read_recording(path).readings)
        assert found(back) == found(judged(session, session.readings)), seed
        rises += len(back.rises)
    assert rises > 30


def test_what_was_imported_has_the_same_rises_for_ever(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for seed in range(20):
        session = made(seed)
        name = f"made {seed}"
        with store.reading() as connection:
            known = queries.latest_threshold_version(connection, session.thresholds.name)
        if known is None or known.hash != session.thresholds.hash:
            known = acts.save_thresholds(store, session.thresholds, author="test", reason="test", now=0)
        readings = sorted(session.readings, key=lambda each: (each.time, each.received))
        recording = Recording(readings, [], False, "csv", (), Counts(), ())
        course = course_of(recording, Times(T0, session.infusion_end, session.session_end), 0, "test")
        analysis = analyse(readings, course.timeline, session.thresholds)
        wanted = Import(Origin(name, 0, name, ()), recording, course, analysis, known, "test", 0)
        number = store_import(store, wanted)
        with store.reading() as connection:
            stored, rows = material(connection, number), queries.rises(connection, number)
        assert stored is not None
        assert [rise_as_json(each) for each in rows] == as_json(analysis)["rises"]
        again = analyse(stored.readings, course.timeline, session.thresholds)
        assert found(again) == found(analysis), seed
    store.close()
