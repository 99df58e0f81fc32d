"""What all beds have to write at one commit."""

from __future__ import annotations

from sqlalchemy import Connection

from dashboard.store.records import Baseline, BedState
from dashboard.store.writes.beds import write_bed_states
from dashboard.store.writes.findings import write_baselines, write_notices
from dashboard.store.writes.readings import ReadingWriter
from devices.reading import Notice, Reading


class Batch:
    """What all beds have to write at one commit: gathered, then written in a few statements, however many beds."""

    def __init__(self) -> None:
        self.readings: list[tuple[int, Reading]] = []
        self.notices: list[tuple[int, int | None, Notice]] = []
        self.states: list[BedState] = []
        self.baselines: list[tuple[int, Baseline]] = []

    def write(self, connection: Connection, readings: ReadingWriter) -> None:
        """Writes everything into the caller's transaction."""
        readings.write(connection, self.readings)
        write_notices(connection, self.notices)
        write_bed_states(connection, self.states)
        write_baselines(connection, self.baselines)
