"""The database: what it promises about durability, versions and refusals."""

import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from dashboard.errors import StoreError
from dashboard.store import queries, writes
from dashboard.store.database import FILE_NAME, change_token, open_store
from dashboard.store.schema import metadata
from devices.reading import Reading, Status


def test_sqlite_commits_are_durable(sqlite_store):
    with sqlite_store.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


def test_the_migrations_make_exactly_the_schema(store):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_database_from_before_imports_is_brought_up_to_date_with_what_it_held(any_place):
    from alembic import command
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from dashboard.store.database import _alembic_config

    first = open_store(any_place)
    with first.writing() as connection:
        writes.put_setting(connection, "name", "Ward 3")
        command.downgrade(_alembic_config(connection), "0002")
    first.close()
    with pytest.raises(StoreError, match=r"of an older version \(0002\): start the watch once"):
        open_store(any_place, create=False)
    again = open_store(any_place)
    with again.reading() as connection:
        assert queries.setting(connection, "name") == "Ward 3"
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    again.close()


def test_a_store_opens_again_with_what_it_held(tmp_path):
    first = open_store(tmp_path)
    with first.writing() as connection:
        writes.put_setting(connection, "name", "Ward 3")
    first.close()
    again = open_store(tmp_path, create=False)
    with again.reading() as connection:
        assert queries.setting(connection, "name") == "Ward 3"
    again.close()


def test_a_database_that_is_not_there_is_refused_when_only_reading(tmp_path):
    with pytest.raises(StoreError, match=r"there is no database at .*start the watch there first"):
        open_store(tmp_path / "nothing", create=False)


