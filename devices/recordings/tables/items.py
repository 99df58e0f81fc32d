"""The item numbers of MIMIC's chartevents: what each is and in which unit it is charted (public d_items tables)."""

from __future__ import annotations

ITEMS: dict[str, tuple[str, str]] = {
    # MetaVision (MIMIC-IV, and MIMIC-III from 2008)
    "220045": ("HR", "/min"),
    "220179": ("NIBP_SYS", "mmHg"), "220180": ("NIBP_DIA", "mmHg"), "220181": ("NIBP_MEAN", "mmHg"),
    "220050": ("ABP_SYS", "mmHg"), "220051": ("ABP_DIA", "mmHg"), "220052": ("ABP_MEAN", "mmHg"),
    "225309": ("ABP_SYS", "mmHg"), "225310": ("ABP_DIA", "mmHg"), "225312": ("ABP_MEAN", "mmHg"),
    "220277": ("SPO2", "%"), "220210": ("RR", "/min"),
    "223761": ("TEMP", "degF"), "223762": ("TEMP", "degC"),
    # CareVue (MIMIC-III until 2008)
    "211": ("HR", "/min"),
    "455": ("NIBP_SYS", "mmHg"), "8441": ("NIBP_DIA", "mmHg"), "456": ("NIBP_MEAN", "mmHg"),
    "51": ("ABP_SYS", "mmHg"), "8368": ("ABP_DIA", "mmHg"), "52": ("ABP_MEAN", "mmHg"),
    "646": ("SPO2", "%"), "618": ("RR", "/min"),
    "678": ("TEMP", "degF"), "676": ("TEMP", "degC"),
}  # fmt: skip
"""Item number -> signal, unit. Manual entries of other numbers are left out: they repeat these."""
