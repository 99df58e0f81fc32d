"""The worked examples of the sheet, and what its rows may look like: codes, names, units, values, statuses."""

from __future__ import annotations

import hl7
import pytest
from hl7_bytes import (
    AT,
    BPM,
    CELSIUS,
    DIA,
    HR,
    MEAN,
    MMHG,
    OBR,
    PCD,
    PCD_HEADER,
    PERCENT,
    PHILIPS,
    PID,
    PV1,
    SPO2,
    SYS,
    TEMP,
    S,
    block,
    heard,
    message,
    notices,
    readings,
    row,
    seconds,
    values,
)  # fmt: skip

from devices.protocols.hl7.driver import Hl7
from devices.protocols.hl7.message import Reader
from devices.reading import Notice, Reading, Status


def held(thing, seen=None):
    """Bytes and items held anywhere within a driver."""
    seen = set() if seen is None else seen
    if id(thing) in seen or isinstance(thing, type) or callable(thing):
        return 0
    seen.add(id(thing))
    if isinstance(thing, bytes | bytearray | str):
        return len(thing)
    if isinstance(thing, dict):
        return sum(held(key, seen) + held(each, seen) + 1 for key, each in thing.items())
    if isinstance(thing, list | tuple | set | frozenset):
        return sum(held(each, seen) + 1 for each in thing)
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    parts = [getattr(thing, name, None) for name in slots] + list(getattr(thing, "__dict__", {}).values())
    return sum(held(each, seen) for each in parts)


def test_the_worked_example_in_the_style_of_pcd_01():
    measured = AT - 588 * S  # 09:05:12
    assert heard(block(*PCD)) == [
        Reading(AT, AT, "HR", 118.0, "/min", Status.OK, "hl7:ecg.hr"),
        Reading(AT, AT, "SPO2", 97.0, "%", Status.OK, "hl7:spo2"),
        Reading(measured, AT, "NIBP_SYS", 164.0, "mmHg", Status.OK, "hl7:nibp.sys"),
        Reading(measured, AT, "NIBP_DIA", 96.0, "mmHg", Status.OK, "hl7:nibp.dia"),
    ]


def test_the_worked_example_in_the_style_of_a_philips_information_centre():
    at = AT + 3_600 * S  # its clock carries no zone and is read as UTC
    items = heard(block(*PHILIPS), at=at)
    assert values(items) == [("HR", 118.0, "ok"), ("NIBP_SYS", 164.0, "ok"), ("NIBP_DIA", None, "invalid")]
    assert seconds(items, at) == [("HR", 0), ("NIBP_SYS", -588), ("NIBP_DIA", -588)]
    (alarm,) = notices(items)
    assert (alarm.kind, alarm.code) == ("device-event", "2^Yellow Alarm")
    assert alarm.text == "yellow alarm of the monitor: ** HR 124 > 120"


def test_without_stamps_the_times_are_those_written():
    items = heard(block(*PCD), at=None)
    assert seconds(items) == [("HR", 0), ("SPO2", 0), ("NIBP_SYS", -588), ("NIBP_DIA", -588)]
    assert {item.received for item in items} == {AT}


def test_what_another_parser_sees_is_what_is_read():
    lines = [*PCD, row("150344^MDC_TEMP^MDC", "36.8", CELSIUS)]
    theirs = hl7.parse("\r".join(lines))
    ours = Reader().read("\r".join(lines).encode())
    assert [row.fields[3] for row in ours.rows] == [str(segment[3]) for segment in theirs.segments("OBX")]
    assert [row.fields[5] for row in ours.rows] == [str(segment[5]) for segment in theirs.segments("OBX")]
    assert ours.control_id == str(theirs.segment("MSH")[10])
    assert ours.heading(21) == str(theirs.segment("MSH")[21])
    assert ours.location() == str(theirs.segment("PV1")[3])


