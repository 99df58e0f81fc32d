"""Our own line protocol for boards, loggers and simulators (docs/monitors/line.md)."""

from devices.links.line import LineSettings
from devices.protocols.entry import Entry, Setting

ENTRY = Entry(
    name="line",
    label="Line protocol VSL1 (own definition) and its JSON variant",
    monitors="boards, research loggers and simulators that send one text line a sample",
    driver="devices.protocols.line.driver:Line",
    device="devices.virtual.line:LineDevice",
    line=LineSettings(115200),
    other_lines=(LineSettings(9600),),
    signals=("HR", "PR", "NIBP_SYS", "NIBP_DIA", "NIBP_MEAN", "SPO2", "RR", "TEMP"),
    settings={"loose": Setting(bool, False, "accept free forms such as SYS:120,DIA:80,PUL:75, unverified")},
    speaks_unasked=True,
)
