from protocol_cases import Case


def frames(data: bytes) -> list[bytes]:
    return [part + b"\x1c\r" for part in data.split(b"\x1c\r") if part]


def harmful(sent: bytes) -> list[bytes]:
    """All but acknowledgements, whose separators and version are the sender's."""
    return [frame for frame in frames(sent) if not is_acknowledgement(frame.decode())]


def is_acknowledgement(frame: str) -> bool:
    header, *others = frame.split("\r")
    separator = header[4:5]
    is_header = header.startswith("\x0bMSH") and header.split(separator)[8].startswith("ACK")
    return is_header and len(others) == 3 and others[0].startswith(f"MSA{separator}") and others[1:] == ["\x1c", ""]


CASE = Case(
    "hl7", frames, harmful, rate="HR", asks=False, answers=True, checked=False, not_in_noise=b"\x0b\x1c\r\n"
)  # fmt: skip
