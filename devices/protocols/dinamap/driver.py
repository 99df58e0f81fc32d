"""GE CARESCAPE V100 / DINAMAP host communications: the host polls, the monitor answers (DINAMAP sheet).

Polled once a second: cuff (NA), rate (RA), saturation (OA), and the temperature (TC) where asked for. One request is
outstanding at a time. Starting a cuff is an action on a patient: `start_cuff` only gives its bytes to whoever was
told to by a person; nothing here ever sends them.
"""

from __future__ import annotations

from datetime import UTC, tzinfo
from itertools import pairwise

from devices.instant import SECOND
from devices.protocols.base import Counters
from devices.protocols.dinamap import frames
from devices.protocols.dinamap.native import NativeOutput
from devices.protocols.dinamap.polling import ROUND, Polling
from devices.protocols.dinamap.pro1000 import Event
from devices.reading import Item, Notice, Reading, Status
from devices.signals import NIBP, SIGNALS

SAME_MEASUREMENT = 2 * SECOND
"""An age is told in whole seconds: two datings of one measurement differ by this at most (section 4)."""

_SHORTEST_CUFF = 10 * SECOND
"""No two measurements end closer together: where the age has not gone back, a smaller step is a late reply."""

_BUFFER = 512
"""Bytes without an end of line that are taken for one line: the longest has 21."""

_TEMPERATURE_STATES = {
    "1": (Status.MEASURING, ""),
    "2": (Status.INVALID, "the temperature took too long"),
    "3": (Status.OFF, "the thermometer lost contact, or is out of its range"),
    "4": (Status.OFF, "the thermometer was stopped or unplugged"),
}
_FAILURES = {
    3: "the determination failed",
    4: "the pump-up took too long",
    6: "the total time was exceeded",
    7: "it stayed too long at one pressure",
    8: "over-pressure or excess air",
    9: "no reason known",
}
_RANGES: dict[str, tuple[float, float]] = {
    "NIBP_SYS": (30, 290),
    "NIBP_DIA": (10, 250),
    "NIBP_MEAN": (20, 260),
    "PR": (25, 300),
    "SPO2": (1, 100),
    # The sheet does not limit it: the signal's own plausible range.
    "TEMP": (SIGNALS["TEMP"].low, SIGNALS["TEMP"].high),
}
_SATURATION_STATES = {
    "0": (Status.OFF, "the oximeter is on standby"),
    "3": (Status.SEARCHING, "the oximeter has no data, or its sensor is off the finger"),
    "6": (Status.OFF, "the oximeter's sensor is unplugged or off"),
}


