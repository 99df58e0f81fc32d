"""When a device that speaks the line protocol has measured with the cuff: each measurement is told once."""

from __future__ import annotations

from collections import deque

from devices.instant import SECOND
from devices.reading import Item, Notice, Reading, Status
from devices.signals import NIBP, SIGNALS

SOURCE = "line:nibp"
SHOWN_AGAIN = 10 * SECOND
"""Equal values without a date that come sooner are the same measurement shown again: no cuff measures so often."""

_KEPT = 16
"""So many measurements are remembered."""

Triple = tuple[float | None, float | None, float | None]


class CuffMemory:
    """What was told already. Dated measurements are known by their device time, others by their values."""

    def __init__(self) -> None:
        self._dated: deque[int] = deque(maxlen=_KEPT)
        self._pulsed: deque[int] = deque(maxlen=_KEPT)
        self._times: dict[int, int] = {}  # the newest few, by device time
        self._shown: tuple[Triple, int] | None = None
        self._failed: int | None = None

    def restarted(self) -> None:
        """Device times begin again: those from before mean nothing any more."""
        self._dated.clear()
        self._pulsed.clear()
        self._times.clear()

    def time(self, device: int, measured: int) -> int:
        """The instant of the determination at this device time: `measured`, or what it was dated to before."""
        times = self._times
        if device not in times:
            if len(times) >= _KEPT:
                del times[next(iter(times))]
            times[device] = measured
        return times[device]

    def is_new(self, device: int, triple: Triple | None, moment: int) -> bool:
        """Whether the determination at this device time was not told yet; it is, from now on."""
        if triple is not None:
            self._shown = (triple, moment)
        if device in self._dated:
            return False
        self._dated.append(device)
        return True

    def is_pulse_new(self, device: int) -> bool:
        """The same for its pulse rate, which may come in another line."""
        if device in self._pulsed:
            return False
        self._pulsed.append(device)
        return True

    def is_failure_new(self, measured: int) -> bool:
        """Whether a failure dated `measured` is another than the last: no cuff fails twice within seconds."""
        before, self._failed = self._failed, measured
        return before is None or abs(measured - before) > SHOWN_AGAIN

    def is_undated_new(self, triple: Triple, moment: int) -> tuple[bool, bool]:
        """Whether values without a date are a new measurement, and whether they are the first of all."""
        before, self._shown = self._shown, (triple, moment)
        if before is None:
            return True, True
        return triple != before[0] or moment - before[1] > SHOWN_AGAIN, False


def measurement(triple: Triple, measured: int, received: int, status: Status, raw: bytes = b"") -> list[Item]:
    """The readings of one measurement: sys, dia, mean together.

    With neither systolic nor diastolic the pressure is dropped, and that is told. Where one of them is missing it is
    a reading without value. A systolic that does not exceed the diastolic, or a mean not between, marks all `range`.
    """
    sys, dia, mean = triple
    if not sys and not dia:
        text = "a cuff result with neither systolic nor diastolic was left out"
        return [Notice(measured, received, "value-refused", text, "NIBP", source=SOURCE, raw=raw)]
    in_order = (not sys or not dia or sys > dia) and (not mean or ((not sys or sys > mean) and (not dia or mean > dia)))
    items: list[Item] = []
    for signal, value in zip(NIBP, triple, strict=True):
        known = SIGNALS[signal]
        if value is None and signal == "NIBP_MEAN":
            continue
        worth = status
        if value is None:
            worth = Status.INVALID
        elif value == 0:
            value, worth = None, Status.ZERO
        elif not (in_order and known.low <= value <= known.high) and status in (Status.OK, Status.UNVERIFIED):
            worth = Status.RANGE
        items.append(Reading(measured, received, signal, value, known.unit, worth, SOURCE))
    return items
