from devices.protocols.ge_dri.frames import Framer, Good, Stuffing
from devices.protocols.ge_dri.records import REQUEST
from protocol_cases import Case


def frames(data: bytes) -> list[bytes]:
    flags = [at for at, byte in enumerate(data) if byte == 0x7E]
    return [data[a : b + 1] for a, b in zip(flags[::2], flags[1::2], strict=True)]


def harmful(sent: bytes) -> list[bytes]:
    found = Framer(Stuffing.WIRE).feed(sent)
    return [
        repr(piece).encode()
        for piece in found
        if not isinstance(piece, Good) or next(sub.type for sub in piece.record.subrecords) != REQUEST
    ]


CASE = Case("ge-dri", frames, harmful, rate="HR", flipped=-8, not_in_noise=b"\x7e\x7d")
