"""The DINAMAP driver: worked replies, what is new and what is shown again, refusals, polling."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.protocols.dinamap import frames
from devices.protocols.dinamap.driver import Dinamap
from devices.reading import USED, Notice, Reading, Status

S = 1_000_000
NOW = 1_770_000_000 * S

WORKED = {
    "NA1": "20 4E 41 31 31 30 30 30 31 32 31 31 38 30 37 36 30 39 30 26 27 0D",
    "measuring": "20 4E 41 30 31 30 30 30 30 39 31 31 38 30 37 36 30 39 30 26 2C 0D",
    "failed": "20 4E 41 33 31 30 30 30 30 35 30 30 30 30 30 30 30 30 30 25 4B 0D",
    "none": "20 4E 41 31 31 30 39 39 39 39 30 30 30 30 30 30 30 30 30 26 28 0D",
    "RA2": "20 52 41 32 30 37 34 22 47 0D",
    "RA3": "20 52 41 33 30 36 38 22 4B 0D",
    "OA1": "20 4F 41 31 30 39 38 35 31 32 23 44 0D",
    "OA6": "20 4F 41 36 30 30 30 30 31 32 23 33 0D",
    "TC": "20 54 43 30 30 41 30 30 30 33 30 30 39 38 36 30 25 42 0D",
}


def hear(driver, *what, at=NOW):
    """Items of frames: worked ones by name, others by their text without space and checksum."""
    items = []
    for each in what:
        data = bytes.fromhex(WORKED[each]) if each in WORKED else frames.encode(each)
        items += driver.receive(data, at)
    return items


def readings(items):
    return [
        (item.signal, item.value, item.status.value, item.source.partition(":")[2], (item.time - NOW) / S)
        for item in items
        if isinstance(item, Reading)
    ]


def notices(items):
    return [(item.kind, item.code) for item in items if isinstance(item, Notice)]


def na(status=1, age=0, sys=118, dia=76, mean=90):
    return f"NA{status}10{age:04d}{sys:03d}{dia:03d}{mean:03d}"


CUFF = [
    ("NIBP_SYS", 118.0, "ok", "nibp", -12.0),
    ("NIBP_DIA", 76.0, "ok", "nibp", -12.0),
    ("NIBP_MEAN", 90.0, "ok", "nibp", -12.0),
]


@pytest.mark.parametrize(
    ("item", "wire"),
    [
        ("NA", "20 4E 41 21 32 0D"),
        ("NC0", "20 4E 43 30 21 45 0D"),
        ("ND", "20 4E 44 21 35 0D"),
        ("NF", "20 4E 46 21 37 0D"),
        ("RA", "20 52 41 21 36 0D"),
        ("RC", "20 52 43 21 38 0D"),
        ("OA", "20 4F 41 21 33 0D"),
        ("TC", "20 54 43 21 3A 0D"),
    ],
)
def test_requests_are_those_of_the_sheet(item, wire):
    assert frames.encode(item) == bytes.fromhex(wire)


def test_two_unrelated_replies_share_a_checksum_as_the_sheet_warns():
    assert frames.checksum(" NA1100009134086104") == frames.checksum(" NA1109999000000000") == "&("


def test_a_result_is_three_readings_dated_by_its_age():
    assert readings(hear(Dinamap(), "NA1")) == CUFF


def test_a_result_shown_again_every_second_is_one_measurement():
    driver = Dinamap()
    heard = hear(driver, na(age=12))
    for later in range(1, 120):
        heard += hear(driver, na(age=12 + later), at=NOW + later * S)
    assert readings(heard) == CUFF


@pytest.mark.parametrize("rate", [0.9, 1.1, 3.0])
def test_a_clock_that_runs_otherwise_than_ours_makes_no_measurements(rate):
    driver = Dinamap()
    heard = []
    for second in range(0, 1_500, 1 if rate < 3 else 3):
        heard += hear(driver, na(age=int(second * rate)), at=NOW + second * S)
    assert len(readings(heard)) == 3


def test_a_late_reply_makes_no_second_measurement():
    driver = Dinamap()
    heard = (
        hear(driver, na(age=40)) + hear(driver, na(age=41), at=NOW + 5 * S) + hear(driver, na(age=46), at=NOW + 6 * S)
    )
    assert len(readings(heard)) == 3


def test_equal_numbers_with_a_younger_age_are_a_new_measurement():
    driver = Dinamap()
    hear(driver, na(age=55))
    assert [each[1] for each in readings(hear(driver, na(age=3), at=NOW + 20 * S))] == [118.0, 76.0, 90.0]


def test_equal_numbers_after_a_long_silence_are_judged_by_their_age():
    driver = Dinamap()
    hear(driver, na(age=10))
    assert readings(hear(driver, na(age=610), at=NOW + 600 * S)) == []
    assert len(readings(hear(driver, na(age=620), at=NOW + 1_300 * S))) == 3


def test_while_measuring_nothing_is_published_and_the_next_result_is():
    driver = Dinamap()
    assert hear(driver, "measuring") == []
    hear(driver, na(age=70))
    assert hear(driver, na(status=0, age=80), at=NOW + 10 * S) == []
    assert len(readings(hear(driver, na(age=0), at=NOW + 40 * S))) == 3


@pytest.mark.parametrize("arguments", ["none", na(age=5401), na(age=9999)])
def test_without_a_recent_determination_nothing_is_published(arguments):
    assert hear(Dinamap(), arguments) == []


def test_an_age_of_5400_s_is_still_a_measurement():
    assert readings(hear(Dinamap(), na(age=5400)))[0][-1] == -5400.0


@pytest.mark.parametrize("status", [3, 4, 6, 7, 8, 9])
def test_a_failure_is_told_once_with_its_code_and_no_number(status):
    driver = Dinamap()
    heard = []
    for later in range(30):
        heard += hear(driver, na(status, 5 + later, 0, 0, 0), at=NOW + later * S)
    assert notices(heard) == [("cuff-failed", str(status))]
    assert heard[0].time == NOW - 5 * S
    assert readings(heard) == []
    again = hear(driver, na(0, 40, 0, 0, 0), na(status, 1, 0, 0, 0), at=NOW + 60 * S)
    assert notices(again) == [("cuff-failed", str(status))]


def test_numbers_beside_a_failure_are_not_taken():
    assert readings(hear(Dinamap(), na(3, 5, 118, 76, 90))) == []


@pytest.mark.parametrize("status", [2, 5])
def test_a_status_that_is_not_described_is_said_and_no_number(status):
    driver = Dinamap()
    heard = hear(driver, na(status), na(status))
    assert notices(heard) == [("unknown-parameter", f"NA status {status}")]
    assert readings(heard) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((118, 76, 0), [(118.0, "ok"), (76.0, "ok")]),
        ((0, 76, 90), [(None, "zero"), (76.0, "ok"), (90.0, "ok")]),
        ((291, 76, 90), [(291.0, "range"), (76.0, "ok"), (90.0, "ok")]),
        ((118, 76, 76), [(118.0, "range"), (76.0, "range"), (76.0, "range")]),
        ((90, 118, 100), [(90.0, "range"), (118.0, "range"), (100.0, "range")]),
        ((290, 250, 260), [(290.0, "ok"), (250.0, "ok"), (260.0, "ok")]),
        ((30, 10, 20), [(30.0, "ok"), (10.0, "ok"), (20.0, "ok")]),
    ],
)
def test_missing_and_implausible_numbers_are_marked_never_dropped(values, expected):
    heard = hear(Dinamap(), na(1, 0, *values))
    assert [(value, status) for _, value, status, _, _ in readings(heard)] == expected


def test_a_result_without_any_pressure_is_a_failed_cuff():
    assert notices(hear(Dinamap(), na(1, 5, 0, 0, 0))) == [("cuff-failed", "1")]


def test_nf_is_read_as_na_and_is_the_same_measurement():
    assert len(readings(hear(Dinamap(), "NA1", "NF110001211807609" + "0"))) == 3


def test_the_oximeters_rate_is_continuous_and_the_cuffs_is_told_once_with_the_cuffs_time():
    driver = Dinamap()
    assert readings(hear(driver, "RA2")) == [("PR", 74.0, "ok", "spo2.pr", 0.0)]
    hear(driver, "NA1")
    assert readings(hear(driver, "RA3", "RA3", "RC3068")) == [("PR", 68.0, "ok", "nibp.pr", -12.0)]
    hear(driver, na(age=1), at=NOW + 50 * S)
    assert readings(hear(driver, "RC3071", at=NOW + 50 * S)) == [("PR", 71.0, "ok", "nibp.pr", 49.0)]


def test_the_cuffs_rate_without_its_measurement_has_no_known_age():
    assert readings(hear(Dinamap(), "RA3", "RA3")) == [("PR", 68.0, "age_unknown", "nibp.pr", 0.0)]


@pytest.mark.parametrize(
    ("reply", "status"), [("RA0000", "zero"), ("RA2000", "zero"), ("RA2-99", "invalid"), ("RA2---", "invalid")]
)
def test_no_rate_is_a_reading_without_value(reply, status):
    assert readings(hear(Dinamap(), reply)) == [("PR", None, status, "spo2.pr", 0.0)]


@pytest.mark.parametrize(("rate", "status"), [(24, "range"), (25, "ok"), (300, "ok"), (301, "range")])
def test_a_rate_outside_25_to_300_is_kept_and_marked(rate, status):
    assert readings(hear(Dinamap(), f"RA2{rate:03d}")) == [("PR", float(rate), status, "spo2.pr", 0.0)]


def test_a_rate_said_to_have_no_source_is_shown_but_not_used():
    heard = hear(Dinamap(), "RA0072", "RA0000")
    assert readings(heard) == [("PR", 72.0, "questionable", "ra.pr", 0.0), ("PR", None, "zero", "spo2.pr", 0.0)]
    assert notices(heard) == [("unknown-parameter", "RA source 0")]


def test_a_rate_of_unknown_source_is_shown_but_not_used():
    heard = hear(Dinamap(), "RA1072", "RA1073")
    assert readings(heard) == [("PR", 72.0, "questionable", "ra.pr", 0.0), ("PR", 73.0, "questionable", "ra.pr", 0.0)]
    assert Status.QUESTIONABLE not in USED
    assert notices(heard) == [("unknown-parameter", "RA source 1")]


@pytest.mark.parametrize(
    ("reply", "value", "status"),
    [
        ("OA1098512", 98.0, "ok"),
        ("OA1000512", None, "zero"),
        ("OA1101512", 101.0, "range"),
        ("OA0000012", None, "off"),
        ("OA3000012", None, "searching"),
        ("OA6000012", None, "off"),
        ("OA6098012", None, "off"),
        ("OA5098012", None, "invalid"),
    ],
)
def test_saturation_has_a_value_only_where_it_is_valid(reply, value, status):
    assert readings(hear(Dinamap(), reply)) == [("SPO2", value, status, "spo2", 0.0)]


def test_a_sensor_that_is_off_is_told_once():
    heard = hear(Dinamap(), "OA1", "OA6", "OA6", "OA1", "OA6")
    assert notices(heard) == [("probe-off", "6"), ("probe-off", "6")]


def test_temperature_is_fahrenheit_told_once_and_dated():
    driver = Dinamap(temperature=True)
    assert readings(hear(driver, "TC", "TC")) == [("TEMP", 37.0, "ok", "temp", -30.0)]
    assert readings(hear(driver, "TC00A0003910041", at=NOW + 9 * S)) == []
    assert readings(hear(driver, "TC00B0000110040", at=NOW + 9 * S)) == [("TEMP", 38.0, "ok", "temp", 8.0)]


@pytest.mark.parametrize(("state", "status"), [("1", "measuring"), ("2", "invalid"), ("3", "off"), ("4", "off")])
def test_a_thermometer_without_a_result_says_why(state, status):
    assert readings(hear(Dinamap(), f"TC{state}0A9999900000")) == [("TEMP", None, status, "temp", 0.0)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b" NA1100012118076091&'\r", "checksum"),
        (b" NA110001211807609&'\r", "length"),
        (b"hello\r", "no frame"),
        (frames.encode("NA1100012118x76090"), "not a number"),
        (b"x" * 600 + b"\r", "no end of line"),
    ],
)
def test_what_is_no_frame_is_refused_with_its_bytes(line, reason):
    driver = Dinamap()
    hear(driver, "OA1")
    refused = driver.receive(line, NOW)[0]
    assert (refused.kind, refused.code) == ("frame-rejected", reason)
    assert refused.raw == line.rstrip(b"\r")[:256]
    assert driver.counters.by_reason[reason] == 1


def test_an_item_not_known_is_said_once_and_all_goes_on():
    heard = hear(Dinamap(), "XY12", "XY13", "OA1")
    assert notices(heard) == [("unknown-parameter", "header XY")]
    assert len(readings(heard)) == 1


@pytest.mark.parametrize("prefix", [b"\n", b"\r\r\n", b"\x00\x11", b" NA1100", b" NA11000\x80~ "])
def test_a_frame_is_found_behind_what_was_cut_before_it(prefix):
    heard = Dinamap().receive(prefix + bytes.fromhex(WORKED["NA1"]), NOW)
    assert readings(heard) == CUFF
    skipped = bytes(byte for byte in prefix if byte >= 0x20)
    assert [(item.kind, item.raw) for item in heard if isinstance(item, Notice)] == (
        [("bytes-skipped", skipped)] if skipped else []
    )


def test_a_last_frame_without_its_end_is_read_if_it_holds_together():
    driver = Dinamap()
    assert driver.receive(bytes.fromhex(WORKED["NA1"])[:-1], NOW) == []
    assert readings(driver.finish(NOW)) == CUFF
    driver.receive(bytes.fromhex(WORKED["NA1"])[:-3], NOW)
    assert notices(driver.finish(NOW)) == [("frame-rejected", "cut at the end")]


@pytest.mark.parametrize("rounds", [1, 40])
def test_replies_kept_by_a_program_that_turned_cr_into_lf_are_read(rounds):
    whole = b"".join(frames.encode(item) for item in ("NA1100012118076090", "RA2074", "OA1098512")) * rounds
    as_sent, turned = Dinamap(assumed_start=NOW), Dinamap(assumed_start=NOW)
    expected = as_sent.receive(whole, None) + as_sent.finish(None)
    text = whole.replace(b"\r", b"\n")
    items = turned.receive(text[:700], None) + turned.receive(text[700:], None) + turned.finish(None)
    assert items == expected
    assert turned.counters == as_sent.counters


def test_requests_echoed_on_the_line_are_no_replies():
    driver = Dinamap()
    assert hear(driver, "NA", "RA", "OA", "NC0") == []
    assert driver.counters.frames == driver.counters.rejected == 0


# -- polling -----------------------------------------------------------------------------------------------


def answer(driver, at, text):
    return driver.receive(frames.encode(text), at)


def test_one_round_a_second_with_one_request_outstanding():
    driver = Dinamap()
    driver.opened(NOW)
    sent = []
    at = NOW
    while at < NOW + 3 * S:
        request = driver.send(at)
        assert driver.send(at) == b""
        if request:
            sent.append(((at - NOW) / S, request))
            answer(driver, at + S // 20, {b"NA": na(age=9), b"RA": "RA2074", b"OA": "OA1098512"}[request[1:3]])
            at += S // 20
        else:
            at = driver.wake()
    assert [(when, request[1:3]) for when, request in sent] == [
        (0.0, b"NA"), (0.05, b"RA"), (0.1, b"OA"), (1.0, b"NA"), (1.05, b"RA"), (1.1, b"OA"),
        (2.0, b"NA"), (2.05, b"RA"), (2.1, b"OA"),
    ]  # fmt: skip


def test_temperature_is_asked_for_only_where_the_setting_says_so():
    driver = Dinamap(temperature=True)
    driver.opened(NOW)
    for reply in (na(), "RA2074", "OA1098512"):
        driver.send(NOW)
        answer(driver, NOW, reply)
    assert driver.send(NOW) == frames.encode("TC")


def test_a_monitor_that_does_not_answer_is_told_once_and_asked_every_two_seconds():
    driver = Dinamap()
    driver.opened(NOW)
    sent, told = [], []
    for second in range(25):
        at = NOW + second * S
        request = driver.send(at)
        if request:
            sent.append((second, request.strip(b"\r")[1:3].decode()))
        told += driver.receive(b"", at)
    assert sent[:4] == [(0, "NA"), (3, "NA"), (6, "RA"), (9, "NA")]
    assert [second for second, _ in sent[4:]] == list(range(11, 25, 2))
    assert notices(told) == [("not-answering", "")]
    assert told[0].time == NOW + 9 * S
    back = answer(driver, NOW + 25 * S, "NA1100012118076090")
    assert [item.kind for item in back if isinstance(item, Notice)] == ["device-event"]


def test_an_item_that_is_never_answered_does_not_keep_the_others_from_being_asked():
    driver = Dinamap()
    driver.opened(NOW)
    asked = []
    for tenth in range(200):
        at = NOW + tenth * S // 10
        request = driver.send(at).strip(b"\r")[1:3].decode()
        asked += [request] if request else []
        if request in ("NA", "OA"):
            answer(driver, at, na(age=9) if request == "NA" else "OA1098512")
        assert driver.receive(b"", at) == []
    assert asked[:5] == ["NA", "RA", "RA", "OA", "NA"]


def test_a_reply_to_something_else_is_discarded_and_the_request_repeated():
    driver = Dinamap()
    driver.opened(NOW)
    driver.send(NOW)
    assert notices(answer(driver, NOW + S, "OA1098512")) == [("frame-rejected", "another item than asked for")]
    assert driver.send(NOW + 2 * S) == b""
    assert driver.send(NOW + 3 * S) == b"\r" + frames.encode("NA")


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 4_000_000), st.binary(max_size=12)), max_size=80))
def test_nothing_that_acts_on_a_patient_is_ever_sent(steps):
    driver = Dinamap(temperature=True)
    at = NOW
    driver.opened(at)
    for passed, noise in steps:
        at += passed
        driver.receive(noise, at)
        for word in driver.send(at).split(b"\r"):
            assert word in (b"", b" NA!2", b" RA!6", b" OA!3", b" TC!:")
    assert driver.start_cuff() == b" NC0!E\r"
    assert driver.cancel_cuff() == b" ND!5\r"


# -- any bytes ---------------------------------------------------------------------------------------------

PIECES = st.one_of(
    st.sampled_from([bytes.fromhex(wire) for wire in WORKED.values()]), st.binary(max_size=40), st.just(b"y" * 700)
)


@settings(max_examples=80)
@given(st.lists(PIECES, max_size=12).map(b"".join), st.lists(st.integers(1, 900), max_size=60))
def test_any_bytes_in_any_pieces_give_the_same_items(data, cuts):
    whole = Dinamap()
    expected = whole.receive(data, NOW) + whole.finish(NOW)
    sliced, items, at = Dinamap(), [], 0
    for cut in [*cuts, len(data)]:
        items += sliced.receive(data[at : at + cut], NOW)
        at += cut
    items += sliced.receive(data[at:], NOW) + sliced.finish(NOW)
    assert items == expected
    assert sliced.counters == whole.counters


def test_bytes_without_times_are_dated_from_the_start_that_was_given():
    driver = Dinamap(assumed_start=NOW)
    heard = []
    for _ in range(3):
        heard += driver.receive(frames.encode("OA1098512") + frames.encode("RA2074"), None)
    assert [each[-1] for each in readings(heard)] == [0.0, 0.0, 1.0, 1.0, 2.0, 2.0]
    assert notices(heard) == [("time-assumed", "time")]
    assert not driver.needs_start
    undated = Dinamap()
    undated.receive(frames.encode("OA1098512"), None)
    assert undated.needs_start
