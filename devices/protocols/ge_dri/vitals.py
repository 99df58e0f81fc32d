"""Displayed values of a GE monitor as Readings, and its flags as Notices when they change (GE DRI sheet, section 4)."""

from __future__ import annotations

from collections.abc import Iterator

from devices.protocols.ge_dri import values
from devices.protocols.ge_dri.cuff import CuffWatch, Moment
from devices.protocols.ge_dri.records import BASIC, EXT1, EXT2, EXT3, Subrecord
from devices.protocols.ge_dri.values import Group, Place
from devices.protocols.speech import TOLD_MOST
from devices.reading import Item, Notice, Reading, Status
from devices.signals import SIGNALS

NAME = "ge-dri"

_ZEROING = 1 << 2
_ECG_FLAGS = {
    2: ("device-event", "the monitor reports asystole"),
    7: ("signal-poor", "the monitor reports noise on the ECG"),
    8: ("signal-poor", "the monitor reports artefact on the ECG"),
    9: ("device-event", "the monitor is learning the ECG"),
    10: ("device-event", "the pacer detection is on"),
    11: ("lead-off", "ECG channel 1 is off"),
    12: ("lead-off", "ECG channel 2 is off"),
    13: ("lead-off", "ECG channel 3 is off"),
}
"""Bits of the ECG status: kind of notice, and what they say."""

_TOLD_CODES = (values.UNDER_RANGE, values.OVER_RANGE, values.NOT_CALIBRATED)
_ABP = ("ABP_SYS", "ABP_DIA", "ABP_MEAN", "PR")
_ABP_NAMES = ("sys", "dia", "mean", "pr")


