"""The generic line protocol VSL1: one text line a sample, streamed without being asked (line protocol sheet).

Checksummed lines by default; the JSON variant is recognised by its brace and its values are `unverified`; free forms
only where the setting ``loose`` says so. A cuff measurement is known by the device time of its determination.
"""

from __future__ import annotations

from datetime import UTC, tzinfo

from devices.instant import SECOND
from devices.protocols.base import Counters
from devices.protocols.line import frames, samples
from devices.protocols.line.clock import MILLISECOND, NOMINAL, DeviceClock, sequence_step
from devices.protocols.line.cuff import CuffMemory, measurement
from devices.protocols.line.frames import BadLine
from devices.protocols.line.samples import Header, Sample
from devices.protocols.speech import printable
from devices.reading import Item, Notice, Reading, Status
from devices.signals import SIGNALS, Signal

STALE_AFTER = 3
"""Announced periods without a sample after which it is said (section 5)."""

_NAME = "line"
_SIGNALS = {"hr": "HR", "pr": "PR", "spo2": "SPO2", "rr": "RR", "temp": "TEMP"}
_VALUES = tuple((own, SIGNALS[signal], f"{_NAME}:{own}") for own, signal in _SIGNALS.items())
_CUFF_PULSE = SIGNALS["PR"], f"{_NAME}:nibp.pr"
_NEVER_ZERO = frozenset({"HR", "PR", "SPO2"})
_FLAG_NOTICES = {
    "SPO2_OFF": ("probe-off", "SPO2", "the oximeter's sensor is off"),
    "LEAD_OFF": ("lead-off", "HR", "an electrode is off"),
    "MOTION": ("signal-poor", "SPO2", "motion disturbs the pulse signal"),
    "LOW_PERF": ("signal-poor", "SPO2", "the pulse signal is weak"),
}


