"""SunTech boards: worked frames, which result is a new one, failures, damage, polling, times."""

from __future__ import annotations

import pytest
from protocol_cases.suntech import harmful

from devices.protocols.suntech.driver import Suntech
from devices.reading import Notice, Reading

S = 1_000_000
NOW = 1_770_000_000 * S

FAILED = bytes.fromhex("3E18000000000000000000000000000000000000020000A8")
GOOD = bytes.fromhex("3E1876004C001C0100000000000000004A005A0000000027")
PRESSURE_150 = bytes.fromhex("3E05960027")
START, GET_PRESSURE, GET_RESULT = map(bytes.fromhex, ("3A20A6", "3A79050048", "3A7903004A"))
ABORT = bytes.fromhex("3A7901004C")


def checked(content: bytes) -> bytes:
    """A frame whose bytes sum to 0 modulo 256."""
    return content + bytes(((256 - sum(content) % 256) % 256,))


def pressure(value: int) -> bytes:
    return checked(b"\x3e\x05" + value.to_bytes(2, "little", signed=True))


def result(sys=118, dia=76, mean=90, rate=74, error=0, beats=28, status=1, after_rate=None) -> bytes:
    frame = bytearray(23)
    frame[:2] = b"\x3e\x18"
    frame[2:4], frame[4:6] = sys.to_bytes(2, "little"), dia.to_bytes(2, "little")
    frame[6], frame[7], frame[20] = beats, status, error
    frame[16:18], frame[18:20] = rate.to_bytes(2, "little"), mean.to_bytes(2, "little")
    if after_rate is not None:
        frame[17] = after_rate
    return checked(bytes(frame))


def letter(text: str) -> bytes:
    return checked(b"\x3e\x04" + text.encode())


NONE = result(0, 0, 0, 0, beats=0, status=0)
FULL, EMPTY = pressure(150), pressure(0)
OTHER = result(231, 141, 171, 187)


def said(*script, driver=None):
    """The items of frames heard one a second from NOW on."""
    driver = driver or Suntech()
    return [item for second, data in enumerate(script) for item in driver.receive(data, NOW + second * S)]


def readings(items):
    return [(item.signal, item.value, item.status.value) for item in items if isinstance(item, Reading)]


