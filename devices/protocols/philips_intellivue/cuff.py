"""When an IntelliVue monitor has measured with the cuff: it repeats its last result in every answer (section 5.2).

A result carries the monitor's own time of it. It is a new one when that time changes; its age is the monitor's clock
minus that time, so that neither its zone nor its error matters.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from devices.instant import SECOND
from devices.protocols.philips_intellivue.values import (
    CUFF_NAMES,
    INVALID,
    Record,
    judge,
)
from devices.protocols.speech import Speech
from devices.reading import Item, Status
from devices.signals import NIBP

_PARTIAL = 10 * SECOND
"""A result is waited for so long to become whole, systolic and diastolic."""

_WITHOUT_RESULT = 5 * SECOND
"""A measurement that has ended shows its result, or that it has none, within this time."""

_FUTURE = 2 * SECOND
"""A time stamp may be ahead of the monitor's clock by this; further, and one of them is wrong."""


class Stamp(Struct, frozen=True):
    """When a result was measured: the monitor's own bytes for it, and the age they make (None: not known)."""

    key: bytes
    age: int | None

    @property
    def known_age(self) -> int | None:
        return None if self.age is None or self.age < -_FUTURE else max(0, self.age)


class Moment(Struct, frozen=True):
    """When an answer came: an instant, and the monitor's own device time (microseconds)."""

    at: int
    device: int


class CuffWatch:
    """Tells each cuff measurement, and each failed one, once."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._seen = False  # something of the cuff was seen since the port was opened
        self._measuring = False
        self._shown = False
        self._invalid = False
        self._ended: int | None = None  # device time at which a measurement ended that has no result yet
        self._partial: int | None = None
        self._stamp: bytes | None = None
        self._told: bytes | None = None
        self._triple: tuple[object, ...] | None = None
        self._time = 0
        self._status = Status.OK
        self._count = 0
        self._pulse: object = None

    def reopened(self) -> None:
        """What came while nobody listened is not known."""
        self._seen = self._measuring = self._invalid = False
        self._ended = self._partial = None

    def restarted(self) -> None:
        """The monitor's clock started anew: device times from before say nothing any more."""
        self._ended = self._partial = None

    def show(self, records: Mapping[str, Record], stamp: Stamp | None, moment: Moment) -> list[Item]:
        """The cuff's values by signal, with their time if the monitor gave one."""
        first, self._seen = not self._seen, True
        if not all(record.is_final for record in records.values()):
            self._measuring, self._ended, self._partial = True, None, None
            return []
        if self._measuring:
            self._measuring, self._ended = False, moment.device
        judged = {signal: judge(signal, record) for signal, record in records.items()}
        if all(judged.get(signal, (None,))[0] is None for signal in NIBP[:2]):
            return self._no_value(records, stamp, moment, first)
        self._invalid, self._shown = False, True
        triple = tuple(record.number for record in records.values())
        if stamp is not None:
            self._stamp = stamp.key
            is_new = stamp.key != self._told
        else:
            is_new = self._ended is not None or triple != self._triple
        if not is_new:
            return self._no_news(records, moment)
        if self._is_partial(judged) and moment.device - self._began_waiting(moment) < _PARTIAL:
            return []
        self._partial = self._ended = None
        self._told, self._triple = stamp.key if stamp is not None else None, triple
        self._count += 1
        self._date(stamp, moment, first)
        return [
            self._speech.number(
                signal, value, moment.at, f"nibp.{CUFF_NAMES[signal]}", status=self._worth(status), measured=self._time
            )
            if value is not None
            else self._speech.reading(
                signal, None, status, moment.at, f"nibp.{CUFF_NAMES[signal]}", measured=self._time
            )
            for signal, (value, status) in ((signal, judged[signal]) for signal in NIBP if signal in judged)
        ]  # fmt: skip

    def pulse(self, record: Record, stamp: Stamp | None, moment: Moment) -> list[Item]:
        """The pulse rate of the cuff, once for each measurement."""
        value, status = judge("PR", record)
        key: object = self._count if stamp is None else stamp.key
        if value is None or key == self._pulse or (stamp is None and self._measuring):
            return []
        self._pulse = key
        worth, time = self._worth(status), self._time
        if not self._count or (stamp is not None and stamp.key != self._told):
            # The pressures it belongs to were not shown: it is dated for itself.
            age = None if stamp is None else stamp.known_age
            worth = status if age is not None else Status.AGE_UNKNOWN
            time = moment.at - (age or 0)
        return [self._speech.number("PR", value, moment.at, "nibp.pr", status=worth, measured=time)]

    def _date(self, stamp: Stamp | None, moment: Moment, first: bool) -> None:
        age = None if stamp is None else stamp.known_age
        self._time, self._status = moment.at - (age or 0), Status.OK
        if age is None and first:
            self._status = Status.AGE_UNKNOWN

    def _worth(self, status: Status) -> Status:
        return self._status if status is Status.OK else status

    @staticmethod
    def _is_partial(judged: Mapping[str, tuple[float | None, Status]]) -> bool:
        return any(judged.get(signal, (None,))[0] is None for signal in NIBP[:2])

    def _began_waiting(self, moment: Moment) -> int:
        if self._partial is None:
            self._partial = moment.device
        return self._partial

    def _no_news(self, records: Mapping[str, Record], moment: Moment) -> list[Item]:
        if self._ended is None or moment.device - self._ended < _WITHOUT_RESULT:
            return []
        self._ended = None
        return [self._failed("it ended without a new result", records, moment.at, moment.at)]

    def _no_value(self, records: Mapping[str, Record], stamp: Stamp | None, moment: Moment, first: bool) -> list[Item]:
        invalid = any(record.state & INVALID for record in records.values())
        restamped = stamp is not None and stamp.key != self._stamp
        if self._ended is not None and not invalid and not restamped and moment.device - self._ended < _WITHOUT_RESULT:
            return []
        was_shown, was_invalid = self._shown, self._invalid
        ended, self._ended = self._ended is not None, None
        self._shown, self._invalid, self._partial = False, invalid, None
        self._stamp = stamp.key if stamp is not None else self._stamp
        if first or not (ended or restamped or (invalid and not was_invalid)):
            if not was_shown:
                return []
            record = next(iter(records.values()))
            text = f"the monitor no longer shows a cuff result: {record.why()}"
            code = f"{record.state:04X}"
            return [self._speech.notice("device-event", text, moment.at, signal="NIBP_SYS", code=code, own="nibp")]
        age = stamp.known_age if stamp is not None and restamped else None
        return [self._failed("", records, moment.at, moment.at - (age or 0))]

    def _failed(self, why: str, records: Mapping[str, Record], at: int, measured: int) -> Item:
        record = records.get("NIBP_SYS") or next(iter(records.values()))
        return self._speech.notice(
            "cuff-failed", f"a cuff measurement gave no result: {why or record.why()}", at, signal="NIBP_SYS",
            code=f"{record.state:04X}", own="nibp", measured=measured,
        )  # fmt: skip
