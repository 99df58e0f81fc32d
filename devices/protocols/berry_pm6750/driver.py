"""Berry PM6750 boards and Berry oximeters (Berry sheet).

A board is silent until its parameters are enabled; then it sends numbers once a second, cuff packets while it measures
and waves in between, all checked by a sum. An oximeter streams of its own accord, in one of two formats. Nothing that
is sent acts on a patient: neither the start nor the stop of the cuff.
"""

from __future__ import annotations

from datetime import UTC, tzinfo

from devices.errors import SettingError
from devices.instant import SECOND
from devices.protocols import bci
from devices.protocols.answering import Answering
from devices.protocols.base import Counters
from devices.protocols.berry_pm6750 import board, frames
from devices.protocols.berry_pm6750.board import Board
from devices.protocols.berry_pm6750.enabling import AGAIN, NIBP, OFF, ON, Enabling
from devices.protocols.berry_pm6750.frames import BCI, BERRY_MARK, BOARD, OUTPUTS, Finder
from devices.protocols.each_second import EachSecond, Sample
from devices.protocols.framing import Refused, Run, Skipped
from devices.protocols.oximeter import Oximeter
from devices.protocols.speech import Speech
from devices.protocols.undated import NominalClock
from devices.reading import Item, Status

NAME = "berry-pm6750"
AUTO = "auto"

BCI_INTERVAL = SECOND // 100
"""Between BCI frames, where nothing says otherwise."""

_INDICES = 256
_SENSOR_OFF, _NO_FINGER, _NO_PULSE = 0x01, 0x02, 0x04


