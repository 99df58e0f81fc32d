"""Berry PM6750 six-parameter boards and Berry oximeters (docs/monitors/berry-pm6750.md)."""

from devices.links.line import LineSettings
from devices.protocols.entry import Entry, Setting

ENTRY = Entry(
    name="berry-pm6750",
    label="Berry PM6750 board (55 AA frames) and Berry oximeters (BCI, BERRY)",
    monitors="PM6750 six-parameter boards and the monitors built on them, Berry finger oximeters and modules",
    driver="devices.protocols.berry_pm6750.driver:Berry",
    device="devices.virtual.berry_pm6750:BerryDevice",
    line=LineSettings(115200),
    signals=("HR", "PR", "NIBP_SYS", "NIBP_DIA", "NIBP_MEAN", "SPO2", "RR", "TEMP"),
    settings={"output": Setting(str, "auto", "what is at the port: board, bci, berry, or auto to find out")},
    asks="a request to measure ECG, SpO2 and temperature, to send no waves, and to give its versions",
)
