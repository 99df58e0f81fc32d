"""The clock of a device whose battery is flat: it keeps the date, and begins the day anew when it is switched on."""

from __future__ import annotations

from datetime import datetime

from devices import instant
from devices.instant import HOUR


class WeakClock:
    """Such a clock, set to UTC. It is wrong from the start, and jumps back when its device is switched off and on."""

    def __init__(self) -> None:
        self._on: int | None = None

    def shows(self, at: int) -> datetime:
        """What it shows at the instant `at`; switched on when it is first looked at."""
        if self._on is None:
            self._on = at
        midnight = self._on - self._on % (24 * HOUR)
        return instant.to_datetime(midnight + at - self._on)
