from protocol_cases import Case, ended_by, silent

CASE = Case("line", ended_by(b"\n"), silent, rate="HR", asks=False, flipped=-8, noise_end=b"\n", not_in_noise=b"\r\n")
