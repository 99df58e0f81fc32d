"""Nellcor N-560, N-595, N-600x and their kin: one text row every 2 s (docs/monitors/nellcor.md)."""

from devices.links.line import LineSettings
from devices.protocols.entry import Entry, Setting

ENTRY = Entry(
    name="nellcor",
    label="Nellcor / Covidien oximeters, real-time text output",
    monitors="N-560, N-595, N-600x, N-395, NPB-190, NPB-195, NPB-290, NPB-295",
    driver="devices.protocols.nellcor.driver:Nellcor",
    device="devices.virtual.nellcor:NellcorDevice",
    line=LineSettings(9600),
    signals=("PR", "SPO2"),
    settings={"zone": Setting(str, "UTC", "zone of the monitor's clock, for comparing it with ours")},
    speaks_unasked=True,
    asks="XON (0x11), which lets a monitor go on that was told to pause its output",
)
