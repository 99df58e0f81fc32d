"""Numbers of an IntelliVue monitor as Readings, what it says of itself as Notices (Philips sheet, sections 4.5, 5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from devices.instant import SECOND
from devices.protocols.philips_intellivue import values
from devices.protocols.philips_intellivue.association import TICK
from devices.protocols.philips_intellivue.clock import MonitorClock, read_absolute
from devices.protocols.philips_intellivue.cuff import CuffWatch, Moment, Stamp
from devices.protocols.philips_intellivue.messages import Observation, PollResult, read_records
from devices.protocols.philips_intellivue.values import RECORD, Record
from devices.protocols.speech import Speech
from devices.reading import USED, Item, Reading, Status
from devices.signals import SIGNALS

VALUE, COMPOUND = 0x0950, 0x094B
ABSOLUTE_STAMP, RELATIVE_STAMP = 0x0990, 0x0991
LABEL = 0x0924
MODEL, BED, MODE, ABSOLUTE_TIME, RELATIVE_TIME = 0x0928, 0x091E, 0x0946, 0x0987, 0x098F

DEMO_MODE, SERVICE_MODE = 0x2000, 0x1000
_MODES = {0x8000: "unspecified", 0x4000: "monitoring", DEMO_MODE: "demo", SERVICE_MODE: "service", 0x0002: "standby",
          0x0001: "configuration"}  # fmt: skip

_TOO_SOON = 900_000
"""A second number of the same object is left out if it comes sooner (µs): numbers come every 1.024 s."""

_OBJECTS = 512
"""So many objects are remembered: a monitor has some dozens."""

_LOST = {"SPO2": "probe-off", "HR": "lead-off"}


class _Cuff(Struct):
    """What one answer says of the cuff."""

    records: dict[str, Record] = field(default_factory=dict)
    stamp: Stamp | None = None
    pulse: Record | None = None
    pulse_stamp: Stamp | None = None


class Vitals:
    """Turns answers into items; remembers what was told, so that a state is told once."""

    def __init__(self, speech: Speech, cuff: CuffWatch) -> None:
        self.mode = 0
        self._speech = speech
        self._cuff = cuff
        self._labels: dict[tuple[int, int], int] = {}
        self._newest: dict[tuple[int, int, int], int] = {}
        self._names: dict[tuple[int, int, int], tuple[str, str]] = {}

    def forget_objects(self) -> None:
        """A new association: handles may be given anew."""
        self._labels.clear()
        self._newest.clear()
        self._names.clear()

    def numbers(
        self, observations: Iterable[Observation], result: PollResult, clock: MonitorClock, moment: Moment
    ) -> list[Item]:
        """What the objects in `result`, an answer to a poll of numerics, say.

        Raises:
            ShapeError: the lengths inside a value contradict each other.
        """
        items: list[Item] = []
        cuff = _Cuff()
        for observation in observations:
            items += self._object(observation, result, clock, moment, cuff)
        if cuff.records:
            items += self._cuff.show(cuff.records, cuff.stamp, moment)
        if cuff.pulse is not None:
            items += self._cuff.pulse(cuff.pulse, cuff.pulse_stamp, moment)
        return [self._in_mode(item) for item in items]

    def system(self, attributes: dict[int, bytes], at: int) -> Iterator[Item]:
        """What the monitor says of itself: model, bed, operating mode."""
        model = " ".join(_strings(attributes.get(MODEL, b"")))
        bed = attributes.get(BED, b"")[2:].decode("utf-16-be", "replace").split("\0")[0].strip()
        if model and self._speech.changed("identity", f"{model}/{bed}"):
            text = f"the monitor is a {model}" + (f", labelled {bed!r}" if bed else "")
            yield self._speech.notice("device-event", text, at, code=model)
        if len(attributes.get(MODE, b"")) == 2:
            self.mode = int.from_bytes(attributes[MODE])
            if self._speech.changed("mode", f"{self.mode:04X}"):
                yield self._mode_notice(at)

    def _mode_notice(self, at: int) -> Item:
        named = [name for bit, name in _MODES.items() if self.mode & bit] or ["unknown"]
        text = f"the monitor's operating mode is {', '.join(named)}"
        if self.mode & DEMO_MODE:
            text += ": what it shows is made up, and marked as such"
        elif self.mode & SERVICE_MODE:
            text += ": what it shows is taken for a test"
        return self._speech.notice("device-event", text, at, code=f"{self.mode:04X}")

    def _in_mode(self, item: Item) -> Item:
        if isinstance(item, Reading) and item.value is not None and self.mode & (DEMO_MODE | SERVICE_MODE):
            return replace(item, status=Status.DEMO if self.mode & DEMO_MODE else Status.TEST)
        return item

    def _object(
        self, observation: Observation, result: PollResult, clock: MonitorClock, moment: Moment, cuff: _Cuff
    ) -> Iterator[Item]:
        place = (observation.context, observation.handle)
        attributes = observation.attributes
        if len(attributes.get(LABEL, b"")) == 4 and len(self._labels) < _OBJECTS:
            self._labels[place] = int.from_bytes(attributes[LABEL])
        label = self._labels.get(place)
        for record in _records(attributes):
            found = values.quantity(record.physio, label)
            if found is None:
                yield from self._unknown(record, label, attributes, moment.at)
                continue
            signal, own = found
            if not values.has_unit_of(signal, record.unit):
                text = f"{signal} ({own}) came in the unit {record.unit:04X}, which it cannot have: it is left out"
                notice = self._speech.notice(
                    "value-refused", text, moment.at, signal=signal, code=f"{record.unit:04X}", own=own,
                    raw=attributes.get(VALUE) or attributes.get(COMPOUND, b""),
                )  # fmt: skip
                yield from self._speech.once(f"unit {record.physio} {record.unit}", notice)
            elif record.physio in values.CUFF:
                cuff.records[signal] = record
                cuff.stamp = _stamp(attributes, result, clock, moment)
            elif record.physio == values.CUFF_PULSE:
                cuff.pulse, cuff.pulse_stamp = record, _stamp(attributes, result, clock, moment)
            elif self._is_due((*place, record.physio), moment):
                yield from self._value(signal, self._own_name((*place, record.physio), own), record, moment.at)

    def _is_due(self, key: tuple[int, int, int], moment: Moment) -> bool:
        before = self._newest.get(key)
        if before is not None and before - 10 * SECOND <= moment.device < before + _TOO_SOON:
            return False
        if before is None and len(self._newest) >= _OBJECTS:
            self._newest.clear()
        self._newest[key] = moment.device
        return True

    def _own_name(self, key: tuple[int, int, int], own: str) -> str:
        """`own`, with a number if another object of this monitor has that name: two oximeters without a label."""
        before = self._names.get(key)
        if before is not None and before[0] == own:
            return before[1]
        others = {name for place, (_, name) in self._names.items() if place != key}
        stem, dot, last = own.partition(".")
        number, name = 1, own
        while name in others:
            number += 1
            name = f"{stem}-{number}{dot}{last}"
        if len(self._names) < _OBJECTS:
            self._names[key] = own, name
        return name

    def _value(self, signal: str, own: str, record: Record, at: int) -> Iterator[Item]:
        value, status = values.judge(signal, record)
        lost = "lost" if value is None and status is not Status.MEASURING else ""
        if self._speech.changed(own, lost or ("doubted" if status is Status.QUESTIONABLE else "")):
            kind = _LOST.get(signal) if lost else ("signal-poor" if status is Status.QUESTIONABLE else None)
            if kind:
                text = f"{SIGNALS[signal].label} ({own}): {record.why()}"
                yield self._speech.notice(kind, text, at, signal=signal, code=f"{record.state:04X}", own=own)
        if value is None:
            yield self._speech.reading(signal, None, status, at, own)
        elif value == 0 and signal == "HR" and status in USED:
            yield self._speech.reading(signal, value, status, at, own)
        else:
            yield self._speech.number(signal, value, at, own, status=status)

    def _unknown(self, record: Record, label: int | None, attributes: dict[int, bytes], at: int) -> Iterator[Item]:
        code = f"{record.physio:04X}"
        if label is not None and label >> 16 == values.SETTING:
            text = f"{code} is a setting, not a measurement: it is left out"
            yield from self._speech.once(f"setting {code}", self._speech.notice("ignored", text, at, code=code))
        elif name := values.other(record.physio):
            text = f"{code} ({name}) is known, and left out"
            yield from self._speech.once(f"other {name}", self._speech.notice("ignored", text, at, code=code))
        else:
            raw = attributes.get(VALUE) or attributes.get(COMPOUND, b"")
            text = f"the monitor also sends {code} in the unit {record.unit:04X}, which is not one of our signals"
            notice = self._speech.notice("unknown-parameter", text, at, code=code, raw=raw)
            yield from self._speech.once(f"physio {code}", notice)


def _records(attributes: dict[int, bytes]) -> Iterator[Record]:
    if len(attributes.get(VALUE, b"")) == RECORD:
        yield Record.read(attributes[VALUE])
    if COMPOUND in attributes:
        for data in read_records(attributes[COMPOUND], RECORD):
            yield Record.read(data)


def _stamp(attributes: dict[int, bytes], result: PollResult, clock: MonitorClock, moment: Moment) -> Stamp | None:
    absolute = attributes.get(ABSOLUTE_STAMP, b"")
    measured = read_absolute(absolute)
    if measured is not None:
        wall = clock.wall(moment.device)
        return Stamp(absolute, None if wall is None else wall - measured)
    relative = attributes.get(RELATIVE_STAMP, b"")
    if len(relative) != 4 or relative == b"\xff" * 4:
        return None
    ticks = int.from_bytes(relative)
    return Stamp(relative, ((result.ticks - ticks + (1 << 31)) % (1 << 32) - (1 << 31)) * TICK)


def _strings(data: bytes) -> list[str]:
    """The length-prefixed strings in `data`."""
    found = []
    while len(data) >= 2:
        length = int.from_bytes(data[:2])
        found.append(data[2 : 2 + length].split(b"\0")[0].decode("ascii", "replace").strip())
        data = data[2 + length :]
    return [text for text in found if text]
