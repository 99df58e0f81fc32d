"""One recording judged in three ways: by `flag`, by a replay under the watch, and by the watch of a monitor that says
the same. No clock runs but the one that a test moves."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec import structs

from dashboard.cli import main
from dashboard.errors import ThresholdError
from dashboard.rises.thresholds import ThresholdSet
from dashboard.sessions.events import EventKind
from dashboard.store import acts, queries, writes
from dashboard.store.database import Store
from dashboard.store.records import ThresholdVersion
from dashboard.store.status import rise_as_json
from dashboard.watch.bed import BedWatch, write_beds
from dashboard.watch.replays import Replays
from devices import instant
from devices.clock import LIVE
from devices.instant import SECOND
from devices.reading import Reading
from devices.source import MonitorState, State

WALL = 1_800_000_000 * SECOND


@dataclass(frozen=True)
class Case:
    """A recording with its infusion. `end`: of watching, None: the last reading. Instants on the recording's clock."""

    path: Path
    t0: int
    infusion_end: int | None
    end: int | None
    thresholds: ThresholdSet
    patient: str | None = None
    date_order: str | None = None
    relative: bool = False

    def options(self, folder: Path) -> list[str]:
        """As the options of `flag`."""
        rules = folder / "rules.toml"
        rules.write_text(self.thresholds.to_toml())
        given = [
            *("--infusion-start", self._said(self.t0), "--thresholds", str(rules)),
            *(("--infusion-end", self._said(self.infusion_end)) if self.infusion_end is not None else ()),
            *(("--session-end", self._said(self.end)) if self.end is not None else ()),
            *(("--patient", self.patient) if self.patient else ()),
            *(("--date-order", self.date_order) if self.date_order else ()),
        ]
        return [each for each in given if each is not None]

    def _said(self, at: int | None) -> str | None:
        if at is None or not self.relative:
            return None if at is None else instant.format(at)
        return f"+{at / SECOND:.6f}"

    def opening(self, version: ThresholdVersion, **more: Any) -> dict[str, Any]:
        """As the detail of the command that opens its replay."""
        return {
            "recording": str(self.path), "infusion_start": self.t0, "infusion_end": self.infusion_end,
            "to": self.end, "thresholds": version.id, "patient_id": self.patient, "date_order": self.date_order, **more,
        }  # fmt: skip


@dataclass(frozen=True)
class Found:
    """Baselines and rises, in the shape of `flag --json`."""

    baseline: dict[str, Any]
    rises: list[dict[str, Any]]


def flagged(case: Case, folder: Path, capsys: pytest.CaptureFixture[str]) -> Found:
    """By the command."""
    capsys.readouterr()
    try:
        main(("flag", str(case.path), *case.options(folder), "--json"))
    except SystemExit as left:
        assert left.code in (0, None), capsys.readouterr().err
    found = json.loads(capsys.readouterr().out)
    return Found(found["baseline"], found["rises"])


def stored(store: Store, session_id: int, relative: bool = False) -> Found:
    """What the watch has written of a session."""
    with store.reading() as connection:
        baselines, rises = queries.baselines(connection, session_id), queries.rises(connection, session_id)
    return Found(
        {signal: {"value": b.value, "n": b.n, "status": b.status} for signal, b in baselines.items()},
        [_relative(rise_as_json(each)) if relative else rise_as_json(each) for each in rises],
    )


def _relative(rise: dict[str, Any]) -> dict[str, Any]:
    for key in ("onset", "confirmed", "peak_time", "return", "declared"):
        if rise[key] is not None:
            rise[key] = instant.format(instant.parse(rise[key]), relative=True)
    return rise


def version_of(store: Store, thresholds: ThresholdSet) -> ThresholdVersion:
    try:
        return acts.save_thresholds(store, thresholds, author="test", reason="test", now=0)
    except ThresholdError:
        with store.reading() as connection:
            found = queries.latest_threshold_version(connection, thresholds.name)
        assert found is not None and found.hash == thresholds.hash
        return found


