"""A GE monitor shows its last cuff result for as long as there is no other: each measurement is heard once."""

from __future__ import annotations

import pytest
from ge_dri_bytes import S, T, aux, basic, cuff, frame, shown, sub

from devices.protocols.ge_dri.driver import GeDri
from devices.reading import Notice, Reading
from devices.signals import PulseOrigin, pulse_origin

AT = 1_800_000_000 * S
MEASURING, OLD = 1 << 5, 1 << 8
A, B = (120, 80, 93), (135, 88, 104)
LOST = (None, None, None)


class Line:
    """A driver fed with a record every five seconds; the machine's clock is far from the monitor's."""

    def __init__(self, **settings):
        self.driver = GeDri(**settings)
        self.step = 0

    @property
    def at(self):
        return AT + 5 * S * self.step

    @property
    def device(self):
        return T + 5 * self.step

    def show(self, triple, label=0, stamp=None, status=3):
        """One record with this triple; `stamp` seconds since the first record, in the same record."""
        subs = [(1, sub(basic(nibp=cuff(*triple, label=label, status=status)), time=self.device))]
        if stamp is not None:
            subs.append((4, aux(T + stamp)))
        items = self.driver.receive(frame(subs, self.step, self.device), self.at)
        self.step += 1
        return items

    def stamp(self, stamp):
        """A record with nothing but the time stamp, right after the last one."""
        self.step -= 1
        items = self.driver.receive(frame([(4, aux(T + stamp))], self.step, self.device), self.at)
        self.step += 1
        return items


def events(items):
    """Each measurement as (its triple, its status, seconds since the first record)."""
    cuffs = [item for item in items if isinstance(item, Reading) and item.source.startswith("ge-dri:nibp")]
    assert len(cuffs) % 4 == 0
    found = []
    for first in range(0, len(cuffs), 4):
        four = cuffs[first : first + 4]
        assert [item.signal for item in four] == ["NIBP_SYS", "NIBP_DIA", "NIBP_MEAN", "PR"]
        assert len({(item.time, item.received) for item in four}) == 1
        found.append((tuple(item.value for item in four[:3]), str(four[0].status), (four[0].time - AT) / S))
    return found


def failures(items):
    return [item for item in items if isinstance(item, Notice) and item.kind == "cuff-failed"]


def play(*steps, **settings):
    line = Line(**settings)
    return [item for step in steps for item in line.show(*step)]


RULES = {
    "first and fresh": ([(A,)], [(A, "ok", 0)]),
    "first and old": ([(A, OLD)], [(A, "age_unknown", 0)]),
    "held": ([(A,), (A,), (A, OLD), (A, OLD)], [(A, "ok", 0)]),
    "reserved bits say nothing": ([(A, 3), (A, 0), (A, 7)], [(A, "ok", 0)]),
    "changed": ([(A,), (B,)], [(A, "ok", 0), (B, "ok", 5)]),
    "one number changed": ([(A,), ((120, 81, 93),)], [(A, "ok", 0), ((120, 81, 93), "ok", 5)]),
    "the same numbers, old and then fresh": ([(A, OLD), (A, OLD), (A,)], [(A, "age_unknown", 0), (A, "ok", 10)]),
    "fresh, old, fresh": ([(A,), (A, OLD), (A,), (A,)], [(A, "ok", 0), (A, "ok", 10)]),
    "measuring on connecting": ([(A, MEASURING), (LOST, MEASURING), (B,)], [(B, "ok", 10)]),
    "measuring, numbers kept": ([(A, OLD), (A, MEASURING | OLD), (B,)], [(A, "age_unknown", 0), (B, "ok", 10)]),
    "measuring, half written numbers": ([(A,), ((135, 80, 93), MEASURING), (B,)], [(A, "ok", 0), (B, "ok", 10)]),
    "the same result within a minute": ([(A,), (LOST, MEASURING), (A,)], [(A, "ok", 0), (A, "ok", 10)]),
    "bit 8 falls while measuring": ([(A, OLD), (LOST, MEASURING), (A,)], [(A, "age_unknown", 0), (A, "ok", 10)]),
    "stopped: the old one comes back": ([(A,), (A, OLD), (LOST, MEASURING), (A, OLD)], [(A, "ok", 0)]),
    "never measured": ([(LOST, OLD | 1)] * 3, []),
    "numbers gone and back without a measurement": ([(A,), (LOST,), (A,), (A,)], [(A, "ok", 0)]),
    "changed, but already old": ([(A,), (B, OLD)], [(A, "ok", 0), (B, "age_unknown", 5)]),
    "not active": ([(A, 0, None, 1)], []),
    "absent": ([(A, 0, None, 0)], []),
}


