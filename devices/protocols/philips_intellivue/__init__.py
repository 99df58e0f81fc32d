"""Philips IntelliVue MP and MX: the Data Export Interface on RS-232 and on the network (docs/monitors/)."""

from devices.links.line import LineSettings
from devices.protocols.entry import Entry, Setting

ENTRY = Entry(
    name="philips-intellivue",
    label="Philips IntelliVue Data Export (MIB/RS-232 and LAN)",
    monitors="IntelliVue MP5, MP20-MP90, MX series, Avalon FM; X2 and MP2 on the network only",
    driver="devices.protocols.philips_intellivue.driver:PhilipsIntellivue",
    device="devices.virtual.philips_intellivue:PhilipsIntellivueDevice",
    line=LineSettings(115_200),
    other_lines=(LineSettings(19_200),),
    signals=("HR", "PR", "NIBP_SYS", "NIBP_DIA", "NIBP_MEAN", "ABP_SYS", "ABP_DIA", "ABP_MEAN", "SPO2", "RR", "TEMP"),
    settings={
        "transport": Setting(str, "auto", "serial (framed), udp (bare messages), or auto: whichever is answered"),
        "extended": Setting(bool, True, "let the monitor send by itself where it can; false: ask once a second"),
        "zone": Setting(str, "UTC", "zone of the monitor's clock, for comparing it with ours"),
    },
    asks="a request for an association, then polls of its numbers and clock",
)
