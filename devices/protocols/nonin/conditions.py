"""What the status bits of a Nonin oximeter say of its values, worst first (text oximeters sheet, A2 and A4)."""

from __future__ import annotations

from collections.abc import Mapping

from devices.protocols.nonin.packets import Packet
from devices.protocols.oximeter import GOOD, Condition
from devices.protocols.speech import Speech
from devices.reading import Item, Status

DISCONNECTED = Condition(Status.OFF, "sensor disconnected", "the oximeter's sensor is disconnected")
ALARM = Condition(Status.OFF, "sensor alarm", "the oximeter's sensor is off the finger, or gives nothing of use")
SEARCHING = Condition(Status.SEARCHING, "out of track", "the oximeter has lost the pulse and searches for it")
OUT_OF_TRACK = Condition(Status.QUESTIONABLE, "out of track", "the oximeter has had no good beats for some time")
HELD = Condition(Status.QUESTIONABLE, "held", "the oximeter shows its last values, without new beats")
ARTIFACT = Condition(Status.QUESTIONABLE, "artifact", "motion or interference disturbs the pulse signal")
LOW_PERFUSION = Condition(Status.QUESTIONABLE, "low perfusion", "the pulse signal is weak: its values are doubtful")

ARTIFACT_BIT = 0x20
_RED = 0x04


def of_packet(packet: Packet, flags: int) -> Condition:
    """How the oximeter stands by a packet of format 2 or 7 and the `flags` of the second it ends."""
    is_there = packet.spo2 is not None or packet.pulse is not None
    return _worst(
        {
            DISCONNECTED: packet.flags & 0x40,
            ALARM: packet.flags & 0x08,
            SEARCHING: packet.flags & 0x10 and not is_there,
            OUT_OF_TRACK: packet.flags & 0x10,
            HELD: packet.is_held,
            ARTIFACT: flags & ARTIFACT_BIT,
            LOW_PERFUSION: packet.colour == _RED,
        }
    )


def of_record(status: int, second: int, is_there: bool) -> Condition:
    """How the oximeter stands by a record of format 8, or 1 (which has no `second` status byte: 0)."""
    return _worst(
        {
            DISCONNECTED: status & 0x40,
            ALARM: second & 0x08,
            SEARCHING: status & 0x20 and not is_there,
            OUT_OF_TRACK: status & 0x20,
            ARTIFACT: status & 0x04,
            LOW_PERFUSION: status & 0x10,
        }
    )


def _worst(found: Mapping[Condition, int | bool]) -> Condition:
    return next((condition for condition, holds in found.items() if holds), GOOD)


def battery(speech: Speech, is_low: bool, at: int) -> list[Item]:
    """That the battery is low, when it becomes so."""
    if not speech.changed("battery", "low" if is_low else "") or not is_low:
        return []
    return [speech.notice("device-event", "the oximeter's battery is low", at, code="low battery")]