@pytest.mark.parametrize(
    ("code", "unit", "expected"),
    [
        ("147842^MDC_ECG_HEART_RATE^MDC", BPM, "HR ecg.hr"),
        ("147842^MDC_ECG_CARD_BEAT_RATE^MDC", "/min", "HR ecg.hr"),
        ("0002-4182^HR^MDIL", "0004-0aa0^bpm^MDIL", "HR ecg.hr"),
        ("0002-4182^HR_Pulse^MDIL", "0004-0aa0^bpm^MDIL", "HR ecg.hr"),
        ("8867-4^Heart rate^LN", "{beats}/min", "HR ecg.hr"),
        ("8867-4^Pulse^LN", "/min", "PR pr"),
        ("76282-3^Heart rate by EKG^LN", "/min", "HR ecg.hr"),
        ("101^HR", "", "HR ecg.hr"),
        ("131072^ECG_HR^EHC", "bpm", "HR ecg.hr"),
        # The label where the code belongs, with a name that is nobody's, or with none.
        ("HR", "bpm", "HR ecg.hr"),
        ("RESP^Atmung^L", "/min", "RR rr"),
        # GE Unity's names.
        ("SPO2-%", "%", "SPO2 spo2"),
        ("SPO2-R", "bpm", "PR spo2.pr"),
        ("AR1-S", "mmHg", "ABP_SYS art.sys"),
        ("AR2-R", "bpm", "PR art.pr"),
        ("149514^MDC_PULS_RATE^MDC", BPM, "PR pr"),
        ("149522^MDC_BLD_PULS_RATE_INV^MDC", BPM, "PR art.pr"),
        ("149530^MDC_PULS_OXIM_PULS_RATE^MDC", BPM, "PR spo2.pr"),
        ("0002-4822^Pulse^MDIL", "0004-0aa0^bpm^MDIL", "PR spo2.pr"),
        ("8889-8^^LN", "/min", "PR spo2.pr"),
        ("007001^VITAL PR(spo2)", "/min", "PR spo2.pr"),
        ("150456^MDC_PULS_OXIM_SAT_O2^MDC", PERCENT, "SPO2 spo2"),
        ("59408-5^^LN", "%", "SPO2 spo2"),
        ("2708-6^^LN", "%", "SPO2 spo2"),
        ("007000^VITAL SpO2", "%", "SPO2 spo2"),
        ("X^sp02^99XX", "%", "SPO2 spo2"),
        ("151562^MDC_RESP_RATE^MDC", "264928^MDC_DIM_RESP_PER_MIN^MDC", "RR rr"),
        ("151578^MDC_TTHOR_RESP_RATE^MDC", "rpm", "RR tthor.rr"),
        ("151594^MDC_CO2_RESP_RATE^MDC", "", "RR co2.rr"),
        ("0002-5000^Resp^MDIL", "0004-0ae0^rpm^MDIL", "RR rr"),
        ("9279-1^^LN", "{breaths}/min", "RR rr"),
        ("150033^MDC_PRESS_BLD_ART_SYS^MDC", MMHG, "ABP_SYS art.sys"),
        ("0002-4a16^ABPd^MDIL", "mmHg", "ABP_DIA abp.dia"),
        ("150035^MDC_PRESS_BLD_ART_MEAN^MDC", "mm[Hg]", "ABP_MEAN art.mean"),
        ("76215-3^^LN", "mm[Hg]", "ABP_SYS art.sys"),
        ("500^Sys", "", "ABP_SYS art.sys"),
        ("99^Own name^99OWN^147842^MDC_ECG_HEART_RATE^MDC", BPM, "HR ecg.hr"),
        ("^MDC_ECG_HEART_RATE^MDC", "^MDC_DIM_BEAT_PER_MIN^MDC", "HR ecg.hr"),
    ],
)
def test_codes_and_names_of_every_system(code, unit, expected):
    (reading,) = readings(heard(message(row(code, "87", unit))))
    assert f"{reading.signal} {reading.source.removeprefix('hl7:')}" == expected
    assert reading.value == 87.0


@pytest.mark.parametrize(
    ("code", "own"),
    [
        ("150021^MDC_PRESS_BLD_NONINV_SYS^MDC", "nibp.sys"),
        ("150302^MDC_PRESS_CUFF_DIA^MDC", "nibp.dia"),
        ("0002-4a07^NBPm^MDIL", "nibp.mean"),
        ("8480-6^Systolic blood pressure^LN", "nibp.sys"),
        ("76535-4^^LN", "nibp.dia"),
        ("170^Sys", "nibp.sys"),
        ("009001^NIBP DIAS", "nibp.dia"),
        ("393216^NIBP_SYS^EHC", "nibp.sys"),
        ("NIBP_SYS^Systolic^EDAN", "nibp.sys"),
        ("NBP-D", "nibp.dia"),
        # Wrong numbers with the right names: the name is right.
        ("150017^MDC_PRESS_BLD_NONINV_SYS^MDC", "nibp.sys"),
        ("150031^MDC_PRESS_CUFF_SYS^MDC", "nibp.sys"),
    ],
)
def test_the_cuff_by_every_name(code, own):
    items = heard(message(row(code, "87", MMHG, time="20260302090512+0100")))
    found = [item for item in readings(items) if item.value is not None]
    assert [item.source for item in found] == [f"hl7:{own}"]
    assert found[0].time == AT - 588 * S


