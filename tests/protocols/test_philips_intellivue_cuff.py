"""When an IntelliVue monitor has measured with the cuff: one event each, dated by its own time of it."""

from __future__ import annotations

import pytest
from intellivue_bytes import AT, BPM, NAN, S, attribute, bcd, counted, created, framed, pressures, record, result

from devices.protocols.philips_intellivue.driver import PhilipsIntellivue
from devices.reading import Notice, Reading, Status

T1, T2, T3 = "2026-05-14 09:30:20.00", "2026-05-14 09:31:20.50", "2026-05-14 09:32:00.00"
ONGOING, EARLY, INVALID, OFF = 0x0020, 0x0040, 0x8000, 0x2000


class Bed:
    """A monitor that is heard every 1.024 s."""

    def __init__(self, clock: bool = True) -> None:
        self.driver = PhilipsIntellivue()
        self.ticks = 100_000
        self.start = self.ticks
        self.now = AT
        if clock:
            self.hear(created("2026-05-14 09:30:00.00", self.ticks))

    def hear(self, message: bytes):
        return self.driver.receive(framed(message), self.now)

    def show(self, *args, times: int = 1, pulse: bytes | None = None, **kwargs):
        """The cuff's values `times` times; returns the cuff's items."""
        items = []
        for _ in range(times):
            self.ticks += 8_192
            self.now += 1_024_000
            objects = [pressures(0x4A04, *args, **kwargs)] + ([pulse] if pulse else [])
            items += self.hear(result(*objects, ticks=self.ticks))
        return [item for item in items if not isinstance(item, Notice) or item.kind in ("cuff-failed", "device-event")]

    def moment(self, seconds: float) -> int:
        """Our instant at which the monitor's clock showed 09:30:00 and `seconds`."""
        return AT + round(seconds * S)


def pulse(value: int, stamp: str | None = None, state: int = 0) -> bytes:
    said = [] if stamp is None else [attribute(0x0990, bcd(stamp))]
    return b"\x82\x70" + counted([*said, attribute(0x0950, record(0xF0E5, BPM, value, state))])


def values(items):
    return [(item.signal, item.value) for item in items if isinstance(item, Reading)]


TRIPLE = [("NIBP_SYS", 131), ("NIBP_DIA", 82), ("NIBP_MEAN", 98)]


def test_a_measurement_is_one_event_with_its_own_time():
    bed = Bed()
    bed.show(NAN, NAN, NAN, state=OFF, times=25)
    items = bed.show(131, 82, 98, T1, times=50)
    assert values(items) == TRIPLE
    assert {(item.time, item.received) for item in items} == {(bed.moment(20), AT + 26 * 1_024_000)}
    assert {item.status for item in items} == {Status.OK}
    assert [item.source for item in items] == [f"philips-intellivue:nibp.{part}" for part in ("sys", "dia", "mean")]


def test_the_clock_of_the_monitor_may_be_wrong_and_elsewhere():
    bed = Bed(clock=False)
    bed.hear(created("2031-01-01 00:00:00.00", bed.ticks))
    items = bed.show(131, 82, 98, "2030-12-31 23:58:00.00")
    assert {item.time for item in items} == {AT - 120 * S}


def test_the_same_numbers_with_another_time_are_another_measurement():
    bed = Bed()
    first, second = bed.show(131, 82, 98, T1, times=90), bed.show(131, 82, 98, T2, times=5)
    assert values(first) == values(second) == TRIPLE
    assert {item.time for item in second} == {bed.moment(80.5)}


def test_other_numbers_with_the_same_time_are_no_other_measurement():
    bed = Bed()
    assert values(bed.show(131, 82, 98, T1, times=5)) == TRIPLE
    assert bed.show(132, 83, 99, T1, times=5) == []


def test_an_old_time_without_a_valid_state_says_nothing():
    """Captured: a time 3½ weeks old beside values that are none."""
    bed = Bed()
    assert bed.show(NAN, NAN, NAN, "2026-04-20 14:46:39.00", state=OFF, times=30) == []