def cuffs(items):
    return [
        (item.value, item.status.value, (item.time - NOW) // S)
        for item in items
        if isinstance(item, Reading) and item.signal == "NIBP_SYS"
    ]


def notices(items):
    return [(item.kind, item.code) for item in items if isinstance(item, Notice)]


def test_the_worked_frames_say_what_the_sheet_says():
    assert result() == GOOD
    assert pressure(150) == PRESSURE_150
    items = said(GOOD)
    assert readings(items) == [
        ("NIBP_SYS", 118.0, "age_unknown"),
        ("NIBP_DIA", 76.0, "age_unknown"),
        ("NIBP_MEAN", 90.0, "age_unknown"),
        ("PR", 74.0, "age_unknown"),
    ]
    assert [item.source for item in items] == ["suntech:nibp"] * 3 + ["suntech:nibp.pr"]
    assert {(item.time, item.received) for item in items} == {(NOW, NOW)}
    (failed,) = said(FAILED)
    assert (failed.kind, failed.code, failed.raw) == ("cuff-failed", "2", FAILED)
    assert failed.text == (
        "the cuff gave no result: motion or an erratic signal (error 2); it was found on connecting, its age is unknown"
    )
    assert said(PRESSURE_150) == []


# -- which result is new ---------------------------------------------------------------------------------------


def test_the_same_result_shown_again_was_measured_once():
    assert cuffs(said(*[GOOD] * 200)) == [(118.0, "age_unknown", 0)]


@pytest.mark.parametrize("change", [{"sys": 119}, {"dia": 77}, {"mean": 91}, {"rate": 75}, {"beats": 29}])
def test_a_result_whose_numbers_changed_is_a_new_one(change):
    assert [each[1:] for each in cuffs(said(GOOD, GOOD, result(**change)))] == [("age_unknown", 0), ("ok", 2)]


def test_equal_numbers_after_a_determination_was_seen_are_a_new_result():
    items = said(GOOD, FULL, EMPTY, GOOD, EMPTY, GOOD)
    assert cuffs(items) == [(118.0, "age_unknown", 0), (118.0, "ok", 3)]


def test_while_the_cuff_deflates_the_determination_is_not_over():
    """A low diastolic pressure is measured in a cuff that is nearly empty."""
    assert cuffs(said(GOOD, FULL, pressure(30), GOOD)) == [(118.0, "age_unknown", 0)]
    assert len(cuffs(said(GOOD, FULL, pressure(30), pressure(15), GOOD))) == 2


def test_pressing_on_the_cuff_a_little_is_no_determination():
    assert len(cuffs(said(GOOD, pressure(39), EMPTY, GOOD))) == 1


def test_a_result_that_is_told_while_air_goes_out_is_not_told_again():
    assert cuffs(said(GOOD, FULL, OTHER, pressure(60), EMPTY, OTHER)) == [(118.0, "age_unknown", 0), (231.0, "ok", 2)]


def test_the_first_result_is_new_when_its_determination_was_seen():
    assert cuffs(said(FULL, EMPTY, GOOD)) == [(118.0, "ok", 2)]


def test_a_result_found_while_a_determination_runs_is_the_one_before():
    assert cuffs(said(FULL, GOOD, EMPTY, GOOD)) == [(118.0, "age_unknown", 1), (118.0, "ok", 3)]


def test_a_board_without_any_result_has_none_and_its_first_is_new():
    items = said(NONE, EMPTY, NONE, GOOD)
    assert cuffs(items) == [(118.0, "ok", 3)]
    assert notices(items) == []


def test_a_board_that_was_switched_off_and_on_measures_the_same_anew():
    items = said(GOOD, NONE, NONE, GOOD)
    assert cuffs(items) == [(118.0, "age_unknown", 0), (118.0, "ok", 3)]
    assert notices(items) == [("device-restarted", "")]


def test_after_the_port_was_away_the_same_result_is_known_and_another_of_unknown_age():
    driver = Suntech()
    driver.opened(NOW)
    assert cuffs(said(FULL, EMPTY, GOOD, driver=driver)) == [(118.0, "ok", 2)]
    driver.opened(NOW)
    assert cuffs(said(GOOD, GOOD, driver=driver)) == []
    driver.opened(NOW)
    assert cuffs(said(OTHER, driver=driver)) == [(231.0, "age_unknown", 0)]


def test_letters_of_the_board_end_a_determination_too():
    assert len(cuffs(said(GOOD, FULL, letter("K"), GOOD, pressure(60), EMPTY, GOOD))) == 2
    assert len(cuffs(said(GOOD, FULL, letter("A"), pressure(60), EMPTY, GOOD))) == 1
    assert len(cuffs(said(GOOD, letter("O"), letter("K"), GOOD))) == 1


# -- what a result holds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (result(231, 141, 171, 187), [(231.0, "ok"), (141.0, "ok"), (171.0, "ok"), (187.0, "ok")]),
        (result(280, 200, 240, 258), [(280.0, "ok"), (200.0, "ok"), (240.0, "ok"), (258.0, "ok")]),
        (result(rate=74, after_rate=0x5A), [(118.0, "ok"), (76.0, "ok"), (90.0, "ok"), (74.0, "ok")]),
        (result(310, 76, 90, 15), [(310.0, "range"), (76.0, "ok"), (90.0, "ok"), (15.0, "range")]),
        (result(76, 118, 90), [(76.0, "range"), (118.0, "range"), (90.0, "range"), (74.0, "ok")]),
        (result(118, 0, 90, 0), [(118.0, "ok"), (None, "zero"), (90.0, "ok"), (None, "zero")]),
        (result(118, 76, 0), [(118.0, "ok"), (76.0, "ok"), (None, "zero"), (74.0, "ok")]),
    ],
)
def test_values_and_what_they_are_worth(frame, expected):
    assert [each[1:] for each in readings(said(NONE, frame))] == expected


