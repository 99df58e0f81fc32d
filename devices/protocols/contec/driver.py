"""Contec CMS50 oximeters, live data (Contec sheet).

Sixty frames a second without a checksum, of which the newest with a value is told once a second. Which of the two
generations it is, the bytes show. What an oximeter has stored is neither asked for nor read, and never erased.
"""

from __future__ import annotations

from datetime import UTC, tzinfo

from devices.instant import SECOND
from devices.protocols import bci
from devices.protocols.answering import Answering
from devices.protocols.base import Counters
from devices.protocols.contec.frames import (
    COMMAND,
    LENGTHS,
    LIVE,
    MAKER,
    MODEL,
    NEW,
    STOP,
    STORED,
    USER,
    Finder,
    command,
    unpack,
)
from devices.protocols.contec.polling import PATIENCE, Polling
from devices.protocols.each_second import EachSecond, Sample
from devices.protocols.framing import Refused, Run, Skipped
from devices.protocols.oximeter import Oximeter
from devices.protocols.speech import Speech
from devices.protocols.undated import NominalClock
from devices.reading import Item, Status

NAME = "contec"
INTERVAL = 16_667
"""Between two frames, where the bytes carry no stamps: 60 a second."""

_VALID = frozenset({0xE0, 0xE8})
"""Byte 1 of a live frame with values: only the two filling bytes, and the pulse rate above 127, have bit 7."""

_FINGER_OUT, _SEARCHING = 0x80, 0x20
_LAST_PART = 0xFF


class Contec:
    """Driver of the protocol ``contec``.

    Args:
        assumed_start: for bytes without stamps, the instant at which they began.
    """

    name = NAME
    quiet_after = 10 * SECOND
    cuff_dating = SECOND
    zone: tzinfo = UTC
    is_relative = False

    def __init__(self, assumed_start: int | None = None) -> None:
        self.counters = Counters()
        self.assumed_start = assumed_start
        self._finder = Finder()
        self._polling = Polling()
        self._speech = Speech(NAME, self.counters)
        self._pulse = EachSecond(Oximeter(self._speech, Status.UNVERIFIED))
        self._clock = NominalClock(NAME, INTERVAL)
        self._model = ""
        self._answering = Answering(
            self._speech,
            "the oximeter",
            lost=f"no live data have come for {PATIENCE // SECOND} s: they are started anew",
            code="started",
            vain="the oximeter does not answer: is it on, with a finger in it? It is asked again and again",
        )
        self._waiting: list[Item] = []

    @property
    def needs_start(self) -> bool:
        """Bytes without stamps came and nobody said when they began."""
        return self._clock.needs_start

    # -- what is sent ------------------------------------------------------------------------------------------

    def opened(self, at: int) -> None:
        self._finder = Finder()
        self._polling.opened(at)

    def wake(self) -> int | None:
        return self._polling.due

    def send(self, at: int) -> bytes:
        """The start of live data on opening and whenever they stay away, and a sign of life each second."""
        data = self._polling.send(at)
        self._waiting += self._answering.asked(self._polling, data, at)
        return data

    def closing(self) -> bytes:
        """The end of live data, for an oximeter that was asked for them."""
        return command(STOP) if self._finder.generation == NEW else b""

    # -- what is received --------------------------------------------------------------------------------------

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        self.counters.bytes_in += len(data)
        items, self._waiting = self._waiting, []
        for run in self._finder.scanner.runs(data):
            items += self._run(run, at)
        return items

    def finish(self, at: int | None) -> list[Item]:
        items, self._waiting = self._waiting, []
        for run in self._finder.last_runs():
            items += self._run(run, at)
        return items + self._pulse.rest()

    def _run(self, run: Run, at: int | None) -> list[Item]:
        if isinstance(run, Refused):
            return [self._speech.refused(run, self._moment(at))]
        if isinstance(run, Skipped):
            return [self._speech.skipped(run, self._moment(at))]
        items: list[Item] = []
        for frame in run:
            # Of the answers only live data count: the others are too weak in shape to say that an oximeter is there.
            self.counters.frames += frame[0] >= 0x80 or frame[0] == LIVE
            if frame[0] >= 0x80:
                self._polling.stop()
                items += self._sample(bci.read(frame, is_berry=False), at)
            elif frame[0] == LIVE:
                items += self._sample(read_live(frame), at)
            else:
                items += self._answer(frame, self._moment(at))
        return items

    def _moment(self, at: int | None) -> int:
        return self._clock.moment(at, self.assumed_start)

    def _sample(self, sample: Sample, at: int | None) -> list[Item]:
        items = self._clock.tick(at, self.assumed_start)
        moment = self._moment(at)
        if at is not None:
            self._polling.heard(at)
        items += self._answering.answered(moment)
        return items + self._pulse.take(sample, moment)

    def _answer(self, frame: bytes, at: int) -> list[Item]:
        name = frame[0]
        if name == MODEL:
            data = unpack(frame)
            self._model = (self._model[-6:] if data[0] else "") + _letters(data[1:])
            return self._identity("model", self._model, at) if data[0] == _LAST_PART else []
        if name == MAKER:
            return self._identity("maker", _letters(unpack(frame)), at)
        if name in (USER, STORED):
            what = "its user's name, which was dropped" if name == USER else "stored data, which are left out"
            notice = self._speech.notice("ignored", f"the oximeter sent {what}", at, code=f"{name:02X}")
            return self._speech.once(f"answer {name}", notice)
        if name in LENGTHS or name == COMMAND:
            return []
        text = f"the answer {name:02X} is not known and left out"
        notice = self._speech.notice("unknown-parameter", text, at, code=f"{name:02X}", raw=frame)
        return self._speech.once(f"answer {name}", notice)

    def _identity(self, what: str, text: str, at: int) -> list[Item]:
        said = text.strip()
        if not said or not self._speech.changed(what, said):
            return []
        return [self._speech.notice("device-event", f"the oximeter's {what} is {said}", at, code=said)]


def read_live(frame: bytes) -> Sample:
    """What a live frame of 9 bytes says.

    Byte 1 says whether there are values. Bit 4 beside the bar graph, "probe error" in the old frames, is none here:
    it is set in captured frames with good values.
    """
    state, _, bar, pulse, spo2, *_ = unpack(frame)
    code = f"{frame[1]:02X}"
    if state & _FINGER_OUT:
        return Sample(spo2, pulse, Status.OFF, "the finger is out of the oximeter", code)
    if frame[1] not in _VALID:
        return Sample(spo2, pulse, Status.INVALID, "the oximeter has no valid values", code)
    if bar & _SEARCHING:
        return Sample(spo2, pulse, Status.SEARCHING, "the oximeter is searching for a pulse", "searching")
    return Sample(spo2, pulse)


def _letters(data: bytes) -> str:
    return "".join(chr(byte) for byte in data if 0x20 <= byte < 0x7F)
