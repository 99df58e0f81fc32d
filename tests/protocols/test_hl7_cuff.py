"""One cuff measurement is one event, however often it is shown, and by whatever time it is known."""

from __future__ import annotations

import pytest
from hl7_bytes import (
    AT,
    BPM,
    DIA,
    HR,
    MEAN,
    MMHG,
    PCD_HEADER,
    SYS,
    S,
    block,
    heard,
    message,
    notices,
    readings,
    row,
    seconds,
    values,
)

from devices import instant
from devices.protocols.hl7.driver import Hl7

MEASURED = "20260302090512+0100"
PULSE = "149546^MDC_PULS_RATE_NON_INV^MDC"


def cuff(sys, dia, mean="", pulse="", time=MEASURED, **more):
    rows = [row(SYS, sys, MMHG, time=time, **more), row(DIA, dia, MMHG, time=time, **more)]
    rows += [row(MEAN, mean, MMHG, time=time, **more)] if mean else []
    return rows + ([row(PULSE, pulse, BPM, time=time, **more)] if pulse else [])


def sent(second):
    return instant.to_datetime(AT + second * S).strftime("%Y%m%d%H%M%S+0000")


def shown(driver, rows, second=0):
    return driver.receive(message(*rows, control=str(second), sent=sent(second)), AT + second * S)


def test_a_measurement_in_twenty_messages_is_told_once_and_together():
    driver = Hl7()
    items = [item for second in range(20) for item in shown(driver, cuff("164", "96", "121", "88"), second)]
    assert values(items) == [
        ("NIBP_SYS", 164.0, "ok"), ("NIBP_DIA", 96.0, "ok"), ("NIBP_MEAN", 121.0, "ok"), ("PR", 88.0, "ok"),
    ]  # fmt: skip
    assert {(item.time, item.received) for item in readings(items)} == {(AT - 588 * S, AT)}
    assert [item.source for item in readings(items)][-1] == "hl7:nibp.pr"


def test_the_same_numbers_at_another_time_are_another_measurement():
    driver = Hl7()
    shown(driver, cuff("120", "80"))
    assert len(readings(shown(driver, cuff("120", "80", time="20260302091010+0100"), 1))) == 2
    assert readings(shown(driver, cuff("120", "80"), 2)) == []


def test_several_measurements_in_one_message_keep_apart_and_come_in_order():
    rows = cuff("130", "85", time="20260302091000+0100") + cuff("120", "80")
    assert [(when, value) for (_, when), (_, value, _) in zip(seconds(heard(message(*rows))),
                                                              values(heard(message(*rows))), strict=True)] == [
        (-588, 120.0), (-588, 80.0), (-300, 130.0), (-300, 85.0),
    ]  # fmt: skip


def test_what_comes_of_it_later_is_told_later_with_its_time():
    driver = Hl7()
    shown(driver, cuff("120", "80"))
    items = shown(driver, cuff("120", "80", "93"), 1)
    assert values(items) == [("NIBP_MEAN", 93.0, "ok")]
    assert readings(items)[0].time == AT - 588 * S


def test_other_numbers_of_the_same_time_correct_it():
    driver = Hl7()
    shown(driver, cuff("120", "80"))
    items = shown(driver, cuff("126", "82", result="C"), 1)
    assert values(items) == [("NIBP_SYS", 126.0, "ok"), ("NIBP_DIA", 82.0, "ok")]
    assert [notice.kind for notice in notices(items)] == ["device-event"]


def test_without_any_time_the_first_is_of_unknown_age_and_a_change_is_new():
    """A monitor that leaves OBX-14 empty and dates its group with the message."""
    driver = Hl7()
    rows = [row(HR, "72", BPM)]
    first = shown(driver, [*rows, *cuff("120", "80", time="")])
    assert values(first)[1:] == [("NIBP_SYS", 120.0, "age_unknown"), ("NIBP_DIA", 80.0, "age_unknown")]
    assert readings(first)[1].time == AT
    again = [item for second in range(1, 30) for item in shown(driver, [*rows, *cuff("120", "80", time="")], second)]
    assert {item.signal for item in readings(again)} == {"HR"}
    changed = shown(driver, [*rows, *cuff("131", "80", time="")], 30)
    assert values(changed)[1:] == [("NIBP_SYS", 131.0, "ok"), ("NIBP_DIA", 80.0, "ok")]
    assert readings(changed)[1].time == AT + 30 * S


@pytest.mark.parametrize("name", ["NIBP", "2^MON_SPOT_DATA^99COMEN", "SPOTCHECK"])
def test_a_group_that_is_a_measurement_dates_it(name):
    group = f"OBR|1|||{name}|||20260302091400+0100"
    items = heard(block(PCD_HEADER, group, *cuff("120", "80", time="")))
    assert seconds(items) == [("NIBP_SYS", -60), ("NIBP_DIA", -60)]
    assert {status for _, _, status in values(items)} == {"ok"}


