"""What a screen is told of a bed is what the store says, and nothing that could be mistaken."""

from clinic import STATE, S, T, cuff, reading

from dashboard.live.numbers import Newest
from dashboard.live.snapshot import Facts, bed_view, essence, no_limit_passed_since, watch_view
from dashboard.sessions.events import EventKind, SessionEvent, version_in_force
from dashboard.store.records import Alarm, Bed, Session, StoredRise
from devices.reading import Status

BED = Bed(1, "Bed 1", 0, "", "nonin", "loop://", "live")
SESSION = Session(5, 1, "live", "A. B.", "1970", "ketamine", 0.5, 40.0, 3, T, "Nurse One", None)
MIN = 60 * S


def rise(**changes):
    values = {
        "id": 1,
        "session_id": 5,
        "signal": "SBP",
        "level": 1,
        "threshold": 140.0,
        "clear": 130.0,
        "baseline": 120.0,
        "onset": T + MIN,
        "confirmed": T + 2 * MIN,
        "peak": 150.0,
        "peak_time": T + 2 * MIN,
        "return_time": None,
        "declared": None,
        "outcome": "unresolved",
        "present_at_baseline": False,
        "threshold_version_id": 3,
    }
    return StoredRise(**{**values, **changes})


def alarm(**changes):
    values = {
        "id": 9,
        "bed_id": 1,
        "session_id": 5,
        "key": "low",
        "category": "physiological",
        "priority": 2,
        "signal": "SPO2",
        "text": "SpO2 low",
        "value": 88.0,
        "threshold": 90.0,
        "unit": "%",
        "since": T,
        "raised": T,
        "ended": None,
        "acknowledged": None,
        "acknowledged_by": None,
        "silent": False,
    }
    return Alarm(**{**values, **changes})


def test_the_ecg_rate_is_shown_while_it_is_valid_and_the_pulse_rate_otherwise():
    newest = Newest([reading("HR", T, 72.0), reading("PR", T, 71.0)])
    assert newest.rate(T) == "HR"
    newest.add([reading("PR", T + 11 * S, 75.0)])
    assert newest.rate(T + 11 * S) == "PR"
    newest.add([reading("HR", T + 12 * S, None, Status.OFF)])
    assert newest.rate(T + 12 * S) == "PR"
    newest.add([reading("HR", T + 13 * S, 260.0, Status.RANGE)])  # beyond 3.6: not a valid rate
    assert newest.rate(T + 13 * S) == "PR"


def test_with_neither_valid_nothing_is_said_to_be_the_other():
    assert Newest([reading("HR", T, 72.0)]).rate(T + MIN) == "HR"
    assert Newest([reading("PR", T, 72.0)]).rate(T + MIN) == "PR"
    assert Newest().rate(T) == "HR"


def test_of_several_pulse_rates_the_arterial_lines_is_shown_then_the_oximeters():
    line, oximeter, cuffs = (
        reading("PR", T, value, source=f"ge-dri:{name}")
        for name, value in (("art.pr", 61.0), ("spo2.pr", 62.0), ("nibp.pr", 63.0))
    )
    assert Newest([oximeter, cuffs, line]).shown("PR", T).value == 61.0
    assert Newest([oximeter, cuffs]).shown("PR", T).value == 62.0
    # A line that stopped speaking gives way.
    later = [reading("PR", T + 20 * S, 64.0, source="ge-dri:spo2.pr")]
    assert Newest([line, *later]).shown("PR", T + 20 * S).value == 64.0


def test_a_cuffs_pulse_rate_is_no_current_rate_for_its_whole_cycle():
    """Every 5 minutes three of its intervals are a quarter of an hour: an unplugged monitor would go on showing it."""
    newest = Newest()
    for cycle in range(4):
        at = T + cycle * 300 * S
        newest.add([reading("PR", at, 80, source="line:nibp.pr")])
        newest.add([reading("HR", at + second * S, 72, source="line:hr") for second in range(5)])
    last = T + 900 * S
    assert newest.rate(last + 12 * S) == "HR"
    assert newest.rate(last + 40 * S) == "HR"
    view = bed_view(Facts(BED, STATE), newest, last + 40 * S)
    assert view["numbers"]["PR"]["cuff"] is True
    assert "cuff" not in view["numbers"]["HR"]


