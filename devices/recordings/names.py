"""What a column or track of a file is, by its name and its unit: the nomenclature sheet's list of labels.

Names are compared in lower case without blanks and punctuation, after a unit at their end has been taken off.
A pressure named without its method (plain ``SBP``) is of unknown method: whoever reads decides by how it behaves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from devices.signals import KPA_TO_MMHG, SIGNALS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PLAIN = {"BP_SYS": "SYS", "BP_DIA": "DIA", "BP_MEAN": "MEAN"}
"""Pressures of unknown method, and what follows ``NIBP_`` or ``ABP_`` once the method is known."""

_LABELS: dict[str, str] = {
    "HR": "hr heartrate bpm ecghr hrekg hrecg fc hf herzfrequenz nomecgcardbeatrate mdcecgheartrate mdcecgcardbeatrate"
    " ecgheartrate heartrateecg frequencecardiaque frecuenciacardiaca frequenciacardiaca frequenzacardiaca"
    " beatsperminute hartfrequentie hjertefrekvens hjartfrekvens 心率 心拍数 чсс",
    "PR": "pr pulse pulserate puls plethhr spo2pr hrspo2 hrart abphr arthr p1hr nibppr nibphr nbppulse nibppulse"
    " nibppulserate pls nbppr spo2pulse spo2pulserate pulsespo2 pulseratespo2 prspo2 plethpulse plethpulserate"
    " pulsenbp pulsenibp pulse1s spo2r pul"
    " pouls pulso pols pulsfrequenz 脉率 脉搏 脈拍 脈拍数 пульс"
    " nomplethpulsrate nompulsoximpulsrate nompulsrate mdcpulsrate mdcpulsoximpulsrate mdcplethpulsrate",
    "NIBP_SYS": "nibpsys nibps nbps nbpsys nibpsbp nibpsystolic nisysabp noninvasivesystolic"
    " noninvasivebpsystolic noninvasivebloodpressuresystolic cuffsystolic cuffsys pnisystolique panisystolique"
    " nietinvasievebloeddruksystolisch nompressbldnoninvsys"
    " mdcpressbldnoninvsys mdcpresscuffsys sbpni sbpcuff",
    "NIBP_DIA": "nibpdia nibpd nbpd nbpdia nbpdias nibpdbp nibpdiastolic nidiasabp noninvasivediastolic"
    " noninvasivebpdiastolic noninvasivebloodpressurediastolic cuffdiastolic cuffdia pnidiastolique panidiastolique"
    " nietinvasievebloeddrukdiastolisch nompressbldnoninvdia"
    " mdcpressbldnoninvdia mdcpresscuffdia dbpni dbpcuff",
    "NIBP_MEAN": "nibpmean nibpm nbpm nbpmean nbp nibpmbp nibpmap nimap noninvasivemean"
    " noninvasivebpmean noninvasivebloodpressuremean cuffmean pnimoyenne panimoyenne"
    " nietinvasievebloeddrukgemiddeld nompressbldnoninvmean"
    " mdcpressbldnoninvmean mdcpresscuffmean mbpni mapcuff",
    "ABP_SYS": "abpsys abps arts artsys artsbp femsbp ibp1sys p1sys sysabp systemicsystolic abpsystolic artsystolic"
    " ar1s sysart sbpart arterialsystolic arterialbpsystolic arterialbloodpressuresystolic invasivebpsystolic"
    " invasivebloodpressuresystolic abpsystolisch"
    " nompressbldartabpsys"
    " nompressbldartsys mdcpressbldartabpsys mdcpressbldartsys",
    "ABP_DIA": "abpdia abpdias abpd artd artdia ar1d diaart dbpart artdbp femdbp artdias ibp1dia p1dia diasabp"
    " systemicdiastolic abpdiastolic"
    " artdiastolic arterialdiastolic arterialbpdiastolic arterialbloodpressurediastolic invasivebpdiastolic"
    " invasivebloodpressurediastolic abpdiastolisch"
    " nompressbldartabpdia nompressbldartdia mdcpressbldartabpdia mdcpressbldartdia",
    "ABP_MEAN": "abpmean abpm artm artmean artmbp femmbp ibp1mean p1mean systemicmean arterialbloodpressuremean"
    " ar1m mapart arterialbpmean invasivebpmean invasivebloodpressuremean abpgemiddeld"
    " nompressbldartabpmean"
    " nompressbldartmean mdcpressbldartabpmean mdcpressbldartmean",
    "SPO2": "spo2 sp02 sao2 %spo2 spo2% o2sat saturation o2saturation o2saturationpulseoxymetry plethspo2 plethsato2"
    " oxygenlevel oxygensaturation bloodoxygen bloodoxygenlevel bloodoxygensaturation sauerstoffsattigung"
    " saturationo2 saturatiemonitor syremattnad spo21s 血氧 血氧饱和度"
    " pulseoximetry nompulsoximsato2 mdcpulsoximsato2",
    "RR": "rr resp resprate respiratoryrate respirationrate respiration respirations awrr fr af rrco2 nomresprate"
    " nomresp breathingrate atemfrequenz frequencerespiratoire frecuenciarespiratoria ademfrequentie"
    " ademfrequentiemonitor nomawayresprate nomco2resprate mdcresprate"
    " mdctthorresprate mdcco2resprate",
    "TEMP": "temp temperature tempc tcore tskin t1 t2 bt bta t° mdctemp mdctempcore nomtemp nomtempcore"
    " bodytemperature bodytemp coretemp"
    " coretemperature korpertemperatur temperatur temperatura",
    "BP_SYS": "sbp sys systolic systole bpsystolic bpsys pas sysbp systolicbp systolicpressure systolicbloodpressure"
    " bloodpressuresystolic systolisch systolique systoliskt systolisk sistolica"
    " pressionsystolique pressionarteriellesystolique presionsistolica presionarterialsistolica"
    " 收缩压 最高血圧",
    "BP_DIA": "dbp dia diastolic diastole bpdiastolic bpdia pad diasbp diabp diastolicbp diastolicpressure"
    " diastolicbloodpressure bloodpressurediastolic diastolisch diastolique diastoliskt diastolisk diastolica"
    " pressiondiastolique pressionarteriellediastolique presiondiastolica presionarterialdiastolica"
    " 舒张压 最低血圧",
    "BP_MEAN": "平均压 map mbp bpmean pam meanbp meanarterialpressure meanarterialbloodpressure meanbloodpressure"
    " bloodpressuremean mad",
}
_WRITTEN = {
    f"{name} BP(mmHg)": f"NIBP_{end}" for name, end in (("Systolic", "SYS"), ("Diastolic", "DIA"), ("Mean", "MEAN"))
}
"""VSCapture's columns, as it writes them: in others' tables such a pressure may be an arterial line's."""

