from devices.protocols.framing import Frame
from devices.protocols.philips_intellivue import association, messages
from devices.protocols.philips_intellivue.frames import Framer, unwrap
from devices.protocols.philips_intellivue.messages import Kind, Link, Operation, read_message
from protocol_cases import Case, ended_by


def is_harmless(data: bytes) -> bool:
    """An association asked for or released as the sheet writes it, its event confirmed, a poll."""
    if data in (association.request(), association.RELEASE_REQUEST):
        return True
    message = read_message(data)
    if not isinstance(message, Operation):
        return message.link in (Link.REQUEST, Link.RELEASE)
    if message.kind is Kind.RESULT:
        return data == messages.create_result(message.invoke)
    polls = (messages.single_poll(message.invoke, one) for one in (messages.NUMERICS, messages.SYSTEM))
    return data in (*polls, messages.extended_poll(message.invoke, messages.NUMERICS, 480_000))


def harmful(sent: bytes) -> list[bytes]:
    found = Framer().feed(sent)
    return [piece.data for piece in found if not isinstance(piece, Frame) or not is_harmless(unwrap(piece.data))]


CASE = Case(
    "philips-intellivue", ended_by(b"\xc1"), harmful, rate="HR", flipped=-8, not_in_noise=b"\xc0\xc1\x7d",
    settings={"transport": "serial"},
)  # fmt: skip
