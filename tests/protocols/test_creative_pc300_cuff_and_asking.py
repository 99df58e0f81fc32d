"""The PC-300's cuff, told once for each determination; and what is asked of the monitor, and what never is."""

from __future__ import annotations

import pytest
from protocol_cases.creative_pc300 import harmful

from devices.protocols.creative_pc300.cuff import failure
from devices.protocols.creative_pc300.driver import CreativePc300
from devices.protocols.creative_pc300.frames import encode
from devices.reading import Notice, Reading

S = 1_000_000
NOW = 1_770_000_000 * S
RESULT = encode(0x43, 1, bytes((0, 118, 90, 76, 74)))
OTHER = encode(0x43, 1, bytes((0, 231, 171, 141, 187)))
PRESSURE = encode(0x42, 1, b"\x00\x96")
IDENTITY, FLOW, NO_FLOW = map(bytes.fromhex, ("AA55FF0201CA", "AA555003020127", "AA555003020079"))
LAST, VERSION = map(bytes.fromhex, ("AA55430201CD", "AA55510201C8"))
PC300, PC100 = encode(0xFF, 1, b"PC_300SNT"), encode(0xFF, 1, b"PC-100")
NUMBERS = encode(0x53, 1, bytes((98, 74, 0, 30, 0)))


def cuffs(items):
    return [
        (item.value, item.status.value, (item.time - NOW) // S)
        for item in items
        if isinstance(item, Reading) and item.signal == "NIBP_SYS"
    ]


def notices(items):
    return [(item.kind, item.code) for item in items if isinstance(item, Notice)]


def said(*script, driver=None):
    """The items of frames heard at seconds after NOW."""
    driver = driver or CreativePc300()
    return [item for second, data in script for item in driver.receive(data, NOW + round(second * S))]


def test_a_result_is_one_event_in_one_batch():
    items = said((7, RESULT))
    assert [(item.signal, item.value) for item in items] == [
        ("NIBP_SYS", 118.0), ("NIBP_DIA", 76.0), ("NIBP_MEAN", 90.0), ("PR", 74.0),
    ]  # fmt: skip
    assert {(item.time, item.received) for item in items} == {(NOW + 7 * S, NOW + 7 * S)}


def test_a_result_sent_again_at_once_was_measured_once():
    assert cuffs(said(*((second, RESULT) for second in range(60)))) == [(118.0, "ok", 0)]


def test_equal_numbers_after_another_determination_are_a_new_result():
    assert cuffs(said((0, RESULT), (3, PRESSURE), (5, RESULT))) == [(118.0, "ok", 0), (118.0, "ok", 5)]


def test_equal_numbers_much_later_are_a_new_result_though_no_pressure_was_shown():
    assert cuffs(said((0, RESULT), (60, RESULT))) == [(118.0, "ok", 0), (118.0, "ok", 60)]


def test_the_start_key_and_a_busy_module_are_signs_of_a_determination_too():
    begin, busy = encode(0x40, 1), encode(0x41, 1, b"\x01")
    assert len(cuffs(said((0, RESULT), (1, begin), (2, RESULT)))) == 2
    assert len(cuffs(said((0, RESULT), (1, busy), (2, RESULT)))) == 2
    assert len(cuffs(said((0, RESULT), (1, encode(0x41, 1, b"\x00")), (2, RESULT)))) == 1


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        # systolic, mean, diastolic, pulse as they stand in the frame
        ((118, 90, 76, 74), [(118.0, "ok"), (76.0, "ok"), (90.0, "ok"), (74.0, "ok")]),
        ((118, 76, 90, 74), [(118.0, "range"), (90.0, "range"), (76.0, "range"), (74.0, "ok")]),
        ((280, 200, 160, 130), [(280.0, "ok"), (160.0, "ok"), (200.0, "ok"), (130.0, "ok")]),
        ((310, 200, 160, 15), [(310.0, "range"), (160.0, "ok"), (200.0, "ok"), (15.0, "range")]),
        ((118, 0, 76, 0), [(118.0, "ok"), (76.0, "ok"), (None, "zero"), (None, "zero")]),
        ((118, 90, 0, 74), [(118.0, "ok"), (None, "zero"), (90.0, "ok"), (74.0, "ok")]),
    ],
)
def test_what_a_result_holds(numbers, expected):
    data = numbers[0].to_bytes(2, "big") + bytes(numbers[1:])
    assert [(item.value, item.status.value) for item in said((0, encode(0x43, 1, data)))] == expected


def test_a_result_without_pressures_is_a_failure():
    items = said((0, encode(0x43, 1, bytes(5))))
    assert notices(items) == [("cuff-failed", "0")]
    assert cuffs(items) == []


def test_a_failure_is_told_once_and_again_for_another_determination():
    bad = encode(0x43, 2, b"\x04")
    told = notices(said((0, bad), (1, bad), (5, PRESSURE), (6, bad), (60, bad)))
    assert told == [("cuff-failed", "4")] * 3


