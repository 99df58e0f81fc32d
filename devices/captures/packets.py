"""Packet captures of a network (pcap, pcapng): what a monitor or a serial server sent over TCP or UDP.

One conversation is read, the one that carried most; TCP is put in order, and what was sent twice is taken once.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, field

from devices.captures.capture import Capture, Piece, of_two_sides
from devices.errors import CaptureError
from devices.instant import SECOND

_PCAP = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000), b"\xa1\xb2\xc3\xd4": (">", 1_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1), b"\xa1\xb2\x3c\x4d": (">", 1),
}  # fmt: skip
"""Magic number -> byte order, nanoseconds in a unit of time."""

_ETHERNET, _LOOPBACKS, _RAW_IP, _COOKED, _COOKED_2 = 1, (0, 108), (12, 14, 101, 228, 229), 113, 276
_SHORTEST = 60
"""Ethernet fills up what is shorter."""

_IP = (0x0800, 0x86DD)
_VLAN = (0x8100, 0x88A8)
_TCP, _UDP = 6, 17
_SYN = 2

_HELD = 1 << 16
_HELD_LONG = 5 * SECOND
"""So many bytes of a TCP stream, and for so long, wait for an earlier segment; after that it was not captured."""


_Frame = tuple[int, int | None, bytes, int]
"""Kind of link, instant, the frame's bytes as kept, its length on the line."""


def is_packets(content: bytes) -> bool:
    """Whether `content` begins as a packet capture."""
    if content[:4] in _PCAP:
        return len(content) >= 24
    return content[:4] == b"\n\r\r\n" and content[8:12] in (b"\x1a\x2b\x3c\x4d", b"\x4d\x3c\x2b\x1a")


def read_packets(content: bytes, path: object) -> Capture:
    """What the monitor sent in the packet capture `content`.

    Raises:
        CaptureError: it holds nothing over TCP or UDP, or is of a kind of link that is not known here.
    """
    return _read(_pcapng(content) if content[:1] == b"\n" else _pcap(content), path)


def read_frames(frames: Sequence[bytes], path: object) -> Capture | None:
    """What the monitor sent in packets that were dumped whole, None if they are none: each says its own length.

    Raises:
        CaptureError: they hold nothing over TCP or UDP.
    """
    if not frames or not all(map(_is_ethernet, frames)):
        return None
    return _read(((_ETHERNET, None, frame, len(frame)) for frame in frames), path)


def _is_ethernet(frame: bytes) -> bool:
    packet = _ip_of(_ETHERNET, frame)
    if not packet:
        return False
    length = int.from_bytes(packet[2:4], "big") if packet[0] >> 4 == 4 else int.from_bytes(packet[4:6], "big") + 40
    return length == len(packet) or (length < len(packet) and len(frame) <= _SHORTEST)


def _read(frames: Iterable[_Frame], path: object) -> Capture:
    streams: dict[_Stream, _Order] = {}
    talks: dict[tuple[object, ...], list[tuple[str, Piece]]] = {}
    unknown: set[int] = set()
    cut = 0
    for link, at, data, whole in frames:
        packet = _ip_of(link, data)
        if packet is None:
            unknown.add(link)
            continue
        if packet and whole > len(data):
            cut += 1
        payload = _payload_of(packet)
        if payload is None:
            continue
        parts = talks.setdefault(payload.talk, [])
        if payload.sequence is None:
            if payload.data:
                parts.append((payload.sender, Piece(payload.data, at)))
            continue
        order = streams.setdefault(payload.stream, _Order(payload.sender))
        parts += order.take(payload, at)
    for stream, order in streams.items():
        talks[stream.talk] += order.rest()
    talks = {talk: parts for talk, parts in talks.items() if parts}
    if not talks:
        kinds = ", ".join(str(each) for each in sorted(unknown))
        why = f"its links are of kind {kinds}, which is not read" if unknown else "it holds no data over TCP or UDP"
        raise CaptureError(f"{path} is a packet capture, but {why}")
    sizes = {talk: sum(len(piece.data) for _, piece in parts) for talk, parts in talks.items()}
    chosen = max(sizes, key=lambda talk: sizes[talk])
    capture = of_two_sides(talks[chosen])
    if len(talks) > 1:
        rest = sum(sizes.values()) - sizes[chosen]
        capture.damage.append((
            "ignored",
            f"the capture holds {len(talks)} conversations: the one that carried most was taken ({sizes[chosen]} bytes,"
            f" {' and '.join(sorted({side for side, _ in talks[chosen]}))}); {rest} bytes of others were left out",
        ))  # fmt: skip
    lost = sum(order.lost for stream, order in streams.items() if stream.talk == chosen)
    if lost or cut:
        capture.damage.append(("incomplete", f"{lost} bytes of its streams and the ends of {cut} packets are missing"))
    return capture


