"""Keeps the watch and the screens running as processes of their own: one falls, the other goes on.

A watch that dies is started again at once (a session goes on where it stood); one that dies again and again is
started with a growing pause, and said so. When the screens cannot be served at all, everything ends.
"""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from msgspec import Struct, field

_log = logging.getLogger(__name__)

SETTLED_S = 30.0
"""A process that ran this long was well: the next death is a new one."""

PAUSES_S = (0.0, 1.0, 2.0, 5.0, 10.0)


class Child(Struct):
    """One process to be kept running. `arguments` follow ``python -m dashboard.cli``."""

    name: str
    arguments: Sequence[str]
    restart: bool
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    due: float = field(default=0.0)

    def start(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "dashboard.cli", *self.arguments])
        self.started = time.monotonic()


def supervise(children: Sequence[Child], stop_after: Callable[[], bool] = lambda: False) -> int:
    """Runs `children` until SIGINT or SIGTERM, or until one that is not to be restarted ends.

    Returns:
        The exit status: 0 after a signal, else that of the child that ended everything.
    """
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _frame: stopping.append(received))
    status = 0
    try:
        while not stopping and not stop_after():
            for child in children:
                ended = _look_after(child)
                if ended is not None:
                    return ended
            time.sleep(0.1)
    finally:
        _end_all(children)
    return status


def _look_after(child: Child) -> int | None:
    """Starts or restarts `child` if it is due; its status if it ended for good."""
    now = time.monotonic()
    if child.process is None:
        if now >= child.due:
            child.start()
        return None
    status = child.process.poll()
    if status is None:
        return None
    child.process = None
    if not child.restart or status == 0 or (status in (1, 2) and child.deaths == 0 and now - child.started < 5.0):
        return status  # it refused to start (a wrong configuration, a taken port) and has said why
    if now - child.started >= SETTLED_S:
        child.deaths = 0
    pause = PAUSES_S[min(child.deaths, len(PAUSES_S) - 1)]
    child.deaths += 1
    child.due = now + pause
    _log.error("the %s ended by itself (status %s); it is started again", child.name, status)
    return None


def _end_all(children: Sequence[Child], patience_s: float = 10.0) -> None:
    running = [child.process for child in children if child.process is not None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + patience_s
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
