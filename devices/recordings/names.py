"""What a column or track of a file is, by its name and its unit: the nomenclature sheet's list of labels.

Names are compared in lower case without blanks and punctuation, after a unit at their end has been taken off.
A pressure named without its method (plain ``SBP``) is of unknown method: whoever reads decides by how it behaves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from devices.signals import KPA_TO_MMHG, SIGNALS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PLAIN = {"BP_SYS": "SYS", "BP_DIA": "DIA", "BP_MEAN": "MEAN"}
"""Pressures of unknown method, and what follows ``NIBP_`` or ``ABP_`` once the method is known."""

_LABELS: dict[str, str] = {
    "HR": "hr heartrate bpm ecghr hrekg hrecg fc hf herzfrequenz nomecgcardbeatrate mdcecgheartrate mdcecgcardbeatrate",
    "PR": "pr pulse pulserate puls plethhr spo2pr hrspo2 hrart abphr arthr p1hr nibppr nibphr nbppulse nibppulse"
    " nomplethpulsrate mdcpulsrate mdcpulsoximpulsrate mdcplethpulsrate",
    "NIBP_SYS": "nibpsys nibps nbps nbpsys nibpsbp nibpsystolic nisysabp systolicbp noninvasivesystolic"
    " noninvasivebloodpressuresystolic nompressbldnoninvsys"
    " mdcpressbldnoninvsys mdcpresscuffsys sbpni",
    "NIBP_DIA": "nibpdia nibpd nbpd nbpdia nbpdias nibpdbp nibpdiastolic nidiasabp diastolicbp noninvasivediastolic"
    " noninvasivebloodpressurediastolic nompressbldnoninvdia"
    " mdcpressbldnoninvdia mdcpresscuffdia dbpni",
    "NIBP_MEAN": "nibpmean nibpm nbpm nbpmean nbp nibpmbp nibpmap nimap meanbp noninvasivemean"
    " noninvasivebloodpressuremean nompressbldnoninvmean"
    " mdcpressbldnoninvmean mdcpresscuffmean mbpni",
    "ABP_SYS": "abpsys abps arts artsys artsbp femsbp ibp1sys p1sys sysabp systemicsystolic"
    " arterialbloodpressuresystolic"
    " nompressbldartabpsys"
    " nompressbldartsys mdcpressbldartabpsys mdcpressbldartsys",
    "ABP_DIA": "abpdia abpdias abpd artd artdia artdbp femdbp ibp1dia p1dia diasabp systemicdiastolic"
    " nompressbldartabpdia nompressbldartdia mdcpressbldartabpdia mdcpressbldartdia",
    "ABP_MEAN": "abpmean abpm artm artmean artmbp femmbp ibp1mean p1mean systemicmean arterialbloodpressuremean"
    " nompressbldartabpmean"
    " nompressbldartmean mdcpressbldartabpmean mdcpressbldartmean",
    "SPO2": "spo2 sp02 sao2 %spo2 o2sat saturation o2saturationpulseoxymetry plethspo2 plethsato2"
    " nompulsoximsato2 mdcpulsoximsato2",
    "RR": "rr resp resprate respiratoryrate respirationrate respiration awrr fr af rrco2 nomresprate nomresp"
    " mdcresprate"
    " mdctthorresprate mdcco2resprate",
    "TEMP": "temp temperature tempc tcore tskin t1 t2 bt bta t° mdctemp mdctempcore",
    "BP_SYS": "sbp sys systolic bpsystolic bpsys pas",
    "BP_DIA": "dbp dia diastolic bpdiastolic bpdia pad",
    "BP_MEAN": "map mbp bpmean pam",
}
_PAIRS: dict[str, str] = {
    "NIBP": "nibp nbp pani pni nibd noninvasivebloodpressure cuffbp bpcuff",
    "ABP": "abp art ibp artbp arterialbp arterialbloodpressure",
    "BP": "bp bloodpressure sysdia systolicdiastolic sbpdbp bpsysdia blutdruck rr ta pa tensionarterielle",
}
_METHODS = {label: method for method, labels in _PAIRS.items() for label in labels.split()}
_BY_LABEL = {label: signal for signal, labels in _LABELS.items() for label in labels.split()}

_UNITS: dict[str, str] = {
    "/min": "/min bpm 1/min {beats}/min {beat}/min beats/min beat/min rpm pm {breaths}/min breaths/min per minute",
    "mmHg": "mmhg mm[hg] mm hg",
    "%": "% pct percent",
    "degC": "c degc cel °c",
    "kPa": "kpa",
    "degF": "f degf °f",
    "Hz": "hz",
    "fraction": "fraction",
}
_BY_UNIT = {spelling: unit for unit, spellings in _UNITS.items() for spelling in spellings.split()}
_BY_UNIT |= {"mm hg": "mmHg", "per minute": "/min"}

LONGEST_NAME = 200
"""No longer name is looked at for a unit: the search takes the square of its length."""

_BRACKET = re.compile(r"^(?P<name>.*\S)\s*[(\[](?P<unit>[^()]*?)[)\]]+$")
_SUFFIX = re.compile(r"^(?P<name>.+)[_ ](?P<unit>mmhg|kpa|bpm|rpm|pct|percent|degc|degf|hz)$", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[^0-9a-z%°]+")


class Conversion(Struct, frozen=True):
    """From a file's unit to the house's: ``value * factor + offset``; `note` says so where it is not the same.

    A 0 stays 0 in any unit: it means that there was no signal, not 0 degrees Fahrenheit.
    """

    factor: float = 1.0
    offset: float = 0.0
    note: str = ""

    def apply(self, value: float) -> float:
        if not self.note or value == 0:
            return value
        # No monitor measures finer; what a float adds beyond is no digit of the value.
        return round(value * self.factor + self.offset, 6)

    def apply_to(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """As `apply`, of each of `values`; NaN stays NaN."""
        import numpy as np

        return np.where(values == 0, values, values * self.factor + self.offset) if self.note else values


SAME = Conversion()
_CONVERSIONS: dict[tuple[str, str], Conversion] = {
    ("kPa", "mmHg"): Conversion(KPA_TO_MMHG, 0.0, "from kPa"),
    ("degF", "degC"): Conversion(5 / 9, -160 / 9, "from degF"),
    ("Hz", "/min"): Conversion(60.0, 0.0, "from Hz"),
    ("fraction", "%"): Conversion(100.0, 0.0, "from fractions of 1"),
}


def plain(name: str) -> str:
    """`name` as names are compared."""
    return _PUNCTUATION.sub("", name.lower())


def split_unit(name: str) -> tuple[str, str]:
    """A column's name and the unit written behind it, "" if none: ``Heart Rate(/min)`` -> ``Heart Rate``, ``/min``."""
    name = name.strip()
    if len(name) > LONGEST_NAME:
        return name, ""
    found = (_BRACKET if name.endswith((")", "]")) else _SUFFIX).match(name)
    if found and found["unit"].strip().lower() in _BY_UNIT:
        return found["name"], found["unit"].strip()
    return name, ""


