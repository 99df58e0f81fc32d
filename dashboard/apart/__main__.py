"""The process apart: works what it is asked, until whoever asks is gone."""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from dashboard.apart.process import DONE, FAILED, TOLD, too_large
from dashboard.apart.shared import receive, send
from dashboard.errors import RisewatchError
from devices.errors import DeviceError

NICE = 5
"""How far it gives way to the watch and the screens."""
TOLD_EVERY_S = 0.1
_MARGIN = 1 << 30


def _work(asked: Connection, memory: int) -> None:
    """What the other process does, until whoever asks is gone."""
    newest = 0.0
    answer: Any

    def progress(done: float) -> None:
        nonlocal newest
        now = time.monotonic()
        if done >= 1 or now - newest >= TOLD_EVERY_S:
            newest = now
            send(asked, (TOLD, done, _size()))

    while True:
        try:
            work, arguments = receive(asked)
        except MemoryError:
            send(asked, (FAILED, too_large(memory), _size()))
            continue
        try:
            kind, answer = DONE, work(*arguments, progress=progress)
        except (RisewatchError, DeviceError) as error:
            kind, answer = FAILED, error
        except (BrokenPipeError, ConnectionResetError):
            raise  # whoever asked is gone
        except MemoryError:
            kind, answer = FAILED, too_large(memory)
        except Exception as error:
            traceback.print_exc()  # for the log: what is sent has no traceback
            kind, answer = FAILED, error
        send(asked, (kind, answer, _size()))
        del work, arguments, answer  # while nobody asks, none of it is held


def _size() -> int:
    """How much this process has taken at most, bytes."""
    with suppress(OSError):
        # What the system counts otherwise includes the process that this one was started from.
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return taken if sys.platform == "darwin" else taken * 1024


def _end_with(life: int, clear_up_s: float) -> None:
    """Ends this process when the one that started it ends, also within long work of a C library."""
    os.read(life, 1)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(clear_up_s)
    os._exit(1)


def _give_way(memory: int) -> None:
    with suppress(OSError):
        os.nice(NICE)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")  # the system is to end this one first
    if memory:
        # Whoever asks looks several times a second at what is held; this is for what is asked of the system at once.
        # It is far away, as at such a limit itself the C library gets slow without end.
        most = memory + _MARGIN
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, (most, most))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a server in the background may have passed on deaf ears
    talk, life, memory = map(int, sys.argv[1:4])
    _give_way(memory)
    threading.Thread(target=_end_with, args=(life, float(sys.argv[4])), daemon=True).start()
    with (
        suppress(KeyboardInterrupt, EOFError, BrokenPipeError, ConnectionResetError),
        Connection(talk) as end,
    ):
        _work(end, memory)
