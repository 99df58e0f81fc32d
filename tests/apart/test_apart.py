"""Work in a process of its own: what it returns, raises and tells comes back, and it ends with whoever asked."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dashboard.apart import apart
from dashboard.apart.__main__ import NICE
from dashboard.errors import SessionError
from devices.errors import ChoiceNeeded, RecordingError

HERE = str(Path(__file__).parent)


@pytest.fixture(autouse=True)
def found_elsewhere(monkeypatch):
    """The work of these tests is in this file, which the other process must find."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([HERE, *sys.path]))


def place(progress):
    """Where this runs, and how far it gives way."""
    print("no message")  # what is printed by the work disturbs nothing
    return os.getpid(), os.nice(0)


def steps(count, progress):
    for number in range(1, count + 1):
        progress(number / count)
    return count


def refused(progress):
    raise ChoiceNeeded("there are two patients", "patient", ["A", "B"])


def faulty(progress):
    raise KeyError("not foreseen")


def for_ever(note, progress):
    try:
        note.write_text(str(os.getpid()))
        while True:
            progress(0.5)
            time.sleep(0.01)
    except BaseException:
        note.write_text("taken back")
        raise


def killed(progress):
    os.kill(os.getpid(), signal.SIGKILL)


def test_it_runs_elsewhere_and_gives_way():
    process, niceness = apart(place)
    assert process != os.getpid()
    assert niceness == min(19, os.nice(0) + NICE)


def test_what_it_tells_arrives_in_order_and_the_last_of_it_always():
    told = []
    assert apart(steps, 5_000, progress=told.append) == 5_000
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_what_it_raises_is_raised_here_with_all_it_knows():
    with pytest.raises(ChoiceNeeded, match="two patients") as raised:
        apart(refused)
    assert (raised.value.option, raised.value.among) == ("patient", ("A", "B"))
    with pytest.raises(KeyError, match="not foreseen"):
        apart(faulty)


def test_ended_from_without_is_one_sentence():
    with pytest.raises(SessionError, match=r"ended from without \(SIGKILL\) and nothing was stored"):
        apart(killed)


def test_who_leaves_ends_it_and_it_takes_back_what_it_began(tmp_path):
    class Left(BaseException):
        pass

    def leave(_done):
        raise Left

    note = tmp_path / "note"
    with pytest.raises(Left):
        apart(for_ever, note, progress=leave)
    assert note.read_text() == "taken back"


def test_it_ends_when_the_process_that_asked_is_killed(tmp_path):
    note = tmp_path / "note"
    asks = f"from pathlib import Path; from test_apart import apart, for_ever; apart(for_ever, Path({str(note)!r}))"
    asking = subprocess.Popen([sys.executable, "-c", asks])
    while not (note.exists() and note.read_text()):
        assert asking.poll() is None
        time.sleep(0.02)
    asking.kill()
    asking.wait()
    until = time.monotonic() + 20
    while note.read_text() != "taken back":
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_recording_that_is_refused_says_so_as_before(tmp_path):
    from dashboard.importing.choices import Choices
    from dashboard.importing.looking import look

    path = tmp_path / "empty.csv"
    path.write_text("")
    with pytest.raises(RecordingError, match="empty"):
        apart(look, path, Choices())
