"""The line protocol's driver: worked lines, headers, counters, cuff events, flags, JSON, free forms, damage."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.protocols.line.driver import Line
from devices.protocols.line.frames import encode
from devices.reading import Notice, Reading

S = 1_000_000
NOW = 1_770_000_000 * S
HEADER = b"$VS1,H,dev=DIY-01,fw=1.2,rate=1,fields=t|hr|spo2|pr|sys|dia|map|nibp_t|flags*5B\n"
LINE_17 = b"$VS1,D,17,61234,74,98,74,,,,,*69\n"
LINE_18 = b"$VS1,D,18,62234,75,98,75,118,76,90,62100,*60\n"
LINE_19 = b"$VS1,D,19,63234,,,,,,,,SPO2_OFF*0A\n"
LINE_20 = b"$VS1,N,20,62100,118,76,90,74,OK*7A\n"
LINE_21 = b"$VS1,B,21,64234*6E\n"
WORKED = HEADER + LINE_17 + LINE_18 + LINE_19 + LINE_20 + LINE_21


def readings(items):
    return [
        (item.signal, item.value, item.status.value, item.source.partition(":")[2], (item.time - NOW) / 1_000)
        for item in items
        if isinstance(item, Reading)
    ]


def values(items):
    return [each[:3] for each in readings(items)]


def notices(items):
    return [(item.kind, item.code) for item in items if isinstance(item, Notice)]


def d(sequence, t, hr="", spo2="", pr="", sys="", dia="", mean="", nibp_t="", flags=""):
    cells = (sequence, t, hr, spo2, pr, sys, dia, mean, nibp_t, flags)
    return encode("D", ",".join(str(cell) for cell in cells))


def ready(**settings):
    driver = Line(**settings)
    driver.receive(HEADER, NOW)
    return driver


def test_the_worked_lines_are_made_as_the_sheet_has_them():
    assert encode("D", "17,61234,74,98,74,,,,,") == LINE_17
    assert encode("B", "21,64234") == LINE_21


def test_the_worked_lines_say_what_the_sheet_says():
    driver = Line()
    items = []
    for number, line in enumerate((HEADER, LINE_17, LINE_18, LINE_19, LINE_20, LINE_21)):
        items += driver.receive(line, NOW + (number - 1) * S)
    assert readings(items) == [
        ("HR", 74.0, "ok", "hr", 0.0),
        ("PR", 74.0, "ok", "pr", 0.0),
        ("SPO2", 98.0, "ok", "spo2", 0.0),
        ("HR", 75.0, "ok", "hr", 1_000.0),
        ("PR", 75.0, "ok", "pr", 1_000.0),
        ("SPO2", 98.0, "ok", "spo2", 1_000.0),
        ("NIBP_SYS", 118.0, "ok", "nibp", 866.0),
        ("NIBP_DIA", 76.0, "ok", "nibp", 866.0),
        ("NIBP_MEAN", 90.0, "ok", "nibp", 866.0),
        ("PR", None, "off", "pr", 2_000.0),
        ("SPO2", None, "off", "spo2", 2_000.0),
        # The pulse stands in the event alone; the pressure was told by line 18 and is the same measurement.
        ("PR", 74.0, "ok", "nibp.pr", 866.0),
    ]
    assert notices(items) == [("probe-off", "SPO2_OFF")]
    assert (driver.counters.frames, driver.counters.rejected) == (6, 0)


def test_without_times_the_devices_own_clock_counts_relative_or_from_the_start():
    relative, anchored = Line(), Line(assumed_start=NOW)
    relative.receive(WORKED, None)
    assert relative.is_relative
    assert not relative.needs_start
    items = anchored.receive(WORKED, None)
    assert not anchored.is_relative
    times = {signal: time for signal, _, _, _, time in readings(items)[:9]}
    assert times["HR"] == 62_234.0
    assert times["NIBP_SYS"] == 62_100.0


@pytest.mark.parametrize("bad", [b"*6A", b"*6", b"*6g", b"69", b"*069", b"*69x"])
def test_a_line_without_its_correct_checksum_is_refused(bad):
    driver = ready()
    line = LINE_17[:-4] + bad
    (refused,) = driver.receive(line + b"\n", NOW)
    assert (refused.kind, refused.raw) == ("frame-rejected", line)
    assert driver.counters.rejected == 1


def test_a_checksum_in_lower_case_is_not_correct():
    line = next(line for line in (d(1, t) for t in range(1, 99)) if any(c in b"ABCDEF" for c in line[-3:-1]))
    lowered = line[:-3] + line[-3:].lower()
    assert notices(ready().receive(lowered, NOW)) == [("frame-rejected", "checksum")]


def test_no_sample_is_taken_before_a_header():
    driver = Line()
    assert notices(driver.receive(LINE_17, NOW)) == [("frame-rejected", "no header yet")]
    assert len(readings(driver.receive(HEADER + LINE_18, NOW))) == 6


@pytest.mark.parametrize("payload", ["dev=x,rate=1", "dev=x,rate=1,fields=", "fields=t|hr|hr", "rate=x,fields=t|hr"])
def test_a_header_that_names_no_fields_is_refused(payload):
    driver = Line()
    assert notices(driver.receive(encode("H", payload), NOW))[0][0] == "frame-rejected"
    assert notices(driver.receive(LINE_17, NOW)) == [("frame-rejected", "no header yet")]


def test_fields_can_be_added_and_reordered():
    driver = Line()
    items = driver.receive(encode("H", "rate=1,fields=glucose|rr|t|temp"), NOW)
    items += driver.receive(encode("D", "1,5.5,14,1000,36.6"), NOW)
    assert values(items) == [("RR", 14.0, "ok"), ("TEMP", 36.6, "ok")]
    assert notices(items) == [("unknown-parameter", "field glucose")]


@pytest.mark.parametrize(
    "payload", ["17,61234,74,98,74,,,,", "17,61234,74,98,74,,,,,,", "x,61234,74,98,74,,,,,", "65536,61234,7,,,,,,,"]
)
def test_a_sample_of_another_shape_is_refused(payload):
    driver = ready()
    assert notices(driver.receive(encode("D", payload), NOW))[0][0] == "frame-rejected"
    assert (driver.counters.frames, driver.counters.rejected) == (1, 1)


@pytest.mark.parametrize("text", ["abc", "1e3", "nan", "inf", "7_4", "٧٤", "--7", "1" * 40])
def test_what_is_no_plain_number_is_refused(text):
    assert notices(ready().receive(d(1, 1000, hr=text), NOW)) == [("frame-rejected", "not a number")]


def test_empty_is_absent_and_zero_is_no_value():
    assert readings(ready().receive(d(1, 1000), NOW)) == []
    items = ready().receive(d(1, 1000, 0, 0, 0, 118, 0, 0, 900), NOW)
    assert values(items) == [
        ("HR", None, "zero"), ("PR", None, "zero"), ("SPO2", None, "zero"),
        ("NIBP_SYS", 118.0, "ok"), ("NIBP_DIA", None, "zero"), ("NIBP_MEAN", None, "zero"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ((118, "", 90), [("NIBP_SYS", 118.0, "ok"), ("NIBP_DIA", None, "invalid"), ("NIBP_MEAN", 90.0, "ok")]),
        (("", 76, ""), [("NIBP_SYS", None, "invalid"), ("NIBP_DIA", 76.0, "ok")]),
        ((76, 118, 90), [("NIBP_SYS", 76.0, "range"), ("NIBP_DIA", 118.0, "range"), ("NIBP_MEAN", 90.0, "range")]),
        ((80, 80, ""), [("NIBP_SYS", 80.0, "range"), ("NIBP_DIA", 80.0, "range")]),
        ((301, 76, 90), [("NIBP_SYS", 301.0, "range"), ("NIBP_DIA", 76.0, "ok"), ("NIBP_MEAN", 90.0, "ok")]),
    ],
)
def test_a_pressure_with_something_missing_or_wrong_is_marked(cells, expected):
    assert values(ready().receive(d(1, 1000, "", "", "", *cells, 900), NOW)) == expected


@pytest.mark.parametrize("cells", [("", "", 90), (0, 0, 90)])
def test_a_pressure_with_neither_systolic_nor_diastolic_is_dropped_and_told(cells):
    items = ready().receive(d(1, 1000, "", "", "", *cells, 900), NOW)
    assert (values(items), notices(items)) == ([], [("value-refused", "")])


# -- counter and clock -------------------------------------------------------------------------------------


def test_the_counter_tells_how_many_lines_were_lost_over_all_types_and_over_its_end():
    driver = ready()
    assert notices(driver.receive(d(65_533, 1000), NOW)) == []
    assert notices(driver.receive(encode("B", "65534,1500"), NOW)) == []
    assert notices(driver.receive(encode("E", "65535,1600,7,low battery"), NOW)) == [("device-event", "7")]
    assert notices(driver.receive(d(0, 2000), NOW)) == []
    assert notices(driver.receive(d(4, 3000), NOW)) == [("sequence-gap", "3")]


def test_an_error_of_the_device_is_told_with_code_and_text():
    (event,) = Line().receive(encode("E", "1,2000,17,battery low, 11 %"), NOW)
    assert (event.kind, event.code, event.text) == ("device-event", "17", "battery low, 11 %")


def test_a_device_whose_time_jumps_back_needs_a_new_header():
    driver = ready()
    driver.receive(d(17, 61_234, 74), NOW)
    items = driver.receive(d(0, 500, 75), NOW + S)
    assert notices(items) == [("device-restarted", ""), ("frame-rejected", "no header since the device restarted")]
    assert notices(driver.receive(d(1, 1_500, 76), NOW + 2 * S)) == [("frame-rejected", "no header yet")]
    assert values(driver.receive(HEADER + d(2, 2_500, 77), NOW + 3 * S)) == [("HR", 77.0, "ok")]


def test_a_header_sent_at_the_restart_is_the_new_one():
    driver = ready()
    driver.receive(d(17, 61_234, 74), NOW)
    items = driver.receive(HEADER + d(0, 500, 75), NOW + S)
    assert notices(items) == [("device-restarted", "")]
    assert values(items) == [("HR", 75.0, "ok")]


def test_bare_bytes_stay_in_order_over_a_restart():
    driver = Line(assumed_start=NOW)
    items = driver.receive(HEADER + d(1, 60_000, 74) + HEADER + d(0, 1_000, 75), None)
    assert [each[-1] for each in readings(items)] == [60_000.0, 61_000.0]


def test_lines_held_up_keep_their_distances():
    driver = ready()
    driver.receive(d(1, 1_000, 70), NOW)
    items = driver.receive(d(2, 2_000, 71) + d(3, 3_000, 72) + d(4, 4_000, 73), NOW + 3 * S)
    assert [each[-1] for each in readings(items)] == [1_000.0, 2_000.0, 3_000.0]
    assert {item.received for item in items} == {NOW + 3 * S}


# -- cuff --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.985, 0.995, 1.0, 1.005])
def test_a_board_whose_clock_runs_otherwise_than_ours_stays_on_ours(rate):
    driver = ready()
    for second in range(1, 3_600):
        at = NOW + second * S + second % 7 * 1_000
        (reading,) = driver.receive(d(second, round(second * 1_000 * rate), hr=70), at)
        assert 0 <= at - reading.time <= 50_000


def test_equal_determination_times_are_one_measurement_in_whatever_line():
    driver = ready()
    heard = driver.receive(encode("N", "1,900,118,76,90,74,OK"), NOW + S)
    for second in range(1, 200):
        heard += driver.receive(d(second + 1, 1_000 * second, "", "", "", 118, 76, 90, 900), NOW + second * S)
    assert [each[0] for each in values(heard)] == ["NIBP_SYS", "NIBP_DIA", "NIBP_MEAN", "PR"]
    again = driver.receive(d(201, 200_000, "", "", "", 118, 76, 90, 199_000), NOW + 200 * S)
    assert [each[0] for each in values(again)] == ["NIBP_SYS", "NIBP_DIA", "NIBP_MEAN"]
    assert abs(again[0].time - (NOW + 199 * S)) <= 100_000


def test_a_cuff_event_sent_long_after_is_dated_by_the_devices_clock():
    driver = ready()
    heard = driver.receive(LINE_18, NOW) + driver.receive(LINE_19, NOW + S) + driver.receive(LINE_20, NOW + 4 * S)
    assert [(each[0], each[-1]) for each in readings(heard)[-6:]] == [
        ("NIBP_SYS", -134.0), ("NIBP_DIA", -134.0), ("NIBP_MEAN", -134.0),
        ("PR", 1_000.0), ("SPO2", 1_000.0), ("PR", -134.0),
    ]  # fmt: skip
    alone = ready()
    alone.receive(d(1, 60_000), NOW)
    items = alone.receive(encode("N", "2,58000,118,76,90,74,OK"), NOW + 5 * S)
    assert {(item.time - NOW) / S for item in items if isinstance(item, Reading)} == {-2.0}


def test_the_first_measurement_is_dated_by_its_age():
    items = ready().receive(d(1, 600_000, "", "", "", 118, 76, 90, 300_000), NOW)
    assert readings(items)[0] == ("NIBP_SYS", 118.0, "ok", "nibp", -300_000.0)


@pytest.mark.parametrize("status", ["FAIL", "NIBP_FAIL_4", "motion, arm"])
def test_a_failed_cuff_is_told_once_and_is_no_number(status):
    driver = ready()
    items = driver.receive(encode("N", f"1,900,,,,,{status}"), NOW)
    items += driver.receive(d(2, 1_000, flags="NIBP_FAIL_4") + d(3, 2_000, flags="NIBP_FAIL_4"), NOW + S)
    assert notices(items) == [("cuff-failed", status)]
    assert values(items) == []


def test_a_failure_flag_is_told_when_it_appears():
    driver = ready()
    heard = driver.receive(d(1, 1_000, flags="NIBP_BUSY"), NOW)
    heard += driver.receive(d(2, 2_000, flags="NIBP_FAIL_4") + d(3, 3_000, flags="NIBP_FAIL_4"), NOW + S)
    heard += driver.receive(d(4, 61_000), NOW + 60 * S) + driver.receive(
        d(5, 62_000, flags="NIBP_FAIL_6"), NOW + 61 * S
    )
    assert notices(heard) == [("cuff-failed", "NIBP_FAIL_4"), ("cuff-failed", "NIBP_FAIL_6")]


@pytest.mark.parametrize("payload", ["1,900,118,76,90,74", "1,,118,76,90,74,OK", "1,x,118,76,90,74,OK"])
def test_a_cuff_event_of_another_shape_is_refused(payload):
    assert notices(Line().receive(encode("N", payload), NOW))[0][0] == "frame-rejected"


def test_a_pressure_without_a_determination_time_has_no_age_until_it_changes():
    driver = ready()
    items = driver.receive(d(1, 1_000, "", "", "", 118, 76, 90), NOW)
    items += driver.receive(d(2, 2_000, "", "", "", 118, 76, 90), NOW + S)
    items += driver.receive(d(3, 3_000, "", "", "", 121, 77, 92), NOW + 2 * S)
    assert [each[:3] for each in readings(items)] == [
        ("NIBP_SYS", 118.0, "age_unknown"), ("NIBP_DIA", 76.0, "age_unknown"), ("NIBP_MEAN", 90.0, "age_unknown"),
        ("NIBP_SYS", 121.0, "ok"), ("NIBP_DIA", 77.0, "ok"), ("NIBP_MEAN", 92.0, "ok"),
    ]  # fmt: skip


# -- flags -------------------------------------------------------------------------------------------------


def test_flags_say_what_values_are_worth_and_are_told_when_they_begin():
    driver = ready()
    items = driver.receive(d(1, 1_000, 74, 98, 75, flags="MOTION"), NOW)
    items += driver.receive(d(2, 2_000, 74, 98, 75, flags="MOTION|LOW_PERF"), NOW)
    items += driver.receive(d(3, 3_000, flags="LEAD_OFF|WET"), NOW)
    assert notices(items) == [
        ("signal-poor", "MOTION"), ("signal-poor", "LOW_PERF"), ("lead-off", "LEAD_OFF"),
        ("unknown-parameter", "flag WET"),
    ]  # fmt: skip
    doubted = [("HR", 74.0, "ok"), ("PR", 75.0, "questionable"), ("SPO2", 98.0, "questionable")]
    assert values(items) == [*doubted, *doubted, ("HR", None, "off")]


# -- JSON and free forms -----------------------------------------------------------------------------------

SHEET_JSON = (
    b'{"v":1,"seq":18,"t":62234,"hr":75,"spo2":98,"pr":75,"sys":118,"dia":76,"map":90,"nibp_t":62100,"flags":[]}\n'
)


def test_the_json_variant_is_the_same_but_unverified():
    assert readings(Line().receive(SHEET_JSON, NOW)) == [
        ("HR", 75.0, "unverified", "hr", 0.0),
        ("PR", 75.0, "unverified", "pr", 0.0),
        ("SPO2", 98.0, "unverified", "spo2", 0.0),
        ("NIBP_SYS", 118.0, "unverified", "nibp", -134.0),
        ("NIBP_DIA", 76.0, "unverified", "nibp", -134.0),
        ("NIBP_MEAN", 90.0, "unverified", "nibp", -134.0),
    ]


def test_json_null_and_absent_are_no_reading_zero_is_no_value_and_flags_count():
    line = json.dumps({"v": 1, "t": 1, "hr": None, "pr": 0, "flags": ["SPO2_OFF"]}).encode() + b"\n"
    items = Line().receive(line, NOW)
    assert values(items) == [("PR", None, "off"), ("SPO2", None, "off")]
    assert values(Line().receive(b'{"t":1,"pr":0}\n', NOW)) == [("PR", None, "zero")]


@pytest.mark.parametrize(
    "line",
    [
        b"{", b"[1]", b'{"hr":74', b'{"hr":"74"}', b'{"hr":true}', b'{"hr":NaN}', b'{"hr":1e999}', b'{"t":1.5}',
        b'{"hr":' + b"9" * 400 + b"}", b'{"nibp_t":' + b"9" * 400 + b',"sys":1,"dia":1}', b'{"t":1e300,"hr":70}',
        b'{"v":2,"hr":74}', b'{"seq":70000,"hr":74}', b'{"seq":-1}', b'{"t":-5}', b'{"flags":"x"}', b'{"flags":[1]}',
        b"{" + b"[" * 400, b'{"a":' + b"[" * 250 + b"]" * 249 + b"}", b'{"hr":74}{"hr":75}',
        b"{}", b'{"ts":1.5,"data":"24565331"}',
    ],
)  # fmt: skip
def test_json_that_is_not_one_object_of_plain_values_is_refused(line):
    driver = Line()
    (refused,) = driver.receive(line + b"\n", NOW)
    assert (refused.kind, refused.raw) == ("frame-rejected", line)
    assert (driver.counters.frames, driver.counters.rejected) == (0, 1)


LOOSE = [
    (b"75|98", [("PR", 75.0, "pr"), ("SPO2", 98.0, "spo2")]),
    (b"72.35|97.5", [("PR", 72.35, "pr"), ("SPO2", 97.5, "spo2")]),
    (b"SYS:120,DIA:80,PUL:75", [("NIBP_SYS", 120.0, "nibp"), ("NIBP_DIA", 80.0, "nibp"), ("PR", 75.0, "nibp.pr")]),
    (b"BP: 120/80, PR: 75", [("NIBP_SYS", 120.0, "nibp"), ("NIBP_DIA", 80.0, "nibp"), ("PR", 75.0, "nibp.pr")]),
    (
        b"STATUS:M1|SYS:120|DIA:80|MEAN:93|PR:75|SPO2:98",
        [("PR", 75.0, "pr"), ("SPO2", 98.0, "spo2"), ("NIBP_SYS", 120.0, "nibp"), ("NIBP_DIA", 80.0, "nibp"),
         ("NIBP_MEAN", 93.0, "nibp")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), LOOSE)
def test_free_forms_are_taken_only_where_the_setting_says_so_and_are_unverified(line, expected):
    assert notices(Line().receive(line + b"\r\n", NOW)) == [("frame-rejected", "no line of this protocol")]
    items = readings(Line(loose=True).receive(line + b"\r\n", NOW))
    assert [(signal, value, source) for signal, value, _, source, _ in items] == expected
    assert {status for _, _, status, _, _ in items} == {"unverified"}


def test_a_free_pressure_shown_again_at_once_is_one_and_minutes_later_another():
    driver = Line(loose=True)
    heard = [driver.receive(b"SYS:120,DIA:80\n", NOW + second * S) for second in (0, 1, 9, 19, 200)]
    assert [len(each) for each in heard] == [2, 0, 0, 0, 2]


def test_free_forms_without_times_need_a_start_and_are_a_second_apart():
    undated = Line(loose=True)
    undated.receive(b"75|98\n", None)
    assert undated.needs_start
    driver = Line(loose=True, assumed_start=NOW)
    items = driver.receive(b"75|98\n76|98\n", None)
    assert [each[-1] for each in readings(items)] == [0.0, 0.0, 1_000.0, 1_000.0]
    assert notices(items) == [("time-assumed", "time")]


# -- damage ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b"\n\n\r"])
def test_lines_may_end_in_any_way(end):
    assert len(readings(Line().receive(WORKED.replace(b"\n", end), NOW))) == 12


def test_what_stands_before_a_line_is_told():
    driver = ready()
    items = driver.receive(b"noise" + d(1, 1_000, 74) + LINE_17[:12] + d(2, 2_000, 75), NOW)
    assert [(item.kind, item.raw) for item in items if isinstance(item, Notice)] == [
        ("bytes-skipped", b"noise"),
        ("frame-rejected", LINE_17[:12]),
    ]
    assert [each[1] for each in values(items)] == [74.0, 75.0]


def test_a_line_of_512_characters_is_read_and_one_of_513_refused():
    for length, frames in ((512, 1), (513, 0)):
        payload = "E," + "1,5,9," + "x" * (length - len("$VS1,E,1,5,9,*XX"))
        driver = Line()
        driver.receive(encode("E", payload[2:]), NOW)
        assert (driver.counters.frames, driver.counters.rejected) == (frames, 1 - frames)


def test_endless_bytes_take_no_memory_and_are_refused_in_the_end():
    driver = ready()
    for _ in range(300):
        assert driver.receive(b"z" * 5_000, NOW) == []
    items = driver.receive(b"\n" + d(1, 1_000, 74), NOW)
    assert notices(items) == [("frame-rejected", "longer than 512 characters")]
    assert len(items[0].raw) == 512
    assert values(items) == [("HR", 74.0, "ok")]


def test_a_last_line_without_its_end_is_read_if_it_holds_together():
    driver = ready()
    driver.receive(LINE_17[:-1], NOW)
    assert len(readings(driver.finish(NOW))) == 3
    driver.receive(LINE_18[:-3], NOW)
    assert notices(driver.finish(NOW)) == [("frame-rejected", "cut at the end")]


def test_an_unknown_type_of_line_is_told_once():
    assert notices(Line().receive(encode("Q", "1,2") + encode("Q", "2,2"), NOW)) == [("unknown-parameter", "type Q")]


def test_samples_that_stay_away_are_told_once_until_they_come_again():
    driver = Line()
    driver.opened(NOW)
    driver.receive(HEADER + d(1, 1_000, 74), NOW)
    assert driver.wake() == NOW + 3 * S
    assert driver.send(NOW + 3 * S - 1) == b""
    assert driver.receive(b"", NOW + 3 * S - 1) == []
    assert driver.send(NOW + 3 * S) == b""
    assert notices(driver.receive(encode("B", "2,4000"), NOW + 3 * S)) == [("quiet", "stale")]
    assert driver.wake() is None
    driver.receive(d(3, 5_000, 74), NOW + 4 * S)
    assert driver.wake() == NOW + 7 * S


PIECES = st.one_of(
    st.sampled_from([*WORKED.splitlines(keepends=True), SHEET_JSON, b"75|98\r\n", b"SYS:120,DIA:80,PUL:75\n"]),
    st.binary(max_size=60),
    st.just(b"$" + b"q" * 600),
    st.builds(lambda kind, payload: encode(kind, payload), st.sampled_from("HDNBEQ"), st.text(max_size=30)),
    st.recursive(
        st.none() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: st.dictionaries(
            st.sampled_from(["t", "hr", "pr", "sys", "dia", "nibp_t", "seq", "flags", "v"]), inner | st.lists(inner)
        ),
        max_leaves=6,
    ).map(lambda given: json.dumps(given).encode() + b"\n"),
)


@settings(max_examples=150)
@given(st.lists(PIECES, max_size=12).map(b"".join), st.lists(st.integers(1, 700), max_size=40), st.booleans())
def test_any_bytes_in_any_pieces_give_the_same_items(data, cuts, is_stamped):
    at = NOW if is_stamped else None
    whole, sliced = Line(loose=True), Line(loose=True)
    expected = whole.receive(data, at) + whole.finish(at)
    items, start = [], 0
    for cut in [*cuts, len(data)]:
        items += sliced.receive(data[start : start + cut], at)
        start += cut
    items += sliced.finish(at)
    assert items == expected
    assert sliced.counters == whole.counters
