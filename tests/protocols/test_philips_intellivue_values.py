"""What an IntelliVue monitor's numbers are of and worth: states, special numbers, units, labels, modes."""

from __future__ import annotations

import struct

import pytest
from intellivue_bytes import (
    AT,
    BPM,
    CELSIUS,
    KPA,
    MMHG,
    NAN,
    PERCENT,
    RESULT,
    RPM,
    S,
    attribute,
    counted,
    created,
    framed,
    numeric,
    pressures,
    record,
    result,
    system,
)

from devices.protocols.base import Driver
from devices.protocols.philips_intellivue.driver import PhilipsIntellivue
from devices.reading import Notice, Reading, Status

OK, NONE = Status.OK, None


def heard(*messages: bytes, driver: PhilipsIntellivue | None = None, at: int | None = AT):
    driver = driver or PhilipsIntellivue()
    return driver.receive(b"".join(framed(message) for message in messages), at)


def numbers(items):
    return [
        (item.signal, item.value, item.status, item.source.partition(":")[2])
        for item in items
        if isinstance(item, Reading)
    ]


def notices(items, *kinds):
    return [item for item in items if isinstance(item, Notice) and (item.kind in kinds or not kinds)]


def test_it_is_a_driver():
    driver = PhilipsIntellivue()
    assert isinstance(driver, Driver)
    assert (driver.name, driver.wake(), driver.needs_start) == ("philips-intellivue", None, False)


def test_the_sheets_result_says_what_it_should():
    """Section 8.5. No clock was told, so that the cuff's age is not known."""
    items = PhilipsIntellivue().receive(RESULT, AT)
    unknown = Status.AGE_UNKNOWN
    assert numbers(items) == [
        ("HR", 72, OK, "ecg.hr"),
        ("SPO2", 97.3, OK, "spo2"),
        ("NIBP_SYS", 128, unknown, "nibp.sys"),
        ("NIBP_DIA", 76, unknown, "nibp.dia"),
        ("NIBP_MEAN", 93, unknown, "nibp.mean"),
    ]
    assert {(item.time, item.received) for item in items} == {(AT, AT)}
    assert notices(items) == []


def test_with_the_monitors_clock_its_cuff_is_dated():
    """The clock said 09:30:00 at 0; 1234567 units of 1/8 ms later a result of 09:30:25 is 129.320875 s old."""
    driver = PhilipsIntellivue()
    heard(created("2026-05-14 09:30:00.00", 0), driver=driver)
    items = driver.receive(RESULT, AT + 154_320_875)
    cuff = [item for item in items if isinstance(item, Reading) and item.signal.startswith("NIBP")]
    assert {(item.time, item.status) for item in cuff} == {(AT + 25 * S, OK)}


@pytest.mark.parametrize(
    ("raw", "value", "status"),
    [
        (0x00000048, 72, OK),
        (0xFF0003E8, 100.0, OK),
        (0xFE0059D8, 230.0, OK),
        (0x0100000D, 130, OK),
        (0xFF0003CD, 97.3, OK),
        (0x00000080, 128, OK),
        (0x000000FF, 255, OK),
        (0x007FFFFF, None, Status.INVALID),
        (0x007FFFFE, None, Status.INVALID),
        (0x00800002, None, Status.INVALID),
        (0x00800000, None, Status.INVALID),
        (0x00800001, None, Status.INVALID),
        (0x00FFFFFF, -1, Status.RANGE),
        (0x00000013, 19, Status.RANGE),
        (0x0000012D, 301, Status.RANGE),
    ],
)
def test_float_numbers(raw, value, status):
    items = heard(result(numeric(0x4182, BPM, raw)))
    assert numbers(items) == [("HR", value, status, "ecg.hr")]