def test_a_file_that_is_no_database_is_refused_in_one_sentence(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(b"this is not a database, but long enough to be looked at" * 20)
    with pytest.raises(StoreError, match="not a database"):
        open_store(tmp_path)


def test_a_database_of_a_newer_version_is_refused(tmp_path):
    open_store(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE_NAME) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer version"):
        open_store(tmp_path)


def test_an_unknown_database_kind_is_refused(tmp_path):
    with pytest.raises(StoreError, match="no driver for"):
        open_store("nosuch://host/name")


def test_a_failed_transaction_leaves_nothing(store):
    with pytest.raises(ZeroDivisionError), store.writing() as connection:
        writes.put_setting(connection, "name", "half")
        raise ZeroDivisionError
    with store.reading() as connection:
        assert queries.setting(connection, "name") is None


def test_the_change_token_moves_with_other_connections_commits(store):
    watcher = store.engine.connect()
    before = change_token(watcher)
    assert change_token(watcher) == before
    with store.writing() as connection:
        writes.put_setting(connection, "a", "b")
    assert change_token(watcher) != before
    watcher.close()


def test_only_one_watch_has_a_database_and_a_dead_one_frees_it(sqlite_store, tmp_path):
    code = (
        "import sys, time; from dashboard.store.database import open_store\n"
        f"store = open_store({str(tmp_path)!r}); store.claim_watch(); print('claimed', flush=True); time.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    try:
        assert other.stdout.readline() == b"claimed\n"
        with pytest.raises(StoreError, match="another watch is running"):
            sqlite_store.claim_watch()
    finally:
        other.send_signal(signal.SIGKILL)
        other.wait()
        other.stdout.close()
    sqlite_store.claim_watch()


WRITER = """
import sys
from dashboard.store import writes
from dashboard.store.database import open_store
from devices.reading import Reading, Status
store = open_store(sys.argv[1])
writer = writes.ReadingWriter()
number = 0
while True:
    number += 1
    batch = [(1, Reading(number * 10 + k, number, "HR", float(number), "/min", Status.OK, "line:hr")) for k in range(5)]
    with store.writing() as connection:
        writer.write(connection, batch)
    print(number, flush=True)
"""


@pytest.mark.parametrize("moment", [0.3, 0.45, 0.6])
def test_kill_9_loses_nothing_committed_and_leaves_no_half_batch(sqlite_store, tmp_path, moment):
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
    acknowledged = int(process.stdout.readline())
    deadline = time.monotonic() + moment
    while time.monotonic() < deadline:
        acknowledged = int(process.stdout.readline())
    os.kill(process.pid, signal.SIGKILL)
    rest = [line for line in process.stdout.read().split(b"\n")[:-1] if line]
    process.wait()
    process.stdout.close()
    acknowledged = int(rest[-1]) if rest else acknowledged
    with sqlite_store.reading() as connection:
        stored = queries.readings(connection, 1)
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    batches = {each.received for each in stored}
    assert set(range(1, acknowledged + 1)) <= batches
    assert len(stored) == 5 * len(batches)


def test_a_reading_is_given_back_as_it_was_written(store, bed):
    given = [
        Reading(5, 7, "NIBP_SYS", 118.0, "mmHg", Status.OK, "line:nibp"),
        Reading(5, 7, "NIBP_DIA", 76.0, "mmHg", Status.OK, "line:nibp"),
        Reading(5, 7, "NIBP_MEAN", None, "mmHg", Status.INVALID, "line:nibp"),
        Reading(6, 8, "HR", 0.0, "/min", Status.OK, "ge-dri:ecg.hr"),
        Reading(6, 8, "SPO2", None, "%", Status.OFF, "line:spo2"),
    ]
    with store.writing() as connection:
        writes.ReadingWriter().write(connection, [(bed.id, each) for each in given])
    with store.reading() as connection:
        assert queries.readings(connection, bed.id) == given
        assert queries.latest_readings(connection, bed.id, since=6) == [given[3], given[4]]


def test_the_same_reading_written_twice_is_stored_once(store, bed):
    each = Reading(5, 7, "HR", 71.0, "/min", Status.OK, "line:hr")
    for _ in range(2):
        with store.writing() as connection:
            writes.ReadingWriter().write(connection, [(bed.id, each)])
    with store.reading() as connection:
        assert queries.readings(connection, bed.id) == [each]


def test_a_bed_no_longer_configured_leaves_the_wall_and_keeps_its_id(store, bed):
    again = {"name": "Bed 2", "place": 0, "grp": "", "protocol": "line", "port": "/dev/y", "mode": "live"}
    with store.writing() as connection:
        writes.set_up_beds(connection, [again])
    with store.reading() as connection:
        assert [each.name for each in queries.beds(connection)] == ["Bed 2"]
    with store.writing() as connection:
        ids = writes.set_up_beds(connection, [again, {**again, "name": "Bed 1", "place": 1}])
    assert ids["Bed 1"] == bed.id


@pytest.mark.parametrize("replaced", [False, True])
def test_nothing_is_written_into_a_file_that_was_taken_away(tmp_path, replaced):
    """The system would go on writing into the nameless file, and all of it would be gone with the process."""
    store = open_store(tmp_path)
    (tmp_path / FILE_NAME).rename(tmp_path / "elsewhere.db")
    if replaced:
        open_store(tmp_path).close()
    with pytest.raises(StoreError, match="removed or replaced"), store.writing() as connection:
        writes.put_setting(connection, "name", "Ward 3")
    if not replaced:
        (tmp_path / "elsewhere.db").rename(tmp_path / FILE_NAME)
        with store.writing() as connection:
            writes.put_setting(connection, "name", "Ward 3")
    store.close()


def test_sessions_of_an_older_database_get_their_places(any_place):
    """A database of revision 0002 with a session over and one open, brought up to date."""
    from alembic import command

    from dashboard.sessions.setup import ensure_presets
    from dashboard.store.database import _alembic_config

    store = open_store(any_place)
    ensure_presets(store, 0)
    with store.writing() as connection:
        ids = writes.set_up_beds(
            connection, [{"name": "Bed 1", "place": 0, "grp": "", "protocol": "line", "port": "x", "mode": "live"}]
        )
        preset_id = queries.latest_threshold_version(connection, "adult-iv").id
        command.downgrade(_alembic_config(connection), "0002")
        for started, ended in ((10, 20), (30, None)):
            connection.exec_driver_sql(
                "INSERT INTO session "
                "(bed_id, mode, patient, identifier, threshold_version_id, started, started_by, ended) "
                f"VALUES ({ids['Bed 1']}, 'live', 'A', 'B', {preset_id}, {started}, 'Ada', {ended or 'NULL'})"
            )
    store.close()
    store = open_store(any_place)
    with store.reading() as connection:
        found = [queries.session_places(connection, number) for number in (1, 2)]
    store.close()
    assert [[(place.since, place.until) for place in places] for places in found] == [[(10, 20)], [(30, None)]]
