"""The rows of the store as frozen records. Instants in microseconds; which clock is said in `schema`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct


class Bed(Struct, frozen=True):
    id: int
    name: str
    place: int
    group: str
    protocol: str
    port: str
    mode: str
    capture: bool = False
    """Whether every byte of its port is kept in files."""


class BedState(Struct, frozen=True):
    bed_id: int
    monitor: str
    text: str
    last_frame: int | None
    frames: int
    rejected: int
    bytes_in: int
    late: int
    clock_at: int
    clock_wall: int
    clock_rate: float
    provisional: tuple[Mapping[str, Any], ...]
    replay: Mapping[str, Any] | None


class Stream(Struct, frozen=True):
    id: int
    bed_id: int
    signal: str
    unit: str
    source: str


class Session(Struct, frozen=True):
    id: int
    bed_id: int
    mode: str
    patient: str
    identifier: str
    drug: str
    dose_mg_per_kg: float | None
    planned_minutes: float | None
    threshold_version_id: int
    started: int
    started_by: str
    ended: int | None


class SessionPlace(Struct, frozen=True):
    """A bed a session is or was at, from `since` to `until` (None while it is there), on the bed's clock."""

    bed_id: int
    since: int
    until: int | None


class ThresholdVersion(Struct, frozen=True):
    id: int
    name: str
    version: int
    author: str
    reason: str
    created: int
    hash: str
    body: str
    session_id: int | None = None
    """The session for whose patient it was made, None for a version that is open to all."""


class Baseline(Struct, frozen=True):
    signal: str
    value: float | None
    n: int
    status: str


class StoredRise(Struct, frozen=True):
    id: int
    session_id: int
    signal: str
    level: int
    threshold: float
    clear: float
    baseline: float | None
    onset: int
    confirmed: int
    peak: float
    peak_time: int
    return_time: int | None
    declared: int | None
    outcome: str
    present_at_baseline: bool
    threshold_version_id: int


class Alarm(Struct, frozen=True):
    id: int
    bed_id: int
    session_id: int | None
    key: str
    category: str
    priority: int
    signal: str
    text: str
    value: float | None
    threshold: float | None
    unit: str
    since: int
    raised: int
    ended: int | None
    acknowledged: int | None
    acknowledged_by: str | None
    silent: bool
    reminded: int | None = None
    """When it was last announced again although seen; only of `queries.standing_alarms`."""


class StoredNotice(Struct, frozen=True):
    id: int
    bed_id: int
    time: int
    received: int
    kind: str
    signal: str
    code: str
    text: str
    source: str


class Heartbeat(Struct, frozen=True):
    name: str
    time: int
    started: int
    stopped: int | None
    version: str
    mode: str


class ReplayCommand(Struct, frozen=True):
    id: int
    bed_id: int | None
    action: str
    detail: Mapping[str, Any]
    author: str
    entered: int
    answer: Mapping[str, Any] | None = None
    refused: str | None = None


class RecordingImport(Struct, frozen=True):
    """Which file became which session; see `schema.recording_import`. `files` to `refused` as they were, not JSON."""

    session_id: int
    name: str
    size: int
    sha256: str
    files: tuple[Mapping[str, Any], ...]
    format: str
    reader: str
    patient: str
    choices: Mapping[str, Any]
    mapping: tuple[Mapping[str, Any], ...]
    rows_read: int
    rows_used: int
    repeats: int
    refused: Mapping[str, int]
    readings: int
    times_from: str
    imported: int
    imported_by: str
