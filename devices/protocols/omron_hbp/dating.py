"""When an arm-in cuff has measured: it says so to the minute, once, when it is done.

Live, the line comes with the end of the measurement, so that its arrival dates it better than a minute can. The
device's own time is for lines that were held up on their way: moved by the offset of the two clocks on this link.
"""

from __future__ import annotations

from collections import deque

from devices.instant import MINUTE, SECOND

SLACK = 90 * SECOND
"""A minute's resolution and the time a line takes: by so much the offset may differ from the smallest seen."""

HELD_MOST = 15 * MINUTE
"""No link holds a line longer: a greater step means that the device's clock was set."""


class Dating:
    """The offset between the device's clock and ours on one link.

    Attributes:
        offset: our instant minus the device's, µs, smallest of the last lines; None before the first.
    """

    def __init__(self) -> None:
        self.offset: int | None = None
        self._offsets: deque[int] = deque(maxlen=16)
        self._newest: int | None = None
        self._held: tuple[int, int] | None = None

    def reopened(self) -> None:
        """The link is a new one: what it holds up may be another time."""
        self._offsets.clear()
        self._held, self.offset = None, None

    def measured(self, device: int, at: int) -> int:
        """The instant of a measurement the device dates `device`, whose line came at `at`: `at`, or earlier if the
        line was held up."""
        offset = at - device
        newest, self._newest = self._newest, device
        late = 0 if self.offset is None else offset - self.offset
        went_back = newest is not None and device < newest
        if late <= SLACK:
            self._held = None
        elif went_back or late > HELD_MOST or self._is_steady(late, at):
            self._offsets.clear()
            self._held = None
        else:
            self._held = (late, at)
            assert self.offset is not None
            return min(at, device + self.offset)
        self._offsets.append(offset)
        self.offset = min(self._offsets)
        return at

    def _is_steady(self, late: int, at: int) -> bool:
        """Whether the line before was as late, minutes ago: then it is no delay but a clock that was set."""
        return self._held is not None and abs(late - self._held[0]) < MINUTE and at - self._held[1] > SLACK
