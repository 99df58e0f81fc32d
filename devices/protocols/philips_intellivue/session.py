"""What is said to an IntelliVue monitor, and when (Philips sheet, sections 4.2 to 4.7, 6 and 7).

An association is asked for, the monitor describes itself and is confirmed, then it is asked for its numbers: once for
a minute of them where it sends by itself, else every second. A cheap poll in between keeps the association alive.
Nothing of all this acts on a patient or changes the monitor.
"""

from __future__ import annotations

from collections import deque
from enum import Enum

from devices.instant import SECOND
from devices.protocols.philips_intellivue import association, messages
from devices.protocols.philips_intellivue.association import TICK, Terms
from devices.protocols.philips_intellivue.frames import Transport
from devices.protocols.philips_intellivue.messages import NUMERICS, SYSTEM
from devices.protocols.speech import Speech
from devices.reading import Item

ANSWER = 2 * SECOND
"""How long an answer to the request for an association is waited for."""

OTHER_WAY = SECOND
"""While it is not known how messages are carried, the other way is tried after this."""

SETTLE = 300_000
"""Between a release and the next request."""

CREATE = 10 * SECOND
"""A monitor that was accepted describes itself within this time, or has given up."""

REFUSED = 10 * SECOND
"""Another client holds the association: asked again after its timeout."""

BROKEN = (SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND)
"""Pauses after the monitor ended the association, again and again."""

MISSED_TOO_OFTEN = 3

PERIOD = 60 * SECOND
RENEWED = 30 * SECOND
"""A monitor that sends by itself does so for this period, and is asked again before it ends."""

EACH = SECOND
"""Between polls of numbers where it does not."""

PATIENCE = 3 * SECOND
"""How long the end of a poll's answer is waited for."""

LATE = 4 * SECOND
"""Numbers come every 1.024 s: so long without any, and they are asked for again."""

LOST = 8 * SECOND
"""So long, and the association is taken for lost."""


class State(Enum):
    CLOSED = "the port was not opened"
    ASKING = "an association is asked for"
    ACCEPTED = "the monitor is to describe itself"
    ACTIVE = "numbers are asked for"


