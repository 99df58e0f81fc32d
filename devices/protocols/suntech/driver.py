"""SunTech Advantage OEM blood-pressure boards: the host polls, the board answers (other monitors' sheet, section C).

Polled for the cuff's pressure, which shows that a determination runs, and for the last result. Starting a cuff is an
action on a patient: `start_cuff` only gives its bytes to whoever was told to by a person; nothing here ever sends them.
"""

from __future__ import annotations

from datetime import UTC, tzinfo

from devices.instant import SECOND
from devices.protocols.base import Counters
from devices.protocols.framing import Piece, Refused, Scanner, Skipped
from devices.protocols.speech import Speech
from devices.protocols.suntech import frames
from devices.protocols.suntech.polling import ROUND, Polling
from devices.protocols.suntech.results import Results
from devices.protocols.undated import NominalClock
from devices.reading import Item

SILENT_LONG = 5 * SECOND
"""After a silence of this length since it was noticed, a result that changed may be much older than its arrival."""

UNHEARD_LONG = SILENT_LONG + 3 * SECOND
"""The same since the last frame: silence is noticed after three requests, of which a capture shows none."""

_LETTERS = {
    "B": "the board is busy",
    "D": "the board does not recognise a request",
    "E": "the board found a request wrong",
    "N": "the board does not know a request",
    "S": "the board sleeps",
    "T": "the board received only a part of a request in time",
}


class Suntech:
    """Driver of the protocol ``suntech``.

    Args:
        assumed_start: for bytes without stamps: when they began; each round of answers then opens a new second.
    """

    name = "suntech"
    quiet_after = 10 * SECOND
    cuff_dating = 2 * SECOND
    zone: tzinfo = UTC
    is_relative = False

    def __init__(self, assumed_start: int | None = None) -> None:
        self.counters = Counters()
        self.assumed_start = assumed_start
        self._scanner = Scanner(frames.examine, frames.LONGEST)
        self._speech = Speech(self.name, self.counters)
        self._clock = NominalClock(self.name, ROUND)
        self._polling = Polling(self._speech)
        self._results = Results(self._speech)
        self._in_round: set[int] = set()
        self._heard: int | None = None

    @property
    def needs_start(self) -> bool:
        """Frames came in bytes without stamps, and nobody said when they began."""
        return self._clock.needs_start

    # -- what is sent ------------------------------------------------------------------------------------------

    def opened(self, at: int) -> None:
        self._scanner.clear()
        self._polling.open(at)
        self._results.unheard()

    def wake(self) -> int | None:
        return self._polling.wake()

    def send(self, at: int) -> bytes:
        """The next request when it is due; what that says of the board comes with the next `receive`."""
        return self._polling.send(at)

    @staticmethod
    def start_cuff() -> bytes:
        """The request that inflates an adult's cuff: only ever for an explicit act of a person."""
        return frames.START

    @staticmethod
    def cancel_cuff() -> bytes:
        """The request that stops a determination: only ever for an explicit act of a person."""
        return frames.ABORT

    # -- what is received --------------------------------------------------------------------------------------

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        self.counters.bytes_in += len(data)
        items = self._polling.told()
        for piece in self._scanner.feed(data):
            items += self._piece(piece, at)
        return items

    def finish(self, at: int | None) -> list[Item]:
        items = self._polling.told()
        for piece in self._scanner.end():
            items += self._piece(piece, at)
        return items

    def _piece(self, piece: Piece, at: int | None) -> list[Item]:
        if isinstance(piece, Refused):
            return [self._speech.refused(piece, self._clock.moment(at, self.assumed_start))]
        if isinstance(piece, Skipped):
            return [self._speech.skipped(piece, self._clock.moment(at, self.assumed_start))]
        if piece.data[0] == frames.HOST:
            return []  # a request, echoed by a cable or written down by a log
        self.counters.frames += 1
        items = self._begin_round(len(piece.data), at)
        moment = self._clock.moment(at, self.assumed_start)
        gap = 0 if at is None or self._heard is None else at - self._heard
        if self._polling.silent_for(moment) >= SILENT_LONG or gap >= UNHEARD_LONG:
            self._results.unheard()
        self._heard = at
        items += self._answer(piece.data, moment)
        self._follow(moment)
        return items + self._polling.answered(len(piece.data), moment)

    def _begin_round(self, length: int, at: int | None) -> list[Item]:
        """In bytes without stamps: a pressure or result that came already in this second opens the next one."""
        if at is not None:
            return []
        is_first = not self._in_round
        if not is_first and (length not in (frames.PRESSURE, frames.RESULT) or length not in self._in_round):
            self._in_round.add(length)
            return []
        self._in_round = {length}
        return self._clock.tick(at, self.assumed_start)

    def _answer(self, frame: bytes, at: int) -> list[Item]:
        match len(frame):
            case frames.PRESSURE:
                self._results.pressure(frames.pressure(frame))
                return []
            case frames.RESULT:
                return self._results.result(frames.result(frame), at, frame)
            case frames.LETTER:
                return self._letter(chr(frame[2]), at)
        text = f"answers of {len(frame)} bytes are not known: they are left out"
        code = f"length {len(frame)}"
        return self._speech.once(code, self._speech.notice("unknown-parameter", text, at, code=code, raw=frame))

    def _letter(self, letter: str, at: int) -> list[Item]:
        if letter == "K":
            self._results.done()
        elif letter == "A":
            self._results.aborted()
        text = _LETTERS.get(letter, "")
        if not self._speech.changed("letter", letter if text else "") or not text:
            return []
        return [self._speech.notice("device-event", text, at, code=letter)]

    def _follow(self, at: int) -> None:
        """The polling is told of what the cuff does."""
        if not self._results.runs:
            self._polling.runs_since = None
        elif self._polling.runs_since is None:
            self._polling.runs_since = at
