"""GE Datex-Ohmeda S/5, AS/3, Cardiocap/5, B20 to B850: the record interface (docs/monitors/ge-dri.md)."""

from devices.links.line import LineSettings
from devices.protocols.entry import Entry, Setting

ENTRY = Entry(
    name="ge-dri",
    label="GE Datex-Ohmeda record interface (DRI)",
    monitors="S/5, AS/3, CS/3, Cardiocap/5, B20-B40, B105/B125, CARESCAPE B450-B850",
    driver="devices.protocols.ge_dri.driver:GeDri",
    device="devices.virtual.ge_dri:GeDriDevice",
    line=LineSettings(19200, parity="E", rtscts=True),
    signals=("HR", "PR", "NIBP_SYS", "NIBP_DIA", "NIBP_MEAN", "ABP_SYS", "ABP_DIA", "ABP_MEAN", "SPO2", "RR", "TEMP"),
    settings={
        "interval_s": Setting(int, 5, "seconds between records, 5 or more"),
        "aux": Setting(bool, True, "ask for the cuff's time stamps too"),
        "zone": Setting(str, "UTC", "zone of the monitor's clock, for comparing it with ours"),
    },
    asks="a request to send its displayed values every 5 s",
)
