"""Control ids that count: whether messages were lost, or the sender started anew (HL7 sheet, section 7)."""

from __future__ import annotations

from collections import OrderedDict

from msgspec import Struct

from devices.protocols.hl7.message import Message

LEARNED = 4
"""After so many ids in a row that each are one more than the last, a sender is held to count."""

_LARGEST_GAP = 10_000
_SENDERS_MOST = 64
_NAME_MOST = 100


class _Sender(Struct):
    last: int
    sent: int | None
    in_a_row: int = 0


class Sequences:
    """The control ids (MSH-10) of each sender (MSH-3 and -4). Not all count; only those that do are judged."""

    def __init__(self) -> None:
        self._senders: OrderedDict[tuple[str, str], _Sender] = OrderedDict()

    def take(self, message: Message, sent: int | None) -> tuple[str, str, str]:
        """Kind of notice, sentence and code of what the message's id says; three "" if nothing."""
        text = message.control_id.strip()
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            return "", "", ""
        number, key = int(text), (message.heading(3)[:_NAME_MOST], message.heading(4)[:_NAME_MOST])
        sender = self._senders.get(key)
        if sender is None:
            self._senders[key] = _Sender(number, sent)
            if len(self._senders) > _SENDERS_MOST:
                self._senders.popitem(last=False)
            return "", "", ""
        step, before, counts = number - sender.last, sender.last, sender.in_a_row >= LEARNED
        is_late = step < 0 and sent is not None and sender.sent is not None and sent < sender.sent
        if counts and is_late:
            return "", "", ""  # sent again, or later than what followed it
        sender.last, sender.sent = number, sent
        if step == 1:
            sender.in_a_row += 1
            return "", "", ""
        if not counts:
            sender.in_a_row = 0
            return "", "", ""
        if 1 < step <= _LARGEST_GAP:
            return "sequence-gap", f"{step - 1} messages were lost between {before} and {number}", str(step - 1)
        sender.in_a_row = 0
        if step < 0 and not _is_wrap(before):
            text = f"the sender's message numbers began again, {number} after {before}: it was probably restarted"
            return "device-restarted", text, str(number)
        return "", "", ""


def _is_wrap(last: int) -> bool:
    """Whether a counter that ends at `last` begins again: all nines, or all ones in binary."""
    return set(str(last)) == {"9"} or (last + 1) & last == 0
