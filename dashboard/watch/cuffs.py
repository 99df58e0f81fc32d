"""Recognises a cuff measurement that was stored before the watch or the link was started anew.

A monitor goes on showing its last measurement. A driver knows what it has published, but a restarted watch has a
new driver: the first measurement it hears may be one that is already stored, dated a little differently (an age
in whole seconds, or no age at all and "less than a minute old"). Stored again it would be a second measurement.
"""

from __future__ import annotations

from collections.abc import Sequence

from devices.reading import Reading
from devices.signals import NIBP


class CuffMemory:
    """What the last stored cuff measurement was; knows a repetition of it in the first one heard after a start."""

    def __init__(self, stored: Sequence[Reading] = (), dating: int = 0) -> None:
        """
        Args:
            stored: the readings of the bed's last cuff measurement, from the store; empty if there was none.
            dating: how exactly the protocol dates a measurement (`Driver.cuff_dating`), µs.
        """
        self._dating = dating
        self._values = {each.signal: each.value for each in stored}
        self._time = stored[0].time if stored else None
        self._heard_one = False

    def drop_repeated(self, readings: Sequence[Reading]) -> list[Reading]:
        """`readings` without a cuff measurement that is stored already."""
        cuff = [each for each in readings if each.signal in NIBP]
        if not cuff or self._heard_one:
            return list(readings)
        self._heard_one = True
        if self._time is None or {each.signal: each.value for each in cuff} != self._values:
            return list(readings)
        if abs(cuff[0].time - self._time) > self._dating:
            return list(readings)
        return [each for each in readings if each.signal not in NIBP]
