"""Whose numbers they are: locations, patients, several beds on one port. Nothing is ever mixed silently."""

from __future__ import annotations

import pytest
from hl7_bytes import AT, BPM, HR, PCD_HEADER, PERCENT, PID, SPO2, S, block, heard, message, notices, row, values

from devices.protocols.hl7.driver import Hl7
from devices.protocols.hl7.places import is_at, location, parse, patient, same_location
from devices.protocols.hl7.syntax import Delimiters

USUAL = Delimiters()


@pytest.mark.parametrize(
    ("written", "wanted", "expected"),
    [
        ("Ward^3^7^Site", "Ward^3^7^Site", True),
        ("Ward^3^7^Site", "Ward^3^7", True),
        ("Ward^3^7^Site", "ward^3^7", True),
        ("Ward^3^7^Site", "Ward^3^7^Other", False),
        ("Ward^3^7", "Ward^3^8", False),
        ("Ward^3^7", "Ward^3", False),
        ("Ward^3^7", "Ward", False),
        ("Ward^3^7", "7", True),
        ("Ward^3^7", "^^7", False),
        ("^^Bed7&0&0", "^^Bed7", True),
        ("^^Bed7&0&0", "Bed7", True),
        ("^^Bed7&0&0", "Bed", False),
        ("^^Bed71&0&0", "Bed7", False),
        ("^^&24", "24", True),
        ("^^&24", "^^&24", True),
        ("^^icu&222&3232237756&4601&&1", "^^icu&222", True),
        ("^^icu&222&3232237756&4601&&1", "^^icu&223", False),
        ("ICU3", "ICU3", True),
        ("ICU3^^1", "ICU3", False),
        ("^^BED-001^10.0.100.98:1", "BED-001", True),
        ("", "Ward^3^7", False),
        ("Ward^3^7", "", False),
    ],
)
def test_which_location_is_meant(written, wanted, expected):
    assert is_at(location(written, USUAL), parse(wanted)) is expected


def test_two_configured_locations_that_could_be_the_same():
    assert same_location("Ward^3^7", "ward^3^7^")
    assert same_location("Ward^3^7", "7")
    assert not same_location("Ward^3^7", "Ward^3^8")


def test_a_patient_is_known_by_a_hash_alone():
    found = patient(PID, USUAL)
    assert found
    assert "T-42" not in found
    assert found == patient("PID|||T-42", USUAL)
    assert found != patient("PID|||T-43", USUAL)
    assert patient("PID|||^^^^PI||^^^^^^L|", USUAL) == ""
    assert patient("PID|||||Test^Person||1970", USUAL)
    assert patient(None, USUAL) is None


def of(patient_id, hr, location="Ward^3^7", second=0, pid=True):
    lines = [PCD_HEADER.replace("|871|", f"|{second}{hr}|")]
    lines += [f"PID|||{patient_id}"] if pid else []
    lines += [f"PV1||I|{location}"] if location is not None else []
    return block(*lines, row(HR, str(hr), BPM))


def test_another_patient_at_the_same_place_is_told_and_its_numbers_taken():
    items = heard(of("A", 70), of("A", 71), of("B", 72), of("B", 73))
    assert [value for _, value, _ in values(items)] == [70, 71, 72, 73]
    (notice,) = notices(items)
    assert (notice.kind, notice.code) == ("device-event", "patient")
    assert "another patient" in notice.text


def test_nobody_admitted_is_not_the_last_patient():
    items = heard(of("A", 70), of("", 71), of("", 72), of("B", 73))
    assert [value for _, value, _ in values(items)] == [70, 71, 72, 73]
    assert ["nobody" in notice.text for notice in notices(items)] == [True, False]
    assert "another patient" in notices(items)[1].text


def test_a_second_location_on_a_port_of_one_bed_is_refused_and_told_once():
    driver = Hl7()
    items = heard(of("A", 70), of("B", 120, "Ward^3^8"), of("B", 121, "Ward^3^8"), of("A", 71), driver=driver)
    assert [value for _, value, _ in values(items)] == [70, 71]
    (notice,) = notices(items)
    assert (notice.kind, notice.code) == ("value-refused", "Ward^3^8")
    assert "give each bed its 'location'" in notice.text
    assert (driver.counters.frames, driver.counters.by_reason) == (2, {"another location": 2})
    assert "--set location=" in driver.choice
    assert "Ward^3^7, Ward^3^8" in driver.choice


def test_a_message_without_a_location_is_the_one_monitor_s():
    items = heard(of("A", 70), of("A", 71, None, pid=False), of("A", 72, ""))
    assert [value for _, value, _ in values(items)] == [70, 71, 72]
    assert notices(items) == []


