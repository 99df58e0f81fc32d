"""Signs of a clock change in local times whose zone nobody has said: read in one zone, hours would mix or be off.

Pure: times as they are written, in microseconds as if they were UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from devices import instant

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SLOW = 10 * instant.MINUTE
"""Rows further apart than this step back by much less than an hour: only at night in the weeks of clock changes."""

_EARLIEST = 50 * instant.MINUTE
_MONTHS = (3, 4, 9, 10, 11)
_SUNDAY, _NIGHT = 6, 4


def change_in(times: Sequence[int]) -> tuple[int, int] | None:
    """The last time before the first change of a clock and the first after it, None if there is no sign of one.

    In autumn the times go back by an hour less a row's interval, in spring they leave an hour out.
    """
    ahead = sorted(later - earlier for earlier, later in pairwise(times) if later > earlier)
    usual = min(ahead[len(ahead) // 2], instant.HOUR) if ahead else instant.SECOND
    return next((pair for pair in pairwise(times) if _is_change(*pair, usual)), None)


def is_change_in(times: NDArray[np.int64]) -> bool:
    """Whether `change_in` finds one in `times`, which do not go back."""
    import numpy as np

    steps = np.diff(times)
    # Of steps ahead only very long ones and, where most are of an hour, very short ones can be signs.
    if not len(steps) or steps.max() < instant.HOUR - instant.MINUTE:
        return False
    ahead, usual = steps[steps > 0], instant.SECOND
    if len(ahead):
        usual = min(int(np.sort(ahead)[len(ahead) // 2]), instant.HOUR)
    places = ((steps > instant.HOUR) | (steps <= usual - instant.HOUR + instant.MINUTE)).nonzero()[0]
    return any(_is_change(int(times[place]), int(times[place + 1]), usual) for place in places.tolist())


def _is_change(earlier: int, later: int, usual: int) -> bool:
    back = earlier - later
    if usual <= _SLOW:
        is_autumn = _EARLIEST <= back <= instant.HOUR
    else:
        is_autumn = abs(back + usual - instant.HOUR) <= instant.MINUTE and is_night(earlier)
    return is_autumn or (back < -instant.HOUR and _leaves_an_hour_out(earlier, later, usual))


def _leaves_an_hour_out(earlier: int, later: int, usual: int) -> bool:
    """The times pass over one whole hour of the clock, and go on just after it."""
    skipped = (earlier // instant.HOUR + 1) * instant.HOUR
    slack = usual + instant.SECOND
    return skipped - earlier <= slack and 0 <= later - skipped - instant.HOUR < slack and is_night(earlier)


def is_night(time: int) -> bool:
    """Before four on a Sunday (or late on the Saturday) in the months in which most of the world changes its clocks."""
    moment = instant.to_datetime(time + instant.HOUR)
    return moment.month in _MONTHS and moment.weekday() == _SUNDAY and moment.hour <= _NIGHT