class _Stream(Struct, frozen=True):
    """One direction of one TCP connection."""

    talk: tuple[object, ...]
    sender: str
    ports: tuple[int, int]


class _Payload(Struct):
    """What one packet carries. `sequence`: of TCP, None for UDP."""

    talk: tuple[object, ...]
    sender: str
    stream: _Stream
    data: bytes
    sequence: int | None = None
    begins: bool = False


class _Order(Struct):
    """Puts the segments of one TCP stream in order."""

    sender: str
    expected: int | None = None
    waiting: dict[int, tuple[bytes, int | None]] = field(default_factory=dict)
    lost: int = 0

    def take(self, payload: _Payload, at: int | None) -> list[tuple[str, Piece]]:
        """What is next in order, now that `payload` has come at the instant `at`."""
        sequence = payload.sequence or 0
        if payload.begins:
            found = self.rest()
            self.expected = (sequence + 1) & 0xFFFFFFFF
            return found
        if not payload.data:
            return []
        if self.expected is None:
            self.expected = sequence
        if len(payload.data) > len(self.waiting.get(sequence, (b"", 0))[0]):
            self.waiting[sequence] = (payload.data, at)
        found = self._ready(at)
        while self.waiting and self._is_lost(at):
            found += self._skip()
        return found

    def rest(self) -> list[tuple[str, Piece]]:
        """What still waits, when nothing earlier is to come."""
        found: list[tuple[str, Piece]] = []
        while self.waiting:
            found += self._skip()
        return found

    def _is_lost(self, at: int | None) -> bool:
        since = min((came for _, came in self.waiting.values() if came is not None), default=None)
        is_long = since is not None and at is not None and at - since > _HELD_LONG
        return is_long or sum(len(data) for data, _ in self.waiting.values()) > _HELD

    def _skip(self) -> list[tuple[str, Piece]]:
        """What comes after a segment that was not captured, each piece as it came."""
        assert self.expected is not None
        nearest = min(self.waiting, key=lambda each: _ahead(each, self.expected or 0))
        self.lost += max(0, _ahead(nearest, self.expected))
        self.expected = nearest
        return self._ready(None)

    def _ready(self, at: int | None) -> list[tuple[str, Piece]]:
        """The segments that follow; `at`: when the one came that made them whole, None if nothing did."""
        found: list[tuple[str, Piece]] = []
        assert self.expected is not None
        moved = True
        while moved:
            moved = False
            for sequence in sorted(self.waiting, key=lambda each: _ahead(each, self.expected or 0)):
                ahead = _ahead(sequence, self.expected)
                if ahead > 0:
                    break
                data, came = self.waiting.pop(sequence)
                new = data[-ahead or None :] if -ahead < len(data) else b""
                if new:
                    found.append((self.sender, Piece(new, came if at is None else at)))
                    self.expected = (self.expected + len(new)) & 0xFFFFFFFF
                    moved = True
        return found


def _ahead(sequence: int, expected: int) -> int:
    """How far `sequence` lies ahead, below zero if behind; the numbers wrap."""
    return (sequence - expected + 0x80000000) % 0x100000000 - 0x80000000


def _pcap(content: bytes) -> Iterator[_Frame]:
    order, nanoseconds = _PCAP[content[:4]]
    link = struct.unpack_from(f"{order}I", content, 20)[0] & 0xFFFF
    place = 24
    while place + 16 <= len(content):
        seconds, fraction, kept, whole = struct.unpack_from(f"{order}IIII", content, place)
        place += 16
        yield link, seconds * 1_000_000 + fraction * nanoseconds // 1_000, content[place : place + kept], whole
        place += kept