_FRENCH = "fc pouls heure dateheure dateetheure horodatage fecha hora fechahora frequencecardiaque frecuenciacardiaca"
_GERMAN = "hf puls zeit uhrzeit datum datumuhrzeit datumzeit zeitpunkt zeitstempel herzfrequenz systolisch"
_PRESSURE = (
    "nibp nbp abp art sbp dbp sys systolic sysbp nibpsys nbpsys nibps nbps nibpsbp abpsys abps arts artsys artsbp ibp"
    " systolicbp systolicbloodpressure pni pani"
)
_ONLY_BESIDE: dict[str, tuple[frozenset[str], str]] = {
    label: (frozenset(words.split()), f"it may be {other}: say --mapping")
    for label, words, other in (
        ("fr", f"{_FRENCH} pas pad pani pni ta", "no rate of breathing"),
        ("af", _GERMAN, "no rate of breathing (atrial fibrillation?)"),
        ("mad", _GERMAN, "no pressure"),
    )
}
_NEVER_BESIDE: dict[str, tuple[frozenset[str], str]] = {
    label: (frozenset(words.split()), why)
    for labels, words, why in (
        ("pr", "qrs qrsd qrsduration qt qtc qtinterval", "beside QRS or QT it may be an interval of the ECG"),
        ("hf", "lf vlf lfhf lfnu", "beside LF it is a part of a spectrum"),
        ("rr", "rmssd sdnn lf", "beside LF, RMSSD or SDNN it may be the time between two beats"),
        ("bpm", "bps bpd bpsys bpdia", "beside BPS and BPD it may be a mean pressure"),
        ("pas pad pam", _PRESSURE, "beside another pressure it may be the pulmonary artery's"),
        ("t1 t2", "tof tofratio tofr tofcount ptc t4", "beside TOF it may be the twitch of a muscle"),
    )
    for label in labels.split()
}
_AIRWAY = frozenset(("peep", "pip", "ppeak", "pplat", "pmean", "tv", "vt", "vte", "vti", "tidalvolume"))
_BLOOD = frozenset((*_PRESSURE.split(), "dia", "diastolic", "nibpdia", "nbpdia", "abpdia"))
_MEAN_AIRWAY = "beside pressures of the airway alone it may be their mean"
DOUBTS = frozenset(why for _, why in (*_ONLY_BESIDE.values(), *_NEVER_BESIDE.values())) | {_MEAN_AIRWAY}
"""What `doubt` says."""
_PAIRS: dict[str, str] = {
    "NIBP": "nibp nbp pani pni nibd noninvasivebloodpressure noninvasivebp cuffbp bpcuff",
    "ABP": "abp art ibp artbp arterialbp arterialbloodpressure arteriallinebp rarteriallinebp"
    " arteriallinebloodpressure rarteriallinebloodpressure artlinebp",
    "BP": "bp bloodpressure sysdia systolicdiastolic sbpdbp bpsysdia blutdruck rr ta pa tensionarterielle",
}
_METHODS = {label: method for method, labels in _PAIRS.items() for label in labels.split()}
_BY_LABEL = {label: signal for signal, labels in _LABELS.items() for label in labels.split()}
_QUANTITIES = frozenset(("lf", *(_BY_LABEL.keys() - _METHODS.keys())))
"""Before a slash they make a ratio of what follows."""

