"""The 5-byte frame of BCI, Berry and older Contec oximeters (Berry sheet, section 5b; Contec sheet, section 1).

==== ====== =============================================================================================
byte bit 7  content
==== ====== =============================================================================================
0    1      bits 0-3 strength; bit 4 finger out, no signal; bit 5 Berry: probe unplugged; bit 6 beat
1    0      pleth
2    0      bits 0-3 bar graph; bit 4 no finger, probe error; bit 5 searching; bit 6 = bit 7 of the pulse rate
3    0      pulse rate, low 7 bits (255: none)
4    0      saturation (127: none)
==== ====== =============================================================================================

There is no checksum: bit 7 is all that guards it (see `devices.protocols.steps`). Bytes at a wrong speed, and those of
a Nonin, have that too for some frames; but sixty times a second neither saturation nor pulse rate can jump.
"""

from __future__ import annotations

from devices.protocols.each_second import NO_PULSE, NO_SPO2, Sample
from devices.protocols.steps import Steps
from devices.reading import Status

LENGTH = 5

IN_A_ROW = 6
"""So many frames in a row begin a stream, a tenth of a second."""

APART = (2, 5)
"""By so much saturation and pulse rate may differ among them."""


def steps() -> Steps:
    """Finds these frames."""
    return Steps(LENGTH, _is_frame, lambda byte: byte >= 0x80, IN_A_ROW, _agree)


def _agree(first: bytes, other: bytes) -> bool:
    rates = [frame[3] | (frame[2] & 0x40) << 1 for frame in (first, other)]
    return abs(first[4] - other[4]) <= APART[0] and abs(rates[0] - rates[1]) <= APART[1]


def _is_frame(held: bytes, place: int) -> bool | None:
    part = held[place : place + LENGTH]
    if any((byte >= 0x80) == bool(at) for at, byte in enumerate(part)):
        return False
    return True if len(part) == LENGTH else None


def read(frame: bytes, *, is_berry: bool) -> Sample:
    """What a frame says. The two makers give bits 4 and 5 of byte 0 different meanings."""
    state, bar = frame[0], frame[2]
    spo2, pulse = frame[4], frame[3] | (bar & 0x40) << 1
    if is_berry and state & 0x20:
        return Sample(spo2, pulse, Status.OFF, "the oximeter's sensor is unplugged", "byte 0 bit 5")
    if bar & 0x10:
        return Sample(spo2, pulse, Status.OFF, "no finger is in the oximeter, or its sensor is off", "byte 2 bit 4")
    if state & 0x10:
        if is_berry:
            return Sample(spo2, pulse, Status.INVALID, "the oximeter has no signal", "byte 0 bit 4")
        return Sample(spo2, pulse, Status.OFF, "the finger is out of the oximeter", "byte 0 bit 4")
    if bar & 0x20:
        return Sample(spo2, pulse, Status.SEARCHING, "the oximeter is searching for a pulse", "byte 2 bit 5")
    return Sample(spo2, pulse)


def encode(spo2: int | None, pulse: int | None, pleth: int = 64, strength: int = 5, bar: int = 10) -> bytes:
    """The frame of these values; without a saturation one that says that no finger is in the oximeter."""
    rate = NO_PULSE if pulse is None else min(pulse, NO_PULSE - 1)
    if spo2 is None:
        strength, bar = 0x0F, 0x10
    level = bar & 0x1F | (rate >> 1 & 0x40)
    return bytes((0x80 | strength & 0x0F, pleth & 0x7F, level, rate & 0x7F, NO_SPO2 if spo2 is None else spo2))
