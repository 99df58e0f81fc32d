"""Creative PC-300, PC-200, PC-100 and PC-60FW: AA 55 frames, streamed once asked for (PC-300 sheet).

The PC-60FW is known by its frames (token 0F) and only listened to. Starting a cuff is an action on a patient:
`start_cuff` only gives its bytes to whoever was told to by a person; nothing here ever sends them.
"""

from __future__ import annotations

from datetime import UTC, tzinfo

from devices.instant import SECOND
from devices.protocols.base import Counters
from devices.protocols.creative_pc300 import about, asking, frames
from devices.protocols.creative_pc300.asking import Asking
from devices.protocols.creative_pc300.cuff import CuffMemory
from devices.protocols.creative_pc300.frames import Message
from devices.protocols.creative_pc300.sensors import ECG_BLOCKS, Ecg, Oximeter, temperature
from devices.protocols.framing import Piece, Refused, Scanner, Skipped
from devices.protocols.speech import Speech
from devices.protocols.undated import NominalClock
from devices.reading import Item

_OXIMETERS = (0x0F, 0x53)
_ECG = 0x32
_POWER_OFF = 0xD0
_PC300_WAVE = 0x52
_WAVES = (b"\x52\x01", b"\x0f\x02")
"""Token and type of the pulse waves."""

_LENGTHS = {
    (0x0F, 0x01): 5, (0x53, 0x01): 5, (0x51, 0x02): 1, (0x43, 0x01): 5, (0x43, 0x02): 1, (0x41, 0x01): 1,
    (0x72, 0x01): 1, (0x32, 0x01): 53, (0x33, 0x01): 3, (0xF0, 0x03): 1,
}  # fmt: skip
"""Bytes of data a frame must have to be read."""

_REQUESTS = frozenset({(0xFF, 0x02), (0xFF, 0x04), (0x41, 0x01), (0x43, 0x01), (0x51, 0x01), (0x51, 0x02),
                       (0x72, 0x01)})  # fmt: skip
"""Without data these are a host's requests, echoed by a cable or written down by a log."""

_OF_NO_CONCERN = frozenset({
    (0x0F, 0x00), (0x0F, 0x02), (0x0F, 0x04), (0x0F, 0x05), (0x0F, 0x20), (0x0F, 0x21),  # waves, modes, replies
    (0xF0, 0x02), (0xF0, 0x21), (0xFF, 0x03), (0xFF, 0x10), (0xFF, 0x20),  # serial numbers, the clock
    (0x40, 0x03), (0x40, 0x04), (0x50, 0x01), (0x51, 0x03), (0x52, 0x01), (0x54, 0x01), (0x72, 0x02), (0x72, 0x03),
})  # fmt: skip
_STATE_TOKENS = frozenset({0x30, 0x31, 0x34, 0x44, 0x70, 0x71})
_GLUCOSE_TOKENS = frozenset({0x73, 0xE0, 0xE1, 0xE2, 0xE3, 0xE4, 0xE5})


