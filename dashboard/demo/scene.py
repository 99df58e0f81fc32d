"""Who lies where in the demonstration, and since when. Pure: built for one instant.

Three virtual patients on three protocols, some 25 minutes into a 40-minute infusion, and one real recording. The
strong-rise patient's start is chosen so that the second cuff after the screens open, a good minute later, passes
limits of levels 2 and 3 of the default preset: time enough to be looking. The patient model decides the numbers, this
file only the moment at which the curtain rises.
"""

from __future__ import annotations

from msgspec import Struct

from dashboard.sessions.patient import PatientRecord
from devices.instant import MINUTE


class SceneBed(Struct, frozen=True):
    """One bed with a virtual patient.

    Attributes:
        patient, seed: of the patient model. dose: mg/kg. minutes: planned duration of the infusion. weight: kg.
        watched_before, started_before, stopped_before: how long before the screens open the monitor was put on, the
            infusion began, and ended (None: it runs).
    """

    name: str
    protocol: str
    patient: str
    seed: int
    initials: str
    identifier: str
    dose: float
    minutes: float
    weight: float
    watched_before: int
    started_before: int
    stopped_before: int | None = None


BEDS = (
    SceneBed("Bed 1", "dinamap", "typical", 3, "M. K.", "demo 1971", 0.5, 40, 74, 38 * MINUTE, 22 * MINUTE),
    SceneBed("Bed 2", "ge-dri", "strong-rise", 5, "A. S.", "demo 1966", 0.5, 40, 82, 39 * MINUTE, 23 * MINUTE),
    SceneBed("Bed 3", "line", "vasovagal", 2, "J. O.", "demo 1984", 0.5, 40, 61, 44 * MINUTE, 28 * MINUTE, 5 * MINUTE),
)

RECORDS = {
    "Bed 1": PatientRecord(allergies="none known", hypertension="no", cardiac="none known", drugs=("ssri-snri",)),
    "Bed 2": PatientRecord(allergies="penicillin (rash)", hypertension="yes", antihypertensive="yes", drugs=()),
    "Bed 3": PatientRecord(allergies="none known", hypertension="no"),
}
"""What was asked of the patients: some of it never, as it happens."""

LOT, EXPIRY, PRESCRIBER = "DEMO-0417", "2099-12", "Dr. Demo"

REPLAY_NAME = "Bed 4"
RECORDING = "mimic3wdb/s25047-2704-05-04-10-44n.hea"
"""A real intensive-care recording, one value a minute (its licence and origin: sample_data/README.md)."""

REPLAY_FROM_MIN, REPLAY_T0_MIN, REPLAY_STOP_MIN, REPLAY_SPEED = 26.0, 8.0, 48.0, 10.0
"""Where the replay begins, and the infusion that is pretended for it, in minutes of the recording. Nobody was given
ketamine in it: the times are ours, and the bed says REPLAY."""