def test_a_status_that_is_not_known_is_told_once():
    items = said(NONE, result(status=7), result(119, status=7))
    assert notices(items) == [("unknown-parameter", "status 7")]
    assert len(cuffs(items)) == 2


def test_a_failure_gives_no_numbers_and_is_told_once_for_each_determination():
    bad = result(error=87)
    items = said(GOOD, FULL, EMPTY, bad, bad, FULL, EMPTY, bad, bad)
    assert notices(items) == [("cuff-failed", "87")] * 2
    assert cuffs(items) == [(118.0, "age_unknown", 0)]
    assert items[-1].text == "the cuff gave no result: inflation took too long: a leak, or a loose cuff (error 87)"
    assert said(NONE, result(error=200))[0].text == "the cuff gave no result (error 200)"


def test_a_determination_that_ends_with_nothing_is_a_failure():
    items = said(GOOD, FULL, EMPTY, NONE, NONE, NONE, NONE, NONE)
    assert notices(items) == [("cuff-failed", "0")]


# -- letters, damage -------------------------------------------------------------------------------------------


def test_what_the_board_complains_of_is_told_when_it_changes():
    items = said(letter("B"), letter("B"), letter("O"), letter("B"), letter("E"), letter("K"), letter("A"))
    assert notices(items) == [("device-event", code) for code in ("B", "B", "E")]


def test_an_answer_that_is_not_known_is_told_once_with_its_bytes():
    version = checked(b"\x3e\x43" + b"LX-1".ljust(64, b"\0"))
    (told,) = said(version, version)
    assert (told.kind, told.code, told.raw) == ("unknown-parameter", "length 67", version)


def test_a_frame_that_does_not_sum_to_zero_is_refused():
    driver = Suntech()
    bad = GOOD[:3] + b"\x01" + GOOD[4:]
    items = said(bad + GOOD, driver=driver)
    assert (items[0].kind, items[0].code, items[0].raw) == ("frame-rejected", "checksum", bad)
    assert len(cuffs(items)) == 1
    assert (driver.counters.frames, driver.counters.rejected) == (1, 1)


def test_a_cut_answer_costs_not_the_next_one():
    driver = Suntech()
    items = said(GOOD[:9], GOOD, EMPTY + EMPTY, driver=driver)
    assert cuffs(items) == [(118.0, "age_unknown", 1)]
    assert notices(items) == [("frame-rejected", "checksum")]


def test_requests_in_the_bytes_are_no_frames_of_the_board():
    driver = Suntech()
    items = said(GET_PRESSURE + EMPTY + GET_RESULT[:2], GET_RESULT[2:] + GOOD + START + ABORT, driver=driver)
    assert (len(items), notices(items)) == (4, [])
    assert (driver.counters.frames, driver.counters.bytes_skipped) == (2, 0)


# -- polling ---------------------------------------------------------------------------------------------------


class Talk:
    """A driver whose requests are answered by a function of the request and the second."""

    def __init__(self, answer) -> None:
        self.driver = Suntech()
        self.driver.opened(NOW)
        self.now = NOW
        self.sent: list[tuple[float, bytes]] = []
        self._answer = answer

    def go_on(self, seconds: float):
        items = []
        for _ in range(round(seconds * 20)):
            due = self.driver.wake()
            request = self.driver.send(self.now)
            assert not (request and (due is None or due > self.now))
            heard = b""
            if request:
                self.sent.append(((self.now - NOW) / S, request))
                heard = self._answer(request, (self.now - NOW) / S)
            items += self.driver.receive(heard, self.now)
            self.now += S // 20
        return items


