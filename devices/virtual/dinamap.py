"""A virtual CARESCAPE V100: answers polls as the DINAMAP sheet describes (sections 3, 4 and 6)."""

from __future__ import annotations

from collections import deque

from devices.instant import SECOND
from devices.protocols.dinamap import frames
from devices.virtual.device import Bedside, Observation

ANSWER_AFTER = SECOND // 25
"""How long the monitor takes to answer: 20 to 150 ms on real ones."""

_BUFFER = 256
_FAILURES = {"timeout": 4, "motion": 7, "leak": 6, "overpressure": 8}


class DinamapDevice:
    """The monitor's side. Empty lines, line feeds and unknown requests are tolerated, as real ones do."""

    def __init__(self, bedside: Bedside) -> None:
        self._bedside = bedside
        self._buffer = bytearray()
        self._answers: deque[tuple[int, bytes]] = deque()

    def receive(self, data: bytes, at: int) -> bytes:
        self._buffer += data
        while (end := self._buffer.find(b"\r")) >= 0:
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            try:
                frame = frames.decode(line)
            except frames.BadFrame:
                continue
            answer = self._answer(frame.header + frame.arguments, at)
            if answer:
                self._answers.append((at + ANSWER_AFTER, frames.encode(answer)))
        del self._buffer[:-_BUFFER]
        return b""

    def tick(self, at: int) -> bytes:
        said = b""
        while self._answers and self._answers[0][0] <= at:
            said += self._answers.popleft()[1]
        return said

    def _answer(self, request: str, at: int) -> str:
        seen = self._bedside.observe(at)
        match request:
            case "NA" | "NF":
                return request + self._pressure(seen, at)
            case "NC0":
                self._bedside.start_cuff(at)
                return "NC0"
            case "ND":
                self._bedside.cancel_cuff(at)
                return "ND"
            case "RA":
                return "RA" + self._rate(seen)
            case "RC":
                return f"RC3{seen.cuff.pulse or 0:03d}"
            case "OA":
                return "OA6000012" if seen.spo2 is None else f"OA1{seen.spo2:03d}512"
            case "TC":
                return self._temperature(seen)
        return ""

    @staticmethod
    def _pressure(seen: Observation, at: int) -> str:
        cuff = seen.cuff
        if cuff.measuring:
            status = 0
        elif cuff.failure:
            status = _FAILURES.get(cuff.failure, 3)
        else:
            status = 1
        age = 9999 if cuff.time is None else (at - cuff.time) // SECOND
        if age > 5400:
            return f"{status}109999000000000"
        return f"{status}10{age:04d}{cuff.sys or 0:03d}{cuff.dia or 0:03d}{cuff.mean or 0:03d}"

    @staticmethod
    def _rate(seen: Observation) -> str:
        if seen.pr is not None and seen.spo2 is not None:
            return f"2{seen.pr:03d}"
        return f"3{seen.cuff.pulse:03d}" if seen.cuff.pulse else "0000"

    @staticmethod
    def _temperature(seen: Observation) -> str:
        if seen.temp is None:
            return "TC40 9999900000"
        return f"TC01A00000{round((seen.temp * 1.8 + 32) * 10):04d}1"
