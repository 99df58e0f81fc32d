"""What GE DRI numbers mean: codes, statuses, labels, sources of the rate, flags told when they change."""

from __future__ import annotations

import pytest
from ge_dri_bytes import S, T, aux, basic, cuff, ext1, frame, shown, sub

from devices.protocols.ge_dri.driver import GeDri
from devices.reading import Notice, Reading
from devices.signals import PulseOrigin, pulse_origin

NONE = -32767


def ecg(status=0x0B, hr=72, rr=NONE):
    return (status, 0x2200, hr, NONE, NONE, NONE, rr)


def heard(*wires, driver=None):
    driver = driver or GeDri()
    items = []
    for wire in wires:
        items += driver.receive(wire, T * S)
    return items


def readings(items):
    return {
        item.source.partition(":")[2]: (item.signal, item.value, str(item.status))
        for item in items
        if isinstance(item, Reading)
    }


def told(items, *kinds):
    return [(item.kind, item.text) for item in items if isinstance(item, Notice) and item.kind in kinds]


@pytest.mark.parametrize(
    ("raw", "value", "status"),
    [
        (72, 72.0, "ok"),
        (0, 0.0, "ok"),
        (350, 350.0, "ok"),
        (351, 351.0, "range"),
        (-1, -1.0, "range"),
        (-32000, -32000.0, "range"),
        (-32001, None, "invalid"),
        (-32762, None, "invalid"),
        (-32763, None, "invalid"),
        (-32764, None, "invalid"),
        (-32765, None, "invalid"),
        (-32766, None, "invalid"),
        (-32767, None, "invalid"),
        (-32768, None, "invalid"),
    ],
)
def test_a_heart_rate_is_a_number_a_code_or_out_of_range(raw, value, status):
    assert readings(heard(shown(ecg=ecg(hr=raw))))["ecg.hr"] == ("HR", value, status)


@pytest.mark.parametrize(
    ("raw", "value", "status"),
    [
        (9_725, 97.25, "ok"),
        (10_000, 100.0, "ok"),
        (10_001, 100.01, "range"),
        (0, None, "zero"),
        (-1, -0.01, "range"),
        (-32766, None, "invalid"),
    ],
)
def test_a_saturation_is_in_hundredths(raw, value, status):
    assert readings(heard(shown(spo2=(3, 0, raw, 72))))["spo2.spo2"] == ("SPO2", value, status)


@pytest.mark.parametrize(
    ("raw", "value", "status"),
    [
        (13_100, 131.0, "ok"),
        (13_133, 131.33, "ok"),
        (-9_900, -99.0, "ok"),
        (-9_901, -99.01, "range"),
        (-32767, None, "invalid"),
    ],
)
def test_a_pressure_is_in_hundredths_and_never_minus_327(raw, value, status):
    assert readings(heard(shown(p1=(3, 1, raw, 7_200, 9_200, 72))))["p1.sys"] == ("ABP_SYS", value, status)


@pytest.mark.parametrize(
    ("code", "text"), [(-32764, "under range"), (-32763, "over range"), (-32762, "not calibrated")]
)
def test_why_a_value_is_none_is_told_when_it_begins_and_when_it_ends(code, text):
    driver = GeDri()
    items = heard(
        *(shown(n, T + 5 * n, t1=(3, 11, raw)) for n, raw in enumerate((3_650, code, code, 3_660))), driver=driver
    )
    assert told(items, "device-event") == [
        ("device-event", f"TEMP (t1.temp) is {text}"),
        ("device-event", f"no longer: TEMP (t1.temp) is {text}"),
    ]
    values = [(item.value, str(item.status)) for item in items if isinstance(item, Reading)]
    assert values == [(36.5, "ok"), (None, "invalid"), (None, "invalid"), (36.6, "ok")]


