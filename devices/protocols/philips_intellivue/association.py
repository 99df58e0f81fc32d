"""Opening and closing an association: constant blocks, and what a monitor accepts (Philips sheet, 4.2, 4.3, 8.1)."""

from __future__ import annotations

import struct

from msgspec import Struct

from devices.instant import SECOND
from devices.protocols.philips_intellivue.messages import Link, ShapeError, read_attributes

TICK = 125
"""Microseconds of one unit of the monitor's times, 1/8 ms."""

POLL_PROFILE, POLL_EXTENSION = 0x0001, 0xF001
ONE_SECOND_NUMERICS = 0x8000_0000

_SESSION = bytes.fromhex("0508130100160102800014020002")
_REQUEST_HEAD = bytes.fromhex(
    "c1dc3180a0808001010000a280a003000001a4803080020101060452010001308006025101000000003080020102060c2a8648ce1402"
    "0100000001013080060c2a8648ce140201000000020100000000000061803080020101a0806080a180060c2a8648ce14020100000003"
    "010000be802880060c2a8648ce140201000000010102010281"
)
_RESPONSE_HEAD = bytes.fromhex(
    "c1be3180a0808001010000a280a003000001a58030808001008102510100003080800100810c2a8648ce1402010000000201000000006180"
    "3080020101a0806180a180060c2a8648ce14020100000003010000a203020100a305a103020100be80288002010281"
)
_ACCEPTED = bytes.fromhex("be802880")
"""The user's part follows this, the byte 81 and its length."""

RELEASE_REQUEST = bytes.fromhex("0918c11661803080020101a0806280800100").ljust(26, b"\0")
RELEASE_RESPONSE = bytes.fromhex("0a18c11661803080020101a0806380800100").ljust(26, b"\0")
ABORT = bytes.fromhex("192e110103c129a080a0803080020101060251010000000061803080020101a0806480800101").ljust(48, b"\0")


class Terms(Struct, frozen=True):
    """What both sides keep to.

    Attributes:
        period: shortest time between polls, µs. mtu: bytes of the largest message the monitor sends.
        extensions: bits of the extended poll, 0 if the monitor has none.
    """

    period: int = SECOND
    mtu: int = 1_000
    extensions: int = ONE_SECOND_NUMERICS

    @property
    def timeout(self) -> int:
        """Microseconds without a request after which the monitor ends the association (section 6)."""
        if self.period < 3_300_000:
            return 10 * SECOND
        return 3 * self.period if self.period <= 43 * SECOND else 130 * SECOND

    @property
    def sends_by_itself(self) -> bool:
        """Whether an extended poll of one-second numbers is accepted."""
        return bool(self.extensions & ONE_SECOND_NUMERICS)


def user_information(terms: Terms, is_client: bool) -> bytes:
    """The part of a request or response that says what is wished or accepted (section 4.2)."""
    system = 0x8000_0000 if is_client else 0x0080_0000
    profile = struct.pack(
        ">6I", 0x8000_0000, terms.period // TICK, terms.mtu, terms.mtu, 0xFFFF_FFFF, 0x6000_0000
    ) + struct.pack(">4HI2H", 1, 12, POLL_EXTENSION, 8, terms.extensions, 0, 0)
    return struct.pack(">5I", 0x8000_0000, 0x4000_0000, 0, system, 0x2000_0000) + struct.pack(
        ">6H", 0, 0, 1, len(profile) + 4, POLL_PROFILE, len(profile)
    ) + profile  # fmt: skip


def request(terms: Terms | None = None) -> bytes:
    """The request for an association: 238 bytes (section 8.1)."""
    information = user_information(terms or Terms(), is_client=True)
    inner = _SESSION + _REQUEST_HEAD + bytes((len(information),)) + information + bytes(16)
    return bytes((Link.REQUEST, len(inner))) + inner


def response(terms: Terms) -> bytes:
    """The answer that accepts: the same structure with the monitor's own values, 208 bytes as captured."""
    information = user_information(terms, is_client=False)
    inner = _SESSION + _RESPONSE_HEAD + bytes((len(information),)) + information + bytes(16)
    return bytes((Link.ACCEPT, len(inner))) + inner


def read_terms(data: bytes) -> Terms:
    """What an accepting response says; the sheet's own values where it says nothing readable."""
    found = data.find(_ACCEPTED)
    start = data.find(b"\x81", found + len(_ACCEPTED)) if found >= 0 else -1
    if start < 0:
        return Terms(extensions=0)
    start += 4 if data[start + 1 : start + 2] == b"\xff" else 2
    try:
        # The options before the profiles are an attribute list of their own, empty in all that was seen.
        options = int.from_bytes(data[start + 22 : start + 24])
        profiles = read_attributes(data[start + 24 + options :])
        profile = profiles[POLL_PROFILE]
        _, period, _, mtu = struct.unpack_from(">4I", profile)
        packages = read_attributes(profile[24:])
        extensions = int.from_bytes(packages.get(POLL_EXTENSION, b"")[:4])
    except (ShapeError, KeyError, struct.error):
        return Terms(extensions=0)
    return Terms(period * TICK, mtu, extensions)
