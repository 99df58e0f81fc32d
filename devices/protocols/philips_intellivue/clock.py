"""The monitor's two clocks against ours: a counter of 1/8 ms since it was started, and its wall clock (section 5.2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from devices import instant
from devices.instant import SECOND
from devices.protocols.philips_intellivue.association import TICK

_TURN = 1 << 32
BACK = 10 * SECOND
"""Answers to different polls are up to a few seconds apart; a counter that goes back further has started anew."""

_LAG = 5 * SECOND
"""A counter that is behind the time passed by more than this has started anew in the meantime."""


def read_absolute(data: bytes) -> int | None:
    """The wall clock in eight bytes BCD, in microseconds as if it were UTC; None if it tells no time."""
    digits = data.hex()
    if len(digits) != 16 or not digits.isdecimal():
        return None
    year, month, day, hour, minute, second, hundredths = (
        int(digits[:4]),
        *(int(digits[place : place + 2]) for place in range(4, 16, 2)),
    )
    try:
        moment = datetime(year, month, day, hour, minute, second, hundredths * 10_000, tzinfo=UTC)
    except ValueError:
        return None
    return instant.from_datetime(moment)


def write_absolute(wall: int) -> bytes:
    """The eight bytes of a wall clock (microseconds as if it were UTC)."""
    moment = instant.to_datetime(wall)
    return bytes.fromhex(moment.strftime("%Y%m%d%H%M%S").zfill(14) + f"{moment.microsecond // 10_000:02d}")


class MonitorClock:
    """Times of one monitor.

    Its counter, unwound so that it does not wrap, is called device time (microseconds). Where bytes come without
    stamps, their instants are the wall clock's if a message told it before the first number, else device time from
    an assumed start.

    Attributes:
        relative: bytes without stamps came, and no wall clock: times count from an assumed start.
    """

    def __init__(self) -> None:
        self.relative = False
        self._ticks: int | None = None
        self._device = 0
        self._wall: int | None = None  # wall clock minus device time
        self._base: int | None = None  # instant minus device time, for bytes without stamps
        self._last: int | None = None

    @property
    def last(self) -> int | None:
        """The newest instant that was given."""
        return self._last

    def take(self, ticks: int, described_at: int | None = None, described: bool = False) -> tuple[int, bool]:
        """The device time of a counter, and whether the monitor has started anew.

        Args:
            described: the monitor describes itself, at `described_at` if that is known: then its counter can be
                neither behind what it was, nor far behind the time that has passed since.
        """
        if self._ticks is None:
            self._ticks, self._device = ticks, ticks * TICK
            return self._device, False
        step = self.step(ticks)
        if step < (-SECOND if described else -BACK) or (described and self._is_behind(step, described_at)):
            self._restart(ticks)
            return self._device, True
        if step >= 0:
            self._ticks, self._device = ticks, self._device + step
            return self._device, False
        return self._device + step, False

    def _is_behind(self, step: int, at: int | None) -> bool:
        if at is None or self._last is None:
            return False
        passed = at - self._last
        return step < passed - passed // 1_000 - _LAG

    def step(self, ticks: int) -> int:
        """How much later a counter is than the newest one taken, microseconds."""
        newest = self._ticks or 0
        return ((ticks - newest + _TURN // 2) % _TURN - _TURN // 2) * TICK

    def _restart(self, ticks: int) -> None:
        before = self._device
        self._ticks, self._device, self._wall = ticks, ticks * TICK, None
        if self._base is not None:
            # Without a wall clock nobody knows how long it was off: what follows comes after what was before.
            self._base += before - self._device + SECOND

    def set_wall(self, device: int, wall: int) -> None:
        """At `device` the wall clock showed `wall`."""
        self._wall = wall - device

    def wall(self, device: int) -> int | None:
        return None if self._wall is None else self._wall + device

    def moment(self, device: int, at: int | None, zone: tzinfo, start: int | None) -> int:
        """The instant of a device time: `at`, or for bytes without stamps the monitor's own."""
        if at is None:
            at = self._own(device, zone, start)
        self._last = at if self._last is None else max(at, self._last)
        return at

    def _own(self, device: int, zone: tzinfo, start: int | None) -> int:
        wall = self.wall(device)
        if wall is not None and not self.relative:
            return to_instant(wall, zone)
        if self._base is None:
            self.relative = True
            self._base = (start or 0) - device
        return self._base + device


class Spacing:
    """How far the answers lie apart that a monitor sends by itself: a larger step means that some did not come.

    Its sequence numbers do not tell: they begin anew with each request, or stay 0.
    """

    def __init__(self) -> None:
        self._newest: int | None = None
        self._usual: int | None = None

    def interrupt(self) -> None:
        """What comes next follows nothing."""
        self._newest = None

    def take(self, device: int) -> tuple[int, int]:
        """How many answers are missing before the one of this device time, and the step to it."""
        before, self._newest = self._newest, device if self._newest is None else max(device, self._newest)
        if before is None or device <= before:
            return 0, 0
        step = device - before
        if self._usual is None or step < self._usual:
            self._usual = step
        return round(step / self._usual) - 1, step


def to_instant(wall: int, zone: tzinfo) -> int:
    """A wall clock in `zone` as an instant. Of an hour that comes twice, the first is meant."""
    if zone is UTC:
        return wall
    local = datetime(1970, 1, 1) + timedelta(microseconds=wall)  # noqa: DTZ001 - local time of `zone`
    try:
        return instant.from_datetime(instant.localize(local, zone))
    except ValueError:
        return instant.from_datetime(local.replace(tzinfo=zone))
