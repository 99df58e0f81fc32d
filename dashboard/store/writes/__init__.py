"""What the watch writes. Each function takes a connection of `Store.writing`, so that one commit serves all beds."""

from dashboard.store.writes.alarms import end_alarm, log_alarm, log_alarm_once, raise_alarm, update_alarm
from dashboard.store.writes.batch import Batch
from dashboard.store.writes.beds import add_replay_bed, clear_bed, set_up_beds, use_bed, write_bed_states
from dashboard.store.writes.findings import rise_row, write_baselines, write_notices, write_packed, write_rise
from dashboard.store.writes.readings import ReadingWriter
from dashboard.store.writes.sessions import enter_bed, leave_bed, open_session
from dashboard.store.writes.settings import put_setting, put_setting_once
from dashboard.store.writes.watch import answer_replay_command, beat, finish_replay_command, stop_beating

__all__ = [
    "Batch",
    "ReadingWriter",
    "add_replay_bed",
    "answer_replay_command",
    "beat",
    "clear_bed",
    "end_alarm",
    "enter_bed",
    "finish_replay_command",
    "leave_bed",
    "log_alarm",
    "log_alarm_once",
    "open_session",
    "put_setting",
    "put_setting_once",
    "raise_alarm",
    "rise_row",
    "set_up_beds",
    "stop_beating",
    "update_alarm",
    "use_bed",
    "write_baselines",
    "write_bed_states",
    "write_notices",
    "write_packed",
    "write_rise",
]
