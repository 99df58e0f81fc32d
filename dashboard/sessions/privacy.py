"""Names on screens: initials unless someone on shift asks for more (hazard 21 of the clinical definition). Pure."""

from __future__ import annotations

import re

HIDDEN = "\N{BULLET}\N{BULLET}\N{BULLET}\N{BULLET}"


RECORDING = "Recording"
"""What stands in a patient's place where a file names none."""


def initials(patient: str) -> str:
    """``Anna Maria Berger`` as ``A. M. B.``; what is initials already stays as it is."""
    words = re.findall(r"[^\W_]+", patient)
    are_initials = all(len(word) <= 2 for word in words)
    is_code = any(character.isdigit() for character in patient)
    if patient == RECORDING or are_initials or is_code:
        return patient.strip()
    return " ".join(f"{word[0].upper()}." for word in words)


def shown_patient(patient: str, identifier: str, in_full: bool) -> tuple[str, str]:
    """Both identifiers as a screen shows them: the second not at all unless `in_full`."""
    return (patient, identifier) if in_full else (initials(patient), HIDDEN)