def test_what_a_failure_means_is_said_where_the_sources_agree_or_the_model_is_known():
    assert failure(0x01, "") == failure(0x01, "PC-300") == failure(0x01, "PC-100") != ""
    assert failure(0x03, "") == ""
    assert failure(0x03, "PC-300") == "no pulse was found"
    assert failure(0x03, "PC-100") == "over-pressure"
    assert failure(0x83, "") == "no pulse was found"
    assert failure(0x8C, "") == "it took too long"
    assert failure(0x7F, "PC-300") == failure(0xFF, "") == ""
    (_, failed) = said((0, encode(0xFF, 1, b"PC-100:000123")), (1, encode(0x43, 2, b"\x02")))
    assert failed.text == "the cuff gave no result: the result is not valid (code 2 of table 0)"
    (unknown,) = said((0, encode(0x43, 2, b"\x15")))
    assert (unknown.text, unknown.code) == ("the cuff gave no result: code 21 of table 0", "21")


def test_a_determination_stopped_at_the_monitor_is_told():
    stop = encode(0x40, 2)
    assert notices(said((0, stop))) == []
    assert notices(said((0, PRESSURE), (1, stop), (2, stop))) == [("device-event", "stopped")]


def test_a_missing_module_is_told_once():
    gone = encode(0x41, 1, b"\xff")
    assert notices(said((0, gone), (1, gone))) == [("device-event", "255")]


# -- asking ----------------------------------------------------------------------------------------------------


class Talk:
    """A driver whose requests are answered by a function; seconds count from NOW."""

    def __init__(self, answer) -> None:
        self.driver = CreativePc300()
        self.driver.opened(NOW)
        self.now = NOW
        self.sent: list[tuple[float, bytes]] = []
        self._answer = answer

    def go_on(self, seconds: float, *heard: bytes):
        items = []
        for data in heard:
            items += self.driver.receive(data, self.now)
        for _ in range(round(seconds * 20)):
            due = self.driver.wake()
            request = self.driver.send(self.now)
            assert not (request and (due is None or due > self.now))
            if request:
                self.sent.append(((self.now - NOW) / S, request))
                items += self.driver.receive(self._answer(request), self.now)
            self.now += S // 20
        return items

    def requests(self):
        return [request for _, request in self.sent]


def pc300(request: bytes) -> bytes:
    return {IDENTITY: PC300, FLOW: encode(0x51, 2, b"\x20") + NUMBERS, LAST: RESULT}.get(request, b"")


def test_the_name_is_asked_for_then_the_flow_then_once_the_last_result():
    talk = Talk(pc300)
    items = talk.go_on(2) + talk.go_on(2, NUMBERS)
    assert talk.sent == [(0.0, IDENTITY), (0.2, FLOW), (2.0, LAST)]
    assert cuffs(items) == [(118.0, "age_unknown", 2)]
    assert talk.driver.closing() == NO_FLOW


def test_while_numbers_flow_only_the_name_is_asked_for_again():
    talk = Talk(pc300)
    talk.go_on(1)
    for _ in range(19):
        talk.go_on(1, NUMBERS)
    assert talk.requests().count(FLOW) == talk.requests().count(LAST) == 1
    assert [second for second, request in talk.sent if request == IDENTITY] == [0.0, 5.0, 10.0, 15.0]


def test_a_monitor_that_was_switched_off_and_on_is_asked_for_its_numbers_again():
    talk = Talk(pc300)
    talk.go_on(1)
    talk.go_on(1, NUMBERS)
    items = talk.go_on(4)
    assert [second for second, request in talk.sent if request == FLOW] == [0.2, 4.2]
    assert notices(items) == [("device-restarted", "")]


def test_a_flow_that_stops_without_a_finger_is_asked_for_without_a_word():
    talk = Talk(pc300)
    talk.go_on(1)
    assert notices(talk.go_on(5, encode(0x53, 1, bytes((0, 0, 0, 0, 2))))) == [("probe-off", "off")]
    assert talk.requests().count(FLOW) == 2


def test_numbers_that_flow_already_are_not_asked_for():
    talk = Talk(pc300)
    for _ in range(8):
        talk.go_on(1, NUMBERS)
    assert FLOW not in talk.requests()
    assert talk.driver.closing() == b""


def test_a_pc_100_is_not_told_what_it_would_take_for_a_stop():
    talk = Talk(lambda request: {IDENTITY: PC100}.get(request, b""))
    talk.go_on(60)
    assert set(talk.requests()) == {IDENTITY, LAST}
    assert talk.driver.closing() == b""


def test_a_monitor_that_does_not_tell_its_name_is_asked_in_the_older_way():
    talk = Talk(lambda request: b"")
    talk.go_on(16)
    assert talk.requests()[:5] == [IDENTITY, IDENTITY, IDENTITY, VERSION, FLOW]
    assert LAST not in talk.requests()


def test_the_last_result_is_not_asked_for_while_the_cuff_runs():
    """Its answer would be the result before, as if it were new."""
    talk = Talk(pc300)
    for _ in range(10):
        talk.go_on(1, PRESSURE)
    assert LAST not in talk.requests()
    items = talk.go_on(5, OTHER)
    assert cuffs(items) == [(231.0, "ok", 10)]
    assert LAST not in talk.requests()


