"""One bed's messages made into Readings and Notices: the state of one monitor behind a port (HL7 sheet, section 4)."""

from __future__ import annotations

from datetime import tzinfo

from devices.instant import MINUTE, SECOND
from devices.protocols.base import Counters
from devices.protocols.hl7 import places
from devices.protocols.hl7.alerts import AlertMemory, alerts_of, is_alert
from devices.protocols.hl7.cuff import CuffMemory, Determination
from devices.protocols.hl7.message import Message, Row
from devices.protocols.hl7.places import Place
from devices.protocols.hl7.quantities import MODE, is_cuff_group
from devices.protocols.hl7.rows import TRUST, RowRefused, Value, weigh
from devices.protocols.hl7.timing import Timing
from devices.protocols.speech import Speech
from devices.reading import VALUELESS, Item, Reading, Status

RAW_KEPT = 256
STILL_THERE = MINUTE
"""A patient heard of so recently has not gone: messages of another one without a location are not this bed's (µs)."""

_TOLD_MOST = 500
_PATHS_MOST = 4
_SHOWN_MOST = 60
_OXIMETER = frozenset({"spo2", "spo2.pr"})
_SPOT = "SPOT"


class Station:
    """What is remembered of one bed's monitor.

    Args:
        speech: makes the items. counters: of this bed alone.
    """

    def __init__(self, speech: Speech, counters: Counters) -> None:
        self.counters = counters
        self.timing = Timing()
        self.place: Place = ()
        self._speech = speech
        self._cuff = CuffMemory()
        self._alerts = AlertMemory()
        self._patient: str | None = None
        self._device = ""
        self._seen: int | None = None
        self._told = 0
        self._paths: dict[str, list[str]] = {}
        self._last_time: dict[str, tuple[int, float | None]] = {}

    # -- whose message -----------------------------------------------------------------------------------------

    def why_not(self, message: Message, place: Place, at: int | None, zone: tzinfo) -> str:
        """Why `message`, which came at `at`, may not be used for this bed; "" if it may.

        A bed takes the messages of one location: the first it hears of. Where messages carry none, the patient and the
        sender tell.
        """
        if place:
            if self.place and places.identity(place) != places.identity(self.place):
                return (
                    f"messages of {places.text_of(place)} come on the port of {places.text_of(self.place)}:"
                    " they are not used; give each bed its 'location'"
                )
            self.place = place
            return ""
        who, device = places.patient(message.patient, message.delimiters), places.device(message)
        if who and self._patient and who != self._patient:
            other = "patient"
        elif device and self._device and device != self._device:
            other = "monitor"
        else:
            return ""
        moment = at if at is not None else self.timing.peek(message, zone)
        if moment is None or self._seen is None or abs(moment - self._seen) < STILL_THERE:
            return (
                f"messages of another {other} come without a location (PV1-3), while those of the first go on:"
                " they are not used; let the sender give the location"
            )
        return ""

    # -- what it says ------------------------------------------------------------------------------------------

    def take(self, message: Message, at: int | None, zone: tzinfo, assumed_start: int | None) -> list[Item]:
        """What `message`, which came at `at` (None: bytes without stamps), says."""
        timing = self.timing
        timing.zone, timing.assumed_start = zone, assumed_start
        timing.begin(message, at)
        heard = timing.received
        items = self._about_times(heard)
        items += self._about_device(message, heard)
        items += self._about_patient(message, heard)
        self._seen = heard
        alerts = alerts_of(message)
        for alert in self._alerts.new(alerts, heard):
            items.append(self._speech.notice(
                alert.kind, alert.text, heard, signal=alert.signal, code=alert.code,
                raw=alert.raw.encode("utf-8", "replace")[:RAW_KEPT],
            ))  # fmt: skip
        usual = Status.DEMO if _is_demonstration(message) else TRUST
        is_off = any(alert.kind == "probe-off" for alert in alerts)
        cuffs: dict[int | None, Determination] = {}
        for row in message.rows:
            if row.what.quantity is None:
                items += self._unknown(row, message, heard)
                continue
            value = weigh(row, message, usual)
            if isinstance(value, RowRefused):
                if row.what.quantity is not MODE:
                    items += self._once(value.kind, value.reason, heard, row, message)
                continue
            for kind, text in value.remarks:
                items += self._once(kind, text, heard, row, message)
            if value.quantity.is_cuff:
                self._gather(cuffs, row, value, message)
            else:
                items += self._continuous(row, value, message, is_off)
        for device in sorted(cuffs, key=lambda each: (each is not None, each or 0)):
            items += self._measurement(cuffs[device], heard)
        return items + self._zone_notice(heard)

    def _about_times(self, heard: int) -> list[Item]:
        jumped = self.timing.jumped
        if jumped is None:
            return []
        way = "ahead of" if jumped > 0 else "behind"
        text = f"the sender's clock is {abs(jumped) // SECOND} s {way} this machine's; ours is used"
        return [self._speech.notice("clock-offset", text, heard, code=str(jumped // SECOND))]

    def _zone_notice(self, heard: int) -> list[Item]:
        items: list[Item] = []
        if self.timing.has_no_zone:
            text = f"times in the messages carry no zone: they were read in {self.timing.zone}"
            items += self._speech.once("zone", self._speech.notice("time-assumed", text, heard))
        if self.timing.is_assumed:
            text = "messages carry no time: one a minute was assumed"
            items += self._speech.once("time", self._speech.notice("time-assumed", text, heard))
        return items

    def _about_device(self, message: Message, heard: int) -> list[Item]:
        device = places.device(message)
        if not device or device == self._device or self._told >= _TOLD_MOST:
            return []
        self._device, before = device, self._device
        text = f"another monitor or gateway sends now: {device}" if before else f"the sender is {device}"
        self._told += 1
        return self._speech.once(f"device {device}", self._speech.notice("device-event", text, heard, code=device))

    def _about_patient(self, message: Message, heard: int) -> list[Item]:
        who = places.patient(message.patient, message.delimiters)
        if who is None:
            return []
        before, self._patient = self._patient, who
        if before is None or who == before:
            return []
        if who and before:
            text = "another patient: the monitor's messages now name someone else than before"
        elif who:
            text = "the monitor's messages now name a patient: another patient, or one admitted now"
        else:
            text = "the monitor's messages no longer name a patient: nobody is admitted there"
        return [self._speech.notice("device-event", text, heard, code="patient")]

    def _unknown(self, row: Row, message: Message, heard: int) -> list[Item]:
        """A row that measures nothing known. Rows that only describe the device's parts say nothing."""
        if is_alert(row, message):
            return []
        if not row.fields[2].strip() and not row.fields[5].strip():
            return []
        label = (row.what.label or row.fields[4] or "without a name")[:_SHOWN_MOST]
        if not isinstance(row.value, float) or row.fields[2].strip().upper() not in ("", "NM", "SN", "ST"):
            # Free text may name a person: what it says is not shown.
            named = row._replace(fields=row.fields[:5])
            return self._once("ignored", f"rows {label} hold no number and are left out", heard, named, message)
        return self._once("unknown-parameter", f"the parameter {label} is not known and left out", heard, row, message)

    def _continuous(self, row: Row, value: Value, message: Message, is_off: bool) -> list[Item]:
        timing = self.timing
        device = timing.row(row, message)
        own, status = self._own(value.quantity.own, row.fields[4]), value.status
        if value.value is None and is_off and value.quantity.own in _OXIMETER:
            status = Status.OFF
        items: list[Item] = []
        if device is not None and not timing.is_believable(device):
            items += self._wrong_time(row, message)
            device = timing.sent
        if device is not None and not timing.is_now(device):
            # A gateway that sends more often than its monitor measures repeats the sample, with its time.
            if self._last_time.get(own) == (device, value.value):
                return items
            self._last_time[own] = (device, value.value)
        measured = timing.received if device is None else timing.ours(device)
        return [*items, self._reading(value.quantity.signal, value.value, status, own, measured)]

    def _reading(self, signal: str, value: float | None, status: Status, own: str, measured: int) -> Reading:
        heard = self.timing.received
        if value is None or status in VALUELESS:
            return self._speech.reading(signal, None, status, heard, own, measured)
        return self._speech.number(signal, value, heard, own, status=status, measured=measured)

    def _own(self, own: str, path: str) -> str:
        """The name of a series: a second place of the same quantity (two temperatures) is another series."""
        known, path = self._paths.setdefault(own, []), path[:_SHOWN_MOST]
        if path not in known:
            if len(known) == _PATHS_MOST:
                return own
            known.append(path)
        return own if known[0] == path else f"{own}@{path}"

    def _wrong_time(self, row: Row, message: Message) -> list[Item]:
        text = f"{row.what.label} is dated {row.fields[14]}, which its message contradicts: not used as a time"
        return self._once("clock-offset", text, self.timing.received, row, message, key=f"dated {row.what.label}")

    # -- cuff --------------------------------------------------------------------------------------------------

    def _gather(self, cuffs: dict[int | None, Determination], row: Row, value: Value, message: Message) -> None:
        """Adds a row to the measurement it belongs to: rows of one time are one."""
        timing = self.timing
        device = timing.row(row, message) if row.time is not None else self._time_of_channel(row, message)
        if device is None:
            device = self._group_time(row, message)
        if device is not None:
            device -= device % SECOND
        seen = cuffs.setdefault(device, Determination(device, device is not None and timing.is_now(device)))
        seen.values[value.quantity.own] = (value.value, value.status)
        seen.corrected |= row.fields[11].strip().upper() == "C"
        if value.value is None and not seen.code:
            seen.code = row.fields[5].strip() or row.fields[8].strip() or row.fields[11].strip() or "none"

    def _time_of_channel(self, row: Row, message: Message) -> int | None:
        """The OBX-14 of the row without value that describes the channel in which `row` stands, by the paths in OBX-4:
        so blood pressure monitors date a measurement once for its parts (IHE PCD-01, Continua)."""
        path = row.fields[4]
        for each in message.rows if path.count(".") > 2 else ():
            channel = each.fields[4].removesuffix(".0")
            is_channel = not each.fields[2] and not each.fields[5] and channel.count(".") == 2
            if each.time is not None and is_channel and path.startswith(f"{channel}."):
                return self.timing.row(each, message)
        return None

    def _group_time(self, row: Row, message: Message) -> int | None:
        """The OBR-7 of a cuff row without a time of its own: only where the group is a measurement, by its name, or by
        its rows and a time that is not the message's."""
        if not row.group:
            return None
        name, device = message.groups[row.group - 1].name, self.timing.group(row, message)
        if device is None or is_cuff_group(name) or _SPOT in name.upper():
            return device
        others = (each.what.quantity for each in message.rows if each.group == row.group)
        is_its_own = all(each is not None and each.is_cuff for each in others) and not self.timing.is_now(device)
        return device if is_its_own else None

    def _measurement(self, seen: Determination, heard: int) -> list[Item]:
        speech, timing = self._speech, self.timing
        if seen.is_empty:
            if not self._cuff.failed(seen) or seen.device is None or not timing.is_believable(seen.device):
                return []
            text = f"a cuff measurement gave no result: {seen.code}"
            return [speech.notice(
                "cuff-failed", text, heard, signal="NIBP", code=seen.code, own="nibp", measured=timing.ours(seen.device)
            )]  # fmt: skip
        first = seen.device is None and self._cuff.is_first_undated()
        told_before = seen.device is not None and self._cuff.was_told(seen.device)
        news = self._cuff.news(seen, timing.sent if timing.sent is not None else heard)
        if not news:
            return []
        items: list[Item] = []
        is_believable = seen.device is not None and timing.is_believable(seen.device)
        measured = timing.ours(seen.device) if seen.device is not None and is_believable else timing.now()
        is_undated = first or (seen.device is not None and not is_believable)
        if is_undated:
            measured = heard
        if told_before and len(news) == len(seen.values):
            text = "the monitor corrects a cuff measurement that it showed before"
            items.append(speech.notice("device-event", text, heard, signal="NIBP", own="nibp", measured=measured))
        judged = seen.judged()
        for own in ("nibp.sys", "nibp.dia", "nibp.mean", "nibp.pr"):
            if own not in judged or (told_before and own not in news):
                continue
            value, status = judged[own]
            if value is not None and is_undated and status in (Status.OK, Status.UNVERIFIED, Status.RANGE):
                status = Status.AGE_UNKNOWN
            signal = "PR" if own == "nibp.pr" else f"NIBP_{own.rpartition('.')[2].upper()}"
            items.append(self._reading(signal, value, status, own, measured))
        return items

    # -- told once ---------------------------------------------------------------------------------------------

    def _once(
        self, kind: str, text: str, heard: int, row: Row, message: Message, key: str = ""
    ) -> list[Item]:  # fmt: skip
        if self._told >= _TOLD_MOST:
            return []
        raw = message.delimiters.field.join(row.fields).rstrip(message.delimiters.field).encode("utf-8", "replace")
        signal = row.what.quantity.signal if row.what.quantity is not None else ""
        notice = self._speech.notice(kind, text, heard, signal=signal, code=row.what.code, raw=raw[:RAW_KEPT])
        told = self._speech.once(key or text, notice)
        self._told += len(told)
        return told


def _is_demonstration(message: Message) -> bool:
    return any(row.what.quantity is MODE and "DEMO" in row.fields[5].upper() for row in message.rows)
