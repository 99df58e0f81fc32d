"""Files of HL7 v2 results: MLLP blocks, batches and plain messages, read by the driver that would read them live.

A file asks nobody for an acknowledgement, and gets none. Who the patients are stays unknown: several are told apart
by their location (PV1-3) or in the order in which they come, and chosen by that or by an identifier that a person
gives. Source: the HL7 sheet, sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from devices.errors import ChoiceNeeded, RecordingError
from devices.protocols.framing import Frame
from devices.protocols.hl7 import places
from devices.protocols.hl7.driver import Hl7
from devices.protocols.hl7.framing import END, START, Messages, Unended
from devices.protocols.hl7.message import BadMessage, Message, Reader
from devices.protocols.hl7.places import Place
from devices.protocols.hl7.syntax import Delimiters
from devices.reading import Item, Reading
from devices.recordings.explanation import Explanation
from devices.recordings.hl7_corrections import Changes, Corrected, changes
from devices.recordings.hl7_sent import Sent, sent_as_measured
from devices.recordings.options import Options, refuse_start
from devices.recordings.recording import Builder, Column, Recording
from devices.recordings.texts import refuse_long

FORMAT = "hl7"

_AT_ONCE = 1 << 16
_LEFT_OUT = ("unknown-parameter", "ignored")

Whose = tuple[Place, str]
"""The location of a message, and a hash of its patient, "" if it names nobody."""


class _Census(Struct):
    """Whose messages a file holds, in the order in which they come, and whether they carry times."""

    held: dict[Whose, int] = field(default_factory=dict)
    dated: int = 0
    messages: int = 0
    sent: Sent = field(default_factory=Sent)
    corrects: bool = False

    def named(self) -> dict[str, frozenset[Whose]]:
        """The patients by what they are called here: their location where it has one patient, else numbered."""
        patients: dict[Place, list[Whose]] = {}
        for place, who in self.held:
            patients.setdefault(place, []).append((place, who))
        found: dict[str, frozenset[Whose]] = {}
        for place, theirs in patients.items():
            # Messages that name nobody are those of the one patient there, if there is only one.
            known = [each for each in theirs if each[1]]
            text = places.text_of(place) or "patient"
            if len(known) < 2:
                found[text] = frozenset(theirs)
            else:
                found |= {f"{text}#{number}": frozenset((each,)) for number, each in enumerate(known, 1)}
        return found


def read(path: Path, options: Options) -> Recording:
    """Reads the file `path`.

    Raises:
        ChoiceNeeded: its messages are of several patients, or carry no times.
        RecordingError: nothing in it is a message, or it is too large.
    """
    refuse_long(path.stat().st_size, options.limits.text_bytes, path.name)
    if replace(options.overrides, zone="") != type(options.overrides)():
        raise RecordingError("HL7 messages say what their values are: leave all but time.zone out of --mapping")
    census = _census(path, options)
    if not census.messages:
        raise RecordingError(f"{path.name} is no file of HL7 messages: none in it is whole")
    if census.dated:
        refuse_start(options, path.name)
    elif options.start is None and census.held:
        raise ChoiceNeeded(f"the messages in {path.name} carry no times: say when they began with --start", "start")
    named = census.named()
    chosen = _chosen(named, options)
    into = Builder(FORMAT, options.limits)
    into.patients = tuple(named)
    driver = Hl7(options.zone)
    driver.assumed_start = options.start
    items = _items(path, driver, None if len(named) < 2 else chosen, census, into)
    if said := census.sent.sentence:
        into.notice("time-assumed", said)
    _take(items, driver, into)
    assumed = any(notice.kind == "time-assumed" for notice in items if not isinstance(notice, Reading))
    into.explanation = Explanation(
        files=(path.name,),
        layout="HL7 v2 result messages (ORU^R01)",
        times=_times(census),
        zone=str(options.zone) if assumed and census.dated else "",
        zone_said=options.zone_said,
    )
    return into.build()


def _times(census: _Census) -> str:
    if census.sent.is_export:
        return "OBX-14, else OBR-7"
    return "OBX-14, else OBR-7, else MSH-7" if census.dated else "assumed: one message a minute"


def _pieces(path: Path) -> Iterator[Frame]:
    """The messages in the file, blocks and plain ones."""
    messages = Messages()
    with path.open("rb") as file:
        while data := file.read(_AT_ONCE):
            yield from (piece for piece in messages.feed(data, plain=True) if isinstance(piece, Frame))
    yield from (piece for piece in messages.end() if isinstance(piece, Frame))


def _census(path: Path, options: Options) -> _Census:
    census, reader = _Census(), Reader()
    for piece in _pieces(path):
        try:
            message = reader.read(piece.data)
        except BadMessage:
            continue
        census.messages += 1
        if census.messages > options.limits.rows:
            raise RecordingError(f"{path.name} holds more than {options.limits.rows} messages: cut it into parts")
        if message.kind[0] == "ORU":
            whose = _whose(message)
            census.held[whose] = census.held.get(whose, 0) + 1
            has_time = message.time or any(group.time for group in message.groups) or any(c[3] for c in message.cells)
            census.dated += has_time is not None and bool(has_time)
            census.sent.add(message, whose, options.zone)
            census.corrects = census.corrects or changes(message, options.zone) != Changes()
    return census


def _whose(message: Message) -> Whose:
    place = places.identity(places.location(message.location(), message.delimiters))
    return place, places.patient(message.patient, message.delimiters) or ""


def _chosen(named: dict[str, frozenset[Whose]], options: Options) -> frozenset[Whose]:
    """Whose messages are read."""
    shown = ", ".join(list(named)[:8]) + (", ..." if len(named) > 8 else "")
    if options.patient is None:
        if len(named) > 1:
            raise ChoiceNeeded(
                f"the messages are of {len(named)} patients: say --patient, one of {shown}, or a patient's identifier",
                "patient",
                tuple(named),
            )
        return frozenset().union(*named.values())
    if options.patient in named:
        return named[options.patient]
    who = places.patient(f"PID|||{options.patient}", Delimiters(escape=""))
    found = [theirs for theirs in named.values() if who in {each[1] for each in theirs}]
    wanted = places.parse(options.patient)
    found = found or [theirs for theirs in named.values() if any(places.is_at(each[0], wanted) for each in theirs)]
    if len(found) == 1:
        return found[0]
    raise RecordingError(f"the messages are of no one patient {options.patient!r}: say --patient, one of {shown}")


def _items(path: Path, driver: Hl7, chosen: frozenset[Whose] | None, census: _Census, into: Builder) -> list[Item]:
    """What the messages of the `chosen` say, of all if that is None."""
    items: list[Item] = []
    if chosen is None and not census.sent.is_export and not census.corrects:
        with path.open("rb") as file:
            while data := file.read(_AT_ONCE):
                items += driver.receive(data, None)
        return items + driver.finish(None)
    reader, found, seen = Reader(), Corrected(), set[int]()
    for piece in _pieces(path):
        try:
            message = reader.read(piece.data)
        except BadMessage:
            continue
        if chosen is not None and message.kind[0] == "ORU" and _whose(message) not in chosen:
            into.counts.refuse("of other patients")
            continue
        data = sent_as_measured(piece.data, message, driver.zone) if census.sent.is_export else piece.data
        said = changes(message, driver.zone) if census.corrects and hash(data) not in seen else Changes()
        seen.add(hash(data))  # sent twice, it would take back what came after it
        block = bytes((START,)) + data
        if isinstance(piece, Unended):
            # As in the file: its last, open segment is not used.
            found.add(driver.receive(block + piece.rest, None) + driver.finish(None), said)
        else:
            found.add(driver.receive(block + bytes((END,)) + b"\r", None), said)
    if found.lost:
        into.notice("value-refused", f"{found.lost} values were corrected or taken back by later messages: left out")
    return found.left() + driver.finish(None)


def _take(items: list[Item], driver: Hl7, into: Builder) -> None:
    counts = into.counts
    others = sum(counts.refused.values())
    counts.rows = driver.counters.frames + driver.counters.rejected + others
    counts.used = driver.counters.frames
    for reason, count in driver.counters.by_reason.items():
        counts.refuse(reason, count)
    found: dict[str, Column] = {}
    for item in items:
        if isinstance(item, Reading):
            into.take(item)
            name = item.source.partition(":")[2]
            found.setdefault(name, Column(name, item.signal, item.unit))
            continue
        into.notice(
            item.kind, item.text, time=item.time, signal=item.signal, code=item.code, raw=item.raw, row=item.received
        )
        if item.kind in _LEFT_OUT and item.code:
            found.setdefault(item.code, Column(item.code, "", "", item.text))
    into.mapping = list(found.values())
