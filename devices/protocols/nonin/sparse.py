"""Formats 1, 8 and 13 and the text lines: a sample for each record or line."""

from __future__ import annotations

from devices.protocols.base import Counters
from devices.protocols.framing import RAW_KEPT, Refused, Skipped
from devices.protocols.nonin import conditions, spot_check, text_line
from devices.protocols.nonin.shapes import NO_PULSE, NO_SPO2, pulse_of
from devices.protocols.nonin.times import Times
from devices.protocols.oximeter import GOOD, Condition, Oximeter
from devices.protocols.speech import Speech
from devices.reading import Item, Status

_NO_MEASUREMENT = Condition(Status.INVALID, "no measurement", "the spot check gave no measurement")
_LOST = "not the form of a line"


class Sparse:
    """Reads records and lines."""

    def __init__(self, speech: Speech, oximeter: Oximeter, times: Times, counters: Counters) -> None:
        self._speech = speech
        self._counters = counters
        self._oximeter = oximeter
        self._times = times

    def record(self, record: bytes, at: int | None) -> list[Item]:
        """A record of format 8, or of format 1, which is the same without its last byte. No sum guards them."""
        self._counters.frames += 1
        items = self._times.tick(at)
        when = self._times.when(at)
        pulse, spo2 = _shown(pulse_of(record[0], record[1]), NO_PULSE), _shown(record[2], NO_SPO2)
        second = record[3] if len(record) > 3 else 0
        if len(record) > 3:
            items += conditions.battery(self._speech, bool(second & 0x01), when)
        condition = conditions.of_record(record[0], second, is_there=not (pulse is None and spo2 is None))
        return items + self._oximeter.sample(spo2, pulse, condition, when)

    def spot_check(self, record: bytes, at: int | None) -> list[Item]:
        """A record of format 13, verified by its sum."""
        self._counters.frames += 1
        found = spot_check.read(record)
        when, items = self._times.dated(found, at)
        items += conditions.battery(self._speech, found.low_battery, when)
        # From memory: measured earlier, and nothing tells how its clock stands against ours.
        good = Status.AGE_UNKNOWN if found.from_memory and at is not None else Status.OK
        condition = _NO_MEASUREMENT if found.no_measurement else GOOD
        spo2, pulse = _shown(found.spo2, NO_SPO2), _shown(found.pulse, NO_PULSE)
        return items + self._oximeter.sample(spo2, pulse, condition, when, good=good)

    def line(self, line: bytes, at: int | None) -> tuple[list[Refused | Skipped], list[Item]]:
        """A text line: what of it is refused or left out, and what it says."""
        starts = list(text_line.START.finditer(line))
        if not starts:
            header = self._header(line, at)
            return ([Refused(line[:RAW_KEPT], _LOST)], []) if header is None else ([], header)
        # Of several in one line all but the last have lost their ends.
        begin = starts[0].start()
        before: list[Refused | Skipped] = [Skipped(line[:begin][:RAW_KEPT], begin)] if begin else []
        for each in starts[1:]:
            before.append(Refused(line[begin : each.start()][:RAW_KEPT], "cut"))
            begin = each.start()
        found = text_line.read(line[begin:])
        if found is None:
            return [*before, Refused(line[begin:][:RAW_KEPT], _LOST)], []
        self._counters.frames += 1
        items = self._times.tick(at)
        when = self._times.when(at)
        if self._speech.changed("mark", "*" if found.is_marked else "") and found.is_marked:
            text = "the oximeter marks its line: its event button was pressed, or it alarms"
            items.append(self._speech.notice("device-event", text, when, code="*"))
        for mark in found.strange:
            text = f"the mark {mark} is not known to this driver"
            notice = self._speech.notice("unknown-parameter", text, when, code=mark, raw=line)
            items += self._speech.once(f"mark {mark}", notice)
        return before, items + self._oximeter.sample(found.spo2, found.pulse, GOOD, when)

    def _header(self, line: bytes, at: int | None) -> list[Item] | None:
        """The header of a monitor that was just switched on; None if the line is no text at all."""
        text = line.strip(b"\0 ").decode("latin-1")
        if not (text.isascii() and text.isprintable() and any(letter.isalnum() for letter in text)):
            return None
        said = "the oximeter prints a header, as it does when it is switched on"
        # Only what names the maker is shown: other lines may hold what somebody typed in.
        if "nonin" in text.lower():
            said += f": {text}"
        if not self._speech.changed("header", said):
            return []
        return [self._speech.notice("device-event", said, self._times.when(at), code="header")]


def _shown(value: int, none: int) -> int | None:
    return None if value == none else value
