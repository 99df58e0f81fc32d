"""The tick counter of Philips monitors in VSCaptureMP's tables: what passes between rows stamped in whole seconds.

8000 ticks are a second (recorded-files sheet, section 1). A row keeps its second; the fraction comes from the ticks,
so that the stamps of a run and its ticks both hold.
"""

from __future__ import annotations

from collections.abc import Sequence

from devices.instant import SECOND
from devices.recordings.recording import Builder
from devices.recordings.tables.judging import Sample

TICK = 125
"""Microseconds."""


def respace(samples: Sequence[Sample], ticks: Sequence[str], into: Builder) -> None:
    """Gives the `samples` of whole seconds the fractions that their `ticks`, as written, show.

    Where the counter falls the monitor was restarted, which is told.
    """
    fine = all(sample.time % SECOND == 0 for sample in samples)
    run: list[tuple[Sample, int]] = []
    low = high = before = 0
    for sample, written in zip(samples, ticks, strict=True):
        if not (written.isascii() and written.isdigit() and len(written) < 16):
            continue
        passed = int(written) * TICK
        if run and passed < before:
            tell_restart(sample.time, sample.row, into)
        before = passed
        first = sample.time - passed
        if run and (first >= high or first + SECOND <= low):
            _close(run, low, fine)
            run = []
        low, high = (max(low, first), min(high, first + SECOND)) if run else (first, first + SECOND)
        run.append((sample, passed))
    _close(run, low, fine)


def tell_restart(time: int, row: int, into: Builder) -> None:
    """Tells that in this row the counter is less than in the one before."""
    into.notice("device-restarted", "the monitor's counter began again: it was restarted", time=time, row=row)


def _close(run: Sequence[tuple[Sample, int]], begin: int, fine: bool) -> None:
    if not fine:
        return  # its stamps are finer than a second already
    for sample, passed in run:
        sample.time = begin + passed
