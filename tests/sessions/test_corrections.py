"""Corrections are new entries: the old one stays, the course follows, the live flags stay where they were."""

import pytest

from dashboard.errors import SessionError
from dashboard.sessions.corrections import check_correction
from dashboard.sessions.events import EventKind, Phase, SessionEvent, corrected, fold
from devices.instant import MINUTE

K = EventKind
NOW = 60 * MINUTE


def events(*rows):
    return [
        SessionEvent(number, row[0], row[1] * MINUTE, row[1] * MINUTE, "Ada", row[2] if len(row) > 2 else {})
        for number, row in enumerate(rows, 1)
    ]


def moved(event, minute):
    return {"event": event, "time": minute * MINUTE, "reason": "read off the pump"}


COURSE = ((K.INFUSION_START, 10), (K.INFUSION_PAUSE, 20), (K.INFUSION_RESUME, 25), (K.NOTE, 30, {"text": "Nausea"}))


def test_a_corrected_start_counts_for_the_course_and_not_for_what_was_flagged():
    course = fold(events(*COURSE, (K.CORRECTION, 40, moved(1, 4))), 40)
    assert (course.t0, course.t0_entered) == (4 * MINUTE, 10 * MINUTE)
    assert course.planned_end == 49 * MINUTE  # 4 + 40 planned + 5 of pause
    assert course.phase is Phase.INFUSION


def test_the_last_correction_counts_and_the_entries_all_stay():
    found = events(*COURSE, (K.CORRECTION, 40, moved(4, 28)), (K.CORRECTION, 41, moved(4, 29)))
    assert [each.time for each in corrected(found) if each.kind is K.NOTE] == [29 * MINUTE]
    assert len(found) == 6


def test_a_withdrawn_note_is_gone_from_what_is_known():
    found = events(*COURSE, (K.CORRECTION, 40, {"event": 4, "withdrawn": True, "reason": "wrong bed"}))
    assert [each.kind for each in corrected(found)] == [K.INFUSION_START, K.INFUSION_PAUSE, K.INFUSION_RESUME]


def refused(event, minute, reason="slip"):
    time = None if minute is None else minute * MINUTE
    with pytest.raises(SessionError) as error:
        check_correction(events(*COURSE), event, time, reason, 5 * MINUTE, NOW)
    return str(error.value)


def test_what_cannot_be_corrected_is_refused():
    assert refused(1, 4, " ") == "a correction needs its reason"
    assert refused(9, 4) == "that entry cannot be corrected; enter it anew"
    assert refused(1, 61) == "the time lies in the future; give the time at which it happened"
    assert refused(1, -56) == "the time lies more than an hour before the session; correct it"
    assert refused(1, 22) == "start, pause, resume and stop would be in a wrong order; correct the other first"
    assert refused(2, 26) == "start, pause, resume and stop would be in a wrong order; correct the other first"
    assert refused(1, None).startswith("an infusion event cannot be withdrawn")


def test_what_can_be_is_not():
    for event, minute in ((1, 4), (2, 12), (3, 24), (4, 50), (4, None)):
        check_correction(events(*COURSE), event, None if minute is None else minute * MINUTE, "slip", 5 * MINUTE, NOW)