def test_pressure_and_result_are_asked_for_once_a_second():
    talk = Talk(lambda request, second: EMPTY if request == GET_PRESSURE else NONE)
    talk.go_on(3)
    assert [request for _, request in talk.sent] == [GET_PRESSURE, GET_RESULT] * 3
    assert [second for second, request in talk.sent if request == GET_PRESSURE] == [0.0, 1.0, 2.0]


def test_while_a_determination_runs_only_the_pressure_is_asked_for():
    talk = Talk(lambda request, second: GOOD if request == GET_RESULT else FULL if 5 <= second < 30 else EMPTY)
    items = talk.go_on(40)
    asked = [second for second, request in talk.sent if request == GET_RESULT]
    assert not [second for second in asked if 5 < second < 30]
    assert [each[1] for each in cuffs(items)] == ["age_unknown", "ok"]
    assert 30 <= cuffs(items)[1][2] <= 31


def test_a_pressure_that_never_goes_down_does_not_hide_a_result_for_ever():
    talk = Talk(lambda request, second: FULL if request == GET_PRESSURE else OTHER if second > 200 else GOOD)
    assert cuffs(talk.go_on(210))[-1][0] == 231.0


def test_a_board_that_does_not_answer_is_told_once_asked_seldom_and_welcomed_back():
    talk = Talk(lambda request, second: b"" if second < 20 else EMPTY if request == GET_PRESSURE else GOOD)
    items = talk.go_on(30)
    assert [kind for kind, _ in notices(items)] == ["not-answering", "device-event"]
    assert [second for second, _ in talk.sent if 3 < second < 13] == [4.0, 6.0, 8.0, 10.0, 12.0]
    assert [each[:2] for each in cuffs(items)] == [(118.0, "age_unknown")]


@pytest.mark.parametrize(("back", "status"), [(5, "ok"), (120, "age_unknown")])
def test_a_result_that_changed_during_a_long_silence_is_of_unknown_age(back, status):
    def answer(request, second):
        if request == GET_PRESSURE:
            return b"" if 1.5 < second < back else EMPTY
        return b"" if 1.5 < second < back else GOOD if second < 2 else OTHER

    items = Talk(answer).go_on(back + 5)
    assert [each[:2] for each in cuffs(items)] == [(118.0, "age_unknown"), (231.0, status)]


@pytest.mark.parametrize(("back", "status"), [(5, "ok"), (120, "age_unknown")])
def test_a_capture_says_the_same_of_a_long_silence(back, status):
    driver = Suntech()
    items = driver.receive(EMPTY + GOOD, NOW) + driver.receive(EMPTY + OTHER, NOW + back * S)
    assert [each[:2] for each in cuffs(items)] == [(118.0, "age_unknown"), (231.0, status)]


def test_a_busy_board_is_asked_on():
    talk = Talk(lambda request, second: letter("B") if request == GET_RESULT else EMPTY)
    assert notices(talk.go_on(5)) == [("device-event", "B")]
    assert len(talk.sent) == 10


def test_nothing_is_sent_before_the_port_is_open_and_never_what_acts():
    driver = Suntech()
    assert (driver.wake(), driver.send(NOW)) == (None, b"")
    assert (Suntech.start_cuff(), Suntech.cancel_cuff()) == (START, ABORT)
    assert harmful(GET_PRESSURE + GET_RESULT) == []
    assert harmful(GET_PRESSURE + START)
    assert harmful(ABORT)


# -- times -----------------------------------------------------------------------------------------------------


def test_without_stamps_each_round_of_answers_is_a_second():
    driver = Suntech(assumed_start=NOW)
    items = driver.receive(EMPTY + GOOD + FULL + letter("O") + letter("K") + EMPTY + GOOD, None)
    assert cuffs(items) == [(118.0, "age_unknown", 0), (118.0, "ok", 2)]
    assert notices(items) == [("time-assumed", "")]
    bare = Suntech()
    bare.receive(GOOD, None)
    assert bare.needs_start
