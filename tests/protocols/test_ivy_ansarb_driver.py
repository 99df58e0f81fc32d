"""The IVY 450C's driver: worked messages, empty fields and alarm texts, cuff events, pressures by label, damage."""

from __future__ import annotations

import csv
import io
from itertools import pairwise
from pathlib import Path

import pytest

from dashboard.cli import main
from devices.errors import SettingError
from devices.protocols.ivy_ansarb.driver import IvyAnsarb
from devices.reading import Notice, Reading

S = 1_000_000
NOW = 1_770_000_000 * S
REAL = Path(__file__).parent.parent / "captures" / "ivy450c.raw"
GOOD = ("HR=1;72;ECG-II-MON;;", "RR=1;14;;", "SPO2=1;97;PR=72 ;;", "NIBP=4;118;76;90;71;;", "P2=3;;;;NO TRANSDUCER;")
CUFF = [("NIBP_SYS", 118.0), ("NIBP_DIA", 76.0), ("NIBP_MEAN", 90.0), ("PR", 71.0)]


def message(*lines: str, waves: bytes = b"\x64" * 400) -> bytes:
    return b"\xffANSAR-B " + waves + b"".join(line.encode() + b"\r" for line in lines) + b"\xfe"


def nibp(fields: str) -> bytes:
    return message(f"NIBP={fields}")


def readings(items):
    return [
        (item.signal, item.value, item.status.value, item.source.partition(":")[2])
        for item in items
        if isinstance(item, Reading)
    ]


def cuff(items):
    return [each[:3] for each in readings(items) if each[3].startswith("nibp")]


def notices(items):
    return [(item.kind, item.code) for item in items if isinstance(item, Notice)]


def test_the_worked_messages_say_what_the_sheet_says():
    driver = IvyAnsarb()
    first = driver.receive(message(*GOOD), NOW)
    second = driver.receive(message("HR=3;;ECG-II-MON;LEAD OFF;", "SPO2=1;;PR= ;;", "NIBP=4;118;76;90;71;;"), NOW + S)
    assert readings(first) == [
        ("HR", 72.0, "unverified", "ecg.hr"),
        ("RR", 14.0, "unverified", "rr"),
        ("SPO2", 97.0, "unverified", "spo2"),
        ("PR", 72.0, "unverified", "spo2.pr"),
        ("NIBP_SYS", 118.0, "age_unknown", "nibp"),
        ("NIBP_DIA", 76.0, "age_unknown", "nibp"),
        ("NIBP_MEAN", 90.0, "age_unknown", "nibp"),
        ("PR", 71.0, "age_unknown", "nibp.pr"),
    ]
    assert {(item.time, item.received) for item in first} == {(NOW, NOW)}
    assert readings(second) == [
        ("HR", None, "off", "ecg.hr"),
        ("SPO2", None, "invalid", "spo2"),
        ("PR", None, "invalid", "spo2.pr"),
    ]
    assert notices(first) == [("device-event", "NO TRANSDUCER")]
    assert notices(second) == [("device-event", "HR=3"), ("lead-off", "LEAD OFF")]
    assert (driver.counters.frames, driver.counters.rejected) == (2, 0)


def test_a_real_monitor_s_bytes_are_decoded_as_its_readme_says(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as left:
        main(["decode", "ivy-ansarb", str(REAL), "--start", "2026-03-01T10:00:00Z"])
    out, err = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(out)))
    assert left.value.code in (0, None)
    shown = [(row["signal"], row["value"], row["status"], row["source"].partition(":")[2]) for row in rows]
    for expected in (
        ("HR", "80", "unverified", "ecg.hr"),
        ("SPO2", "100", "unverified", "spo2"),
        ("PR", "80", "unverified", "spo2.pr"),
        ("RR", "35", "unverified", "rr"),
    ):
        assert shown.count(expected) == 27
    assert [each for each in shown if each[3].startswith("nibp")] == [
        ("NIBP_SYS", "121", "age_unknown", "nibp"),
        ("NIBP_DIA", "75", "age_unknown", "nibp"),
        ("NIBP_MEAN", "92", "age_unknown", "nibp"),
        ("PR", "80", "age_unknown", "nibp.pr"),
    ]
    assert len(rows) == 27 * 4 + 4
    assert [row["time"] for row in rows if row["signal"] == "HR"][::26] == [
        "2026-03-01T10:00:00.000Z",
        "2026-03-01T10:00:26.000Z",
    ]
    assert "P1 is not labelled" in err
    assert err.splitlines()[-1].startswith("15426 bytes, 27 frames understood, 0 refused, 252 bytes outside frames")


