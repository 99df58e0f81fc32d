"""GE DRI bytes made by hand for tests, without any of the product's code: layout as the public record specification."""

from __future__ import annotations

import struct

T = 1_700_000_000
S = 1_000_000

EXAMPLE = bytes.fromhex(
    """
    7e 3e 01 7d 5e 0a 00 00 7d 5e f1 53 65 00 00 00 00 00 00 00 00 01 00 00 ff 00 00 00 00 00 00 00
    00 00 00 00 00 00 00 00 00 00 00 7d 5e f1 53 65 0b 00 00 00 00 22 48 00 01 80 01 80 01 80 0e 00
    03 00 00 00 01 00 2c 33 20 1c f0 23 48 00 00 00 00 00 02 00 01 80 01 80 01 80 01 80 00 00 00 00
    0b 00 01 80 01 80 01 80 01 80 00 00 00 00 0c 00 01 80 01 80 01 80 01 80 03 00 00 00 00 00 00 32
    b0 1d 54 24 47 00 00 00 00 00 0b 00 01 80 00 00 00 00 0c 00 01 80 00 00 00 00 0d 00 01 80 00 00
    00 00 0e 00 01 80 03 00 00 00 00 00 e4 25 48 00 fa 00 01 80 00 00 00 00 09 00 01 80 01 80 01 80
    b0 1d 00 00 00 00 00 00 01 80 01 80 00 00 00 00 00 00 01 80 01 80 00 00 00 00 01 00 01 80 01 80
    01 80 00 00 00 00 00 00 01 80 01 80 01 80 01 80 01 80 01 80 01 80 01 80 00 00 00 00 00 00 01 80
    01 80 01 80 01 80 00 00 00 00 00 00 01 80 01 80 01 80 48 00 4a 00 46 00 00 00 00 00 00 00 01 80
    00 00 00 00 0d 00 01 80 01 80 01 80 01 80 00 00 00 00 0e 00 01 80 01 80 01 80 01 80 00 00 00 00
    a1 00 8d 7e
    """
)
"""A published layout filled in: number 126, time 1700000126, ECG 72, ART 131/72 (92), cuff 128/76 (93), SpO2 97 %."""

OFFSETS = {
    "ecg": 0, "p1": 16, "p2": 30, "p3": 44, "p4": 58, "nibp": 72, "t1": 86, "t2": 94, "t3": 102, "t4": 110,
    "spo2": 118, "p5": 240, "p6": 254,
}  # fmt: skip
EXT1_OFFSETS = {"p7": 78, "p8": 92, "spo2b": 106, "t5": 120, "t6": 128}


def groups(offsets=OFFSETS, **filled):
    """270 bytes of class data; each named group is (status, label, value ...), all others are of absent modules."""
    data = bytearray(270)
    for name, (status, label, *values) in filled.items():
        struct.pack_into(f"<IH{len(values)}h", data, offsets[name], status, label, *values)
    return bytes(data)


def basic(**filled):
    return groups(OFFSETS, **filled)


def ext1(**filled):
    return groups(EXT1_OFFSETS, **filled)


def sub(data, kind=0, type=1, time=T, level=10):
    """A 278-byte physiological subrecord."""
    return struct.pack("<I", time) + data + bytes((3, 0x40)) + struct.pack("<H", kind << 8 | level << 4 | type)


def aux(seconds):
    """The 114-byte auxiliary subrecord with the time of the last cuff measurement."""
    return struct.pack("<I", seconds) + bytes(110)


def record(subs, number=0, time=T, main=0, level=10):
    """A record of (type, bytes) pairs, with garbage in the unused entries of the list as some monitors have it."""
    entries, data = b"", b""
    for type, body in subs:
        entries += struct.pack("<hB", len(data), type)
        data += body
    entries = (entries + b"\xbd\xbd\xff" * 8)[:24]
    head = struct.pack("<hBBHIBBHh", 40 + len(data), number, level, 0, time, 0, 0, 0, main)
    return head + entries + data


def summed(body):
    return body + bytes((sum(body) % 256,))


def stuffed(body):
    out = bytearray(b"\x7e")
    for byte in body:
        out += bytes((0x7D, byte & ~0x20)) if byte in (0x7D, 0x7E) else bytes((byte,))
    return bytes(out) + b"\x7e"


def frame(subs, number=0, time=T, main=0):
    return stuffed(summed(record(subs, number, time, main)))


def shown(number=0, time=T, **filled):
    """A whole frame with one basic subrecord of displayed values."""
    return frame([(1, sub(basic(**filled), time=time))], number, time)


def cuff(sys, dia, mean, pulse=70, label=0, status=3):
    """The cuff's group, pressures in mmHg; None is the code for invalid."""
    scaled = [-32767 if value is None else round(100 * value) for value in (sys, dia, mean)]
    return (status, label, *scaled, -32767 if pulse is None else pulse)
