"""Nonin oximeters and modules, whatever they are set to send (text oximeters sheet, section A).

The format is found by the bytes, and no value is told before several frames agree. At most one sample a second.
Formats 2, 7 and 13 are guarded by a sum; values of the others are `unverified`. Nothing is ever sent.
"""

from __future__ import annotations

from collections import deque
from datetime import UTC, tzinfo

from devices import instant
from devices.errors import SettingError
from devices.instant import SECOND
from devices.protocols.base import Counters
from devices.protocols.framing import RAW_KEPT, Frame, Lines, Piece, Refused, Scanner, Skipped
from devices.protocols.nonin import shapes
from devices.protocols.nonin.dense import Dense
from devices.protocols.nonin.recognise import Part, Recogniser
from devices.protocols.nonin.sparse import Sparse
from devices.protocols.nonin.times import Times
from devices.protocols.nonin.troubles import Troubles
from devices.protocols.oximeter import Oximeter
from devices.protocols.speech import Speech
from devices.reading import Item

PATIENCE = {"ascii": 512, "1": 64, "2": 1_250, "7": 1_250, "8": 64, "13": 512}
"""Bytes without one whole frame after which the format is in question again, unless they look like spoilt ones."""

_SPOILT = 20
"""A spoilt frame in so many bytes, on average, and they are still of this format."""

_DENSE = ("2", "7")
_STALE = 5 * SECOND
_STALE_BYTES = 16
"""Live, formats 2 and 7 are in question sooner: they never leave so long a pause between frames."""