class Stage:
    """The watch's beds and its replays over a store; `now` is the machine's clock."""

    def __init__(self, store: Store, now: int = WALL) -> None:
        self.store = store
        self.now = now
        self.beds: list[BedWatch] = []
        self.replays = Replays()
        self.writer = writes.ReadingWriter()

    def ask(self, action: str, bed_id: int | None = None, **detail: Any) -> None:
        acts.command_replay(self.store, bed_id, action, author="Ada", now=self.now, detail=detail)
        self.settle()

    def settle(self) -> None:
        """Until all is done that was asked: recordings are read in a thread of its own."""
        deadline = time.monotonic() + 60
        while True:
            opened, closed = self.replays.carry_out(self.store, self.beds, self.now)
            self.beds += opened
            for bed in closed:
                self.beds.remove(bed)
            if not self.replays.busy:
                return
            assert time.monotonic() < deadline
            time.sleep(0.002)

    def commit(self, beds: Sequence[BedWatch] | None = None) -> None:
        beds = self.beds if beds is None else beds
        with self.store.writing() as connection:
            write_beds(connection, self.writer, beds, self.now)
        for bed in beds:
            bed.written()

    def refusals(self) -> list[str]:
        with self.store.reading() as connection:
            return [each.refused for each in queries.refused_replay_commands(connection, 0)]


def replayed(stage: Stage, case: Case, rng: random.Random) -> Found:
    """By a replay: at random speeds, polled and judged at random moments, with pauses and jumps, then to its end."""
    stage.ask("open", **case.opening(version_of(stage.store, case.thresholds), speed=rng.choice([0.5, 7, 60, 600])))
    assert stage.refusals() == []
    (bed,) = stage.beds
    player = bed.source
    for _ in range(rng.randint(2, 6)):
        stage.now += round(rng.choice([0.004, 0.3, 2.0, 30.0]) * SECOND * rng.random())
        if rng.random() < 0.2:
            bed.judge(stage.now)  # before it is heard: the clock has run ahead
        bed.take(player.poll(stage.now), stage.now)
        if rng.random() < 0.5:
            bed.judge(stage.now)
            stage.commit()
        act = rng.random()
        if act < 0.15:
            stage.ask("seek", bed.bed.id, to=rng.randint(player.start, player.end))
        elif act < 0.25:
            stage.ask(rng.choice(["pause", "play", "restart"]), bed.bed.id)
        elif act < 0.4:
            stage.ask("speed", bed.bed.id, speed=rng.choice([0.5, 1, 3.3, 60, 600]))
    stage.ask("play", bed.bed.id)
    stage.ask("speed", bed.bed.id, speed=600)
    while player.heard < player.end:
        stage.now += round(rng.uniform(0.01, 3) * SECOND)
        if rng.random() < 0.3:
            bed.judge(stage.now)
        bed.take(player.poll(stage.now), stage.now)
        if rng.random() < 0.3:
            bed.judge(stage.now)
    bed.judge(stage.now)
    stage.commit()
    assert bed.session is not None and bed.session.late == 0
    found = stored(stage.store, bed.session.id, case.relative)
    stage.ask("close", bed.bed.id)
    return found


class Monitor:
    """Stands for a monitor that is connected."""

    name, clock, driver = "Bed", LIVE, SimpleNamespace(cuff_dating=0)

    def state(self, now: int) -> MonitorState:
        return MonitorState("line", "/dev/x", State.CONNECTED, 0.0, 1, 0, 10, "")

    def close(self) -> None: ...


@dataclass(frozen=True)
class Lived:
    """What was stored live; `late`: the readings of the recording that came too late."""

    found: Found
    late: list[Reading]


