"""Dräger MEDIBUS and MEDIBUS.X: anaesthesia machines and ventilators (docs/monitors/draeger-medibus.md)."""

from devices.links.line import LineSettings
from devices.protocols.entry import Entry, Setting

ENTRY = Entry(
    name="draeger-medibus",
    label="Dräger MEDIBUS and MEDIBUS.X",
    monitors="Dräger Evita, Fabius, Primus, Apollo, Zeus, Perseus, Atlan (oximeter or monitor fitted)",
    driver="devices.protocols.draeger_medibus.driver:DraegerMedibus",
    device="devices.virtual.draeger_medibus:DraegerMedibusDevice",
    line=LineSettings(19200, parity="E"),
    other_lines=(
        LineSettings(9600, parity="E"),
        LineSettings(19200),
        LineSettings(9600),
        LineSettings(38400, parity="E"),
        LineSettings(4800, parity="E"),
    ),
    signals=("HR", "PR", "NIBP_SYS", "NIBP_DIA", "NIBP_MEAN", "ABP_SYS", "ABP_DIA", "ABP_MEAN", "SPO2", "RR", "TEMP"),
    settings={
        "interval_s": Setting(int, 1, "seconds between requests for measured data, 1 to 5"),
        "limit": Setting(bool, True, "ask the device to send only the values that are used here (4A)"),
        "zone": Setting(str, "UTC", "zone of the device's clock, for comparing it with ours"),
    },
    asks="a request to begin (ICC), then requests for its identity, clock, measured data, alarms and texts",
)
