"""Whether a device that was asked answers: said once when it does not, and once when it does again."""

from __future__ import annotations

from typing import Protocol

from devices.protocols.speech import Speech
from devices.reading import Item


class Asking(Protocol):
    """What asks: when it found the device lost, and whether it has asked in vain since."""

    @property
    def lost_at(self) -> int | None: ...

    @property
    def is_in_vain(self) -> bool: ...


class Answering:
    """What is to be said of one device.

    Args:
        speech: of its driver. who: the device, such as "the board".
        lost: what is said when frames that came stay away, under the code `code`. vain: when none ever answers.
    """

    def __init__(self, speech: Speech, who: str, *, lost: str, code: str, vain: str) -> None:
        self._speech = speech
        self._who, self._lost, self._code, self._vain = who, lost, code, vain
        self._is_lost = self._is_silent = False

    def asked(self, asking: Asking, data: bytes, at: int) -> list[Item]:
        """What there is to say after `asking` gave `data` to be sent at `at`."""
        if asking.lost_at == at:
            self._is_lost = True
            return [self._speech.notice("quiet", self._lost, at, code=self._code)]
        if data and asking.is_in_vain and not self._is_silent:
            self._is_silent = self._is_lost = True
            return [self._speech.notice("not-answering", self._vain, at)]
        return []

    def answered(self, moment: int) -> list[Item]:
        """The same after a frame came at `moment`."""
        if not self._is_lost:
            return []
        self._is_lost = self._is_silent = False
        return [self._speech.notice("device-event", f"{self._who} answers again", moment)]
