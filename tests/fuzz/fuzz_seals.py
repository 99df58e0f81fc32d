"""Puts the check of a frame right, so that fuzzed frames get past it. A protocol without a seal is fuzzed without."""

from __future__ import annotations

from collections.abc import Callable

from devices.protocols.berry_pm6750 import frames as berry
from devices.protocols.creative_pc300 import frames as creative
from devices.protocols.dinamap import frames as dinamap
from devices.protocols.draeger_medibus import frames as medibus
from devices.protocols.ge_dri import frames as dri
from devices.protocols.line import frames as line
from devices.protocols.philips_intellivue import frames as philips
from devices.protocols.suntech import frames as suntech

Seal = Callable[[bytes], bytes]


def _berry(frame: bytes) -> bytes:
    if frame.startswith(berry.BERRY_MARK):
        return berry.encode_berry(frame[2:-1])
    return berry.encode(frame[3] if len(frame) > 3 else 0, frame[4:-1][:250])


def _creative(frame: bytes) -> bytes:
    body = frame[4:-1][:62] or b"\0"
    return creative.encode(frame[2] if len(frame) > 2 else 0, body[0], body[1:])


def _dinamap(frame: bytes) -> bytes:
    text = bytes(byte for byte in frame if 0x20 <= byte < 0x7F)[1:-2].decode("ascii")
    return dinamap.encode(text)


def _ge_dri(frame: bytes) -> bytes:
    return dri.wrap((dri.unescape(frame.strip(dri.FLAG)) or b"")[:-1])


def _line(frame: bytes) -> bytes:
    text = frame.strip(b"\r\n").lstrip(b"$").rpartition(b"*")[0]
    return b"$" + text + b"*%02X\n" % line.checksum(text)


def _medibus(frame: bytes) -> bytes:
    body = medibus.without_real_time(frame).rstrip(b"\r")[:-2]
    return body + medibus.checksum(body) + b"\r"


def _nonin(frame: bytes) -> bytes:
    """Every five bytes are a frame of format 2 or, without its mark, of format 7; else a record of format 13."""
    if frame.startswith(b"\0\2") and len(frame) > 8:
        data = frame[6:-2]
        return frame[:4] + len(data).to_bytes(2, "big") + data + bytes((sum(data) & 0xFF, 3))
    fives = (frame[at : at + 5] for at in range(0, len(frame), 5))
    return b"".join(five[:4] + bytes((sum(five[:4]) & 0xFF,)) * (len(five) == 5) for five in fives)


def _philips(frame: bytes) -> bytes:
    return philips.wrap(philips.unwrap(b"\xc0" + frame.strip(b"\xc0\xc1") + b"\xc1"))


def _suntech(frame: bytes) -> bytes:
    content = frame[:-1]
    if frame.startswith(b"\x3e"):
        content = content[:1] + bytes((min(len(frame), 255),)) + content[2:]
    return suntech.checked(content)


SEALS: dict[str, Seal] = {
    "berry-pm6750": _berry,
    "creative-pc300": _creative,
    "dinamap": _dinamap,
    "draeger-medibus": _medibus,
    "ge-dri": _ge_dri,
    "line": _line,
    "nonin": _nonin,
    "philips-intellivue": _philips,
    "suntech": _suntech,
}


def unasked(protocol: str) -> list[bytes]:
    """Frames of kinds that a virtual monitor does not send, to begin from as well."""
    if protocol == "creative-pc300":
        tokens = bytes.fromhex("0f 30 31 32 33 34 40 41 42 43 44 50 51 52 53 54 70 71 72 73 e0 f0 ff")
        kinds = [(token, kind) for token in tokens for kind in range(1, 5)]
        return [creative.encode(token, kind, bytes((1, 60, 90, 20, 70, 0))) for token, kind in kinds] + [
            creative.encode(0x32, 0x01, bytes(range(1, 54)))
        ]
    if protocol == "draeger-medibus":
        answers = [medibus.response(code, data) for code in medibus.Code for data in (b"", b"01\x33abc\x03")]
        return answers + [medibus.command(code) for code in medibus.Code]
    return []


def seal_of(protocol: str) -> Seal:
    """What seals a frame of `protocol`; nothing is done to it where nobody knows how."""
    return SEALS.get(protocol, bytes)
