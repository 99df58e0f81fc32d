"""Creative PC-300, PC-200, PC-100 and PC-60FW: AA 55 frames, once asked for (docs/monitors/creative-pc300.md)."""

from devices.links.line import LineSettings
from devices.protocols.entry import Entry

ENTRY = Entry(
    name="creative-pc300",
    label="Creative / Lepu / Viatom AA 55 frames",
    monitors="PC-300 and PC-300SNT, PC-200, PC-100 (cuff, oximeter, thermometer); PC-60FW and relatives (oximeter)",
    driver="devices.protocols.creative_pc300.driver:CreativePc300",
    device="devices.virtual.creative_pc300:Pc300Device",
    line=LineSettings(115200),
    other_lines=(LineSettings(9600), LineSettings(38400)),
    signals=("HR", "PR", "NIBP_SYS", "NIBP_DIA", "NIBP_MEAN", "SPO2", "TEMP"),
    asks="the request for the monitor's name, again every 5 s; then that it sends what its oximeter measures, and once"
    " for the cuff's last result",
)
