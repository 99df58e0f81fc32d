"""A progress bar for steps that last: shown on a terminal after 300 ms, gone when the step is done."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

SHOWN_AFTER_S = 0.3


@contextmanager
def step(what: str) -> Iterator[Callable[[float], None]]:
    """A step of the work; it may be told how much is done (0 to 1), else the bar only shows that it goes on."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    bar = _Bar(what)
    timer = threading.Timer(SHOWN_AFTER_S, bar.show)
    timer.daemon = True
    timer.start()
    try:
        yield bar.tell
    finally:
        timer.cancel()
        bar.end()


class _Bar:
    """The bar of one step, shown by a timer of its own thread."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._done: float | None = None
        self._over = False
        self._shown: tuple[Progress, TaskID] | None = None
        self._lock = threading.Lock()

    def show(self) -> None:
        from rich.console import Console
        from rich.progress import Progress

        with self._lock:
            if self._over:  # the timer went off as the step ended
                return
            bar = Progress(console=Console(stderr=True), transient=True)
            task = bar.add_task(self._what, total=None if self._done is None else 1.0)
            bar.start()
            self._shown = bar, task

    def tell(self, done: float) -> None:
        self._done = done
        if self._shown is not None:
            bar, task = self._shown
            bar.update(task, total=1.0, completed=done)

    def end(self) -> None:
        with self._lock:
            self._over = True
            if self._shown is not None:
                self._shown[0].stop()
