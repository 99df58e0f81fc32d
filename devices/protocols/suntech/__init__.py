"""SunTech Advantage OEM blood-pressure boards: polled for the last result (docs/monitors/suntech.md)."""

from devices.links.line import LineSettings
from devices.protocols.entry import Entry

ENTRY = Entry(
    name="suntech",
    label="SunTech Advantage OEM blood-pressure board",
    monitors="Advantage OEM boards, as built into monitors and kiosks of other makers",
    driver="devices.protocols.suntech.driver:Suntech",
    device="devices.virtual.suntech:SuntechDevice",
    line=LineSettings(9600),
    signals=("PR", "NIBP_SYS", "NIBP_DIA", "NIBP_MEAN"),
    asks="requests for the cuff's present pressure and its last result, once a second",
)
