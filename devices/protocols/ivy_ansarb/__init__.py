"""IVY 450C: a message a second with heart rate, saturation and cuff, unasked (docs/monitors/ivy-ansarb.md)."""

from devices.links.line import LineSettings
from devices.protocols.entry import Entry, Setting

ENTRY = Entry(
    name="ivy-ansarb",
    label="IVY 450C output ANSAR-B",
    monitors="IVY Biomedical 450C vital signs monitor",
    driver="devices.protocols.ivy_ansarb.driver:IvyAnsarb",
    device="devices.virtual.ivy_ansarb:IvyAnsarbDevice",
    line=LineSettings(9600),
    signals=("HR", "PR", "NIBP_SYS", "NIBP_DIA", "NIBP_MEAN", "ABP_SYS", "ABP_DIA", "ABP_MEAN", "SPO2", "RR", "TEMP"),
    settings={
        "arterial": Setting(str, "", "the pressure channel that is the arterial line (P1 or P2), if it has no label")
    },
    speaks_unasked=True,
)