def test_without_times_somebody_must_say_when_it_began():
    driver = IvyAnsarb()
    items = driver.receive(message(*GOOD), None)
    assert driver.needs_start
    assert notices(items)[0] == ("time-assumed", "")
    junk = IvyAnsarb()
    junk.receive(b"no message at all\r\n", None)
    assert not junk.needs_start


@pytest.mark.parametrize("rate", [128, 187, 240])
def test_rates_above_127_are_rates(rate):
    items = IvyAnsarb().receive(message(f"HR=1;{rate};ECG-I-MON;;", f"SPO2=1;90;PR={rate} ;;"), NOW)
    assert [each[1] for each in readings(items)] == [rate, 90.0, rate]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("HR=1;0;ECG-II-MON;;", ("HR", None, "zero", "ecg.hr")),
        ("HR=1;;ECG-II-MON;;", ("HR", None, "invalid", "ecg.hr")),
        ("HR=1;---;ECG-II-MON;;", ("HR", None, "invalid", "ecg.hr")),
        ("HR=1;310;ECG-II-MON;;", ("HR", 310.0, "range", "ecg.hr")),
        ("HR=1;80;ECG-II-DIAG;", ("HR", 80.0, "unverified", "ecg.hr")),
        ("HR=1;80;II;;", ("HR", 80.0, "unverified", "ecg.hr")),
        ("HR=1;80;PLETH;;", ("PR", 80.0, "unverified", "hr.pr")),
        ("HR=3;;ECG-II-MON;LEAD OFF", ("HR", None, "off", "ecg.hr")),
        ("T1=1;36.8;;", ("TEMP", 36.8, "unverified", "t1")),
        ("T2=1;98.6;;", ("TEMP", 98.6, "range", "t2")),
    ],
)
def test_a_field_is_a_number_or_a_reason_for_none(line, expected):
    assert readings(IvyAnsarb().receive(message(line), NOW)) == [expected]


@pytest.mark.parametrize(
    ("line", "status", "kind"),
    [
        ("SPO2=3;;PR= ;SENSOR OFF;", "off", "probe-off"),
        ("SPO2=3;;PR= ;NO SENSOR;", "off", "probe-off"),
        ("SPO2=3;;PR= ;SEARCHING;", "searching", "device-event"),
        ("SPO2=3;;PR= ;BAD SIGNAL;", "invalid", "device-event"),
    ],
)
def test_a_missing_saturation_says_why_and_is_told_once(line, status, kind):
    driver = IvyAnsarb()
    items = [item for second in range(5) for item in driver.receive(message(line), NOW + second * S)]
    assert readings(items) == [("SPO2", None, status, "spo2"), ("PR", None, status, "spo2.pr")] * 5
    assert [each[0] for each in notices(items)] == [kind]
    again = driver.receive(message("SPO2=1;97;PR=72 ;;"), NOW + 6 * S) + driver.receive(message(line), NOW + 7 * S)
    assert kind in [each[0] for each in notices(again)]


def test_a_module_that_is_not_there_gives_nothing_until_it_has_shown_a_value():
    driver = IvyAnsarb()
    assert readings(driver.receive(message("T1=1;;;", "RR=1;;;", "ETCO2=1;;;"), NOW)) == []
    driver.receive(message("RR=1;14;;"), NOW + S)
    assert readings(driver.receive(message("T1=1;;;", "RR=1;;;"), NOW + 2 * S)) == [("RR", None, "invalid", "rr")]


def test_the_cuff_is_told_once_however_often_it_is_shown():
    driver = IvyAnsarb()
    items = [item for second in range(100) for item in driver.receive(message(*GOOD), NOW + second * S)]
    assert cuff(items) == [(signal, value, "age_unknown") for signal, value in CUFF]