class CreativePc300:
    """Driver of the protocol ``creative-pc300``.

    Args:
        assumed_start: for bytes without stamps: when they began; each frame of the oximeter, or each six ECG blocks
            where there is none, then open a new second.
    """

    name = "creative-pc300"
    quiet_after = 10 * SECOND
    cuff_dating = 2 * SECOND
    zone: tzinfo = UTC
    is_relative = False

    def __init__(self, assumed_start: int | None = None) -> None:
        self.counters = Counters()
        self.assumed_start = assumed_start
        self._scanner = Scanner(frames.examine, frames.LONGEST, frames.MARK)
        self._speech = Speech(self.name, self.counters)
        self._clock = NominalClock(self.name, SECOND)
        self._asking = Asking()
        self._cuff = CuffMemory(self._speech)
        self._oximeter = Oximeter(self._speech)
        self._ecg = Ecg(self._speech)
        self._family = ""
        self._is_live = False
        # Of bytes without stamps: whether a second was begun, the oximeter was heard in it, and ECG blocks since.
        self._has_begun = self._is_heard = self._was_heard = False
        self._blocks = 0

    @property
    def needs_start(self) -> bool:
        """Frames came in bytes without stamps, and nobody said when they began."""
        return self._clock.needs_start

    # -- what is sent ------------------------------------------------------------------------------------------

    def opened(self, at: int) -> None:
        self._scanner.clear()
        self._asking.open(at)
        self._cuff.opened()
        self._is_live = True

    def wake(self) -> int | None:
        return self._asking.wake()

    def send(self, at: int) -> bytes:
        """The next request when it is due."""
        request = self._asking.send(at)
        if request == asking.LAST_RESULT:
            self._cuff.asked(at)
        return request

    def closing(self) -> bytes:
        """That the oximeter's numbers need not be sent any more, if they were asked for."""
        return asking.NO_FLOW if self._asking.has_started_flow else b""

    @staticmethod
    def start_cuff() -> bytes:
        """The request that inflates the cuff: only ever for an explicit act of a person."""
        return frames.encode(0x40, 0x01)

    @staticmethod
    def cancel_cuff() -> bytes:
        """The request that stops a determination: only ever for an explicit act of a person."""
        return frames.encode(0x40, 0x02)

    # -- what is received --------------------------------------------------------------------------------------

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        self.counters.bytes_in += len(data)
        return [item for piece in self._scanner.feed(data) for item in self._piece(piece, at)]

    def finish(self, at: int | None) -> list[Item]:
        return [item for piece in self._scanner.end() for item in self._piece(piece, at)]

    def _piece(self, piece: Piece, at: int | None) -> list[Item]:
        if isinstance(piece, Refused):
            return [self._speech.refused(piece, self._moment(at))]
        if isinstance(piece, Skipped):
            return [self._speech.skipped(piece, self._moment(at))]
        raw = piece.data
        if raw[2:5:2] in _WAVES and (at is not None or self._has_begun):
            # Nine of ten frames are waves, which hold nothing that is kept.
            self.counters.frames += 1
            if raw[2] == _PC300_WAVE:
                self._asking.flows(at)
            return []
        message = frames.opened(raw)
        place = (message.token, message.kind)
        if not message.data and place in _REQUESTS:
            return []
        if len(message.data) < _LENGTHS.get(place, 0):
            return [self._speech.refused(Refused(piece.data, "length"), self._moment(at))]
        self.counters.frames += 1
        items = self._begin_second(message, at)
        return items + self._message(message, self._moment(at), at)

    def _moment(self, at: int | None) -> int:
        return self._clock.moment(at, self.assumed_start)

    def _begin_second(self, message: Message, at: int | None) -> list[Item]:
        """In bytes without stamps: whether this frame opens a second."""
        if at is not None:
            return []
        begins, self._has_begun = not self._has_begun, True
        if message.kind == 0x01 and message.token in _OXIMETERS:
            begins |= self._is_heard
            self._is_heard = self._was_heard = True
            self._blocks = 0
        elif message.token == _ECG:
            # The oximeter's frames, one a second, are the better clock while there are any.
            self._blocks += 1
            patience = 2 * ECG_BLOCKS if self._was_heard else 1
            if self._blocks > patience and self._blocks % ECG_BLOCKS == 1:
                begins, self._is_heard = True, False
        return self._clock.tick(at, self.assumed_start) if begins else []

    def _message(self, message: Message, moment: int, at: int | None) -> list[Item]:
        data = message.data
        if at is not None:
            self._cuff.heard(at)
        match message.token, message.kind:
            case 0x0F, 0x01:
                self._asking.stop()
                return self._oximeter.read(data, moment)
            case 0x53, 0x01:
                self._asking.flows(at)
                return self._oximeter.read(data, moment)
            case 0x51, 0x02:
                return self._oximeter.off(moment) if data[0] & 0x08 else []
            case 0x50, 0x02:
                # With data it is the reply to our asking for the flow.
                return [] if data else self._oximeter.off(moment)
            case 0x43, 0x01:
                self._asking.cuff_done()
                return self._cuff.result(message, moment)
            case 0x43, 0x02:
                self._asking.cuff_done()
                return self._cuff.failed(message, moment, self._family)
            case (0x42, _) | (0x40, 0x01):
                self._cuff.runs(moment)
                self._asking.cuff_runs(at)
                return []
            case 0x40, 0x02:
                self._asking.cuff_done()
                return self._cuff.stopped(moment)
            case 0x41, 0x01:
                if data[0] == 1:
                    self._cuff.runs(moment)
                    self._asking.cuff_runs(at)
                return self._cuff.module(data[0], moment)
            case 0x72, 0x01:
                return temperature(self._speech, data, moment)
            case 0x32, 0x01:
                return self._ecg.block(data, moment, at)
            case 0x33, 0x01:
                return self._ecg.result(data, moment)
        return self._about(message, moment, at)

    # -- the monitor itself ------------------------------------------------------------------------------------

    def _about(self, message: Message, moment: int, at: int | None) -> list[Item]:
        place, data = (message.token, message.kind), message.data
        match place:
            case 0xFF, 0x01:
                return self._named(about.name(data), moment, at)
            case 0xF0, 0x01:
                return self._named(about.name(data[3:]), moment, at)
            case 0x0F, 0x03:
                return self._named(about.name(data[2:]), moment, at)
            case 0xF0, 0x03:
                return self._battery(data[0], moment)
            case (0xFF, 0x02) | (0xFF, 0x04) | (0x51, 0x01):
                return self._version(message, moment)
        if message.token == _POWER_OFF:
            text = "the monitor says that it is being switched off"
            return [self._speech.notice("device-event", text, moment, code="power-off")]
        if message.token in _GLUCOSE_TOKENS:
            text = "the monitor speaks of blood glucose, which is left out"
            return self._speech.once("glucose", self._speech.notice("device-event", text, moment, code="glucose"))
        if place in _OF_NO_CONCERN or message.token in _STATE_TOKENS:
            return []
        code = f"{message.token:02X}/{message.kind:02X}"
        text = f"frames with the token {message.token:02X} and type {message.kind:02X} are not known: they are left out"
        notice = self._speech.notice("unknown-parameter", text, moment, code=code, raw=message.raw)
        return self._speech.once(code, notice)

    def _named(self, name: str, moment: int, at: int | None) -> list[Item]:
        if not name:
            return []
        self._family = about.family(name)
        if at is not None and not self._is_live:
            self._cuff.supposed(at)
        items: list[Item] = []
        # Without a finger some stop sending by themselves.
        if self._asking.named(self._family != "PC-100", at) and self._oximeter.measures:
            text = "the oximeter's numbers stopped, as when it is switched off and on: they are asked for again"
            items.append(self._speech.notice("device-restarted", text, moment))
        if self._speech.changed("name", name):
            items.append(self._speech.notice("device-event", f"the monitor is {name}", moment, code=name))
        return items

    def _version(self, message: Message, moment: int) -> list[Item]:
        software, hardware, battery = about.version(message.token, message.kind, message.data)
        items = [] if battery is None else self._battery(battery, moment)
        if self._speech.changed("version", f"{software} {hardware}"):
            text = f"the monitor's software is {software}" + (f", its hardware {hardware}" if hardware else "")
            items.append(self._speech.notice("device-event", text, moment, code="version"))
        return items

    def _battery(self, level: int, at: int) -> list[Item]:
        if not self._speech.changed("battery", "" if level else "empty") or level:
            return []
        return [self._speech.notice("device-event", "the monitor's battery is nearly empty", at, code="battery")]
