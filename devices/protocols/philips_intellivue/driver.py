"""Philips IntelliVue Data Export, on RS-232 and on the network (Philips sheet)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, tzinfo

from msgspec.structs import replace

from devices import instant
from devices.errors import SettingError
from devices.instant import SECOND
from devices.protocols.base import Counters
from devices.protocols.framing import Frame, Piece, Refused, Skipped
from devices.protocols.philips_intellivue import messages
from devices.protocols.philips_intellivue.association import read_terms
from devices.protocols.philips_intellivue.clock import MonitorClock, Spacing, read_absolute, to_instant
from devices.protocols.philips_intellivue.cuff import CuffWatch, Moment
from devices.protocols.philips_intellivue.frames import Framer, Transport, unwrap, wrap
from devices.protocols.philips_intellivue.messages import (
    Association,
    Kind,
    Link,
    Operation,
    PollResult,
    ShapeError,
    read_attributes,
    read_list,
    read_message,
    read_poll,
)
from devices.protocols.philips_intellivue.session import Session
from devices.protocols.philips_intellivue.vitals import ABSOLUTE_TIME, RELATIVE_TIME, Vitals
from devices.protocols.speech import Speech
from devices.reading import Item, Notice

NAME = "philips-intellivue"
OFFSET_TOLD = 30 * SECOND
_WAITING = 256
"""Refusals that wait for the first message that tells the time."""

_ERRORS = {0: "no such object class", 1: "no such object", 2: "access denied", 7: "error in a list that was read",
           8: "error in a list that was set", 9: "no such action", 10: "it failed", 15: "wrong argument",
           16: "wrong scope", 17: "wrong object"}  # fmt: skip

_LEFT_OUT = {
    messages.WAVES: ("ignored", "waves"),
    0x0005: ("ignored", "enumerations"),
    messages.PATIENT: ("ignored", "the patient's data (never kept)"),
    messages.ALERTS: ("device-event", "the monitor's own alarms"),
}


class PhilipsIntellivue:
    """Driver of the protocol ``philips-intellivue``.

    Live, readings carry the instant they came at; the cuff's are as old as they are on the monitor's own clock.
    Bytes without stamps are dated by that clock, read in `zone`, or from an assumed start where no message tells it.

    Args:
        transport: ``serial``, ``udp`` or ``auto``. extended: let the monitor send by itself where it can.
        zone: zone of the monitor's clock, a zone or its name.

    Raises:
        SettingError: a transport or a zone that cannot be.
    """

    name = NAME
    quiet_after = 10 * SECOND
    cuff_dating = 3 * SECOND
    needs_start = False

    def __init__(self, transport: str = "auto", extended: bool = True, zone: str | tzinfo = UTC) -> None:
        if transport not in ("auto", "serial", "udp"):
            raise SettingError(f"the setting 'transport' cannot be {transport!r}: give serial, udp or auto")
        try:
            self.zone: tzinfo = instant.zone_named(zone) if isinstance(zone, str) else zone
        except ValueError as error:
            raise SettingError(f"the setting 'zone': {error}") from None
        self.counters = Counters()
        self.assumed_start: int | None = None
        self._transport = None if transport == "auto" else Transport(transport)
        self._framer = Framer(self._transport)
        self._speech = Speech(NAME, self.counters)
        self._clock = MonitorClock()
        self._cuff = CuffWatch(self._speech)
        self._vitals = Vitals(self._speech, self._cuff)
        self._session = Session(self._speech, extended)
        self._waiting: list[Notice] = []
        self._spacing = Spacing()
        self._offset_told = False
        self._undated = False

    @property
    def is_relative(self) -> bool:
        return self._clock.relative and self.assumed_start is None

    # Bytes in.

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        """What the bytes say; see `devices.protocols.base.Driver`."""
        self.counters.bytes_in += len(data)
        items = self._session.told()
        for piece in self._framer.feed(data):
            items += self._piece(piece, at)
        return items

    def finish(self, at: int | None) -> list[Item]:
        """The bytes have ended: what is left half read is told."""
        items = self._session.told()
        for piece in self._framer.end():
            items += self._piece(piece, at)
        return items + self._release(self.assumed_start or 0)

    def _piece(self, piece: Piece, at: int | None) -> Iterator[Item]:
        if isinstance(piece, Frame):
            data = unwrap(piece.data)
            try:
                items = self._message(data, at)
            except ShapeError:
                yield from self._refusal(Refused(data[:256], "shape"), at)
                return
            yield from items
        else:
            yield from self._refusal(piece, at)

    def _refusal(self, piece: Refused | Skipped, at: int | None) -> Iterator[Item]:
        when = self._clock.last if at is None else at
        tell = self._speech.refused if isinstance(piece, Refused) else self._speech.skipped
        notice = tell(piece, when or 0)  # type: ignore[arg-type]
        if when is not None:
            yield notice
        elif len(self._waiting) < _WAITING:
            # Nothing before it told the time: it is told with the first message that does.
            self._waiting.append(notice)

    def _release(self, at: int) -> list[Item]:
        waiting, self._waiting = self._waiting, []
        return [replace(notice, time=at, received=at) for notice in waiting]

    # Messages.

    def _message(self, data: bytes, at: int | None) -> list[Item]:
        """What one message says.

        Raises:
            ShapeError: it is none, or its lengths contradict each other.
        """
        message = read_message(data)
        if _is_ours(message):
            text = "messages of a client are among the bytes: a log of both sides, or a cable that returns what is sent"
            return self._undated_once("echo", "ignored", text, at)
        if isinstance(message, Operation):
            items = self._operation(message, at)
        else:
            items = self._association(message, at)
        self.counters.frames += 1
        self._session.carried(self._framer.found)
        return items

    def _association(self, message: Association, at: int | None) -> list[Item]:
        if message.link is Link.ACCEPT:
            self._begins_anew()
            if at is not None:
                self._session.accepted(read_terms(message.data), at)
            return []
        if message.link is Link.REFUSE:
            text = "the monitor refuses the association: another client holds it; it is asked for again in 10 s"
            if at is None:
                return self._undated_once("refused", "device-event", text, at)
            self._session.refused(at)
            if not self._speech.changed("association", "refused"):
                return []
            return [self._speech.notice("device-event", text, at, code="0C")]
        self._spacing.interrupt()
        unasked = at is None or self._session.ended(at)
        code = f"{message.link:02X}"
        if at is None or not unasked:
            return []
        text = "the monitor ended the association: it is asked for anew"
        return [self._speech.notice("device-event", text, at, code=code)]

    def _begins_anew(self) -> None:
        self._spacing = Spacing()
        self._vitals.forget_objects()
        self._speech.changed("association", "")

    def _operation(self, message: Operation, at: int | None) -> list[Item]:
        if message.kind is Kind.INVOKE:
            return self._event(message, at)
        if message.kind is Kind.ERROR:
            return self._error(message, at)
        result = read_poll(message)
        if result is not None:
            return self._result(result, message.last, at)
        return []

    def _error(self, message: Operation, at: int | None) -> list[Item]:
        why = _ERRORS.get(message.command, "an error that is not known")
        text = f"the monitor answered a request with error {message.command}: {why}"
        if at is not None:
            self._session.failed(message.invoke, at)
        return self._undated_once(f"error {message.command}", "device-event", text, at, str(message.command))

    def _event(self, message: Operation, at: int | None) -> list[Item]:
        body = message.body
        if len(body) < 14:
            raise ShapeError
        ticks, kind = int.from_bytes(body[6:10]), int.from_bytes(body[10:12])
        if kind != messages.MDS_CREATE:
            text = f"the monitor told of an event {kind:04X}, which is not known"
            return self._undated_once(f"event {kind}", "unknown-parameter", text, at, f"{kind:04X}")
        attributes = read_attributes(body[20:])
        self._begins_anew()
        if at is not None:
            self._session.created(message.invoke, at)
        return self._system(attributes, ticks, at, described=True)

    def _result(self, result: PollResult, last: bool, at: int | None) -> list[Item]:
        if result.object_class == messages.SYSTEM:
            attributes: dict[int, bytes] = {}
            for observation in read_list(result.list):
                attributes |= observation.attributes
            if at is not None:
                self._session.answered(at, numbers=False)
            return self._system(attributes, result.ticks, at)
        if result.object_class != messages.NUMERICS:
            if at is not None:
                self._session.answered(at, numbers=False)
            return self._left_out(result.object_class, at)
        observations = list(read_list(result.list))
        device, told = self._taken(result.ticks, at)
        if (wall := read_absolute(result.absolute)) is not None:
            self._clock.set_wall(device, wall)
        moment = Moment(self._clock.moment(device, at, self.zone, self.assumed_start), device)
        items: list[Item] = self._dated(moment.at, at)
        items += [replace(notice, time=moment.at, received=moment.at) for notice in told]
        items += self._gap(result, device, moment.at)
        items += self._vitals.numbers(observations, result, self._clock, moment)
        if at is not None:
            items += self._session.answered(at, numbers=True, last=last)
        return items

    def _left_out(self, object_class: int, at: int | None) -> list[Item]:
        unknown = ("unknown-parameter", f"objects of class {object_class:04X}, which is not known,")
        kind, what = _LEFT_OUT.get(object_class, unknown)
        text = f"{what} come as well and are left out"
        return self._undated_once(f"class {object_class}", kind, text, at, f"{object_class:04X}")

    def _system(self, attributes: dict[int, bytes], ticks: int, at: int | None, described: bool = False) -> list[Item]:
        relative = attributes.get(RELATIVE_TIME, b"")
        device, told = self._taken(int.from_bytes(relative) if len(relative) == 4 else ticks, at, described)
        wall = read_absolute(attributes.get(ABSOLUTE_TIME, b""))
        if wall is not None:
            self._clock.set_wall(device, wall)
        elif at is None and self._clock.last is None:
            return []
        moment = self._clock.moment(device, at, self.zone, self.assumed_start)
        items: list[Item] = self._dated(moment, at)
        items += [replace(notice, time=moment, received=moment) for notice in told]
        if wall is not None and at is not None:
            items += self._offset(to_instant(wall, self.zone) - at, at)
        return [*items, *self._vitals.system(attributes, moment)]

    def _taken(self, ticks: int, at: int | None, described: bool = False) -> tuple[int, list[Notice]]:
        """The device time of a counter, and what it says of the monitor."""
        device, restarted = self._clock.take(ticks, at, described)
        if not restarted:
            return device, []
        self._begins_anew()
        self._cuff.restarted()
        text = "the monitor started anew: its clock counts from the beginning"
        return device, [self._speech.notice("device-restarted", text, at or 0, code=str(ticks))]

    def _dated(self, moment: int, at: int | None) -> list[Item]:
        """What waited for the first time that is known; for bytes without stamps, how they are dated."""
        items = self._release(moment)
        if at is not None or self._undated:
            return items
        self._undated = True
        text = f"the bytes carry no times: the monitor's own clock was taken, read in {self.zone}"
        if self._clock.relative:
            text = "the bytes carry no date: times count from the first number, as the monitor's counter has them"
        return [*items, self._speech.notice("time-assumed", text, moment)]

    def _offset(self, offset: int, at: int) -> list[Item]:
        if abs(offset) <= OFFSET_TOLD or self._offset_told:
            return []
        self._offset_told = True
        way = "ahead of" if offset > 0 else "behind"
        seconds = abs(offset) // SECOND
        text = f"the monitor's clock, read in {self.zone}, is {seconds} s {way} this machine's; ours is used"
        code = str(offset // SECOND if offset > 0 else -seconds)
        return [self._speech.notice("clock-offset", text, at, code=code)]

    def _gap(self, result: PollResult, device: int, at: int) -> list[Item]:
        if result.action != messages.EXTENDED_POLL:
            self._spacing.interrupt()
            return []
        lost, step = self._spacing.take(device)
        if not lost:
            return []
        text = f"{lost} answers of the monitor did not come: its counter went on by {step / SECOND:.3f} s"
        return [self._speech.notice("sequence-gap", text, at, code=str(lost))]

    def _undated_once(self, key: str, kind: str, text: str, at: int | None, code: str = "") -> list[Item]:
        """A notice, told once, of a message that carries no time of its own."""
        when = self._clock.last if at is None else at
        told = self._speech.once(key, self._speech.notice(kind, text, when or 0, code=code))
        if when is not None or not told:
            return told
        self._waiting += [item for item in told if isinstance(item, Notice)]
        return []

    # Bytes out.

    def opened(self, at: int) -> None:
        """The port is open: the wire's own bytes come, and an association is asked for."""
        found = self._framer.found
        self._framer = Framer(self._transport, live=True)
        self._spacing.interrupt()
        self._offset_told = False
        self._cuff.reopened()
        self._session.opened(at, self._transport or found)

    def send(self, at: int) -> bytes:
        """The next message that is due, one at a time: on the network each is a datagram of its own."""
        return _carried(self._session.send(at))

    def wake(self) -> int | None:
        return self._session.wake()

    def closing(self) -> bytes:
        """The end of the association, if there is one."""
        return _carried(self._session.closing())


def _carried(message: tuple[bytes, Transport] | None) -> bytes:
    if message is None:
        return b""
    data, transport = message
    return wrap(data) if transport is Transport.SERIAL else data


def _is_ours(message: Association | Operation) -> bool:
    """Whether a message is one that only a client sends."""
    if isinstance(message, Association):
        return message.link in (Link.REQUEST, Link.RELEASE)
    if message.kind is Kind.INVOKE:
        return message.command > messages.CONFIRMED_EVENT
    return message.kind is Kind.RESULT and message.command == messages.CONFIRMED_EVENT
