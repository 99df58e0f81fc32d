"""Formats 2 and 7: 75 frames a second become one sample a second, the newest whole packet of three."""

from __future__ import annotations

from devices.protocols.nonin import conditions
from devices.protocols.nonin.packets import Broken, Packet, Packets
from devices.protocols.nonin.shapes import PER_PACKET
from devices.protocols.nonin.timer import PacketTimer
from devices.protocols.nonin.times import Times
from devices.protocols.nonin.troubles import Troubles
from devices.protocols.oximeter import Oximeter
from devices.protocols.speech import Speech
from devices.reading import Item, Status

PACKETS_A_SECOND = 3

_BEFORE_FIRST = 2
"""Whole packets, one right after the other, before the first value."""


class Dense:
    """Reads the frames of formats 2 and 7."""

    def __init__(self, speech: Speech, oximeter: Oximeter, troubles: Troubles, times: Times) -> None:
        self._speech = speech
        self._oximeter = oximeter
        self._troubles = troubles
        self._times = times
        self.clear()

    def clear(self) -> None:
        """The link is a new one, or the format in question again."""
        self._packets = Packets()
        self._timer = PacketTimer()
        self._in_a_row = 0  # whole packets
        self._passed = 0  # packets since the last sample, whole or not
        self._since_whole = 0  # packets since the last whole one
        self._newest: Packet | None = None
        self._flags = 0
        self._started = False

    def frames(self, statuses: bytes, values: bytes, at: int | None) -> list[Item]:
        """Verified frames, by their statuses and values: one, or a whole packet."""
        if len(statuses) == PER_PACKET:
            ended = self._packets.take_whole(statuses, values)
        else:
            ended = self._packets.take(statuses[0], values[0])
        return [] if ended is None else self._ended(ended, at)

    def finish(self, at: int | None) -> list[Item]:
        """No more frames come: 25 since the last sync bit are a whole packet too, and a short dump has one sample."""
        items: list[Item] = []
        ended = self._packets.end()
        # A single packet, that no other follows, may be chance.
        if isinstance(ended, Packet) and (self._started or self._newest is not None):
            items += self._ended(ended, at)
        if not self._started and self._newest is not None:
            self._started = True
            items += self._times.tick(at)
            items += self._sample(self._times.when(at))
        return items

    def _ended(self, ended: Packet | Broken, at: int | None) -> list[Item]:
        when = self._times.when(at)
        if isinstance(ended, Broken):
            items = self._broken(ended, when)
            passed = max(1, round(ended.frames / PER_PACKET))
        else:
            lost, said = self._counted(ended.timer, when)
            items = self._troubles.tell(when) + said
            self._in_a_row += 1
            self._newest = ended
            self._flags |= ended.flags
            passed = 1 + lost
        self._passed += passed
        self._since_whole = 0 if isinstance(ended, Packet) else self._since_whole + passed
        if not self._started:
            if self._in_a_row < _BEFORE_FIRST:
                return items
            self._started, self._passed = True, PACKETS_A_SECOND
        if self._passed < PACKETS_A_SECOND:
            return items
        while self._passed >= PACKETS_A_SECOND:
            self._passed -= PACKETS_A_SECOND
            items += self._times.tick(at)
        return items + self._sample(self._times.when(at))

    def _broken(self, ended: Broken, when: int) -> list[Item]:
        self._in_a_row = 0
        is_told = self._troubles.any_refused
        items = self._troubles.tell(when)
        if is_told or not self._started:
            return items
        text = f"a packet had {ended.frames} frames instead of {PER_PACKET}: some were lost"
        return [*items, self._speech.notice("sequence-gap", text, when, code=str(ended.frames))]

    def _counted(self, timer: int, when: int) -> tuple[int, list[Item]]:
        """How many packets were lost unseen before the one with this count, and what is to be said of it."""
        lost, is_new = self._timer.take(timer, self._since_whole + 1)
        if is_new:
            text = "the oximeter's count of packets jumped back: it was switched off and on"
            return 0, [self._speech.notice("device-restarted", text, when, code=str(timer))]
        if lost:
            text = f"the oximeter's count shows that {lost} packets (of a third of a second each) were lost"
            return lost, [self._speech.notice("sequence-gap", text, when, code=str(lost))]
        return 0, []

    def _sample(self, when: int) -> list[Item]:
        packet, flags = self._newest, self._flags
        self._newest, self._flags = None, 0
        if packet is None:
            return []
        items = conditions.battery(self._speech, packet.low_battery, when)
        if packet.firmware and self._speech.changed("firmware", str(packet.firmware)):
            text = f"the oximeter's firmware is revision {packet.firmware}"
            items.append(self._speech.notice("device-event", text, when, code=str(packet.firmware)))
        condition = conditions.of_packet(packet, flags)
        return items + self._oximeter.sample(packet.spo2, packet.pulse, condition, when, good=Status.OK)
