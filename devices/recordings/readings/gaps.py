"""Where a source in columns is interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from devices.recordings.recording import FEWEST_STEPS, Gap

if TYPE_CHECKING:
    from numpy.typing import NDArray


def gap_in(times: NDArray[np.int64]) -> Gap | None:
    """The gap of a source with values at `times` (microseconds, ascending), as `Builder` finds it in readings."""
    if len(times) <= FEWEST_STEPS:
        return None
    steps = np.diff(times)
    passed = steps if steps.min() > 0 else steps[steps > 0]  # values of one time are no step
    if len(passed) < FEWEST_STEPS:
        return None
    # Where nearly all are equal, numpy looks for the middle one alone a hundred times as long.
    in_order = np.sort(passed, kind="stable")
    usual, longest = int(in_order[len(passed) // 2]), int(in_order[-1])
    if longest <= 3 * usual:
        return None
    return Gap(int((passed > 3 * usual).sum()), longest, int(times[steps.argmax()]))