@pytest.mark.parametrize("rule", RULES)
def test_what_counts_as_a_measurement(rule):
    steps, expected = RULES[rule]
    assert events(play(*steps)) == [(tuple(map(float, triple)), status, at) for triple, status, at in expected]


def test_a_result_without_one_of_its_numbers_keeps_the_others():
    assert events(play(((120, None, 93),))) == [((120.0, None, 93.0), "ok", 0)]
    items = play(((120, None, 93),))
    assert [str(item.status) for item in items if isinstance(item, Reading)] == ["ok", "invalid", "ok", "ok"]


def test_a_pressure_out_of_range_is_kept_and_marked():
    items = play(((310, 80, 93),), ((127, 80, -99.5),))
    assert [str(item.status) for item in items if isinstance(item, Reading)] == ["ok"] * 6 + ["range", "ok"]


def test_the_pulse_of_the_cuff_is_told_with_its_measurement_only():
    items = play((A,), (A,), (A, OLD))
    pulses = [item for item in items if isinstance(item, Reading) and item.signal == "PR"]
    assert [(item.value, item.source) for item in pulses] == [(70.0, "ge-dri:nibp.pr")]
    assert pulse_origin(pulses[0].source) is PulseOrigin.CUFF


def test_a_failed_measurement_is_a_notice_and_no_reading():
    items = play((A,), (LOST, MEASURING), (LOST,), (LOST,), (LOST, MEASURING), (LOST,))
    assert events(items) == [((120.0, 80.0, 93.0), "ok", 0)]
    assert [((item.time - AT) / S, item.code, item.signal) for item in failures(items)] == [
        (10, "-32767", "NIBP_SYS"),
        (25, "-32767", "NIBP_SYS"),
    ]


def test_a_measurement_after_which_the_old_result_stands_has_failed():
    items = play((A,), (A, MEASURING), (A, OLD), (A, OLD))
    assert len(failures(items)) == 1
    assert len(events(items)) == 1


def test_numbers_that_vanish_without_a_measurement_are_told_once():
    items = play((A,), (LOST,), (LOST,))
    assert [item.text for item in items if isinstance(item, Notice) and item.kind == "device-event"] == [
        "the monitor no longer shows a cuff result"
    ]
    assert failures(items) == []


def test_the_time_stamp_dates_a_result_in_the_same_record():
    line = Line()
    items = line.show(A, 0, -7) + line.show(A, 0, -7) + line.show(B, 0, 8)
    assert events(items) == [((120.0, 80.0, 93.0), "ok", -7), ((135.0, 88.0, 104.0), "ok", 8)]


def test_with_a_time_stamp_an_old_result_has_an_age():
    line = Line()
    assert events(line.show(A, OLD, -600)) == [((120.0, 80.0, 93.0), "ok", -600)]


def test_a_time_stamp_of_the_monitors_clock_is_moved_to_ours():
    line = Line()
    first = next(item for item in line.show(A, 0, -7) if isinstance(item, Reading))
    assert (first.time, first.received) == (AT - 7 * S, AT)


def test_a_result_waits_for_a_time_stamp_that_follows_it():
    line = Line()
    assert len(events(line.show(A) + line.stamp(-3))) == 1
    assert events(line.show(B)) == []
    assert events(line.stamp(4)) == [((135.0, 88.0, 104.0), "ok", 4)]


def test_it_waits_no_longer_than_the_next_record():
    line = Line()
    line.show(A)
    line.stamp(-3)
    assert events(line.show(B)) == []
    items = line.show(B)
    assert events(items) == [((135.0, 88.0, 104.0), "ok", 5)]
    assert {item.received for item in items if isinstance(item, Reading)} == {AT + 10 * S}
    assert events(line.show(B) + line.stamp(4)) == []


