"""Arm-in cuffs that send a line for each measurement: Omron HBP-9030 and HBP-9020 (other devices sheet, section B).

Never asked for anything. Without a checksum (all but the Terumo's blocks) values are `unverified`. The subject's
number is dropped here: only that it has changed goes on, and a code made of it with a secret word if there is one.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from itertools import pairwise

from msgspec import structs
from msgspec.structs import replace

from devices import instant
from devices.errors import SettingError
from devices.instant import MINUTE, SECOND
from devices.protocols.base import Counters
from devices.protocols.framing import Frame, Piece, Refused, Skipped
from devices.protocols.omron_hbp import results
from devices.protocols.omron_hbp.dating import SLACK, Dating
from devices.protocols.omron_hbp.frames import Cutter, shown
from devices.protocols.omron_hbp.results import BadResult, Result
from devices.protocols.speech import Speech
from devices.reading import Item, Notice, Status
from devices.signals import NIBP

AT_ONCE = 3 * SECOND
"""A line that comes so soon after the port was opened may have waited there, unless its clock says it is new."""

REPEATED = 10 * SECOND
"""An equal result without a clock that comes sooner is the same one sent again."""

OFFSET_TOLD = 30 * SECOND
_EARLY = 64
_LIMITS = {"NIBP_SYS": (60, 260), "NIBP_DIA": (30, 215), "NIBP_MEAN": (30, 260), "PR": (40, 180)}
"""The device's ranges; the mean's are the pressures' own."""