class Line:
    """Driver of the protocol ``line``. It never sends.

    Args:
        loose: accept free forms as well, as `unverified`.
        assumed_start: for bytes without stamps: the instant of the device's time 0; None leaves times relative.
    """

    name = _NAME
    quiet_after = 10 * SECOND
    cuff_dating = 2 * SECOND
    zone: tzinfo = UTC

    def __init__(self, loose: bool = False, assumed_start: int | None = None) -> None:
        self.counters = Counters()
        self.assumed_start = assumed_start
        self._loose = loose
        self._lines = frames.Lines()
        self._clock = DeviceClock()
        self._cuff = CuffMemory()
        self._at: int | None = None  # when the bytes in hand came
        self._header: Header | None = None
        self._header_is_newest = False  # no device time came since
        self._sequence: int | None = None
        self._flags: frozenset[str] = frozenset()
        self._told: set[str] = set()
        self._stale_at: int | None = None
        self._is_live = False
        self._waiting: list[Item] = []

    @property
    def needs_start(self) -> bool:
        """Lines without any device time came in bytes without stamps: only a person can date them."""
        return self._clock.assumed and self.assumed_start is None

    @property
    def is_relative(self) -> bool:
        return self.assumed_start is None

    # -- time passing ------------------------------------------------------------------------------------------

    def opened(self, at: int) -> None:
        self._lines.end()
        self._sequence = None
        self._clock.reopened()
        self._is_live = True
        self._stale_at = None

    def wake(self) -> int | None:
        return self._stale_at

    def send(self, at: int) -> bytes:
        """Never anything; notices that samples stay away, which the next `receive` tells."""
        if self._stale_at is not None and at >= self._stale_at:
            self._stale_at = None
            text = f"no sample has come for {STALE_AFTER} times the announced period"
            self._waiting.append(Notice(at, at, "quiet", text, code="stale", source=self.name))
        return b""

    # -- lines -------------------------------------------------------------------------------------------------

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        self.counters.bytes_in += len(data)
        self._at = at
        items, self._waiting = self._waiting, []
        for line, length in self._lines.feed(data):
            items += self._line(line, length)
        return items

    def finish(self, at: int | None) -> list[Item]:
        self._at = at
        items, self._waiting = self._waiting, []
        line, length = self._lines.end()
        return items + self._line(line, length, "cut at the end")

    def _line(self, line: bytes, length: int, otherwise: str = "") -> list[Item]:
        if length > frames.LONGEST:
            return self._reject(line, "longer than 512 characters")
        line = line.removeprefix(b"\xef\xbb\xbf").lstrip(b"\0 \t")
        if not line:
            return []
        items: list[Item] = []
        start = line.rfind(frames.MARK)
        if start > 0 and not line.startswith(b"{"):
            items += self._before(line[:start])
            line = line[start:]
        try:
            if line.startswith(frames.MARK):
                return items + self._vsl(line)
            if line.startswith(b"{"):
                return items + self._sample(samples.from_json(line), line)
            if self._loose:
                return items + self._sample(samples.loose(line), line)
        except BadLine as error:
            return items + self._reject(line, otherwise or str(error))
        return items + self._reject(line, otherwise or "no line of this protocol")

    def _before(self, part: bytes) -> list[Item]:
        """What stands before the last beginning of a line: noise, or a line whose end was lost."""
        if b"$" in part:
            return self._reject(part, "cut")
        self.counters.bytes_skipped += len(part)
        text = f"{len(part)} bytes before a line were left out"
        return [self._notice("bytes-skipped", text, raw=part)]

    def _vsl(self, line: bytes) -> list[Item]:
        kind, payload = frames.decode(line)
        if kind == "H":
            return self._take_header(samples.header(payload), line)
        parts = payload.split(",")
        if kind == "D":
            if self._header is None:
                # Whole and verified, so a board does speak here; what its values are it says within 30 s.
                self.counters.frames += 1
                raise BadLine("no header yet")
            return self._sample(samples.checked(parts, self._header), line)
        if kind == "N":
            return self._cuff_event(parts, line)
        if kind in ("B", "E"):
            if len(parts) < (2 if kind == "B" else 3):
                raise BadLine("too few values")
            number, device = frames.sequence(parts[0]), frames.milliseconds(parts[1])
            moment, items = self._counted(number, device)
            if kind == "E":
                text = ",".join(parts[3:]) or f"the device reports {parts[2]}"
                heard = self._received(moment)
                said, code = printable(text), printable(parts[2])
                items.append(Notice(moment, heard, "device-event", said, code=code, source=self.name, raw=line))
            return items
        self.counters.frames += 1
        return self._once(f"type {kind}", f"the line type {kind!r} is not known", line)

    def _take_header(self, header: Header, line: bytes) -> list[Item]:
        self.counters.frames += 1
        self._header, self._header_is_newest = header, True
        items: list[Item] = []
        for name in header.unknown:
            items += self._once(f"field {name}", f"the field {name!r} is not known and left out", line)
        return items

    # -- what they say -----------------------------------------------------------------------------------------

    def _sample(self, sample: Sample, line: bytes) -> list[Item]:
        if sample.has_header and self._clock.jumps_back(sample.device) and not self._header_is_newest:
            # The header was for the device as it was before; a new one must come.
            items = self._restart()
            self._clock.take(sample.device, self._at, self.assumed_start or 0)
            return items + self._reject(line, "no header since the device restarted")
        period = self._header.period if sample.has_header and self._header is not None else NOMINAL
        moment, items = self._counted(sample.sequence, sample.device, period)
        if self._clock.assumed:
            text = f"the lines carry no time: one every {period / 1_000:g} s was assumed"
            items += self._once("time", text, kind="time-assumed")
        if self._is_live and self._at is not None:
            self._stale_at = self._at + STALE_AFTER * period * MILLISECOND
        values, flags, status = sample.values, sample.flags, sample.status
        if flags or self._flags:
            items += self._flagged(flags, moment)
        heard = self._received(moment)
        for name, signal, source in _VALUES:
            if flags:
                status = _flag_status(name, flags, sample.status)
                if status is Status.OFF and (name in values or name in sample.promised):
                    items.append(Reading(moment, heard, signal.name, None, signal.unit, status, source))
                    continue
            if name in values:
                items.append(_value(moment, heard, signal, values[name], status, source))
        if not values.keys().isdisjoint(samples.CUFF):
            items += self._pressure(sample, moment, line)
        return items

    def _pressure(self, sample: Sample, moment: int, line: bytes) -> list[Item]:
        sys, dia, mean = (sample.values.get(name) for name in samples.CUFF)
        triple = (sys, dia, mean)
        heard, status, measured = self._received(moment), sample.status, moment
        if sample.cuff_time is not None:
            if not self._cuff.is_new(sample.cuff_time, triple, moment):
                return []
            measured = self._cuff.time(sample.cuff_time, self._clock.measured(sample.cuff_time, moment))
        else:
            is_new, is_first = self._cuff.is_undated_new(triple, moment)
            if not is_new:
                return []
            if is_first and not sample.is_loose:
                status = Status.AGE_UNKNOWN
        items = measurement(triple, measured, heard, status, line)
        if sample.cuff_pulse is not None:
            pulse, source = _CUFF_PULSE
            items.append(_value(measured, heard, pulse, sample.cuff_pulse, status, source))
        return items

    def _cuff_event(self, parts: list[str], line: bytes) -> list[Item]:
        """An N line: sequence, t, sys, dia, map, pulse, status text."""
        if len(parts) < 7:
            raise BadLine("too few values")
        number, device = frames.sequence(parts[0]), frames.milliseconds(parts[1])
        if device is None:
            raise BadLine("not a device time")
        sys, dia, mean, pulse = (frames.number(text) if text else None for text in parts[2:6])
        # Its t is when the cuff was done, not when the line was sent: it moves no clock, unless it is the newest.
        newest = device if self._clock.newest is None or device > self._clock.newest else None
        moment, items = self._counted(number, newest, 0)
        measured = self._cuff.time(device, self._clock.measured(device, moment))
        heard = self._received(moment)
        status = ",".join(parts[6:]).strip()
        is_good = status in ("", "OK")
        if self._cuff.is_new(device, (sys, dia, mean) if is_good else None, moment):
            if not is_good:
                return items + self._failed(status, measured, moment, line)
            items += measurement((sys, dia, mean), measured, heard, Status.OK, line)
        if is_good and pulse is not None and self._cuff.is_pulse_new(device):
            signal, source = _CUFF_PULSE
            items.append(_value(measured, heard, signal, pulse, Status.OK, source))
        return items

    def _flagged(self, flags: frozenset[str], moment: int) -> list[Item]:
        """Notices of what is flagged now and was not before."""
        items: list[Item] = []
        heard = self._received(moment)
        for flag in sorted(flags - self._flags):
            if flag in _FLAG_NOTICES:
                kind, signal, text = _FLAG_NOTICES[flag]
                items.append(Notice(moment, heard, kind, text, signal, flag, self.name))
            elif flag.startswith("NIBP_FAIL"):
                items += self._failed(flag, moment, moment)
            elif flag != "NIBP_BUSY":
                items += self._once(f"flag {flag}", f"the flag {flag!r} is not known")
        self._flags = flags
        return items

    def _failed(self, code: str, measured: int, moment: int, line: bytes = b"") -> list[Item]:
        """A failed cuff, told once where both an N line and a flag speak of it."""
        if not self._cuff.is_failure_new(measured):
            return []
        code = printable(code)
        text = f"the cuff gave no result: {code}"
        heard = self._received(moment)
        return [Notice(measured, heard, "cuff-failed", text, "NIBP", code, f"{self.name}:nibp", line)]

    # -- sequence and time -------------------------------------------------------------------------------------

    def _counted(self, number: int | None, device: int | None, period: int = 0) -> tuple[int, list[Item]]:
        """Takes note of a line's counter and device time; gives its instant and what is to be said of them."""
        self.counters.frames += 1
        items: list[Item] = []
        if self._clock.jumps_back(device):
            items += self._restart()
        if device is not None:
            self._header_is_newest = False
        moment = self._clock.take(device, self._at, self.assumed_start or 0, period)
        if number is not None:
            before, self._sequence = self._sequence, number
            lost, text = (0, "") if before is None else sequence_step(before, number)
            if lost:
                items.append(
                    Notice(moment, self._received(moment), "sequence-gap", text, code=str(lost), source=self.name)
                )
        return moment, items

    def _restart(self) -> list[Item]:
        """The device's time jumped back."""
        notice = self._notice("device-restarted", "the device's time jumped back: it was switched off and on")
        if not self._header_is_newest:
            self._header = None
        self._clock.restart()
        self._cuff.restarted()
        self._sequence = None
        return [notice]

    def _received(self, moment: int) -> int:
        return moment if self._at is None else self._at

    # -- notices ----------------------------------------------------------------------------------

    def _notice(self, kind: str, text: str, code: str = "", raw: bytes = b"") -> Notice:
        moment = self._clock.now(self._at, self.assumed_start or 0)
        return Notice(moment, moment, kind, printable(text), "", printable(code), self.name, raw[: frames.LONGEST])

    def _once(self, what: str, text: str, raw: bytes = b"", kind: str = "unknown-parameter") -> list[Item]:
        if what in self._told or len(self._told) > 100:
            return []
        self._told.add(what)
        return [self._notice(kind, text, what, raw)]

    def _reject(self, line: bytes, reason: str) -> list[Item]:
        self.counters.reject(reason)
        return [self._notice("frame-rejected", f"a line was refused: {reason}", reason, line)]


def _value(measured: int, heard: int, signal: Signal, value: float, status: Status, source: str) -> Reading:
    """The reading of a value that is there, a 0 of what is never 0 as one without value."""
    if signal.low <= value <= signal.high:
        return Reading(measured, heard, signal.name, value, signal.unit, status, source)
    if value == 0 and signal.name in _NEVER_ZERO:
        return Reading(measured, heard, signal.name, None, signal.unit, Status.ZERO, source)
    worth = Status.RANGE if status in (Status.OK, Status.UNVERIFIED) else status
    return Reading(measured, heard, signal.name, value, signal.unit, worth, source)


def _flag_status(name: str, flags: frozenset[str], good: Status) -> Status:
    if name == "hr":
        return Status.OFF if "LEAD_OFF" in flags else good
    if name in ("pr", "spo2"):
        if "SPO2_OFF" in flags:
            return Status.OFF
        if flags & {"MOTION", "LOW_PERF"}:
            return Status.QUESTIONABLE
    return good
