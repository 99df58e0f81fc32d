"""Acknowledgements: whether a sender wants one, and what it says (HL7 sheet, section 7)."""

from __future__ import annotations

from devices import instant
from devices.instant import SECOND
from devices.protocols.hl7.message import Message

_ON_SUCCESS = ("AL", "SU")
_ON_ERROR = ("AL", "ER")
_US = "RISEWATCH"


def code_for(message: Message) -> str:
    """The acknowledgement code for a message that came whole, "" if its sender wants none.

    A message that does not say what it is (no MSH-9) is refused: ``AR`` or ``CR``. Any other was taken.

    Without MSH-15 and -16 (original mode) that is ``AA``. With them the application's ``AA`` where MSH-16 wants one,
    the accept acknowledgement ``CA`` where only MSH-15 does; but ``AA`` in the profile IHE PCD-01, whose senders ask
    by MSH-15 alone and are answered ``AA`` in its worked examples.
    """
    accept, application = message.heading(15).strip().upper(), message.heading(16).strip().upper()
    is_refused = not message.kind[0]
    wanted = _ON_ERROR if is_refused else _ON_SUCCESS
    if (not accept and not application) or application in wanted:
        return "AR" if is_refused else "AA"
    if accept in wanted:
        if is_refused:
            return "CR"
        profile = message.heading(21).upper()
        return "AA" if "IHE" in profile and "PCD" in profile else "CA"
    return ""


def acknowledgement(message: Message, code: str, number: int, at: int) -> bytes:
    """The framed acknowledgement of `message`: `number` makes its control id, `at` is now."""
    marks = message.delimiters
    separator, component = marks.field, marks.component or "^"
    version = message.heading(12).split(component)[0].strip()
    event = message.kind[1]
    kind = component.join(["ACK", event] if event else ["ACK"])
    if event and not version.startswith(("2.1", "2.2", "2.3")):
        kind += f"{component}ACK"
    moment = instant.to_datetime(at)
    header = [
        "MSH", message.header[2] if len(message.header) > 2 else "^~\\&",
        message.heading(5) or _US, message.heading(6), message.heading(3), message.heading(4),
        moment.strftime("%Y%m%d%H%M%S") + "+0000", "", kind, f"RW{at // SECOND:x}{number % 1_000_000:06d}",
        message.heading(11) or "P", message.heading(12),
    ]  # fmt: skip
    if message.heading(18):
        header += ["", "", "", "", "", message.heading(18)]
    said = separator.join(["MSA", code, message.control_id])
    text = f"\x0b{separator.join(header)}\r{said}\r\x1c\r"
    return text.encode("utf-8", "replace")