_UNITS: dict[str, str] = {
    "/min": "/min bpm 1/min {beats}/min {beat}/min beats/min beat/min rpm pm {breaths}/min breaths/min breath/min"
    " insp/min resp/min count/min counts/min pulse/min pulses/min beats/minute breaths/minute brpm min-1"
    " 次/分 拍/分 回/分",
    "mmHg": "mmhg mm[hg] mm hg",
    "%": "% pct percent",
    "degC": "c degc cel °c ℃ celsius",
    "kPa": "kpa",
    "degF": "f degf °f ℉ fahrenheit",
    "Hz": "hz",
    "fraction": "fraction",
}
_BY_UNIT = {spelling: unit for unit, spellings in _UNITS.items() for spelling in spellings.split()}
_BY_UNIT |= {"mm hg": "mmHg", "per minute": "/min"}
_BY_UNIT |= {f"{sign}{letter}": f"deg{letter.upper()}" for sign in ("deg. ", "deg ", "?") for letter in "cf"}
"""MIMIC-III has ``Deg. F``, and ``?F`` where a sign was lost."""

LONGEST_NAME = 200
"""No longer name is looked at for a unit: the search takes the square of its length."""
_NAMES = 1_000
"""So many are remembered."""

_BRACKET = re.compile(r"^(?P<name>.*\S)\s*[(\[](?P<unit>[^()]*?)[)\]]+$")
_SUFFIX = re.compile(
    r"^(?P<name>.+)[_ ](?P<unit>mmhg|kpa|bpm|rpm|pct|percent|degc|degf|celsius|fahrenheit|hz)$", re.IGNORECASE
)
_MEASURED = re.compile(r"(?P<number>[+-]?[\d.,]+) ?(?P<unit>[^\d\s.,].{0,15})", re.ASCII)
_WIDE = str.maketrans("（）［］", "()[]")
_PUNCTUATION = re.compile(r"(?:[^\w%°]|_)+")


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

        if not self.note:
            return values
        different, which = np.unique(values, return_inverse=True)  # numpy rounds otherwise than Python
        return np.array(list(map(self.apply, different.tolist())))[which]


SAME = Conversion()
_CONVERSIONS: dict[tuple[str, str], Conversion] = {
    ("kPa", "mmHg"): Conversion(KPA_TO_MMHG, 0.0, "from kPa"),
    ("degF", "degC"): Conversion(5 / 9, -160 / 9, "from degF"),
    ("Hz", "/min"): Conversion(60.0, 0.0, "from Hz"),
    ("fraction", "%"): Conversion(100.0, 0.0, "from fractions of 1"),
}


