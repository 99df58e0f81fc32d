"""The oximeter's own count of packets, three a second: how many were lost, and whether it was switched off and on."""

from __future__ import annotations

from devices.protocols.nonin.packets import TIMER_TURN

_SURE = 3
"""So many steps of one in a row, and the field is taken for a count: some models leave it at 0."""


class PacketTimer:
    """Follows the 14-bit count."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._steps = 0

    def clear(self) -> None:
        """The link is a new one: what was lost between is not known."""
        self._last, self._steps = None, 0

    def take(self, timer: int, since: int) -> tuple[int, bool]:
        """Packets lost unseen before the one with `timer`, `since` packets after the last; whether it began anew."""
        before, self._last = self._last, timer
        if before is None:
            return 0, False
        step = (timer - before) % TIMER_TURN
        if self._steps >= _SURE:
            if step >= TIMER_TURN // 2:
                self._steps = 0
                return 0, True
            return max(0, step - since), False
        self._steps = self._steps + 1 if step == since else 0
        return 0, False
