"""The BedPal: what Risewatch lists of it. Only light imports here: this is read for every command."""

from devices.links.line import LineSettings
from devices.protocols.entry import Entry, Setting

ENTRY = Entry(
    name="bedpal",
    label="BedPal text output",
    monitors="BedPal 1 and 2",
    driver="risewatch_bedpal.driver:BedPal",
    device="risewatch_bedpal.device:BedPalDevice",
    line=LineSettings(19200),
    signals=("PR", "SPO2"),
    settings={"probe_word": Setting(str, "OFF", "what the monitor writes while its probe is off")},
    speaks_unasked=True,
)
