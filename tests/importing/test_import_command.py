"""``risewatch import`` and ``export``: what is stored, what is said, and that it is all or nothing."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from dashboard.cli import main
from dashboard.resources import sample_data
from dashboard.rises.analysis import analyse
from dashboard.rises.threshold_files import preset
from dashboard.rises.timeline import Timeline
from dashboard.sessions.events import EventKind
from dashboard.store import queries, schema
from dashboard.store.database import Store, open_store
from dashboard.store.material import material
from dashboard.store.status import rise_as_json
from devices import instant
from devices.recordings.base import read_recording

EXAMPLE = sample_data() / "worked-example-a.csv"
MIMIC = sample_data() / "mimic3wdb" / "s25047-2704-05-04-10-44n.hea"
TIMES = ("--infusion-start", "2026-03-01T09:00:00Z", "--infusion-end", "2026-03-01T09:40:00Z")


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    status = 0
    try:
        main([str(argument) for argument in arguments])
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else 0
    out, err = capsys.readouterr()
    return status, out, err


@pytest.fixture
def place(any_place: Path | str, tmp_path: Path) -> tuple[str, ...]:
    """The options that name a new store, on either engine."""
    if isinstance(any_place, Path):
        return "--data", str(any_place)
    config = tmp_path / "clinic.toml"
    config.write_text(f'database = "{any_place}"\n[[bed]]\nname = "Bed 1"\nprotocol = "dinamap"\nport = "loop://"\n')
    return "--config", str(config)


def opened(place: tuple[str, ...]) -> Store:
    from dashboard.watch.places import database_of

    option, value = place
    return open_store(database_of(*((Path(value), None) if option == "--data" else (None, Path(value)))))


def rows(store: Store) -> dict[str, int]:
    names = ("session", "session_event", "reading", "stream", "rise", "baseline", "recording_import", "bed", "notice")
    with store.reading() as connection:
        tables = schema.metadata.tables
        counts = {name: connection.execute(select(func.count()).select_from(tables[name])).scalar() for name in names}
    return {name: count or 0 for name, count in counts.items() if count}


def test_a_recording_becomes_a_finished_session(place: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    end = ("--session-end", "2026-03-01T10:40:00Z")
    _, flagged, _ = run(capsys, "flag", EXAMPLE, *TIMES, *end, "--json")
    status, out, err = run(capsys, "import", EXAMPLE, *TIMES, *end, "--bed", "Bed 4", "--author", "M. Ott", *place)
    assert (status, out) == (0, "1\n")
    assert err.splitlines()[-1] == "session 1: 48 readings, 5 rises by adult-iv"
    store = opened(place)
    with store.reading() as connection:
        session, found = queries.session(connection, 1), queries.import_of(connection, 1)
        assert session is not None
        assert found is not None
        assert (session.mode, session.started_by) == ("replay", "M. Ott")
        assert session.ended == instant.parse("2026-03-01T10:40:00Z")
        assert [(e.kind, instant.format(e.time)) for e in queries.session_events(connection, 1)] == [
            (EventKind.INFUSION_START, "2026-03-01T09:00:00.000Z"),
            (EventKind.INFUSION_STOP, "2026-03-01T09:40:00.000Z"),
            (EventKind.SESSION_END, "2026-03-01T10:40:00.000Z"),
        ]
        stored = [rise_as_json(each) for each in queries.rises(connection, 1)]
        baselines = {
            signal: {"value": each.value, "n": each.n, "status": each.status}
            for signal, each in queries.baselines(connection, 1).items()
        }
        assert (stored, baselines) == (json.loads(flagged)["rises"], json.loads(flagged)["baseline"])
        assert len(stored) == 5
        assert queries.beds(connection) == []  # on no wall
        assert [bed.name for bed in queries.beds(connection, also_unused=True)] == ["Bed 4 (import 1)"]
    assert (found.name, found.size) == (EXAMPLE.name, EXAMPLE.stat().st_size)
    assert found.sha256 == hashlib.sha256(EXAMPLE.read_bytes()).hexdigest()
    assert (found.format, found.rows_read, found.rows_used, found.readings) == ("csv", 25, 24, 48)
    assert (found.refused, found.times_from) == ({}, "person")
    assert {"name": "NIBP_SYS", "signal": "NIBP_SYS", "unit": "", "note": ""} in found.mapping
    store.close()


def test_the_same_file_is_known_again_under_any_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = ("--data", str(tmp_path))
    run(capsys, "import", EXAMPLE, *TIMES, *place)
    copy = tmp_path / "copy.csv"
    copy.write_bytes(EXAMPLE.read_bytes())
    status, out, err = run(capsys, "import", copy, *TIMES, *place)
    assert (status, out) == (0, "1\n")
    assert "imported as session 1" in err
    assert "--again" in err
    assert run(capsys, "import", copy, *TIMES, "--again", *place)[1] == "2\n"
    copy.write_bytes(EXAMPLE.read_bytes() + b"\n")
    assert run(capsys, "import", copy, *TIMES, *place)[1] == "3\n"


def test_two_patients_of_one_file_are_two_imports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = sample_data() / "clif_mimic4demo" / "clif_vitals_5stays.parquet"
    status, _, err = run(capsys, "import", path, "--infusion-start", "2130-01-01", "--data", tmp_path)
    assert status == 1
    assert "--patient" in err
    for number, patient in enumerate(("21606243", "25239799"), 1):
        read = read_recording(path, patient=patient)
        start = instant.format(read.first + 3_600_000_000)
        options = ("--patient", patient, "--infusion-start", start, "--data", tmp_path)
        assert run(capsys, "import", path, *options)[:2] == (0, f"{number}\n")
        assert run(capsys, "import", path, *options)[:2] == (0, f"{number}\n")


def test_a_record_of_two_files_is_known_by_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for each in MIMIC.parent.iterdir():
        (tmp_path / each.name).write_bytes(each.read_bytes())
    options = ("--infusion-start", "2704-05-04T10:50:00", "--data", tmp_path)
    assert run(capsys, "import", tmp_path / MIMIC.name, *options)[1] == "1\n"
    assert run(capsys, "import", tmp_path / "3234460n.dat", *options)[1] == "1\n"
    data = tmp_path / "3234460n.dat"
    data.write_bytes(data.read_bytes()[:-14] + bytes(14))
    assert run(capsys, "import", tmp_path / MIMIC.name, *options)[1] == "2\n"


@pytest.mark.parametrize("form", ["csv", "parquet", "vital", "edf"])
def test_an_exported_session_comes_back_with_its_infusion(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    data, out = ("--data", tmp_path), tmp_path / "exported"
    run(capsys, "import", EXAMPLE, *TIMES, "--session-end", "2026-03-01T10:40:00Z", "--bed", "Ward7", *data)
    status, nothing, err = run(capsys, "export", "1", "--as", form, "-o", out, *data)
    assert (status, nothing) == (0, "")
    assert err == f"session 1: 48 readings, 3 events ({form})\n"
    assert b"Ward7" not in out.read_bytes()
    # The clinic lies elsewhere: what is exported says its own zone.
    status, number, err = run(capsys, "import", out, "--timezone", "Asia/Seoul", *data)
    assert (status, number) == (0, "2\n")
    assert "from the file's events" in err
    store = open_store(tmp_path)
    with store.reading() as connection:
        ours, theirs = material(connection, 1), material(connection, 2)
        assert ours is not None
        assert theirs is not None
        values = [sorted((r.time, r.signal, r.value, r.status) for r in each.readings) for each in (ours, theirs)]
        assert values[0] == values[1]
        assert [(e.kind, e.time) for e in ours.events] == [(e.kind, e.time) for e in theirs.events]
        first, second = ([rise_as_json(r) for r in queries.rises(connection, n)] for n in (1, 2))
        assert first == second
    store.close()


def test_an_export_names_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from dashboard.sessions.setup import ensure_presets
    from dashboard.store import acts, writes
    from devices.reading import Reading, Status

    store = open_store(tmp_path)
    ensure_presets(store, 0)
    t = instant.parse("2026-03-01T09:00:00Z")
    with store.writing() as connection:
        beds = writes.set_up_beds(
            connection,
            [{"name": "Bed 1", "place": 0, "grp": "", "protocol": "line", "port": "/dev/x", "mode": "live"}],
        )
        held = [
            Reading(t + at * 1_000_000, t, "HR", 70, "/min", Status.OK, "line:HR")
            for at in (-1900, -1700, 0, 60, 120, 121)
        ]
        writes.ReadingWriter().write(connection, [(beds["Bed 1"], each) for each in held])
        version = queries.latest_threshold_version(connection, "adult-iv")
        assert version is not None
    person = {"patient": "Xaver Quandt", "identifier": "1961-07-04"}
    number = acts.start_session(
        store, beds["Bed 1"], **person, threshold_version_id=version.id, author="Zita Jung", now=t, bed_now=t
    )
    for kind, at, detail in (
        (EventKind.INFUSION_START, 60, {}),
        (EventKind.NOTE, 70, {"text": "Mr Quandt is cold"}),
        (EventKind.SESSION_END, 120, {}),
    ):
        time = t + at * 1_000_000
        acts.record_event(store, number, kind, time=time, author="Zita Jung", now=time, bed_now=time, detail=detail)
    store.close()
    for form in ("csv", "tidy", "parquet", "vital", "edf"):
        out = tmp_path / f"out.{form}"
        status, _, err = run(capsys, "export", str(number), "--as", form, "-o", out, "--data", tmp_path)
        assert status == 0
        assert "4 readings, 2 events" in err  # from half an hour before its start to its end
        assert "1 notes and settings stay in the store" in err
        content = out.read_bytes()
        if form == "vital":
            import gzip

            content = gzip.decompress(content)
        for word in (b"Quandt", b"1961", b"Jung", b"Bed 1"):
            assert word not in content


@pytest.mark.parametrize(
    ("content", "options", "taken"),
    [
        ("10:00:00,infusion start\n10:40:00,infusion stop\n11:00:00,Session end", (), "start stop end: file"),
        ("10:00:00,Ketamine started: 35 mg\n10:40:00,END OF INFUSION", (), "start stop: file"),
        ("10:00:00,S-ketamine infusion begun\n10:20:00,infusion paused\n10:30:00,infusion_resumed", (), "start: file"),
        ("09:59:00,infusion start", ("--infusion-start", "2026-03-01T10:00"), "start: person"),
        ("10:00:00,infusion start", ("--infusion-end", "2026-03-01T10:40"), "start stop: person and file"),
        ("10:00:00,patient starts to snore", (), ""),
        ("10:40:00,infusion stop", (), ""),
    ],
)
def test_infusion_times_are_taken_from_the_file_where_nobody_says_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, options: tuple[str, ...], taken: str
) -> None:
    lines = [f"2026-03-01T{at},,{text}" for at, _, text in (line.partition(",") for line in content.splitlines())]
    path = tmp_path / "session.csv"
    values = [f"2026-03-01T{10 + m // 60:02}:{m % 60:02}:00,70," for m in range(0, 61, 10)]
    path.write_text("\n".join(["time,HR,event", "2026-03-01T09:50:00,70,", *lines, *values]) + "\n")
    status, out, err = run(capsys, "import", path, *options, "--timezone", "Europe/Berlin", "--data", tmp_path)
    if not taken:
        assert (status, out) == (1, "")
        assert err.splitlines()[-1].endswith("when the infusion started: say it with --infusion-start")
        return
    assert (status, out) == (0, "1\n")
    assert "taken to be in Europe/Berlin" in err
    store = open_store(tmp_path)
    with store.reading() as connection:
        found = queries.import_of(connection, 1)
        assert found is not None
        events = {event.kind: event for event in queries.session_events(connection, 1)}
    store.close()
    kinds, _, whence = taken.partition(": ")
    assert found.times_from == whence
    assert instant.format(events[EventKind.INFUSION_START].time) == "2026-03-01T09:00:00.000Z"
    assert (EventKind.INFUSION_STOP in events) == ("stop" in kinds)
    assert ("assumed" in events[EventKind.SESSION_END].detail) == ("end" not in kinds)


def test_times_without_a_zone_are_the_clinics(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from dashboard.store import writes

    store = open_store(tmp_path)
    with store.writing() as connection:
        writes.put_setting(connection, "site_zone", "Europe/Vienna")
    store.close()
    path = tmp_path / "session.csv"
    path.write_text("time,HR\n2026-07-01T10:00:00,70\n2026-07-01T10:10:00,71\n")
    status, _, err = run(capsys, "import", path, "--infusion-start", "2026-07-01T10:00:00", "--data", tmp_path)
    assert status == 0
    assert "taken to be in Europe/Vienna" in err
    assert "infusion start 2026-07-01T08:00:00.000Z: as said" in err


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("no-such.csv", *TIMES), 1, "there is no file"),
        ((sample_data() / "challenge2012" / "132539.txt", "--infusion-start", "+600"), 1, "--start"),
        ((EXAMPLE, "--infusion-start", "2025-03-01T09:00:00Z"), 1, "outside the recording"),
        ((EXAMPLE, *TIMES[:2], "--infusion-end", "2026-03-01T08:00:00Z"), 1, "ends before it starts"),
        ((EXAMPLE, *TIMES, "--session-end", "2026-03-01T09:10:00Z"), 1, "ends before its infusion"),
        ((EXAMPLE, *TIMES, "--thresholds", "mine"), 1, "there are adult-iv"),
        ((EXAMPLE, "--infusion-start", "soon"), 2, "--infusion-start"),
        ((EXAMPLE, *TIMES, "--timezone", "Mars"), 2, "--timezone"),
        ((EXAMPLE, *TIMES, "--author", " "), 2, "--author"),
    ],
)
def test_what_cannot_be_imported_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str | Path, ...], status: int, said: str
) -> None:
    found, out, err = run(capsys, "import", *arguments, "--data", tmp_path)
    assert (found, out) == (status, "")
    assert said in err.splitlines()[-1]
    assert "Traceback" not in err
    if (tmp_path / "risewatch.db").exists():
        store = open_store(tmp_path)
        assert rows(store) == {}
        store.close()


def test_export_of_what_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.csv"
    status, _, err = run(capsys, "export", "1", "-o", out, "--data", tmp_path / "none")
    assert status == 1
    assert "there is no database" in err
    open_store(tmp_path).close()
    assert run(capsys, "export", "7", "-o", out, "--data", tmp_path)[2] == (
        "risewatch: there is no session 7 in the store\n"
    )
    assert not out.exists()
    # Refused before the store is opened: there is none.
    for name in ("out.xyz", "out", "out.csv.gz"):
        status, _, err = run(capsys, "export", "1", "-o", tmp_path / name, "--data", tmp_path / "none")
        assert (status, (tmp_path / name).exists()) == (2, False)
        assert f"the name {name} says no form" in err
        assert "--as" in err
    assert run(capsys, "export", "seven", "-o", out, "--data", tmp_path)[0] == 2


_KILLED = """
import os, signal, sys
from dashboard.cli import main
from dashboard.importing import staging
from dashboard.store import writes

