"""The virtual DINAMAP and the virtual board: what they answer and send, to the byte, whatever a host does."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from devices.protocols.dinamap import frames as dinamap_frames
from devices.protocols.line.driver import Line
from devices.reading import Notice, Reading
from devices.virtual.device import Cuff, Observation
from devices.virtual.dinamap import DinamapDevice
from devices.virtual.line import LineDevice

S = 1_000_000
NOW = 1_770_000_000 * S
DONE = Cuff(time=NOW - 12 * S, sys=118, dia=76, mean=90, pulse=68, count=1)
SEEN = Observation(hr=75, pr=74, spo2=98, rr=14, temp=37.0, cuff=DONE)


class Still:
    """A bedside that shows what it is told to, and writes down what is asked of its cuff."""

    def __init__(self, seen=SEEN):
        self.seen = seen
        self.acts = []

    def observe(self, at):
        return self.seen

    def start_cuff(self, at):
        self.acts.append("start")

    def cancel_cuff(self, at):
        self.acts.append("cancel")


def ask(device, data, at=NOW):
    """What the monitor answers within 150 ms, without ends of line."""
    said = device.receive(data, at) + device.tick(at) + device.tick(at + 150_000)
    return said.replace(b"\r", b"|").decode("latin-1")


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (b" NA!2\r", " NA1100012118076090&'|"),
        (b"\r\r\n NA!2\r\n", " NA1100012118076090&'|"),
        (b" RA!6\r", ' RA2074"G|'),
        (b" OA!3\r", " OA1098512#D|"),
        (b" RA!7\r", ""),
        (b" NA1100 RA!6\r", ' RA2074"G|'),
        (b" ZZ" + dinamap_frames.checksum(" ZZ").encode() + b"\r", ""),
    ],
)
def test_a_dinamap_answers_the_requests_of_the_sheet(request_, answer):
    assert ask(DinamapDevice(Still()), request_) == answer


@pytest.mark.parametrize(
    ("seen", "item", "answer"),
    [
        (replace(SEEN, cuff=replace(DONE, measuring=True)), b" NA!2\r", "NA0100012118076090"),
        (replace(SEEN, cuff=Cuff()), b" NA!2\r", "NA1109999000000000"),
        (replace(SEEN, cuff=replace(DONE, time=NOW - 5_401 * S)), b" NA!2\r", "NA1109999000000000"),
        (replace(SEEN, cuff=Cuff(time=NOW - 5 * S, failure="timeout", count=2)), b" NA!2\r", "NA4100005000000000"),
        (replace(SEEN, cuff=Cuff(time=NOW - 5 * S, failure="leak", count=2)), b" NA!2\r", "NA6100005000000000"),
        (replace(SEEN, cuff=Cuff(time=NOW - 5 * S, failure="cancelled", count=2)), b" NA!2\r", "NA3100005000000000"),
        (replace(SEEN, spo2=None, pr=None), b" RA!6\r", "RA3068"),
        (replace(SEEN, spo2=None, pr=None, cuff=Cuff()), b" RA!6\r", "RA0000"),
        (replace(SEEN, spo2=None, pr=None), b" OA!3\r", "OA6000012"),
        (SEEN, b" RC!8\r", "RC3068"),
        (SEEN, b" TC!:\r", "TC01A0000009861"),
    ],
)
def test_a_dinamap_shows_the_state_of_its_bedside(seen, item, answer):
    assert ask(DinamapDevice(Still(seen)), item) == f" {answer}{dinamap_frames.checksum(' ' + answer)}|"


def test_a_dinamap_starts_and_cancels_the_cuff_only_when_asked_to():
    bedside = Still()
    device = DinamapDevice(bedside)
    for request in (b" NA!2\r", b" RA!6\r", b" OA!3\r", b" NC0!F\r"):
        ask(device, request)
    assert bedside.acts == []
    ask(device, b" NC0!E\r")
    ask(device, b" ND!5\r")
    assert bedside.acts == ["start", "cancel"]


def test_a_dinamap_says_nothing_unasked_and_takes_its_time_to_answer():
    device = DinamapDevice(Still())
    assert b"".join(device.tick(NOW + tenth * S // 10) for tenth in range(100)) == b""
    later = NOW + 20 * S
    assert device.receive(b" OA!3\r", later) + device.tick(later + 19_000) == b""
    assert device.tick(later + 150_000) != b""


@settings(max_examples=50)
@given(st.lists(st.binary(max_size=300), max_size=10))
def test_a_dinamap_bears_any_bytes(pieces):
    bedside = Still()
    device = DinamapDevice(bedside)
    for piece in pieces:
        device.receive(piece, NOW)
    assert ask(device, b"\r OA!3\r", NOW + S).endswith(" OA1098512#D|")


def run(bedside, seconds, change=None):
    """The lines a board sends in so many seconds, looked at four times a second."""
    device, lines = LineDevice(bedside), []
    for quarter in range(4 * seconds + 1):
        at = NOW + quarter * S // 4
        if change is not None:
            change(bedside, quarter / 4)
        lines += [(quarter / 4, line) for line in device.tick(at).decode().splitlines()]
    return lines


def of(lines, kind):
    return [(when, line) for when, line in lines if line.startswith(f"$VS1,{kind},")]


def test_a_board_sends_header_samples_and_heartbeats_in_their_time():
    lines = run(Still(), 61)
    assert [when for when, _ in of(lines, "H")] == [0, 30, 60]
    assert [when for when, _ in of(lines, "D")] == list(range(62))
    beats = [when for when, _ in of(lines, "B")]
    assert max(later - earlier for earlier, later in pairwise(beats)) <= 5
    counters = [int(line.split(",")[2]) for _, line in lines if not line.startswith("$VS1,H")]
    assert counters == list(range(len(counters)))
    assert lines[1][1].startswith("$VS1,D,0,0,75,98,74,,,,,14,37.0,*")


def test_a_board_tells_each_cuff_result_in_one_event_and_dates_its_samples():
    def change(bedside, second):
        if second == 3:
            bedside.seen = replace(SEEN, cuff=Cuff(time=NOW + 2 * S, sys=121, dia=77, mean=92, pulse=70, count=2))

    lines = run(Still(), 10, change)
    ((when, event),) = of(lines, "N")
    assert when == 3
    assert event.split("*")[0].split(",")[3:] == ["2000", "121", "77", "92", "70", "OK"]
    assert all(",121,77,92,2000," in line for when, line in of(lines, "D") if when >= 3)


def test_a_board_says_what_is_off_and_what_failed():
    def change(bedside, second):
        if second == 3:
            failed = Cuff(measuring=True, time=NOW + 2 * S, failure="leak", count=2)
            bedside.seen = replace(SEEN, hr=None, pr=None, spo2=None, cuff=failed)

    lines = run(Still(), 5, change)
    assert ",,,,,NIBP_FAIL_6*" in of(lines, "N")[0][1]
    assert of(lines, "D")[-1][1].split("*")[0].endswith(",SPO2_OFF|LEAD_OFF|NIBP_BUSY")
    driver, items = Line(), []
    for when, line in lines:
        items += driver.receive(line.encode() + b"\n", NOW + round(when * S))
    assert driver.counters.rejected == 0
    kinds = [item.kind for item in items if isinstance(item, Notice)]
    assert sorted(kinds) == ["cuff-failed", "lead-off", "probe-off"]
    assert not [item for item in items if isinstance(item, Reading) and item.signal.startswith("NIBP")]


def test_a_board_that_is_switched_on_again_begins_at_zero_and_is_understood():
    driver, items = Line(), []
    for start in (0, 20):
        device = LineDevice(Still())
        for second in range(20):
            at = NOW + (start + second) * S
            items += driver.receive(device.tick(at), at)
    assert [item.kind for item in items if isinstance(item, Notice)] == ["device-restarted"]
    assert len([item for item in items if isinstance(item, Reading) and item.signal == "HR"]) == 40
