"""The clock and the counter of a device that speaks the line protocol, against ours."""

from __future__ import annotations

from devices.instant import SECOND
from devices.protocols.line.frames import SEQUENCES

MILLISECOND = 1_000
NOMINAL = 1_000
"""Milliseconds between samples where nothing says otherwise."""

_DRIFT_PER_SECOND = 20_000
"""How much the offset may grow (µs per s of the device): a board whose clock, often a ceramic resonator, runs slow by
more than 2 % could not keep the line's rate either."""


class DeviceClock:
    """Milliseconds since the device started, and the same as our instants.

    Attributes:
        newest: the newest device time, None before the first.
        assumed: without stamps, a line came that carries no time either: a nominal interval was assumed.
    """

    def __init__(self) -> None:
        self.newest: int | None = None
        self.assumed = False
        self._before = 0  # device time that passed before restarts: keeps bare bytes in order
        self._untimed = 0  # nominal time of lines without one since the newest
        self._offset: int | None = None  # ours minus the device's, µs
        self._last_at = self._last_device = 0  # of the line by which it was found

    def reopened(self) -> None:
        """The link is a new one: what held bytes up is over."""
        self._offset = None

    def jumps_back(self, device: int | None) -> bool:
        return device is not None and self.newest is not None and device < self.newest

    def restart(self) -> None:
        """The device was switched off and on."""
        self._before += (self.newest or 0) + self._untimed
        self.newest, self._offset, self._untimed = None, None, 0

    def take(self, device: int | None, at: int | None, start: int, period: int = NOMINAL) -> int:
        """The instant of a line with this device time; `period` is what passes where it has none, 0
        if it moves no clock.

        With `at` it is the device's time moved by the offset of this link, never later than `at`: lines that were
        held up and come in a burst keep their distances. Without, the device's time is all there is.
        """
        if device is None and at is None and period:
            # The first of them is at the beginning itself.
            self._untimed += period if self.assumed or self.newest is not None else 0
            self.assumed |= self.newest is None
        if device is not None:
            self.newest = device if self.newest is None else max(device, self.newest)
            self._untimed = 0
        if at is None:
            return self.now(None, start)
        if device is None:
            return at
        offset = at - device * MILLISECOND
        if self._offset is not None:
            passed = (device - self._last_device) * MILLISECOND
            # Lines that were held up, the first after a pause or those in a burst, say nothing of how the clocks run.
            is_even = 0 <= passed <= at - self._last_at <= 2 * passed
            growth = passed * _DRIFT_PER_SECOND // SECOND if is_even else 0
            offset = min(offset, self._offset + growth)
        self._offset, self._last_at, self._last_device = offset, at, device
        return min(at, device * MILLISECOND + offset)

    def now(self, at: int | None, start: int) -> int:
        """The instant of something that moves no clock."""
        if at is not None:
            return at
        return start + (self._before + (self.newest or 0) + self._untimed) * MILLISECOND

    def measured(self, device: int, moment: int) -> int:
        """The instant of a determination at the device time `device`, never later than `moment`.

        By the offset of this link; without one as old as it is against the newest device time. That time may have
        come long before `moment`, so it alone does not tell how old something is.
        """
        if self.newest is None:
            return moment
        if self._offset is not None:
            return min(moment, device * MILLISECOND + self._offset)
        return moment - max(0, self.newest - device) * MILLISECOND


def sequence_step(before: int, number: int) -> tuple[int, str]:
    """How many lines are missing between two sequence numbers (0: none), and what to say of it."""
    lost = (number - before - 1) % SEQUENCES
    if lost == SEQUENCES - 1:
        return lost, f"line {number} came twice"
    if lost >= SEQUENCES // 2:
        return lost, f"line {number} came after line {before}: out of order"
    return lost, f"{lost} lines were lost between {before} and {number}"
