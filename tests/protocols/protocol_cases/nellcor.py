from protocol_cases import Case, ended_by


def harmful(sent: bytes) -> list[bytes]:
    """Anything but XON."""
    return [sent] if sent.strip(b"\x11") else []


CASE = Case(
    "nellcor",
    ended_by(b"\r\n"),
    harmful,
    cuff=False,
    mean=False,
    checked=False,
    noise_end=b"\r\n",
    not_in_noise=b"\r\n",
)
