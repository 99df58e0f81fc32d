"""GE CARESCAPE V100 / DINAMAP host communications: the host polls, the monitor answers (DINAMAP sheet).

Polled once a second: cuff (NA), rate (RA), saturation (OA), and the temperature (TC) where asked for. One request is
outstanding at a time. Starting a cuff is an action on a patient: `start_cuff` only gives its bytes to whoever was
told to by a person; nothing here ever sends them.
"""

from __future__ import annotations

from datetime import UTC, tzinfo

from devices import instant
from devices.instant import SECOND
from devices.protocols import dinamap_frames as frames
from devices.protocols.base import Counters
from devices.protocols.dinamap_pro1000 import Pro1000, SecondRecord
from devices.reading import Item, Notice, Reading, Status
from devices.signals import NIBP, SIGNALS

REPLY_TIMEOUT = 3 * SECOND
ROUND = SECOND
SLOW_ROUND = 2 * SECOND
MISSED_TOO_OFTEN = 3

SAME_MEASUREMENT = 2 * SECOND
"""An age is told in whole seconds: two datings of one measurement differ by this at most (section 4)."""

_BUFFER = 4_096
_FAILURES = {
    3: "the determination failed",
    4: "the pump-up took too long",
    6: "the total time was exceeded",
    7: "it stayed too long at one pressure",
    8: "over-pressure or excess air",
    9: "no reason known",
}
_RANGES = {"NIBP_SYS": (30, 290), "NIBP_DIA": (10, 250), "NIBP_MEAN": (20, 260), "PR": (25, 300), "SPO2": (1, 100)}
_SATURATION_STATES = {
    "0": (Status.OFF, "the oximeter is on standby"),
    "3": (Status.INVALID, "the oximeter has no data, or its sensor is off the finger"),
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
        self._requests = ("NA", "RA", "OA", "TC") if temperature else ("NA", "RA", "OA")
        self._buffer = bytearray()
        self._native = Pro1000()
        self._is_native = False
        self._is_text = False
        self._held: list[Item] = []
        self._rounds = -1
        self._turn = 0
        self._round_at: int | None = None
        self._pending: str | None = None
        self._sent = 0
        self._tries = 0
        self._missed = 0
        self._silent_since: int | None = None
        self._cuff: tuple[int, tuple[int | None, ...]] | None = None
        self._cuff_rate_told: int | None = None
        self._cuff_status: int | None = None
        self._failure: int | None = None
        self._saturation_state = ""
        self._temperature: tuple[str, int | None] | None = None
        self._told_unknown: set[str] = set()

    # -- what is sent ------------------------------------------------------------------------------------------

    def opened(self, at: int) -> None:
        self._buffer.clear()
        self._pending = None
        self._turn = 0
        self._round_at = at
        self._tries = 0

    def wake(self) -> int | None:
        if self._is_native:
            return None
        if self._pending is not None:
            return self._sent + REPLY_TIMEOUT
        return self._round_at

    def send(self, at: int) -> bytes:
        """The next request when it is due; the same one once more when its reply did not come in time."""
        if self._is_native or self._round_at is None:
            return b""
        if self._pending is not None:
            if at - self._sent < REPLY_TIMEOUT:
                return b""
            self._missed += 1
            if self._missed == MISSED_TOO_OFTEN:
                self._silent_since = at
            if self._tries < 2 and self._missed < MISSED_TOO_OFTEN:
                self._tries += 1
                self._sent = at
                # The CR ends what the monitor may have half received.
                return b"\r" + frames.encode(self._pending)
            self._pending = None
            self._turn = 0
            self._round_at = at if self._missed < MISSED_TOO_OFTEN else max(self._round_at, self._sent + SLOW_ROUND)
        if at < self._round_at:
            return b""
        self._pending = self._requests[self._turn]
        self._sent = at
        self._tries = 1
        return frames.encode(self._pending)

    @staticmethod
    def start_cuff() -> bytes:
        """The request that inflates the cuff: only ever for an explicit act of a person."""
        return frames.encode("NC0")

    @staticmethod
    def cancel_cuff() -> bytes:
        """The request that stops a determination: only ever for an explicit act of a person."""
        return frames.encode("ND")

    def _answered(self, header: str, at: int) -> list[Item]:
        """The pending request is answered: the next one of the round is due at once, or the next round in its time."""
        if self._pending != header:
            return []
        self._pending = None
        items: list[Item] = []
        if self._silent_since is not None:
            gap = (at - self._silent_since) / SECOND
            text = f"the monitor answers again; it left requests unanswered for {gap:.0f} s"
            items.append(Notice(self._silent_since, at, "not-answering", text, source=self.name))
        self._missed, self._silent_since = 0, None
        self._turn = (self._turn + 1) % len(self._requests)
        if self._turn == 0 and self._round_at is not None:
            # Rounds keep their beat; after a delay they do not pile up.
            self._round_at = max(self._round_at + ROUND, at)
        return items

    # -- what is received --------------------------------------------------------------------------------------

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        self.counters.bytes_in += len(data)
        if self._is_native:
            return self._native_items(self._native.feed(data), at)
        items: list[Item] = []
        # The binary output has no requests: it is recognised in bytes nobody asked for, by blocks that hold together.
        if not self._is_text and self._pending is None:
            records = self._native.feed(data)
            if self._native.in_a_row >= 3:
                self._is_native = True
                self._held.clear()
                self._buffer.clear()
                self.counters.rejected = 0
                self.counters.by_reason.clear()
                return self._native_items(records, at)
        self._buffer += data
        while (end := self._buffer.find(b"\r")) >= 0:
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            items += self._line(line, at)
        if len(self._buffer) > _BUFFER:
            items += self._reject(bytes(self._buffer), "no end of line", at)
            self._buffer.clear()
        return items

    def finish(self, at: int | None) -> list[Item]:
        rest = bytes(self._buffer).strip(b"\r\n\0 ")
        self._buffer.clear()
        items = [] if self._is_native or not rest else self._reject(rest, "cut at the end", at)
        held, self._held = self._held, []
        return held + items

    def _line(self, line: bytes, at: int | None) -> list[Item]:
        if not line.strip(b"\n\0 "):
            return []
        try:
            header, arguments = frames.decode(line)
            if header + arguments in frames.REQUESTS:
                return []  # our own request, echoed by a cable or written down by a log
            if header not in frames.LENGTHS:
                return self._unknown(header, line, at)
            if self._pending not in (None, header):
                return self._reject(line, "another item than asked for", at)
            moment = self._moment(header, at)
            items = self._reply(header, arguments, moment)
        except frames.BadFrame as error:
            return self._reject(line, str(error), at)
        self._is_text = True
        self.counters.frames += 1
        held, self._held = self._held, []
        return [*held, *self._answered(header, moment), *items]

    def _moment(self, header: str, at: int | None) -> int:
        """`at`, or without it the assumed start plus a second for each round."""
        if at is not None:
            return at
        if header in ("NA", "NF") or self._rounds < 0:
            self._rounds += 1
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
                return self._temperature_reply(frames.temperature(arguments), at)

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
        known = self._failure is not None and abs(measured - self._failure) <= SAME_MEASUREMENT
        if (reply.age is None and not changed) or (reply.age is not None and known):
            return []
        self._failure = measured if reply.age is not None else at
        text = f"the cuff gave no result: {_FAILURES[reply.status]}"
        return [Notice(self._failure, at, "cuff-failed", text, "NIBP", str(reply.status), f"{self.name}:nibp")]

    def _result(self, reply: frames.Pressure, measured: int, at: int) -> list[Item]:
        values = (reply.sys, reply.dia, reply.mean)
        if self._cuff is not None:
            time, before = self._cuff
            if values == before and abs(measured - time) <= SAME_MEASUREMENT:
                return []
        self._cuff = (measured, values)
        if reply.sys is None or reply.dia is None:
            text = "the cuff is said to be done, but systolic or diastolic is missing"
            return [Notice(measured, at, "cuff-failed", text, "NIBP", "1", f"{self.name}:nibp")]
        in_order = reply.dia < reply.sys and (reply.mean is None or reply.dia < reply.mean < reply.sys)
        items: list[Item] = []
        for signal, value in zip(NIBP, values, strict=True):
            if value is not None:
                low, high = _RANGES[signal]
                status = Status.OK if in_order and low <= value <= high else Status.RANGE
                items.append(self._reading(measured, at, signal, value, status, "nibp"))
        return items

    def _rate(self, reply: frames.Rate, at: int, of_cuff: bool) -> list[Item]:
        if of_cuff or reply.source == "3":
            return self._cuff_rate(reply, at)
        if reply.source not in ("0", "2"):
            return self._once(f"RA source {reply.source}", f"the rate's source {reply.source!r} is not known", at)
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

    def _temperature_reply(self, reply: frames.Temperature, at: int) -> list[Item]:
        if reply.state != "0" or reply.celsius is None or reply.age is None:
            return []
        if not reply.predictive:
            return [self._number("TEMP", reply.celsius, at, "temp")]
        measured = at - reply.age * SECOND
        before, self._temperature = self._temperature, (reply.counter, measured)
        if before is not None and before[0] == reply.counter:
            self._temperature = before
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

    def _native_items(self, records: list[SecondRecord], at: int | None) -> list[Item]:
        self.counters.frames = self._native.blocks
        self.counters.bytes_skipped = self._native.skipped
        items: list[Item] = []
        for record in records:
            self._rounds += 1
            if at is not None:
                moment = at
            elif record.clock is not None:
                moment = instant.from_datetime(record.clock.replace(tzinfo=self.zone))
                text = f"times are the monitor's own clock, taken to be in {self.zone}"
                items += self._once("clock", text, moment, "time-assumed")
            else:
                self.needs_start = self.assumed_start is None
                moment = (self.assumed_start or 0) + self._rounds * SECOND
            items.append(self._number("HR", record.rate, moment, "ecg.hr"))
        return items

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
        if self._is_text:
            return [notice]
        # Before the first whole frame these bytes may still turn out to be the binary output.
        if len(self._held) < 64:
            self._held.append(notice)
        return []