class Nonin:
    """Driver of the protocol ``nonin``.

    Args:
        data_format: one of `shapes.FORMATS`, or ``auto``: found by the bytes.
        zone: zone of the oximeter's clock (format 13 only), a zone or its name.

    Raises:
        SettingError: a format or a zone that does not exist.
    """

    name = "nonin"
    quiet_after = 10 * SECOND
    cuff_dating = SECOND
    is_relative = False

    def __init__(self, data_format: str = "auto", zone: str | tzinfo = UTC) -> None:
        if data_format != "auto" and data_format not in shapes.FORMATS:
            known = ", ".join(("auto", *shapes.FORMATS))
            raise SettingError(f"the setting 'data_format' cannot be {data_format!r}: there are {known}")
        self.counters = Counters()
        self._fixed = "" if data_format == "auto" else data_format
        self._speech = speech = Speech(self.name, self.counters)
        oximeter = Oximeter(speech)
        try:
            self._times = Times(speech, self.name, instant.zone_named(zone) if isinstance(zone, str) else zone)
        except ValueError as error:
            raise SettingError(f"the setting 'zone': {error}") from None
        self._troubles = Troubles(speech, self.counters)
        self._dense = Dense(speech, oximeter, self._troubles, self._times)
        self._sparse = Sparse(speech, oximeter, self._times, self.counters)
        self._reset()

    def _reset(self) -> None:
        """Nothing is recognised, nothing half read."""
        self._format = self._fixed
        self._framer: Scanner | Lines | None = shapes.framer(self._fixed, known=True) if self._fixed else None
        self._recogniser = Recogniser()
        self._is_new = False  # a format was recognised and is not told yet
        self._look_again()
        self._good_at: int | None = None  # when the last whole frame came, and what has come since
        self._bytes_since, self._refused_good = 0, self.counters.rejected
        self._dense.clear()

    def _look_again(self) -> None:
        self._window, self._frames_then, self._refused_then = 0, self.counters.frames, self.counters.rejected

    @property
    def zone(self) -> tzinfo:
        return self._times.zone

    @zone.setter
    def zone(self, zone: tzinfo) -> None:
        self._times.zone = zone

    @property
    def assumed_start(self) -> int | None:
        return self._times.assumed_start

    @assumed_start.setter
    def assumed_start(self, start: int | None) -> None:
        self._times.assumed_start = start

    @property
    def needs_start(self) -> bool:
        """Samples came that nothing dates, and nobody said when they began."""
        return self._times.is_nominal and self._times.assumed_start is None

    def opened(self, at: int) -> None:
        self._reset()

    def wake(self) -> int | None:
        return None

    def send(self, at: int) -> bytes:
        return b""

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        """What the bytes say; see `devices.protocols.base.Driver`."""
        self.counters.bytes_in += len(data)
        items: list[Item] = []
        parts: deque[Part] = deque([(data, at)])
        while parts:
            part, came = parts.popleft()
            if self._framer is None:
                found, used, given_up = self._recogniser.feed(part, came)
                for piece in given_up:
                    items += self._piece(piece, came)
                if found:
                    self._format, self._framer = found, shapes.framer(found, known=found in ("1", "8"))
                    self._look_again()
                    self._is_new = True
                    parts.appendleft((part[used:], came))
                    parts.extendleft(reversed(self._recogniser.take()))
                continue
            if self._is_stale(came):
                items += self._end(came)
                self._reset()
                parts.appendleft((part, came))
                continue
            # Cut where the format may come into question, so that this does not hang on how the bytes come.
            fits = PATIENCE[self._format] - self._window
            if len(part) > fits:
                parts.appendleft((part[fits:], came))
            items += self._read(self._framer, part[:fits], came)
        return items

    def _tell_format(self, at: int | None) -> list[Item]:
        """What was recognised, for a person to agree with: told with the first frame, which may bring the time."""
        is_new, self._is_new = self._is_new, False
        if not is_new or not self._speech.changed("format", self._format):
            return []
        text = f"the oximeter sends {'text lines' if self._format == 'ascii' else f'data format {self._format}'}"
        return [self._speech.notice("device-event", text, self._times.when(at), code=f"format {self._format}")]

    def _is_stale(self, at: int | None) -> bool:
        """Whether bytes have come for long, none of which was a frame of format 2 or 7, or looked like a spoilt one."""
        if at is None or self._good_at is None or self._format not in _DENSE or self._fixed:
            return False
        came, refused = self._bytes_since, self.counters.rejected - self._refused_good
        return at - self._good_at >= _STALE and came >= _STALE_BYTES and refused * _SPOILT < came

    def finish(self, at: int | None) -> list[Item]:
        """The bytes have ended: what is half read or was not recognised is told, and the last packet counts."""
        items: list[Item] = []
        if self._framer is None and (found := self._recogniser.only()):
            self._format, self._framer = found, shapes.framer(found, known=True)
        for part, came in self._recogniser.take():
            if self._framer is not None:
                items += self._read(self._framer, part, came)
            else:
                items += self._piece(Skipped(part[:RAW_KEPT], len(part)), came)
        return items + self._end(at)

    def _read(self, framer: Scanner | Lines, data: bytes, at: int | None) -> list[Item]:
        items: list[Item] = []
        before = self.counters.frames
        for piece in framer.feed(data):
            items += self._piece(piece, at)
        self._bytes_since += len(data)
        if self.counters.frames > before:
            self._good_at, self._bytes_since, self._refused_good = at, 0, self.counters.rejected
            items += self._tell_format(at)
        self._window += len(data)
        if self._window < PATIENCE[self._format]:
            return items
        is_understood = self.counters.frames > self._frames_then
        is_spoilt = self._format in _DENSE and (self.counters.rejected - self._refused_then) * _SPOILT >= self._window
        self._look_again()
        if not (is_understood or is_spoilt or self._fixed):
            items += self._end(at)
            self._reset()
        return items

    def _end(self, at: int | None) -> list[Item]:
        items: list[Item] = []
        if self._framer is not None:
            for piece in self._framer.end():
                items += self._piece(piece, at)
        return items + self._dense.finish(at) + self._troubles.tell(self._times.when(at))

    def _piece(self, piece: Piece, at: int | None) -> list[Item]:
        if not isinstance(piece, Frame):
            return self._trouble(piece, at)
        if self._format == "ascii":
            troubles, items = self._sparse.line(piece.data, at)
            return [item for each in troubles for item in self._trouble(each, at)] + items
        if self._format == "13":
            return self._sparse.spot_check(piece.data, at)
        if self._format not in _DENSE:
            return self._sparse.record(piece.data, at)
        statuses = piece.data[1::5] if self._format == "2" else piece.data[0::5]
        self.counters.frames += len(statuses)
        return self._dense.frames(statuses, piece.data[3::5], at)

    def _trouble(self, piece: Refused | Skipped, at: int | None) -> list[Item]:
        many = self._troubles.take(piece)
        return self._troubles.tell(self._times.when(at)) if many or self._format not in _DENSE else []
