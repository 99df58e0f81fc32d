"""Sets the scene: virtual monitors, their past in the store, their sessions; then the monitors go on live."""

from __future__ import annotations

from functools import partial

from msgspec import Struct

from dashboard.demo.scene import BEDS, EXPIRY, LOT, PRESCRIBER, RECORDS, SceneBed
from dashboard.rises.threshold_files import PRESETS
from dashboard.sessions.events import EventKind
from dashboard.sessions.plan import Plan
from dashboard.sessions.setup import ensure_presets
from dashboard.store import acts, queries, writes
from dashboard.store.database import Store
from devices import catalogue
from devices.instant import MINUTE
from devices.reading import Notice, Reading
from devices.virtual.bedside import PatientBedside
from devices.virtual.history import fast_forward
from devices.virtual.patient import named
from devices.virtual.server import VirtualMonitor

AUTHOR = "demo"


class StagedBed(Struct, frozen=True):
    """A bed of the scene with its virtual monitor, switched on and waiting for the watch on `monitor.url`."""

    scene: SceneBed
    monitor: VirtualMonitor


def set_stage(store: Store, now: int) -> list[StagedBed]:
    """Fills an empty store with the scene's past up to `now` and returns the monitors, ready to be started.

    Every stored number went through a protocol's bytes: the device side wrote them, the driver read them.
    """
    ensure_presets(store, now)
    staged = []
    with store.writing() as connection:
        ids = writes.set_up_beds(
            connection,
            [
                {"name": bed.name, "place": place, "protocol": bed.protocol, "port": "", "mode": "demo", "grp": ""}
                for place, bed in enumerate(BEDS)
            ],
        )
        writes.put_setting(connection, "site_name", "Ketamine suite")
    for bed in BEDS:
        start = now - bed.watched_before
        bedside = PatientBedside(
            named(bed.patient, bed.seed),
            start,
            infusion_start=now - bed.started_before,
            duration_s=bed.minutes * 60,
            dose_mg_kg=bed.dose,
            cycle_s=60.0,
        )
        if bed.stopped_before is not None:
            bedside.set_rate(now - bed.stopped_before, 0.0)
        device = catalogue.create_device(bed.protocol, bedside)
        items = list(fast_forward(device, catalogue.create(bed.protocol), start, now))
        with store.writing() as connection:
            writer = writes.ReadingWriter()
            writer.write(connection, [(ids[bed.name], each) for each in items if isinstance(each, Reading)])
            notices = [each for each in items if isinstance(each, Notice)]
            writes.write_notices(connection, [(ids[bed.name], None, each) for each in notices])
        _open_session(store, ids[bed.name], bed, now)
        monitor = VirtualMonitor(
            partial(catalogue.create_device, bed.protocol, bedside),
            "pty",
            name=bed.name.lower().replace(" ", "-"),
            device=device,
        )
        staged.append(StagedBed(bed, monitor))
    return staged


def _open_session(store: Store, bed_id: int, bed: SceneBed, now: int) -> None:
    """A session that began when the monitor was put on; written as it would have been entered then."""
    started, t0 = now - bed.watched_before + MINUTE, now - bed.started_before
    with store.writing() as connection:
        version = queries.latest_threshold_version(connection, PRESETS[0])
        assert version is not None
        plan = Plan(
            drug="ketamine",
            dose_mg_per_kg=bed.dose,
            weight_kg=bed.weight,
            weight_entered=f"{bed.weight:g} kg",
            weight_how="measured",
            concentration_mg_ml=1.0,
            planned_minutes=bed.minutes,
            lot=LOT,
            expiry=EXPIRY,
            prescriber=PRESCRIBER,
            template="depression",
        )
        values = {
            "bed_id": bed_id,
            "mode": "demo",
            "patient": bed.initials,
            "identifier": bed.identifier,
            "drug": plan.drug_words,
            "dose_mg_per_kg": bed.dose,
            "planned_minutes": bed.minutes,
            "threshold_version_id": version.id,
            "started": started,
            "started_by": AUTHOR,
        }
        session = queries.session(connection, writes.open_session(connection, values))
        assert session is not None
        said = (
            (EventKind.PLAN, started, plan.to_detail()),
            (EventKind.PATIENT, started, RECORDS[bed.name].to_detail()),
            (EventKind.SCORE, t0 - 2 * MINUTE, {"scale": "moaas", "value": 5}),
            (EventKind.SCORE, t0 - 2 * MINUTE, {"scale": "nausea", "value": 0}),
        )
        for kind, time, detail in said:
            acts.insert_event(connection, session, kind, time=time, author=AUTHOR, now=time, detail=detail)
        acts.insert_event(connection, session, EventKind.INFUSION_START, time=t0, author=AUTHOR, now=t0)
        if bed.stopped_before is not None:
            stop = now - bed.stopped_before
            acts.insert_event(connection, session, EventKind.INFUSION_STOP, time=stop, author=AUTHOR, now=stop)
