from devices.protocols.ivy_ansarb.frames import MARKER
from protocol_cases import Case, silent


def frames(data: bytes) -> list[bytes]:
    return [MARKER + message for message in data.split(MARKER) if message]


CASE = Case("ivy-ansarb", frames, silent, rate="HR", asks=False, checked=False)
