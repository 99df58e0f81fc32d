"""The import page: what was detected is shown before it is used, can be said otherwise, and is stored whole or not."""

import gzip
from datetime import date, time
from io import BytesIO
from pathlib import Path

import edfio
import numpy as np
import pytest
from page_driver import Pages

from dashboard.access.place import recordings_folder
from dashboard.errors import SessionError
from dashboard.sessions.events import EventKind
from dashboard.store import queries
from dashboard.views.recordings import keep_upload
from devices import instant
from devices.recordings.overrides import ONE_PATIENT

EVENTS = (
    "time,HR,NIBP_SYS,NIBP_DIA,Sp,event\n"
    + "".join(
        f"2026-03-01T09:{m:02}:{s:02}Z,{70 + m},{'120,80' if not s else ','},97,\n"
        for m in range(30)
        for s in (0, 20, 40)
    )
    + "2026-03-01T09:10:10Z,,,,,infusion start\n2026-03-01T09:20:10Z,,,,,infusion stop\n"
)


@pytest.fixture
def kept(clinic):
    """Puts a recording where the page lists it."""

    def keep(name: str, content: str | bytes) -> str:
        folder = recordings_folder()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return f"recordings/{name}"

    return keep


def choose(pages: Pages, name: str):
    at = pages.named().open("importing")
    at.selectbox("import_recording").select(name)
    at.run()
    assert not at.exception, at.exception
    return at


def button(at, label: str):
    return next(each for each in at.button if each.label == label)


def sessions(clinic):
    with clinic.store.reading() as connection:
        return [each for each in queries.sessions(connection) if queries.import_of(connection, each.id)]


def test_what_was_detected_is_shown_and_nothing_is_stored_until_it_is_asked_for(pages, clinic, kept):
    at = choose(pages, kept("ward.csv", EVENTS))
    said = pages.text()
    for words in ("comma between cells", "header in line 1", "UTF-8"):
        assert words in said
    assert "its name is not known" in said  # the column Sp
    assert "say --" not in said  # options are the command's
    assert "infusion start (2026-03-01 09:10:10" in said.replace("\\", "")
    assert "from the file's events" in said
    assert not sessions(clinic)
    button(at, "Import").click()
    at.run()
    assert not at.error
    (session,) = sessions(clinic)
    with clinic.store.reading() as connection:
        stored = queries.import_of(connection, session.id)
        kinds = [each.kind for each in queries.session_events(connection, session.id)]
    assert (stored.name, stored.imported_by, stored.times_from) == ("ward.csv", "Nurse One", "file")
    assert stored.rows_read == 92
    assert kinds == [EventKind.INFUSION_START, EventKind.INFUSION_STOP, EventKind.SESSION_END]
    assert f"Stored as session {session.id}" in pages.text()


def test_a_column_is_said_to_be_another_signal_and_taken_back(pages, clinic, kept):
    at = choose(pages, kept("ward.csv", EVENTS))
    assert "SPO2" not in pages.text()
    at.selectbox("file_column_name").select("Sp")
    at.selectbox("file_column_signal").select("SPO2")
    at.selectbox("file_column_unit").select("%")
    next(each for each in at.button if each.label == "Set").click()
    at.run()
    assert "SPO2" in pages.text()
    assert "Sp is SPO2 in %" in pages.text().replace("\\", "")
    mapping = at.get("download_button")[0]
    assert not mapping.proto.disabled
    button(at, "Take back").click()
    at.run()
    assert "SPO2" not in pages.text()


def test_times_by_hand_come_before_the_files_and_what_cannot_be_keeps_import_closed(pages, clinic, kept):
    at = choose(pages, kept("ward.csv", EVENTS))
    at.text_input("import_time_0").set_value("+9999999")
    at.run()
    assert "lies outside the recording" in pages.text()
    assert button(at, "Import").disabled
    at.text_input("import_time_0").set_value("+300")
    at.text_input("import_time_1").set_value("2026-03-01T09:15:00Z")
    at.run()
    button(at, "Import").click()
    at.run()
    (session,) = sessions(clinic)
    with clinic.store.reading() as connection:
        events = {each.kind: instant.format(each.time) for each in queries.session_events(connection, session.id)}
    assert events[EventKind.INFUSION_START] == "2026-03-01T09:05:00.000Z"
    assert events[EventKind.INFUSION_STOP] == "2026-03-01T09:15:00.000Z"


