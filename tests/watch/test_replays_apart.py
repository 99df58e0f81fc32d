"""A recording that is opened as a replay may do to its reader what it will: the watch says so in one sentence, and its
live beds go on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dashboard.resources import sample_data
from dashboard.sessions.setup import ensure_presets
from dashboard.store import acts, queries
from dashboard.store.database import open_store
from dashboard.watch import replays as replays_of_the_watch
from dashboard.watch.replays import Replays
from devices import instant
from devices.recordings.base import read_recording

HERE = str(Path(__file__).parent)
EXAMPLE = {
    "recording": str(sample_data() / "worked-example-a.csv"),
    "infusion_start": instant.parse("2026-03-01T09:00:00Z"),
}
LONG_S = 60


@pytest.fixture(autouse=True)
def found_elsewhere(monkeypatch):
    """The readers of these tests are in this file, which the other process must find."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([HERE, *sys.path]))


def endless(detail, progress):
    Path(detail["note"]).write_text(str(os.getpid()))
    time.sleep(600)


def greedy(detail, progress):
    return bytearray(1 << 40)


def stumbling(detail, progress):
    raise RecursionError("deeper than anybody thought")


class Beside:
    """A live bed that says a heart rate each second, and the replays of the same watch."""

    def __init__(self, ward, **more):
        self.ward, self.replays, self.beds, self.said = ward, Replays(**more), [], 0

    def ask(self, **detail):
        acts.command_replay(self.ward.store, None, "open", author="Ada", now=self.ward.now, detail=detail)

    def second(self):
        self.said += 1
        self.ward.rate(60.0 + self.said % 40)
        self.ward.pass_time(1)
        self.beds += self.replays.carry_out(self.ward.store, [self.ward.watch, *self.beds], self.ward.now)[0]
        time.sleep(0.01)

    def until(self, condition):
        deadline = time.monotonic() + LONG_S
        while not (found := condition()):
            assert time.monotonic() < deadline
            self.second()
        return found

    def refusals(self):
        with self.ward.store.reading() as connection:
            return [each.refused for each in queries.refused_replay_commands(connection, 0)]

    def stored(self):
        with self.ward.store.reading() as connection:
            return [each.value for each in queries.readings(connection, self.ward.bed.id)]


@pytest.fixture
def store(tmp_path):
    """One kind of store is enough for what is told here."""
    opened = open_store(tmp_path / "data")
    ensure_presets(opened, 0)
    yield opened
    opened.close()


@pytest.fixture
def beside(ward):
    made = []

    def make(**more):
        made.append(Beside(ward, **more))
        return made[-1]

    yield make
    for each in made:
        each.replays.close()


def pid_in(note):
    return int(note.read_text() or 0) if note.exists() else 0


def is_gone(pid):
    """Ended, whether or not somebody has taken note of it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_reader_that_is_killed_is_one_sentence_and_the_live_bed_goes_on(beside, monkeypatch, tmp_path):
    watch, note = beside(), tmp_path / "note"
    with monkeypatch.context() as patched:
        patched.setattr(replays_of_the_watch, "read", endless)
        watch.ask(note=str(note), **EXAMPLE)
        os.kill(watch.until(lambda: pid_in(note)), signal.SIGKILL)
        assert watch.until(watch.refusals) == [
            "the work on the recording was ended from without (SIGKILL) and the replay was not opened: "
            "the machine may have too little memory for it"
        ]
    watch.second()
    assert watch.stored() == [60.0 + number % 40 for number in range(1, watch.said + 1)]
    watch.ask(**EXAMPLE)
    watch.until(lambda: watch.beds)
    assert len(watch.refusals()) == 1


def test_a_recording_that_needs_too_much_memory_is_refused(beside, monkeypatch):
    watch = beside(memory=1 << 30)
    monkeypatch.setattr(replays_of_the_watch, "read", greedy)
    watch.ask(**EXAMPLE)
    assert watch.until(watch.refusals) == [
        "the work on the recording needs more memory than the 1024 MB that it may take"
    ]


def test_a_table_that_needs_too_much_memory_is_refused(beside, tmp_path):
    """Read row by row, as a header with another column stands at its end, it takes some hundred MB."""
    path = tmp_path / "long.csv"
    rows = (
        f"2026-03-{1 + n // 86_400:02d}T{n // 3600 % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z,{60 + n % 40}\n"
        for n in range(300_000)
    )
    path.write_text("time,HR\n" + "".join(rows) + "time,HR,SpO2\n2026-03-31T09:00:00Z,70,97\n")
    watch = beside(memory=96 << 20)
    watch.ask(recording=str(path), infusion_start=instant.parse("2026-03-01T09:00:00Z"))
    assert watch.until(watch.refusals) == [
        "the work on the recording needs more memory than the 96 MB that it may take"
    ]
    assert watch.beds == []


def test_a_reader_that_stumbles_is_refused_and_the_log_says_more(beside, monkeypatch):
    watch = beside()
    monkeypatch.setattr(replays_of_the_watch, "read", stumbling)
    watch.ask(**EXAMPLE)
    assert watch.until(watch.refusals) == [
        "worked-example-a.csv cannot be read (RecursionError); the log of the watch says more"
    ]


def test_a_watch_that_ends_ends_its_reader(beside, monkeypatch, tmp_path):
    watch, note = beside(), tmp_path / "note"
    monkeypatch.setattr(replays_of_the_watch, "read", endless)
    watch.ask(note=str(note), **EXAMPLE)
    reader = watch.until(lambda: pid_in(note))
    watch.replays.close()
    assert is_gone(reader)


ENDLESS = """
import sys
import time

from test_replays_apart import EXAMPLE, endless

from dashboard.apart import ApartExecutor, Worker

ApartExecutor(Worker(clear_up_s=0)).submit(endless, {"note": sys.argv[1], **EXAMPLE})
time.sleep(600)
"""


def test_a_watch_that_is_killed_leaves_no_reader_behind(tmp_path):
    note = tmp_path / "note"
    watch = subprocess.Popen([sys.executable, "-c", ENDLESS, str(note)])
    deadline = time.monotonic() + LONG_S
    try:
        while not pid_in(note):
            assert watch.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        watch.kill()
        watch.wait()
    while not is_gone(pid_in(note)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_from_the_shared_columns_come_the_very_readings_of_the_file(beside):
    watch = beside()
    watch.ask(**EXAMPLE)
    (bed,) = watch.until(lambda: watch.beds)
    played, expected = bed.source.recording, read_recording(Path(EXAMPLE["recording"]))
    assert list(played.readings) == list(expected.readings)
    assert (played.notices, played.counts, bed.source.end) == (expected.notices, expected.counts, expected.last)