class Dinamap:
    """Driver of the protocol ``dinamap``.

    Args:
        temperature: ask for the temperature as well.
        assumed_start: for bytes without stamps: when they began; each NA reply then opens a new second.
    """

    name = "dinamap"
    quiet_after = 10 * SECOND
    cuff_dating = SAME_MEASUREMENT
    zone: tzinfo = UTC
    is_relative = False

    def __init__(self, temperature: bool = False, assumed_start: int | None = None) -> None:
        self.counters = Counters()
        self.assumed_start = assumed_start
        self.needs_start = False
        """Bytes without stamps came and no start was given: their times count from 0."""
        self._polling = Polling(("NA", "RA", "OA", "TC") if temperature else ("NA", "RA", "OA"))
        self._buffer = bytearray()
        self._native = NativeOutput()
        self._is_native = False
        self._is_text = False
        self._held: list[Item] = []
        self._rounds = -1
        self._in_round: set[str] = set()
        self._cuff: tuple[int, tuple[int | None, ...]] | None = None
        self._cuff_seen: tuple[int, int] | None = None
        self._cuff_rate_told: int | None = None
        self._cuff_status: int | None = None
        self._failure: tuple[int, int] | None = None
        self._saturation_state = ""
        self._temperature: tuple[str, int] | None = None
        self._temperature_state = ""
        self._told_unknown: set[str] = set()

    # -- what is sent ------------------------------------------------------------------------------------------

    def opened(self, at: int) -> None:
        self._buffer.clear()
        self._native.opened()
        self._polling.opened(at)

    def wake(self) -> int | None:
        return None if self._is_native else self._polling.wake()

    def send(self, at: int) -> bytes:
        """The next request when it is due; what that says of the monitor comes with the next `receive`."""
        return b"" if self._is_native else self._polling.send(at)

    @staticmethod
    def start_cuff() -> bytes:
        """The request that inflates the cuff: only ever for an explicit act of a person."""
        return frames.encode("NC0")

    @staticmethod
    def cancel_cuff() -> bytes:
        """The request that stops a determination: only ever for an explicit act of a person."""
        return frames.encode("ND")

    # -- what is received --------------------------------------------------------------------------------------

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        self.counters.bytes_in += len(data)
        items = self._polling.told()
        while data and not (self._is_text or self._is_native):
            # Line by line: which of the two outputs it is must not hang on the pieces the bytes come in.
            end = data.find(b"\r", 0, _BUFFER - len(self._buffer)) + 1 or _BUFFER + 1 - len(self._buffer)
            items += self._undecided(data[:end], at)
            data = data[end:]
        if self._is_native:
            return items + self._native_items(self._native.feed(data, at), at)
        return items + self._text(data, at)

    def _undecided(self, data: bytes, at: int | None) -> list[Item]:
        """The binary output needs no requests, and no text can look like it: the first whole block or frame decides."""
        events = self._native.feed(data, at)
        if not self._native.found:
            return self._text(data, at)
        self._is_native = True
        self._held.clear()
        self._buffer.clear()
        self.counters.rejected = 0
        self.counters.by_reason.clear()
        return self._native_items(events, at)

    def _text(self, data: bytes, at: int | None) -> list[Item]:
        items: list[Item] = []
        self._buffer += data
        while True:
            end = self._buffer.find(b"\r", 0, _BUFFER + 1)
            if end < 0 and len(self._buffer) <= _BUFFER:
                return items
            if end < 0:
                end = self._buffer.rfind(b"\n", 0, _BUFFER)
            line = bytes(self._buffer[: _BUFFER if end < 0 else end])
            del self._buffer[: len(line) + (end >= 0)]
            items += self._lines(line, at) if end >= 0 else self._reject(line, "no end of line", at)

    def finish(self, at: int | None) -> list[Item]:
        waiting = self._polling.told()
        if self._is_native:
            return waiting + self._native_items(self._native.end(), at)
        rest = bytes(self._buffer).strip(b"\r\n\0")
        self._buffer.clear()
        items = self._lines(rest, at, "cut at the end") if rest.strip() else []
        held, self._held = self._held, []
        return waiting + held + items

    def _native_items(self, events: list[Event], at: int | None) -> list[Item]:
        items = list(self._native.items(events, at, self.zone, self.assumed_start, self.counters))
        self.needs_start = self._native.needs_start
        return items

    def _lines(self, text: bytes, at: int | None, otherwise: str = "") -> list[Item]:
        """What stands before a CR: one line, or several where a program that kept them turned CR into LF."""
        lines = [line for line in text.split(b"\n") if line.strip()]
        if sum(frames.is_frame(line) for line in lines) < 2:
            return self._line(text, at, otherwise)
        return [item for line in lines for item in self._line(line, at, otherwise if line is lines[-1] else "")]

    def _line(self, line: bytes, at: int | None, otherwise: str = "") -> list[Item]:
        if not line.strip(b"\n\0 "):
            return []
        try:
            frame = frames.decode(line)
            if frame.header + frame.arguments in frames.REQUESTS:
                return []  # our own request, echoed by a cable or written down by a log
            if frame.header not in frames.LENGTHS:
                return self._unknown(frame.header, line, at)
            if self._polling.pending not in (None, frame.header):
                return self._reject(line, "another item than asked for", at)
            moment = self._moment(frame.header, at)
            items = self._reply(frame.header, frame.arguments, moment)
        except frames.BadFrame as error:
            return self._reject(line, otherwise or str(error), at)
        self._is_text = True
        self.counters.frames += 1
        held, self._held = self._held, []
        return [*held, *self._skipped(frame.before, moment), *self._polling.answered(frame.header, moment), *items]

    def _skipped(self, text: str, at: int) -> list[Item]:
        if not text.strip():
            return []
        self.counters.bytes_skipped += len(text)
        said = f"{len(text)} bytes before a frame were left out"
        return [Notice(at, at, "bytes-skipped", said, source=self.name, raw=text.encode("latin-1")[:256])]

    def _moment(self, header: str, at: int | None) -> int:
        """`at`, or without it the assumed start plus a second for each round."""
        if at is not None:
            return at
        if header in self._in_round or self._rounds < 0:
            self._rounds += 1
            self._in_round.clear()
        self._in_round.add(header)
        self.needs_start = self.assumed_start is None
        moment = (self.assumed_start or 0) + self._rounds * ROUND
        self._held += self._once(
            "time", "the bytes carry no times: one round of polls a second was assumed", moment, "time-assumed"
        )
        return moment

    def _reply(self, header: str, arguments: str, at: int) -> list[Item]:
        match header:
            case "NA" | "NF":
                return self._pressure(frames.pressure(arguments), at)
            case "RA" | "RC":
                return self._rate(frames.rate(arguments), at, of_cuff=header == "RC")
            case "OA":
                return self._saturation(frames.saturation(arguments), at)
            case _:
                return self._thermometer(frames.temperature(arguments), at)

    def _pressure(self, reply: frames.Pressure, at: int) -> list[Item]:
        changed, self._cuff_status = reply.status != self._cuff_status, reply.status
        measured = at - (reply.age or 0) * SECOND
        if reply.status == 0:
            return []
        if reply.status == 1:
            if reply.age is None:
                return []
            return self._result(reply, measured, at)
        if reply.status not in _FAILURES:
            return self._once(f"NA status {reply.status}", f"cuff status {reply.status} is not known", at)
        # A failure has an age like a result: told once, however often it is shown.
        if reply.age is None:
            is_new, measured = changed, at
        else:
            is_new = _is_later(self._failure, measured, reply.age)
            self._failure = (measured, reply.age)
        text = f"the cuff gave no result: {_FAILURES[reply.status]}"
        failed = Notice(measured, at, "cuff-failed", text, "NIBP", str(reply.status), f"{self.name}:nibp")
        return [failed] if is_new else []

    def _result(self, reply: frames.Pressure, measured: int, at: int) -> list[Item]:
        values = (reply.sys, reply.dia, reply.mean)
        age = reply.age or 0
        before, self._cuff_seen = self._cuff_seen, (measured, age)
        if self._cuff is not None and values == self._cuff[1] and not _is_later(before, measured, age):
            return []
        self._cuff = (measured, values)
        if reply.sys is None and reply.dia is None:
            text = "the cuff is said to be done, but gave neither systolic nor diastolic"
            return [Notice(measured, at, "cuff-failed", text, "NIBP", "1", f"{self.name}:nibp")]
        descending = [value for value in (reply.sys, reply.mean, reply.dia) if value is not None]
        in_order = all(higher > lower for higher, lower in pairwise(descending))
        items: list[Item] = []
        for signal, value in zip(NIBP, values, strict=True):
            if value is not None:
                low, high = _RANGES[signal]
                status = Status.OK if in_order and low <= value <= high else Status.RANGE
                items.append(self._reading(measured, at, signal, value, status, "nibp"))
            elif signal != "NIBP_MEAN":
                items.append(self._reading(measured, at, signal, None, Status.ZERO, "nibp"))
        return items

    def _rate(self, reply: frames.Rate, at: int, of_cuff: bool) -> list[Item]:
        if of_cuff or reply.source == "3":
            return self._cuff_rate(reply, at)
        # A rate without a source is not the oximeter's: only its absence is told under that name.
        if reply.source not in ("0", "2") or (reply.source == "0" and reply.value):
            text = f"the rate's source {reply.source!r} is not known: it is shown, not used"
            unknown = self._once(f"RA source {reply.source}", text, at)
            found = self._number("PR", reply.value, at, "ra.pr")
            doubted = Status.QUESTIONABLE if found.value is not None else found.status
            return [*unknown, self._reading(at, at, "PR", found.value, doubted, "ra.pr")]
        return [self._number("PR", reply.value, at, "spo2.pr")]

    def _cuff_rate(self, reply: frames.Rate, at: int) -> list[Item]:
        """The cuff's pulse rate is as old as its measurement, and told once for each."""
        if not reply.value:
            return []
        if self._cuff is None:
            if self._cuff_rate_told == -reply.value:
                return []
            self._cuff_rate_told = -reply.value
            return [self._reading(at, at, "PR", reply.value, Status.AGE_UNKNOWN, "nibp.pr")]
        time = self._cuff[0]
        if self._cuff_rate_told == time:
            return []
        self._cuff_rate_told = time
        return [self._number("PR", reply.value, at, "nibp.pr", time)]

    def _saturation(self, reply: frames.Saturation, at: int) -> list[Item]:
        changed, self._saturation_state = reply.state != self._saturation_state, reply.state
        if reply.state == "1":
            return [self._number("SPO2", reply.value, at, "spo2")]
        status, text = _SATURATION_STATES.get(
            reply.state, (Status.INVALID, f"the oximeter's state {reply.state!r} is not known")
        )
        items: list[Item] = [self._reading(at, at, "SPO2", None, status, "spo2")]
        if changed:
            kind = "probe-off" if status is Status.OFF else "signal-poor"
            items.append(Notice(at, at, kind, text, "SPO2", reply.state, f"{self.name}:spo2"))
        return items

    def _thermometer(self, reply: frames.Temperature, at: int) -> list[Item]:
        changed, self._temperature_state = reply.state != self._temperature_state, reply.state
        if reply.state != "0":
            unknown = (Status.INVALID, f"the thermometer's state {reply.state!r} is not known")
            status, text = _TEMPERATURE_STATES.get(reply.state, unknown)
            items: list[Item] = [self._reading(at, at, "TEMP", None, status, "temp")]
            if changed and text:
                kind = "probe-off" if status is Status.OFF else "device-event"
                items.append(Notice(at, at, kind, text, "TEMP", reply.state, f"{self.name}:temp"))
            return items
        if reply.celsius is None or reply.age is None:
            return []
        if not reply.predictive:
            return [self._number("TEMP", reply.celsius, at, "temp")]
        # A predictive value is one determination: told once, dated by its age, known by the counter and that date.
        measured = at - reply.age * SECOND
        before, self._temperature = self._temperature, (reply.counter, measured)
        if before is not None and before[0] == reply.counter and measured - before[1] <= _SHORTEST_CUFF:
            return []
        return [self._number("TEMP", reply.celsius, at, "temp", measured)]

    def _number(self, signal: str, value: float | None, at: int, own: str, time: int | None = None) -> Reading:
        moment = at if time is None else time
        if value is None:
            return self._reading(moment, at, signal, None, Status.INVALID, own)
        if value == 0:
            return self._reading(moment, at, signal, None, Status.ZERO, own)
        limits = _RANGES.get(signal)
        fits = limits is None or limits[0] <= value <= limits[1]
        return self._reading(moment, at, signal, value, Status.OK if fits else Status.RANGE, own)

    def _reading(self, time: int, at: int, signal: str, value: float | None, status: Status, own: str) -> Reading:
        number = None if value is None else float(value)
        return Reading(time, at, signal, number, SIGNALS[signal].unit, status, f"{self.name}:{own}")

    def _unknown(self, header: str, line: bytes, at: int | None) -> list[Item]:
        self._is_text = True
        self.counters.frames += 1
        moment = self._moment(header, at)
        return self._once(f"header {header}", f"the item {header} is not known to this driver", moment, raw=line)

    def _once(self, what: str, text: str, at: int, kind: str = "unknown-parameter", raw: bytes = b"") -> list[Item]:
        if what in self._told_unknown:
            return []
        self._told_unknown.add(what)
        return [Notice(at, at, kind, text, source=self.name, code=what, raw=raw)]

    def _reject(self, line: bytes, reason: str, at: int | None) -> list[Item]:
        self.counters.reject(reason)
        moment = at if at is not None else (self.assumed_start or 0) + max(0, self._rounds) * ROUND
        text = f"a line of {len(line)} bytes was refused: {reason}"
        notice = Notice(moment, moment, "frame-rejected", text, source=self.name, code=reason, raw=line[:256])
        if self._is_text or self._polling.pending:
            return [notice]
        # Before the first whole frame these bytes may still turn out to be the binary output.
        if len(self._held) < 64:
            self._held.append(notice)
        return []


def _is_later(before: tuple[int, int] | None, measured: int, age: int) -> bool:
    """Whether a determination dated `measured`, `age` seconds old, ended after the one last seen.

    Against the last look at it (when dated, how old), not the first: two clocks may drift apart over 90 minutes.
    """
    if before is None:
        return True
    return measured - before[0] > (SAME_MEASUREMENT if age < before[1] else _SHORTEST_CUFF)