def test_an_absent_module_is_no_reading_and_an_inactive_one_is_off():
    items = heard(
        shown(
            ecg=(0, 0, 72, 0, 0, 0, 14),
            spo2=(1, 0, -32766, -32766),
            p1=(1, 1, 12_000, 8_000, 9_300, 70),
            t1=(2, 11, 3_650),
        )
    )
    assert readings(items) == {
        "spo2.spo2": ("SPO2", None, "off"),
        "spo2.pr": ("PR", None, "off"),
        "p1.sys": ("ABP_SYS", None, "off"),
        "p1.dia": ("ABP_DIA", None, "off"),
        "p1.mean": ("ABP_MEAN", None, "off"),
        "p1.pr": ("PR", None, "off"),
    }


def test_a_sensor_that_goes_off_is_told_once_and_so_is_its_return():
    wires = [shown(n, T + 5 * n, spo2=(status, 0, 9_700, 70)) for n, status in enumerate((3, 1, 1, 3))]
    assert told(heard(*wires), "probe-off", "device-event") == [
        ("probe-off", "the oximeter (spo2) is not active"),
        ("device-event", "no longer: the oximeter (spo2) is not active"),
    ]
    items = heard(shown(ecg=ecg(status=0x01)))
    assert told(items, "lead-off") == [("lead-off", "the ECG is not active")]
    assert readings(items)["ecg.hr"] == ("HR", None, "off")


SOURCES = [
    (0, "HR", "ecg.hr", None),
    (1, "HR", "ecg.hr", None),
    (2, "PR", "hr.p1", PulseOrigin.LINE),
    (3, "PR", "hr.p2", PulseOrigin.LINE),
    (4, "PR", "hr.p3", PulseOrigin.LINE),
    (5, "PR", "hr.p4", PulseOrigin.LINE),
    (6, "PR", "hr.spo2", PulseOrigin.OXIMETER),
    (7, "PR", "hr.p5", PulseOrigin.LINE),
    (8, "PR", "hr.p6", PulseOrigin.LINE),
    (9, "HR", "ecg.hr", None),
    (10, "PR", "hr.p7", PulseOrigin.LINE),
    (11, "PR", "hr.p8", PulseOrigin.LINE),
    (12, "PR", "hr.spo2-2", PulseOrigin.OXIMETER),
    (13, "PR", "hr.source13", PulseOrigin.OXIMETER),
]


@pytest.mark.parametrize(("source", "signal", "name", "origin"), SOURCES)
def test_the_displayed_rate_is_named_by_its_source(source, signal, name, origin):
    items = heard(shown(0, ecg=ecg(3 | source << 3)), shown(1, T + 5, ecg=ecg(3 | source << 3)))
    assert readings(items) == {name: (signal, 72.0, "ok"), "ecg.imp_rr": ("RR", None, "invalid")}
    if origin is not None:
        assert pulse_origin(f"ge-dri:{name}") is origin
    assert len(told(items, "unknown-parameter")) == (1 if source == 13 else 0)


def test_a_captured_ecg_status_is_source_nine_with_two_channels_off():
    items = heard(shown(0, ecg=ecg(0x304B, 78)), shown(1, T + 5, ecg=ecg(0x304B, 78)))
    assert readings(items)["ecg.hr"] == ("HR", 78.0, "ok")
    assert told(items, "lead-off") == [("lead-off", "ECG channel 2 is off"), ("lead-off", "ECG channel 3 is off")]


@pytest.mark.parametrize(
    ("bit", "kind"),
    [
        (2, "device-event"), (7, "signal-poor"), (8, "signal-poor"), (9, "device-event"), (10, "device-event"),
        (11, "lead-off"), (12, "lead-off"), (13, "lead-off"),
    ],
)  # fmt: skip
def test_an_ecg_flag_is_told_when_it_changes(bit, kind):
    wires = [shown(n, T + 5 * n, ecg=ecg(0x0B | on << bit)) for n, on in enumerate((0, 1, 1, 0, 0))]
    notices = [item for item in heard(*wires) if isinstance(item, Notice)]
    assert [(item.kind, item.signal, item.code) for item in notices] == [
        (kind, "HR", f"bit {bit}"),
        ("device-event", "HR", f"bit {bit}"),
    ]
    assert notices[1].text == f"no longer: {notices[0].text}"


