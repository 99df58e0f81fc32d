"""What a row measures: the nomenclature of the HL7 sheet, section 1, by number, by reference id, by LOINC, by label.

MDC numbers are ``partition * 65536 + term``; Philips writes the same as MDIL, ``partition-term`` in hex.
"""

from __future__ import annotations

import re

from msgspec import Struct


class Quantity(Struct, frozen=True):
    """One quantity: `own` is its name in our sources, `signal` the signal it is ("" if none of ours)."""

    own: str
    signal: str

    @property
    def is_cuff(self) -> bool:
        """Whether it is part of one cuff measurement."""
        return self.own.startswith("nibp.")


_TABLE = {quantity.own: quantity for quantity in (
    Quantity("ecg.hr", "HR"),
    Quantity("pr", "PR"),
    Quantity("art.pr", "PR"),
    Quantity("spo2.pr", "PR"),
    Quantity("nibp.pr", "PR"),
    Quantity("nibp.sys", "NIBP_SYS"),
    Quantity("nibp.dia", "NIBP_DIA"),
    Quantity("nibp.mean", "NIBP_MEAN"),
    *(Quantity(f"{site}.{part}", f"ABP_{part.upper()}") for site in ("art", "abp") for part in ("sys", "dia", "mean")),
    # A pressure of unknown site may be pulmonary or venous: it is none of ours.
    *(Quantity(f"p.{part}", "") for part in ("sys", "dia", "mean")),
    Quantity("spo2", "SPO2"),
    Quantity("spo2.perf", ""),
    Quantity("rr", "RR"),
    Quantity("tthor.rr", "RR"),
    Quantity("co2.rr", "RR"),
    *(Quantity(own, "TEMP") for own in (
        "temp", "temp.core", "temp.body", "temp.esoph", "temp.naso", "temp.skin", "temp.tymp", "temp.axil", "temp.rect",
        "temp.art", "temp.ven", "temp.t1", "temp.t2", "temp.vesic",
    )),
    Quantity("pvc", ""),
    Quantity("st", ""),
    Quantity("body", ""),
)}  # fmt: skip

MODE = Quantity("mode", "")
"""The monitor's own mode (Philips ``sMode``): its demonstration mode spoils every value beside it."""

_MDC = {
    147842: "ecg.hr", 149514: "pr", 149522: "art.pr", 149530: "spo2.pr", 149538: "spo2.pr", 149546: "nibp.pr",
    150021: "nibp.sys", 150022: "nibp.dia", 150023: "nibp.mean",
    150301: "nibp.sys", 150302: "nibp.dia", 150303: "nibp.mean",
    150033: "art.sys", 150034: "art.dia", 150035: "art.mean",
    150037: "abp.sys", 150038: "abp.dia", 150039: "abp.mean",
    150017: "p.sys", 150018: "p.dia", 150019: "p.mean",
    150456: "spo2", 150448: "spo2.perf", 150488: "spo2.perf",
    151562: "rr", 151578: "tthor.rr", 151594: "co2.rr", 151552: "rr",
    150344: "temp", 150368: "temp.core", 148065: "pvc", 148066: "pvc",
    188736: "body", 188740: "body",
    **dict.fromkeys((0x20000 + term for term in (*range(0x300, 0x309), *range(0x33D, 0x341), 0x343, 0x34B)), "st"),
}  # fmt: skip