@pytest.mark.parametrize(
    ("state", "value", "status"),
    [
        (0x0000, 72, OK),
        (0x0001, 72, OK),
        (0x0002, 72, OK),
        (0x0083, 72, OK),
        (0x8000, None, Status.INVALID),
        (0x8001, None, Status.INVALID),
        (0x2000, None, Status.OFF),
        (0x1000, None, Status.INVALID),
        (0x4000, 72, Status.QUESTIONABLE),
        (0x0800, 72, Status.TEST),
        (0x0400, 72, Status.DEMO),
        (0x0C00, 72, Status.TEST),
        (0x4400, 72, Status.DEMO),
        (0x0100, 72, Status.QUESTIONABLE),
        (0x0020, None, Status.MEASURING),
        (0xA000, None, Status.INVALID),
    ],
)
def test_states(state, value, status):
    """Section 5.1: a value counts where the upper byte is 0; alarms leave it valid."""
    items = heard(result(numeric(0x4182, BPM, 72, state)))
    assert numbers(items) == [("HR", value, status, "ecg.hr")]


def test_a_state_without_value_beats_the_number_that_comes_with_it():
    assert numbers(heard(result(numeric(0x4BB8, PERCENT, 98, 0x8000)))) == [("SPO2", None, Status.INVALID, "spo2")]


@pytest.mark.parametrize(
    ("physio", "unit", "status", "value"),
    [
        (0x4182, BPM, OK, 0),
        (0x4822, BPM, Status.ZERO, None),
        (0x4BB8, PERCENT, Status.ZERO, None),
        (0x500A, RPM, Status.ZERO, None),
    ],
)
def test_a_heart_rate_of_zero_is_a_measurement_and_nothing_else_is(physio, unit, status, value):
    """Captured: asystole shows 0 with state 0002."""
    assert [found[1:3] for found in numbers(heard(result(numeric(physio, unit, 0, 0x0002))))] == [(value, status)]


@pytest.mark.parametrize(
    ("physio", "unit", "raw", "expected"),
    [
        (0x4182, BPM, 187, ("HR", 187, OK, "ecg.hr")),
        (0x4822, BPM, 187, ("PR", 187, OK, "spo2.pr")),
        (0x480A, BPM, 187, ("PR", 187, OK, "art.pr")),
        (0x4BB8, PERCENT, 0xFF0003CD, ("SPO2", 97.3, OK, "spo2")),
        (0x4BC8, PERCENT, 97, ("SPO2", 97, OK, "spo2-left")),
        (0x4BCC, PERCENT, 97, ("SPO2", 97, OK, "spo2-right")),
        (0x500A, RPM, 14, ("RR", 14, OK, "resp.rr")),
        (0x5012, RPM, 14, ("RR", 14, OK, "co2.rr")),
        (0x4B60, CELSIUS, 0xFF000170, ("TEMP", 36.8, OK, "temp-core")),
        (0x4B48, 0x1140, 0xFF0003D8, ("TEMP", 36.89, OK, "temp")),
    ],
)
def test_quantities(physio, unit, raw, expected):
    assert numbers(heard(result(numeric(physio, unit, raw)))) == [expected]


@pytest.mark.parametrize(
    ("label", "own"),
    [
        (0x80035402, "abp.pr"),
        (0x80035403, "art.pr"),
        (0x80035434, "art-fap.pr"),
        (0x80035422, "p1.pr"),
        (0x0002480A, "pulse.pr"),
        (0x80035405, None),
        (0x80035406, None),
    ],
)
def test_a_pulse_is_named_by_its_label(label, own):
    """One physio id serves all lines; a pulse in a vein or the lung's artery is none of ours."""
    found = [each[3] for each in numbers(heard(result(numeric(0x480A, BPM, 80, label=label))))]
    assert found == ([own] if own else [])


def test_a_label_that_was_told_once_is_remembered_until_the_association_ends():
    driver = PhilipsIntellivue()
    own = []
    for number, message in enumerate(
        [
            result(numeric(0x480A, BPM, 80, label=0x80035402), ticks=8_192),
            result(numeric(0x480A, BPM, 81), ticks=16_384),
            created(ticks=20_000),
            result(numeric(0x480A, BPM, 82), ticks=28_000),
        ]
    ):
        own += [each[3] for each in numbers(heard(message, driver=driver, at=AT + number * S))]
    assert own == ["abp.pr", "abp.pr", "art.pr"]


