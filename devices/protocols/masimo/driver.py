"""Masimo oximeters, serial output ASCII 1: one line a second (text oximeters sheet, section B).

The lines carry no checksum, so values are `unverified`; what the exceptions mask says decides whether they are
values at all. Live they are dated by their arrival, since the monitor's clock is set by hand. Nothing is ever sent.
"""

from __future__ import annotations

from datetime import UTC, tzinfo

from devices.protocols.dated import DatedRows
from devices.protocols.masimo import lines
from devices.protocols.masimo.lines import Line
from devices.protocols.oximeter import GOOD, Condition, Oximeter
from devices.reading import Item, Status

_EXCEPTIONS: dict[int, Condition] = {
    0x001: Condition(Status.OFF, "001", "the oximeter has no sensor"),
    0x020: Condition(Status.OFF, "020", "the oximeter's sensor is off the patient"),
    0x002: Condition(Status.INVALID, "002", "the oximeter's sensor is defective"),
    0x080: Condition(Status.INVALID, "080", "the oximeter does not recognise its sensor"),
    0x008: Condition(Status.SEARCHING, "008", "the oximeter searches for a pulse"),
    0x040: Condition(Status.INVALID, "040", "ambient light disturbs the oximeter's sensor"),
    0x004: Condition(Status.QUESTIONABLE, "004", "the perfusion is low: the oximeter doubts its values"),
    0x400: Condition(Status.QUESTIONABLE, "400", "the signal is poor: the oximeter doubts its values"),
    0x010: Condition(Status.QUESTIONABLE, "010", "interference disturbs the oximeter's signal"),
}
"""What bits of the exceptions mask say of the values, worst first."""

_NORMAL = 0x800
"""The oximeter works in its full mode: no exception."""

_UNTOLD = Condition(Status.QUESTIONABLE, "EXC", "the lines do not say whether the sensor is on: values are doubtful")
_KNOWN = frozenset(
    "SN SPO2 BPM PR PI SPCO SPMET MET SPHB SPOC RESVD DESAT PIDELTA PVI ALARM EXC EXC1"  # noqa: SIM905
    " CHAN SYSALARM ALARM1 ACSALARM EXC2 ACSEXC".split()
)
_BRAIN = "EEG"
"""So begin the fields of a brain function module; like all of the above but SPO2, BPM and EXC they are left out."""

_STRANGE_MOST = 50
"""So many unknown names are told; noise could make any number of them."""


class Masimo(DatedRows):
    """Driver of the protocol ``masimo``.

    Args:
        zone: zone of the monitor's clock, a zone or its name.

    Raises:
        SettingError: no such zone.
    """

    name = "masimo"
    stamp = lines.STAMP

    def __init__(self, zone: str | tzinfo = UTC) -> None:
        super().__init__(zone)
        self._oximeter = Oximeter(self.speech)
        self._strange: set[str] = set()

    def read_row(self, row: bytes, at: int | None) -> list[Item] | str:
        try:
            line = lines.read(row)
        except lines.BadLine as error:
            return str(error)
        self.counters.frames += 1
        if line.is_trend and at is not None:
            text = "the monitor sends lines from its memory; they are not current values and are left out"
            return self.speech.once("trend", self.speech.notice("ignored", text, at, code="trend", raw=row))
        when, items = self.moment(line.written, at)
        received = when if at is None else at
        if not line.is_trend:
            items += self._about(line, received, row)
        return items + self._oximeter.sample(line.spo2, line.pulse, _condition(line.exceptions), received, when)

    def read_other(self, line: bytes, at: int | None) -> list[Item] | str:
        return "no line of ASCII 1"

    def _about(self, line: Line, at: int, row: bytes) -> list[Item]:
        """The monitor's serial number, its alarms, and what this driver does not know, told when they change."""
        items: list[Item] = []
        serial = line.fields.get("SN", "")
        if serial.strip("-") and self.speech.changed("serial", serial):
            items.append(
                self.speech.notice("device-event", f"the oximeter's serial number is {serial}", at, code=serial)
            )
        alarm = line.fields.get("ALARM", "")
        if self.speech.changed("alarm", alarm.strip("0")) and alarm.strip("0"):
            text = f"the oximeter shows alarm {alarm} (its maker does not say what that means)"
            items.append(self.speech.notice("device-event", text, at, code=alarm))
        for key in sorted(key for key in line.fields.keys() - _KNOWN if not key.startswith(_BRAIN)):
            items += self._unknown(f"the field {key}", key, at, row)
        left = (line.exceptions or 0) & ~(sum(_EXCEPTIONS) | _NORMAL)
        if left:
            items += self._unknown(f"the exception {left:03X}", f"EXC {left:03X}", at, row)
        return items

    def _unknown(self, what: str, code: str, at: int, row: bytes) -> list[Item]:
        if code not in self._strange and len(self._strange) >= _STRANGE_MOST:
            return []
        self._strange.add(code)
        notice = self.speech.notice("unknown-parameter", f"{what} is not known to this driver", at, code=code, raw=row)
        return self.speech.once(code, notice)


def _condition(exceptions: int | None) -> Condition:
    if exceptions is None:
        return _UNTOLD
    return next((_EXCEPTIONS[bit] for bit in _EXCEPTIONS if exceptions & bit), GOOD)
