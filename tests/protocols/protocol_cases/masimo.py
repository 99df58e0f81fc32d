from protocol_cases import Case, ended_by, silent

CASE = Case(
    "masimo",
    ended_by(b"\r\n"),
    silent,
    asks=False,
    cuff=False,
    mean=False,
    checked=False,
    noise_end=b"\r\n",
    not_in_noise=b"\r\n",
)
