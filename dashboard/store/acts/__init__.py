"""What people do, written durably in one transaction each: sessions, events, acknowledgements, thresholds, replays.

Every act carries who did it and when it was entered. `now` is the wall clock, `bed_now` the bed's own clock (they
differ in a replay); both are given, so that tests and replays decide them.
"""

from dashboard.store.acts.alarms import acknowledge
from dashboard.store.acts.entries import insert_event
from dashboard.store.acts.events import correct_event, record_event
from dashboard.store.acts.replays import command_replay
from dashboard.store.acts.sessions import hand_over, move_session, start_session
from dashboard.store.acts.threshold_versions import adjust_thresholds, save_thresholds, thresholds_of

__all__ = [
    "acknowledge",
    "adjust_thresholds",
    "command_replay",
    "correct_event",
    "hand_over",
    "insert_event",
    "move_session",
    "record_event",
    "save_thresholds",
    "start_session",
    "thresholds_of",
]