def plain(name: str) -> str:
    """`name` as names are compared, also without accents. Letters of other scripts stay: they may say "mean"."""
    return _plain(name) if len(name) <= LONGEST_NAME else _plain.__wrapped__(name)


# A table's header asks for the same few names again and again; what is long is no name, and not remembered.
@lru_cache(maxsize=_NAMES)
def _plain(name: str) -> str:
    if not name.isascii():
        import unicodedata

        name = unicodedata.normalize("NFKD", name)
    return _PUNCTUATION.sub("", name.lower())


def split_unit(name: str) -> tuple[str, str]:
    """A column's name and the unit written behind it, "" if none: ``Heart Rate(/min)`` -> ``Heart Rate``, ``/min``."""
    name = name.strip().translate(_WIDE)
    return (name, "") if len(name) > LONGEST_NAME else _split_unit(name)


@lru_cache(maxsize=_NAMES)
def _split_unit(name: str) -> tuple[str, str]:
    if name.lower().endswith("/min") and len(name) > 4:
        return name[:-4].rstrip(), name[-4:]
    found = (_BRACKET if name.endswith((")", "]")) else _SUFFIX).match(name)
    if found and found["unit"].strip().lower() in _BY_UNIT:
        return found["name"], found["unit"].strip()
    return name, ""


WAVES = frozenset(("resp", "respiration", "pulse", "puls"))
"""Names, as `plain` gives them, that a number and the curve it is counted from share."""

CUFF_PULSE = frozenset(("nibppr", "nibphr", "nbppr", "nbppulse", "pulsenbp", "pulsenibp", "nibppulse", "nibppulserate"))
"""Pulse rates that the cuff counted, by their names: they belong to its measurement."""


def signal_of(name: str) -> str:
    """The signal that a column or track called `name` holds, a key of PLAIN, or "" if the name is not known.

    A device before a slash (``Solar8000/HR``) does not change what the track is; another quantity does (``HR/SBP``).
    """
    if name in SIGNALS:
        return name
    if name in _WRITTEN:
        return _WRITTEN[name]
    before, _, bare = split_unit(name)[0].rpartition("/")
    if len(label := plain(bare)) == 0 or plain(before) in _QUANTITIES:
        return ""
    return _BY_LABEL.get(label, "")


def told_apart(names: Sequence[str]) -> list[str]:
    """`names`, each once: what comes again, or has no name, is called by its place too, as a mapping calls it: HR#2."""
    return [
        f"{name}#{place}" if not name or name in names[: place - 1] else name for place, name in enumerate(names, 1)
    ]


def doubt(name: str, beside: frozenset[str]) -> str:
    """Why the column called `name` may hold something else than that name says where the columns called `beside` (as
    `plain` gives them) are in the same table; "" if nothing speaks against it."""
    label = plain(split_unit(name)[0].rpartition("/")[2])
    if found := _ONLY_BESIDE.get(label):
        return "" if any(each in beside for each in found[0]) else found[1]
    if found := _NEVER_BESIDE.get(label):
        return found[1] if any(each in beside for each in found[0]) else ""
    if label == "map" and _AIRWAY & beside and not _BLOOD & beside:
        return _MEAN_AIRWAY
    return ""


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
    return _BY_UNIT.get(text.lower().replace("_", " ")) if text else ""  # WFDB has no blanks in units


def cut_unit(cell: str) -> tuple[str, str]:
    """The number and the known unit that a cell such as ``97 %`` or ``66bpm`` holds, else the cell and ""."""
    found = _MEASURED.fullmatch(cell)
    return (found["number"], found["unit"]) if found and unit_of(found["unit"]) else (cell, "")


def conversion(unit: str, signal: str) -> Conversion | None:
    """How values in `unit` become `signal`'s; None if that cannot be (a pressure in ``/min``). No unit: the house's."""
    wanted = SIGNALS[signal].unit if signal in SIGNALS else "mmHg"
    known = unit_of(unit)
    if known in ("", wanted):
        return SAME
    return None if known is None else _CONVERSIONS.get((known, wanted))
