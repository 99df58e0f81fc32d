"""A virtual Dräger device with oximeter, ECG and cuff that speaks MEDIBUS (MEDIBUS sheet).

It has the habits a driver must bear: it begins itself and asks who is there, puts a command of its own into the middle
of an answer, mixes in real-time bytes, leaves out what it does not measure, and goes when it is not answered.
"""

from __future__ import annotations

from collections import deque

from devices import instant
from devices.instant import MINUTE, SECOND
from devices.protocols.draeger_medibus import frames
from devices.protocols.draeger_medibus.frames import ESC, Code, Framer, Message, command, response
from devices.protocols.framing import Refused
from devices.virtual.device import Bedside, Observation

ANSWER_AFTER = SECOND // 25
CALL_EVERY = 3 * SECOND
LOST_AFTER = 3 * SECOND
ASK_EVERY = 4 * SECOND
"""How often it sends a command of its own (NOP), between answers or within one."""

IDENTITY = b"8260'Evita XL'05.00:04.00"
_UNANSWERED = 3
_REAL_TIME = b"\xd0\xc0\xc0"
"""A sync byte for no curve and the end of its sequence."""

_MONTHS = ("JAN", "FEB", "MRZ", "APR", "MAI", "JUN", "JUL", "AUG", "SEP", "OKT", "NOV", "DEZ")
_FAILURES = {"leak": ("01", "NBP NO RSLT"), "overpressure": ("03", "OVERPRESS"), "timeout": ("07", "NBP TIMEOUT")}


class DraegerMedibusDevice:
    """The device's side of the protocol ``draeger-medibus``."""

    def __init__(self, bedside: Bedside) -> None:
        self._bedside = bedside
        self._framer = Framer()
        self._answers: deque[tuple[int, bytes]] = deque()
        self._is_running = False
        self._wanted: set[str] | None = None
        self._heard = 0
        self._call = 0
        self._ask = 0
        self._open = 0  # own commands that were not answered yet
        self._rounds = 0

    def receive(self, data: bytes, at: int) -> bytes:
        self._heard = at
        for piece in self._framer.feed(data):
            if isinstance(piece, Message):
                if piece.is_command:
                    self._commanded(piece, at)
                else:
                    self._answered(piece, at)
            elif isinstance(piece, Refused) and piece.data.startswith(ESC):
                self._say(response(Code.NAK), at)
        return b""

    def tick(self, at: int) -> bytes:
        said = b""
        while self._answers and self._answers[0][0] <= at:
            said += self._answers.popleft()[1]
        if self._is_running and (at - self._heard >= LOST_AFTER or self._open >= _UNANSWERED):
            self._is_running = False
        if not self._is_running:
            if at >= self._call:
                self._call = at + CALL_EVERY
                said += command(Code.ICC)
        elif at >= self._ask and not self._answers:
            said += self._own(Code.NOP, at)
        return said

    def split(self, data: bytes) -> list[bytes]:
        """The frames in `data`; what stands within an answer is cut off with the beginning of that answer."""
        return [frame + frames.CR for frame in data.split(frames.CR) if frame]

    def damage(self, frame: bytes) -> bytes:
        """The last digit of the sum is wrong."""
        return frame[:-2] + bytes([frame[-2] ^ 1]) + frame[-1:]

    def _own(self, code: Code, at: int) -> bytes:
        """A command of its own."""
        self._ask = at + ASK_EVERY
        self._open += 1
        return command(code)

    def _begin(self, at: int) -> None:
        self._is_running, self._wanted, self._open = True, None, 0
        self._ask = at + ASK_EVERY

    def _commanded(self, message: Message, at: int) -> None:
        if message.code == Code.ICC:
            self._begin(at)
            self._say(response(Code.ICC), at)
            self._say(self._own(Code.IDENTIFY, at), at)
        elif message.code == Code.STOP:
            self._is_running = False
            self._call = at + CALL_EVERY
            self._say(response(Code.STOP), at)
        elif self._is_running:
            self._say(self._answer(message, at), at)

    def _answered(self, message: Message, at: int) -> None:
        self._open = 0
        if message.code == Code.ICC and not self._is_running:
            self._begin(at)
            self._say(self._own(Code.IDENTIFY, at), at)

    def _say(self, frame: bytes, at: int) -> None:
        self._answers.append((at + ANSWER_AFTER, frame))

    def _answer(self, message: Message, at: int) -> bytes:
        seen = self._bedside.observe(at)
        match message.code:
            case Code.IDENTIFY:
                return response(Code.IDENTIFY, IDENTITY)
            case Code.CLOCK:
                local = instant.to_datetime(at).astimezone()
                date = f"{local:%H:%M:%S}{local.day:2d}-{_MONTHS[local.month - 1]}-{local:%y}"
                return response(Code.CLOCK, date.encode())
            case Code.CONFIGURE if message.data[:1] == b"$":
                codes = message.data[1:].decode("ascii", "replace")
                self._wanted = {codes[place : place + 2] for place in range(0, len(codes), 2)}
            case Code.DATA_1:
                return self._data(seen, at)
            case Code.ALARMS_1:
                missing = [("35", "SPO2SEN DISC")] if seen.spo2 is None else []
                missing += [("92", "ECG ELECTROD")] if seen.hr is None else []
                return response(Code.ALARMS_1, _alarms(missing))
            case Code.ALARMS_2:
                failure = seen.cuff.failure and not seen.cuff.measuring
                return response(
                    Code.ALARMS_2, _alarms([_FAILURES.get(seen.cuff.failure, _FAILURES["leak"])] if failure else [])
                )
        return response(message.code)

    def _data(self, seen: Observation, at: int) -> bytes:
        cuff, measured = seen.cuff, seen.spo2 is not None
        abp = seen.abp or (None, None, None)
        shown = cuff.time is not None and not cuff.failure
        values: dict[str, float | None] = {
            "7D": 24,
            "78": 5,
            "F0": 40,
            "D6": seen.rr,
            "EB": seen.spo2,
            "E1": seen.pr if measured else None,
            "DC": seen.hr,
            "C3": seen.temp,
            "96": cuff.sys if shown else None,
            "8C": cuff.dia if shown else None,
            "91": cuff.mean if shown else None,
            "92": (at - cuff.time) // MINUTE if shown and cuff.time is not None else None,
            "D2": abp[0],
            "C8": abp[1],
            "CD": abp[2],
        }
        data = "".join(
            f"{code}{value:>3} "[:6] if len(str(value)) < 4 else f"{code}{value:>4}"
            for code, value in values.items()
            if value is not None and (self._wanted is None or code in self._wanted)
        )
        answer = response(Code.DATA_1, data.encode())
        if at >= self._ask:
            middle = len(answer) // 2
            answer = answer[:middle] + self._own(Code.NOP, at) + answer[middle:]
        return _REAL_TIME + answer


def _alarms(alarms: list[tuple[str, str]]) -> bytes:
    """Priority, code and phrase of each, 15 characters."""
    return "".join(f"A{code}{phrase:<12}" for code, phrase in alarms).encode()
