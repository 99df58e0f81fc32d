"""Omron HBP-9030 and HBP-9020, Terumo and A&D arm-in cuffs: a line a measurement (docs/monitors/omron-hbp.md)."""

from devices.links.line import LineSettings
from devices.protocols.entry import Entry, Setting

ENTRY = Entry(
    name="omron-hbp",
    label="Omron HBP-9030 (format 5) and HBP-9020 (mode 5 F3), a line for each measurement",
    monitors="Omron HBP-9030, HBP-9020; experimental: Terumo BP-500, A&D TM-2657P",
    driver="devices.protocols.omron_hbp.driver:OmronHbp",
    device="devices.virtual.omron_hbp:OmronHbpDevice",
    line=LineSettings(9600),
    other_lines=(LineSettings(2400),),
    signals=("PR", "NIBP_SYS", "NIBP_DIA", "NIBP_MEAN"),
    settings={
        "zone": Setting(str, "UTC", "zone of the cuff's clock, for comparing it with ours"),
        "salt": Setting(str, "", "a secret word: the subject's number is then shown as a code made with it"),
    },
    speaks_unasked=True,
)