def _pcapng(content: bytes) -> Iterator[_Frame]:
    order, place = "<", 0
    links: list[tuple[int, int]] = []  # kind, units of time a second
    while place + 12 <= len(content):
        kind = struct.unpack_from(f"{order}I", content, place)[0]
        if kind == 0x0A0D0D0A:
            order = "<" if content[place + 8 : place + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            links = []
        size = struct.unpack_from(f"{order}I", content, place + 4)[0]
        if size < 12 or size % 4:
            return
        body = content[place + 8 : place + size - 4]
        place += size
        if kind == 1 and len(body) >= 8:
            links.append((struct.unpack_from(f"{order}H", body)[0], _units(body[8:], order)))
        elif kind == 6 and len(body) >= 20:
            interface, high, low, kept, whole = struct.unpack_from(f"{order}IIIII", body)
            if interface < len(links):
                link, units = links[interface]
                yield link, ((high << 32) | low) * 1_000_000 // units, body[20 : 20 + kept], whole
        elif kind == 3 and len(body) >= 4 and links:
            whole = struct.unpack_from(f"{order}I", body)[0]
            yield links[0][0], None, body[4 : 4 + whole], whole


def _units(options: bytes, order: str) -> int:
    """Units of time a second by an interface's options (if_tsresol)."""
    place = 0
    while place + 4 <= len(options):
        code, size = struct.unpack_from(f"{order}HH", options, place)
        if code == 9 and size == 1 and place + 4 < len(options):
            value = options[place + 4]
            return int(2 ** (value & 0x7F)) if value & 0x80 else int(10**value)
        if code == 0:
            break
        place += 4 + (size + 3) // 4 * 4
    return 1_000_000


def _ip_of(link: int, frame: bytes) -> bytes | None:
    """The IP packet in a frame, b"" if it holds another; None where the kind of link is not known."""
    if link in _RAW_IP:
        return frame
    if link in _LOOPBACKS:
        return frame[4:]
    place = {_ETHERNET: 12, _COOKED: 14, _COOKED_2: 0}.get(link)
    if place is None:
        return None
    kind = int.from_bytes(frame[place : place + 2], "big")
    place += 2 if link != _COOKED_2 else 20
    while kind in _VLAN and link == _ETHERNET:
        kind = int.from_bytes(frame[place + 2 : place + 4], "big")
        place += 4
    return frame[place:] if kind in _IP else b""


def _payload_of(packet: bytes) -> _Payload | None:
    """What an IP packet carries over TCP or UDP, None if nothing. Fragments are left out."""
    version = packet[0] >> 4 if packet else 0
    if version == 4 and len(packet) >= 20:
        head, total = (packet[0] & 15) * 4, int.from_bytes(packet[2:4], "big")
        kind, source, target = packet[9], packet[12:16], packet[16:20]
        if int.from_bytes(packet[6:8], "big") & 0x3FFF:
            return None
        names = [".".join(map(str, each)) for each in (source, target)]
        # The length is 0 where the network card did the parting.
        body = packet[head : total or None]
    elif version == 6 and len(packet) >= 40:
        kind, total = packet[6], int.from_bytes(packet[4:6], "big")
        body = packet[40 : 40 + total] if total else packet[40:]
        names = [":".join(each.hex()[at : at + 4] for at in range(0, 32, 4)) for each in (packet[8:24], packet[24:40])]
    else:
        return None
    if kind not in (_TCP, _UDP) or len(body) < (20 if kind == _TCP else 8):
        return None
    source_port, target_port = struct.unpack_from(">HH", body)
    # A client's own port changes with each connection: the lower is the service's.
    talk = (kind, *sorted(names), min(source_port, target_port))
    sender = f"{names[0]}:{source_port}" if source_port <= target_port else names[0]
    stream = _Stream(talk, sender, (source_port, target_port))
    if kind == _UDP:
        size = struct.unpack_from(">H", body, 4)[0]
        return _Payload(talk, sender, stream, body[8 : max(size, 8)])
    flags = body[13]
    sequence = struct.unpack_from(">I", body, 4)[0]
    data = body[(body[12] >> 4) * 4 :]
    return _Payload(talk, sender, stream, data, sequence, bool(flags & _SYN))