_REFERENCE_IDS = {
    "ECG_HEART_RATE": "ecg.hr", "ECG_CARD_BEAT_RATE": "ecg.hr", "PULS_RATE": "pr", "BLD_PULS_RATE_INV": "art.pr",
    "PULS_OXIM_PULS_RATE": "spo2.pr", "PLETH_PULS_RATE": "spo2.pr", "PULS_RATE_NON_INV": "nibp.pr",
    **{f"PRESS_BLD_NONINV_{part.upper()}": f"nibp.{part}" for part in ("sys", "dia", "mean")},
    **{f"PRESS_CUFF_{part.upper()}": f"nibp.{part}" for part in ("sys", "dia", "mean")},
    **{f"PRESS_BLD_ART_{part.upper()}": f"art.{part}" for part in ("sys", "dia", "mean")},
    **{f"PRESS_BLD_ART_ABP_{part.upper()}": f"abp.{part}" for part in ("sys", "dia", "mean")},
    **{f"PRESS_BLD_{part.upper()}": f"p.{part}" for part in ("sys", "dia", "mean")},
    "PULS_OXIM_SAT_O2": "spo2", "PULS_OXIM_PERF_REL": "spo2.perf", "BLD_PERF_INDEX": "spo2.perf",
    "RESP_RATE": "rr", "TTHOR_RESP_RATE": "tthor.rr", "CO2_RESP_RATE": "co2.rr", "RESP": "rr",
    "TEMP": "temp", "TEMP_CORE": "temp.core", "TEMP_BODY": "temp.body", "TEMP_ESOPH": "temp.esoph",
    "TEMP_NASOPH": "temp.naso", "TEMP_SKIN": "temp.skin", "TEMP_TYMP": "temp.tymp", "TEMP_AXIL": "temp.axil",
    "TEMP_RECT": "temp.rect", "TEMP_ART": "temp.art", "TEMP_VEN": "temp.ven", "TEMP_BLADDER": "temp.vesic",
    "ECG_V_P_C_CNT": "pvc", "ECG_V_P_C_RATE": "pvc", "LEN_BODY_ACTUAL": "body", "MASS_BODY_ACTUAL": "body",
}  # fmt: skip

_LOINC = {
    "8867-4": "ecg.hr", "76282-3": "ecg.hr", "8889-8": "spo2.pr",
    "8480-6": "nibp.sys", "76534-7": "nibp.sys", "8462-4": "nibp.dia", "76535-4": "nibp.dia",
    "8478-0": "nibp.mean", "76536-2": "nibp.mean",
    "76215-3": "art.sys", "76213-8": "art.dia", "76214-6": "art.mean",
    "59408-5": "spo2", "2708-6": "spo2", "61006-3": "spo2.perf", "9279-1": "rr",
    "8310-5": "temp", "8329-5": "temp.core",
}  # fmt: skip

VAGUE = frozenset({"8867-4", "8480-6", "8462-4", "8478-0"})
"""LOINC codes that do not say how it was measured: a label beside them may."""

_LABELS = {
    "ecg.hr": "hr heartrate ecghr ecgheartrate heartrateecg vitalhr vitalhrecg hrpulse hf",
    "pr": "pr pulse pulserate puls vitalpr",
    "spo2.pr": "spo2pr prspo2 vitalprspo2 plethhr plethpulse spo2pulserate spo2pulse spo2r",
    "art.pr": "artpr abppr abphr arthr ibppr prart prabp pribp artr ar1r ar2r ar3r ar4r",
    "nibp.pr": "nibppr nbppr nbppulse nibppulse nibppulserate nibphr prnibp vitalprnibp",
    "nibp.sys": "nibpsys nibps nbps nbpsys nibpsystolic nbpsystolic nibpsbp nibpsyst noninvasivesystolic",
    "nibp.dia": "nibpdia nibpd nbpd nbpdia nibpdias nbpdias nibpdiastolic nbpdiastolic nibpdbp nibpdiast",
    "nibp.mean": "nibpmean nibpm nbpm nbpmean nibpmap nibpmbp nbpmap",
    "art.sys": "arts artsys artsystolic artsbp ibp1sys p1sys ar1s ar2s ar3s ar4s",
    "art.dia": "artd artdia artdias artdiastolic artdbp ibp1dia p1dia ar1d ar2d ar3d ar4d",
    "art.mean": "artm artmean artmap artmbp ibp1mean p1mean ar1m ar2m ar3m ar4m",
    "abp.sys": "abps abpsys abpsystolic",
    "abp.dia": "abpd abpdia abpdias abpdiastolic",
    "abp.mean": "abpm abpmean abpmap",
    "spo2": "spo2 sp02 %spo2 spo2% spo2spo2 vitalspo2 oxygensaturation o2sat pulseoxspo2",
    "rr": "rr resp respiration resprate respirationrate respiratoryrate awrr rrimp respresp vitalrr rrresp vitalresp",
    "co2.rr": "co2rr rrco2 vitalrrco2",
    "temp": "temp temperature bodytemperature bt speedytemp",
    "temp.core": "tcore tempcore coretemperature",
    "temp.skin": "tskin tempskin",
    "temp.t1": "t1 temp1 tempt1 tblood1 tmp1",
    "temp.t2": "t2 temp2 tempt2 tmp2",
    "spo2.perf": "perf pi perfusionindex spo2pi",
    "pvc": "pvc pvcs",
    "st": "sti stii stiii stavr stavl stavf stv stv1 stv2 stv3 stv4 stv5 stv6 stmcl",
}
_BY_LABEL = {label: own for own, labels in _LABELS.items() for label in labels.split()}