@pytest.mark.parametrize(
    ("first", "name"), [(0x4A14, "abp"), (0x4A10, "art"), (0x4A0C, "art-ao"), (0xF0BC, "art-fap"), (0x4A28, "art-uap")]
)
def test_arterial_pressures(first, name):
    expected = [
        ("ABP_SYS", 140, OK, f"{name}.sys"),
        ("ABP_DIA", 80, OK, f"{name}.dia"),
        ("ABP_MEAN", 101, OK, f"{name}.mean"),
    ]
    assert numbers(heard(result(pressures(first, 140, 80, 101)))) == expected


def test_pressures_are_picked_by_their_id_not_their_order():
    values = [record(0x4A17, MMHG, 101), record(0x4A15, MMHG, 140), record(0x4A16, MMHG, 80)]
    message = result(struct.pack(">H", 7) + counted([attribute(0x094B, counted(values))]))
    assert {found[:2] for found in numbers(heard(message))} == {("ABP_SYS", 140), ("ABP_DIA", 80), ("ABP_MEAN", 101)}


def test_kilopascals_become_millimetres():
    items = heard(result(pressures(0x4A14, 0xFF0000A0, 0xFF00006B, 0xFF00007D, unit=KPA)))
    assert [found[1] for found in numbers(items)] == [120.00992, 80.256634, 93.75775]


@pytest.mark.parametrize("first", [0x4A1C, 0x4A44, 0x4A00, 0xF0A4, 0x5808])
def test_other_pressures_are_left_out_and_told_once(first):
    driver = PhilipsIntellivue()
    items = heard(*(result(pressures(first, 30, 12, 18), ticks=8_192 * n) for n in range(1, 4)), driver=driver)
    assert numbers(items) == []
    assert [(item.kind, item.code) for item in notices(items)] == [("ignored", f"{first + 1:04X}")]


def test_a_unit_that_cannot_be_is_refused_once():
    driver = PhilipsIntellivue()
    messages = [result(pressures(0x4A14, 140, 80, 101, unit=BPM), ticks=8_192 * n) for n in (1, 2)]
    items = heard(*messages, result(numeric(0x4182, PERCENT, 72), ticks=30_000), driver=driver)
    assert numbers(items) == []
    refused = notices(items, "value-refused")
    assert [(item.signal, item.code) for item in refused] == [
        ("ABP_SYS", "0AA0"), ("ABP_DIA", "0AA0"), ("ABP_MEAN", "0AA0"), ("HR", "0220"),
    ]  # fmt: skip
    assert all(item.raw for item in refused)


def test_what_is_not_known_is_told_once_with_its_bytes():
    driver = PhilipsIntellivue()
    items = heard(*(result(numeric(0x4FFE, BPM, 3), ticks=8_192 * n) for n in range(1, 5)), driver=driver)
    (told,) = notices(items)
    assert (told.kind, told.code, told.raw) == ("unknown-parameter", "4FFE", record(0x4FFE, BPM, 3))


