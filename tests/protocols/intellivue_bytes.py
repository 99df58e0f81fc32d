"""Bytes of an IntelliVue monitor, written down from the sheet: nothing here is the program's own."""

from __future__ import annotations

import struct
from pathlib import Path

S = 1_000_000
AT = 1_778_751_000 * S
"""2026-05-14 09:30:00 UTC."""

CAPTURES = Path(__file__).parent.parent / "captures"

REQUEST = bytes.fromhex(
    "c0110100ee0dec050813010016010280001402000 27de1dc3180a08080010100"
    "00a280a003000001a480308002010106045201000130800602510100000000 30"
    "80020102060c2a8648ce1402010000000101308006 0c2a8648ce140201000000"
    "02010000000000006180308002 0101a0806080a180060c2a8648ce1402010000"
    "0003010000be802880060c2a8648ce1402010000000101020102814880000000"
    "400000000000000080000000200000000000000000010 02c0001002880000000"
    "00001f40000003e8000003e8ffffffff60000000000100 0cf001000880000000"
    "0000000000000000000000000000000000000000abe0c1".replace(" ", "")
)
CONFIRMATION = bytes.fromhex(
    "c01101001ce100000200020014000100010 00e0021000000000000 00000d060000c309c1".replace(" ", "")
)
SINGLE = bytes.fromhex(
    "c011010024e10000020001001c00010007001600210000000000 00 00000c1600080001000100060000c6c7c1".replace(" ", "")
)
EXTENDED_VALUES = bytes.fromhex(
    "c011010030e100000200010028000200070022002100000000000000 00f13b00"
    "1400010001000608030001 0008f13e000400075300ef29c1".replace(" ", "")
)
RELEASE = bytes.fromhex("c01101001a09187de11661803080020101a0806280800100000000000000000041 08c1".replace(" ", ""))
RESULT = bytes.fromhex(
    "c0110100aee100000200 0200a60001000700a0002100000000 0c16009600010012d687ffffffffffffffff00010006"
    "00000001007e00000003007882a500020016092400040002 4182 0950000a418200000aa000000048"
    "82680003003a0924000400024a04099000082026051409302500094b00220003001e4a0500000f2000000080"
    "4a0600000f200000004c4a0700000f200000005d83b50002001609240004000 24bb80950000a4bb800000220ff0003cd"
    "f56dc1".replace(" ", "")
)
"""Section 8.5: heart rate, cuff and saturation in one answer."""

RELEASED = bytes.fromhex("0a18c11661803080020101a080638080010000000000000000 00".replace(" ", ""))
ABORT = bytes.fromhex("192e110103c129a080a0803080020101060251010000000061803080020101a0806480800101" + "00" * 10)
REFUSE = bytes.fromhex("0c03320100")
UNKNOWN_TIME = b"\xff" * 8

BPM, RPM, MMHG, KPA, PERCENT, CELSIUS = 0x0AA0, 0x0AE0, 0x0F20, 0x0F03, 0x0220, 0x17A0
NAN = 0x007FFFFF