def test_early_and_ongoing_values_are_waited_out():
    bed = Bed()
    bed.show(118, 76, 90, T1, times=20)
    assert bed.show(118, 76, 90, T1, state=ONGOING, times=20) == []
    assert bed.show(131, NAN, NAN, T2, state=EARLY, times=3) == []
    assert values(bed.show(131, 82, 98, T2, times=20)) == TRIPLE


def test_a_result_is_waited_for_until_it_is_whole():
    bed = Bed()
    bed.show(NAN, NAN, NAN, state=OFF, times=3)
    assert bed.show(131, NAN, NAN, T1, times=3) == []
    assert values(bed.show(131, 82, 98, T1, times=10)) == TRIPLE


def test_a_result_that_stays_in_part_is_told_in_part():
    bed = Bed()
    items = bed.show(131, NAN, NAN, T1, times=30)
    assert values(items) == [("NIBP_SYS", 131), ("NIBP_DIA", None), ("NIBP_MEAN", None)]
    assert len(items) == 3


def test_a_measurement_without_mean_is_one():
    bed = Bed()
    assert values(bed.show(131, 82, NAN, T1, times=3)) == [("NIBP_SYS", 131), ("NIBP_DIA", 82), ("NIBP_MEAN", None)]


def test_high_pressures():
    bed = Bed()
    assert values(bed.show(255, 141, 171, T1)) == [("NIBP_SYS", 255), ("NIBP_DIA", 141), ("NIBP_MEAN", 171)]


@pytest.mark.parametrize("state", [INVALID, OFF])
def test_a_measurement_that_fails_is_told_once(state):
    bed = Bed()
    bed.show(118, 76, 90, T1, times=3)
    bed.show(118, 76, 90, T1, state=ONGOING, times=20)
    items = bed.show(NAN, NAN, NAN, T1, state=state, times=60)
    assert [(item.kind, item.signal, item.code) for item in items] == [("cuff-failed", "NIBP_SYS", f"{state:04X}")]


def test_a_failed_measurement_with_a_time_of_its_own_is_dated_by_it():
    bed = Bed()
    bed.show(118, 76, 90, T1, times=90)
    (failed,) = bed.show(NAN, NAN, NAN, T2, state=INVALID, times=30)
    assert (failed.kind, failed.time) == ("cuff-failed", bed.moment(80.5))
    assert values(bed.show(131, 82, 98, T3, times=5)) == TRIPLE


def test_a_measurement_that_was_broken_off_leaves_the_old_result_and_is_told():
    bed = Bed()
    bed.show(118, 76, 90, T1, times=3)
    bed.show(118, 76, 90, T1, state=ONGOING, times=10)
    items = bed.show(118, 76, 90, T1, times=30)
    assert [(item.kind, item.code) for item in items] == [("cuff-failed", "0000")]


def test_a_result_that_comes_a_moment_after_the_measurement_ended_is_no_failure():
    bed = Bed()
    bed.show(118, 76, 90, T1, times=3)
    bed.show(118, 76, 90, T1, state=ONGOING, times=10)
    assert bed.show(NAN, NAN, NAN, T1, state=OFF, times=2) == []
    assert values(bed.show(131, 82, 98, T2, times=20)) == TRIPLE


def test_a_result_that_the_monitor_stops_showing_is_no_failure():
    bed = Bed()
    bed.show(118, 76, 90, T1, times=3)
    items = bed.show(NAN, NAN, NAN, T1, state=OFF, times=10)
    assert [item.kind for item in items] == ["device-event"]


def test_a_failure_that_was_there_before_us_is_not_told():
    assert Bed().show(NAN, NAN, NAN, T1, state=INVALID, times=5) == []


# Without the monitor's clock.


def test_without_a_clock_what_is_found_has_an_unknown_age():
    bed = Bed(clock=False)
    items = bed.show(131, 82, 98, T1, times=5)
    assert {(item.time, item.status) for item in items} == {(AT + 1_024_000, Status.AGE_UNKNOWN)}