CUFF_PULSE = frozenset(("nibppr", "nibphr", "nbppulse", "nibppulse"))
"""Pulse rates that the cuff counted, by their names: they belong to its measurement."""


def signal_of(name: str) -> str:
    """The signal that a column or track called `name` holds, a key of PLAIN, or "" if the name is not known.

    A device before a slash (``Solar8000/HR``) does not change what the track is.
    """
    if name in SIGNALS:
        return name
    bare = split_unit(name)[0]
    if len(label := plain(bare.rpartition("/")[2])) == 0:
        return ""
    return _BY_LABEL.get(label, "")


def pair_method(name: str) -> str:
    """How a pressure in a column called `name` was measured, if its cells are ``120/80``: NIBP, ABP, BP (not said); ""
    if it is never called so."""
    return _METHODS.get(plain(split_unit(name)[0]), "")


def unit_of(text: str) -> str | None:
    """The unit spelled `text`, also in brackets: a house unit, kPa, degF, Hz or fraction; "" for no text, None if it is
    not known."""
    text = text.strip()
    if len(text) > 2 and text[0] + text[-1] in ("()", "[]", "{}") and text.lower() not in _BY_UNIT:
        text = text[1:-1].strip()
    return _BY_UNIT.get(text.lower()) if text else ""


def conversion(unit: str, signal: str) -> Conversion | None:
    """How values in `unit` become `signal`'s; None if that cannot be (a pressure in ``/min``). No unit: the house's."""
    wanted = SIGNALS[signal].unit if signal in SIGNALS else "mmHg"
    known = unit_of(unit)
    if known in ("", wanted):
        return SAME
    return None if known is None else _CONVERSIONS.get((known, wanted))
