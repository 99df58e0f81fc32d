from protocol_cases import Case


def frames(data: bytes) -> list[bytes]:
    return [part + b"\x1c\r" for part in data.split(b"\x1c\r") if part]


def harmful(sent: bytes) -> list[bytes]:
    """All but acknowledgements."""
    return [frame for frame in frames(sent) if b"||ACK^R01^ACK|" not in frame or frame.count(b"\r") != 3]


CASE = Case(
    "hl7", frames, harmful, rate="HR", asks=False, answers=True, checked=False, not_in_noise=b"\x0b\x1c\r\n"
)  # fmt: skip
