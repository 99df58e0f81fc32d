"""The watch as a process of its own, on real ports: killed in mid-stream, started again, unplugged and plugged back."""

import itertools
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from sqlalchemy import func, select

from dashboard.demo.run import _configuration
from dashboard.demo.stage import set_stage
from dashboard.store import queries, writes
from dashboard.store import schema as s
from dashboard.store.database import open_store
from devices import instant


class Clinic:
    """The demonstration's three beds with their past, and a watch that can be started and killed."""

    def __init__(self, folder):
        self.folder = folder
        self.store = open_store(folder)
        self.staged = set_stage(self.store, instant.now())
        self.configuration = folder / "beds.toml"
        self.configuration.write_text(_configuration(self.staged), encoding="utf-8")
        for bed in self.staged:
            bed.monitor.start()
        self.watch = None

    def start(self):
        command = [sys.executable, "-m", "dashboard.cli", "watch", "--demo"]
        self.watch = subprocess.Popen(
            [*command, "--config", str(self.configuration), "--data", str(self.folder)], stderr=subprocess.PIPE
        )

    def until(self, condition, patience_s=20):
        """Waits for something of the store, as a screen does."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            assert self.watch.poll() is None, self.watch.stderr.read().decode()
            with self.store.reading() as connection:
                found = condition(connection)
            if found:
                return found
            time.sleep(0.1)
        raise AssertionError(f"it did not happen within {patience_s} s")

    def end(self, number):
        self.watch.send_signal(number)
        self.watch.wait(10)
        self.watch.stderr.close()

    def close(self):
        if self.watch is not None and self.watch.poll() is None:
            self.end(signal.SIGKILL)
        for bed in self.staged:
            bed.monitor.stop()
        self.store.close()


@pytest.fixture
def clinic(tmp_path):
    opened = Clinic(tmp_path)
    yield opened
    opened.close()


def readings_stored(connection):
    return connection.execute(select(func.count()).select_from(s.reading)).scalar_one()


def heard_since(start):
    def newest(connection):
        states = queries.bed_states(connection)
        return len(states) == 3 and all((each.last_frame or 0) > start for each in states.values())

    return newest


def test_a_killed_watch_loses_nothing_committed_and_doubles_nothing(clinic):
    clinic.start()
    clinic.until(heard_since(instant.now()))
    rises = clinic.until(lambda connection: sorted(_identity(each) for each in _rises(connection)))
    for pause in (1.1, 0.4, 0.7):
        time.sleep(pause)
        with clinic.store.reading() as connection:
            before = readings_stored(connection)
            committed = {(r.stream_id, r.time, r.received) for r in connection.execute(select(s.reading))}
        clinic.end(signal.SIGKILL)
        with clinic.store.reading() as connection:
            kept = {(r.stream_id, r.time, r.received) for r in connection.execute(select(s.reading))}
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        assert committed <= kept
        assert len(kept) >= before
        clinic.start()
        clinic.until(heard_since(instant.now()))
    with clinic.store.reading() as connection:
        after = [_identity(each) for each in _rises(connection)]
        cuffs = _cuff_measurements(connection)
        running = select(s.alarm).where(s.alarm.c.category == "physiological", s.alarm.c.ended.is_(None))
        log = Counter((r.bed_id, r.key, r.priority) for r in connection.execute(running))
    assert set(rises) <= set(after)
    assert len(after) == len(set(after))
    # two onsets of one limit are a cuff cycle apart at least: nearer ones would be one rise seen twice
    for _, group in itertools.groupby(sorted(after), key=lambda each: each[:3]):
        onsets = [each[3] for each in group]
        assert all(later - earlier >= 5 * instant.SECOND for earlier, later in itertools.pairwise(onsets))
    # cuffs come once a minute; a measurement stored twice would lie within the dating of its protocol
    for times in cuffs.values():
        assert all(later - earlier > 30 * instant.SECOND for earlier, later in itertools.pairwise(times))
    assert max(log.values()) == 1


def _identity(rise):
    return rise.session_id, rise.signal, rise.level, rise.onset


def _rises(connection):
    return [rise for session in queries.sessions(connection) for rise in queries.rises(connection, session.id)]


def _cuff_measurements(connection):
    found = {}
    for bed in queries.beds(connection):
        found[bed.name] = sorted(
            {each.time for each in queries.readings(connection, bed.id) if each.signal == "NIBP_SYS"}
        )
    return found


def test_ports_are_read_on_while_another_process_holds_the_database(clinic):
    """A reading is dated by when it is read, wherever the monitor says no time: the watch may not wait for the lock."""
    clinic.start()
    clinic.until(heard_since(instant.now()))
    time.sleep(1)
    with clinic.store.writing():
        began = instant.now()
        time.sleep(5)
        freed = instant.now()
    clinic.until(lambda connection: queries.heartbeat(connection).time > freed + instant.SECOND)
    with clinic.store.reading() as connection:
        stream = select(s.stream.c.id).where(s.stream.c.signal == "HR", s.stream.c.source.like("line:%"))
        query = select(s.reading.c.received).where(s.reading.c.stream_id.in_(stream)).order_by(s.reading.c.received)
        received = [each for each in connection.execute(query).scalars() if began < each < freed]
    assert len(received) >= 4
    assert max(later - earlier for earlier, later in itertools.pairwise(received)) < 2.5 * instant.SECOND


def test_a_second_watch_on_the_same_database_is_refused_in_one_sentence(clinic):
    clinic.start()
    clinic.until(heard_since(instant.now()))
    command = [sys.executable, "-m", "dashboard.cli", "watch", "--config", str(clinic.configuration)]
    second = subprocess.run(
        [*command, "--data", str(clinic.folder)], capture_output=True, text=True, timeout=30, check=False
    )
    assert second.returncode == 1
    assert "another watch is running on this database" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_stopped_watch_says_so_in_its_heartbeat(clinic):
    clinic.start()
    clinic.until(heard_since(instant.now()))
    clinic.end(signal.SIGTERM)
    assert clinic.watch.returncode == 0
    with clinic.store.reading() as connection:
        assert queries.heartbeat(connection).stopped is not None


def test_a_monitor_unplugged_and_plugged_back_is_picked_up_by_itself(clinic):
    clinic.start()
    clinic.until(heard_since(instant.now()))
    end = clinic.staged[2].monitor._end
    end.unplug()
    # the device thread plugs it back at its next turn: what counts is that the port went away and came again
    clinic.until(lambda connection: any(n.kind == "link-down" for n in queries.notices(connection, 3)))
    clinic.until(heard_since(instant.now()))
    with clinic.store.reading() as connection:
        kinds = [each.kind for each in queries.notices(connection, 3)]
    assert kinds.count("link-down") == 1
    assert kinds.count("link-up") >= 2


def test_a_wrong_configuration_starts_nothing(tmp_path):
    path = tmp_path / "beds.toml"
    path.write_text('[[bed]]\nname = "Bed 1"\nprotocol = "dinamapp"\nport = "/dev/ttyUSB0"\n', encoding="utf-8")
    command = [sys.executable, "-m", "dashboard.cli", "watch", "--config", str(path), "--data", str(tmp_path / "data")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "bed 'Bed 1': there is no protocol 'dinamapp'; there are " in done.stderr
    assert "dinamap, " in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_watch_clears_away_what_a_killed_import_left(clinic):
    with clinic.store.writing() as connection:
        left = writes.add_replay_bed(connection, "Import 1", "recording", "ward.csv", in_use=False)
    clinic.start()
    clinic.until(
        lambda connection: left.id not in {bed.id for bed in queries.beds(connection, also_unused=True)},
    )
