"""Times for bytes that carry none: an assumed start, and the sheet's nominal interval between samples."""

from __future__ import annotations

from devices.reading import Item, Notice


class NominalClock:
    """Dates samples that came without a stamp.

    Args:
        source: the protocol's name, for the notice. interval: nominal microseconds between two samples.

    Attributes:
        needs_start: a sample without a stamp came and nobody said when the bytes began.
    """

    def __init__(self, source: str, interval: int) -> None:
        self.needs_start = False
        self._source = source
        self._interval = interval
        self._next = 0
        self._told = False

    def moment(self, at: int | None, start: int | None) -> int:
        """The instant of the sample that is being read: `at`, or the assumed start plus the intervals so far."""
        if at is not None:
            return at
        self.needs_start = self.needs_start or start is None
        return (start or 0) + max(0, self._next - 1) * self._interval

    def tick(self, at: int | None, start: int | None) -> list[Item]:
        """A new sample begins. Says once that its time is assumed."""
        if at is not None:
            return []
        self._next += 1
        if self._told:
            return []
        self._told = True
        moment = self.moment(at, start)
        text = f"the bytes carry no times: one sample every {self._interval / 1_000_000:g} s was assumed"
        return [Notice(moment, moment, "time-assumed", text, source=self._source)]