staging.PIECE = 7
calls, write = [], writes.ReadingWriter.write
def killed(self, connection, readings):
    write(self, connection, readings)
    calls.append(1)
    if len(calls) == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
writes.ReadingWriter.write = killed
main(sys.argv[2:])
"""


@pytest.mark.parametrize("piece", [1, 7])  # the first, the last (48 readings)
def test_killed_at_either_end_nothing_of_it_is_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], piece: int
) -> None:
    _kill_and_import(("--data", str(tmp_path)), capsys, piece)


def test_killed_in_the_middle_nothing_of_it_is_seen(place: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    _kill_and_import(place, capsys, 3)


def _kill_and_import(place: tuple[str, ...], capsys: pytest.CaptureFixture[str], piece: int) -> None:
    """Kills an import in its piece `piece`, looks at what is there, and imports again: that clears it away."""
    command = [sys.executable, "-c", _KILLED, str(piece), "import", str(EXAMPLE), *TIMES, *place]
    done = subprocess.run(command, capture_output=True, timeout=100, env=dict(os.environ))
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    store = opened(place)
    left = rows(store)
    assert set(left) <= {"reading", "stream", "bed"}  # readings of no session, on a bed that no wall has
    assert left.get("reading", 0) == 7 * (piece - 1)
    with store.reading() as connection:
        assert queries.beds(connection) == []
        assert queries.sessions(connection) == []
    assert run(capsys, "import", EXAMPLE, *TIMES, *place)[:2] == (0, "1\n")
    assert {name: rows(store)[name] for name in ("session", "bed", "stream", "reading", "recording_import")} == {
        "session": 1, "bed": 1, "stream": 2, "reading": 48, "recording_import": 1,
    }  # fmt: skip
    store.close()


def test_an_import_that_fails_in_the_middle_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboard.importing import staging

    monkeypatch.setattr(staging, "PIECE", 7)

    def broken(*_: object) -> dict[str, object]:
        raise RuntimeError("broken")

    monkeypatch.setattr(staging, "_row", broken)
    status, out, err = run(capsys, "import", EXAMPLE, *TIMES, "--data", tmp_path)
    assert (status, out) == (1, "")
    assert "a fault of the program itself" in err
    store = open_store(tmp_path)
    assert rows(store) == {}
    store.close()


def test_one_import_at_a_time(place: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    store = opened(place)
    with store.importing():
        status, out, err = run(capsys, "import", EXAMPLE, *TIMES, *place)
        assert (status, out) == (1, "")
        assert "another import into this database is running" in err
    assert run(capsys, "import", EXAMPLE, *TIMES, *place)[1] == "1\n"
    store.close()


_RECORDINGS = [
    (EXAMPLE, 25, 40),
    (sample_data() / "worked-example-b.csv", 25, 40),
    (MIMIC, 12, 30),
    (sample_data() / "reencoded" / "mimic3wdb-s25047.vital", 12, 30),
    (sample_data() / "reencoded" / "mimic3wdb-s25047.edf", 12, 30),
    (sample_data() / "vscapture" / "AS3ExportData.csv", 2, 3),
    (sample_data() / "challenge2012" / "137529.txt", 600, 120),
]


@pytest.mark.parametrize(("path", "after", "lasts"), _RECORDINGS, ids=lambda each: getattr(each, "name", None))
def test_stored_rises_are_those_of_flag(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], path: Path, after: int, lasts: int
) -> None:
    options = ["--date-order", "mdy", "--start", "2026-03-01T09:00:00Z"]
    options = options[:2] if path.name.startswith("AS3") else options[2:] if path.suffix == ".txt" else []
    start = instant.parse(options[1]) if path.suffix == ".txt" else None
    read = read_recording(path, date_order="mdy" if path.name.startswith("AS3") else None, start=start)
    t0 = read.first + after * instant.MINUTE
    stop = t0 + lasts * instant.MINUTE
    options += ["--infusion-start", instant.format(t0), "--infusion-end", instant.format(stop)]
    _, flagged, _ = run(capsys, "flag", path, *options, "--json")
    status, number, err = run(capsys, "import", path, *options, "--data", tmp_path)
    assert (status, number) == (0, "1\n"), err
    wanted = json.loads(flagged)
    store = open_store(tmp_path)
    with store.reading() as connection:
        assert [rise_as_json(each) for each in queries.rises(connection, 1)] == wanted["rises"]
        notices = queries.notices(connection, 1, limit=10_000)
        told = {(instant.format(n.time), n.kind, n.text) for n in notices}
        assert {(n["time"], n["kind"], n["text"]) for n in wanted["notices"]} <= told
        # Judged anew from what is stored it is the same: nothing was lost or put in another order.
        stored = material(connection, 1)
    store.close()
    assert stored is not None
    assert sorted(stored.readings, key=repr) == sorted(read.readings, key=repr)
    line = Timeline(instant.parse(instant.format(t0)), instant.parse(instant.format(stop)), None, None)
    thresholds = preset("adult-iv")
    assert analyse(stored.readings, line, thresholds) == analyse(read.readings, line, thresholds)


def test_interrupted_by_the_keyboard_nothing_is_left(tmp_path: Path) -> None:
    # A shell starts what it runs in the background deaf to this signal, and that is inherited.
    hearing = "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    script = _KILLED.replace("signal.SIGKILL", "signal.SIGINT").replace(
        "import os, signal, sys\n", f"import os, signal, sys\n{hearing}"
    )
    command = [sys.executable, "-c", script, "3", "import", str(EXAMPLE), *TIMES, "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, timeout=100, env=dict(os.environ))
    assert done.returncode == 130
    assert (done.stdout, b"Traceback" in done.stderr) == (b"", False)
    store = open_store(tmp_path)
    assert rows(store) == {}
    store.close()


def test_a_full_disk_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboard.importing import staging
    from dashboard.sessions.setup import ensure_presets
    from dashboard.store import database

    recording = sample_data() / "made" / "typical.csv"
    store = open_store(tmp_path)
    ensure_presets(store, 0)
    with store.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    store.close()
    connected = database._on_sqlite_connect

    def small(connection: object, record: object) -> None:
        connected(connection, record)
        connection.execute(f"PRAGMA max_page_count={pages + 40}")  # type: ignore[attr-defined]

    monkeypatch.setattr(database, "_on_sqlite_connect", small)
    monkeypatch.setattr(staging, "PIECE", 500)
    status, out, err = run(capsys, "import", recording, "--data", tmp_path)
    assert (status, out) == (1, "")
    assert err.splitlines()[-1].endswith("refused: database or disk is full")
    monkeypatch.undo()
    store = open_store(tmp_path)
    assert rows(store) == {}
    store.close()
    assert run(capsys, "import", recording, "--data", tmp_path)[:2] == (0, "1\n")


def test_the_zone_that_a_file_names_is_asked_unless_it_is_said(
    place: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "abroad.csv"
    path.write_text(
        "Time,Time Zone,HR\n2026-03-10T10:00:00,America/New_York,70\n2026-03-10T10:00:01,America/New_York,71\n"
    )
    times = ("--infusion-start", "2026-03-10T14:00:00Z")
    status, _, err = run(capsys, "import", path, *place, *times)
    assert status == 1
    assert "the times are in 'America/New_York', as 'Time Zone' says" in " ".join(err.split())
    status, _, err = run(capsys, "import", path, *place, *times, "--timezone", "America/New_York")
    assert status == 0, err