def test_a_late_reading_never_replaces_a_newer_one():
    newest = Newest([reading("HR", T + MIN, 80.0), *cuff(T + MIN, 150, 90)])
    newest.add([reading("HR", T, 60.0, received=T + 2 * MIN), *cuff(T, 110, 70, received=T + 2 * MIN)])
    assert newest.shown("HR", T + MIN).value == 80.0
    assert newest.cuff.readings["NIBP_SYS"].value == 150


def test_a_failed_cuff_leaves_the_last_numbers_with_their_time():
    newest = Newest(cuff(T, 128, 80))
    newest.add([reading("NIBP_SYS", T + 5 * MIN, None, Status.INVALID, source="dinamap:nibp_sys")])
    shown = bed_view(Facts(BED, STATE), newest, T + 5 * MIN)["numbers"]["NIBP"]
    assert (shown["sys"], shown["dia"], shown["mean"], shown["time"]) == (128.0, 80.0, None, T // 1000)


def test_a_jump_is_marked_against_the_valid_measurement_before_it_however_they_come():
    first, rejected, jump = cuff(T, 120, 76), cuff(T + S, 165, 160), cuff(T + 2 * S, 160, 80)
    for rows in ([*first, *rejected, *jump], [*jump[::-1], *first, *rejected], [*first, *jump, *rejected]):
        shown = bed_view(Facts(BED, STATE), Newest(rows), T + 3 * S)["numbers"]["NIBP"]
        assert (shown["sys"], shown["suspect"], shown["rejected"]) == (160, "systolic 120 before it", None)
    for rows in ([*first], [*jump], [*first, *cuff(T + S, 159, 80)], [*first, *rejected]):
        assert bed_view(Facts(BED, STATE), Newest(rows), T + 3 * S)["numbers"]["NIBP"]["suspect"] is None


def rates(ecg, pulse, start, seconds):
    """A sample a second of both rates."""
    return [
        each
        for n in range(seconds)
        for each in (
            reading("HR", T + (start + n) * S, ecg),
            reading("PR", T + (start + n) * S, pulse, source="nonin:pulse"),
        )
    ]


def doubt(newest, second):
    return bed_view(Facts(BED, STATE), newest, T + second * S)["numbers"]["HR"]["suspect"]


def test_a_rate_counted_twice_is_marked_after_its_first_span_and_the_mark_goes_with_it():
    newest = Newest(rates(70.0, 70.0, 0, 20))
    assert doubt(newest, 20) is None
    newest.add(rates(140.0, 70.0, 20, 10))
    assert doubt(newest, 25) is None  # the span from 20 to 25 is compared when both rates have had a second to come
    assert doubt(newest, 26) == "about twice the pulse rate 70"
    newest.add(rates(71.0, 70.0, 30, 10))
    assert doubt(newest, 36) is None


def test_rates_apart_are_marked_after_more_than_30_s_and_not_at_20():
    newest = Newest(rates(91.0, 70.0, 0, 60))
    assert doubt(newest, 31) is None
    assert doubt(newest, 36) == "pulse rate 70, more than 20 apart for over 30 s"
    assert doubt(Newest(rates(90.0, 70.0, 0, 120)), 121) is None


def test_a_mark_does_not_outlive_the_pulse_that_gave_it():
    newest = Newest(rates(140.0, 70.0, 0, 10))
    newest.add([reading("HR", T + n * S, 140.0) for n in range(10, 60)])
    assert doubt(newest, 21) is not None  # two spans without a pulse rate are bridged
    assert doubt(newest, 26) is None


def test_a_doubted_rate_is_told_to_the_screens():
    quiet, doubted = (
        essence(bed_view(Facts(BED, STATE), Newest(rates(ecg, 70.0, 0, 20)), T + 21 * S)) for ecg in (70.0, 140.0)
    )
    assert quiet != doubted


def test_what_is_thought_of_a_measurement_is_told_to_screens_that_have_its_numbers():
    views = [
        essence(bed_view(Facts(BED, STATE), Newest([*cuff(T, 120, 76), *rows]), T + 3 * S))
        for rows in ([], cuff(T + S, 150, 140), cuff(T + S, 160, 80), cuff(T + S, 121, 76))
    ]
    assert views[0] == views[3] and views[0] != views[1] != views[2] != views[0]


def test_a_rejected_measurement_is_shown_with_its_reason():
    shown = bed_view(Facts(BED, STATE), Newest(cuff(T, 160, 132)), T)["numbers"]["NIBP"]
    assert (shown["sys"], shown["rejected"]) == (160.0, "the pulse pressure is less than 30")
    assert bed_view(Facts(BED, STATE), Newest(cuff(T, 160, 90)), T)["numbers"]["NIBP"]["rejected"] is None


def test_the_sources_own_interval_is_told():
    newest = Newest([reading("HR", T + n * 4 * S, 70.0) for n in range(4)])
    assert bed_view(Facts(BED, STATE), newest, T + 12 * S)["numbers"]["HR"]["interval_s"] == 4.0
    assert bed_view(Facts(BED, STATE), Newest([reading("HR", T, 70.0)]), T)["numbers"]["HR"]["interval_s"] is None


def test_no_limit_passed_is_never_said_without_grounds():
    quiet = Facts(BED, STATE, session=SESSION)
    assert no_limit_passed_since(quiet) == T
    assert no_limit_passed_since(Facts(BED, STATE, session=SESSION, judged=T - MIN)) == T
    assert no_limit_passed_since(Facts(BED, STATE, session=SESSION, judged=T + 7 * MIN)) == T + 7 * MIN
    assert no_limit_passed_since(Facts(BED, STATE)) is None
    assert no_limit_passed_since(Facts(BED, None, session=SESSION)) is None
    lost = STATE.__class__(**{**{f: getattr(STATE, f) for f in STATE.__slots__}, "monitor": "lost"})
    assert no_limit_passed_since(Facts(BED, lost, session=SESSION)) is None
    assert no_limit_passed_since(Facts(BED, STATE, session=SESSION, rises=[rise()])) is None
    assert no_limit_passed_since(Facts(BED, STATE, session=SESSION, alarms=[alarm()])) is None
    back = [rise(return_time=T + 9 * MIN, outcome="transient")]
    assert no_limit_passed_since(Facts(BED, STATE, session=SESSION, rises=back)) == T + 9 * MIN
    assert (
        no_limit_passed_since(Facts(BED, STATE, session=SESSION, rises=back, last_passed=T + 11 * MIN)) == T + 11 * MIN
    )


def test_a_technical_alarm_is_no_passed_limit():
    technical = alarm(category="technical", key="cuff-overdue")
    assert no_limit_passed_since(Facts(BED, STATE, session=SESSION, alarms=[technical])) == T


def test_the_last_chosen_version_is_in_force():
    def chosen(number, version):
        return SessionEvent(number, EventKind.THRESHOLDS, T + number, T, "A", {"threshold_version_id": version})

    assert version_in_force([], SESSION.threshold_version_id) == 3
    assert version_in_force([chosen(1, 7), chosen(2, 8)], SESSION.threshold_version_id) == 8


def test_a_replays_clock_is_the_recordings():
    values = {f: getattr(STATE, f) for f in STATE.__slots__}
    state = STATE.__class__(
        **{**values, "clock_at": 0, "clock_wall": T, "clock_rate": 10.0,
           "replay": {"recording": "a.csv", "start": 0, "end": 3_600 * S, "speed": 10}}
    )  # fmt: skip
    view = bed_view(Facts(Bed(1, "Replay", 0, "", "", "", "replay"), state), Newest(), T + 6 * S)
    assert view["clock"] == {"at": 60_000, "wall": (T + 6 * S) // 1000, "rate": 10.0}
    assert view["replay"] == {"recording": "a.csv", "start": 0, "end": 3_600_000, "speed": 10, "playing": True}


def test_phase_pause_and_planned_end_are_the_sessions():
    events = [
        SessionEvent(1, EventKind.INFUSION_START, T + MIN, T, "A"),
        SessionEvent(2, EventKind.INFUSION_PAUSE, T + 5 * MIN, T, "A"),
        SessionEvent(3, EventKind.INFUSION_RESUME, T + 7 * MIN, T, "A"),
        SessionEvent(4, EventKind.INFUSION_PAUSE, T + 9 * MIN, T, "A"),
    ]
    told = bed_view(Facts(BED, STATE, session=SESSION, events=events), Newest(), T)["session"]
    assert (told["phase"], told["t0"], told["paused_since"], told["paused_before"]) == (
        "paused", (T + MIN) // 1000, (T + 9 * MIN) // 1000, 120_000,
    )  # fmt: skip
    assert told["planned_end"] == (T + MIN + 42 * MIN) // 1000


def test_no_watch_is_a_stopped_watch():
    assert watch_view(None, T)["state"] == "stopped"
