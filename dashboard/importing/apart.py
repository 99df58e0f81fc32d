"""Work on a large recording in a process of its own, so that the screens and the live streams keep theirs.

One process runs one Python thread at a time: a file of some hundred megabytes, read in the process of the screens,
would hold up every number on every wall. The other process also gives way to all that is live, and if the system
ends one for its memory it is that one. It ends with the page that asked, however that ends.

What is worked is a public function of a module, called with arguments and `progress`; arguments, what it tells and
what it returns or raises pass between the two as pickles.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from dashboard.errors import RisewatchError, SessionError
from devices.errors import DeviceError

NICE = 5
"""How far it gives way to the watch and the screens."""
TOLD_EVERY_S = 0.1
_LOOK_UP_S = 0.25
_CLEAR_UP_S = 5.0

_TOLD, _DONE, _FAILED = "told", "done", "failed"

T = TypeVar("T")


def apart(
    work: Callable[..., T],
    *arguments: Any,
    progress: Callable[[float], None] = lambda done: None,
    waiting: Callable[[], None] = lambda: None,
) -> T:
    """What ``work(*arguments, progress=...)`` returns in a process of its own.

    Args:
        progress: told here what the work tells there, from 0 to 1. waiting: called some times a second meanwhile; if
            it or `progress` raises, the work is broken off.

    Raises:
        What the work raises. SessionError: the process was ended from without.
    """
    here, there = Pipe()
    with here:
        with there:
            command = [sys.executable, "-m", "dashboard.importing.apart", str(there.fileno())]
            child = subprocess.Popen(command, pass_fds=(there.fileno(),), start_new_session=True)
        try:
            here.send((work, arguments))
            while True:
                waiting()
                if not here.poll(_LOOK_UP_S):
                    continue
                kind, what = here.recv()
                if kind == _DONE:
                    result: T = what
                    return result
                if kind == _FAILED:
                    raise what
                progress(what)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise SessionError(
                f"the work on the recording was ended from without ({_how_it_ended(child.wait())}) and nothing was "
                "stored: the machine may have too little memory for it"
            ) from None
        finally:
            _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Lets it take back what it has begun, if it still works."""
    if child.poll() is None:
        child.send_signal(signal.SIGINT)
    try:
        child.wait(_CLEAR_UP_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _how_it_ended(code: int) -> str:
    if code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit status {code}"


def _work(asked: Connection) -> None:
    """The other process."""
    newest = 0.0

    def progress(done: float) -> None:
        nonlocal newest
        now = time.monotonic()
        if done >= 1 or now - newest >= TOLD_EVERY_S:
            newest = now
            asked.send((_TOLD, done))

    work, arguments = asked.recv()
    try:
        result = work(*arguments, progress=progress)
    except (RisewatchError, DeviceError) as error:
        asked.send((_FAILED, error))
    except (BrokenPipeError, ConnectionResetError):
        raise  # whoever asked is gone
    except Exception as error:
        traceback.print_exc()  # for the log: what is sent has no traceback
        asked.send((_FAILED, error))
    else:
        asked.send((_DONE, result))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a server in the background may have passed on deaf ears
    with suppress(OSError):
        os.nice(NICE)
    with (
        suppress(KeyboardInterrupt, EOFError, BrokenPipeError, ConnectionResetError),
        Connection(int(sys.argv[1])) as end,
    ):
        _work(end)