class Vitals:
    """Turns subrecords of displayed values into items; remembers what was told, so that a state is told once.

    A module that does not exist gives nothing. One that exists without being active gives readings without value,
    status `off`, whatever numbers it carries. A code (-32001 and below) gives a reading without value, status
    `invalid`; under range, over range and not calibrated are also told in a notice when they begin.
    """

    def __init__(self, cuff: CuffWatch) -> None:
        self._cuff = cuff
        self._on: dict[str, tuple[str, str]] = {}
        self._told: set[str] = set()

    def read(self, subrecord: Subrecord, moment: Moment) -> list[Item]:
        """What one subrecord of displayed values says."""
        kind, data = subrecord.kind, subrecord.values
        if kind == BASIC:
            return list(self._basic(data, moment))
        if kind == EXT1:
            return list(self._ext1(data, moment))
        if kind in (EXT2, EXT3):
            text = f"the class Ext{kind} carries nothing that is used here"
            return list(self.once(f"class {kind}", "ignored", text, moment.at, str(kind)))
        text = f"a subrecord is of class {kind}, which is not known"
        return list(self.once(f"class {kind}", "unknown-parameter", text, moment.at, str(kind)))

    def once(self, key: str, kind: str, text: str, at: int, code: str = "") -> Iterator[Notice]:
        """A notice that is given the first time only; none after TOLD_MOST of them."""
        if key not in self._told and len(self._told) < TOLD_MOST:
            self._told.add(key)
            yield Notice(at, at, kind, text, code=code, source=NAME)

    def _basic(self, data: bytes, moment: Moment) -> Iterator[Item]:
        yield from self._ecg(values.ECG.read(data), moment.at)
        for place in values.PRESSURES:
            yield from self._pressure(place, data, moment.at)
        nibp = values.NIBP.read(data)
        yield from self._active(values.NIBP, nibp, "device-event", "the cuff is not active", moment.at)
        if nibp.exists and nibp.active:
            yield from self._cuff.show(nibp, moment)
        for place in values.TEMPERATURES:
            yield from self._temperature(place, data, moment.at)
        yield from self._saturation(values.SPO2, data, moment.at)

    def _ext1(self, data: bytes, moment: Moment) -> Iterator[Item]:
        for place in values.EXT1_PRESSURES:
            yield from self._pressure(place, data, moment.at)
        yield from self._saturation(values.EXT1_SPO2, data, moment.at)
        for place in values.EXT1_TEMPERATURES:
            yield from self._temperature(place, data, moment.at)

    def _ecg(self, group: Group, at: int) -> Iterator[Item]:
        yield from self._active(values.ECG, group, "lead-off", "the ECG is not active", at)
        if not group.exists:
            return
        for bit, (kind, text) in _ECG_FLAGS.items():
            yield from self._flag(f"ecg {bit}", kind if group.status >> bit & 1 else "", text, at, "HR", f"bit {bit}")
        source = values.rate_source(group.status)
        signal, name = "HR", "ecg.hr"
        if source not in values.ECG_SOURCES:
            signal, name = "PR", f"hr.{values.PULSE_SOURCES.get(source, f'source{source}')}"
        if signal == "PR" and source not in values.PULSE_SOURCES:
            text = f"the heart rate comes from source {source}, which is not known: it is taken for a pulse rate"
            yield from self.once(f"source {source}", "unknown-parameter", text, at, str(source))
        yield from self._value(signal, name, group, 0, at)
        yield from self._value("RR", "ecg.imp_rr", group, 4, at)

    def _pressure(self, place: Place, data: bytes, at: int) -> Iterator[Item]:
        group = place.read(data)
        if not group.exists:
            return
        label = values.LABELS.get(group.label)
        if group.label not in values.ARTERIAL:
            if group.active:
                kind = "ignored" if label else "unknown-parameter"
                text = f"{place.name} is labelled {label or group.label}: it is not taken for an arterial pressure"
                yield from self.once(f"{place.name} label {group.label}", kind, text, at, str(group.label))
            return
        text = f"the line {place.name} ({label}) is not active"
        yield from self._active(place, group, "device-event", text, at)
        zeroing = bool(group.status & _ZEROING)
        text = f"the line {place.name} ({label}) is being zeroed"
        yield from self._flag(f"{place.name} zeroing", "device-event" if zeroing else "", text, at, "ABP_SYS")
        for index, signal in enumerate(_ABP):
            # What a transducer shows while it is open to the air is a value, but not of the patient.
            doubt = Status.QUESTIONABLE if zeroing else Status.OK
            yield from self._value(signal, f"{place.name}.{_ABP_NAMES[index]}", group, index, at, doubt)

    def _temperature(self, place: Place, data: bytes, at: int) -> Iterator[Item]:
        group = place.read(data)
        if group.exists:
            yield from self._value("TEMP", f"{place.name}.temp", group, 0, at)

    def _saturation(self, place: Place, data: bytes, at: int) -> Iterator[Item]:
        group = place.read(data)
        if not group.exists:
            return
        yield from self._active(place, group, "probe-off", f"the oximeter ({place.name}) is not active", at)
        yield from self._value("SPO2", f"{place.name}.spo2", group, 0, at)
        yield from self._value("PR", f"{place.name}.pr", group, 1, at)

    def _value(
        self, signal: str, name: str, group: Group, index: int, at: int, doubt: Status = Status.OK
    ) -> Iterator[Item]:
        source = f"{NAME}:{name}"
        if not group.active:
            yield Reading(at, at, signal, None, SIGNALS[signal].unit, Status.OFF, source)
            return
        raw = group.values[index]
        told = raw in _TOLD_CODES
        text = f"{signal} ({name}) is {values.meaning(raw)}"
        yield from self._flag(f"code {name}", f"device-event {raw}" if told else "", text, at, signal, str(raw))
        value, status, unit = values.judge(signal, raw)
        if value is not None and doubt is not Status.OK:
            status = doubt
        yield Reading(at, at, signal, value, unit, status, source)

    def _active(self, place: Place, group: Group, kind: str, text: str, at: int) -> Iterator[Item]:
        if group.exists:
            signal = {"ecg": "HR", "nibp": "NIBP_SYS"}.get(place.name, "SPO2" if "spo2" in place.name else "ABP_SYS")
            yield from self._flag(f"{place.name} inactive", "" if group.active else kind, text, at, signal)

    def _flag(self, key: str, state: str, text: str, at: int, signal: str, code: str = "") -> Iterator[Item]:
        """A notice when a state begins, and one when it ends; `state` begins with the kind of notice, "" is off."""
        before, said = self._on.get(key, ("", ""))
        if state == before:
            return
        self._on[key] = state, text
        if state:
            yield Notice(at, at, state.split()[0], text, signal, code, NAME)
        else:
            yield Notice(at, at, "device-event", f"no longer: {said}", signal, code, NAME)
