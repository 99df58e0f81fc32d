"""What is asked of the store, by subject. Every function takes a connection (`Store.reading`) and returns records."""

from dashboard.store.queries.alarms import alarm, alarms_of, running_alarms, standing_alarms
from dashboard.store.queries.beds import bed_states, beds, heartbeat, setting
from dashboard.store.queries.commands import (
    captured_beds,
    latest_replay_command,
    newest_acts,
    opening_of,
    pending_replay_commands,
    refused_replay_commands,
)
from dashboard.store.queries.findings import baselines, notice_keys, notices, rises, session_notices
from dashboard.store.queries.imports import first_import, import_of
from dashboard.store.queries.readings import latest_readings, readings, readings_after, readings_of, streams
from dashboard.store.queries.sessions import (
    finished_sessions,
    open_sessions,
    session,
    session_events,
    session_places,
    session_readings,
    session_windows,
    sessions,
)
from dashboard.store.queries.threshold_versions import (
    latest_threshold_version,
    threshold_version,
    threshold_version_called,
    threshold_versions,
)

__all__ = [
    "alarm",
    "alarms_of",
    "baselines",
    "bed_states",
    "beds",
    "captured_beds",
    "finished_sessions",
    "first_import",
    "heartbeat",
    "import_of",
    "latest_readings",
    "latest_replay_command",
    "latest_threshold_version",
    "newest_acts",
    "notice_keys",
    "notices",
    "open_sessions",
    "opening_of",
    "pending_replay_commands",
    "readings",
    "readings_after",
    "readings_of",
    "refused_replay_commands",
    "rises",
    "running_alarms",
    "session",
    "session_events",
    "session_notices",
    "session_places",
    "session_readings",
    "session_windows",
    "sessions",
    "setting",
    "standing_alarms",
    "streams",
    "threshold_version",
    "threshold_version_called",
    "threshold_versions",
]
