"""HL7 v2 results (ORU^R01) over MLLP, from monitors, central stations and gateways (HL7 sheet).

Each message that came whole is acknowledged; nothing else is ever sent. Several beds on one port are told apart by
PV1-3. Who the patient is is dropped: only a hash is kept, to notice that it is another one.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from datetime import UTC, tzinfo
from hashlib import blake2b

from devices import instant
from devices.errors import SettingError
from devices.instant import MINUTE, SECOND
from devices.protocols.base import Counters
from devices.protocols.framing import Frame, Piece, Refused, Skipped
from devices.protocols.hl7 import places
from devices.protocols.hl7.acknowledge import acknowledgement, code_for
from devices.protocols.hl7.framing import Messages, Unended
from devices.protocols.hl7.message import BadMessage, Message, Reader
from devices.protocols.hl7.parting import OfAnother
from devices.protocols.hl7.privacy import shown
from devices.protocols.hl7.sequence import Sequences
from devices.protocols.hl7.station import Station
from devices.protocols.speech import Speech
from devices.reading import Item

NAME = "hl7"

UNFINISHED = 10 * SECOND
"""A message may take so long from its first byte to its last (µs)."""

SLOWEST = 5 * MINUTE
"""However slowly a sender speaks, silence is silence after so long (µs)."""

_KIND = re.compile(r"[A-Z]{3}(?:\^[A-Z][A-Z0-9]{2})?")
_REMEMBERED = 256
_ANSWERS_MOST = 1 << 20
_WAITING_MOST = 100
_PLACES_MOST = 100


class Hl7:
    """Driver of the protocol ``hl7``. It sends acknowledgements, nothing else.

    Live, a value's time is moved by the difference of the sender's clock and ours, measured on each message. Bytes
    without stamps are dated by the times in them, read in `zone` where they carry none.

    Args:
        zone: zone of times without one, a zone or its name.
        location: take the messages of this location only (PV1-3, such as ``Ward^3^7``); "" takes the first heard of.

    Raises:
        SettingError: a zone that does not exist.
    """

    name = NAME
    is_relative = False
    cuff_dating = 5 * SECOND

    def __init__(self, zone: str | tzinfo = UTC, location: str = "") -> None:
        try:
            self.zone: tzinfo = instant.zone_named(zone) if isinstance(zone, str) else zone
        except ValueError as error:
            raise SettingError(f"the setting 'zone': {error}") from None
        self.counters = Counters()
        self.assumed_start: int | None = None
        self._messages = Messages()
        self._reader = Reader()
        self._speech = Speech(NAME, self.counters)
        self._wanted: dict[str, places.Place] = {}
        self._stations: dict[str, Station] = {}
        self._boxes: dict[str, list[Item]] = {}
        self._only = places.parse(location)
        self._single = Station(self._speech, Counters())
        self._sequences = Sequences()
        self._recent: OrderedDict[bytes, None] = OrderedDict()
        self._gaps: list[int] = []
        self._heard: int | None = None
        self._begun = 0
        self._since: int | None = None
        self._looked: int | None = None
        self._is_live = False
        self._answers: list[bytes] = []
        self._answered = 0
        self._queue: list[Item] = []
        self._undated: list[Piece] = []
        self._moment: int | None = None
        self._strange: dict[str, None] = {}
        self._kinds: set[str] = set()

    @property
    def quiet_after(self) -> int:
        """Three of the longest pauses seen lately, at least ten seconds; before any was seen a minute and a half."""
        return min(SLOWEST, max(10 * SECOND, 3 * max(self._gaps))) if self._gaps else 90 * SECOND

    @property
    def needs_start(self) -> bool:
        """Messages without any time came in bytes without stamps: only a person can date them."""
        return any(each.timing.needs_start for each in (self._single, *self._stations.values()))

    @property
    def choice(self) -> str:
        """What a person must choose before a capture can be used, as a sentence; "" if nothing."""
        if self._only or self._stations or not self._strange or not self._single.place:
            return ""
        known = ", ".join((places.text_of(self._single.place), *self._strange))
        return f"the messages come from several locations ({known}): name one with --set location=LOCATION"

    # -- several beds ------------------------------------------------------------------------------------------

    def watch(self, place: str) -> None:
        """The messages of `place` are kept apart from now on, for `take`; those of no such place are refused."""
        self._wanted[place] = places.parse(place)
        self._stations[place] = Station(Speech(NAME, self.counters), Counters())
        self._boxes[place] = []

    def take(self, place: str) -> list[Item]:
        """What the messages of `place` said since last asked."""
        items, self._boxes[place] = self._boxes[place], []
        return items

    def counters_of(self, place: str) -> Counters:
        """What came for `place`; bytes of which nobody knows whose they were are not counted."""
        return self._stations[place].counters

    # -- bytes in ----------------------------------------------------------------------------------------------

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        self.counters.bytes_in += len(data)
        items, self._queue = self._queue, []
        if at is not None and self._since is not None and at - self._since >= UNFINISHED:
            for piece in self._messages.give_up():
                items += self._piece(piece, at)
            self._since = None
        for piece in self._messages.feed(data, plain=at is None):
            items += self._piece(piece, at)
        if not self._messages.is_unfinished:
            self._since = None
        elif self._messages.begun != self._begun:
            self._since = at
        self._begun = self._messages.begun
        self._looked = at
        return items

    def finish(self, at: int | None) -> list[Item]:
        items, self._queue = self._queue, []
        items += self._end(at)
        undated, self._undated = self._undated, []
        for piece in undated:
            items += self._tell(piece, self.assumed_start or 0)
        return items

    def _end(self, at: int | None) -> list[Item]:
        items: list[Item] = []
        for piece in self._messages.end():
            items += self._piece(piece, at)
        self._since = None
        return items

    def _piece(self, piece: Piece, at: int | None) -> list[Item]:
        if isinstance(piece, Unended):
            return self._unended(piece, at)
        if isinstance(piece, Frame):
            return self._message(piece.data, at, whole=True, is_first=not isinstance(piece, OfAnother))
        moment = self._moment if at is None else at
        if moment is None and len(self._undated) < _WAITING_MOST:
            # Nothing before it told the time: it is told with the first message that does.
            self._undated.append(piece)
            return []
        return self._tell(piece, moment or 0)

    def _tell(self, piece: Piece, moment: int) -> list[Item]:
        if isinstance(piece, Refused):
            return [self._speech.refused(Refused(shown(piece.data), piece.reason), moment)]
        assert isinstance(piece, Skipped)
        return [self._speech.skipped(Skipped(shown(piece.data), piece.count), moment)]

    def _unended(self, piece: Unended, at: int | None) -> list[Item]:
        """A message whose sender stopped: a cut number still looks like one, so its last, open segment is not used."""
        data, rest = piece.data, piece.rest
        if piece.plain and rest and _looks_whole(data, rest):
            data, rest = data + rest, b""
        items = self._message(data, at, whole=piece.plain and not rest)
        if rest:
            items += self._piece(Refused(rest, "cut at the end"), at)
        return items

    def _message(self, data: bytes, at: int | None, whole: bool, is_first: bool = True) -> list[Item]:
        try:
            message = self._reader.read(data)
        except BadMessage as error:
            return self._piece(Refused(data, str(error)), at)
        kind, event = message.kind
        if kind == "ACK" or kind == "MCF":
            # An acknowledgement is never acknowledged: two receivers would talk for ever.
            self._count(at, self.counters)
            return []
        if whole and is_first:
            self._answer(message, at)
        if self._is_repeated(message, data):
            self._count(at, self.counters)
            return []
        if kind != "ORU" or event not in ("R01", ""):
            self._count(at, self.counters)
            return self._ignored(message, at)
        return self._routed(message, data, at, is_first)

    def _routed(self, message: Message, data: bytes, at: int | None, is_first: bool) -> list[Item]:
        """Hands the message to the bed it belongs to."""
        place = places.location(message.location(), message.delimiters)
        station, why_not, name = self._single, "", ""
        if self._stations:
            found = [each for each, wanted in self._wanted.items() if places.is_at(place, wanted)]
            if len(found) == 1:
                name, station = found[0], self._stations[found[0]]
            else:
                said = places.text_of(place) or "no location (PV1-3)"
                why_not = (
                    f"messages of {said} belong to {'more than one bed' if found else 'no bed'}: they are not used"
                )
        elif self._only and not places.is_at(place, self._only):
            said = places.text_of(place) or "no location (PV1-3)"
            why_not = f"messages of {said} are not of {places.text_of(self._only)}: they are not used"
        why_not = why_not or station.why_not(message, place, at, self.zone)
        if why_not:
            return self._strangers(why_not, places.text_of(place), at)
        self._count(at, self.counters)
        items = station.take(message, at, self.zone, self.assumed_start)
        if is_first:
            items = self._sequence(message, station) + items
        if at is None:
            self._moment = station.timing.received
            items = self._told_late() + items
        if not name:
            return items
        self._count(at, station.counters)
        station.counters.bytes_in += len(data)
        self._boxes[name] += items
        return []

    def _strangers(self, text: str, place: str, at: int | None) -> list[Item]:
        """A good message that is no bed's here: counted, and told once for each location."""
        self.counters.reject("another location" if place else "no location")
        if place and len(self._strange) < _PLACES_MOST:
            self._strange[place] = None
        if place and place not in self._strange:
            return []
        moment = at if at is not None else self._moment or self.assumed_start or 0
        code = place or "PV1-3"
        return self._speech.once(f"stranger {text}", self._speech.notice("value-refused", text, moment, code=code))

    def _sequence(self, message: Message, station: Station) -> list[Item]:
        kind, text, code = self._sequences.take(message, station.timing.sent)
        if not kind:
            return []
        return [self._speech.notice(kind, text, station.timing.received, code=code)]

    def _ignored(self, message: Message, at: int | None) -> list[Item]:
        name = "^".join(part for part in message.kind if part)
        if not _KIND.fullmatch(name):
            name = "of no known type"  # what stands there instead may be anything, a name too
        moment = at if at is not None else self._moment or self.assumed_start or 0
        text = f"messages {name} are left out: they are no results"
        known = message.header[2:10] if _KIND.fullmatch(name) else []
        raw = message.delimiters.field.join(("MSH", *known)).encode("utf-8", "replace")
        if len(self._kinds) > _PLACES_MOST:
            return []
        self._kinds.add(name)
        return self._speech.once(
            f"type {name}", self._speech.notice("ignored", text, moment, code=name, raw=shown(raw))
        )

    def _is_repeated(self, message: Message, data: bytes) -> bool:
        """Whether it is a message sent again, for want of an acknowledgement: the same bytes, with a time in them."""
        has_time = message.time is not None or any(group.time for group in message.groups)
        if not message.control_id or not has_time:
            return False
        key = blake2b(data, digest_size=16).digest()
        if key in self._recent:
            return True
        self._recent[key] = None
        if len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)
        return False

    def _told_late(self) -> list[Item]:
        undated, self._undated = self._undated, []
        return [item for piece in undated for item in self._tell(piece, self._moment or 0)]

    def _count(self, at: int | None, counters: Counters) -> None:
        counters.frames += 1
        if counters is not self.counters or at is None:
            return
        if self._heard is not None:
            self._gaps = [*self._gaps[-7:], min(SLOWEST, max(0, at - self._heard))]
        self._heard = at

    # -- bytes out ---------------------------------------------------------------------------------------------

    def _answer(self, message: Message, at: int | None) -> None:
        code = code_for(message)
        if not code or not self._is_live or at is None or self._answered > _ANSWERS_MOST:
            return
        answer = acknowledgement(message, code, self.counters.frames, at)
        self._answers.append(answer)
        self._answered += len(answer)

    def send(self, at: int) -> bytes:
        """The acknowledgements of what came since the last call."""
        answers, self._answers, self._answered = b"".join(self._answers), [], 0
        return answers

    def wake(self) -> int | None:
        """At once where something is to be acknowledged, else when an unfinished message will have taken too long.

        A port that listens keeps the unfinished ones to itself and tells of them when it is read: so it is read now
        and then, whether anything comes or not.
        """
        if not self._is_live:
            return None
        looked = self._looked if self._looked is not None else 0
        if self._answers:
            return looked
        if self._queue:
            return looked
        return min(self._since if self._since is not None else looked, looked) + UNFINISHED

    def opened(self, at: int) -> None:
        """The port is a new connection: what the old one left half said has ended there."""
        if self._is_live:
            self._queue += self._end(self._looked if self._looked is not None else at)
        self._messages = Messages()
        self._begun, self._since = 0, None
        self._answers, self._answered = [], 0
        self._is_live, self._looked = True, at


def _looks_whole(data: bytes, rest: bytes) -> bool:
    """Whether the last line of a file, which has no end, is cut: it has the shape of the result line before it."""
    before = data.replace(b"\n", b"\r").rstrip(b"\r").rsplit(b"\r", 1)[-1]
    if len(rest) < 4 or not rest.startswith(b"OBX") or not before.startswith(b"OBX" + rest[3:4]):
        return len(rest) > 3 and not rest.startswith(b"OBX")
    mine, others = rest.split(rest[3:4]), before.split(before[3:4])
    if mine[2:3] == [b"TX"] and len(mine) == 12:
        return True  # a text; a number in it is nobody's value
    return len(mine) == len(others) >= 12 and len(mine[-1]) == len(others[-1])
