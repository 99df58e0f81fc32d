from protocol_cases import Case, ended_by, silent

CASE = Case(
    "omron-hbp", ended_by(b"\r\n"), silent, rate="", asks=False, spo2=False, mean=False, checked=False,
    not_in_noise=b"\r\n\x02\x03", noise_end=b"\n", items=5,
)  # fmt: skip
