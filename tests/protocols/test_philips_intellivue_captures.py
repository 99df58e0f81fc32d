"""Bytes of IntelliVue monitors without stamps: captures of real ones, and bytes that begin anywhere."""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from intellivue_bytes import AT, BPM, CAPTURES, NAN, S, created, framed, numeric, pressures, result, system

from dashboard.cli import main
from devices import instant
from devices.protocols.philips_intellivue.driver import PhilipsIntellivue
from devices.reading import Notice, Reading


def decoded(capsys, path, *arguments):
    with pytest.raises(SystemExit) as left:
        main(["decode", "philips-intellivue", str(path), *arguments])
    assert left.value.code in (0, None)
    out, err = capsys.readouterr()
    return list(csv.DictReader(io.StringIO(out))), err


def test_a_capture_of_a_real_monitor_without_byte_stuffing(capsys):
    """MP90 on a patient simulator: 1426 frames, 238 results, heart rate 80, saturation 99 to 100, never a cuff."""
    rows, err = decoded(capsys, CAPTURES / "philips-mp90_A_unstuffed.raw")
    assert "516198 bytes, 1426 frames understood, 0 refused, 0 bytes outside frames, 476 readings" in err
    assert "Philips M8000" in err
    assert Counter(row["signal"] for row in rows) == {"HR": 238, "SPO2": 238}
    assert {row["value"] for row in rows if row["signal"] == "HR"} == {"80"}
    assert {float(row["value"]) for row in rows if row["signal"] == "SPO2"} <= {99 + n / 10 for n in range(11)}
    assert {row["status"] for row in rows} == {"ok"}
    # 12:57:01.00 at 12633600; the first result at 13118464.
    assert rows[0]["time"] == "2015-09-07T12:58:01.608Z"
    times = [instant.parse(row["time"]) for row in rows[::2]]
    assert {after - before for before, after in pairwise(times)} == {1_024_000}


def test_a_capture_with_a_sensor_off(capsys):
    rows, err = decoded(capsys, CAPTURES / "philips-mp90_D_unstuffed.raw")
    assert "546186 bytes, 1402 frames understood, 0 refused, 0 bytes outside frames, 468 readings" in err
    assert {row["value"] for row in rows if row["signal"] == "HR"} == {"140"}
    saturation = Counter(row["status"] for row in rows if row["signal"] == "SPO2")
    # 90 with state 8000 and 11 with state 2000, all of them NaN.
    assert saturation == {"ok": 133, "invalid": 90, "off": 11}
    values = {float(row["value"]) for row in rows if row["signal"] == "SPO2" and row["value"]}
    assert (min(values), max(values)) == (98.8, 100)
    assert err.count("probe-off") == 1


def test_a_capture_of_the_network_with_an_arterial_line_and_a_cuff(capsys, tmp_path):
    """In demo mode, so nothing of it counts; linked answers, two contexts, waves and alarms among the numbers."""
    path = CAPTURES / "philips-m8000_demo_lan.hex.txt"
    rows, err = decoded(capsys, path, "--hex")
    assert "7 frames understood, 0 refused, 0 bytes outside frames, 12 readings" in err
    assert {row["status"] for row in rows} == {"demo"}
    told = [(row["time"][11:19], row["signal"], row["value"], row["source"].partition(":")[2]) for row in rows]
    assert told[:4] == [
        ("14:45:00", "NIBP_SYS", "120", "nibp.sys"),
        ("14:45:00", "NIBP_DIA", "80", "nibp.dia"),
        ("14:45:00", "NIBP_MEAN", "90", "nibp.mean"),
        ("14:45:00", "PR", "60", "nibp.pr"),
    ]
    assert {each[1:] for each in told[4:]} == {
        ("ABP_SYS", "120", "abp.sys"),
        ("ABP_DIA", "70", "abp.dia"),
        ("ABP_MEAN", "91", "abp.mean"),
        ("PR", "60", "abp.pr"),
        ("HR", "60", "ecg.hr"),
        ("RR", "15", "resp.rr"),
        ("SPO2", "95", "spo2"),
        ("PR", "60", "spo2.pr"),
    }
    # The same as an export of the serial line would have it.
    serial = tmp_path / "serial.raw"
    serial.write_bytes(b"".join(framed(bytes.fromhex(line)) for line in path.read_text().split()))
    assert decoded(capsys, serial)[0] == rows


def test_a_capture_from_its_middle_on(capsys, tmp_path):
    """No association, no clock: times count from the first number, or from where a person says."""
    path = tmp_path / "middle.raw"
    path.write_bytes((CAPTURES / "philips-mp90_A_unstuffed.raw").read_bytes()[20_000:])
    rows, err = decoded(capsys, path)
    assert len(rows) > 440
    assert (rows[0]["time"], rows[2]["time"]) == ("+0.000", "+1.024")
    assert "time-assumed" in err
    rows, err = decoded(capsys, path, "--start", "2026-03-01T10:00:00Z")
    assert [rows[0]["time"], rows[2]["time"]] == ["2026-03-01T10:00:00.000Z", "2026-03-01T10:00:01.024Z"]