def test_what_a_monitor_commonly_sends_beside_our_signals_is_known():
    # The numbers and states of a public log of an MP70 in demo mode (wlbaker/mdrepo, logExtendedLinked.txt).
    mm, per_minute_volume = 0x0512, 0x0C00
    driver = PhilipsIntellivue()
    sent = [
        pressures(0x4A1C, 28, 15, 21, state=0x0402),
        numeric(0x480A, BPM, 60, 0x0401, label=0x80035408, handle=2),
        numeric(0xE014, CELSIUS, 0xFE000E76, 0x0400, handle=3),
        numeric(0xE018, CELSIUS, 0xFEFFFFFE, 0x0400, handle=4),
        numeric(0x50B0, MMHG, 30, 0x0400, handle=5),
        numeric(0x5012, RPM, 30, 0x0400, handle=6),
        numeric(0x4B04, per_minute_volume, NAN, 0x2400, handle=7),
        *(numeric(0x0301 + lead, mm, NAN, 0x8400, handle=8 + lead) for lead in range(8)),
    ]
    items = heard(result(*sent), result(*sent, ticks=8_192), driver=driver)
    assert numbers(items)[:2] == [("TEMP", 37.02, Status.DEMO, "temp-blood"), ("RR", 30, Status.DEMO, "co2.rr")]
    assert [(item.kind, item.code) for item in notices(items)] == [
        ("ignored", code) for code in ("4A1D", "480A", "E018", "50B0", "4B04", "0301")
    ]


def test_a_setting_is_no_measurement():
    items = heard(result(numeric(0x4B48, CELSIUS, 37, label=0x04024B48)))
    assert numbers(items) == []
    assert [item.kind for item in notices(items)] == ["ignored"]


def test_attributes_that_are_not_known_are_stepped_over():
    strange = [attribute(name, bytes(length)) for name, length in ((0xF237, 4), (0xF998, 0), (0xF008, 2), (0xF009, 7))]
    observation = struct.pack(">H", 5) + counted([*strange, attribute(0x0950, record(0x4182, BPM, 72)), strange[3]])
    assert numbers(heard(result(observation))) == [("HR", 72, OK, "ecg.hr")]


def test_several_contexts_are_read():
    contexts = [
        struct.pack(">H", 0) + counted([numeric(0x4182, BPM, 72)]),
        struct.pack(">H", 9) + counted([]),
        struct.pack(">H", 11) + counted([numeric(0x4BB8, PERCENT, 98), numeric(0x4822, BPM, 71, handle=6)]),
    ]
    assert [found[:2] for found in numbers(heard(result(contexts=contexts)))] == [("HR", 72), ("SPO2", 98), ("PR", 71)]


def test_two_oximeters_without_a_label_are_two_sources():
    driver = PhilipsIntellivue()
    own = []
    for number in (1, 2):
        both = [numeric(0x4BB8, PERCENT, 98, handle=1), numeric(0x4BB8, PERCENT, 93, handle=2)]
        own += [
            (value, name) for _, value, _, name in numbers(heard(result(*both, ticks=8_192 * number), driver=driver))
        ]
    assert own == [(98, "spo2"), (93, "spo2-2")] * 2


def test_one_number_a_second_whatever_asks_for_it():
    driver = PhilipsIntellivue()
    values = []
    for number, ticks in enumerate((8_000, 8_000, 10_000, 15_100, 15_300, 24_000)):
        values += [
            found[1] for found in numbers(heard(result(numeric(0x4182, BPM, 70 + number), ticks=ticks), driver=driver))
        ]
    assert values == [70, 74, 75]


def test_linked_parts_are_read_as_they_come():
    driver = PhilipsIntellivue()
    parts = [
        result(numeric(0x4182, BPM, 72), ticks=8_000, link=(1, 1)),
        result(numeric(0x4BB8, PERCENT, 98), ticks=8_000, link=(2, 2)),
        result(numeric(0x500A, RPM, 14), ticks=8_000, link=(2, 3)),
        result(numeric(0x4822, BPM, 71), ticks=8_000, link=(3, 4)),
        result(ticks=8_000),
    ]
    assert [numbers(heard(part, driver=driver)) != [] for part in parts] == [True, True, True, True, False]
    assert (driver.counters.frames, driver.counters.rejected) == (5, 0)


# Modes and states of the monitor.


def test_the_monitor_says_once_who_it_is():
    driver = PhilipsIntellivue()
    items = heard(created(), created(), driver=driver)
    assert [item.text for item in notices(items, "device-event")] == [
        "the monitor is a Philips M8000, labelled 'BED 7'",
        "the monitor's operating mode is monitoring",
    ]


