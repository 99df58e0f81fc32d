from protocol_cases import Case, silent


def frames(data: bytes) -> list[bytes]:
    """Frames of format 2, which the virtual oximeter sends."""
    return [data[place : place + 5] for place in range(0, len(data), 5)]


CASE = Case("nonin", frames, silent, asks=False, cuff=False, mean=False, flipped=-3, not_in_noise=b"\x01")
