"""Nonin oximeters and modules: text lines, data formats 1, 2, 7, 8 and 13 (docs/monitors/nonin.md)."""

from devices.links.line import LineSettings
from devices.protocols.entry import Entry, Setting

ENTRY = Entry(
    name="nonin",
    label="Nonin oximeters: text lines and data formats 1, 2, 7, 8, 13",
    monitors="7500, 7500FO, 9600, 8500, 8600, 9847, 4000 (text); Xpod, OEM III, 7500, 9560, 3150 (data formats)",
    driver="devices.protocols.nonin.driver:Nonin",
    device="devices.virtual.nonin:NoninDevice",
    line=LineSettings(9600),
    signals=("PR", "SPO2"),
    settings={
        "data_format": Setting(str, "auto", "what it sends: auto finds it by the bytes; else ascii, 1, 2, 7, 8 or 13"),
        "zone": Setting(str, "UTC", "zone of the oximeter's clock, which only format 13 shows"),
    },
    speaks_unasked=True,
)