class Session:
    """One side of an association: the messages that are due, each with the way it is to be carried.

    Args:
        speech: makes notices. extended: let the monitor send by itself where it can.
    """

    def __init__(self, speech: Speech, extended: bool) -> None:
        self.state = State.CLOSED
        self.terms = Terms()
        self._speech = speech
        self._wanted = extended
        self._extended = extended
        self._transport: Transport | None = None
        self._queue: deque[tuple[int, bytes, Transport]] = deque()
        self._invoke = 0
        self._due = 0  # the next thing that is due in this state
        self._asked = 0  # when something was last asked of the monitor
        self._tries = 0
        self._broken = 0
        self._associated = False  # the monitor holds an association with us
        self._in_the_way = False  # it may hold one that we do not know of
        self._armed = 0
        self._numbers = 0  # when numbers last came, or were first asked for
        self._had_numbers = False
        self._late_told = False
        self._answered = 0
        self._pending = False  # a poll of numbers is not answered to its end
        self._ours: set[int] = set()  # invoke ids of extended polls of this association
        self._silent_since: int | None = None
        self._told: list[Item] = []

    # What is due.

    def opened(self, at: int, transport: Transport | None) -> None:
        """The port is open. `transport`: how messages are carried, None if that is to be found out."""
        self._transport = transport
        self._tries = self._broken = 0
        self._ask_at(at)

    def wake(self) -> int | None:
        """The instant at which `send` has something to do, None before the port was opened."""
        if self.state is State.CLOSED:
            return None
        return min(self._due, self._queue[0][0]) if self._queue else self._due

    def send(self, at: int) -> tuple[bytes, Transport] | None:
        """One message and the way to carry it, None if none is due."""
        if self.state is State.CLOSED:
            return None
        if at >= self._due:
            self._act(at)
        if self._queue and at >= self._queue[0][0]:
            _, message, transport = self._queue.popleft()
            return message, transport
        return None

    def told(self) -> list[Item]:
        """What the passing of time had to say since the last call."""
        told, self._told = self._told, []
        return told

    def closing(self) -> tuple[bytes, Transport] | None:
        """What to say before the port is closed for good."""
        if not self._associated:
            return None
        self._associated = False
        return association.RELEASE_REQUEST, self._transport or Transport.SERIAL

    def _act(self, at: int) -> None:
        if self.state is State.ASKING:
            self._ask(at)
        elif self.state is State.ACCEPTED:
            self._lost(at, "the monitor accepted an association, but did not describe itself")
        else:
            self._go_on(at)

    def _ask_at(self, at: int) -> None:
        self.state = State.ASKING
        self._queue.clear()
        self._ours.clear()
        self._due = at

    def _ask(self, at: int) -> None:
        transport = self._transport or (Transport.UDP if self._tries % 2 else Transport.SERIAL)
        request_at = at
        rounds = self._tries if self._transport else self._tries // 2
        if rounds or self._associated or self._in_the_way:
            # What is left of an earlier association would stand in the way of the new one.
            self._queue.append((at, association.RELEASE_REQUEST, transport))
            request_at = at + SETTLE
        self._queue.append((request_at, association.request(), transport))
        self._tries += 1
        first_way = self._transport is None and self._tries % 2
        self._due = request_at + (OTHER_WAY if first_way else ANSWER)
        if rounds == MISSED_TOO_OFTEN and not first_way:
            self._not_answering(at, f"{rounds} requests for an association were not answered: it is asked for again"
                                " and again")  # fmt: skip

    def _not_answering(self, at: int, text: str) -> None:
        if self._silent_since is None:
            self._silent_since = at
            self._told.append(self._speech.notice("not-answering", text, at))

    def _lost(self, at: int, text: str) -> None:
        self._not_answering(at, text)
        self._tries = 0
        self._ask_at(at)
        self._ask(at)

    def _go_on(self, at: int) -> None:
        """The association stands: asks for what is due."""
        without = at - self._numbers
        if without >= LOST:
            if self._extended and not self._had_numbers and at - self._answered < LOST:
                self._fall_back(at, "the monitor does not send by itself")
            else:
                self._lost(at, f"no numbers for {without // SECOND} s: the association is asked for anew")
                return
        elif self._extended and (at - self._armed >= RENEWED or (without >= LATE and not self._late_told)):
            self._late_told = without >= LATE
            self._arm(at)
            if self._late_told and not self._had_numbers:
                # Whether it answers at all: one that does, but sends nothing by itself, is polled.
                self._push(at, messages.single_poll(self._next_invoke(), SYSTEM))
        elif not self._extended and at - self._armed >= self._between_polls():
            self._poll(at)
        if at - self._asked >= self.terms.timeout // 2:
            self._push(at, messages.single_poll(self._next_invoke(), SYSTEM))
        self._plan(at)

    def _plan(self, at: int) -> None:
        due = [self._numbers + LOST, self._asked + self.terms.timeout // 2]
        if self._extended:
            due.append(self._armed + RENEWED)
            if not self._late_told:
                due.append(self._numbers + LATE)
        else:
            due.append(self._armed + self._between_polls())
        self._due = max(at, min(due))

    def _between_polls(self) -> int:
        """A slow line takes seconds for a long answer: another is asked for when it is there."""
        return max(EACH, self.terms.period, PATIENCE if self._pending else 0)

    def _arm(self, at: int) -> None:
        invoke = self._next_invoke()
        if len(self._ours) > 8:
            self._ours.clear()
        self._ours.add(invoke)
        self._armed = at
        self._push(at, messages.extended_poll(invoke, NUMERICS, PERIOD // TICK))

    def _poll(self, at: int) -> None:
        self._armed, self._pending = at, True
        self._push(at, messages.single_poll(self._next_invoke(), NUMERICS))

    def _fall_back(self, at: int, why: str) -> None:
        self._extended = False
        self._numbers = at
        text = f"{why}: it is asked for its numbers once a second"
        self._told.append(self._speech.notice("device-event", text, at, code="single-poll"))
        self._poll(at)

    def _push(self, at: int, message: bytes) -> None:
        self._asked = at
        self._queue.append((at, message, self._transport or Transport.SERIAL))

    def _next_invoke(self) -> int:
        self._invoke = self._invoke % 0xFFFF + 1
        return self._invoke

    # What the monitor says.

    def carried(self, transport: Transport | None) -> None:
        """How messages are carried has been found out."""
        self._transport = transport or self._transport

    def accepted(self, terms: Terms, at: int) -> None:
        if self.state not in (State.ASKING, State.ACCEPTED):
            return
        self.terms = terms
        self._associated, self._in_the_way = True, False
        self._queue.clear()
        self.state, self._due = State.ACCEPTED, at + CREATE

    def created(self, invoke: int, at: int) -> None:
        """The monitor describes itself, for the first time or because our confirmation was lost."""
        if self.state is State.CLOSED:
            return
        self._associated = True
        if self.state is not State.ACTIVE:
            self._queue.clear()
        self._push(at, messages.create_result(invoke))
        if self.state is State.ACTIVE:
            return
        self.state = State.ACTIVE
        self._extended = self._wanted and self.terms.sends_by_itself
        self._tries = 0
        self._numbers, self._answered = at, at
        self._had_numbers = self._late_told = False
        self._ours.clear()
        if self._extended:
            self._arm(at)
        else:
            self._poll(at)
        self._plan(at)

    def answered(self, at: int, numbers: bool, last: bool = True) -> list[Item]:
        """An answer came, `numbers` or another, or a part that is not the `last` of it."""
        self._answered = at
        if not numbers:
            return []
        self._numbers, self._late_told = at, False
        self._had_numbers = True
        self._pending = self._pending and not last
        self._broken = 0
        if self.state is not State.ACTIVE:
            return []
        self._plan(at)
        if self._silent_since is None:
            return []
        seconds = (at - self._silent_since) // SECOND
        self._silent_since = None
        return [self._speech.notice("device-event", f"the monitor answers again, after {seconds} s", at)]

    def failed(self, invoke: int, at: int) -> None:
        """The monitor answered a poll with an error."""
        self._answered = at
        self._pending = False
        if self.state is State.ACTIVE and self._extended and invoke in self._ours:
            self._fall_back(at, "the monitor refused to send by itself")
            self._plan(at)

    def refused(self, at: int) -> None:
        if self.state is State.ASKING:
            self._tries = 0
            self._associated, self._in_the_way = False, True
            self._ask_at(at + REFUSED)

    def ended(self, at: int) -> bool:
        """The monitor ended the association, or confirms that we did; returns whether it was unasked."""
        self._associated = False
        if self.state not in (State.ACCEPTED, State.ACTIVE):
            return False
        self._tries = 0
        self._ask_at(at + BROKEN[min(self._broken, len(BROKEN) - 1)])
        self._broken += 1
        return True