def fcs(data: bytes) -> bytes:
    """The check sequence of PPP, bit by bit."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0x8408 if value & 1 else value >> 1
    return (value ^ 0xFFFF).to_bytes(2, "little")


def unstuffed(message: bytes) -> bytes:
    inside = b"\x11\x01" + len(message).to_bytes(2) + message
    return b"\xc0" + inside + fcs(inside) + b"\xc1"


def framed(message: bytes) -> bytes:
    inside = unstuffed(message)[1:-1]
    stuffed = b"".join(bytes((0x7D, byte ^ 0x20)) if byte in b"\x7d\xc0\xc1" else bytes((byte,)) for byte in inside)
    return b"\xc0" + stuffed + b"\xc1"


def counted(items: list[bytes]) -> bytes:
    return struct.pack(">HH", len(items), sum(map(len, items))) + b"".join(items)


def attribute(name: int, value: bytes) -> bytes:
    return struct.pack(">HH", name, len(value)) + value


def record(physio: int, unit: int, value: int, state: int = 0) -> bytes:
    """`value`: the 32 bits of the FLOAT."""
    return struct.pack(">HHHI", physio, state, unit, value)


def numeric(
    physio: int, unit: int, value: int, state: int = 0, label: int | None = None, handle: int = 0x82A5
) -> bytes:
    said = [] if label is None else [attribute(0x0924, struct.pack(">I", label))]
    return struct.pack(">H", handle) + counted([*said, attribute(0x0950, record(physio, unit, value, state))])


def bcd(text: str) -> bytes:
    """``2026-05-14 09:30:25.00`` in eight bytes."""
    return bytes.fromhex("".join(letter for letter in text if letter.isdigit()))


def pressures(
    first: int, sys: int, dia: int, mean: int, stamp: str | int | None = None, state: int = 0, unit: int = MMHG,
    handle: int = 0x8268,
) -> bytes:  # fmt: skip
    said = []
    if isinstance(stamp, str):
        said.append(attribute(0x0990, bcd(stamp)))
    elif stamp is not None:
        said.append(attribute(0x0991, struct.pack(">I", stamp)))
    values = ((1, sys), (2, dia), (3, mean))
    said.append(attribute(0x094B, counted([record(first + place, unit, value, state) for place, value in values])))
    return struct.pack(">H", handle) + counted(said)


def result(
    *objects: bytes, ticks: int = 0, absolute: bytes = UNKNOWN_TIME, extended: bool = True, object_class: int = 6,
    link: tuple[int, int] | None = None, contexts: list[bytes] | None = None, sequence: int = 0, invoke: int = 1,
) -> bytes:  # fmt: skip
    """An answer to a poll, or with `link` (state, count) one of its linked parts."""
    action = 0xF13B if extended else 0x0C16
    head = struct.pack(">H", 1) + (struct.pack(">H", sequence) if extended else b"")
    head += struct.pack(">I", ticks) + absolute + struct.pack(">HHH", 1, object_class, 0)
    if contexts is None:
        contexts = [struct.pack(">H", 0) + counted(list(objects))] if objects else []
    inner = head + counted(contexts)
    body = bytes.fromhex("002100000000") + struct.pack(">HH", action, len(inner)) + inner
    return operation(5 if link else 2, 7, body, invoke, bytes(link) if link else b"")


def operation(kind: int, command: int, body: bytes, invoke: int = 1, link: bytes = b"") -> bytes:
    inner = link + struct.pack(">HHH", invoke, command, len(body)) + body
    return bytes.fromhex("e1000002") + struct.pack(">HH", kind, len(inner)) + inner


def description(wall: str, ticks: int, mode: int) -> list[bytes]:
    label = "BED 7\0".encode("utf-16-be")
    return [
        attribute(0x0928, struct.pack(">H8sH6s", 8, b"Philips\0", 6, b"M8000\0")),
        attribute(0x0946, struct.pack(">H", mode)),
        attribute(0x091E, struct.pack(">H", len(label)) + label),
        attribute(0x0987, bcd(wall)),
        attribute(0x098F, struct.pack(">I", ticks)),
    ]


def created(wall: str = "2026-05-14 09:30:00.00", ticks: int = 0, mode: int = 0x4000, invoke: int = 1) -> bytes:
    """The MDS Create Event of section 4.5."""
    inner = bytes.fromhex("002100000000") + counted(description(wall, ticks, mode))
    body = bytes.fromhex("002100000000") + struct.pack(">IHH", ticks, 0x0D06, len(inner)) + inner
    return operation(1, 1, body, invoke)


def system(wall: str, ticks: int, mode: int = 0x4000) -> bytes:
    """The answer to a poll of the system's own data."""
    observation = struct.pack(">H", 1) + counted(description(wall, ticks, mode))
    return result(observation, ticks=ticks, extended=False, object_class=0x21)


def accepted(period: int = 4_000, mtu: int = 996, extensions: int = 0x8E000000) -> bytes:
    """An association response: where the user's part is found, and what is in it (section 4.3)."""
    profile = struct.pack(">IIIIII", 0x80000000, period, mtu, mtu, 0xFFFFFFFF, 0x60000000)
    packages = counted([attribute(0xF001, struct.pack(">IHH", extensions, 0, 0))] if extensions else [])
    profiles = counted([attribute(1, profile + packages)])
    user = struct.pack(">IIIII", 0x80000000, 0x40000000, 0, 0x00800000, 0x20000000) + bytes(4) + profiles
    inner = bytes.fromhex("0508130100160102800014020002c1be3180be802880020102 81".replace(" ", ""))
    inner += bytes((len(user),)) + user + bytes(16)
    return bytes((0x0E, len(inner))) + inner
