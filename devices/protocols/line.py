"""The generic line protocol VSL1: one text line a sample, streamed without being asked (line protocol sheet).

Checksummed lines by default; the JSON variant is recognised by its brace and its values are `unverified`; free forms
only where the setting ``loose`` says so. A cuff measurement is known by the device time of its determination.
"""

from __future__ import annotations

import json
from datetime import UTC, tzinfo
from typing import Any

from devices.instant import SECOND
from devices.protocols import line_frames as frames
from devices.protocols import line_loose
from devices.protocols.base import Counters
from devices.reading import Item, Notice, Reading, Status
from devices.signals import NIBP, SIGNALS

MILLISECOND = 1_000

_FIELDS = {"hr": "HR", "pr": "PR", "spo2": "SPO2", "rr": "RR", "temp": "TEMP"}
_CUFF = ("sys", "dia", "map")
_NEVER_ZERO = {"hr", "pr", "spo2"}
_OWN = {"hr": "hr", "pr": "pr", "spo2": "spo2", "rr": "rr", "temp": "temp"}
_DRIFT_PER_SECOND = 200
"""How much the offset may grow: a device's quartz runs slow by 200 millionths at most (µs per s)."""

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

    name = "line"
    quiet_after = 10 * SECOND
    cuff_dating = 2 * SECOND
    zone: tzinfo = UTC
    needs_start = False
    """Never: the device's own time is in the lines; without a start, times count from the device's."""

    def __init__(self, loose: bool = False, assumed_start: int | None = None) -> None:
        self.counters = Counters()
        self.assumed_start = assumed_start
        self._loose = loose
        self._buffer = bytearray()
        self._overrun = False
        self._at: int | None = None  # when the bytes in hand came
        self._fields: tuple[str, ...] | None = None
        self._told_no_header = False
        self._sequence: int | None = None
        self._device: int | None = None  # newest device time, ms
        self._restarts = 0  # device time that passed before restarts, ms: keeps bare bytes in order
        self._offset: int | None = None  # ours minus the device's, µs
        self._offset_at = 0
        self._cuff: object = None  # what the last cuff measurement is known by
        self._flags: frozenset[str] = frozenset()
        self._told: set[str] = set()

    def send(self, at: int) -> bytes:
        return b""

    def wake(self) -> int | None:
        return None

    def opened(self, at: int) -> None:
        self._buffer.clear()
        self._overrun = False
        self._sequence = None
        self._offset = None

    @property
    def is_relative(self) -> bool:
        return self.assumed_start is None

    # -- lines -------------------------------------------------------------------------------------------------

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        self.counters.bytes_in += len(data)
        self._at = at
        self._buffer += data.replace(b"\r", b"\n")
        items: list[Item] = []
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            items += self._line(line, at)
        if len(self._buffer) > frames.LONGEST and not self._overrun:
            self._overrun = True
            items += self._reject(bytes(self._buffer[: frames.LONGEST]), "longer than 512 characters", at)
        if self._overrun:
            self._buffer.clear()
        return items

    def finish(self, at: int | None) -> list[Item]:
        rest = bytes(self._buffer)
        self._buffer.clear()
        return self._reject(rest, "cut at the end", at) if rest.strip() else []

    def _line(self, line: bytes, at: int | None) -> list[Item]:
        if self._overrun:
            self._overrun = False  # the end of the line that was too long
            return []
        if not line.strip(b"\0 \t"):
            return []
        if len(line) > frames.LONGEST:
            return self._reject(line, "longer than 512 characters", at)
        start = line.rfind(frames.MARK)
        try:
            if start >= 0:
                # What stands before belongs to no line, or to one whose end was lost.
                self.counters.bytes_skipped += start
                return self._vsl(line[start:], at)
            if line.lstrip().startswith(b"{"):
                return self._json(line, at)
            if self._loose:
                return self._free(line, at)
        except frames.BadLine as error:
            return self._reject(line, str(error), at)
        return self._reject(line, "no line of this protocol", at)

    def _vsl(self, line: bytes, at: int | None) -> list[Item]:
        kind, payload = frames.decode(line)
        if kind == "H":
            self._header(payload)
            self.counters.frames += 1
            return []
        parts = payload.split(",")
        match kind:
            case "D":
                if self._fields is None:
                    return self._no_header(line, at)
                if len(parts) != len(self._fields) + 1:
                    raise frames.BadLine("another number of values than the header names")
                values = {name: text for name, text in zip(self._fields, parts[1:], strict=True) if text != ""}
                device = _milliseconds(values.pop("t", None))
                return self._sample(parts[0], device, self._parsed(values), at, Status.OK, self._fields)
            case "N":
                return self._cuff_event(parts, at)
            case "B":
                if len(parts) < 2:
                    raise frames.BadLine("too few values")
                return self._counted(parts[0], _milliseconds(parts[1]), at)[1]
            case "E":
                if len(parts) < 3:
                    raise frames.BadLine("too few values")
                moment, items = self._counted(parts[0], _milliseconds(parts[1]), at)
                text = ",".join(parts[3:]) or parts[2]
                return [*items, Notice(moment, moment, "device-event", text, code=parts[2], source=self.name)]
        self.counters.frames += 1
        return self._once(f"type {kind}", f"the line type {kind!r} is not known", self._now(at), line)

    def _header(self, payload: str) -> None:
        named = dict(part.split("=", 1) for part in payload.split(",") if "=" in part)
        fields = tuple(name for name in named.get("fields", "").split("|") if name)
        if not fields:
            raise frames.BadLine("a header without fields")
        self._fields = fields
        self._told_no_header = False

    def _no_header(self, line: bytes, at: int | None) -> list[Item]:
        self.counters.reject("no header yet")
        if self._told_no_header:
            return []
        self._told_no_header = True
        return [self._refusal(line, "no header has come yet, so the values have no names", at, "no header yet")]

    def _json(self, line: bytes, at: int | None) -> list[Item]:
        try:
            given = json.loads(line)
        except ValueError:
            raise frames.BadLine("not one JSON object") from None
        if not isinstance(given, dict):
            raise frames.BadLine("not one JSON object")
        flags = given.get("flags") or []
        if not isinstance(flags, list):
            raise frames.BadLine("flags are no list")
        values: dict[str, Any] = {}
        for name, value in given.items():
            if name in (*_FIELDS, *_CUFF, "nibp_t") and value is not None:
                if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
                    raise frames.BadLine("not a number")
                values[name] = float(value)
        if flags:
            values["flags"] = frozenset(str(flag) for flag in flags)
        sequence, device = given.get("seq"), given.get("t")
        if not all(part is None or (isinstance(part, int) and part >= 0) for part in (sequence, device)):
            raise frames.BadLine("not a number")
        return self._sample(None if sequence is None else str(sequence), device, values, at, Status.UNVERIFIED, ())

    def _free(self, line: bytes, at: int | None) -> list[Item]:
        values: dict[str, Any] = dict(line_loose.read(line.decode("utf-8", "replace")))
        if not values:
            raise frames.BadLine("no line of this protocol")
        return self._sample(None, None, values, at, Status.UNVERIFIED, ())

    # -- what they say -----------------------------------------------------------------------------------------

    def _parsed(self, texts: dict[str, str]) -> dict[str, Any]:
        """The values of a D line by field name; unknown names are left out, since fields can be added."""
        values: dict[str, Any] = {}
        for name, text in texts.items():
            if name == "flags":
                values[name] = frozenset(flag for flag in text.split("|") if flag)
            elif name in _FIELDS or name in _CUFF or name == "nibp_t":
                values[name] = _number(text)
        return values

    def _sample(
        self,
        sequence: str | None,
        device: int | None,
        values: dict[str, Any],
        at: int | None,
        good: Status,
        announced: tuple[str, ...],
    ) -> list[Item]:
        """A sample in any form. `announced`: the fields a header promised, empty where there is no header."""
        restarted = self._restarted(device)
        moment, items = self._counted(sequence, device, at)
        if restarted and announced:
            return items  # the header was for the device as it was before; a new one must come
        flags = values.get("flags", frozenset())
        items += self._flagged(flags, moment)
        for name, signal in _FIELDS.items():
            status = _flag_status(name, flags, good)
            if status is Status.OFF and (name in values or name in announced):
                items.append(self._reading(moment, moment, signal, None, status, _OWN[name]))
            elif name in values:
                items.append(self._value(moment, signal, values[name], status, name))
        return items + self._pressure(values, moment, at, good)

    def _pressure(self, values: dict[str, Any], moment: int, at: int | None, good: Status) -> list[Item]:
        if not any(name in values for name in _CUFF):
            return []
        triple = tuple(values.get(name) for name in _CUFF)
        device = values.get("nibp_t")
        if device is None:
            # Nothing dates it: the first one may be old, after that a change is a new measurement.
            first, known = self._cuff is None, ("values", triple)
            if self._cuff == known:
                return []
            self._cuff = known
            return self._measurement(triple, moment, moment, Status.AGE_UNKNOWN if first else good)
        if self._cuff == ("device", int(device)):
            return []
        self._cuff = ("device", int(device))
        return self._measurement(triple, self._measured(int(device), moment), moment, good)

    def _cuff_event(self, parts: list[str], at: int | None) -> list[Item]:
        """An N line: sequence, t, sys, dia, map, pulse, status text."""
        if len(parts) < 7:
            raise frames.BadLine("too few values")
        device = _milliseconds(parts[1])
        if device is None:
            raise frames.BadLine("not a number")
        numbers = [_number(text) if text else None for text in parts[2:6]]
        # Its t is when the cuff was done, not when the line was sent: it moves no clock.
        moment, items = self._counted(parts[0], None, at, device)
        if self._cuff == ("device", device):
            return items
        self._cuff = ("device", device)
        measured = self._measured(device, moment)
        status = ",".join(parts[6:])
        if status != "OK":
            text = f"the cuff gave no result: {status or 'no reason given'}"
            return [*items, Notice(measured, moment, "cuff-failed", text, "NIBP", status, f"{self.name}:nibp")]
        items += self._measurement(tuple(numbers[:3]), measured, moment, Status.OK)
        if numbers[3] is not None:
            pulse = self._value(moment, "PR", numbers[3], Status.OK, "pr", "nibp.pr", measured)
            items.append(pulse)
        return items

    def _measurement(self, triple: tuple[float | None, ...], measured: int, moment: int, good: Status) -> list[Item]:
        sys, dia, mean = triple
        if not sys or not dia:
            text = "a cuff result without systolic or diastolic was left out"
            return [Notice(measured, moment, "value-refused", text, "NIBP", source=f"{self.name}:nibp")]
        in_order = dia < sys and (not mean or dia < mean < sys)
        items: list[Item] = []
        for signal, value in zip(NIBP, triple, strict=True):
            if value is None:
                continue
            if value == 0:
                items.append(self._reading(measured, moment, signal, None, Status.ZERO, "nibp"))
                continue
            known = SIGNALS[signal]
            fits = in_order and known.low <= value <= known.high
            items.append(self._reading(measured, moment, signal, value, good if fits else _worse(good), "nibp"))
        return items

    def _flagged(self, flags: frozenset[str], moment: int) -> list[Item]:
        """Notices of what is flagged now and was not before."""
        items: list[Item] = []
        for flag in sorted(flags - self._flags):
            if flag in _FLAG_NOTICES:
                kind, signal, text = _FLAG_NOTICES[flag]
                items.append(Notice(moment, moment, kind, text, signal, flag, self.name))
            elif flag.startswith("NIBP_FAIL"):
                text = f"the cuff gave no result: {flag}"
                items.append(Notice(moment, moment, "cuff-failed", text, "NIBP", flag, f"{self.name}:nibp"))
            elif flag != "NIBP_BUSY":
                items += self._once(f"flag {flag}", f"the flag {flag} is not known", moment, b"")
        self._flags = flags
        return items

    # -- sequence and time -------------------------------------------------------------------------------------

    def _counted(
        self, sequence: str | None, device: int | None, at: int | None, dated: int | None = None
    ) -> tuple[int, list[Item]]:
        """Takes note of a line's counter and device time; gives its instant and what is to be said of them.

        `dated`: a device time in the past that the line speaks of, for bytes without stamps.
        """
        self.counters.frames += 1
        items: list[Item] = []
        restarted = device is not None and self._restarted(device)
        if restarted:
            assert self._device is not None
            self._restarts += self._device
            self._offset = None
            self._fields = None
            self._sequence = None
        if device is not None:
            self._device = device if restarted or self._device is None else max(device, self._device)
        moment = self._now(at, device)
        if restarted:
            text = "the device's time jumped back: it was switched off and on"
            items.append(Notice(moment, moment, "device-restarted", text, source=self.name))
        if sequence is not None:
            number = _whole(sequence)
            if self._sequence is not None and not restarted:
                lost = (number - self._sequence - 1) % frames.SEQUENCES
                if lost:
                    text = f"{lost} lines were lost" if lost < frames.SEQUENCES // 2 else "a line came out of order"
                    items.append(Notice(moment, moment, "sequence-gap", text, code=str(lost), source=self.name))
            self._sequence = number
        return moment, items

    def _restarted(self, device: int | None) -> bool:
        return device is not None and self._device is not None and device < self._device

    def _now(self, at: int | None, device: int | None = None) -> int:
        """The instant of a line: the device's time moved by the offset of this link, never later than `at`.

        Lines that were held up and come in a burst keep their distances. Without `at` the device's time is all
        there is.
        """
        if at is None:
            return (self.assumed_start or 0) + (self._restarts + (self._device or 0)) * MILLISECOND
        if device is None:
            return at
        offset = at - device * MILLISECOND
        if self._offset is not None:
            grown = self._offset + (at - self._offset_at) * _DRIFT_PER_SECOND // SECOND
            offset = min(offset, max(grown, self._offset))
        self._offset, self._offset_at = offset, at
        return min(at, device * MILLISECOND + offset)

    def _measured(self, device: int, moment: int) -> int:
        """The instant of a determination at the device time `device`: as old as it is against the newest one."""
        if self._device is None:
            return moment
        return moment - max(0, self._device - device) * MILLISECOND

    # -- readings ----------------------------------------------------------------------------------------------

    def _value(
        self, moment: int, signal: str, value: float, status: Status, name: str, own: str = "", time: int | None = None
    ) -> Reading:
        measured = moment if time is None else time
        if value == 0 and name in _NEVER_ZERO:
            return self._reading(measured, moment, signal, None, Status.ZERO, own or _OWN[name])
        known = SIGNALS[signal]
        worth = status if known.low <= value <= known.high else _worse(status)
        return self._reading(measured, moment, signal, value, worth, own or _OWN[name])

    def _reading(self, time: int, received: int, signal: str, value: float | None, status: Status, own: str) -> Reading:
        heard = received if self._at is None else self._at
        return Reading(time, heard, signal, value, SIGNALS[signal].unit, status, f"{self.name}:{own}")

    def _once(self, what: str, text: str, moment: int, raw: bytes) -> list[Item]:
        if what in self._told or len(self._told) > 100:
            return []
        self._told.add(what)
        return [Notice(moment, moment, "unknown-parameter", text, source=self.name, code=what, raw=raw)]

    def _reject(self, line: bytes, reason: str, at: int | None) -> list[Item]:
        self.counters.reject(reason)
        return [self._refusal(line, f"a line of {len(line)} characters was refused: {reason}", at, reason)]

    def _refusal(self, line: bytes, text: str, at: int | None, code: str) -> Notice:
        moment = self._now(at)
        return Notice(moment, moment, "frame-rejected", text, source=self.name, code=code, raw=line[: frames.LONGEST])


def _number(text: str) -> float:
    """Raises BadLine for anything but a plain decimal number."""
    if not text.replace(".", "", 1).isdigit() or not text.isascii():
        raise frames.BadLine("not a number")
    return float(text)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < frames.SEQUENCES):
        raise frames.BadLine("not a sequence number")
    return int(text)


def _milliseconds(text: str | None) -> int | None:
    if text is None or text == "":
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise frames.BadLine("not a number")
    return int(text)


def _worse(status: Status) -> Status:
    """Out of range; a doubt that weighs more stays."""
    return Status.RANGE if status in (Status.OK, Status.UNVERIFIED) else status


def _flag_status(name: str, flags: frozenset[str], good: Status) -> Status:
    if name == "hr":
        return Status.OFF if "LEAD_OFF" in flags else good
    if name in ("pr", "spo2"):
        if "SPO2_OFF" in flags:
            return Status.OFF
        if flags & {"MOTION", "LOW_PERF"}:
            return Status.QUESTIONABLE
    return good