def test_a_number_that_changes_is_a_new_measurement_of_now():
    driver = IvyAnsarb()
    driver.receive(nibp("4;118;76;90;71;;"), NOW)
    items = driver.receive(nibp("4;119;76;90;71;;"), NOW + S)
    assert cuff(items) == [
        ("NIBP_SYS", 119.0, "unverified"),
        ("NIBP_DIA", 76.0, "unverified"),
        ("NIBP_MEAN", 90.0, "unverified"),
        ("PR", 71.0, "unverified"),
    ]
    assert {(item.time, item.received) for item in items} == {(NOW + S, NOW + S)}


def test_the_same_numbers_after_a_blank_display_were_measured_anew():
    driver = IvyAnsarb()
    shows = ["4;118;76;90;71;;", "4;;;;;;", "4;;;;;;", "4;118;76;90;71;;", "4;118;76;90;71;;"]
    items = [item for second, show in enumerate(shows) for item in driver.receive(nibp(show), NOW + second * S)]
    assert cuff(items)[4:] == [(signal, value, "unverified") for signal, value in CUFF]
    assert items[-1].time == NOW + 3 * S


def test_the_first_result_that_ends_while_we_listen_has_a_known_time():
    driver = IvyAnsarb()
    assert cuff(driver.receive(nibp("4;;;;;;"), NOW)) == []
    assert [each[2] for each in cuff(driver.receive(nibp("4;118;76;90;71;;"), NOW + S))] == ["unverified"] * 4


def test_the_same_numbers_under_another_state_are_shown_once_and_not_used():
    driver = IvyAnsarb()
    states = "4114414"
    items = [
        item
        for second, state in enumerate(states)
        for item in driver.receive(nibp(f"{state};118;76;90;71;;"), NOW + second * S)
    ]
    assert cuff(items) == [
        *((signal, value, "age_unknown") for signal, value in CUFF),
        *((signal, value, "questionable") for signal, value in CUFF),
    ]


def test_what_changed_while_nobody_heard_has_an_unknown_age():
    driver = IvyAnsarb()
    driver.receive(nibp("4;118;76;90;71;;"), NOW)
    driver.opened(NOW + 100 * S)
    assert cuff(driver.receive(nibp("4;118;76;90;71;;"), NOW + 101 * S)) == []
    assert [each[2] for each in cuff(driver.receive(nibp("4;150;90;110;88;;"), NOW + 102 * S))] == ["unverified"] * 4
    late = driver.receive(nibp("4;151;91;111;89;;"), NOW + 200 * S)
    assert [each[2] for each in cuff(late)] == ["age_unknown"] * 4


def test_numbers_out_of_order_are_marked():
    driver = IvyAnsarb()
    driver.receive(nibp("4;;;;;;"), NOW)
    items = driver.receive(nibp("4;118;90;76;71;;"), NOW + S)
    assert [each[2] for each in cuff(items)] == ["range", "range", "range", "unverified"]


def test_a_half_result_has_no_invented_half():
    driver = IvyAnsarb()
    driver.receive(nibp("4;;;;;;"), NOW)
    items = driver.receive(nibp("4;118;;;;;"), NOW + S)
    assert cuff(items) == [("NIBP_SYS", 118.0, "unverified"), ("NIBP_DIA", None, "invalid")]


def test_a_failed_cuff_is_a_notice_with_the_monitor_s_words():
    driver = IvyAnsarb()
    driver.receive(nibp("4;118;76;90;71;;"), NOW)
    items = [item for second in range(9) for item in driver.receive(nibp("4;;;;;;CUFF LEAK;"), NOW + second * S)]
    assert cuff(items) == []
    assert notices(items) == [("cuff-failed", "CUFF LEAK")]
    assert items[0].signal == "NIBP"


