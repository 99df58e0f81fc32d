"""The signals: name, unit, plausible range and their codes in MDC, LOINC and UCUM.

Source: the nomenclature table of the HL7 sheet (docs/monitors). Ranges are flags, never filters: outside them a
driver marks a value `range` and keeps it.
"""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct


class Signal(Struct, frozen=True):
    """One measured quantity.

    Attributes:
        name: how it is called everywhere in the house.
        unit: the only unit its values carry inside: ``/min``, ``mmHg``, ``%`` or ``degC``.
        low, high: plausible range in that unit, ends included.
        label: what a screen calls it.
        mdc, loinc, ucum: its codes.
    """

    name: str
    unit: str
    low: float
    high: float
    label: str
    mdc: int
    loinc: str
    ucum: str


SIGNALS: dict[str, Signal] = {
    signal.name: signal
    for signal in (
        Signal("HR", "/min", 20, 300, "HR", 147842, "8867-4", "/min"),
        Signal("PR", "/min", 20, 300, "Pulse", 149514, "8867-4", "/min"),
        Signal("NIBP_SYS", "mmHg", 30, 300, "NIBP sys", 150021, "8480-6", "mm[Hg]"),
        Signal("NIBP_DIA", "mmHg", 10, 250, "NIBP dia", 150022, "8462-4", "mm[Hg]"),
        Signal("NIBP_MEAN", "mmHg", 15, 260, "NIBP mean", 150023, "8478-0", "mm[Hg]"),
        Signal("ABP_SYS", "mmHg", 30, 300, "ART sys", 150037, "76215-3", "mm[Hg]"),
        Signal("ABP_DIA", "mmHg", 10, 250, "ART dia", 150038, "76213-8", "mm[Hg]"),
        Signal("ABP_MEAN", "mmHg", 15, 260, "ART mean", 150039, "76214-6", "mm[Hg]"),
        Signal("SPO2", "%", 30, 100, "SpO2", 150456, "59408-5", "%"),
        Signal("RR", "/min", 2, 80, "RR", 151562, "9279-1", "/min"),
        Signal("TEMP", "degC", 25, 45, "Temp", 150344, "8310-5", "Cel"),
    )
}

NIBP = ("NIBP_SYS", "NIBP_DIA", "NIBP_MEAN")
"""The three readings of one cuff measurement, in the order they are emitted."""

KPA_TO_MMHG = 7.50062


class PulseOrigin(StrEnum):
    """Where a pulse rate comes from, best first: the detector prefers the line's, and never uses the cuff's."""

    LINE = "line"
    OXIMETER = "oximeter"
    CUFF = "cuff"


_CUFF = {"nibp", "nbp", "cuff", "noninv"}
_LINE = re.compile(r"^(art|abp|ibp\d*|line|p[1-8]|fem|uac|inv)$")


def pulse_origin(source: str) -> PulseOrigin:
    """Where the pulse rate named `source` comes from, by the words of the source's own name.

    `source` is ``protocol-or-format:own name``; drivers name a cuff's pulse ``nibp.pr``, an arterial line's
    ``art.pr`` or ``p1.pr``. A name that says neither is taken for the oximeter's.
    """
    # A device before a slash says nothing of the method: a track of the `line` protocol is no arterial line.
    words = re.split(r"[^a-z0-9]+", source.partition(":")[2].rpartition("/")[2].lower())
    if _CUFF.intersection(words):
        return PulseOrigin.CUFF
    if any(_LINE.match(word) for word in words):
        return PulseOrigin.LINE
    return PulseOrigin.OXIMETER
