from devices.protocols.dinamap import frames
from protocol_cases import Case, ended_by

HARMLESS = {frames.encode(item) for item in ("NA", "NF", "RA", "RC", "OA", "TC")}


def harmful(sent: bytes) -> list[bytes]:
    return [frame for frame in ended_by(b"\r")(sent) if frame not in HARMLESS]


CASE = Case("dinamap", ended_by(b"\r"), harmful, noise_end=b"\r", not_in_noise=b"\r\n")
