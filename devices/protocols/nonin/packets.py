"""Packets of formats 2 and 7: 25 frames, each with one of the packet's values (text oximeters sheet, A2)."""

from __future__ import annotations

from functools import reduce
from operator import or_

from msgspec import Struct

from devices.protocols.nonin.shapes import NO_PULSE, NO_SPO2, PER_PACKET, SYNC, pulse_of

TIMER_TURN = 1 << 14
_COLOUR = 0x06
_MOST = 4 * PER_PACKET


class Packet(Struct, frozen=True):
    """A whole packet.

    Attributes:
        spo2, pulse: as displayed, else as averaged; None if neither is there.
        is_held: they are displayed without any new beat: the oximeter holds them for up to 10 s.
        flags: the status bits of all its frames together, but for the colour.
        colour: of its last beat: 0 (no beat), 2 green, 4 red, 6 yellow.
        firmware, timer: the oximeter's revision; its count of packets, 0 on models without.
        low_battery: it is.
    """

    spo2: int | None
    pulse: int | None
    is_held: bool
    flags: int
    colour: int
    firmware: int
    timer: int
    low_battery: bool


class Broken(Struct, frozen=True):
    """What came between two sync bits that are not 25 frames apart. `frames`: so many."""

    frames: int


class Packets:
    """Gathers frames. A packet is whole when the next one begins right after its 25th frame."""

    def __init__(self) -> None:
        self._values = bytearray(PER_PACKET)
        self._count = -1  # frames since the last sync bit; before the first: -1
        self._flags = self._colour = 0

    def take(self, status: int, value: int) -> Packet | Broken | None:
        """Adds a frame by its status and its value; gives the packet that has ended before it, if one has."""
        ended = None
        if status & SYNC:
            ended = self.end()
            self._count = 0
        elif self._count < 0:
            return None
        if self._count < PER_PACKET:
            self._values[self._count] = value
        self._count += 1
        self._flags |= status
        self._colour = status & _COLOUR or self._colour
        if self._count < _MOST:
            return ended
        # No sync bit for very long.
        return self.end()

    def take_whole(self, statuses: bytes, values: bytes) -> Packet | Broken | None:
        """Adds 25 frames at once, the first of which has the sync bit and no other; as `take` with each would."""
        ended = self.end()
        self._values[:] = values
        self._count = PER_PACKET
        self._flags = reduce(or_, statuses)
        self._colour = next((status & _COLOUR for status in reversed(statuses) if status & _COLOUR), 0)
        return ended

    def end(self) -> Packet | Broken | None:
        """What has been gathered, when nothing more is to come of it."""
        count, flags, colour = self._count, self._flags, self._colour
        self._count, self._flags, self._colour = -1, 0, 0
        if count < 0:
            return None
        return _packet(self._values, flags, colour) if count == PER_PACKET else Broken(count)


def _packet(values: bytearray, flags: int, colour: int) -> Packet:
    spo2, is_spo2_held = _chosen(values[8] & 0x7F, values[2] & 0x7F, NO_SPO2)
    pulse, is_pulse_held = _chosen(pulse_of(values[19], values[20]), pulse_of(values[0], values[1]), NO_PULSE)
    return Packet(
        spo2=spo2,
        pulse=pulse,
        is_held=is_spo2_held or is_pulse_held,
        flags=flags & ~_COLOUR,
        colour=colour,
        firmware=values[3],
        timer=(values[5] & 0x7F) << 7 | values[6] & 0x7F,
        low_battery=bool(values[7] & 0x01),
    )


def _chosen(displayed: int, averaged: int, none: int) -> tuple[int | None, bool]:
    """The displayed value where there is one (models without send 0), else the averaged; whether it is only held."""
    if displayed not in (0, none):
        return displayed, averaged == none
    return (None if averaged == none else averaged), False
