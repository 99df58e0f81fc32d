"""Contec CMS50 oximeters, both generations (docs/monitors/contec.md)."""

from devices.links.line import LineSettings
from devices.protocols.entry import Entry

ENTRY = Entry(
    name="contec",
    label="Contec CMS50 oximeters, live data (5-byte and 9-byte frames)",
    monitors="CMS50D+, CMS50E, CMS50EW, CMS50F and older CMS50D+, CMS50-P (these at 19200 8O1)",
    driver="devices.protocols.contec.driver:Contec",
    device="devices.virtual.contec:ContecDevice",
    line=LineSettings(115200),
    other_lines=(LineSettings(19200, parity="O"),),
    signals=("PR", "SPO2"),
    asks="a request to stop what it sends and to start its live data, and a sign of life each second",
)