@pytest.mark.parametrize(("mode", "status"), [(0x2000, Status.DEMO), (0x1000, Status.TEST), (0x6000, Status.DEMO)])
def test_numbers_of_a_monitor_in_demo_or_service_mode_are_marked(mode, status):
    driver = PhilipsIntellivue()
    items = heard(
        created(mode=mode),
        result(
            numeric(0x4182, BPM, 72), numeric(0x4BB8, PERCENT, NAN, 0x8000, handle=2),
            pressures(0x4A04, 118, 76, 90, "2026-05-14 09:29:50.00"), ticks=8_000,
        ),
        driver=driver,
    )  # fmt: skip
    found = {(signal, value): worth for signal, value, worth, _ in numbers(items)}
    assert found == {
        ("HR", 72): status, ("SPO2", None): Status.INVALID, ("NIBP_SYS", 118): status, ("NIBP_DIA", 76): status,
        ("NIBP_MEAN", 90): status,
    }  # fmt: skip
    assert [item.code for item in notices(items, "device-event")][-1] == f"{mode:04X}"


def test_a_monitor_that_leaves_the_demo_mode_is_believed_again():
    driver = PhilipsIntellivue()
    heard(created(mode=0x2000), driver=driver)
    heard(system("2026-05-14 09:30:05.00", 40_000, mode=0x4000), driver=driver, at=AT + 5 * S)
    assert numbers(heard(result(numeric(0x4182, BPM, 72), ticks=48_000), driver=driver)) == [("HR", 72, OK, "ecg.hr")]


def test_a_sensor_that_comes_off_is_told_once():
    driver = PhilipsIntellivue()
    items = []
    for number, state in enumerate((0, 0x8000, 0x2000, 0x8000, 0, 0x8001)):
        value = NAN if state else 98
        both = (numeric(0x4BB8, PERCENT, value, state), numeric(0x4182, BPM, 72, handle=2))
        items += heard(result(*both, ticks=8_192 * number), driver=driver, at=AT + number * S)
    told = notices(items, "probe-off")
    assert [(item.signal, item.code, item.time) for item in told] == [
        ("SPO2", "8000", AT + S),
        ("SPO2", "8001", AT + 5 * S),
    ]


def test_an_electrode_that_comes_off_and_a_doubted_value_are_told():
    driver = PhilipsIntellivue()
    items = heard(
        result(numeric(0x4182, BPM, NAN, 0x8000), ticks=8_192),
        result(numeric(0x4182, BPM, 72, 0x4000), ticks=16_384),
        driver=driver,
    )
    assert [(item.kind, item.signal) for item in notices(items)] == [("lead-off", "HR"), ("signal-poor", "HR")]


@pytest.mark.parametrize(
    ("object_class", "kind"),
    [(9, "ignored"), (5, "ignored"), (0x2A, "ignored"), (0x36, "device-event"), (0x77, "unknown-parameter")],
)
def test_other_objects_are_left_out_and_told_once(object_class, kind):
    driver = PhilipsIntellivue()
    secret = struct.pack(">H", 1) + counted([attribute(0x095D, b"\0DOE, JANE")])
    items = heard(*(result(secret, ticks=8_192 * n, object_class=object_class) for n in (1, 2)), driver=driver)
    assert [item.kind for item in items if isinstance(item, Notice)] == [kind]
    assert "DOE" not in repr(items)
    assert driver.counters.frames == 2


def test_lengths_that_contradict_each_other_are_refused_whole():
    message = bytearray(result(numeric(0x4182, BPM, 72), numeric(0x4BB8, PERCENT, 98, handle=2)))
    message[message.index(b"\x09\x50") + 3] = 0xF0
    driver = PhilipsIntellivue()
    items = heard(bytes(message), driver=driver)
    assert [(item.kind, item.code) for item in items] == [("frame-rejected", "shape")]
    assert (driver.counters.frames, driver.counters.by_reason) == (0, {"shape": 1})
