from devices.protocols.draeger_medibus.frames import Code, Framer, Message, without_real_time
from protocol_cases import Case

HARMLESS = {
    Code.ICC, Code.IDENTIFY, Code.CLOCK, Code.CONFIGURE, Code.DATA_1, Code.ALARMS_1, Code.ALARMS_2, Code.TEXTS, Code.NOP
}  # fmt: skip


def frames(data: bytes) -> list[bytes]:
    """A command within a response belongs to it; real-time bytes belong to none."""
    data = without_real_time(data)
    found, begin, depth = [], 0, 0
    for place, byte in enumerate(data):
        depth += byte in b"\x01\x1b"
        if byte == 0x0D:
            depth -= 1
            if depth == 0:
                found.append(data[begin : place + 1])
                begin = place + 1
    return found


def harmful(sent: bytes) -> list[bytes]:
    """Answers are harmless, whatever they answer; of commands, those that ask and the choice of values to send."""
    return [
        repr(piece).encode()
        for piece in Framer().feed(sent)
        if not isinstance(piece, Message) or (piece.is_command and piece.code not in HARMLESS)
    ]


CASE = Case(
    "draeger-medibus", frames, harmful, rate="HR",
    not_in_noise=b"\r\x01\x1b\x11\x13\x18" + bytes(range(0x80, 0x100)),
)  # fmt: skip