def test_an_answer_that_is_known_already_is_not_told_again():
    talk = Talk(pc300)
    assert cuffs(talk.go_on(4, RESULT)) == [(118.0, "ok", 0)]
    talk.driver.opened(talk.now)
    assert cuffs(talk.go_on(4)) == []
    talk.driver.receive(encode(0x43, 2, b"\x04"), talk.now)
    talk.driver.opened(talk.now)
    assert cuffs(talk.go_on(4)) == []


def test_a_result_that_came_while_the_port_was_away_is_of_unknown_age():
    talk = Talk(lambda request: {IDENTITY: PC300, LAST: OTHER}.get(request, b""))
    talk.go_on(1, PRESSURE, RESULT)
    talk.driver.opened(talk.now)
    assert [each[:2] for each in cuffs(talk.go_on(4))] == [(231.0, "age_unknown")]


def test_an_answer_without_any_result_says_nothing():
    talk = Talk(lambda request: {IDENTITY: PC300, LAST: encode(0x43, 1, bytes(5))}.get(request, b""))
    items = talk.go_on(4)
    assert notices(items) == [("device-event", "PC_300SNT")]
    assert cuffs(items) == []


def test_a_result_that_was_lost_on_the_line_is_fetched_when_the_pressure_is_gone():
    """It is dated to the end of the determination; one that would be the result before says nothing."""
    talk = Talk(lambda request: {IDENTITY: PC300, LAST: OTHER}.get(request, b""))
    talk.go_on(1, RESULT)
    for _ in range(10):
        talk.go_on(1, PRESSURE)
    assert cuffs(talk.go_on(10)) == [(231.0, "ok", 10)]
    for _ in range(10):
        talk.go_on(1, PRESSURE)
    assert cuffs(talk.go_on(10)) == []
    assert talk.requests().count(LAST) == 2


def test_a_result_that_came_while_the_monitor_was_not_heard_is_fetched_afterwards():
    heard = [True]
    answers = {IDENTITY: PC300, LAST: RESULT}
    talk = Talk(lambda request: answers.get(request, b"") if heard[0] else b"")
    talk.go_on(5)
    heard[0], answers[LAST] = False, OTHER
    talk.go_on(20)
    heard[0] = True
    assert [each[:2] for each in cuffs(talk.go_on(10))] == [(231.0, "age_unknown")]


def test_a_result_fetched_long_after_a_determination_was_seen_may_be_a_later_ones():
    heard = [True]
    talk = Talk(lambda request: {IDENTITY: PC300, LAST: OTHER}.get(request, b"") if heard[0] else b"")
    talk.go_on(1, RESULT)
    talk.go_on(1, PRESSURE)
    heard[0] = False
    talk.go_on(600)
    heard[0] = True
    assert [each[:2] for each in cuffs(talk.go_on(20))] == [(231.0, "age_unknown")]


@pytest.mark.parametrize(("back", "expected"), [(20, ("ok", 5)), (600, ("age_unknown", 603))])
def test_a_capture_dates_a_result_that_was_fetched_after_a_silence_as_the_port_did(back, expected):
    items = said((0, RESULT), (5, PRESSURE), (back, NUMBERS), (back + 3, OTHER))
    assert [each[1:] for each in cuffs(items)] == [("ok", 0), expected]


def test_a_capture_of_an_answer_says_what_was_said_live():
    assert cuffs(said((0, PC300), (0.3, NUMBERS), (2, RESULT))) == [(118.0, "age_unknown", 2)]
    assert cuffs(said((0, PC300), (1, PRESSURE), (2, RESULT))) == [(118.0, "ok", 2)]
    assert cuffs(said((0, PRESSURE), (1, PC300), (2, RESULT))) == [(118.0, "ok", 2)]
    assert cuffs(said((0, PC300), (4, RESULT))) == [(118.0, "ok", 4)]


def test_a_determination_that_begins_after_asking_keeps_its_result_new():
    talk = Talk(lambda request: {IDENTITY: PC300}.get(request, b""))
    talk.go_on(3)
    assert talk.requests()[-1] == LAST
    talk.go_on(20, PRESSURE)
    assert [each[:2] for each in cuffs(talk.go_on(1, RESULT))] == [(118.0, "ok")]


def test_nothing_is_sent_before_the_port_is_open():
    driver = CreativePc300()
    assert driver.wake() is None
    assert driver.send(NOW) == b""


def test_what_acts_on_a_patient_is_only_given_to_who_asks_for_it():
    assert CreativePc300.start_cuff() == bytes.fromhex("AA5540020129")
    assert CreativePc300.cancel_cuff() == bytes.fromhex("AA55400202CB")
    assert harmful(IDENTITY + FLOW + LAST + VERSION) == []
    for act in ("AA5540020129", "AA55400202CB", "AA5540020416"):
        assert harmful(IDENTITY + bytes.fromhex(act))
    assert harmful(FLOW[:-2])