class OmronHbp:
    """Driver of the protocol ``omron-hbp``. It never sends.

    Args:
        zone: zone of the cuff's clock, a zone or its name.
        salt: a secret word with which the subject's number is made into a code; "": no code is shown.

    Raises:
        SettingError: a zone that cannot be.
    """

    name = "omron-hbp"
    quiet_after = 20 * MINUTE
    """The cuff speaks only after a measurement: nothing else tells that it is there."""
    cuff_dating = SLACK
    is_relative = False

    def __init__(self, zone: str | tzinfo = UTC, salt: str = "", assumed_start: int | None = None) -> None:
        try:
            self.zone: tzinfo = instant.zone_named(zone) if isinstance(zone, str) else zone
        except ValueError as error:
            raise SettingError(f"the setting 'zone': {error}") from None
        self.counters = Counters()
        self.assumed_start = assumed_start
        self.needs_start = False
        self._salt = salt
        self._cutter = Cutter()
        self._speech = Speech(self.name, self.counters)
        self._dating = Dating()
        self._seen: deque[tuple[Result, int]] = deque(maxlen=16)
        self._subject: bytes | None = None
        self._is_summed = False
        self._opened: int | None = None
        self._offset_told = False
        self._moment: int | None = None
        self._early: list[Notice] = []

    def opened(self, at: int) -> None:
        self._cutter.clear()
        self._dating.reopened()
        self._opened, self._offset_told = at, False

    def wake(self) -> int | None:
        return None

    def send(self, at: int) -> bytes:
        return b""

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        self.counters.bytes_in += len(data)
        return [item for piece in self._cutter.feed(data) for item in self._piece(piece, at)]

    def finish(self, at: int | None) -> list[Item]:
        items = [item for piece in self._cutter.end() for item in self._piece(piece, at)]
        return [*self._told_early(self._moment or self.assumed_start or 0), *items]

    # -- lines -------------------------------------------------------------------------------------------------

    def _piece(self, piece: Piece, at: int | None) -> list[Item]:
        if not isinstance(piece, Frame):
            return self._refused(piece, at)
        try:
            before, result = results.read(piece.data)
            if result.check is False and self._is_summed:
                raise BadResult("checksum")
        except BadResult as error:
            return self._refused(Refused(piece.data, str(error)), at)
        self.counters.frames += 1
        self._is_summed |= bool(result.check)
        items = self._refused(Refused(before, "cut"), at) if before else []
        measured, received, told = self._dated(result, at)
        result = replace(result, subject=self._code(result.subject))
        return self._told_early(received) + items + told + list(self._result(result, measured, received, at))

    def _refused(self, piece: Refused | Skipped, at: int | None) -> list[Item]:
        """Without any time yet it waits for the first line that has one."""
        known = self._moment if self._moment is not None else self.assumed_start
        when = at if at is not None else known
        if isinstance(piece, Refused):
            notice = self._speech.refused(piece, when or 0)
        else:
            notice = self._speech.skipped(piece, when or 0)
        notice = structs.replace(notice, raw=shown(piece.data))
        if when is not None:
            return [notice]
        if len(self._early) < _EARLY:
            self._early.append(notice)
        return []

    def _told_early(self, at: int) -> list[Item]:
        early, self._early = self._early, []
        return [structs.replace(notice, time=at, received=at) for notice in early]

    # -- time --------------------------------------------------------------------------------------------------

    def _dated(self, result: Result, at: int | None) -> tuple[int, int, list[Item]]:
        """When it was measured, when it came, and what is to be said of the clocks."""
        if result.clock is None:
            if at is None:
                self.needs_start |= self._moment is None and self.assumed_start is None
            known = self._moment if self._moment is not None else self.assumed_start or 0
            moment = known if at is None else at
            return moment, moment, []
        device = self._instant(result.clock)
        if at is None:
            self._moment = device
            text = f"the bytes carry no times: the cuff's own clock was taken, read in {self.zone}"
            return device, device, self._speech.once("time", self._speech.notice("time-assumed", text, device))
        return self._dating.measured(device, at), at, self._clock_notice(device - at, at)

    def _instant(self, clock: datetime) -> int:
        """The cuff's local time as an instant. Of an hour that comes twice, the first is meant."""
        try:
            return instant.from_datetime(instant.localize(clock, self.zone))
        except ValueError:
            return instant.from_datetime(clock.replace(tzinfo=self.zone))

    def _clock_notice(self, ahead: int, at: int) -> list[Item]:
        if self._offset_told or _agrees(ahead):
            return []
        self._offset_told = True
        way = "ahead of" if ahead > 0 else "behind"
        seconds = abs(ahead) // SECOND
        text = f"the cuff's clock, read in {self.zone}, is about {seconds} s {way} this machine's; ours is used"
        return [self._speech.notice("clock-offset", text, at, code=str(ahead // SECOND))]

    # -- what they say -----------------------------------------------------------------------------------------

    def _result(self, result: Result, measured: int, received: int, at: int | None) -> Iterator[Item]:
        yield from self._subject_change(result.subject, received)
        # The same line again is the same measurement: none takes less than its device's minute to be repeated alike.
        again = (received - when for each, when in self._seen if each == result)
        if any(result.clock is not None or passed < REPEATED for passed in again):
            return
        self._seen.append((result, received))
        if result.check is False:
            text = "the check byte is not the sum of the block: it is read by its shape alone"
            yield from self._speech.once("sum", self._speech.notice("device-event", text, received, own=result.model))
        if result.error:
            text = f"the cuff gave no result: error {result.error} of the {result.model}"
            yield self._speech.notice(
                "cuff-failed", text, received, signal="NIBP", code=result.error, own="nibp", measured=measured
            )
            return
        if result.movements:
            text = f"the cuff counted movements of the subject during the measurement: {result.movements}"
            yield self._speech.notice(
                "signal-poor", text, received, signal="NIBP", code=str(result.movements), own="nibp", measured=measured
            )
        yield from self._values(result, measured, received, at)

    def _values(self, result: Result, measured: int, received: int, at: int | None) -> Iterator[Item]:
        status = Status.OK if result.check else Status.UNVERIFIED
        if self._waited(result, at):
            status, measured = Status.AGE_UNKNOWN, received
        pressures = (result.sys, result.dia, result.mean)
        there = [value for value in (result.sys, result.mean, result.dia) if value]
        in_order = all(higher > lower for higher, lower in pairwise(there))
        for signal, value in zip((*NIBP, "PR"), (*pressures, result.pulse), strict=True):
            own = "nibp.pr" if signal == "PR" else "nibp"
            if value is None:
                continue
            if value == 0:
                yield self._speech.reading(signal, None, Status.ZERO, received, own, measured)
                continue
            is_odd = not in_order and signal != "PR" and status is not Status.AGE_UNKNOWN
            worth = Status.RANGE if is_odd else status
            yield self._speech.number(
                signal, value, received, own, status=worth, limits=_LIMITS[signal], measured=measured
            )

    def _waited(self, result: Result, at: int | None) -> bool:
        """Whether the line may have waited at the port before it was opened, by its time and the cuff's clock."""
        if at is None or self._opened is None or at - self._opened >= AT_ONCE:
            return False
        return result.clock is None or not _agrees(self._instant(result.clock) - at)

    def _code(self, subject: bytes) -> bytes:
        """What is kept of a subject's number: enough to see that it has changed."""
        if not subject:
            return b""
        key = hashlib.blake2b(self._salt.encode(), digest_size=32).digest()
        return hashlib.blake2b(subject, key=key, digest_size=6).digest()

    def _subject_change(self, subject: bytes, at: int) -> Iterator[Item]:
        before, self._subject = self._subject, subject
        code = subject.hex() if self._salt else ""
        if before is None or before == subject:
            if before is None and code:
                yield self._speech.notice(
                    "device-event", "the cuff has a subject's number", at, code=code, own="subject"
                )
            return
        text = "the subject's number on the cuff has changed: is this still the same patient?"
        yield self._speech.notice("device-event", text, at, code=code, own="subject")


def _agrees(ahead: int) -> bool:
    """Whether a clock that shows minutes, ahead of ours by so much, may be right."""
    return -OFFSET_TOLD - MINUTE <= ahead <= OFFSET_TOLD