def test_a_number_that_disagrees_with_its_name_is_told_once():
    rows = [row("150017^MDC_PRESS_BLD_NONINV_SYS^MDC", "120", MMHG, time="20260302090512+0100"), row(HR, "70", BPM)]
    items = heard(message(*rows), message(*rows, control="2"))
    (notice,) = notices(items)
    assert notice.kind == "unknown-parameter"
    assert "the name was taken" in notice.text
    assert notice.raw.startswith(b"OBX|1|NM|150017^")


def test_a_label_that_disagrees_is_decided_by_the_unit():
    assert values(heard(message(row("150022^HR^MDC", "72", BPM)))) == [("HR", 72.0, "ok")]
    assert values(heard(message(row("150022^HR^MDC", "72", MMHG)))) == [
        ("NIBP_SYS", None, "invalid"),
        ("NIBP_DIA", 72.0, "age_unknown"),
    ]
    items = heard(message(row("150022^HR^MDC", "72", "")))
    assert values(items) == []
    assert notices(items)[0].kind == "value-refused"


@pytest.mark.parametrize("code", [HR, "147842^^MDC", SYS])
def test_a_unit_that_contradicts_refuses_the_row(code):
    items = heard(message(row(code, "72", PERCENT)))
    assert values(items) == []
    assert [notice.kind for notice in notices(items)] == ["value-refused"]


def test_a_pressure_of_unknown_site_is_none_of_the_signals():
    items = heard(message(row("150017^MDC_PRESS_BLD_SYS^MDC", "25", MMHG), row("0002-4a02^P1d^MDIL", "10", MMHG)))
    assert values(items) == []
    assert [notice.kind for notice in notices(items)] == ["ignored", "ignored"]


def test_units_are_converted():
    rows = [
        row(SYS, "16", "265987^MDC_DIM_KILO_PASCAL^MDC", time="20260302090512+0100"),
        row(DIA, "10,5", "kPa", time="20260302090512+0100"),
        row(TEMP, "98.6", "268160^MDC_DIM_FAHR^MDC"),
    ]
    found = {item.signal: item.value for item in readings(heard(message(*rows)))}
    assert found["NIBP_SYS"] == pytest.approx(120.00992)
    assert found["NIBP_DIA"] == pytest.approx(78.75651)
    assert found["TEMP"] == pytest.approx(37.0)


@pytest.mark.parametrize("unit", ["ms", "s", "mV", "L/min"])
def test_a_unit_of_another_quantity_refuses_a_rate(unit):
    """An interval between beats may be called RR."""
    items = heard(message(row("RR^RR", "800", unit)))
    assert values(items) == []
    assert [notice.kind for notice in notices(items)] == ["value-refused"]


def test_an_unknown_unit_is_refused_for_a_pressure_and_told_for_a_rate():
    items = heard(message(row(SYS, "120", "cmH2O"), row(HR, "72", "beats")))
    assert values(items) == [("HR", 72.0, "ok")]
    assert sorted(notice.kind for notice in notices(items)) == ["unknown-parameter", "value-refused"]


@pytest.mark.parametrize(
    "written",
    ["", "-1", "-100", "-100.00", "-1000", "-10000", "-999", "-99.9", "8388607", "8388608", "32767", "-32768", "65535",
     '""', "---", "-?-", "***", "NaN", " "],
)  # fmt: skip
def test_every_way_to_say_no_value(written):
    assert values(heard(message(row(HR, written, BPM)))) == [("HR", None, "invalid")]


