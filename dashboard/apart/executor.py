"""Work apart, one piece after another, for one who cannot wait for it: the watch's loop."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from dashboard.apart.process import Worker

IDLE_S = 30.0
"""So long a process without work is kept: the next recording is read without waiting for it to start."""

T = TypeVar("T")
_Job = tuple["Future[Any]", Callable[..., Any], tuple[Any, ...]]


class ApartExecutor:
    """Hands work to a `Worker`, from a thread that only waits."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closing = False
        self._thread: threading.Thread | None = None

    def submit(self, work: Callable[..., T], *arguments: Any) -> Future[T]:
        """What `Worker.run` returns or raises, some time. Not after `close`."""
        future: Future[T] = Future()
        self._jobs.put((future, work, arguments))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="work apart", daemon=True)
            self._thread.start()
        return future

    def close(self) -> None:
        """Breaks off what is worked; the process is gone when this returns."""
        self._closing = True
        self._jobs.put(None)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while (job := self._next()) is not None:
            future, work, arguments = job
            if self._closing or not future.set_running_or_notify_cancel():
                future.cancel()
                continue
            try:
                future.set_result(self._worker.run(work, *arguments, waiting=self._waiting))
            except BaseException as error:
                future.set_exception(error)
        self._worker.close()

    def _next(self) -> _Job | None:
        try:
            return self._jobs.get(timeout=IDLE_S)
        except queue.Empty:
            self._worker.close()
            return self._jobs.get()

    def _waiting(self) -> None:
        if self._closing:
            raise CancelledError
