"""Masimo Rad-8, Rad-87, Radical-7 and Pronto: serial output ASCII 1, one line a second (docs/monitors/masimo.md)."""

from devices.links.line import LineSettings
from devices.protocols.entry import Entry, Setting

ENTRY = Entry(
    name="masimo",
    label="Masimo oximeters, serial output ASCII 1",
    monitors="Rad-8, Rad-87, Radical-7, Rad-5 and Pronto, set to ASCII 1",
    driver="devices.protocols.masimo.driver:Masimo",
    device="devices.virtual.masimo:MasimoDevice",
    line=LineSettings(9600),
    signals=("PR", "SPO2"),
    settings={"zone": Setting(str, "UTC", "zone of the monitor's clock, for comparing it with ours")},
    speaks_unasked=True,
)