def test_zero_is_no_signal_but_for_respiration():
    rows = [row(HR, "0", BPM), row(SPO2, "0", PERCENT), row("151562^MDC_RESP_RATE^MDC", "0"), row(TEMP, "0.1", CELSIUS)]
    assert values(heard(message(*rows))) == [
        ("HR", None, "zero"), ("SPO2", None, "zero"), ("RR", 0.0, "range"), ("TEMP", None, "invalid"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "value"), [("98", 98), ("98.0", 98), ("98.000000", 98), ("  98", 98), ("98,5", 98.5), ("+98", 98),
                           ("98~98", 98), ("=^98", 98), ("^98", 98)],
)  # fmt: skip
def test_numbers_as_they_are_written(written, value):
    assert values(heard(message(row(HR, written, BPM)))) == [("HR", value, "ok")]


@pytest.mark.parametrize("written", [">99", "<20", "low", "98 bpm", "98~97", "1e2", "0x20", "９８", ">^99"])
def test_what_is_no_number_is_refused_and_told(written):
    items = heard(message(row(HR, written, BPM)))
    assert values(items) == [("HR", None, "invalid")]
    assert [notice.kind for notice in notices(items)] == ["value-refused"]


@pytest.mark.parametrize(
    ("flags", "result", "expected"),
    [
        ("N", "F", ("HR", 187.0, "ok")),
        ("HH", "R", ("HR", 187.0, "ok")),
        ("", "", ("HR", 187.0, "ok")),
        ("", "P", ("HR", 187.0, "ok")),
        ("DEMO", "R", ("HR", 187.0, "demo")),
        ("H~DEMO", "R", ("HR", 187.0, "demo")),
        ("TEST", "R", ("HR", 187.0, "test")),
        ("QUES", "R", ("HR", 187.0, "questionable")),
        ("INV", "R", ("HR", None, "invalid")),
        ("NAV", "", ("HR", None, "invalid")),
        ("", "X", ("HR", None, "invalid")),
    ],
)
def test_flags_and_result_status(flags, result, expected):
    assert values(heard(message(row(HR, "187", BPM, flags=flags, result=result)))) == [expected]


def test_a_value_taken_back_is_no_reading_but_told():
    items = heard(message(row(HR, "187", BPM, result="D")))
    assert values(items) == []
    assert notices(items)[0].kind == "device-event"


def test_the_demonstration_mode_of_the_monitor_spoils_every_value():
    items = heard(message("OBX||ST|0402-f8f5^sMode^MDIL|0|DEMO||||||F", row(HR, "72", BPM)))
    assert values(items) == [("HR", 72.0, "demo")]


def test_values_above_the_limits_are_kept_and_marked():
    assert values(heard(message(row(HR, "310", BPM), row(SPO2, "20", PERCENT)))) == [
        ("HR", 310.0, "range"),
        ("SPO2", 20.0, "range"),
    ]


def test_hundredths_are_recognised_by_the_limits_beside_them():
    items = heard(message(row(TEMP, "3680", CELSIUS, limits="3600^3900")))
    assert values(items) == [("TEMP", 36.8, "ok")]
    assert values(heard(message(row(TEMP, "3680", CELSIUS, limits="36.0^39.0")))) == [("TEMP", 3680.0, "range")]


def test_two_places_of_one_quantity_are_two_series():
    rows = [row(TEMP, "36.8", CELSIUS, path="1.2.1.150344"), row(TEMP, "33.1", CELSIUS, path="1.2.2.150344")]
    items = heard(message(*rows), message(*rows, control="2"))
    assert [item.source for item in readings(items)] == ["hl7:temp", "hl7:temp@1.2.2.150344"] * 2


def test_unknown_parameters_are_told_once_with_their_bytes():
    rows = [row("111^Own^99OWN", "3"), row("150488^MDC_BLD_PERF_INDEX^MDC", "12.00", PERCENT), row(HR, "72", BPM)]
    items = heard(message(*rows), message(*rows, control="2"))
    assert [(notice.kind, notice.code) for notice in notices(items)] == [
        ("unknown-parameter", "111"),
        ("ignored", "150488"),
    ]
    assert notices(items)[0].raw == b"OBX|1|NM|111^Own^99OWN||3||||||R"


def test_other_delimiters():
    lines = [line.replace("|", "!").replace("^", "$") for line in PCD]
    lines[0] = lines[0].replace("$~\\&", "$%~&", 1)
    assert values(heard(block(*lines))) == values(heard(block(*PCD)))


def test_escape_sequences_in_texts():
    text = r"a\F\b\S\c\T\d\R\e\E\f\X0D\g\H\h"
    (notice,) = notices(heard(message(f"OBX||TX|2^Yellow Alarm^MDIL-ALERT||{text}||||||F")))
    assert notice.text.endswith(r"a|b^c&d~e\f gh")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_segment_end(end):
    assert heard(block(*PCD, end=end)) == heard(block(*PCD))


