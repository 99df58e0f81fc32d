"""HL7 v2 result messages (ORU^R01) over MLLP: gateways, central stations and monitors (docs/monitors/hl7.md)."""

from devices.links.line import LineSettings
from devices.protocols.entry import Entry, Setting

ENTRY = Entry(
    name="hl7",
    label="HL7 v2 ORU^R01 over MLLP, IHE PCD-01 and vendors' dialects",
    monitors="gateways and central stations of Mindray, Philips, GE, Nihon Kohden, Comen and others",
    driver="devices.protocols.hl7.driver:Hl7",
    device="devices.virtual.hl7:Hl7Device",
    line=LineSettings(9600),
    signals=(
        "HR", "PR", "NIBP_SYS", "NIBP_DIA", "NIBP_MEAN", "ABP_SYS", "ABP_DIA", "ABP_MEAN", "SPO2", "RR", "TEMP",
    ),
    settings={
        "zone": Setting(str, "UTC", "zone of times that are sent without one, such as Europe/Berlin"),
        "location": Setting(str, "", "take messages of this location (PV1-3) only, such as Ward^3^7"),
    },
    speaks_unasked=True,
    network=True,
)  # fmt: skip
