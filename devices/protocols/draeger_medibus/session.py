"""Who says what when on a MEDIBUS link: begin, one request at a time, keep alive, begin again (MEDIBUS sheet, 4, 8)."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from devices.instant import SECOND
from devices.protocols.draeger_medibus.frames import RESUME, SUSPEND, Code, command, response
from devices.protocols.draeger_medibus.values import WANTED
from devices.reading import Item, Notice

NAME = "draeger-medibus"
IDENTITY = b"0161'Risewatch'01.00:04.00"
"""Number, name, revision and MEDIBUS revision of a computer; some devices insist on all of it."""

SILENCE = 3 * SECOND
"""Without any byte for so long the link is lost; so often ICC is sent until it is answered."""
ANSWER = 10 * SECOND
TRIES = 3
AGAIN = SECOND
"""After an answer that was refused, the request is repeated so long after it was sent."""
KEEP_ALIVE = 2 * SECOND
SETTLE = SECOND // 5
"""After the beginning and the identification a device wants no request for so long."""
_REPLIES = 16

_ALARMS_EVERY = 5 * SECOND
_TEXTS_EVERY = 30 * SECOND
_CLOCK_EVERY = 60 * SECOND


class State(Enum):
    """Closed: no port yet. Calling: ICC is sent. Running: requests go round. Stopped: the device wants quiet."""

    CLOSED = "closed"
    CALLING = "calling"
    RUNNING = "running"
    STOPPED = "stopped"


class _Request(Struct):
    """`every`: microseconds between two, 0: once a session. `due`: None when it is not to be sent any more."""

    code: Code
    argument: bytes
    every: int
    due: int | None = None


class Session:
    """Says what is to be sent. Nothing is before `opened`; replies to the device come first.

    Args:
        interval: microseconds between requests for measured data. limit: ask for the values used alone.
    """

    def __init__(self, interval: int, limit: bool) -> None:
        self._requests = [
            _Request(Code.IDENTIFY, b"", 0),
            _Request(Code.CLOCK, b"", _CLOCK_EVERY),
            *([_Request(Code.CONFIGURE, b"$" + b"".join(b"%02X" % code for code in WANTED), 0)] if limit else []),
            _Request(Code.DATA_1, b"", interval),
            _Request(Code.ALARMS_1, b"", _ALARMS_EVERY),
            _Request(Code.ALARMS_2, b"", _ALARMS_EVERY),
            _Request(Code.TEXTS, b"", _TEXTS_EVERY),
        ]
        self.state = State.CLOSED
        self._replies: list[bytes] = []
        self._pending: _Request | None = None
        self._sent = 0
        self._patience = ANSWER
        self._tries = 0
        self._calls = 0
        self._next = 0  # nothing is asked before
        self._heard = 0
        self._spoke = 0
        self._failed: dict[Code, int] = {}
        self._lost_since: int | None = None
        self._notices: list[Item] = []

    # -- what has happened -------------------------------------------------------------------------------------

    def opened(self, at: int) -> None:
        self._failed.clear()
        self._replies.clear()
        self._lost_since = None
        self._heard = at
        self._call(at)
        self._calls = 0

    def heard(self, at: int) -> None:
        """Any byte came that is no real-time data."""
        self._heard = at

    def flow(self, byte: bytes, at: int) -> None:
        """The device wants a pause, or no longer."""
        if byte == SUSPEND:
            self._next = max(self._next, at + SILENCE)
        elif byte == RESUME:
            self._next = min(self._next, at)

    def commanded(self, code: int, at: int) -> None:
        """A whole command came from the device. It is answered whatever it is."""
        if self.state is State.CLOSED:
            return
        self._reply(response(code, IDENTITY if code == Code.IDENTIFY else b""))
        if code == Code.ICC:
            if self.state is State.RUNNING:
                text = "the device has begun its communication anew: it was switched on, or missed our answers"
                self._notices.append(Notice(at, at, "device-restarted", text, source=NAME))
            self._begin(at)
        elif code == Code.IDENTIFY:
            self._next = max(self._next, at + SETTLE)
        elif code == Code.STOP:
            text = "the device has ended its communication: it is left alone until it begins again"
            self._notices.append(Notice(at, at, "device-event", text, code="STOP", source=NAME))
            self.state, self._pending = State.STOPPED, None
        elif code == Code.TIME_CHANGED:
            self.ask(Code.CLOCK, at)

    def command_refused(self) -> None:
        """A command came whose sum is wrong."""
        if self.state is not State.CLOSED:
            self._reply(response(Code.NAK))

    def answered(self, code: int, at: int) -> None:
        """A whole response came."""
        if self.state is State.CALLING and code == Code.ICC:
            self._begin(at)
        elif code == Code.NAK:
            self._give_up_or(at)
        elif self._pending is not None and code == self._pending.code:
            request, self._pending = self._pending, None
            self._failed.pop(request.code, None)
            if request.due is not None:
                # Rounds keep their beat; after a delay they do not pile up.
                request.due = max(request.due + request.every, at) if request.every else None

    def answer_refused(self, at: int) -> None:
        """A response came whose sum or shape is wrong: the request is repeated."""
        if self._pending is not None:
            self._patience = AGAIN

    def ask(self, code: Code, at: int) -> None:
        """What the device has to say to `code` is wanted soon."""
        for request in self._requests:
            if request.code == code and request.due is not None:
                request.due = min(request.due, at)

    def told(self) -> list[Item]:
        """What is to be said since the last call."""
        notices, self._notices = self._notices, []
        return notices

    # -- what is to be sent ------------------------------------------------------------------------------------

    def wake(self) -> int | None:
        if self.state is State.CLOSED:
            return None
        if self._replies:
            return self._heard
        if self.state is State.STOPPED:
            return None
        if self.state is State.CALLING:
            return self._next
        if self._pending is not None:
            due = self._sent + self._patience
        else:
            due = min(self._spoke + KEEP_ALIVE, *(each.due for each in self._requests if each.due is not None))
        return min(self._heard + SILENCE, max(due, self._next))

    def send(self, at: int) -> bytes:
        """Replies, and the next request if it is due."""
        said = b"".join(self._replies)
        self._replies.clear()
        if self.state in (State.CALLING, State.RUNNING):
            said += self._own(at)
        if said:
            self._spoke = at
        return said

    def closing(self) -> bytes:
        """The end of the communication, if there is one."""
        return command(Code.STOP) if self.state is State.RUNNING else b""

    def _own(self, at: int) -> bytes:
        if self.state is State.RUNNING and at - self._heard >= SILENCE:
            self._count_failure()
            self._call(at)
        if at < self._next:
            return b""
        if self.state is State.CALLING:
            return self._called(at)
        if self._pending is not None:
            if at - self._sent < self._patience:
                return b""
            if self._tries >= TRIES:
                self._count_failure()
                self._call(at)
                return self._called(at)
            return self._sent_again(at)
        due = [each for each in self._requests if each.due is not None and each.due <= at]
        if due:
            return self._asked(min(due, key=lambda each: each.due or 0), at)
        if at - self._spoke >= KEEP_ALIVE:
            return self._asked(_Request(Code.NOP, b"", 0), at)
        return b""

    def _called(self, at: int) -> bytes:
        if self._calls == TRIES and self._lost_since is None:
            self._lost_since = at
            text = f"the device does not answer: it was called {TRIES} times and is called again every 3 s"
            self._notices.append(Notice(at, at, "not-answering", text, source=NAME))
        self._calls += 1
        self._next = at + SILENCE
        return command(Code.ICC)

    def _asked(self, request: _Request, at: int) -> bytes:
        self._pending, self._sent, self._tries, self._patience = request, at, 1, ANSWER
        return command(request.code, request.argument)

    def _sent_again(self, at: int) -> bytes:
        assert self._pending is not None
        self._sent, self._patience = at, ANSWER
        self._tries += 1
        return command(self._pending.code, self._pending.argument)

    def _reply(self, frame: bytes) -> None:
        self._replies.append(frame)
        del self._replies[:-_REPLIES]

    def _call(self, at: int) -> None:
        self.state, self._pending, self._next, self._calls = State.CALLING, None, at, 0

    def _begin(self, at: int) -> None:
        """The communication has begun: whatever was set before is lost."""
        self.state, self._pending, self._next = State.RUNNING, None, at + SETTLE
        for request in self._requests:
            request.due = at if self._failed.get(request.code, 0) < TRIES else None
        if self._lost_since is not None:
            seconds = (at - self._lost_since) // SECOND
            self._lost_since = None
            text = f"the device answers again, {seconds} s after it was found not to"
            self._notices.append(Notice(at, at, "device-event", text, source=NAME))

    def _give_up_or(self, at: int) -> None:
        """The device says that a request was corrupt: it is repeated, but an unknown one not for ever."""
        if self._pending is None:
            return
        if self._tries < TRIES:
            self._patience = AGAIN
            return
        request, self._pending = self._pending, None
        if request.every and request.code == Code.DATA_1:
            request.due = at + request.every
        else:
            request.due = None

    def _count_failure(self) -> None:
        """A request that a device never answers is left out in the end, but the measured data are not."""
        if self._pending is not None and self._pending.code is not Code.DATA_1:
            code = self._pending.code
            self._failed[code] = self._failed.get(code, 0) + 1
