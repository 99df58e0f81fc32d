"""A virtual SunTech board: answers polls as section C of the sheet of other pressure monitors describes."""

from __future__ import annotations

from collections import deque

from devices.instant import SECOND
from devices.protocols.framing import Frame, Scanner
from devices.protocols.suntech import frames
from devices.virtual.device import Bedside, Cuff

ANSWER_AFTER = SECOND // 25
_FAILURES = {"motion": 2, "timeout": 4, "cancelled": 86, "leak": 87, "overpressure": 89}
_NO_SIGNAL = 1


class SuntechDevice:
    """The board's side. It knows no result from before it was switched on."""

    def __init__(self, bedside: Bedside) -> None:
        self._bedside = bedside
        self._scanner = Scanner(frames.examine, frames.LONGEST)
        self._answers: deque[tuple[int, bytes]] = deque()
        self._cuffs_before: int | None = None
        self._was_told_to = False
        self._running_since: int | None = None

    def split(self, data: bytes) -> list[bytes]:
        scanner = Scanner(frames.examine, frames.LONGEST)
        return [piece.data for piece in (*scanner.feed(data), *scanner.end())]

    def damage(self, frame: bytes) -> bytes:
        """One bit of the last byte before the check is wrong: the frame keeps its length."""
        return frame[:-2] + bytes((frame[-2] ^ 1, frame[-1]))

    def receive(self, data: bytes, at: int) -> bytes:
        for piece in self._scanner.feed(data):
            if isinstance(piece, Frame):
                self._answers += [(at + ANSWER_AFTER, answer) for answer in self._answer(piece.data, at)]
        return b""

    def tick(self, at: int) -> bytes:
        cuff = self._look(at)
        said = b""
        if self._was_told_to and not cuff.measuring:
            self._was_told_to = False
            said += frames.answer(b"K")
        while self._answers and self._answers[0][0] <= at:
            said += self._answers.popleft()[1]
        return said

    def _look(self, at: int) -> Cuff:
        cuff = self._bedside.observe(at).cuff
        if self._cuffs_before is None:
            self._cuffs_before = cuff.count
        if not cuff.measuring:
            self._running_since = None
        elif self._running_since is None:
            self._running_since = at
        return cuff

    def _answer(self, request: bytes, at: int) -> list[bytes]:
        cuff = self._look(at)
        match request:
            case frames.GET_PRESSURE:
                return [frames.answer(self._pressure(at).to_bytes(2, "little"))]
            case frames.GET_RESULT:
                return [frames.answer(self._result(cuff))]
            case frames.START if not cuff.measuring:
                self._was_told_to = True
                self._bedside.start_cuff(at)
                return [frames.answer(b"O")]
            case frames.START:
                return [frames.answer(b"B")]
            case frames.ABORT:
                self._bedside.cancel_cuff(at)
                return [frames.answer(b"A"), frames.answer(b"K")]
        return []

    def _pressure(self, at: int) -> int:
        """Up within 4 s, then down 6 mmHg a second; empty without a determination."""
        if self._running_since is None:
            return 0
        passed = (at - self._running_since) / SECOND
        return round(5 + 40 * passed) if passed < 4 else max(45, round(165 - 6 * (passed - 4)))

    def _result(self, cuff: Cuff) -> bytes:
        data = bytearray(21)
        if cuff.count == self._cuffs_before:
            return bytes(data)
        if cuff.failure or cuff.sys is None:
            data[18] = _FAILURES.get(cuff.failure, _NO_SIGNAL)
            return bytes(data)
        data[0:2] = cuff.sys.to_bytes(2, "little")
        data[2:4] = (cuff.dia or 0).to_bytes(2, "little")
        data[4:6] = bytes((20 + cuff.count % 20, 1))
        data[14:16] = (cuff.pulse or 0).to_bytes(2, "little")
        data[16:18] = (cuff.mean or 0).to_bytes(2, "little")
        return bytes(data)
