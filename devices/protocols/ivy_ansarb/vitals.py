"""What the lines of an IVY 450C's message say, as Readings and Notices (other devices sheet, section A)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from devices.protocols.ivy_ansarb.cuff import CuffWatch
from devices.protocols.ivy_ansarb.frames import Line
from devices.protocols.speech import Speech
from devices.reading import Item, Status
from devices.signals import NIBP

_VALUES = {"HR": 1, "RR": 1, "ETCO2": 1, "SPO2": 1, "NIBP": 4, "P1": 3, "P2": 3, "T1": 1, "T2": 1}
"""The lines and how many values each has, before its label and its alarm text."""

_SIMPLE = {"RR": ("RR", "rr"), "T1": ("TEMP", "t1"), "T2": ("TEMP", "t2")}
_ABP = ("ABP_SYS", "ABP_DIA", "ABP_MEAN")
_ARTERIAL = re.compile(r"(?:ART|ABP|AO|UAP|UAC|BAP|FAP|RAD|FEM)\b", re.IGNORECASE)
_NOT_ECG = re.compile(r"PLETH|SPO2|PULSE|PR\b|P[12]\b|ART|NIBP", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d{1,4}(?:\.\d{1,3})?", re.ASCII)
_DASHES = re.compile(r"[-?*]+")
_OFF = re.compile(r"\bOFF\b|DISC|UNPLUG|\bNO (?:SENSOR|PROBE|FINGER|LEADS?|CABLE)|REPLACE|CHECK")


class Vitals:
    """Turns lines into items; remembers what was told, so that a state is told once.

    Heart rate, saturation and pulse always give a reading, without value where the field is empty; the others do
    once they have shown a value, for a monitor without that module sends their lines empty for ever.

    Args:
        speech: makes the items.
        arterial: the channel that is the arterial line where the monitor does not label it, or "".
    """

    def __init__(self, speech: Speech, arterial: str = "") -> None:
        self._speech = speech
        self._arterial = arterial
        self._cuff = CuffWatch()
        self._shown: set[str] = set()
        self._states: dict[str, str] = {}

    def read(self, line: Line, at: int, after_gap: bool) -> Iterator[Item]:
        """What one line says that came at the instant `at`."""
        count = _VALUES.get(line.name)
        if count is None:
            text = f"the line {line.name!r} is not known"
            yield from self._once("unknown-parameter", f"line {line.name}", text, at, line)
            return
        if len(line.fields) <= count:
            text = f"a line {line.name!r} has {len(line.fields)} fields and not {count + 1}: it is left out"
            yield from self._once("value-refused", f"short {line.name}", text, at, line)
            return
        before = self._states.get(line.name, line.state)
        self._states[line.name] = line.state
        if line.state != before:
            text = f"the state of {line.name} went from {before or 'none'} to {line.state or 'none'}: not documented"
            yield from self._once("device-event", f"{line.name}={line.state}", text, at, line)
        label = line.fields[count].strip()
        alarm = line.fields[count + 1].strip() if len(line.fields) > count + 1 else ""
        match line.name:
            case "HR":
                yield from self._heart(line, label, alarm, at)
            case "SPO2":
                yield from self._oximeter(line, label, alarm, at)
            case "NIBP":
                yield from self._pressure(line, alarm or label, at, after_gap)
            case "P1" | "P2":
                yield from self._line_pressure(line, label, alarm, at)
            case "ETCO2":
                yield from self._alarm(line, alarm, at)
                if self._number(line.fields[0]) is not None:
                    yield from self._once("ignored", "ETCO2", "end-tidal CO2 is left out", at, line)
            case name:
                signal, own = _SIMPLE[name]
                yield from self._alarm(line, alarm, at)
                yield from self._value(signal, own, line, 0, at, _why(alarm), always=False)

    def _heart(self, line: Line, label: str, alarm: str, at: int) -> Iterator[Item]:
        # The rate has no field for its origin; the label names the ECG's lead, or what else it is taken from.
        signal, own = ("PR", "hr.pr") if _NOT_ECG.match(label) else ("HR", "ecg.hr")
        if signal == "PR":
            text = f"the rate of the line HR is labelled {label}: it is called a pulse rate"
            yield from self._once("device-event", f"HR label {label}", text, at, line)
        missing = self._number(line.fields[0]) is None
        yield from self._alarm(line, alarm, at, "lead-off" if missing and _why(alarm) is Status.OFF else "", signal)
        yield from self._value(signal, own, line, 0, at, _why(alarm))

    def _oximeter(self, line: Line, label: str, alarm: str, at: int) -> Iterator[Item]:
        missing = self._number(line.fields[0]) is None
        yield from self._alarm(line, alarm, at, "probe-off" if missing and _why(alarm) is Status.OFF else "", "SPO2")
        yield from self._value("SPO2", "spo2", line, 0, at, _why(alarm))
        name, equals, rate = label.partition("=")
        if name.strip() == "PR" and equals:
            yield from self._value("PR", "spo2.pr", Line("PR", "", (rate,), line.raw), 0, at, _why(alarm))

    def _pressure(self, line: Line, text: str, at: int, after_gap: bool) -> Iterator[Item]:
        numbers = tuple(self._number(field) or None for field in line.fields[:4])
        status = self._cuff.take(line.state, numbers, after_gap)
        has_none = numbers[0] is None and numbers[1] is None
        changed = self._speech.changed("alarm NIBP", text)
        if changed and text:
            kind = "cuff-failed" if has_none else "device-event"
            said = f"the cuff gave no result: {text}" if has_none else f"the monitor says of the cuff: {text}"
            yield self._speech.notice(kind, said, at, signal="NIBP", code=text, own="nibp", raw=line.raw)
        if status is None:
            return
        there = [value for value in (numbers[0], numbers[2], numbers[1]) if value is not None]
        in_order = all(higher > lower for higher, lower in pairwise(there))
        for signal, value in zip((*NIBP, "PR"), numbers, strict=True):
            own = "nibp.pr" if signal == "PR" else "nibp"
            if value is not None:
                worth = status if in_order or signal == "PR" or status is not Status.UNVERIFIED else Status.RANGE
                yield self._speech.number(signal, value, at, own, status=worth)
            elif signal not in ("NIBP_MEAN", "PR"):
                yield self._speech.reading(signal, None, Status.INVALID, at, own)

    def _line_pressure(self, line: Line, label: str, alarm: str, at: int) -> Iterator[Item]:
        numbers = [self._number(field) for field in line.fields[:3]]
        missing = all(number is None for number in numbers)
        # Without numbers the monitor writes its reason where the label stands.
        yield from self._alarm(line, alarm or (label if missing else ""), at)
        if not (_ARTERIAL.match(label) or (line.name == self._arterial and (missing or not label))):
            if not missing:
                named = f"labelled {label}" if label else "not labelled"
                text = f"the pressure {line.name} is {named}: it is not taken for an arterial pressure"
                yield from self._once("ignored", f"{line.name} label {label}", text, at, line)
            return
        for index, signal in enumerate(_ABP):
            yield from self._value(signal, line.name.lower(), line, index, at, _why(alarm or label), always=False)

    def _value(
        self, signal: str, own: str, line: Line, index: int, at: int, why: Status, always: bool = True
    ) -> Iterator[Item]:
        field = line.fields[index].strip()
        value = self._number(field)
        if value is None and field and not _DASHES.fullmatch(field):
            text = f"{field!r} in the line {line.name} is no number"
            yield from self._once("value-refused", f"{line.name} {index}", text, at, line)
        key = f"{signal} {own}"
        if value is None:
            if always or key in self._shown:
                yield self._speech.reading(signal, None, why, at, own)
            return
        self._shown.add(key)
        if value == 0:
            yield self._speech.reading(signal, None, Status.ZERO, at, own)
        else:
            yield self._speech.number(signal, value, at, own, status=Status.UNVERIFIED)

    def _alarm(self, line: Line, text: str, at: int, kind: str = "", signal: str = "") -> Iterator[Item]:
        """A notice when an alarm text comes or changes; `kind` where it is more than an event of the device's."""
        if self._speech.changed(f"alarm {line.name}", f"{kind} {text}".strip()) and text:
            said = f"the monitor says of {line.name}: {text}"
            own = line.name.lower()
            yield self._speech.notice(kind or "device-event", said, at, signal=signal, code=text, own=own, raw=line.raw)

    def _once(self, kind: str, code: str, text: str, at: int, line: Line) -> list[Item]:
        return self._speech.once(f"{kind} {code}", self._speech.notice(kind, text, at, code=code, raw=line.raw))

    @staticmethod
    def _number(field: str) -> float | None:
        text = field.strip()
        return float(text) if _NUMBER.fullmatch(text) else None


def _why(text: str) -> Status:
    """Why there is no value, by the monitor's own words."""
    if "SEARCH" in text.upper():
        return Status.SEARCHING
    return Status.OFF if _OFF.search(text.upper()) else Status.INVALID
