"""Blocks and plain files of messages: cut, joined, run together, too long, given up, never ended."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hl7_bytes import AT, BPM, HR, PCD, PCD_HEADER, PHILIPS, PV1, S, block, heard, message, notices, row, values

from devices.links.listening import GIVEN_UP, HUNG_UP
from devices.protocols.hl7.driver import UNFINISHED, Hl7
from devices.protocols.hl7.framing import LONGEST

HR_72, HR_99 = message(row(HR, "72", BPM)), message(row(HR, "99", BPM), control="2")
WHOLE = values(heard(block(*PCD)))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 4_096])
def test_one_message_in_pieces(size):
    data = block(*PCD) + block(*PCD)
    driver = Hl7()
    items = [item for at in range(0, len(data), size) for item in driver.receive(data[at : at + size], AT)]
    assert values(items) == WHOLE
    assert (driver.counters.frames, driver.counters.rejected, driver.counters.bytes_skipped) == (2, 0, 0)


def test_two_messages_in_one_read_and_the_return_may_be_missing():
    data = HR_72.replace(b"\x1c\r", b"\x1c") + HR_99
    assert values(heard(data)) == [("HR", 72.0, "ok"), ("HR", 99.0, "ok")]


def test_bytes_before_a_message_are_told_with_their_count():
    driver = Hl7()
    items = heard(b"\x01\x02junk!\r\n" + HR_72, driver=driver)
    assert values(items) == [("HR", 72.0, "ok")]
    assert [notice.kind for notice in notices(items)] == ["bytes-skipped"]
    assert driver.counters.bytes_skipped == 9


def test_line_ends_and_empty_blocks_between_messages_are_nothing():
    items = heard(b"\r\n" + HR_72 + b"\r\n\x0b\x1c\r \x0b\x1c" + HR_99 + b"\n\n")
    assert values(items) == [("HR", 72.0, "ok"), ("HR", 99.0, "ok")]
    assert notices(items) == []


def test_another_beginning_cuts_the_message_before_it():
    for keep in range(5, len(HR_99) - 2, 7):
        driver = Hl7()
        items = heard(HR_99[:keep] + HR_72, driver=driver)
        assert values(items) == [("HR", 72.0, "ok")], keep
        assert driver.counters.by_reason == {"cut: another message began": 1}
        assert notices(items)[0].kind == "frame-rejected"


def test_a_sender_that_hangs_up_leaves_whole_segments():
    """Rule 4 of the sheet: a cut number still looks like a number."""
    whole = block(*PCD[:6])[:-2]
    for rest in (b"OBX|3|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC||9", b"OBX|3|NM", b"O"):
        driver = Hl7()
        driver.opened(AT)
        items = driver.receive(whole + rest, AT)
        assert values(items) == []
        driver.opened(AT + S)
        assert driver.wake() <= AT + S
        items = driver.receive(b"", AT + S)
        assert values(items) == [("HR", 118.0, "ok")]
        assert [(notice.kind, notice.code) for notice in notices(items)] == [("frame-rejected", "cut at the end")]
        assert driver.send(AT + S) == b""


def test_the_listening_port_s_marks_say_that_a_sender_has_gone_or_was_given_up():
    whole, rest = block(*PCD[:6])[:-2], b"OBX|3|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC||9"
    items = heard(whole + rest + HUNG_UP + HR_72)
    assert values(items) == [("HR", 118.0, "ok"), ("HR", 72.0, "ok")]
    assert [notice.code for notice in notices(items)] == ["cut at the end"]
    items = heard(whole + rest + GIVEN_UP + HR_72)
    assert values(items) == [("HR", 72.0, "ok")]
    assert [notice.code for notice in notices(items)] == ["cut: another message began"]


def test_a_message_without_one_whole_segment_is_refused():
    items = heard(b"\x0b" + PCD_HEADER[:40].encode())
    assert values(items) == []
    assert [notice.code for notice in notices(items)] == ["cut at the end"]


def test_a_message_that_stays_unfinished_is_given_up():
    driver = Hl7()
    driver.opened(AT)
    driver.receive(HR_99[:100], AT)
    assert driver.wake() == AT + UNFINISHED
    driver.receive(b"x", AT + UNFINISHED - 1)
    items = driver.receive(b"", AT + UNFINISHED)
    assert [notice.code for notice in notices(items)] == ["unfinished for too long"]
    assert values(driver.receive(HR_72, AT + UNFINISHED)) == [("HR", 72.0, "ok")]


def test_a_message_of_two_megabytes_is_refused_in_bounded_memory():
    driver = Hl7()
    driver.opened(AT)
    items = driver.receive(HR_99[:-3], AT)
    for _ in range(32):
        items += driver.receive(b"NTE|1||" + b"x" * 65_529, AT)
    items += driver.receive(b"\r\x1c\r" + HR_72, AT)
    assert values(items) == [("HR", 72.0, "ok")]
    assert notices(items)[0].code == "longer than 1 MiB"
    assert driver.counters.rejected == 1
    assert driver.counters.bytes_skipped > LONGEST // 2
    assert len(notices(items)) < 12
    assert all(len(notice.raw) <= 256 for notice in notices(items))


def test_what_is_no_message_is_refused_and_not_acknowledged():
    driver = Hl7()
    driver.opened(AT)
    items = driver.receive(b"\x0bMSI|x\r\x1c\r\x0bMSHX\r\x1c\r\x0bhello\x1c\r", AT) + driver.receive(HR_72, AT)
    assert values(items) == [("HR", 72.0, "ok")]
    assert notices(items)
    assert driver.send(AT).count(b"MSA|") == 1


@pytest.mark.parametrize("lead", ["\ufeff", "\u2028", "\r\n", "  "])
def test_marks_and_line_ends_before_the_header(lead):
    data = block(lead + PCD[0], *PCD[1:])
    assert values(heard(data)) == WHOLE
    assert values(heard((lead + "\r".join(PCD) + "\r").encode(), at=None)) == values(heard(block(*PCD), at=None))


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_a_plain_file_of_messages(end):
    other = [PCD_HEADER.replace("|871|", "|872|"), PV1, row(HR, "99", BPM)]
    text = end.join(("", "", *PCD, "", *other, "")).encode()
    items = heard(text, at=None)
    assert values(items) == [*WHOLE, ("HR", 99.0, "ok")]
    assert notices(items) == []
    whole = [item for at in range(0, len(text), 5) for item in [text[at : at + 5]]]
    assert heard(*whole, at=None) == items


def test_a_plain_file_with_batch_segments_and_other_text():
    lines = ["# exported 2026", r"FHS|^~\&|x", "BHS|1", *PCD, "BTS|1", "FTS|1", ""]
    items = heard("\n".join(lines).encode(), at=None)
    assert values(items) == WHOLE
    assert [notice.kind for notice in notices(items)] == ["bytes-skipped"]


def test_plain_messages_ended_by_the_block_s_end_alone_or_mixed_with_blocks():
    plain = ("\r".join(PCD) + "\r").encode()
    other = message(row(HR, "99", BPM), control="2")
    assert values(heard(plain + b"\x1c\r" + other + plain.replace(b"|871|", b"|873|"), at=None)) == [
        *WHOLE,
        ("HR", 99.0, "ok"),
        *WHOLE[:2],
    ]


def test_the_last_line_of_a_file_may_lack_its_end_but_a_cut_one_is_not_used():
    text = "\n".join(PCD)
    assert values(heard(text.encode(), at=None)) == WHOLE
    for cut in (3, 20, 40, 60):
        items = heard(text[:-cut].encode(), at=None)
        assert values(items) == [*WHOLE[:-1], ("NIBP_DIA", None, "invalid")], cut
        assert [notice.code for notice in notices(items)] == ["cut at the end"]


@pytest.mark.parametrize("rest", ["OBX", "OBX|", "O", "|", "OBX|1|TX|2^x||text||||||F"])
def test_any_last_line_of_a_file_is_survived(rest):
    text = "\r".join(PCD) + "\r" + rest
    assert values(heard(text.encode(), at=None)) == WHOLE


def test_live_bytes_without_blocks_are_no_messages():
    items = heard(("\r".join(PCD) + "\r").encode())
    assert values(items) == []
    assert {notice.kind for notice in notices(items)} == {"bytes-skipped"}


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_cut_out_or_put_in_no_wrong_number_comes_of_it(seed):
    draw = random.Random(seed)
    blocks = [message(row(HR, "187", BPM), control=str(number)) for number in range(20)]
    stream = b"".join(blocks)
    for _ in range(5):
        begin = draw.randrange(len(stream))
        stream = stream[:begin] + draw.randbytes(draw.randrange(30)) + stream[begin + draw.randrange(60) :]
    found = {value for signal, value, status in values(heard(stream)) if signal == "HR" and status == "ok"}
    assert found <= {187.0, 18.0, 17.0, 87.0, 1.0, 8.0, 7.0}


MARKS = (b"|", b"^", b"~", b"\\", b"\r", b"\n", b"\x0b", b"\x1c", b"MSH|^~\\&|", b"OBX|", b"OBR|", b"\xff", b"-100",
         b"X", b"PID|||", b"PV1||I|", b"9" * 20, b"ORU^R01")  # fmt: skip


@pytest.mark.parametrize("seed", range(300))
def test_damaged_messages_raise_nothing_and_say_the_same_in_any_pieces(seed):
    draw = random.Random(seed)
    plain = ("\r".join(PCD) + "\r").encode()
    data = bytearray(draw.choice((block(*PCD), block(*PHILIPS), plain, HR_72)) * 2)
    for _ in range(draw.randint(1, 25)):
        place = draw.randrange(len(data) + 1)
        if draw.random() < 0.6:
            data[place:place] = draw.choice(MARKS)
        else:
            del data[place : place + draw.randint(1, 30)]
    at = draw.choice((None, AT))
    places = sorted(draw.randrange(len(data)) for _ in range(12))
    pieces = [bytes(data[a:b]) for a, b in pairwise((0, *places, len(data)))]
    whole, cut = Hl7(), Hl7()
    assert heard(*pieces, at=at, driver=cut) == heard(bytes(data), at=at, driver=whole)
    assert cut.counters == whole.counters
