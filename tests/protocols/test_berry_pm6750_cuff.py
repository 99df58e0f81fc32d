"""The Berry board's cuff: one event a measurement, found by the change from measuring to finished."""

from __future__ import annotations

import pytest

from devices.protocols.berry_pm6750.driver import Berry
from devices.reading import Notice, Reading

S = 1_000_000
NOW = 1_770_000_000 * S


def cuff(result: int, sys: int = 0, mean: int = 0, dia: int = 0, pressure: int = 0, patient: int = 0) -> bytes:
    """A packet 03: state, cuff / 2, sys, mean, dia."""
    body = bytes((8, 3, result << 2 | patient, pressure, sys, mean, dia))
    return b"\x55\xaa" + body + bytes((~sum(body) & 0xFF,))


IDLE = cuff(0)
MEASURING = cuff(1, pressure=75)
DONE = cuff(0, 118, 90, 76)
OTHER = cuff(0, 121, 93, 79)


class Told:
    """A driver that hears one packet each half second."""

    def __init__(self) -> None:
        self.driver = Berry()
        self.now = NOW

    def hear(self, *packets: bytes):
        items = []
        for packet in packets:
            items += self.driver.receive(packet, self.now)
            self.now += S // 2
        return items


def results(items):
    return [
        (item.signal, item.value, item.status.value, (item.time - NOW) / S)
        for item in items
        if isinstance(item, Reading)
    ]


def sys_only(items):
    return [each[1:] for each in results(items) if each[0] == "NIBP_SYS"]


def failures(items):
    return [item.code for item in items if isinstance(item, Notice) and item.kind == "cuff-failed"]


def test_a_measurement_is_told_when_it_is_finished_and_once():
    items = Told().hear(IDLE, MEASURING, MEASURING, DONE, DONE, DONE)
    assert results(items) == [
        ("NIBP_SYS", 118.0, "ok", 1.5),
        ("NIBP_DIA", 76.0, "ok", 1.5),
        ("NIBP_MEAN", 90.0, "ok", 1.5),
    ]
    assert len({(item.time, item.received) for item in items}) == 1


def test_the_same_numbers_measured_anew_are_a_new_measurement():
    items = Told().hear(MEASURING, DONE, DONE, MEASURING, DONE)
    assert sys_only(items) == [(118.0, "ok", 0.5), (118.0, "ok", 2.0)]


def test_a_result_found_on_connecting_has_no_age_and_the_next_one_has():
    items = Told().hear(DONE, DONE, MEASURING, DONE)
    assert sys_only(items) == [(118.0, "age_unknown", 0.0), (118.0, "ok", 1.5)]


def test_a_board_at_rest_that_never_measured_says_nothing():
    assert Told().hear(IDLE, IDLE, IDLE) == []


def test_a_result_whose_measuring_was_lost_on_the_line_is_known_by_its_numbers():
    items = Told().hear(IDLE, DONE, OTHER, OTHER)
    assert sys_only(items) == [(118.0, "ok", 0.5), (121.0, "ok", 1.0)]


def test_after_the_link_was_away_a_known_result_is_not_told_again_and_another_has_no_age():
    told = Told()
    told.hear(MEASURING, DONE)
    told.driver.opened(told.now)
    assert told.hear(DONE, DONE) == []
    told.driver.opened(told.now)
    assert sys_only(told.hear(OTHER, OTHER)) == [(121.0, "age_unknown", 2.0)]


def test_a_measurement_that_ended_while_the_link_was_away_has_no_age():
    told = Told()
    told.hear(MEASURING, DONE, MEASURING)
    told.driver.opened(told.now)
    assert sys_only(told.hear(DONE)) == [(118.0, "age_unknown", 1.5)]