def test_two_patients_in_turn_without_a_location_are_not_mixed():
    driver = Hl7()
    items = []
    for second in range(0, 10, 2):
        items += driver.receive(of("A", 70 + second, None, second), AT + second * S)
        items += driver.receive(of("B", 120 + second, None, second), AT + (second + 1) * S)
    assert [value for _, value, _ in values(items)] == [70, 72, 74, 76, 78]
    assert [notice.kind for notice in notices(items)] == ["value-refused"]
    # The first has gone: a minute later the second is the patient there.
    items = driver.receive(of("B", 140, None, 99), AT + 90 * S)
    assert [value for _, value, _ in values(items)] == [140]
    assert [notice.code for notice in notices(items)] == ["patient"]


def from_device(number, hr, location=None):
    header = PCD_HEADER.replace("00A037000A0B0C0D", f"00A0370000000{number}").replace("|871|", f"|{hr}|")
    return block(header, *([f"PV1||I|{location}"] if location else []), row(HR, str(hr), BPM))


def test_the_sender_is_named_and_another_one_too():
    driver = Hl7()
    items = driver.receive(from_device(1, 70, "A^1^1") + from_device(1, 71, "A^1^1") + from_device(2, 72, "A^1^1"), AT)
    told = notices(items, "device-event")
    assert [notice.code for notice in told] == ["GW 00A03700000001", "GW 00A03700000002"]
    assert "another monitor" in told[1].text
    assert len(values(items)) == 3


def test_two_monitors_in_turn_without_location_and_patient_are_not_mixed():
    items = heard(*(from_device(turn % 2, 70 + turn) for turn in range(6)))
    assert [value for _, value, _ in values(items)] == [70, 72, 74]
    (notice,) = notices(items)
    assert notice.kind == "value-refused"
    assert "another monitor" in notice.text


def test_a_setting_takes_one_location_only():
    driver = Hl7(location="Ward^3^8")
    items = heard(of("A", 70), of("B", 120, "Ward^3^8"), of("A", 71), of("C", 99, None), driver=driver)
    assert [value for _, value, _ in values(items)] == [120]
    assert [notice.code for notice in notices(items)] == ["Ward^3^7", "PV1-3"]
    assert driver.choice == ""


def test_a_single_word_never_takes_two_beds_of_that_name():
    driver = Hl7(location="7")
    items = heard(of("A", 70, "Ward^3^7"), of("B", 120, "Ward^4^7"), driver=driver)
    assert [value for _, value, _ in values(items)] == [70]
    assert notices(items)[0].kind == "value-refused"


def test_several_beds_get_what_is_theirs():
    driver = Hl7()
    driver.watch("Ward^3^7")
    driver.watch("^^Bed8")
    items = driver.receive(
        of("A", 70)
        + of("B", 120, "^^Bed8&0&0")
        + of("C", 99, "Ward^9^9")
        + of("C", 98, "Ward^9^9")
        + of("D", 97, None),
        AT,
    )
    assert values(items) == []
    assert [(notice.kind, notice.code) for notice in notices(items)] == [
        ("value-refused", "Ward^9^9"),
        ("value-refused", "PV1-3"),
    ]
    assert "belong to no bed" in notices(items)[0].text
    assert values(driver.take("Ward^3^7")) == [("HR", 70.0, "ok")]
    assert values(driver.take("^^Bed8")) == [("HR", 120.0, "ok")]
    assert driver.take("Ward^3^7") == []
    assert [driver.counters_of(place).frames for place in ("Ward^3^7", "^^Bed8")] == [1, 1]
    assert driver.counters.frames == 2
    assert driver.counters.by_reason == {"another location": 2, "no location": 1}


def test_one_bed_s_clock_and_patient_are_not_the_other_s():
    driver = Hl7()
    driver.watch("A^1^1")
    driver.watch("A^1^2")
    driver.receive(of("A", 70, "A^1^1") + of("B", 120, "A^1^2") + of("A", 71, "A^1^1") + of("B", 121, "A^1^2"), AT)
    for place in ("A^1^1", "A^1^2"):
        assert notices(driver.take(place)) == []


def test_a_message_that_fits_two_configured_beds_is_neither_s():
    driver = Hl7()
    driver.watch("7")
    driver.watch("Ward^3^7")
    items = driver.receive(of("A", 70), AT)
    assert "more than one bed" in notices(items)[0].text
    assert driver.take("7") == driver.take("Ward^3^7") == []


def test_numbers_that_count_show_what_was_lost_and_a_restart():
    driver = Hl7()
    items = []
    for turn, number in enumerate((*range(1, 12), 15, 16, 1, 2)):
        items += driver.receive(message(row(HR, str(70 + turn), BPM), control=str(number)), AT + turn * S)
    assert [(notice.kind, notice.code) for notice in notices(items)] == [
        ("sequence-gap", "3"), ("device-restarted", "1"),
    ]  # fmt: skip
    items = heard(*(message(row(HR, "72", BPM), control=each) for each in ("204", "503", "204", "56", "103", "204")))
    assert notices(items) == []


