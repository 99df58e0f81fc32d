"""What is asked of the monitor, and when: its name, the flow of its oximeter, once the cuff's last result.

PC-300 sheet, section 3. Only after its name is known is the flow asked for: the frame that starts it on a PC-300 has
the token and type of the one that stops the oximeter of a PC-100, which needs no asking. A PC-60FW is asked nothing.
"""

from __future__ import annotations

from devices.instant import SECOND
from devices.protocols.creative_pc300 import frames

IDENTITY = frames.encode(0xFF, 0x01)
VERSION = frames.encode(0x51, 0x01)
FLOW = frames.encode(0x50, 0x02, b"\x01")
NO_FLOW = frames.encode(0x50, 0x02, b"\x00")
LAST_RESULT = frames.encode(0x43, 0x01)

EVERY = 5 * SECOND
"""The name is asked for so often: it keeps the monitor talking, and shows that one was switched off and on."""

SPACED = SECOND // 5
"""Between two requests: a monitor may lose what comes on the heels of another."""

RESULT_AFTER = 2 * SECOND
"""The last result is asked for so long after opening: by then a determination that runs has shown its pressure."""

RUN_OVER = 5 * SECOND
"""The pressure of a determination is shown all the time: after so long without it, its result was lost on the way."""

IDLE_AFTER = 3 * SECOND
"""The oximeter's numbers come once a second: after so long without them, they have to be asked for."""

_UNANSWERED = 2


class Asking:
    """Whose turn it is. Nothing is asked before `open`.

    Attributes:
        has_started_flow: the monitor was told to send, and is to be told when nobody listens any more.
    """

    def __init__(self) -> None:
        self.has_started_flow = False
        self._identity_at: int | None = None
        self._result_at: int | None = None
        self._free_at = 0
        self._waiting: list[bytes] = []
        self._unanswered = 0
        self._flowed_at: int | None = None
        self._is_named = False

    def open(self, at: int) -> None:
        self.has_started_flow = False
        self._identity_at = self._free_at = at
        self._result_at = at + RESULT_AFTER
        self._waiting.clear()
        self._unanswered = 0
        self._flowed_at = None
        self._is_named = False

    def stop(self) -> None:
        """It is an oximeter that streams of its own accord: nothing more is asked."""
        self._identity_at = self._result_at = None
        self._waiting.clear()

    def named(self, wants_asking: bool, at: int | None) -> bool:
        """The monitor has told its name; `wants_asking`: its oximeter flows only when asked to.

        Returns whether it sent before, and has to be asked anew.
        """
        was_away, self._unanswered = self._unanswered > 1, 0
        self._is_named = True
        if at is None or self._identity_at is None:
            return False
        if was_away and self._result_at is None:
            self._result_at = at + RESULT_AFTER
        is_idle = self._flowed_at is None or at - self._flowed_at >= IDLE_AFTER
        if not (is_idle and wants_asking) or FLOW in self._waiting:
            return False
        self._waiting.append(FLOW)
        did_flow, self._flowed_at = self._flowed_at is not None, None
        return did_flow

    def flows(self, at: int | None) -> None:
        """The oximeter's numbers or waves come."""
        self._flowed_at = at

    def cuff_runs(self, at: int | None) -> None:
        """A determination is in progress: what would be the last result now is about to be replaced."""
        if at is not None and self._identity_at is not None:
            self._result_at = at + RUN_OVER

    def cuff_done(self) -> None:
        """A result came, or the determination was stopped: there is no need to ask for one."""
        self._result_at = None

    def wake(self) -> int | None:
        if self._identity_at is None:
            return None
        if self._waiting:
            return self._free_at
        due = self._identity_at
        if self._flowed_at is not None:
            # The flow that stops is noticed at once: the name is asked for, and then the flow again.
            due = min(due, max(self._flowed_at + IDLE_AFTER, self._identity_at - EVERY + SECOND))
        if self._result_at is not None and self._is_named:
            due = min(due, self._result_at)
        return max(self._free_at, due)

    def send(self, at: int) -> bytes:
        """The request that is due at `at`, one at a time."""
        due = self.wake()
        if due is None or self._identity_at is None or at < due:
            return b""
        self._free_at = at + SPACED
        if self._waiting:
            request = self._waiting.pop(0)
            self.has_started_flow |= request == FLOW
            return request
        if self._result_at is None or not self._is_named or at < self._result_at:
            self._identity_at = at + EVERY
            self._unanswered += 1
            if self._unanswered > _UNANSWERED and not self._is_named:
                # Some know only the older requests; a PC-100 would have told its name.
                self._waiting += [VERSION, FLOW]
                self._unanswered = 1
            return IDENTITY
        self._result_at = None
        return LAST_RESULT
