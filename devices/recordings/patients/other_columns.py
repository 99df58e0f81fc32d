"""Columns that name no patients, by their names: what they say changes in one patient's file, too.

No list of names is whole: what is not in it is judged by its values, see `unnamed`.
"""

from __future__ import annotations

import re
from enum import Enum

from devices.recordings.names import LONGEST_NAME, plain
from devices.recordings.tables.columns import KNOWN_TIMES, QUEENSLAND


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Meaning(Enum):
    """What a column's name says of it."""

    OPEN = "nothing"
    DEVICE = "where a value comes from, of which one patient has several"
    OTHER = "what changes in one patient"
    MEASURED = "what is measured or set"


_DEVICE = _words(
    "device deviceid devicename devicetype source sourceid sourcename channel channelid channelname sensor sensorid "
    "sensorname monitor monitorid monitorname module moduleid origin system port interface serial serialno "
    "serialnumber ip mac track equipment instrument recorder logger gert gertid gertename quelle kanal appareil "
    "dispositivo dispositif apparaat enhet method site meassitename sitename measurementsite cuffsite"
)
_OTHER = _words(
    "phase phases stage step mode modus state status alarm alarms alarmstate alarmstatus alarmlevel alarmtext "
    "alarmpriority priority warning warnings alert alerts artefact artefacts artifact artifacts isartefact "
    "isartifact artefactflag artifactflag flag flags quality signalquality sqi qualityindex confidence valid "
    "isvalid validity battery batterylevel batterystate batterystatus power comment comments note notes remark "
    "remarks text message messages bemerkung bemerkungen kommentar notiz eventtext eventtype activity posture "
    "bodyposition rhythm ecgrhythm lead ecglead limb gas agent anaestheticagent anestheticagent unit units "
    "uom warningflag errorcode errortext operator nurse clinician caregiver caregiverid staff observer recordedby "
    "measuredby enteredby performedby validatedby version firmware software seq seqno sequence sequenceno "
    "sequencenumber index idx row rowno rownumber rowid line lineno counter count packet packetno sampleno "
    "samplenumber reading readingno readingnumber repeat replicate measurementno day dayno daynumber daynr "
    "dayofweek weekday hour hourofday month week weekno year season ampm daynight vitalname itemname itemlabel "
    "abbreviation loinc valuetext valuestring valuedate storetime resultstatus "
    "interpretation abnormal"
)
_MEASURED = _words(
    "etco2 imco2 fico2 co2 fio2 feo2 eto2 o2 n2o peep pip ppeak pmean pplat tv vt mv ve rrset setrr awp perf "
    "perfusion perfusionindex pvi st sti stii stiii stavr bis sef emg sr mac ecgst pvc pvcs cvp pap icp cpp svv ppv "
    "co ci sv svr pawp gcs pain painscore nrs vas rass news ews"
)
_UNIT = re.compile(
    r".*(?:[\[(] *(?:%|vol\.?%|mm ?hg|cm ?h2o|mbar|k?pa|hpa|ml|m?l/(?:min|h|kg)|bpm|rpm|1?/min|sec|ms|min|"
    r"[mu\u00b5]v|mm|cm|\u00b0[cf]|kg|m?g/kg|[mu\u00b5]g|db|k?hz|ma) *[\])]|"
    r"[_ ](?:mmhg|cmh2o|mbar|kpa|hpa|ml|bpm|rpm|pct|percent|hz))",
    re.IGNORECASE,
)
_NOMENCLATURE = ("nom_", "mdc_")


def meaning_of(name: str) -> Meaning:
    """What a column called `name` holds, as far as its name says it."""
    label = plain(name)
    if (
        label in _MEASURED
        or name.lower().startswith(_NOMENCLATURE)
        or (len(name) < LONGEST_NAME and _UNIT.fullmatch(name))
    ):
        return Meaning.MEASURED
    if label in _OTHER or label in KNOWN_TIMES or label in QUEENSLAND:
        return Meaning.OTHER
    return Meaning.DEVICE if label in _DEVICE else Meaning.OPEN
