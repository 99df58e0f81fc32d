"""The cuff of a virtual bedside: its schedule, its states, and the sensors' faults."""

from __future__ import annotations

import pytest

from devices import instant
from devices.errors import SettingError, UnknownName
from devices.virtual.bedside import PatientBedside
from devices.virtual.device import Bedside
from devices.virtual.faults import FAULTS, Fault, FaultyBedside, LineFaults, flip_bit, split_frames
from devices.virtual.patient import named

S = instant.SECOND


def bedside(**settings):
    return PatientBedside(named("typical"), 0, **settings)


def results(bed, seconds):
    """(second at which it is seen, the instant it ended) of every determination."""
    ended, count = [], 0
    for second in range(seconds):
        cuff = bed.observe(second * S).cuff
        if cuff.count != count:
            count = cuff.count
            ended.append((second, cuff.time // S))
    return ended


def test_the_first_result_comes_after_ten_seconds_and_then_one_every_cycle():
    assert results(bedside(), 200) == [(10, 10), (70, 70), (130, 130), (190, 190)]
    assert results(bedside(cycle_s=12), 50) == [(10, 10), (22, 22), (34, 34), (46, 46)]


def test_a_determination_takes_twenty_to_thirty_five_seconds_and_shows_the_old_result_meanwhile():
    bed = bedside()
    first = bed.observe(10 * S).cuff
    assert not first.measuring
    measuring = [second for second in range(11, 70) if bed.observe(second * S).cuff.measuring]
    assert 20 <= len(measuring) <= 35
    assert measuring == list(range(measuring[0], 70))
    bed = bedside()
    bed.observe(10 * S)
    during = bed.observe(65 * S).cuff
    assert (during.measuring, during.sys, during.time) == (True, first.sys, 10 * S)


def test_a_cuff_started_by_hand_ends_by_itself_and_one_in_progress_is_left_alone():
    bed = bedside(cycle_s=None)
    assert bed.observe(5 * S).cuff.count == 0
    bed.start_cuff(100 * S)
    assert bed.observe(100 * S).cuff.measuring
    bed.start_cuff(110 * S)
    ended = bed.observe(200 * S).cuff
    assert (ended.measuring, ended.count) == (False, 1)
    assert 120 * S <= ended.time <= 135 * S
    assert ended.sys is not None


def test_the_automatic_one_is_left_out_while_the_cuff_is_in_use():
    bed = bedside()
    # The automatic one that would end at 70 s begins between 35 and 50 s, the one by hand ends after 54 s.
    bed.start_cuff(34 * S)
    assert [bed.observe(second * S).cuff.count for second in (53, 70, 129, 130)] == [1, 2, 2, 3]
    assert bed.observe(131 * S).cuff.time == 130 * S


def test_a_cancelled_determination_has_no_numbers():
    bed = bedside(cycle_s=None)
    bed.start_cuff(10 * S)
    bed.cancel_cuff(15 * S)
    cuff = bed.observe(15 * S).cuff
    assert (cuff.measuring, cuff.time, cuff.sys, cuff.failure, cuff.count) == (False, 15 * S, None, "cancelled", 1)
    bed.cancel_cuff(16 * S)
    assert bed.observe(16 * S).cuff.count == 1


def test_the_pump_may_be_run_by_hand():
    bed = bedside()
    assert bed.infusion.start is None
    bed.set_rate(60 * S, 0.0125)
    bed.set_rate(600 * S, 0.0)
    assert bed.infusion.start == 60 * S
    assert bed.infusion.rate(700 * S) == 0.0


def faulty(*texts, **settings):
    bed = FaultyBedside(bedside(**settings), [Fault.parse(text) for text in texts], 0)
    assert isinstance(bed, Bedside)
    return bed


def test_probe_off_takes_the_oximeters_numbers_and_leaves_the_heart_rate():
    bed = faulty("probe-off:30:10")
    assert bed.observe(29 * S).spo2 is not None
    off = bed.observe(30 * S)
    assert (off.spo2, off.pr) == (None, None)
    assert off.hr is not None
    assert bed.observe(40 * S).spo2 is not None


def test_stuck_value_repeats_what_was_shown_when_it_began():
    bed = faulty("stuck-value:30:100")
    plain = bedside()
    stuck = bed.observe(30 * S)
    assert stuck == plain.observe(30 * S)
    assert {bed.observe(second * S) for second in range(31, 130)} == {stuck}
    assert bed.observe(130 * S) == plain.observe(130 * S)


def test_cuff_failure_fails_what_ends_in_its_time_with_a_reason_and_no_numbers():
    bed = faulty("cuff-failure:60:80")
    good, failed, again, after = (bed.observe(second * S).cuff for second in (59, 71, 131, 191))
    assert (good.failure, good.count) == ("", 1)
    for cuff, end in ((failed, 70), (again, 130)):
        assert (cuff.sys, cuff.dia, cuff.mean, cuff.pulse, cuff.time) == (None, None, None, None, end * S)
        assert cuff.failure in ("motion", "leak", "timeout", "overpressure")
    assert (after.failure, after.sys is not None) == ("", True)


def test_a_cuff_failure_between_two_measurements_fails_the_next_one():
    bed = faulty("cuff-failure:15:5")
    assert [bed.observe(second * S).cuff.failure != "" for second in (11, 69, 71, 131)] == [False, False, True, False]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("unplug", Fault("unplug", 30.0, 30.0)),
        ("noise:5", Fault("noise", 5.0, 30.0)),
        ("cut-frame:0:2.5", Fault("cut-frame", 0.0, 2.5)),
    ],
)
def test_how_a_fault_is_written(text, fault):
    assert Fault.parse(text) == fault


