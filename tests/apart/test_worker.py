"""A process that is kept for further work, its limits, and what the two hand each other without copying."""

import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from dashboard.apart import ApartExecutor, Shared, Worker
from dashboard.apart.process import KEPT_BYTES
from dashboard.errors import SessionError

HERE = str(Path(__file__).parent)


@pytest.fixture(autouse=True)
def found_elsewhere(monkeypatch):
    """The work of these tests is in this file, which the other process must find."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([HERE, *sys.path]))


def whoami(progress):
    return os.getpid()


def refused(progress):
    raise SessionError("not that")


def breaking(progress):
    raise EOFError("of a file, not of the talk")


def growing(progress):
    return len(bytearray(KEPT_BYTES) + b"!"), os.getpid()


def endless(progress):
    time.sleep(600)


def greedy(progress):
    held = []
    while True:
        held.append(bytearray(1 << 20))
        time.sleep(0.001)


def doubled(shared, progress):
    return Shared.of({"doubled": 2 * shared.value()["numbers"], "none": np.empty(0)})


def test_it_goes_on_with_the_same_process_also_after_a_refusal():
    with Worker() as worker:
        first = worker.run(whoami)
        with pytest.raises(SessionError, match="not that"):
            worker.run(refused)
        assert worker.run(whoami) == first != os.getpid()


def test_what_the_work_stumbles_over_is_not_taken_for_an_end_of_the_process():
    with Worker() as worker:
        first = worker.run(whoami)
        with pytest.raises(EOFError, match="of a file"):
            worker.run(breaking)
        assert worker.run(whoami) == first


def test_a_process_that_has_grown_is_not_kept():
    with Worker() as worker:
        _, grown = worker.run(growing)
        assert worker.run(whoami) != grown


def test_work_that_takes_too_long_is_ended_in_one_sentence():
    with (
        Worker(undone="nothing was read", seconds=0.5, clear_up_s=0) as worker,
        pytest.raises(SessionError, match=r"^the work on the recording took longer than 0.5 s and nothing was read$"),
    ):
        worker.run(endless)


def test_work_that_takes_too_much_memory_is_ended_in_one_sentence_and_the_next_is_done():
    with Worker(memory=128 << 20, clear_up_s=0) as worker:
        with pytest.raises(SessionError, match=r"^the work on the recording needs more memory than the 128 MB that it"):
            worker.run(greedy)
        assert worker.run(whoami) != os.getpid()


def test_arrays_go_to_and_fro_in_a_file_and_none_of_them_in_the_pickle():
    numbers = np.arange(1_000_000.0)
    given = Shared.of({"numbers": numbers})
    with Worker() as worker:
        answer = worker.run(doubled, given)
    found = answer.value()
    assert np.array_equal(found["doubled"], 2 * numbers)
    assert len(found["none"]) == 0
    assert len(given.head) + len(answer.head) < 2_000
    with pytest.raises(ValueError, match="read-only"):
        found["doubled"][0] = 1


def test_without_room_it_is_one_sentence(monkeypatch):
    class Full:
        def seek(self, place):
            pass

        def write(self, raw):
            raise OSError(28, "No space left on device")

        def close(self):
            pass

    monkeypatch.setattr("tempfile.TemporaryFile", Full)
    with pytest.raises(SessionError, match=r"^there is no room in .* No space left on device$"):
        Shared.of(np.arange(9.0))


def test_the_executor_works_in_turn_and_what_waits_when_it_is_closed_is_given_up():
    executor = ApartExecutor(Worker(clear_up_s=0))
    first, second = executor.submit(whoami), executor.submit(refused)
    assert first.result(20) != os.getpid()
    with pytest.raises(SessionError, match="not that"):
        second.result(20)
    going_on, waiting = executor.submit(endless), executor.submit(whoami)
    while not going_on.running():
        time.sleep(0.01)
    executor.close()
    assert going_on.exception(0) is not None
    assert waiting.cancelled()
