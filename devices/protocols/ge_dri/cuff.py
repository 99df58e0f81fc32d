"""When a GE monitor has measured with the cuff: it goes on showing its last result (GE DRI sheet, section 4.3).

Displayed values carry no measuring time. They carry bits: 5 measuring now, 8 the value is older than 60 s. The time
comes in the auxiliary subrecord, if the monitor was asked for it, before or after the values it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from devices.instant import SECOND
from devices.protocols.ge_dri.values import Group, is_code, judge, meaning
from devices.reading import Item, Notice, Reading, Status
from devices.signals import NIBP

MEASURING = 1 << 5
OLD = 1 << 8
OLD_AFTER_S = 60
_SLACK_S = 15
"""By how much a time stamp may contradict bit 8 and still be of the value shown: records come seconds apart."""

_AUX_ALIVE = 3
"""Auxiliary subrecords are waited for as long as the last came no longer ago than so many intervals."""

_CONFIRMED = 2

SOURCE = "ge-dri:nibp"


class Moment(Struct, frozen=True):
    """When a record came: `at` is an instant on the watch's clock, `device` the seconds of the monitor's own."""

    at: int
    device: int


class _Result(Struct, frozen=True):
    group: Group
    moment: Moment

    @property
    def triple(self) -> tuple[int, ...]:
        return self.group.values[:3]

    @property
    def is_old(self) -> bool:
        return bool(self.group.label & OLD)


class CuffWatch:
    """Tells each cuff measurement once.

    A result is new when its three numbers change, when bit 8 goes from 1 to 0 on the same numbers, when they come
    back fresh after a measurement had blanked them (and no time stamp denies it), or when its time stamp has moved on
    and stays so. It is dated by its time stamp; without one by its receipt, and with bit 8 set its age is then unknown.

    Args:
        interval: microseconds between records.
    """

    def __init__(self, interval: int) -> None:
        self._interval = interval
        self._last: tuple[int, ...] | None = None
        self._settled: int | None = None
        self._held: _Result | None = None
        self._doubted: _Result | None = None
        self._stamp: int | None = None
        self._stamp_came: int | None = None
        self._confirmed = 0
        self._aged = False
        self._measuring = False
        self._blanked = False
        self._shown = False

    def clock_moved(self) -> None:
        """The monitor's clock was set: time stamps from before say nothing any more."""
        self._settled = self._stamp = self._stamp_came = self._doubted = None

    def stamp(self, seconds: int, moment: Moment) -> list[Item]:
        """An auxiliary subrecord: the monitor's clock at its last cuff measurement (0: none)."""
        self._stamp = seconds if 0 < seconds <= moment.device + 1 else None
        self._stamp_came = moment.at
        if self._held is None and self._doubted is not None and self._dates(self._doubted):
            self._held, self._aged, self._confirmed = self._doubted, False, 0
        if self._held is not None and self._dates(self._held):
            return self._release(moment.at)
        return []

    def show(self, group: Group, moment: Moment) -> list[Item]:
        """The cuff's group of displayed values."""
        items = self._release(moment.at)
        self._doubted = None
        result = _Result(group, moment)
        has_value = not all(is_code(value) for value in result.triple)
        if group.label & MEASURING:
            # A stamp from before this second is of an earlier measurement: it cannot date the one that goes on.
            until = moment.device - 1
            self._settled = until if self._settled is None else max(self._settled, until)
            self._measuring = True
            self._blanked |= not has_value
            self._aged |= result.is_old
            return items
        ended, self._measuring = self._measuring, False
        if not has_value:
            items += self._no_value(ended, result)
            return items
        self._shown = True
        back = ended and self._blanked and not result.is_old
        self._blanked = False
        if result.triple == self._last and not self._is_again(result, back):
            self._aged |= result.is_old
            if ended and result.is_old:
                items.append(_failed("it ended without a new result", "", moment.at))
            return items
        self._last, self._aged, self._confirmed = result.triple, False, 0
        self._held = result
        if self._dates(result) or not self._is_stamp_awaited(moment.at):
            items += self._release(moment.at)
        return items

    def finish(self, at: int | None) -> list[Item]:
        """Nothing more comes: a result that waits for its time stamp is told without."""
        held = self._held
        return [] if held is None else self._release(held.moment.at if at is None else at)

    def _is_again(self, result: _Result, back: bool) -> bool:
        if self._aged and not result.is_old:
            return True
        # A measurement that failed may give the old numbers back: where time stamps come, they tell.
        is_stamped = self._stamp is not None and self._is_stamp_awaited(result.moment.at)
        if back and (not is_stamped or self._dates(result)):
            return True
        if back:
            self._doubted = result
        # The stamp may run ahead of the numbers by one record: the same numbers must be seen twice with it.
        self._confirmed = self._confirmed + 1 if self._dates(result) else 0
        return self._confirmed >= _CONFIRMED

    def _dates(self, result: _Result) -> bool:
        """Whether the time stamp is of this result: younger than all that was known when the last one was settled."""
        if self._stamp is None or (self._settled is not None and self._stamp <= self._settled):
            return False
        age = result.moment.device - self._stamp
        return age >= OLD_AFTER_S - _SLACK_S if result.is_old else -1 <= age <= OLD_AFTER_S + _SLACK_S

    def _is_stamp_awaited(self, at: int) -> bool:
        return self._stamp_came is not None and 0 <= at - self._stamp_came <= _AUX_ALIVE * self._interval

    def _no_value(self, ended: bool, result: _Result) -> Iterator[Item]:
        shown, self._shown = self._shown, False
        # A measurement that failed may have a time stamp too: it must not date the next result. If none was seen,
        # one may end in this very second and be shown in the next record.
        self._settled = result.moment.device - (not ended)
        code = result.triple[0]
        if ended:
            yield _failed(f"its systolic is {meaning(code)}", str(code), result.moment.at)
        elif shown:
            yield Notice(
                result.moment.at, result.moment.at, "device-event", "the monitor no longer shows a cuff result",
                "NIBP_SYS", str(code), SOURCE,
            )  # fmt: skip

    def _release(self, received: int) -> list[Item]:
        held, self._held = self._held, None
        if held is None:
            return []
        device, status = held.moment.device, Status.OK
        time = held.moment.at
        if self._dates(held) and self._stamp is not None:
            time -= (device - self._stamp) * SECOND
            device = max(device, self._stamp)
        elif held.is_old:
            status, time = Status.AGE_UNKNOWN, received
        self._settled = device
        return [
            _reading(signal, name, raw, time, received, status)
            for signal, name, raw in zip((*NIBP, "PR"), ("sys", "dia", "mean", "pr"), held.group.values, strict=True)
        ]


def _reading(signal: str, name: str, raw: int, time: int, received: int, status: Status) -> Reading:
    value, own, unit = judge(signal, raw)
    return Reading(time, received, signal, value, unit, own if value is None or status is Status.OK else status,
                   f"{SOURCE}.{name}")  # fmt: skip


def _failed(why: str, code: str, at: int) -> Notice:
    text = f"a cuff measurement gave no result: {why}"
    return Notice(at, at, "cuff-failed", text, "NIBP_SYS", code, SOURCE)