def test_asystole_is_a_rate_of_zero():
    items = heard(shown(ecg=ecg(0x0F, 0)))
    assert readings(items)["ecg.hr"] == ("HR", 0.0, "ok")
    assert told(items, "device-event") == [("device-event", "the monitor reports asystole")]


def test_any_other_zero_is_no_signal():
    items = heard(shown(p1=(3, 1, 0, 0, 0, 0), nibp=cuff(0, 76, 93), spo2=(3, 0, 0, 72), t1=(3, 11, 0)))
    told_of = readings(items)
    for name, signal in (
        ("p1.sys", "ABP_SYS"), ("p1.dia", "ABP_DIA"), ("p1.mean", "ABP_MEAN"), ("nibp.sys", "NIBP_SYS"),
        ("spo2.spo2", "SPO2"), ("t1.temp", "TEMP"),
    ):  # fmt: skip
        assert told_of[name] == (signal, None, "zero")
    assert told_of["nibp.dia"] == ("NIBP_DIA", 76.0, "ok")


@pytest.mark.parametrize("label", range(24))
def test_only_arterial_labels_make_an_arterial_pressure(label):
    items = heard(*(shown(n, T + 5 * n, p2=(3, label, 12_000, 8_000, 9_300, 70)) for n in range(2)))
    arterial = label in (1, 8, 16, 17)
    expected = {
        "p2.sys": ("ABP_SYS", 120.0, "ok"),
        "p2.dia": ("ABP_DIA", 80.0, "ok"),
        "p2.mean": ("ABP_MEAN", 93.0, "ok"),
        "p2.pr": ("PR", 70.0, "ok"),
    }
    assert readings(items) == (expected if arterial else {})
    assert pulse_origin("ge-dri:p2.pr") is PulseOrigin.LINE
    assert len(told(items, "ignored")) == (0 if arterial or label == 23 else 1)
    assert len(told(items, "unknown-parameter")) == (1 if label == 23 else 0)


@pytest.mark.parametrize("name", ["p1", "p2", "p3", "p4", "p5", "p6"])
def test_every_channel_is_read_at_its_place(name):
    items = heard(shown(**{name: (3, 16, 12_011, 8_022, 9_333, 66)}))
    assert readings(items) == {
        f"{name}.sys": ("ABP_SYS", 120.11, "ok"),
        f"{name}.dia": ("ABP_DIA", 80.22, "ok"),
        f"{name}.mean": ("ABP_MEAN", 93.33, "ok"),
        f"{name}.pr": ("PR", 66.0, "ok"),
    }


def test_a_line_being_zeroed_is_shown_but_not_believed():
    wires = [shown(n, T + 5 * n, p1=(status, 1, 12_000, 8_000, 9_300, 70)) for n, status in enumerate((3, 7, 11))]
    items = heard(*wires)
    statuses = [str(item.status) for item in items if isinstance(item, Reading) and item.signal == "ABP_SYS"]
    assert statuses == ["ok", "questionable", "ok"]
    assert [text for _, text in told(items, "device-event")] == [
        "the line p1 (ART) is being zeroed",
        "no longer: the line p1 (ART) is being zeroed",
    ]


def test_temperatures_are_in_hundredths_each_under_its_name():
    items = heard(shown(t1=(3, 11, 3_650), t2=(3, 12, 3_701), t3=(3, 13, -32764), t4=(1, 14, 3_650)))
    assert readings(items) == {
        "t1.temp": ("TEMP", 36.5, "ok"),
        "t2.temp": ("TEMP", 37.01, "ok"),
        "t3.temp": ("TEMP", None, "invalid"),
        "t4.temp": ("TEMP", None, "off"),
    }


