"""A progress bar for a person at a terminal, shown only where a step takes long enough to wonder."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Each = TypeVar("Each")

SHOWN_AFTER_S = 0.3


def told(items: Iterable[Each], total: int, what: str) -> Iterator[Each]:
    """`items`, with a bar on standard error once they have taken longer than 0.3 s."""
    if not sys.stderr.isatty():
        yield from items
        return
    begun = time.monotonic()
    bar = task = None
    try:
        for number, item in enumerate(items, 1):
            yield item
            if bar is None and time.monotonic() - begun > SHOWN_AFTER_S:
                from rich.console import Console
                from rich.progress import Progress

                bar = Progress(console=Console(stderr=True), transient=True)
                bar.start()
                task = bar.add_task(what, total=total)
            if bar is not None and task is not None:
                bar.update(task, completed=number)
    finally:
        if bar is not None:
            bar.stop()