@pytest.mark.parametrize(("result", "code"), [(2, "2"), (3, "3"), (4, "4"), (5, "5"), (6, "6"), (7, "7"), (8, "8")])
def test_each_failure_is_told_once_with_its_code(result, code):
    failed = cuff(result)
    items = Told().hear(MEASURING, failed, failed, failed, MEASURING, failed)
    assert failures(items) == [code, code]
    assert results(items) == []


def test_after_a_failure_the_result_before_it_is_not_told_again():
    items = Told().hear(MEASURING, DONE, MEASURING, cuff(7), DONE)
    assert sys_only(items) == [(118.0, "ok", 0.5)]
    assert failures(items) == ["7"]


def test_a_stop_after_the_result_is_no_failure():
    items = Told().hear(cuff(2), MEASURING, DONE, cuff(2), cuff(2), DONE)
    assert failures(items) == []
    assert sys_only(items) == [(118.0, "ok", 1.0)]


def test_a_module_that_starts_is_no_failure():
    items = Told().hear(cuff(9), cuff(9), cuff(10), IDLE)
    assert [(item.kind, item.code) for item in items] == [("device-event", "9"), ("device-event", "A")]


def test_a_module_that_starts_anew_is_a_restart_and_its_zeros_are_no_result():
    items = Told().hear(MEASURING, DONE, cuff(9), cuff(10), IDLE, MEASURING, DONE)
    told = [(item.kind, item.code) for item in items if isinstance(item, Notice)]
    assert told == [("device-restarted", "9"), ("device-event", "A")]
    assert sys_only(items) == [(118.0, "ok", 0.5), (118.0, "ok", 3.0)]


def test_a_result_code_that_is_not_known_is_told_once_with_its_bytes():
    items = Told().hear(cuff(12), IDLE, cuff(12))
    assert [(item.kind, item.code, item.raw) for item in items] == [("unknown-parameter", "C", cuff(12))]


def test_finished_without_values_after_measuring_is_a_failure():
    items = Told().hear(MEASURING, IDLE, IDLE)
    assert failures(items) == ["0"]
    assert results(items) == []


def test_a_missing_value_is_no_number():
    items = Told().hear(MEASURING, cuff(0, 118, 0, 0))
    assert [each[:3] for each in results(items)] == [("NIBP_SYS", 118.0, "ok"), ("NIBP_DIA", None, "zero")]


def test_values_out_of_order_are_kept_and_marked():
    """Another firmware with sys, dia, mean would show itself so."""
    items = Told().hear(MEASURING, cuff(0, 118, 76, 90))
    assert [each[:3] for each in results(items)] == [
        ("NIBP_SYS", 118.0, "range"),
        ("NIBP_DIA", 90.0, "range"),
        ("NIBP_MEAN", 76.0, "range"),
    ]


def test_the_kind_of_patient_is_no_part_of_the_result():
    items = Told().hear(cuff(1, patient=3), cuff(0, 70, 52, 41, patient=3))
    assert sys_only(items) == [(70.0, "ok", 0.5)]


def test_high_pressures_fit_into_a_byte():
    assert sys_only(Told().hear(MEASURING, cuff(0, 231, 171, 141))) == [(231.0, "ok", 0.5)]


def test_a_measurement_without_an_end_is_given_up_after_90_s():
    told = Told()
    items = told.hear(*[MEASURING] * 179)
    assert items == []
    items = told.hear(*[MEASURING] * 100)
    assert failures(items) == ["1"]
    assert (items[0].time - NOW) / S == 90.0
    # What it says in the end is believed all the same.
    assert len(sys_only(told.hear(DONE))) == 1


def test_a_board_that_falls_silent_in_a_measurement_is_given_up_by_the_clock():
    driver = Berry(output="board")
    driver.receive(MEASURING, NOW)
    assert driver.wake() == NOW + 90 * S
    assert driver.receive(b"", NOW + 90 * S - 1) == []
    assert failures(driver.receive(b"", NOW + 90 * S)) == ["1"]
    assert driver.wake() is None
