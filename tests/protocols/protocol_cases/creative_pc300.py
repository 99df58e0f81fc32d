from devices.protocols.creative_pc300 import asking
from devices.virtual.creative_pc300 import Framed
from protocol_cases import Case

HARMLESS = {asking.IDENTITY, asking.VERSION, asking.FLOW, asking.LAST_RESULT}
frames = Framed().split


def harmful(sent: bytes) -> list[bytes]:
    return [frame for frame in frames(sent) if frame not in HARMLESS]


CASE = Case("creative-pc300", frames, harmful, flipped=-2, not_in_noise=b"\xaa")