def lived(
    store: Store, name: str, case: Case, readings: Sequence[Reading], rng: random.Random, held_back: float
) -> Lived:
    """By the watch of a monitor that gives the readings (by time, then receipt) in random chunks.

    Args:
        held_back: the share of measurements that come up to some minutes late.
    """
    stage = Stage(store)
    with store.writing() as connection:
        writes.set_up_beds(
            connection,
            [{"name": name, "place": 0, "grp": "", "protocol": "line", "port": "/dev/x", "mode": "live"}],
        )
    with store.reading() as connection:
        (bed,) = queries.beds(connection)
    end = case.end if case.end is not None else readings[-1].time
    # Each measurement as the monitor would have said it: within the wait for samples, or too late.
    due: list[tuple[int, list[Reading]]] = []
    for _, group in groupby(readings, key=lambda each: (each.time, each.received)):
        packet = list(group)
        if packet[0].time <= end:
            delay = rng.uniform(5, 400) if rng.random() < held_back else rng.choice([0, rng.uniform(0, 0.45)])
            due.append((min(packet[0].time + round(delay * SECOND), end), packet))
    due.sort(key=lambda each: each[0])
    told_apart: list[list[Reading]] = []
    last = 0
    for at, packet in due:
        last = max(at, last + 1)
        told_apart.append([structs.replace(each, received=last) for each in packet])
    stage.now = min(readings[0].time, case.t0)
    watch = BedWatch(bed, Monitor())
    with store.reading() as connection:
        watch.resume(connection, stage.now)
    session_id = acts.start_session(
        store, bed.id, patient="A. B.", identifier="1970", author="Ada", now=stage.now, bed_now=stage.now,
        threshold_version_id=version_of(store, case.thresholds).id,
    )  # fmt: skip
    told = [(case.t0, EventKind.INFUSION_START)]
    if case.infusion_end is not None and case.infusion_end < end:
        told.append((case.infusion_end, EventKind.INFUSION_STOP))
    # Entered when it happened, or some time later with its time.
    entries = sorted(
        (min(end, at + rng.choice([0, 0, round(rng.uniform(1, 90) * SECOND)])), at, kind) for at, kind in told
    )
    names = {(said[0].time, said[0].received): packet for said, (_, packet) in zip(told_apart, due, strict=True)}
    left, killed = list(told_apart), False
    _look(store, watch, stage.now)
    while left or entries:
        stop = left[rng.randrange(max(1, len(left) // 3))][0].received if left else entries[0][0]
        entry = entries.pop(0) if entries and entries[0][0] <= stop else None
        stage.now = max(stage.now, entry[0] if entry is not None else stop)
        upto = sum(each[0].received <= stage.now for each in left)
        watch.take([each for packet in left[:upto] for each in packet], stage.now)
        left = left[upto:]
        if entry is not None:
            _, at, kind = entry
            acts.record_event(store, session_id, kind, time=at, author="Ada", now=stage.now, bed_now=stage.now)
            _look(store, watch, stage.now)
        if rng.random() < 0.5:
            watch.judge(stage.now)
        if rng.random() < 0.4:
            stage.commit([watch])
            if not killed and rng.random() < 0.2:  # and started anew
                killed = True
                watch = BedWatch(bed, Monitor())
                with store.reading() as connection:
                    watch.resume(connection, stage.now)
    stage.now = max(stage.now, end)
    acts.record_event(
        store, session_id, EventKind.SESSION_END, time=end, author="Ada", now=stage.now, bed_now=stage.now
    )
    _look(store, watch, stage.now)
    watch.judge(stage.now)
    stage.commit([watch])
    stage.replays.close()
    with store.reading() as connection:
        notices = queries.session_notices(connection, session_id, "late")
    late = []
    for each in notices:
        packet = names[each.time, each.received]
        late += [one for one in packet if (each.signal == "NIBP") == one.signal.startswith("NIBP") and
                 (each.signal == "NIBP" or one.signal == each.signal)]  # fmt: skip
    return Lived(stored(store, session_id, case.relative), late)


def _look(store: Store, watch: BedWatch, now: int) -> None:
    with store.reading() as connection:
        watch.take_acts(connection, now)
