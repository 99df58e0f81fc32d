"""What the oximeter, the thermometer and the ECG of a PC-300 say (PC-300 sheet, section 4)."""

from __future__ import annotations

from devices.instant import SECOND
from devices.protocols.speech import Speech
from devices.reading import Item, Status

ECG_BLOCKS = 6
"""ECG blocks a second: 25 samples each, at 150 Hz."""

_PROBE_OFF, _SEARCHING = 0x02, 0x04
_THERMOMETER_PROBE_OFF = 0x10
_THERMOMETER_RANGE = (30.0, 43.0)
_THERMOMETER_STATES = {1: Status.MEASURING, 3: Status.INVALID}
_DONE = 2
_TOO_HOT, _TOO_COLD = 0x0520, 0xF000
_LEAD_OFF = 0x80
_POOR = (0x10, 0xFF)


class Oximeter:
    """The saturation and its pulse rate, of a PC-300 (token 53) or a PC-60FW (token 0F).

    Attributes:
        measures: its last numbers were of a finger, as far as it knows.
    """

    def __init__(self, speech: Speech) -> None:
        self.measures = False
        self._speech = speech

    def read(self, data: bytes, at: int) -> list[Item]:
        """SpO2, pulse rate (little endian), perfusion, status: a set bit counts even where there is a number."""
        if data[4] & _PROBE_OFF:
            return self.off(at)
        if data[4] & _SEARCHING:
            text = "the oximeter searches for a pulse"
            return self._without(Status.SEARCHING, "signal-poor", text, at)
        self._speech.changed("oximeter", "")
        self.measures = True
        found = (("SPO2", data[0], "spo2"), ("PR", data[1] | data[2] << 8, "spo2.pr"))
        return [
            self._speech.number(signal, value, at, own, status=Status.OK if value else Status.ZERO)
            for signal, value, own in found
        ]

    def off(self, at: int) -> list[Item]:
        """The sensor is off the finger, or unplugged."""
        return self._without(Status.OFF, "probe-off", "the oximeter's sensor is off", at)

    def _without(self, status: Status, kind: str, text: str, at: int) -> list[Item]:
        items: list[Item] = []
        self.measures = False
        if self._speech.changed("oximeter", status):
            items.append(self._speech.notice(kind, text, at, signal="SPO2", code=status, own="spo2"))
        items.append(self._speech.reading("SPO2", None, status, at, "spo2"))
        items.append(self._speech.reading("PR", None, status, at, "spo2.pr"))
        return items


def temperature(speech: Speech, data: bytes, at: int) -> list[Item]:
    """Status (bits 6-5: idle, measuring, done, timed out; bit 4: probe off), then hundredths of a degree above 30."""
    state = data[0] >> 5 & 3
    if data[0] & _THERMOMETER_PROBE_OFF:
        return [speech.reading("TEMP", None, Status.OFF, at, "temp")]
    if state in _THERMOMETER_STATES:
        return [speech.reading("TEMP", None, _THERMOMETER_STATES[state], at, "temp")]
    if state != _DONE or len(data) < 3:
        return []
    value = data[1] << 8 | data[2]
    if value == _TOO_HOT or value >= _TOO_COLD:
        # The device's own codes for what is above and below its range.
        return [speech.reading("TEMP", None, Status.INVALID, at, "temp")]
    return [speech.number("TEMP", round(30 + value / 100, 2), at, "temp", limits=_THERMOMETER_RANGE)]


class Ecg:
    """The heart rate in the ECG's blocks, told once a second, and that of a recording's result."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._sequence = 0
        self._since = ECG_BLOCKS
        self._told_at: int | None = None

    def block(self, data: bytes, moment: int, at: int | None) -> list[Item]:
        """A block: sequence (0 before the recording), 25 samples of two bytes, rate, flags."""
        items = self._gap(data[0], moment)
        is_off = bool(data[52] & _LEAD_OFF)
        if self._speech.changed("lead", "off" if is_off else "") and is_off:
            text = "an electrode is off"
            items.append(self._speech.notice("lead-off", text, moment, signal="HR", code="off", own="ecg.hr"))
        self._since += 1
        if at is None:
            is_due = self._since >= ECG_BLOCKS
        else:
            is_due = self._told_at is None or not 0 <= at - self._told_at < SECOND
        if is_due:
            self._since, self._told_at = 0, at
            items.append(self._rate(data[51], moment, Status.OFF if is_off else Status.OK))
        return items

    def result(self, data: bytes, at: int) -> list[Item]:
        """The end of a recording: a code of the rhythm, and the rate in the third byte."""
        self._sequence = 0
        return [self._rate(data[2], at, Status.QUESTIONABLE if data[0] in _POOR else Status.OK)]

    def _gap(self, sequence: int, at: int) -> list[Item]:
        before, self._sequence = self._sequence, sequence
        lost = sequence - before - 1
        if not before or lost <= 0:
            return []  # the recording has not begun, or begins anew
        text = f"{lost} ECG blocks were lost between {before} and {sequence}"
        return [self._speech.notice("sequence-gap", text, at, code=str(lost), own="ecg")]

    def _rate(self, value: int, at: int, status: Status) -> Item:
        worth = Status.ZERO if not value and status is not Status.OFF else status
        return self._speech.number("HR", value, at, "ecg.hr", status=worth)