def test_without_a_clock_a_new_time_is_dated_by_its_receipt():
    bed = Bed(clock=False)
    bed.show(118, 76, 90, T1, times=5)
    items = bed.show(131, 82, 98, T2, times=5)
    assert {(item.time, item.status) for item in items} == {(AT + 6 * 1_024_000, Status.OK)}


def test_a_time_ahead_of_the_monitors_clock_dates_nothing():
    bed = Bed()
    items = bed.show(131, 82, 98, "2026-05-14 11:00:00.00")
    assert {(item.time, item.status) for item in items} == {(bed.now, Status.AGE_UNKNOWN)}


def test_a_relative_time_dates_as_well():
    bed = Bed(clock=False)
    bed.show(NAN, NAN, NAN, state=OFF, times=10)
    items = bed.show(131, 82, 98, bed.start + 5 * 8_000, times=10)
    assert values(items) == TRIPLE
    assert {item.time for item in items} == {AT + 5 * S}


def test_a_relative_time_may_lie_before_the_counter_turned_round():
    bed = Bed(clock=False)
    bed.ticks = 1_000
    items = bed.show(131, 82, 98, 2**32 - 8_000)
    assert {item.time for item in items} == {AT + 1_024_000 - (1_000 + 8_192 + 8_000) * 125}


def test_without_any_time_a_measurement_is_known_by_its_numbers_and_its_end():
    bed = Bed(clock=False)
    first = bed.show(118, 76, 90, times=5)
    assert {item.status for item in first} == {Status.AGE_UNKNOWN}
    assert values(bed.show(131, 82, 98, times=5)) == TRIPLE
    bed.show(131, 82, 98, state=ONGOING, times=5)
    again = bed.show(131, 82, 98, times=5)
    assert values(again) == TRIPLE
    assert {(item.time, item.status) for item in again} == {(AT + 16 * 1_024_000, Status.OK)}


# Its pulse.


def test_the_cuffs_pulse_comes_once_with_the_time_of_its_measurement():
    bed = Bed()
    items = bed.show(131, 82, 98, T1, times=10, pulse=pulse(77, T1))
    assert values(items) == [*TRIPLE, ("PR", 77)]
    assert len({(item.time, item.received) for item in items}) == 1
    assert items[3].source == "philips-intellivue:nibp.pr"


def test_the_cuffs_pulse_needs_no_time_of_its_own():
    bed = Bed()
    first = bed.show(131, 82, 98, T1, times=90, pulse=pulse(77))
    second = bed.show(131, 82, 98, T2, times=5, pulse=pulse(77))
    assert values(first) == values(second) == [*TRIPLE, ("PR", 77)]
    assert {item.time for item in second} == {bed.moment(80.5)}


def test_a_pulse_without_value_is_not_there():
    bed = Bed()
    assert values(bed.show(131, 82, 98, T1, times=5, pulse=pulse(NAN, T1, OFF))) == TRIPLE


def test_a_pulse_in_another_part_of_the_answer_belongs_to_it_all_the_same():
    bed = Bed()
    bed.show(NAN, NAN, NAN, state=OFF, times=25)
    bed.show(131, 82, 98, T1)
    part = bed.hear(result(pulse(77, T1), ticks=bed.ticks, link=(2, 2)))
    assert values(part) == [("PR", 77)]
    assert {(item.time, item.status) for item in part} == {(bed.moment(20), Status.OK)}


# Interruptions.


def test_a_result_is_not_told_again_after_the_port_was_opened_again():
    bed = Bed()
    bed.show(131, 82, 98, T1, times=3)
    bed.driver.opened(bed.now)
    bed.hear(created("2026-05-14 09:30:30.00", bed.ticks))
    assert bed.show(131, 82, 98, T1, times=3) == []
    assert values(bed.show(140, 90, 105, T2, times=3))[0] == ("NIBP_SYS", 140)