def test_a_sender_that_dates_the_same_numbers_anew_with_every_message_has_measured_once():
    driver = Hl7()
    items = [item for second in range(30) for item in shown(driver, cuff("120", "80", time=sent(second)), second)]
    assert values(items) == [("NIBP_SYS", 120.0, "ok"), ("NIBP_DIA", 80.0, "ok")]
    items = shown(driver, cuff("131", "80", time=sent(30)), 30)
    assert [value for _, value, _ in values(items)] == [131.0, 80.0]


def test_a_measurement_that_failed_is_told_once_with_its_code_and_time():
    driver = Hl7()
    shown(driver, cuff("120", "80"))
    failed = cuff("-100", "-100", time="20260302091000+0100")
    items = [item for second in range(1, 20) for item in shown(driver, failed, second)]
    assert readings(items) == []
    (notice,) = notices(items)
    assert (notice.kind, notice.code, notice.time) == ("cuff-failed", "-100", AT - 300 * S)
    items = shown(driver, cuff("120", "80", time="20260302091500+0100"), 30)
    assert len(readings(items)) == 2


def test_no_cuff_at_all_is_no_failure():
    """A monitor without a cuff sends its sentinel, dated with the message, again and again."""
    driver = Hl7()
    items = [item for second in range(20) for item in shown(driver, cuff("-999", "-999", time=sent(second)), second)]
    items += [item for second in range(20, 40) for item in shown(driver, cuff("", "", time="", result="X"), second)]
    assert items == []


def test_zero_and_a_missing_part_and_an_impossible_order():
    assert values(heard(message(*cuff("120", "0")))) == [("NIBP_SYS", 120.0, "ok"), ("NIBP_DIA", None, "zero")]
    assert values(heard(message(row(SYS, "120", MMHG, time=MEASURED)))) == [
        ("NIBP_SYS", 120.0, "ok"), ("NIBP_DIA", None, "invalid"),
    ]  # fmt: skip
    assert {status for _, _, status in values(heard(message(*cuff("80", "120", "93"))))} == {"range"}
    assert values(heard(message(*cuff("231", "141", "171"))))[0] == ("NIBP_SYS", 231.0, "ok")


def test_demonstration_values_are_marked():
    assert {status for _, _, status in values(heard(message(*cuff("166", "100", "122", flags="DEMO"))))} == {"demo"}


def test_the_same_measurement_at_two_beds_of_one_port_is_two():
    driver = Hl7()
    driver.watch("Ward^3^7")
    driver.watch("Ward^3^8")
    for bed in ("7", "8"):
        driver.receive(message(*cuff("120", "80"), location=f"Ward^3^{bed}"), AT)
    assert len(readings(driver.take("Ward^3^7"))) == len(readings(driver.take("Ward^3^8"))) == 2


def test_the_channel_that_holds_a_measurement_dates_it():
    """As blood pressure monitors of IHE PCD-01 and Continua write it: the time stands once, in the row of the group."""
    lines = [
        r"MSH|^~\&|Acme^ACDE48234567ABCD^EUI-64||||20260302091500+0100||ORU^R01^ORU_R01|1|P|2.6",
        "OBR|1|||182777000^monitoring of patient^SCT|||20260302085500+0100",
        "OBX|1||528391^MDC_DEV_SPEC_PROFILE_BP^MDC|1|||||||X|||||||0123456789ABCDEF^EUI-64",
        "OBX|2||150020^MDC_PRESS_BLD_NONINV^MDC|1.0.1|||||||X|||20260302090512+0100",
        "OBX|3|NM|150021^MDC_PRESS_BLD_NONINV_SYS^MDC|1.0.1.1|120|266016^MDC_DIM_MMHG^MDC|||||R",
        "OBX|4|NM|150022^MDC_PRESS_BLD_NONINV_DIA^MDC|1.0.1.2|80|266016^MDC_DIM_MMHG^MDC|||||R",
        "OBX|5|NM|150023^MDC_PRESS_BLD_NONINV_MEAN^MDC|1.0.1.3|93|266016^MDC_DIM_MMHG^MDC|||||R",
    ]
    items = heard(block(*lines))
    assert values(items) == [("NIBP_SYS", 120.0, "ok"), ("NIBP_DIA", 80.0, "ok"), ("NIBP_MEAN", 93.0, "ok")]
    assert {item.time for item in readings(items)} == {AT - 588 * S}
    other = [line.replace("|1.0.1|", "|1.0.2|") for line in lines]
    assert {item.status.value for item in readings(heard(block(*other)))} == {"age_unknown"}