def test_the_same_in_hexadecimal(capsys, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text((CAPTURES / "philips-mp90_A_unstuffed.raw").read_bytes()[:20_000].hex())
    rows, err = decoded(capsys, path, "--hex")
    assert rows[0]["time"] == "2015-09-07T12:58:01.608Z"
    assert "20000 bytes, 57 frames understood, 0 refused, 352 bytes outside frames" in err


def messages_of(data):
    """The messages of a capture without byte stuffing, by their lengths."""
    place = 0
    while place < len(data):
        length = int.from_bytes(data[place + 3 : place + 5])
        yield data[place + 5 : place + 5 + length]
        place += length + 8


def spoken(items):
    return [item for item in items if isinstance(item, Reading)]


@pytest.mark.parametrize("name", ["A", "D"])
def test_the_same_bytes_as_on_the_wire_and_as_on_a_network_say_the_same(name):
    unstuffed = (CAPTURES / f"philips-mp90_{name}_unstuffed.raw").read_bytes()
    messages = list(messages_of(unstuffed))
    expected = spoken(PhilipsIntellivue().receive(unstuffed, None))
    for data in (b"".join(map(framed, messages)), b"".join(messages)):
        driver = PhilipsIntellivue()
        assert spoken(driver.receive(data, None)) == expected
        assert (driver.counters.frames, driver.counters.rejected, driver.counters.bytes_skipped) == (
            len(messages),
            0,
            0,
        )
    live = PhilipsIntellivue()
    live.opened(AT)
    items = [item for message in messages for item in spoken(live.receive(framed(message), AT))]
    assert [(item.signal, item.value, item.status) for item in items] == [
        (item.signal, item.value, item.status) for item in expected
    ]


def wire(*messages):
    return b"".join(framed(message) for message in messages)


def test_the_monitors_clock_is_read_in_its_zone():
    driver = PhilipsIntellivue(zone=ZoneInfo("Europe/Berlin"))
    items = driver.receive(
        wire(created("2026-05-14 11:30:00.00", 0), result(numeric(0x4182, BPM, 72), ticks=8_000)), None
    )
    assert [item.time for item in items if isinstance(item, Reading)] == [AT + S]
    assert not driver.is_relative


def test_the_time_in_a_result_itself_dates_it():
    wall = bytes.fromhex("2026051409300500")
    driver = PhilipsIntellivue()
    items = driver.receive(wire(result(numeric(0x4182, BPM, 72), ticks=777, absolute=wall, extended=False)), None)
    assert [item.time for item in items if isinstance(item, Reading)] == [AT + 5 * S]


def test_what_came_before_the_first_time_is_told_with_it():
    driver = PhilipsIntellivue()
    items = driver.receive(b"boot\r\n" + wire(created(), result(numeric(0x4182, BPM, 72), ticks=8_000)), None)
    skipped = [item for item in items if isinstance(item, Notice) and item.kind == "bytes-skipped"]
    assert [item.time for item in skipped] == [AT]


def test_a_clock_told_only_later_moves_no_time_that_was_said():
    """Times count from the first number then; the cuff's age is known all the same."""
    driver = PhilipsIntellivue()
    driver.assumed_start = AT
    items = driver.receive(
        wire(
            result(numeric(0x4182, BPM, 72), ticks=8_000),
            system("2030-01-01 00:00:10.00", 80_000),
            result(pressures(0x4A04, 118, 76, 90, "2030-01-01 00:00:08.00"), ticks=88_000),
        ),
        None,
    )
    readings = [item for item in items if isinstance(item, Reading)]
    assert [item.time for item in readings] == [AT, *[AT + 7 * S] * 3]


def test_a_monitor_that_starts_anew_does_not_turn_time_back():
    driver = PhilipsIntellivue()
    items = driver.receive(
        wire(*(result(numeric(0x4182, BPM, 72), ticks=each) for each in (800_000, 808_192, 4_000, 12_192))), None
    )
    times = [item.time for item in items if isinstance(item, Reading)]
    assert times == sorted(times)
    assert [item.kind for item in items if isinstance(item, Notice)][-1] == "device-restarted"


def test_stamps_of_a_capture_go_before_the_monitors_clock():
    driver = PhilipsIntellivue()
    items = driver.receive(wire(created("2031-01-01 00:00:00.00", 0), result(numeric(0x4182, BPM, NAN, 0x8000))), AT)
    assert {item.time for item in items} == {AT}
