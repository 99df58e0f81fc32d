"""What is sent: one acknowledgement for each whole message whose sender wants one, and nothing else."""

from __future__ import annotations

import hl7
import pytest
from hl7_bytes import AT, BPM, HR, PCD, PCD_HEADER, PHILIPS, S, block, message, row

from devices.protocols.hl7.driver import Hl7


def answers(*blocks: bytes, driver: Hl7 | None = None) -> list[str]:
    driver = driver or Hl7()
    driver.opened(AT)
    for each in blocks:
        driver.receive(each, AT)
    sent = driver.send(AT + S).decode()
    assert driver.send(AT + S) == b""
    assert sent.count("\x0b") == sent.count("\x1c\r")
    return [part.removeprefix("\x0b") for part in sent.split("\x1c\r") if part]


def header(accept="", application="", version="2.4", kind="ORU^R01", profile=""):
    return rf"MSH|^~\&|MON|WARD|US|HERE|20260302091500||{kind}|42|P|{version}|||{accept}|{application}|||||{profile}"


def test_the_worked_acknowledgement():
    (answer,) = answers(block(*PCD))
    head, said, rest = answer.split("\r")
    assert said == "MSA|AA|871"
    assert rest == ""
    fields = head.split("|")
    assert fields[:2] == ["MSH", r"^~\&"]
    assert fields[2] == "RISEWATCH"
    assert fields[4:7] == ["GW^00A037000A0B0C0D^EUI-64", "EXAMPLE", "20260302081500+0000"]
    assert fields[8] == "ACK^R01^ACK"
    assert fields[9]
    assert fields[10:12] == ["P", "2.6"]


def test_what_another_parser_reads_in_it():
    (answer,) = answers(block(header(), row(HR, "72", BPM)))
    read = hl7.parse(answer)
    assert str(read.segment("MSA")[1]) == "AA"
    assert str(read.segment("MSA")[2]) == "42"
    assert [str(read.segment("MSH")[place]) for place in (3, 4, 5, 6)] == ["US", "HERE", "MON", "WARD"]


@pytest.mark.parametrize(
    ("accept", "application", "code"),
    [("", "", "AA"), ("AL", "NE", "CA"), ("SU", "", "CA"), ("NE", "AL", "AA"), ("AL", "AL", "AA"), ("NE", "SU", "AA"),
     ("ER", "NE", ""), ("NE", "NE", ""), ("NE", "ER", ""), ("al", "ne", "CA")],
)  # fmt: skip
def test_the_mode_decides(accept, application, code):
    found = answers(block(header(accept, application), row(HR, "72", BPM)))
    assert [answer.split("\r")[1] for answer in found] == ([f"MSA|{code}|42"] if code else [])


@pytest.mark.parametrize(
    ("accept", "application", "code"),
    [("", "", "AR"), ("AL", "NE", "CR"), ("ER", "NE", "CR"), ("NE", "ER", "AR"), ("SU", "SU", ""), ("NE", "NE", "")],
)
def test_a_message_that_does_not_say_what_it_is_is_refused(accept, application, code):
    found = answers(block(header(accept, application, kind=""), row(HR, "72", BPM)))
    assert [answer.split("\r")[1] for answer in found] == ([f"MSA|{code}|42"] if code else [])


def test_a_header_cut_down_to_its_name_is_no_message_taken():
    driver = Hl7()
    driver.opened(AT)
    (notice,) = driver.receive(b"\x0bMSH|\x1c\r", AT)
    assert notice.kind == "ignored"
    assert b"\rMSA|AR|\r" in driver.send(AT)


@pytest.mark.parametrize(
    ("version", "kind", "expected"),
    [("2.3", "ORU^R01", "ACK^R01"), ("2.3.1", "ORU^R01", "ACK^R01"), ("2.4", "ORU^R01", "ACK^R01^ACK"),
     ("2.6", "ADT^A01^ADT_A01", "ACK^A01^ACK"), ("2.9", "ORU^W01", "ACK^W01^ACK"), ("2.6", "ORU", "ACK")],
)  # fmt: skip
def test_every_message_is_answered_in_its_own_version(version, kind, expected):
    (answer,) = answers(block(header(version=version, kind=kind)))
    fields = answer.split("\r")[0].split("|")
    assert (fields[8], fields[11]) == (expected, version)


def test_values_that_are_refused_are_acknowledged_too_and_so_is_a_message_sent_again():
    assert len(answers(block(*PCD), block(*PCD), message(row(HR, ">99", "cmH2O")))) == 3


def test_several_beds_messages_are_all_acknowledged_even_those_that_are_no_bed_s():
    driver = Hl7(location="Ward^3^7")
    assert len(answers(message(row(HR, "72", BPM)), message(row(HR, "73", BPM), location="A^1^1"), driver=driver)) == 2


def test_what_was_cut_is_never_acknowledged_nor_is_an_acknowledgement():
    whole = block(*PHILIPS)
    ack = block(r"MSH|^~\&|||||||ACK^R01|1|P|2.3", "MSA|AA|1")
    assert len(answers(whole[:-20], whole)) == 1
    assert answers(ack) == []
    assert answers(b"\x0bhello\x1c\r") == []


def test_other_delimiters_are_answered_with_themselves():
    lines = [line.replace("|", "!").replace("^", "$") for line in PCD]
    (answer,) = answers(block(*lines))
    assert answer.startswith(r"MSH!$~\&!RISEWATCH!")
    assert "\rMSA!AA!871\r" in answer


def test_nothing_is_kept_for_a_capture_that_is_only_decoded():
    driver = Hl7()
    driver.receive(block(*PCD), AT)
    driver.receive(block(PCD_HEADER), None)
    assert driver.send(AT) == b""


def test_what_waits_is_not_sent_on_another_connection():
    driver = Hl7()
    driver.opened(AT)
    driver.receive(block(*PCD), AT)
    driver.opened(AT + S)
    assert driver.send(AT + S) == b""
