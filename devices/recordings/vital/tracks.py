"""How a `.vital` file describes its devices and tracks (packets 9 and 0 of the recorded-files sheet, section 2)."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from msgspec import Struct

from devices.recordings.printable import one_line

NUMBER, TEXT = 2, 5
"""The kinds of tracks of numbers and of texts; 1 are waves."""
EVENT_TRACK = "EVENT"
"""The text track of what happened."""
FLOAT = 1
"""The code of 32-bit floats, as Vital Recorder writes its numbers."""
CODES: dict[int, struct.Struct] = {
    code: struct.Struct(form) for code, form in enumerate(("<f", "<d", "<b", "<B", "<h", "<H", "<i", "<I"), 1)
}


class VitalTrack(Struct):
    """One track: its number in the file, kind, sample code, name, unit, Vital Recorder's own meaning, its device."""

    number: int
    kind: int
    code: int
    name: str
    unit: str = ""
    montype: int = 0
    device: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.device}/{self.name}" if self.device else self.name


def read_device(body: bytes) -> tuple[int, str]:
    """A device's number and name.

    Raises:
        struct.error, IndexError: `body` is shorter than it says; so do the other functions here.
    """
    (number,) = struct.unpack_from("<I", body, 0)
    kind, at = read_text(body, 4)
    name, _ = read_text(body, at)
    return number, name or kind


def read_track(body: bytes, devices: Mapping[int, str]) -> VitalTrack:
    """A track, on one of the `devices` described so far."""
    number, kind, code = struct.unpack_from("<HBB", body, 0)
    name, at = read_text(body, 4)
    track = VitalTrack(number, kind, code, name)
    if len(body) > at:
        track.unit, at = read_text(body, at)
        # Display limits, colour, rate, gain and offset stand between the unit and the track's meaning.
        if len(body) > at + 32:
            track.montype = body[at + 32]
        if len(body) >= at + 37:
            track.device = devices.get(struct.unpack_from("<I", body, at + 33)[0], "")
    return track


def read_text(body: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<I", body, at)
    end = at + 4 + length
    if end > len(body):
        raise struct.error("a text is longer than its packet")
    return one_line(body[at + 4 : end].decode("utf-8", errors="replace")), end
