"""Dräger MEDIBUS and MEDIBUS.X over RS-232: the device is asked in turn for what it measures (MEDIBUS sheet).

Either side may send commands, and each is answered; a device that is not answered ends the communication. All that is
sent asks, or answers: nothing acts on a patient or on the device, but for the choice of the values it is to send.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from itertools import pairwise

from devices import instant
from devices.errors import SettingError
from devices.instant import MINUTE, SECOND
from devices.protocols.base import Counters
from devices.protocols.draeger_medibus import values
from devices.protocols.draeger_medibus.cuff import CuffWatch
from devices.protocols.draeger_medibus.frames import ESC, Code, Flow, Framer, Message, Piece, without_real_time
from devices.protocols.draeger_medibus.session import NAME, Session
from devices.protocols.draeger_medibus.values import Alarm, BadData
from devices.protocols.framing import RAW_KEPT, Refused, Skipped
from devices.protocols.speech import Speech
from devices.reading import Item, Status
from devices.signals import NIBP

SHORTEST_S, LONGEST_S = 1, 5
OFFSET_TOLD = 30 * SECOND

_ALARM_PAGES = {Code.ALARMS_1: 1, Code.ALARMS_2: 2, Code.ALARMS_3: 3}
_NOT_READ = {
    Code.DATA_2: "measured data of page 2",
    Code.SETTINGS: "settings",
    **dict.fromkeys((Code.LOW_LIMITS_1, Code.HIGH_LIMITS_1, Code.LOW_LIMITS_2, Code.HIGH_LIMITS_2), "limits of alarms"),
    **dict.fromkeys((Code.CURVES, Code.CHOOSE_CURVES, Code.CURVES_LATER), "curves and what describes them"),
    **dict.fromkeys((Code.TREND_STATE, Code.TREND), "stored trends"),
}
_ACKNOWLEDGED = frozenset({Code.NAK, Code.NOP, Code.ICC, Code.STOP, Code.CONFIGURE, Code.TIME_CHANGED})


class DraegerMedibus:
    """Driver of the protocol ``draeger-medibus``.

    Args:
        interval_s: seconds between requests for measured data, 1 to 5.
        limit: ask the device to send the values used here alone.
        zone: zone of the device's clock, a zone or its name.
        assumed_start: for bytes without stamps and without the device's clock: when they began.

    Raises:
        SettingError: an interval or a zone that cannot be.
    """

    name = NAME
    quiet_after = 10 * SECOND
    cuff_dating = MINUTE + 10 * SECOND
    """Its age is told in whole minutes."""
    is_relative = False

    def __init__(
        self,
        interval_s: int = 1,
        limit: bool = True,
        zone: str | tzinfo = UTC,
        assumed_start: int | None = None,
    ) -> None:
        if not SHORTEST_S <= interval_s <= LONGEST_S:
            raise SettingError(f"the setting 'interval_s' cannot be {interval_s}: give 1 to 5 seconds")
        try:
            self.zone: tzinfo = instant.zone_named(zone) if isinstance(zone, str) else zone
        except ValueError as error:
            raise SettingError(f"the setting 'zone': {error}") from None
        self.counters = Counters()
        self.assumed_start = assumed_start
        self.needs_start = False
        """Measured data without stamps came, before any answer with the device's clock, and no start was given."""
        self._interval = interval_s * SECOND
        self._session = Session(self._interval, limit)
        self._framer = Framer()
        self._speech = Speech(NAME, self.counters)
        self._cuff = CuffWatch()
        self._shown: set[int] = set()
        self._missing: set[int] = set()
        self._alarms: dict[int, dict[int, Alarm]] = {}  # by page and code, those that are on
        self._texts: set[tuple[int, str]] = set()
        self._identity = ""
        self._offset_told = False
        self._clock: int | None = None
        self._answers = 0  # answers with measured data since the clock, or the beginning

    # -- what is sent ------------------------------------------------------------------------------------------

    def opened(self, at: int) -> None:
        self._framer.clear()
        self._session.opened(at)
        self._offset_told = False

    def wake(self) -> int | None:
        return self._session.wake()

    def send(self, at: int) -> bytes:
        return self._session.send(at)

    def closing(self) -> bytes:
        """The end of the communication (STOP)."""
        return self._session.closing()

    # -- what is received --------------------------------------------------------------------------------------

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        self.counters.bytes_in += len(data)
        items = self._session.told()
        if at is not None and without_real_time(data):
            self._session.heard(at)
            items += self._session.told()
        for piece in self._framer.feed(data):
            items += self._piece(piece, at)
            # After the frame that it is about, however many come at once.
            items += self._session.told()
        return items

    def finish(self, at: int | None) -> list[Item]:
        items = self._session.told()
        for piece in self._framer.end():
            items += self._piece(piece, at)
            items += self._session.told()
        return items

    def _piece(self, piece: Piece, at: int | None) -> Iterator[Item]:
        moment = self._moment(at)
        if isinstance(piece, Flow):
            if at is not None:
                self._session.flow(piece.byte, at)
        elif isinstance(piece, Skipped):
            yield self._speech.skipped(piece, moment)
        elif isinstance(piece, Refused):
            yield from self._refused(piece, at)
        elif piece.is_command:
            self.counters.frames += 1
            if at is not None:
                self._session.commanded(piece.code, at)
        else:
            yield from self._response(piece, at)

    def _refused(self, piece: Refused, at: int | None) -> Iterator[Item]:
        yield self._speech.refused(piece, self._moment(at))
        if at is None:
            return
        if not piece.data.startswith(ESC):
            self._session.answer_refused(at)
        elif piece.reason == "checksum":
            self._session.command_refused()

    def _response(self, message: Message, at: int | None) -> Iterator[Item]:
        try:
            items = list(self._read(message, at))
        except BadData as error:
            yield from self._refused(Refused(message.raw[:RAW_KEPT], str(error)), at)
            return
        self.counters.frames += 1
        if at is not None:
            self._session.answered(message.code, at)
        yield from items

    def _read(self, message: Message, at: int | None) -> Iterator[Item]:
        """Raises BadData before anything is changed."""
        code, data = message.code, message.data
        if code == Code.DATA_1:
            yield from self._measured(values.records(data), message, at)
        elif code in _ALARM_PAGES:
            page = _ALARM_PAGES[Code(code)]
            yield from self._alarmed(page, values.alarms(data, page), message, self._moment(at))
        elif code == Code.CLOCK:
            yield from self._clock_read(values.clock(data), at) if data else ()
        elif code == Code.TEXTS:
            yield from self._text_read(values.texts(data), self._moment(at))
        elif code == Code.IDENTIFY:
            yield from self._identified(values.identity(data), message, self._moment(at))
        elif code in _NOT_READ:
            if data:
                yield from self._once("ignored", f"{code:02X}", f"{_NOT_READ[Code(code)]} are left out", message, at)
        elif code not in _ACKNOWLEDGED:
            text = f"an answer to the command {code:02X} is not known"
            yield from self._once("unknown-parameter", f"{code:02X}", text, message, at)

    # -- measured data -----------------------------------------------------------------------------------------

    def _measured(self, records: list[tuple[int, str]], message: Message, at: int | None) -> Iterator[Item]:
        yield from self._tick(message, at)
        moment = self._moment(at)
        found: dict[int, float] = {}
        for code, text in records:
            value = values.number(text)
            if code not in values.WANTED:
                known = code in values.NOT_USED
                kind, key = ("ignored", "other") if known else ("unknown-parameter", f"{code:02X}")
                said = "values of ventilation and gases are left out" if known else f"the value {key} is not known"
                yield from self._once(kind, key, said, message, at)
            elif value is not None:
                found[code] = value
            elif text.strip():
                said = f"the value {code:02X} is {text.strip()!r}, which is no number"
                yield from self._once("value-refused", f"{code:02X} value", said, message, at)
        for code, (signal, own) in values.MEASURED.items():
            if code in found:
                self._shown.add(code)
                if found[code] == 0:
                    yield self._speech.reading(signal, None, Status.ZERO, moment, own)
                else:
                    yield self._speech.number(signal, found[code], moment, own)
            elif code in self._shown:
                # What is no longer available is simply not sent any more.
                yield self._speech.reading(signal, None, self._why_missing(code), moment, own)
        missing = self._shown - found.keys()
        if missing - self._missing and at is not None:
            # The reason stands among the alarms.
            self._session.ask(Code.ALARMS_1, at)
        self._missing = missing
        yield from self._pressure(found, moment)

    def _why_missing(self, code: int) -> Status:
        concerned = {values.SPO2: "SPO2", values.PULSE: "SPO2", values.HEART: "HR"}.get(code)
        on = (alarm for page in self._alarms.values() for alarm in page.values())
        is_off = any(alarm.kind in ("probe-off", "lead-off") and alarm.signal == concerned for alarm in on)
        return Status.OFF if is_off else Status.INVALID

    def _pressure(self, found: dict[int, float], moment: int) -> Iterator[Item]:
        sys, dia, mean = (found.get(code) or None for code in values.NIBP_CODES)
        age = found.get(values.NIBP_AGE)
        new = self._cuff.look((sys, dia, mean), None if age is None or age < 0 else int(age), moment)
        if new is None:
            return
        status, measured = new
        there = [value for value in (sys, mean, dia) if value is not None]
        in_order = all(higher > lower for higher, lower in pairwise(there))
        for signal, value in zip(NIBP, (sys, dia, mean), strict=True):
            if value is not None:
                worth = Status.RANGE if status is Status.OK and not in_order else status
                yield self._speech.number(signal, value, moment, "nibp", status=worth, measured=measured)
            elif signal != "NIBP_MEAN":
                yield self._speech.reading(signal, None, Status.INVALID, moment, "nibp", measured)

    # -- alarms, texts, identity -------------------------------------------------------------------------------

    def _alarmed(self, page: int, alarms: list[Alarm], message: Message, at: int) -> Iterator[Item]:
        before = self._alarms.get(page, {})
        self._alarms[page] = {alarm.code: alarm for alarm in alarms}
        for alarm in alarms:
            if alarm.code in before:
                continue
            code = f"{page}:{alarm.code:02X}"
            text = f"the device's alarm: {alarm.phrase or code}"
            if alarm.kind == "cuff-failed":
                text = f"the cuff gave no result: {alarm.phrase or code}"
            yield self._speech.notice(
                alarm.kind, text, at, signal=alarm.signal, code=code, own="alarm", raw=message.raw[:RAW_KEPT]
            )

    def _text_read(self, texts: list[tuple[int, str]], at: int) -> Iterator[Item]:
        before, self._texts = self._texts, set(texts)
        for code, words in texts:
            if (code, words) not in before:
                text = f"the device says: {words or f'{code:02X}'}"
                yield self._speech.notice("device-event", text, at, code=f"{code:02X}", own="text")

    def _identified(self, identity: str, message: Message, at: int) -> Iterator[Item]:
        if identity and identity != self._identity:
            self._identity = identity
            text = f"the device is {identity}"
            yield self._speech.notice("device-event", text, at, own="identity", raw=message.raw[:RAW_KEPT])

    def _once(self, kind: str, code: str, text: str, message: Message, at: int | None) -> list[Item]:
        notice = self._speech.notice(kind, text, self._moment(at), code=code, raw=message.raw[:RAW_KEPT])
        return self._speech.once(f"{kind} {code}", notice)

    # -- time --------------------------------------------------------------------------------------------------

    def _moment(self, at: int | None) -> int:
        """`at`; without it the device's clock, or the start, and an interval for each answer since."""
        if at is not None:
            return at
        start = self._clock if self._clock is not None else self.assumed_start or 0
        return start + max(0, self._answers - 1) * self._interval

    def _tick(self, message: Message, at: int | None) -> list[Item]:
        """A new answer with measured data."""
        if at is not None:
            return []
        self._answers += 1
        if self._clock is None:
            self.needs_start |= self.assumed_start is None
        text = f"the bytes carry no times: one answer with measured data every {self._interval // SECOND} s was assumed"
        return self._speech.once("time", self._speech.notice("time-assumed", text, self._moment(at)))

    def _clock_read(self, local: datetime, at: int | None) -> Iterator[Item]:
        try:
            clock = instant.from_datetime(instant.localize(local, self.zone))
        except ValueError:
            clock = instant.from_datetime(local.replace(tzinfo=self.zone))
        if at is None:
            self._clock, self._answers = clock, 0
            return
        ahead = clock - at
        if abs(ahead) > OFFSET_TOLD and not self._offset_told:
            self._offset_told = True
            way = "ahead of" if ahead > 0 else "behind"
            seconds = abs(ahead) // SECOND
            text = f"the device's clock, read in {self.zone}, is {seconds} s {way} this machine's; ours is used"
            yield self._speech.notice("clock-offset", text, at, code=str(ahead // SECOND))