def test_rows_that_run_on_without_an_end_are_parted():
    run_on = PCD[5] + "|" + "OBX|3|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC||97|%|||||R|"
    items = heard(block(PCD_HEADER, PV1, OBR, run_on))
    assert values(items) == [("HR", 118.0, "ok"), ("SPO2", 97.0, "ok")]


@pytest.mark.parametrize("end", ["", " "])
def test_a_message_that_was_stored_without_any_line_ends_is_read_all_the_same(end):
    # As a capture of an Efficia monitor stands in public: each message is one line.
    assert heard(block(end.join(PCD))) == heard(block(*PCD))
    assert values(heard(block(end.join(PHILIPS)))) == values(heard(block(*PHILIPS)))


def test_what_a_monitor_commonly_sends_beside_our_signals_is_known():
    # ST, extra beats and perfusion, as a public capture of an Efficia monitor has them.
    sent = ["0002-0301^ST-I^MDIL", "0002-033d^ST-III^MDIL", "0002-4261^PVC^MDIL", "0002-4bb0^Perf^MDIL", "1^ST-V5^99X"]
    items = heard(message(*(row(code, "0.3") for code in sent)))
    assert values(items) == []
    assert {notice.kind for notice in notices(items)} == {"ignored"}


def test_a_field_that_reads_obx_is_no_row():
    odd = "OBX|9|NM|1^Own^99|OBX|3||||||R|||20260302|OBX"
    items = heard(block(PCD_HEADER, PV1, OBR, odd, *PCD[5:7]))
    assert values(items) == [("HR", 118.0, "ok"), ("SPO2", 97.0, "ok")]


@pytest.mark.parametrize("charset", ["UNICODE UTF-8", "", "ASCII", "8859/1", "NO SUCH SET"])
def test_bytes_of_another_character_set_never_drop_the_vitals(charset):
    header = PCD_HEADER.replace("UNICODE UTF-8", charset)
    name = "PID|||T-42||Müller^Jörg"
    assert len(values(heard(block(header, name, PV1, OBR, *PCD[4:], encoding="latin-1")))) == 4


def test_other_segments_are_passed_over():
    lines = [PCD_HEADER, "SFT|x|y", PID, PV1, "ORC|RE", OBR, "NTE|1||OBX|NM", *PCD[4:], "ZZZ|1", "NTE", "", "OBXtra|1"]
    assert values(heard(block(*lines))) == values(heard(block(*PCD)))


def test_rows_before_any_group_and_an_empty_patient():
    items = heard(block(PCD_HEADER, "PID|||", "PV1||I|", *PCD[5:7]))
    assert values(items) == [("HR", 118.0, "ok"), ("SPO2", 97.0, "ok")]


@pytest.mark.parametrize("kind", ["ORU^R40^ORU_R40", "ORU^W01", "ADT^A01", "QRY^R02", "", "^^"])
def test_messages_that_are_no_results_are_told_once(kind):
    header = PCD_HEADER.replace("ORU^R01^ORU_R01", kind)
    again = header.replace("|871|", "|872|")
    items = heard(block(header, *PCD[1:]), block(again, *PCD[1:]))
    assert values(items) == []
    assert [notice.kind for notice in notices(items)] == ["ignored"]


@pytest.mark.parametrize("version", ["2.1", "2.9", "", "3"])
def test_any_version_is_read(version):
    assert len(values(heard(block(PCD_HEADER.replace("|2.6|", f"|{version}|"), *PCD[1:])))) == 4


def test_a_message_sent_again_says_nothing_new_but_another_with_its_id_does():
    driver_items = heard(block(*PCD), block(*PCD))
    assert len(values(driver_items)) == 4
    other = [line.replace("|118|", "|119|") for line in PCD]
    assert [value for _, value, _ in values(heard(block(*PCD), block(*other)))].count(119.0) == 1


def test_technical_alarms_explain_a_gap():
    rows = [row(SPO2, "-100", PERCENT), "OBX||CE|4||205^SpO2 Sensor Off||||||F|", "OBX||CE|4||5^ECG Lead Off||||||F|"]
    items = heard(message(*rows), message(*rows, control="2"))
    assert values(items) == [("SPO2", None, "off")] * 2
    assert [(each.kind, each.signal, each.code) for each in notices(items)] == [
        ("probe-off", "SPO2", "205"),
        ("lead-off", "HR", "5"),
    ]