class Berry:
    """Driver of the protocol ``berry-pm6750``.

    Args:
        output: what is at the port: ``board``, ``bci``, ``berry``, or ``auto`` to find out.
        assumed_start: for bytes without stamps, the instant at which they began.

    Raises:
        SettingError: no such output.
    """

    name = NAME
    quiet_after = 10 * SECOND
    cuff_dating = 2 * SECOND
    zone: tzinfo = UTC
    is_relative = False

    def __init__(self, output: str = AUTO, assumed_start: int | None = None) -> None:
        if output not in (AUTO, *OUTPUTS):
            known = ", ".join(OUTPUTS)
            raise SettingError(f"the setting 'output' cannot be {output!r}: give {AUTO}, {known}")
        self.counters = Counters()
        self.assumed_start = assumed_start
        self._output = "" if output == AUTO else output
        self._finder = Finder(self._output)
        self._speech = Speech(NAME, self.counters)
        self._board = Board(self._speech)
        self._enabling = Enabling(self._output == BOARD)
        self._unchecked = EachSecond(Oximeter(self._speech, Status.UNVERIFIED))
        self._checked = EachSecond(Oximeter(self._speech, Status.OK))
        self._clock = NominalClock(NAME, SECOND)
        self._clock_of = ""
        self._in_second: set[int] = set()
        self._index: int | None = None
        self._answering = Answering(
            self._speech,
            "the board",
            lost=f"no frame has come for {AGAIN // SECOND} s: the board is enabled anew",
            code="enabled",
            vain=f"the board does not answer; it is asked again every {AGAIN // SECOND} s",
        )
        self._waiting: list[Item] = []

    @property
    def needs_start(self) -> bool:
        """Bytes without stamps came and nobody said when they began."""
        return self._clock.needs_start

    # -- what is sent ------------------------------------------------------------------------------------------

    def opened(self, at: int) -> None:
        self._finder = Finder(self._output)
        self._index = None
        self._board.cuff.reopened()
        if self._output in ("", BOARD):
            self._enabling.opened(at)

    def wake(self) -> int | None:
        due = [instant for instant in (self._enabling.due, self._board.cuff.due) if instant is not None]
        return min(due, default=None)

    def send(self, at: int) -> bytes:
        """The enables on opening, and again whenever no frame came for 3 s; to an oximeter nothing."""
        data = self._enabling.send(at)
        self._waiting += self._answering.asked(self._enabling, data, at)
        return data

    @staticmethod
    def start_cuff() -> bytes:
        """The command that inflates the cuff: only ever for an explicit act of a person."""
        return frames.encode(NIBP, ON)

    @staticmethod
    def stop_cuff() -> bytes:
        """The command that stops a measurement: only ever for an explicit act of a person."""
        return frames.encode(NIBP, OFF)

    # -- what is received --------------------------------------------------------------------------------------

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        self.counters.bytes_in += len(data)
        items, self._waiting = self._waiting, []
        if at is not None:
            items += self._board.cuff.passed(at)
        for run in self._finder.scanner.runs(data):
            items += self._run(run, at)
        return items

    def finish(self, at: int | None) -> list[Item]:
        items, self._waiting = self._waiting, []
        for run in self._finder.last_runs():
            items += self._run(run, at)
        return items + self._unchecked.rest() + self._checked.rest()

    def _run(self, run: Run, at: int | None) -> list[Item]:
        if isinstance(run, Refused):
            return [self._speech.refused(run, self._moment(at))]
        if isinstance(run, Skipped):
            return [self._speech.skipped(run, self._moment(at))]
        items: list[Item] = []
        for frame in run:
            if frame[0] == frames.MARK[0]:
                items += self._packet(frame, at)
            elif frame.startswith(BERRY_MARK):
                items += self._berry(frame, at)
            else:
                items += self._bci(frame, at)
        return items

    def _moment(self, at: int | None) -> int:
        return self._clock.moment(at, self.assumed_start)

    def _tick(self, at: int | None, output: str, interval: int) -> list[Item]:
        if output != self._clock_of and at is None:
            self._clock_of, self._clock = output, NominalClock(NAME, interval)
        return self._clock.tick(at, self.assumed_start)

    # -- a board -----------------------------------------------------------------------------------------------

    def _packet(self, frame: bytes, at: int | None) -> list[Item]:
        kind = frame[3]
        if board.is_echo(frame):
            text = "a command came back as it was sent: is this cable a loop-back plug, or another computer on it?"
            notice = self._speech.notice("ignored", text, self._moment(at), code=f"{kind:02X}", raw=frame)
            return self._speech.once("echo", notice)
        if board.too_short(frame):
            return [self._speech.refused(Refused(frame, "too short"), self._moment(at))]
        self.counters.frames += 1
        items: list[Item] = []
        if kind in board.ONCE_A_SECOND:
            items += self._second(kind, at)
        moment = self._moment(at)
        if at is not None:
            self._enabling.answered(at)
        items += self._answering.answered(moment)
        return [*items, *self._board.cuff.passed(moment), *self._board.packet(frame, moment)]

    def _second(self, kind: int, at: int | None) -> list[Item]:
        """Without stamps: of the packets that come once a second, one that comes again begins the next."""
        if at is not None:
            return []
        if self._clock_of == BOARD and kind not in self._in_second:
            self._in_second.add(kind)
            return []
        self._in_second = {kind}
        return self._tick(at, BOARD, SECOND)

    # -- an oximeter -------------------------------------------------------------------------------------------

    def _bci(self, frame: bytes, at: int | None) -> list[Item]:
        self.counters.frames += 1
        self._enabling.stop()
        items = self._tick(at, BCI, BCI_INTERVAL)
        return items + self._unchecked.take(bci.read(frame, is_berry=True), self._moment(at))

    def _berry(self, frame: bytes, at: int | None) -> list[Item]:
        self.counters.frames += 1
        if frames.is_text(frame):
            text = "".join(chr(byte) for byte in frame[2:19] if 0x20 <= byte < 0x7F)
            what = "software" if text.startswith("S") else "hardware"
            if not self._speech.changed(what, text):
                return []
            said = f"the oximeter's {what} is {text}"
            return [self._speech.notice("device-event", said, self._moment(at), code=text)]
        self._enabling.stop()
        index, before = frame[2], self._index
        self._index = index
        lost = 0 if before is None else (index - before - 1) % _INDICES
        rate = frame[18]
        items: list[Item] = []
        # What was lost took its time, too; a frame that came twice took none.
        for _ in range((lost + 1) % _INDICES):
            items += self._tick(at, frames.BERRY, SECOND // rate if rate else BCI_INTERVAL)
        moment = self._moment(at)
        if lost:
            text = f"{lost} frames were lost between {before} and {index}"
            if lost == _INDICES - 1:
                text = f"frame {index} came twice"
            items.append(self._speech.notice("sequence-gap", text, moment, code=f"{lost}"))
        return items + self._checked.take(_sample(frame), moment)


def _sample(frame: bytes) -> Sample:
    """A BERRY frame's averaged values; those of the single beat stand beside them and are left out."""
    state, spo2, pulse = frame[3], frame[4], frame[6]
    code = f"{state & 0x07}"
    if state & _SENSOR_OFF:
        return Sample(spo2, pulse, Status.OFF, "the oximeter's sensor is off", code)
    if state & _NO_FINGER:
        return Sample(spo2, pulse, Status.OFF, "no finger is in the oximeter", code)
    if state & _NO_PULSE:
        return Sample(spo2, pulse, Status.INVALID, "the oximeter finds no pulse", code)
    return Sample(spo2, pulse)