_PRIVATE = {
    ("170", "sys"): "nibp.sys", ("171", "dia"): "nibp.dia", ("172", "mean"): "nibp.mean",
    ("500", "sys"): "art.sys", ("501", "mean"): "art.mean", ("502", "dia"): "art.dia",
}  # fmt: skip
"""Private numbers whose label alone would not say how the pressure was measured (Mindray, older)."""

_PARTS = {"sys": "sys", "systolic": "sys", "syst": "sys", "dia": "dia", "dias": "dia", "diastolic": "dia",
          "mean": "mean", "map": "mean"}  # fmt: skip
_CUFF_WORDS = re.compile(r"nibp|nbp|cuff|non-?invasive", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[^0-9a-z%]+")
_MDIL = re.compile(r"([0-9A-Fa-f]{4})-([0-9A-Fa-f]{4})$")


def _named(own: str | None) -> Quantity | None:
    return None if own is None else _TABLE[own]


def by_mdc(code: str) -> Quantity | None:
    """The quantity of a decimal MDC number."""
    return _named(_MDC.get(int(code))) if code.isascii() and code.isdigit() and len(code) < 10 else None


def by_mdil(code: str) -> Quantity | None:
    """The quantity of an MDIL code such as ``0002-4182``."""
    found = _MDIL.match(code)
    return _named(_MDC.get(int(found[1], 16) << 16 | int(found[2], 16))) if found else None


def by_loinc(code: str) -> Quantity | None:
    """The quantity of a LOINC code such as ``8867-4``."""
    return _named(_LOINC.get(code))


def by_reference_id(name: str) -> Quantity | None:
    """The quantity of a reference id such as ``MDC_ECG_HEART_RATE`` (or Philips ``NOM_...``)."""
    prefix, found, rest = name.strip().upper().partition("_")
    return _named(_REFERENCE_IDS.get(rest)) if found and prefix in ("MDC", "NOM") else None


def by_label(name: str, code: str = "") -> Quantity | None:
    """The quantity that a person would read in the label `name`; `code` is a vendor's own number beside it."""
    label = _PUNCTUATION.sub("", name.lower())
    if label == "smode":
        return MODE
    return _named(_PRIVATE.get((code, label)) or _BY_LABEL.get(label))


def in_cuff_group(name: str) -> Quantity | None:
    """The quantity of a label such as ``SYS`` in a group of rows that is the cuff's."""
    label = _PUNCTUATION.sub("", name.lower())
    if label in ("pr", "pulse", "pulserate"):
        return _TABLE["nibp.pr"]
    part = _PARTS.get(label)
    return None if part is None else _TABLE[f"nibp.{part}"]


def is_cuff_group(text: str) -> bool:
    """Whether the name of a group of rows (OBR-4) says that they are one cuff measurement."""
    return _CUFF_WORDS.search(text) is not None