TWO_PATIENTS = (
    PCD_HEADER,
    "PID|1||A", "PV1|1|I|Ward^3^7", "OBR|1", row(HR, "61", BPM), row(SPO2, "91", PERCENT),
    "PID|2||B", "PV1|1|I|Ward^3^8", "OBR|1", row(HR, "122", BPM),
)  # fmt: skip
"""One ORU^R01 may hold several patients, each with rows of their own."""


def test_two_patients_in_one_message_are_not_mixed():
    driver = Hl7()
    items = heard(block(*TWO_PATIENTS), driver=driver)
    assert values(items) == [("HR", 61.0, "ok"), ("SPO2", 91.0, "ok")]
    assert [notice.code for notice in notices(items, "value-refused")] == ["Ward^3^8"]
    assert "Ward^3^7, Ward^3^8" in driver.choice
    assert [value for _, value, _ in values(heard(block(*TWO_PATIENTS), driver=Hl7(location="Ward^3^8")))] == [122.0]


def test_two_patients_in_one_message_without_locations_are_not_mixed():
    lines = [line for line in TWO_PATIENTS if not line.startswith("PV1")]
    assert [value for _, value, _ in values(heard(block(*lines)))] == [61.0, 91.0]
    places = [line for line in TWO_PATIENTS if not line.startswith("PID")]
    assert [value for _, value, _ in values(heard(block(*places)))] == [61.0, 91.0]


def test_each_bed_gets_its_part_of_a_message_of_two_patients_which_is_acknowledged_once():
    driver = Hl7()
    driver.opened(AT)
    driver.watch("Ward^3^7")
    driver.watch("Ward^3^8")
    assert driver.receive(block(*TWO_PATIENTS), AT) == []
    assert [value for _, value, _ in values(driver.take("Ward^3^7"))] == [61.0, 91.0]
    assert [value for _, value, _ in values(driver.take("Ward^3^8"))] == [122.0]
    assert driver.send(AT).count(b"MSA|AA|871") == 1


def test_a_batch_in_one_block_is_its_messages_each_acknowledged():
    second = PCD_HEADER.replace("|871|", "|872|")
    lines = ("FHS|^~\\&|GW", "BHS|^~\\&|GW", PCD_HEADER, "PID|1||A", "PV1|1|I|Ward^3^7", row(HR, "61", BPM),
             second, "PID|1||B", "PV1|1|I|Ward^3^8", row(HR, "122", BPM), "BTS|2", "FTS|1")  # fmt: skip
    driver = Hl7()
    driver.opened(AT)
    driver.watch("Ward^3^7")
    driver.watch("Ward^3^8")
    driver.receive(block(*lines), AT)
    assert [value for _, value, _ in values(driver.take("Ward^3^7"))] == [61.0]
    assert [value for _, value, _ in values(driver.take("Ward^3^8"))] == [122.0]
    answers = driver.send(AT)
    assert b"MSA|AA|871" in answers
    assert b"MSA|AA|872" in answers


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_sender_that_hangs_up_within_the_second_patient_leaves_the_first_s_values(cut):
    data = block(*TWO_PATIENTS)[: -2 - cut]
    driver = Hl7()
    items = driver.receive(data, AT) + driver.finish(AT)
    assert [value for _, value, _ in values(items)] == [61.0, 91.0]


def test_two_patients_in_a_file_are_asked_for():
    driver = Hl7()
    data = "".join(line + "\n" for line in TWO_PATIENTS).encode()
    items = driver.receive(data, None) + driver.finish(None)
    assert [value for _, value, _ in values(items)] == [61.0, 91.0]
    assert "--set location=" in driver.choice


def test_a_patient_who_is_named_before_each_group_is_one():
    """The two halves of a cuff measurement may stand in two groups."""
    sys, dia = "150021^MDC_PRESS_BLD_NONINV_SYS^MDC", "150022^MDC_PRESS_BLD_NONINV_DIA^MDC"
    lines = (
        PCD_HEADER,
        "PID|1||A", "PV1|1|I|Ward^3^7", "OBR|1", row(sys, "120", "mmHg"),
        "PID|2||A", "PV1|2|I|Ward^3^7", "OBR|2", row(dia, "80", "mmHg"),
    )  # fmt: skip
    items = heard(block(*lines))
    assert values(items) == [("NIBP_SYS", 120.0, "age_unknown"), ("NIBP_DIA", 80.0, "age_unknown")]