def test_the_same_file_is_known_again_also_packed(pages, clinic, kept):
    at = choose(pages, kept("ward.csv", EVENTS))
    button(at, "Import").click()
    at.run()
    at.run()
    assert "was imported before" in pages.text()
    assert button(at, "Import").disabled
    at = choose(Pages(), kept("ward.csv.gz", gzip.compress(EVENTS.encode())))
    assert button(at, "Import").disabled
    at.checkbox("import_again").check()
    at.run()
    button(at, "Import").click()
    at.run()
    assert len(sessions(clinic)) == 2


TURNS = "".join(
    f"2026-03-01T09:{second // 60:02d}:{second % 60:02d}Z,{'AB'[second % 2]},{(60, 97)[second % 2] + second % 5}\n"
    for second in range(120)
)
QUESTIONS = [
    ("patient", "time,HR,patient\n2026-03-01T09:00:00Z,70,A\n2026-03-01T09:00:00Z,80,B\n", "B", "80"),
    ("date order", "time,HR\n3/4/2026 09:00,70\n3/4/2026 09:01,71\n", "mdy", "2026-03-04"),
    ("patient column", "time,kod,HR\n" + TURNS, ONE_PATIENT, "All rows are one patient"),
    ("unit", "time,NBPSys\n2026-03-01T09:00:00Z,16\n2026-03-01T09:05:00Z,17\n", "kPa", "kPa"),
]


@pytest.mark.parametrize(("what", "content", "answer", "seen"), QUESTIONS, ids=[each[0] for each in QUESTIONS])
def test_what_the_file_leaves_open_is_asked_with_its_answers(pages, clinic, kept, what, content, answer, seen):
    at = choose(pages, kept("open.csv", content))
    assert len(at.warning) == 1
    assert "How it is understood" not in pages.text()
    pages.question().set_value(answer)
    button(at, "Read it so").click()
    at.run()
    assert "How it is understood" in pages.text()
    assert seen in pages.text()
    assert not sessions(clinic)


def test_what_was_answered_stands_in_the_fields_and_is_not_undone_by_them(pages, clinic, kept):
    rows = [f"3/4/2026 09:{m:02},{who},{rate}\n" for who, rate in (("A", 60), ("B", 90)) for m in range(30)]
    at = choose(pages, kept("two.csv", "time,patient,HR\n" + "".join(rows)))
    pages.question().set_value("B")
    button(at, "Read it so").click()
    at.run()
    pages.question().set_value("mdy")
    button(at, "Read it so").click()
    at.run()
    fields = [at.text_input("file_zone"), at.selectbox("file_order"), at.text_input("file_patient")]
    assert [each.value for each in fields] == ["UTC", "mdy", "B"]
    at.text_input("file_zone").set_value("Europe/Berlin")
    [each for each in at.button if each.label == "Set"][1].click()
    at.run()
    assert not at.warning
    assert "Europe/Berlin" in pages.text()
    # Another file begins with nothing said of it.
    at.selectbox("import_recording").select(None)
    at.run()
    at = choose(pages, kept("ward.csv", EVENTS))
    assert at.text_input("file_zone").value == "UTC"
    assert at.text_input("file_patient").value == ""


