from protocol_cases import Case

STARTS, STOPS, STOPS_STORED, IS_ALIVE = 0xA1, 0xA2, 0xA7, 0xAF


def frames(data: bytes) -> list[bytes]:
    begins = [at for at, byte in enumerate(data) if byte < 0x80]
    return [data[a:b] for a, b in zip(begins, [*begins[1:], len(data)], strict=True)]


def harmful(sent: bytes) -> list[bytes]:
    commands = [sent[at : at + 9] for at in range(0, len(sent), 9)]
    harmless = [bytes((0x7D, 0x81, code)) + b"\x80" * 6 for code in (STARTS, STOPS, STOPS_STORED, IS_ALIVE)]
    return [command for command in commands if command not in harmless]


CASE = Case("contec", frames, harmful, cuff=False, checked=False, not_in_noise=bytes(range(0x80)), items=1)
