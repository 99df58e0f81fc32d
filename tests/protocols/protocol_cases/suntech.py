from devices.protocols.framing import Scanner
from devices.protocols.suntech import frames as suntech
from protocol_cases import Case

HARMLESS = {suntech.GET_PRESSURE, suntech.GET_RESULT}


def frames(data: bytes) -> list[bytes]:
    scanner = Scanner(suntech.examine, suntech.LONGEST)
    return [piece.data for piece in (*scanner.feed(data), *scanner.end())]


def harmful(sent: bytes) -> list[bytes]:
    return [frame for frame in frames(sent) if frame not in HARMLESS]


# Two cuff results in two minutes are eight readings; the oximeter that would give more is not there.
CASE = Case("suntech", frames, harmful, rate="", spo2=False, items=7, flipped=-2, not_in_noise=b"\x3a\x3e")
