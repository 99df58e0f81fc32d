"""HL7 messages as the tests of its driver write them."""

from __future__ import annotations

from devices import instant
from devices.protocols.hl7.driver import Hl7
from devices.reading import Item, Notice, Reading

S = instant.SECOND
AT = instant.parse("2026-03-02T08:15:00Z")
"""When the worked example was sent, by its own clock."""

PCD_HEADER = (
    r"MSH|^~\&|GW^00A037000A0B0C0D^EUI-64|EXAMPLE|||20260302091500.0000+0100||ORU^R01^ORU_R01|871|P|2.6|||AL|NE||"
    "UNICODE UTF-8|||IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO"
)
PID = "PID|||T-42^^^Hospital^PI||Test^Person^^^^^L||19700101|F"
PV1 = "PV1||I|Ward^3^7^Site"
OBR = (
    "OBR|1|871^GW^00A037000A0B0C0D^EUI-64|871^GW^00A037000A0B0C0D^EUI-64|182777000^monitoring of patient^SCT|||"
    "20260302091500.0000+0100"
)
PCD = (
    PCD_HEADER,
    PID,
    PV1,
    OBR,
    "OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X",
    "OBX|2|NM|147842^MDC_ECG_HEART_RATE^MDC|1.7.4.147842|118|264864^MDC_DIM_BEAT_PER_MIN^MDC|50-120||||R|||"
    "20260302091500.0000+0100",
    "OBX|3|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.3.1.150456|97|262688^MDC_DIM_PERCENT^MDC|||||R|||"
    "20260302091500.0000+0100",
    "OBX|4|NM|150301^MDC_PRESS_CUFF_SYS^MDC|1.1.9.150301|164|266016^MDC_DIM_MMHG^MDC|||||R|||"
    "20260302090512.0000+0100|||^APERIODIC",
    "OBX|5|NM|150302^MDC_PRESS_CUFF_DIA^MDC|1.1.9.150302|96|266016^MDC_DIM_MMHG^MDC|||||R|||"
    "20260302090512.0000+0100|||^APERIODIC",
)
"""The sheet's worked example in the style of IHE PCD-01, line by line."""

PHILIPS = (
    r"MSH|^~\&|||||||ORU^R01|HP26030209150017|P|2.3||||||8859/1",
    "PID|||T-42||Test^Person||19700101|F",
    "PV1||I|^^Bed7&0&0",
    "OBR|||||||20260302091500",
    "OBX||NM|0002-4182^HR^MDIL|0|118|0004-0aa0^bpm^MDIL|50-120||||F",
    "OBX||NM|0002-4a05^NBPs^MDIL|0|164|0004-0f20^mmHg^MDIL|||||F|||20260302090512",
    "OBX||TX|2^Yellow Alarm^MDIL-ALERT||** HR 124 > 120||||||F",
)
"""The sheet's worked example in the style of a Philips information centre."""


def block(*lines: str, end: str = "\r", encoding: str = "utf-8") -> bytes:
    """The lines as one framed message."""
    return b"\x0b" + "".join(line + end for line in lines).encode(encoding) + b"\x1c\r"


def message(*rows: str, control: str = "1", sent: str = "20260302091500+0100", location: str = "Ward^3^7") -> bytes:
    """A framed message with these rows behind a header, a patient and a location."""
    header = rf"MSH|^~\&|GW|EXAMPLE|||{sent}||ORU^R01^ORU_R01|{control}|P|2.6"
    return block(header, PID, f"PV1||I|{location}", f"OBR|1|||182777000^monitoring of patient^SCT|||{sent}", *rows)


def row(code: str, value: str, unit: str = "", *, time: str = "", kind: str = "NM", limits: str = "", flags: str = "",
        result: str = "R", path: str = "") -> str:  # fmt: skip
    """An OBX of these fields."""
    return f"OBX|1|{kind}|{code}|{path}|{value}|{unit}|{limits}|{flags}|||{result}|||{time}"


HR, BPM = "147842^MDC_ECG_HEART_RATE^MDC", "264864^MDC_DIM_BEAT_PER_MIN^MDC"
SPO2, PERCENT = "150456^MDC_PULS_OXIM_SAT_O2^MDC", "262688^MDC_DIM_PERCENT^MDC"
SYS, DIA, MEAN = (f"{150021 + at}^MDC_PRESS_BLD_NONINV_{part}^MDC" for at, part in enumerate(("SYS", "DIA", "MEAN")))
TEMP, CELSIUS = "150344^MDC_TEMP^MDC", "268192^MDC_DIM_DEGC^MDC"
MMHG = "266016^MDC_DIM_MMHG^MDC"


def heard(*blocks: bytes, at: int | None = AT, driver: Hl7 | None = None) -> list[Item]:
    """All that a driver says of the blocks, come at `at`, up to their end, but for who the sender is."""
    driver = driver or Hl7()
    items: list[Item] = []
    for each in blocks:
        items += driver.receive(each, at)
    return [*(item for item in items if not is_sender(item)), *driver.finish(at)]


def is_sender(item: Item) -> bool:
    """Whether it only says who the sender is."""
    return isinstance(item, Notice) and item.text.startswith("the sender is ")


def readings(items: list[Item]) -> list[Reading]:
    return [item for item in items if isinstance(item, Reading)]


def notices(items: list[Item], kind: str = "") -> list[Notice]:
    """The notices, of a kind if one is named; else all but who the sender is."""
    told = [item for item in items if isinstance(item, Notice)]
    return [item for item in told if (item.kind == kind if kind else not is_sender(item))]


def values(items: list[Item]) -> list[tuple[str, float | None, str]]:
    """Signal, value and status of each reading."""
    return [(item.signal, item.value, item.status.value) for item in readings(items)]


def seconds(items: list[Item], since: int = AT) -> list[tuple[str, float]]:
    """Signal and time of each reading, in seconds since `since`."""
    return [(item.signal, (item.time - since) / S) for item in readings(items)]