def test_the_extended_class_brings_its_own_sources():
    data = ext1(
        p7=(3, 1, 11_900, 7_900, 9_100, 71), p8=(3, 2, 900, 300, 500, 71), spo2b=(3, 0, 9_800, 73), t5=(3, 0, 3_600),
        t6=(3, 0, 3_610),
    )  # fmt: skip
    items = heard(frame([(1, sub(data, kind=1))]))
    assert readings(items) == {
        "p7.sys": ("ABP_SYS", 119.0, "ok"),
        "p7.dia": ("ABP_DIA", 79.0, "ok"),
        "p7.mean": ("ABP_MEAN", 91.0, "ok"),
        "p7.pr": ("PR", 71.0, "ok"),
        "spo2-2.spo2": ("SPO2", 98.0, "ok"),
        "spo2-2.pr": ("PR", 73.0, "ok"),
        "t5.temp": ("TEMP", 36.0, "ok"),
        "t6.temp": ("TEMP", 36.1, "ok"),
    }


def test_the_class_is_in_the_subrecord_not_in_its_place():
    subs = [
        (1, sub(b"\x03" * 270, kind=3)),
        (1, sub(ext1(spo2b=(3, 0, 9_800, 73)), kind=1)),
        (1, sub(basic(ecg=ecg(hr=81)), kind=0)),
    ]
    items = heard(frame(subs, 0), frame(subs, 1, T + 5))
    assert readings(items)["ecg.hr"] == ("HR", 81.0, "ok")
    assert readings(items)["spo2-2.spo2"] == ("SPO2", 98.0, "ok")
    assert len(told(items, "ignored")) == 1


def test_trends_are_not_current_values():
    items = heard(*(frame([(type, sub(basic(ecg=ecg()), type=type))], n) for n, type in enumerate((2, 3, 2, 3))))
    assert readings(items) == {}
    assert [text for _, text in told(items, "ignored")] == [
        "trends over 10 s are left out: they are not current values",
        "trends over 60 s are left out: they are not current values",
    ]


def test_other_kinds_of_record_are_good_frames_that_are_left_out():
    driver = GeDri()
    items = heard(*(frame([(1, bytes(20))], n, main=main) for n, main in enumerate((1, 1, 4, 5, 8, 9))), driver=driver)
    assert driver.counters.frames == 6
    assert readings(items) == {}
    assert [item.code for item in items if isinstance(item, Notice) and item.kind == "ignored"] == ["1", "4", "5", "8"]
    assert [item.code for item in items if isinstance(item, Notice) and item.kind == "unknown-parameter"] == ["9"]


def test_an_unknown_subrecord_and_an_unknown_class_are_told_once_and_cost_nothing_else():
    subs = [(7, bytes(10)), (1, sub(basic(), kind=5)), (1, sub(basic(ecg=ecg(hr=81))))]
    items = heard(frame(subs, 0), frame(subs, 1, T + 5))
    assert readings(items)["ecg.hr"] == ("HR", 81.0, "ok")
    assert sorted(item.code for item in items if isinstance(item, Notice) and item.kind == "unknown-parameter") == [
        "5",
        "7",
    ]


def test_a_request_that_comes_back_is_no_monitor():
    driver = GeDri()
    driver.opened(0)
    items = heard(driver.send(0), driver=driver)
    assert driver.counters.frames == 0
    assert [item.kind for item in items] == ["ignored"]


def test_all_eight_places_of_the_list_may_be_used():
    items = heard(
        frame([(4, aux(T - 9))] * 4 + [(7, b"")] * 3 + [(1, sub(basic(ecg=ecg(hr=90), nibp=cuff(120, 80, 93))))])
    )
    assert readings(items)["ecg.hr"][1] == 90.0
