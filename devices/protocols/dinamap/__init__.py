"""GE CARESCAPE V100, DINAMAP ProCare and PRO: the host polls, the monitor answers (docs/monitors/dinamap.md)."""

from devices.links.line import LineSettings
from devices.protocols.entry import Entry, Setting

ENTRY = Entry(
    name="dinamap",
    label="GE CARESCAPE V100 / DINAMAP host communications (ASCII)",
    monitors="CARESCAPE V100, DINAMAP ProCare 100-400, DINAMAP PRO 100-400; PRO 1000 native output (heart rate)",
    driver="devices.protocols.dinamap.driver:Dinamap",
    device="devices.virtual.dinamap:DinamapDevice",
    line=LineSettings(9600),
    signals=("PR", "NIBP_SYS", "NIBP_DIA", "NIBP_MEAN", "SPO2", "TEMP"),
    settings={"temperature": Setting(bool, False, "ask for the temperature too (TC)")},
    asks="requests for the cuff's last result, the pulse rate and the saturation (NA, RA, OA), each ended by CR",
)
