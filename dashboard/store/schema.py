"""The tables. Instants are BIGINT microseconds (`devices.instant`); JSON is text; booleans are small integers.

Who writes what: the watch alone writes readings, notices, rises, baselines, alarms, bed states and the heartbeat;
the screens write what people do: sessions and their events, threshold versions, acknowledgements, and what they ask
of the watch: replays, and looking after monitors.
Nothing is updated that a person or a monitor said: events, threshold versions and the alarm log only grow.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts row ids in 64 bits only when the column is called INTEGER; PostgreSQL needs to be told BIGINT.
BigId = BigInteger().with_variant(Integer, "sqlite")

bed = Table(
    "bed",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("place", Integer, nullable=False),  # order on the wall; never sorted by anything else
    Column("grp", Text, nullable=False, server_default=""),
    Column("protocol", Text, nullable=False),
    Column("port", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("in_use", SmallInteger, nullable=False, server_default="1"),  # 0: no longer configured, kept for history
    Column("capture", SmallInteger, nullable=False, server_default="0"),  # 1: every byte of its port is kept in files
    CheckConstraint("mode IN ('live', 'demo', 'replay')", name="mode"),
)

bed_state = Table(
    "bed_state",
    metadata,
    Column("bed_id", ForeignKey("bed.id"), primary_key=True),
    Column("monitor", Text, nullable=False),  # connecting | connected | quiet | lost
    Column("text", Text, nullable=False),  # one sentence for a technician
    Column("last_frame", BigInteger),  # on the wall clock
    Column("frames", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("bytes_in", BigInteger, nullable=False),
    Column("late", BigInteger, nullable=False, server_default="0"),  # readings that came too late for detection
    # The bed's own clock (devices.clock.BedClock): the wall's for a monitor, the recording's for a replay.
    Column("clock_at", BigInteger, nullable=False),
    Column("clock_wall", BigInteger, nullable=False),
    Column("clock_rate", Float, nullable=False),
    Column("provisional", Text, nullable=False, server_default="[]"),  # JSON: marks such as "1 of 2, repeat cuff"
    Column("replay", Text),  # JSON: recording, start, end, speed; null unless the bed replays
)

stream = Table(
    "stream",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("bed_id", ForeignKey("bed.id"), nullable=False),
    Column("signal", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("source", Text, nullable=False),
    UniqueConstraint("bed_id", "signal", "source"),
)

reading = Table(
    "reading",
    metadata,
    Column("stream_id", Integer, primary_key=True),
    Column("time", BigInteger, primary_key=True),
    Column("received", BigInteger, primary_key=True),
    Column("value", Float),
    Column("status", Text, nullable=False),
    # Clustered by (stream, time): a bed's last minutes are a few pages, whatever the length of the session.
    sqlite_with_rowid=False,
)

notice = Table(
    "notice",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("bed_id", ForeignKey("bed.id"), nullable=False),
    Column("session_id", ForeignKey("session.id")),
    Column("time", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("signal", Text, nullable=False, server_default=""),
    Column("code", Text, nullable=False, server_default=""),
    Column("text", Text, nullable=False),
    Column("source", Text, nullable=False, server_default=""),
    Column("raw", LargeBinary),
    Index(None, "bed_id", "time"),
)

threshold_version = Table(
    "threshold_version",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("body", Text, nullable=False),  # TOML
    # Set: an adjustment for this session's patient, offered nowhere else. No foreign key: the two tables would need
    # each other to exist first.
    Column("session_id", Integer),
    UniqueConstraint("name", "version"),
    CheckConstraint("author <> ''", name="author"),
    CheckConstraint("reason <> ''", name="reason"),
)

session = Table(
    "session",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("bed_id", ForeignKey("bed.id"), nullable=False),
    Column("mode", Text, nullable=False),
    Column("patient", Text, nullable=False),  # first identifier: a name or initials, as the site decides
    Column("identifier", Text, nullable=False),  # second identifier
    Column("drug", Text, nullable=False, server_default=""),
    Column("dose_mg_per_kg", Float),
    Column("planned_minutes", Float),
    Column("threshold_version_id", ForeignKey("threshold_version.id"), nullable=False),  # at the start
    Column("started", BigInteger, nullable=False),
    Column("started_by", Text, nullable=False),
    Column("ended", BigInteger),
    Index(
        "uq_session_open",
        "bed_id",
        unique=True,
        sqlite_where=text("ended IS NULL"),
        postgresql_where=text("ended IS NULL"),
    ),
    CheckConstraint("mode IN ('live', 'demo', 'replay')", name="mode"),
    # The other sessions of one patient.
    Index("ix_session_patient", "identifier", "patient"),
)

session_place = Table(
    "session_place",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("session_id", ForeignKey("session.id"), nullable=False),
    Column("bed_id", ForeignKey("bed.id"), nullable=False),
    Column("since", BigInteger, nullable=False),  # from then on the bed's readings are this session's, bed's clock
    Column("until", BigInteger),  # moved away or ended; null while it is there
    Index(None, "session_id"),
    Index(None, "bed_id"),
)

session_event = Table(
    "session_event",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("session_id", ForeignKey("session.id"), nullable=False),
    Column("kind", Text, nullable=False),  # dashboard.sessions.EventKind
    Column("time", BigInteger, nullable=False),  # when it happened, on the bed's clock
    Column("entered", BigInteger, nullable=False),  # when it was entered, on the wall clock
    Column("author", Text, nullable=False),
    Column("detail", Text, nullable=False, server_default="{}"),  # JSON
    Index(None, "session_id", "id"),
)

baseline = Table(
    "baseline",
    metadata,
    Column("session_id", ForeignKey("session.id"), primary_key=True),
    Column("signal", Text, primary_key=True),  # SBP | DBP | HR
    Column("value", Float),
    Column("n", Integer, nullable=False),
    Column("status", Text, nullable=False),  # ok | provisional | none | manual
)

rise = Table(
    "rise",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("session_id", ForeignKey("session.id"), nullable=False),
    Column("signal", Text, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("threshold", Float, nullable=False),
    Column("clear", Float, nullable=False),
    Column("baseline", Float),
    Column("onset", BigInteger, nullable=False),
    Column("confirmed", BigInteger, nullable=False),
    Column("peak", Float, nullable=False),
    Column("peak_time", BigInteger, nullable=False),
    Column("return_time", BigInteger),
    Column("declared", BigInteger),
    Column("outcome", Text, nullable=False),
    Column("present_at_baseline", SmallInteger, nullable=False),
    Column("threshold_version_id", ForeignKey("threshold_version.id"), nullable=False),
    # A detector cannot open two events at one onset: whoever writes a rise again after a restart updates it.
    UniqueConstraint("session_id", "signal", "level", "onset"),
)

packed_session = Table(
    "packed_session",
    metadata,
    # A finished session reduced to what the rules look at (`dashboard.rises.columns`): made from its readings, and
    # made again where it is missing or of an older form.
    Column("session_id", ForeignKey("session.id"), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

alarm = Table(
    "alarm",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("bed_id", ForeignKey("bed.id"), nullable=False),
    Column("session_id", ForeignKey("session.id")),
    Column("key", Text, nullable=False),  # what it is about: "rise SBP 2 <onset>", "hr-lost", ...
    Column("category", Text, nullable=False),  # physiological | technical
    Column("priority", SmallInteger, nullable=False),  # 1 low, 2 medium, 3 high
    Column("signal", Text, nullable=False, server_default=""),
    Column("text", Text, nullable=False),
    Column("value", Float),
    Column("threshold", Float),
    Column("unit", Text, nullable=False, server_default=""),
    Column("since", BigInteger, nullable=False),  # onset of the condition, on the bed's clock
    Column("raised", BigInteger, nullable=False),  # wall clock
    Column("ended", BigInteger),  # condition over, wall clock
    Column("acknowledged", BigInteger),  # wall clock
    Column("acknowledged_by", Text),
    Column("silent", SmallInteger, nullable=False, server_default="0"),  # listed without sound (found already over)
    Index(
        "uq_alarm_running",
        "bed_id",
        "key",
        unique=True,
        sqlite_where=text("ended IS NULL"),
        postgresql_where=text("ended IS NULL"),
    ),
    Index(None, "bed_id", "raised"),
)

alarm_event = Table(
    "alarm_event",
    metadata,
    Column("id", BigId, primary_key=True),  # the log's sequence number
    Column("alarm_id", ForeignKey("alarm.id"), nullable=False),
    Column("time", BigInteger, nullable=False),  # wall clock
    Column("event", Text, nullable=False),  # raised | value | presented | acknowledged | ...
    Column("author", Text, nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default="{}"),
    Index(None, "alarm_id", "id"),
)

replay_command = Table(
    "replay_command",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("bed_id", ForeignKey("bed.id")),  # null for "open": the watch makes the bed
    Column("action", Text, nullable=False),  # open | play | pause | speed | seek | step | restart | close
    Column("detail", Text, nullable=False, server_default="{}"),
    Column("author", Text, nullable=False),
    Column("entered", BigInteger, nullable=False),
    Column("done", BigInteger),
    Column("refused", Text),  # why, in one sentence
    Column("answer", Text),  # of "open", JSON: the marks that a replay can be moved to
)

monitor_command = Table(
    "monitor_command",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("action", Text, nullable=False),  # look | listen | ask | configure | capture
    Column("detail", Text, nullable=False, server_default="{}"),  # JSON
    Column("author", Text, nullable=False),
    Column("entered", BigInteger, nullable=False),  # wall clock
    Column("progress", Text, nullable=False, server_default=""),  # what the watch is doing, one sentence
    Column("done", BigInteger),
    Column("answer", Text),  # JSON
    Column("refused", Text),  # why, in one sentence
    Index("ix_monitor_command_action", "action", "id"),
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("name", Text, primary_key=True),  # the watch's name
    Column("time", BigInteger, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("stopped", BigInteger),  # set on a clean stop
    Column("version", Text, nullable=False),
    Column("mode", Text, nullable=False),
)

recording_import = Table(
    "recording_import",
    metadata,
    Column("session_id", ForeignKey("session.id"), primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),  # the file's, without its folder
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False, index=True),  # of a record of several files: of their hashes
    Column("files", Text, nullable=False),  # JSON: name, size and sha256 of each
    Column("format", Text, nullable=False),
    Column("reader", Text, nullable=False),  # program and version that read it
    Column("patient", Text, nullable=False),  # which of the file's patients, "" where it names none
    Column("choices", Text, nullable=False),  # JSON: zone, start, date order and mapping as said by a person
    Column("mapping", Text, nullable=False),  # JSON: what each column or track was taken for
    Column("rows_read", BigInteger, nullable=False),
    Column("rows_used", BigInteger, nullable=False),
    Column("repeats", BigInteger, nullable=False),  # cuff values shown again
    Column("refused", Text, nullable=False),  # JSON: count by reason
    Column("readings", BigInteger, nullable=False),
    Column("times_from", Text, nullable=False),  # whence the infusion's times: person | file | person and file
    Column("imported", BigInteger, nullable=False),  # wall clock
    Column("imported_by", Text, nullable=False),
)

setting = Table(
    "setting",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