@pytest.mark.parametrize("text", ["noise:", "noise:a", "noise:1:2:3", "noise:-1", "noise:nan", "noise:1:inf"])
def test_a_fault_with_impossible_times_is_refused(text):
    with pytest.raises(SettingError, match="START_S"):
        Fault.parse(text)


def test_an_unknown_fault_is_refused_with_the_names_there_are():
    with pytest.raises(UnknownName, match="there is no fault 'unplugged'; there are unplug, noise"):
        Fault.parse("unplugged:3")
    named = "unplug noise bad-checksum cut-frame silence stuck-value cuff-failure probe-off counter-jump"
    assert " ".join(FAULTS) == named


TWO_LINES = b"$VS1,B,21,64234*6E\r\n$VS1,N,20,62100,118,76,90,74,OK*7A\r\n"
BINARY = bytes.fromhex("7e3101000000ff7d5e0005550036aa7e")


def test_faults_on_the_line_act_in_their_time_only():
    line = LineFaults([Fault("silence", 10, 5), Fault("cut-frame", 20, 5), Fault("noise", 30, 5)], 0)
    assert line.spoil(TWO_LINES, 9 * S) == TWO_LINES
    assert line.spoil(TWO_LINES, 10 * S) == b""
    assert line.spoil(TWO_LINES, 20 * S) == TWO_LINES[:10] + TWO_LINES[20:38]
    noisy = line.spoil(TWO_LINES, 30 * S)
    assert len(noisy) > len(TWO_LINES)
    assert all(frame in noisy for frame in split_frames(TWO_LINES))
    assert line.spoil(b"", 30 * S) == b""
    assert line.spoil(TWO_LINES, 35 * S) == TWO_LINES


def test_bad_checksum_makes_one_bit_of_every_frame_wrong_and_no_delimiter():
    line = LineFaults([Fault("bad-checksum", 0, 5)], 0)
    for sent, frames in ((TWO_LINES, 2), (BINARY, 1)):
        got = line.spoil(sent, S)
        assert len(got) == len(sent)
        wrong = [a ^ b for a, b in zip(sent, got, strict=True) if a != b]
        assert wrong == [1] * frames
        assert [got.count(byte) for byte in b"\r\n$*,\x7e\x7d"] == [sent.count(byte) for byte in b"\r\n$*,\x7e\x7d"]


def test_a_frame_without_a_harmless_place_is_left_whole():
    assert flip_bit(b"\r\n") == b"\r\n"
    assert split_frames(b"") == []
