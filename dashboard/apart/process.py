"""A process of its own for work, as it is seen by whoever asks; what it does itself stands in `__main__`.

What is worked is a public function of a module, called with arguments and `progress`; arguments, what it tells and
what it returns or raises pass between the two as pickles, see `dashboard.apart.shared`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from msgspec import Struct

from dashboard.apart.shared import receive, send
from dashboard.errors import SessionError

KEPT_BYTES = 192 << 20
"""A process that has grown beyond this is not kept for further work."""
_LOOK_UP_S = 0.25
_CLEAR_UP_S = 5.0

TOLD, DONE, FAILED = "told", "done", "failed"
"""What the other process sends, each with its size: how far it is, what the work returned, what it raised."""

T = TypeVar("T")


class _Other(Struct):
    """The other process as it is seen from here: what it is told and tells, and a pipe that breaks when we end."""

    process: subprocess.Popen[bytes]
    talk: Connection
    life: int


class Worker:
    """A process that works one thing after another, from one thread; started when there is something to do."""

    def __init__(
        self,
        *,
        undone: str = "nothing was stored",
        memory: int | None = None,
        seconds: float | None = None,
        clear_up_s: float = _CLEAR_UP_S,
    ) -> None:
        """
        Args:
            undone: what a person is told if the process ends before the work. memory: bytes it may take at most.
            seconds: that a piece of work may take. clear_up_s: it is given for taking back what it has begun.
        """
        self._undone, self._memory, self._seconds, self._clear_up_s = undone, memory, seconds, clear_up_s
        self._other: _Other | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(
        self,
        work: Callable[..., T],
        *arguments: Any,
        progress: Callable[[float], None] = lambda done: None,
        waiting: Callable[[], None] = lambda: None,
    ) -> T:
        """What ``work(*arguments, progress=...)`` returns there.

        Args:
            progress: told here what the work tells there, from 0 to 1. waiting: called some times a second meanwhile;
                if it or `progress` raises, the work is broken off.

        Raises:
            What the work raises. SessionError: it takes too much time or memory, or was ended from without.
        """
        other = self._other
        if other is None or other.process.poll() is not None:
            self.close()
            other = self._other = _begin(self._memory, self._clear_up_s)
        grown = True  # as long as it has not said otherwise
        try:
            kind, what, size = self._answer(other, (work, arguments), progress, waiting)
            grown = size > KEPT_BYTES
        finally:
            if grown:
                self.close()
        if kind == FAILED:
            raise what
        result: T = what
        return result

    def _answer(
        self, other: _Other, asked: Any, progress: Callable[[float], None], waiting: Callable[[], None]
    ) -> tuple[str, Any, int]:
        """What it says in the end: DONE or FAILED, with what, and how large it has become."""
        begun = time.monotonic()
        with self._unbroken(other):
            send(other.talk, asked)
        while True:
            waiting()
            if self._seconds is not None and time.monotonic() - begun > self._seconds:
                raise SessionError(f"the work on the recording took longer than {self._seconds:g} s and {self._undone}")
            if self._memory is not None and _held(other.process.pid) > self._memory:
                raise too_large(self._memory)
            with self._unbroken(other):
                if not other.talk.poll(_LOOK_UP_S):
                    continue
                kind, what, size = receive(other.talk)
            if kind != TOLD:
                return kind, what, size
            progress(what)

    @contextmanager
    def _unbroken(self, other: _Other) -> Iterator[None]:
        """Tells of a talk that breaks off."""
        try:
            yield
        except (EOFError, OSError):
            raise SessionError(
                f"the work on the recording was ended from without ({_how_it_ended(other.process)}) and "
                f"{self._undone}: the machine may have too little memory for it"
            ) from None

    def close(self) -> None:
        """Ends the process; it takes back what it has begun, if it still works."""
        other, self._other = self._other, None
        if other is None:
            return
        process = other.process
        if process.poll() is None:
            process.send_signal(signal.SIGINT if self._clear_up_s else signal.SIGKILL)
        try:
            process.wait(self._clear_up_s or None)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        other.talk.close()
        os.close(other.life)


def apart(
    work: Callable[..., T],
    *arguments: Any,
    progress: Callable[[float], None] = lambda done: None,
    waiting: Callable[[], None] = lambda: None,
) -> T:
    """As `Worker.run`, in a process for this alone."""
    with Worker() as worker:
        return worker.run(work, *arguments, progress=progress, waiting=waiting)


def _begin(memory: int | None, clear_up_s: float) -> _Other:
    here, there = Pipe()
    watched, life = os.pipe()
    handed = there.fileno(), watched
    try:
        command = [sys.executable, "-m", "dashboard.apart", *map(str, (*handed, memory or 0, clear_up_s))]
        return _Other(subprocess.Popen(command, pass_fds=handed, start_new_session=True), here, life)
    except BaseException:
        here.close()
        os.close(life)
        raise
    finally:
        there.close()
        os.close(watched)


def too_large(memory: int) -> SessionError:
    """The work would take more than `memory` bytes; 0: than there is."""
    most = f" than the {memory >> 20} MB that it may take" if memory else " than there is"
    return SessionError(f"the work on the recording needs more memory{most}")


def _held(pid: int) -> int:
    """The bytes that a process holds; 0 where that cannot be told."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except (OSError, IndexError):
        return 0


def _how_it_ended(process: subprocess.Popen[bytes]) -> str:
    try:
        code = process.wait(_CLEAR_UP_S)
    except subprocess.TimeoutExpired:
        return "it no longer answers"
    if code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit status {code}"