def test_the_older_private_messages_of_a_mindray_monitor():
    cuff = [
        "OBX||NM|171^Dia|2105|80||||||F||APERIODIC|20070106191915",
        "OBX||NM|172^Mean|2105|93||||||F||APERIODIC|20070106191915",
        "OBX||NM|170^Sys|2105|120||||||F||APERIODIC|20070106191915",
    ]
    none = [line.rpartition("|")[0].replace("|120|", "|-100|").replace("|80|", "|-100|").replace("|93|", "|-100|")
            + "|00000000000000" for line in cuff]  # fmt: skip
    header = r"MSH|^~\&|||||||ORU^R01|503|P|2.3.1|"
    assert values(heard(block(header, *none))) == []
    items = heard(block(header, *cuff), block(header, *cuff), at=AT)
    assert values(items) == [("NIBP_SYS", 120.0, "ok"), ("NIBP_DIA", 80.0, "ok"), ("NIBP_MEAN", 93.0, "ok")]
    # The message has no other clock: its newest time is taken for its sending.
    assert {item.time for item in readings(items)} == {AT}


def test_no_item_holds_who_the_patient_is():
    cut = block(*PCD)[:-40]
    junk = b"PID|||T-42^^^Hospital^PI||Test^Person\rT-42^^^Hospital||Test^Person"
    items = heard(block(*PCD), junk, cut, block(*PCD[:1], PID.replace("T-42", "T-43"), *PCD[2:]), cut)
    assert len(notices(items)) >= 3
    for item in items:
        said = repr(item)
        for secret in ("T-42", "T-43", "Person", "19700101"):
            assert secret not in said
        assert isinstance(item, Reading | Notice)


def test_what_a_row_of_free_text_says_is_not_shown():
    items = heard(message("OBX||ST|7^Handler^99OWN||Nurse Person||||||F", row(HR, "72", BPM)))
    assert values(items) == [("HR", 72.0, "ok")]
    assert [(notice.kind, notice.raw) for notice in notices(items)] == [("ignored", b"OBX||ST|7^Handler^99OWN")]


def test_what_a_hostile_sender_varies_without_end_is_not_kept():
    driver, sizes = Hl7(), []
    for turn in range(30):
        for number in range(40):
            own = f"{turn}-{number}"
            header = PCD_HEADER.replace("|871|", f"|{own}|").replace("EXAMPLE", f"APP{own}")
            kind = "ORU^R01" if number % 4 else f"X{number}^{turn}"
            rows = [row(f"{own}^Own {own}^99", "1"), row(TEMP, f"3{number}.{turn}1", f"u{own}", path=own),
                    f"OBX||TX|2^Yellow Alarm^MDIL-ALERT||alarm {own}||||||F"]  # fmt: skip
            place = "Ward^3^7" if number % 3 else f"Ward^{own}^1"
            driver.receive(block(header.replace("ORU^R01^ORU_R01", kind), f"PID|||{own}", f"PV1||I|{place}", *rows), AT)
        sizes.append(held(driver))
    assert sizes[-1] < 1_000_000
    assert sizes[-1] < 1.3 * sizes[-10]


def test_a_cuff_group_gives_bare_labels_their_meaning():
    rows = [row("1^SYS", "133", "mmHg"), row("2^DIAS", "77", "mmHg"), row("3^MEAN", "95", "mmHg")]
    header = PCD_HEADER
    group = "OBR|2|||NIBP|||20260302091337+0100"
    items = heard(block(header, PV1, "OBR|1|||VITAL|||20260302091500+0100", row(HR, "77", BPM), group, *rows))
    assert [(signal, value) for signal, value, _ in values(items)] == [
        ("HR", 77.0), ("NIBP_SYS", 133.0), ("NIBP_DIA", 77.0), ("NIBP_MEAN", 95.0),
    ]  # fmt: skip
    assert {when for signal, when in seconds(items) if signal != "HR"} == {-83}
    assert values(heard(block(header, PV1, OBR, *rows))) == []


def test_the_mean_alone_is_no_measurement_to_flag():
    items = heard(message(row(MEAN, "93", MMHG, time="20260302090512+0100")))
    assert ("NIBP_SYS", None, "invalid") in values(items)
