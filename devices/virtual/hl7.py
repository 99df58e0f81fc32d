"""A virtual monitor that reports as IHE PCD-01 gateways do: an ORU^R01 a second, acknowledged or not.

Each message describes the parts of the device, repeats the last cuff measurement with its own time, and shows the
technical alarms that are on.
"""

from __future__ import annotations

from devices import instant
from devices.instant import SECOND
from devices.virtual.device import Bedside, Observation

START, END = b"\x0b", b"\x1c\r"

PATIENCE = 3
"""So many messages long is an acknowledgement waited for; after that the monitor goes on without."""

_DEVICE = "RISEWATCH_VIRTUAL^00A037FFFE000001^EUI-64"
_PROFILE = "IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO"
_BEAT, _BREATH = "264864^MDC_DIM_BEAT_PER_MIN^MDC", "264928^MDC_DIM_RESP_PER_MIN^MDC"
_MMHG, _PERCENT, _CELSIUS = "266016^MDC_DIM_MMHG^MDC", "262688^MDC_DIM_PERCENT^MDC", "268192^MDC_DIM_DEGC^MDC"
_PARTS = (
    ("69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC", "1.0.0.0"),
    ("69798^MDC_DEV_ECG_VMD^MDC", "1.7.0.0"),
    ("69642^MDC_DEV_ANALY_SAT_O2_VMD^MDC", "1.3.0.0"),
    ("69854^MDC_DEV_METER_PRESS_BLD_VMD^MDC", "1.1.0.0"),
)
_CUFF = (
    ("150301^MDC_PRESS_CUFF_SYS^MDC", "1.1.9.150301", _MMHG),
    ("150302^MDC_PRESS_CUFF_DIA^MDC", "1.1.9.150302", _MMHG),
    ("150303^MDC_PRESS_CUFF_MEAN^MDC", "1.1.9.150303", _MMHG),
    ("149546^MDC_PULS_RATE_NON_INV^MDC", "1.1.9.149546", _BEAT),
)
_ALARM = "5^Hard Inop^MDIL-ALERT"


class Hl7Device:
    """Speaks first. Its control ids count from 1 when it is switched on.

    Args:
        bedside: what it shows. location: its PV1-3. patient: the id in its PID-3; "" if nobody is admitted.

    Attributes:
        sent, acknowledged: messages sent, and how many of them were acknowledged.
    """

    interval = SECOND
    calls_listener = True

    def __init__(self, bedside: Bedside, location: str = "Ward^3^7", patient: str = "V-1") -> None:
        self.sent = 0
        self.acknowledged = 0
        self._bedside = bedside
        self._location = location
        self._patient = patient
        self._due: int | None = None
        self._waiting = 0
        self._held = b""

    def opened(self, at: int) -> bytes:
        """A listener came: what was not acknowledged by another will never be."""
        self._waiting, self._held = 0, b""
        return b""

    def receive(self, data: bytes, at: int) -> bytes:
        self._held = (self._held + data)[-4_096:]
        while END[:1] in self._held:
            answer, _, self._held = self._held.partition(END[:1])
            if b"\rMSA|AA|" in answer or b"\rMSA|CA|" in answer:
                self.acknowledged += 1
                self._waiting = 0
        return b""

    def tick(self, at: int) -> bytes:
        if self._due is None:
            self._due = at
        said = b""
        while at >= self._due:
            # One message is held back for its predecessor's acknowledgement, not for ever.
            if self._waiting == 0 or self._waiting >= PATIENCE:
                said += self.message(self._bedside.observe(self._due), self._due)
                self._waiting = max(self._waiting, 1)
            else:
                self._waiting += 1
            self._due += self.interval
        return said

    def split(self, data: bytes) -> list[bytes]:
        """One frame a message."""
        return [part + END for part in data.split(END) if part]

    def damage(self, frame: bytes) -> bytes:
        """HL7 has no checksum: a wrong bit is noticed where the message begins."""
        return frame.replace(b"MSH", b"MSI", 1)

    def message(self, seen: Observation, at: int) -> bytes:
        """The framed message that shows `seen` at the instant `at`."""
        self.sent += 1
        now = _stamp(at)
        order = f"{self.sent}^{_DEVICE}"
        header = ["MSH", "^~\\&", _DEVICE, "RISEWATCH", "", "", now, "", "ORU^R01^ORU_R01", str(self.sent), "P", "2.6",
                  "", "", "AL", "NE", "", "UNICODE UTF-8", "", "", _PROFILE]  # fmt: skip
        who = f"{self._patient}^^^Hospital^PI" if self._patient else ""
        lines = [
            "|".join(header),
            f"PID|||{who}||{'Person^Virtual^^^^^L' if who else ''}",
            f"PV1||I|{self._location}",
            f"OBR|1|{order}|{order}|182777000^monitoring of patient^SCT|||{now}",
        ]
        for number, row in enumerate(self._rows(seen, now), 1):
            lines.append("|".join(["OBX", str(number), *row]))
        return START + "\r".join(lines).encode() + b"\r" + END

    def _rows(self, seen: Observation, now: str) -> list[list[str]]:
        rows = [["", code, path, "", "", "", "", "", "", "X"] for code, path in _PARTS]
        metrics: list[tuple[str, str, float | None, str, str]] = [
            ("147842^MDC_ECG_HEART_RATE^MDC", "1.7.4.147842", seen.hr, _BEAT, "50-120"),
            ("150456^MDC_PULS_OXIM_SAT_O2^MDC", "1.3.1.150456", seen.spo2, _PERCENT, "90-100"),
            ("149530^MDC_PULS_OXIM_PULS_RATE^MDC", "1.3.1.149530", seen.pr if seen.spo2 is not None else None, _BEAT,
             "50-120"),
            ("151578^MDC_TTHOR_RESP_RATE^MDC", "1.8.1.151578", seen.rr, _BREATH, "8-30"),
            ("150344^MDC_TEMP^MDC", "1.2.1.150344", seen.temp, _CELSIUS, ""),
        ]  # fmt: skip
        if seen.abp is not None:
            for name, number, value in zip(("SYS", "DIA", "MEAN"), (150037, 150038, 150039), seen.abp, strict=True):
                code = f"{number}^MDC_PRESS_BLD_ART_ABP_{name}^MDC"
                metrics.append((code, f"1.1.1.{number}", value, _MMHG, ""))
        rows += [_row(*metric, now) for metric in metrics]
        cuff = seen.cuff
        if cuff.time is not None and not cuff.measuring:
            values = (cuff.sys, cuff.dia, cuff.mean, cuff.pulse)
            rows += [
                [*_row(code, path, value, unit, "", _stamp(cuff.time)), "", "", "^APERIODIC"]
                for (code, path, unit), value in zip(_CUFF, values, strict=True)
            ]
        alarms = [text for value, text in ((seen.spo2, "SpO2 SENSOR OFF"), (seen.hr, "ECG LEADS OFF")) if value is None]
        return [*rows, *(["TX", _ALARM, "", text, "", "", "", "", "", "R", "", "", now] for text in alarms)]


def _row(code: str, path: str, value: float | None, unit: str, limits: str, time: str) -> list[str]:
    """OBX-2 to -14; without a value it is one that has no result."""
    written = "" if value is None else f"{value:g}"
    flag, result = ("", "R") if value is not None else ("INV", "X")
    return ["NM", code, path, written, unit, limits, flag, "", "", result, "", "", time]


def _stamp(at: int) -> str:
    return instant.to_datetime(at).strftime("%Y%m%d%H%M%S") + ".0000+0000"
