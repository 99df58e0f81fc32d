"""Makes the sessions of this folder, with the truth beside them: ``python sample_data/made/make_sessions.py``.

Each is a virtual patient (`devices.virtual`) under 0.5 mg/kg in 40 minutes, watched from 20 minutes before to 65 after:
heart rate, SpO2 and respiration every 2 s, the cuff every 5 minutes. The truth is the patient without noise, sensors or
cuff; it knows no detector. Fixed seeds: the same files on any machine.
"""

from __future__ import annotations

import json
from pathlib import Path

from devices import instant
from devices.instant import MINUTE, SECOND
from devices.reading import Reading, Status
from devices.recordings.writing.document import Event, document
from devices.recordings.writing.formats import write_recording
from devices.signals import SIGNALS
from devices.virtual.bedside import PatientBedside
from devices.virtual.patient import PATIENTS

FORMS = {
    "typical": ("csv", "csv"),
    "strong-rise": ("vital", "vital"),
    "hypertensive": ("edf", "edf"),
    "no-rise": ("parquet", "parquet"),
    "vasovagal": ("csv", "csv"),
}
"""Patient -> the form it is written in, and the file's suffix."""

BEGINS = instant.parse("2026-03-02T08:40:00Z")
T0 = BEGINS + 20 * MINUTE
STOP = T0 + 40 * MINUTE
ENDS = STOP + 65 * MINUTE
EVERY = 2 * SECOND
LATENT_EVERY = 30 * SECOND
CUFF_S = 300.0


def reading(at: int, signal: str, value: float) -> Reading:
    return Reading(at, at, signal, value, SIGNALS[signal].unit, Status.OK, f"made:{signal}")


def main() -> None:
    for name, (form, suffix) in FORMS.items():
        person = PATIENTS[name]
        bedside = PatientBedside(person, BEGINS, T0, cycle_s=CUFF_S, first_cuff_after_s=60.0)
        readings: list[Reading] = []
        cuffs = []
        seen = 0
        for at in range(BEGINS, ENDS + 1, EVERY):
            shown = bedside.observe(at)
            readings += [
                reading(at, signal, value)
                for signal, value in (("HR", shown.hr), ("SPO2", shown.spo2), ("RR", shown.rr))
                if value is not None
            ]
            cuff = shown.cuff
            if cuff.count == seen or cuff.time is None or cuff.sys is None:
                continue
            seen = cuff.count
            for signal, value in (("NIBP_SYS", cuff.sys), ("NIBP_DIA", cuff.dia), ("NIBP_MEAN", cuff.mean)):
                assert value is not None
                readings.append(reading(cuff.time, signal, value))
            truth = person.vitals(cuff.time, bedside.infusion)
            cuffs.append(
                {
                    "time": instant.format(cuff.time), "sbp": round(truth.sbp, 2), "dbp": round(truth.dbp, 2),
                    "shown_sys": cuff.sys, "shown_dia": cuff.dia,
                }
            )  # fmt: skip
        latent = [person.vitals(at, bedside.infusion) for at in range(BEGINS, ENDS + 1, LATENT_EVERY)]
        events = [Event(T0, "infusion start"), Event(STOP, "infusion stop"), Event(ENDS, "session end")]
        folder = Path(__file__).parent
        write_recording(folder / f"{name}.{suffix}", document(readings, events), form)
        told = {
            "patient": name,
            "about": person.about,
            "infusion": {"start": instant.format(T0), "stop": instant.format(STOP), "mg_per_kg": 0.5},
            "session_end": instant.format(ENDS),
            "cuff": cuffs,
            "latent": {
                "from": instant.format(BEGINS),
                "every_s": LATENT_EVERY // SECOND,
                **{signal: [round(getattr(each, signal), 2) for each in latent] for signal in ("hr", "sbp", "dbp")},
            },
        }
        text = json.dumps(told, indent=1)
        (folder / f"{name}.truth.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