def test_the_end_of_the_bytes_lets_it_go():
    line = Line()
    line.show(A)
    line.stamp(-3)
    line.show(B)
    assert events(line.driver.finish(None)) == [((135.0, 88.0, 104.0), "ok", 5)]
    assert line.driver.finish(None) == []


def test_a_time_stamp_that_cannot_be_of_this_result_is_not_taken():
    line = Line()
    # A minute and more ago, yet called fresh: a better one may follow, but only until the next record.
    assert events(line.show(A, 0, -300)) == []
    assert events(line.show(A, 0, -300)) == [((120.0, 80.0, 93.0), "ok", 0)]
    # In the future.
    assert events(line.show(B, 0, 900) + line.show(B, 0, 900)) == [((135.0, 88.0, 104.0), "ok", 10)]
    # None at all: nothing tells how old it is, so it is dated by when it was told.
    other = Line()
    assert events(other.show(A, OLD, -T) + other.show(A, OLD, -T)) == [((120.0, 80.0, 93.0), "age_unknown", 5)]


def test_the_time_stamp_of_a_failed_measurement_dates_no_other():
    line = Line()
    items = line.show(A, 0, -3)
    items += line.show(LOST, MEASURING, -3) + line.show(LOST, 0, 9) + line.show(LOST, MEASURING, 9)
    items += line.show(B, 0, 9) + line.stamp(19)
    assert events(items) == [((120.0, 80.0, 93.0), "ok", -3), ((135.0, 88.0, 104.0), "ok", 19)]


def test_the_same_numbers_with_a_new_time_stamp_are_a_new_measurement():
    line = Line()
    items = line.show(A, 0, -3) + line.show(A, 0, 4)
    assert len(events(items)) == 1
    # Seen twice, since the stamp may run ahead of the numbers by a record.
    assert events(line.show(A, 0, 4)) == [((120.0, 80.0, 93.0), "ok", 4)]
    assert events(line.show(A, 0, 4) + line.show(A, 0, 4)) == []


def test_numbers_that_come_back_with_their_old_time_stamp_are_no_new_measurement():
    line = Line()
    items = line.show(A, 0, -3) + line.show(LOST, MEASURING, -3) + line.show(A, 0, -3) + line.show(A, 0, -3)
    assert events(items) == [((120.0, 80.0, 93.0), "ok", -3)]
    # The stamp of the next one comes after it, in a record of its own: dated exactly, a record later.
    later = line.show(LOST, MEASURING) + line.show(A) + line.stamp(22) + line.show(A) + line.stamp(22)
    later += line.show(A) + line.stamp(22) + line.show(A)
    assert events(later) == [((120.0, 80.0, 93.0), "ok", 22)]


def test_a_time_stamp_that_runs_ahead_of_the_numbers_makes_no_measurement_of_the_old_ones():
    line = Line()
    items = line.show(A, 0, -3) + line.show(A, 0, 4) + line.show(B, 0, 4) + line.show(B, 0, 4)
    assert events(items) == [((120.0, 80.0, 93.0), "ok", -3), ((135.0, 88.0, 104.0), "ok", 4)]


def test_a_result_still_on_show_after_the_port_was_opened_again_is_not_new():
    line = Line()
    line.show(A)
    line.driver.opened(line.at)
    line.step += 20
    assert events(line.show(A, OLD)) == []
    line.driver.opened(line.at)
    line.step += 20
    assert events(line.show(B, OLD)) == [((135.0, 88.0, 104.0), "age_unknown", 210)]


def test_a_stream_without_stamps_is_dated_by_the_monitors_clock():
    driver = GeDri()
    items = [
        item
        for step, label in enumerate((0, 0, OLD))
        for item in driver.receive(shown(step, T + 30 * step, nibp=cuff(*A, label=label)), None)
    ]
    sys = [item for item in items if isinstance(item, Reading) and item.signal == "NIBP_SYS"]
    assert [(item.time, item.received) for item in sys] == [(T * S, T * S)]