@pytest.mark.parametrize(
    ("setting", "line", "expected"),
    [
        ("", "P1=1;131;72;92;ART;;", [131.0, 72.0, 92.0]),
        ("", "P2=1;131;72;92;ABP;;", [131.0, 72.0, 92.0]),
        ("", "P1=1;131;72;92;;", []),
        ("", "P1=1;12;4;8;CVP;;", []),
        ("P1", "P1=1;131;72;92;;", [131.0, 72.0, 92.0]),
        ("p1", "P1=1;131;72;92;PA;;", []),
        ("P1", "P2=1;131;72;92;;", []),
    ],
)
def test_a_pressure_is_arterial_by_its_label_or_by_the_setting(setting, line, expected):
    items = IvyAnsarb(arterial=setting).receive(message(line), NOW)
    assert [(each[0], each[1]) for each in readings(items)] == list(
        zip(("ABP_SYS", "ABP_DIA", "ABP_MEAN"), expected, strict=False)
    )
    assert [each[0] for each in notices(items)] == ([] if expected else ["ignored"])


def test_an_arterial_line_that_comes_off_shows_no_value():
    driver = IvyAnsarb()
    driver.receive(message("P1=1;131;72;92;ART;;"), NOW)
    items = driver.receive(message("P1=3;;;;ART;TRANSDUCER OFF;"), NOW + S)
    assert [(each[1], each[2]) for each in readings(items)] == [(None, "off")] * 3
    assert ("device-event", "TRANSDUCER OFF") in notices(items)


def test_a_channel_that_is_none_is_refused_in_words():
    with pytest.raises(SettingError, match="give P1 or P2"):
        IvyAnsarb(arterial="P3")


def test_unknown_lines_and_fields_are_told_once_with_their_bytes():
    driver = IvyAnsarb()
    lines = ("BIS=1;45;;", "ETCO2=1;38;;;", "HR=1;7x;ECG-II-MON;;", "NIBP=4;118;")
    items = driver.receive(message(*lines), NOW)
    again = driver.receive(message(*lines), NOW + S)
    assert notices(items) == [
        ("unknown-parameter", "line BIS"),
        ("ignored", "ETCO2"),
        ("value-refused", "HR 0"),
        ("value-refused", "short NIBP"),
    ]
    assert items[0].raw == b"BIS=1;45;;"
    assert readings(items) == [("HR", None, "invalid", "ecg.hr")]
    assert notices(again) == []


def test_waves_may_hold_the_marks():
    waves = b"\xfe\xff" * 200
    driver = IvyAnsarb()
    assert len(readings(driver.receive(message(*GOOD, waves=waves), NOW))) == 8
    assert driver.counters.rejected == 0


@pytest.mark.parametrize(
    "spoilt", [b"HR=1;7\xb2;ECG-II-MON;;\r", b"HR=1;72;ECG-II-MON;;", b"HR 1;72;;\r", b"", b"72;ECG;;\r"]
)
def test_a_message_of_another_shape_is_refused_whole(spoilt):
    driver = IvyAnsarb()
    data = message()[:-1] + spoilt + b"\xfe"
    items = driver.receive(data + message(*GOOD), NOW)
    assert notices(items)[0] == ("frame-rejected", "text")
    assert len(readings(items)) == 8
    assert driver.counters.by_reason == {"text": 1}


@pytest.mark.parametrize("keep", [12, 200, 409, 415, 460])
def test_a_cut_message_costs_itself_alone(keep):
    driver = IvyAnsarb()
    whole = message(*GOOD)
    items = driver.receive(whole[:keep] + whole * 2, NOW)
    assert driver.counters.frames == 2
    assert notices(items)[0] == ("frame-rejected", "cut short")


def test_a_message_without_end_does_not_wait_for_ever():
    driver = IvyAnsarb()
    driver.receive(message()[:-1] + b"A" * 2_000, NOW)
    assert driver.counters.by_reason == {"no end": 1}
    assert driver.receive(message(*GOOD), NOW)
    assert driver.counters.frames == 1


def test_a_dump_is_dated_a_second_a_message():
    driver = IvyAnsarb(assumed_start=NOW)
    items = driver.receive(message("HR=1;72;ECG-II-MON;;") * 4, None)
    times = [item.time for item in items if isinstance(item, Reading)]
    assert times[0] == NOW
    assert {b - a for a, b in pairwise(times)} == {S}
    assert not driver.needs_start
