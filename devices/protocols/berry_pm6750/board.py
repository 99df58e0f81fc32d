"""What the packets of a Berry board say (Berry sheet, section 4). The order in the cuff's is sys, mean, dia."""

from __future__ import annotations

from devices.protocols.berry_pm6750 import enabling
from devices.protocols.berry_pm6750.cuff import CuffWatch
from devices.protocols.each_second import Sample
from devices.protocols.oximeter import Oximeter
from devices.protocols.speech import Speech
from devices.reading import Item, Reading, Status

ECG_WAVE, ECG, NIBP, SPO2, TEMPERATURE = 0x01, 0x02, 0x03, 0x04, 0x05
ECG_BEAT, SPO2_BEAT = 0x30, 0x31
SOFTWARE, HARDWARE, PLETH_WAVE, RESPIRATION_WAVE = 0xFC, 0xFD, 0xFE, 0xFF

ONCE_A_SECOND = frozenset({ECG, SPO2, TEMPERATURE})
_NO_NUMBERS = frozenset({ECG_WAVE, ECG_BEAT, SPO2_BEAT, PLETH_WAVE, RESPIRATION_WAVE})
_ECHOES = frozenset({enabling.ECG, enabling.NIBP, enabling.SPO2, enabling.TEMPERATURE, enabling.ECG_WAVE})
_LEAST = {ECG: 2, NIBP: 5, SPO2: 3, TEMPERATURE: 3}

_WEAK_SIGNAL, _LEAD_OFF = 0x01, 0x02
_T1_OFF, _T2_OFF = 0x01, 0x02
_NORMAL_RHYTHM = 1

_OXIMETER: dict[int, tuple[Status, str]] = {
    1: (Status.OFF, "the oximeter's sensor is off"),
    2: (Status.OFF, "no finger is in the oximeter's sensor"),
    3: (Status.SEARCHING, "the oximeter is searching for a pulse"),
    4: (Status.INVALID, "the oximeter has searched for a pulse in vain"),
}


def too_short(frame: bytes) -> bool:
    """Whether a packet lacks what its type must have."""
    return len(frame) - 5 < _LEAST.get(frame[3], 0)


def is_echo(frame: bytes) -> bool:
    """Whether it is a command as a host sends it: no packet of these types is so short."""
    return len(frame) == 6 and frame[3] in _ECHOES


class Board:
    """Reads one packet after another."""

    def __init__(self, speech: Speech) -> None:
        self.cuff = CuffWatch(speech)
        self._speech = speech
        self._oximeter = Oximeter(speech, Status.OK)
        self._second_seen = False

    def packet(self, frame: bytes, at: int) -> list[Item]:
        """What a whole, verified frame says, received at `at`."""
        kind, data = frame[3], frame[4:-1]
        if kind in _NO_NUMBERS:
            return []
        if kind == ECG:
            return self._ecg(data, at)
        if kind == NIBP:
            return self.cuff.take(data[0], (data[2], data[4], data[3]), at, frame)
        if kind == SPO2:
            trouble, text = _OXIMETER.get(data[0], (Status.INVALID, f"the oximeter's state {data[0]} is not known"))
            if not data[0]:
                return Sample(data[1], data[2]).items(self._oximeter, at)
            return Sample(data[1], data[2], trouble, text, f"{data[0]}").items(self._oximeter, at)
        if kind == TEMPERATURE:
            return self._temperature(data, at)
        if kind in (SOFTWARE, HARDWARE):
            return self._version("software" if kind == SOFTWARE else "hardware", data, at)
        text = f"packets of type {kind:02X} are not known and left out"
        notice = self._speech.notice("unknown-parameter", text, at, code=f"{kind:02X}", raw=frame)
        return self._speech.once(f"type {kind}", notice)

    def _ecg(self, data: bytes, at: int) -> list[Item]:
        """Status, HR, RR, ST, code of the rhythm; older boards leave the last ones out."""
        items: list[Item] = []
        state = "lead off" if data[0] & _LEAD_OFF else "weak" if data[0] & _WEAK_SIGNAL else ""
        if self._speech.changed("ecg", state) and state:
            is_off = state == "lead off"
            kind, text = ("lead-off", "an electrode is off") if is_off else ("signal-poor", "the ECG signal is weak")
            items.append(self._speech.notice(kind, text, at, signal="HR", code=f"{data[0]:02X}", own="ecg"))
        for signal, own, value in zip(("HR", "RR"), ("ecg.hr", "ecg.rr"), data[1:3], strict=False):
            if state == "lead off":
                items.append(self._speech.reading(signal, None, Status.OFF, at, own))
            elif not value:
                items.append(self._speech.reading(signal, None, Status.ZERO, at, own))
            else:
                items.append(self._speech.number(signal, value, at, own))
        if len(data) > 4 and data[4] > _NORMAL_RHYTHM:
            text = f"the monitor's own code of the rhythm is {data[4]:X}; it is noted, not judged"
            notice = self._speech.notice("device-event", text, at, signal="HR", code=f"{data[4]:X}", own="ecg")
            items += self._speech.once(f"rhythm {data[4]}", notice)
        return items

    def _temperature(self, data: bytes, at: int) -> list[Item]:
        """Status, T1, and T2 where the packet is long enough for it.

        A second sensor that was never there is absent, not off. What has a value is told last, so that a sensor
        that is off does not stand before one that measures.
        """
        first = self._sensor(data[0] & _T1_OFF, data[1], data[2], at, "temp.t1")
        readings = [first]
        if len(data) >= 5:
            second = self._sensor(data[0] & _T2_OFF, data[3], data[4], at, "temp.t2")
            self._second_seen = self._second_seen or second.value is not None
            if self._second_seen:
                readings.append(second)
        readings.sort(key=lambda reading: (reading.value is not None, reading is first))
        items: list[Item] = []
        state = "" if first.value is not None else f"{data[0]:02X}"
        if self._speech.changed("t1", state) and state:
            text = "the temperature sensor is off"
            items.append(self._speech.notice("probe-off", text, at, signal="TEMP", code=state, own="temp.t1"))
        return [*items, *readings]

    def _sensor(self, off: int, degrees: int, tenths: int, at: int, own: str) -> Reading:
        if off:
            return self._speech.reading("TEMP", None, Status.OFF, at, own)
        if not degrees:
            return self._speech.reading("TEMP", None, Status.ZERO, at, own)
        return self._speech.number("TEMP", (degrees * 10 + tenths) / 10, at, own)

    def _version(self, what: str, data: bytes, at: int) -> list[Item]:
        text = data.rstrip(b"\0").decode("ascii", "replace").strip()
        said = text if text.isprintable() and text else data.hex(" ")
        if not self._speech.changed(what, said):
            return []
        return [self._speech.notice("device-event", f"the board's {what} is {said}", at, code=said)]