def test_an_edf_file_of_two_heart_rates_from_the_hour_of_a_clock_change_is_asked_about_both(pages, clinic, kept):
    rates = [edfio.EdfSignal(np.full(60, value), 1, label="HR", physical_range=(0, 255)) for value in (70, 90)]
    held = BytesIO()
    started = date(2026, 10, 25), time(2, 30)
    edfio.Edf(rates, recording=edfio.Recording(startdate=started[0]), starttime=started[1]).write(held)
    at = choose(pages, kept("night.edf", held.getvalue()))
    assert "'HR' and 'HR#2' both give HR at the same time" in at.warning[0].value.replace("\\", "")
    pages.question().set_value("HR")
    button(at, "Read it so").click()
    at.run()
    at.text_input("file_zone").set_value("Europe/Berlin")
    [each for each in at.button if each.label == "Set"][1].click()
    at.run()
    assert "Europe/Berlin has twice" in at.warning[0].value.replace("\\", "")
    assert pages.question().options == ["+02:00", "+01:00"]
    pages.question().set_value("+01:00")
    button(at, "Read it so").click()
    at.run()
    assert not at.warning
    assert "2026-10-25 01:30:00" in pages.text().replace("\\", "")


def test_each_question_begins_without_the_answer_to_the_one_before(pages, clinic, kept):
    rows = "".join(f"2026-03-01T09:{m:02}:00Z,16,11,17,12,{70 + m}\n" for m in range(30))
    choose(pages, kept("units.csv", "time,NBPSys,NBPDias,ABPSys,ABPDias,HR\n" + rows))
    assert pages.question().label == "Unit of NBPSys"
    pages.question().set_value("kPa")
    button(pages.at, "Read it so").click()
    pages.at.run()
    assert pages.question().label == "Unit of NBPDias"
    assert pages.question().value is None


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("words.csv", "just some words\nand more\n", "is not a table that is understood"),
        ("sheet.csv", b"\xd0\xcf\x11\xe0" + bytes(100), "save the sheet as CSV"),
        ("empty.csv", "", "is empty"),
        ("cut.zip", b"PK\x03\x04" + bytes(50), "cut or damaged"),
        ("none.csv", "time,HR\n2026-03-01T09:00:00Z,\n", "holds no reading"),
    ],
)
def test_a_wrong_file_is_one_sentence(pages, clinic, kept, name, content, said):
    at = choose(pages, kept(name, content))
    assert len(at.error) == 1
    assert said in at.error[0].value.replace("\\", "")
    assert not [each for each in at.button if each.label == "Import"]


def test_a_recording_without_dates_asks_when_it_began(pages, clinic, kept):
    at = choose(pages, kept("relative.csv", "seconds,HR\n" + "".join(f"{each * 10},70\n" for each in range(60))))
    assert "has no dates" in pages.text()
    pages.question().set_value("nine o'clock")
    button(at, "Read it so").click()
    at.run()
    assert "nine o'clock" in at.error[0].value
    at.text_input("file_start").set_value("2026-03-01T09:00:00")
    [each for each in at.button if each.label == "Set"][1].click()
    at.run()
    at.text_input("import_time_0").set_value("+60")
    at.run()
    button(at, "Import").click()
    at.run()
    (session,) = sessions(clinic)
    assert instant.format(session.started) == "2026-03-01T09:00:00.000Z"


def test_names_in_a_file_are_no_markup_and_no_script(pages, clinic, kept):
    choose(pages, kept("odd.csv", "time,HR,<script>alert(1)</script>,*x*\n2026-03-01T09:00:00Z,70,1,2\n"))
    assert "<script>alert" not in pages.text()
    assert "&lt;script&gt;" in pages.text()


def test_nobody_on_shift_imports_nothing(pages, clinic):
    at = pages.open("importing")
    assert "Say who you are to import a recording" in pages.text()
    assert not at.get("file_uploader")
    assert Path(recordings_folder()).name == "recordings"


def test_the_files_of_one_session_are_kept_together_and_others_are_not(tmp_path):
    files = [("b1_260101_100000.vital", b"x"), ("b1_260101_090000.vital", b"y")]
    first = keep_upload(tmp_path, files, 0, together=True)
    assert first.name == "b1_260101_090000.vital"
    assert (first.parent / "b1_260101_100000.vital").read_bytes() == b"x"
    for wrong in ([*files, ("a.csv", b"")], [files[0], files[0]]):
        with pytest.raises(SessionError):
            keep_upload(tmp_path, wrong, 1, together=True)
    with pytest.raises(SessionError, match="upload one recording"):
        keep_upload(tmp_path, files, 2)
