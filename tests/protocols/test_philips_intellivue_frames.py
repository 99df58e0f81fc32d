"""Frames and bare messages of IntelliVue monitors: the sheet's own bytes, damage, and missing byte stuffing."""

from __future__ import annotations

import random

import pytest
from intellivue_bytes import (
    ABORT,
    CONFIRMATION,
    EXTENDED_VALUES,
    REFUSE,
    RELEASE,
    RELEASED,
    REQUEST,
    RESULT,
    SINGLE,
    accepted,
    created,
    framed,
    numeric,
    result,
    unstuffed,
)

from devices.protocols.framing import Frame, Refused, Skipped
from devices.protocols.philips_intellivue import association, messages
from devices.protocols.philips_intellivue.frames import Framer, Transport, check_sequence, unwrap, wrap

FRAMES = [REQUEST, CONFIRMATION, SINGLE, EXTENDED_VALUES, RESULT, RELEASE]


def cut(data, live=False, transport=None, size=None):
    framer = Framer(transport, live)
    pieces = []
    for at in range(0, len(data), size or len(data) or 1):
        pieces += framer.feed(data[at : at + (size or len(data))])
    return [*pieces, *framer.end()]


def kinds(pieces):
    return [piece.reason if isinstance(piece, Refused) else type(piece).__name__ for piece in pieces]


def read(pieces):
    return [unwrap(piece.data) for piece in pieces if isinstance(piece, Frame)]


def test_the_check_sequence_is_that_of_the_published_vectors():
    assert check_sequence(bytes.fromhex("3a71")).hex() == "9b26"
    assert check_sequence(bytes.fromhex("3a91")).hex() == "95c1"


def test_what_is_sent_is_what_the_sheet_writes_down():
    assert wrap(association.request()) == REQUEST
    assert wrap(messages.create_result(1)) == CONFIRMATION
    assert wrap(messages.single_poll(1, messages.NUMERICS)) == SINGLE
    assert wrap(messages.extended_poll(2, 6, 480_000, messages.OBSERVED_VALUES)) == EXTENDED_VALUES
    assert wrap(association.RELEASE_REQUEST) == RELEASE


def test_an_association_response_has_its_captured_length_and_begin():
    response = association.response(association.Terms(500_000, 996, 0x8E000000))
    assert len(response) == 208
    assert response.startswith(bytes.fromhex("0ece0508130100160102800014020002c1be3180"))


def test_every_byte_goes_through_a_frame_and_back():
    message = messages.operation(messages.Kind.RESULT, 1, 3, bytes(range(256)) * 3)
    frame = wrap(message)
    assert frame == framed(message)
    assert frame.count(b"\xc0") == frame.count(b"\xc1") == 1
    assert read(cut(frame)) == [message]


@pytest.mark.parametrize("size", [1, 2, 7, 64, None])
def test_the_sheets_frames_are_whole(size):
    pieces = cut(b"".join(FRAMES), size=size)
    assert kinds(pieces) == ["Frame"] * len(FRAMES)
    assert [piece.data for piece in pieces] == FRAMES


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (SINGLE[:20] + b"\x99" + SINGLE[21:], "checksum"),
        (SINGLE[:20] + SINGLE[21:], "length"),
        (SINGLE[:20] + b"\x00" + SINGLE[20:], "length"),
        (b"\xc0\x12" + SINGLE[2:], "header"),
        (SINGLE[:-3] + b"\x7d\xc1", "aborted"),
    ],
)
@pytest.mark.parametrize("live", [False, True])
def test_a_frame_that_is_not_what_it_says_is_refused_alone(frame, reason, live):
    assert kinds(cut(CONFIRMATION + frame + CONFIRMATION, live)) == ["Frame", reason, "Frame"]


def test_a_flag_inside_a_frame_begins_the_next():
    assert kinds(cut(SINGLE[:30] + SINGLE, live=True)) == ["cut", "Frame"]


def test_text_and_noise_around_frames_are_told_and_cost_none():
    pieces = cut(b"boot\r\n" + SINGLE + b"\x00\xff\x11" + SINGLE)
    assert kinds(pieces) == ["Skipped", "Frame", "Skipped", "Frame"]
    assert pieces[0] == Skipped(b"boot\r\n", 6)


# Stuffing removed by a recorder.

DIRTY = [
    result(numeric(0x4182, 0x0AA0, 0xC0), ticks=0xC1C0C17D),
    result(numeric(0x4182, 0x0AA0, 72), ticks=0x7DC0C1C0),
    result(numeric(0x4182, 0x0AA0, 0xC1C0C1), ticks=3),
]


@pytest.mark.parametrize("size", [1, 5, None])
def test_frames_without_byte_stuffing_are_found_by_their_length(size):
    data = b"".join(unstuffed(message) for message in DIRTY * 3)
    assert read(cut(data, size=size)) == DIRTY * 3


def test_the_last_frame_without_stuffing_needs_no_successor():
    assert read(cut(unstuffed(DIRTY[0]))) == DIRTY[:1]


def test_damage_among_unstuffed_frames_costs_one():
    good, bad = [unstuffed(message) for message in DIRTY], bytearray(unstuffed(DIRTY[1]))
    bad[30] ^= 1
    pieces = cut(good[0] + bytes(bad) + good[2] + good[0])
    assert read(pieces) == [DIRTY[0], DIRTY[2], DIRTY[0]]
    assert [piece.reason for piece in pieces if isinstance(piece, Refused)] == ["checksum"]


def test_a_live_line_is_always_stuffed():
    assert read(cut(unstuffed(DIRTY[0]) + framed(DIRTY[1]), live=True)) == [DIRTY[1]]


@pytest.mark.parametrize("seed", range(8))
def test_stuffed_and_damaged_streams_say_the_same_however_they_are_cut(seed):
    chance = random.Random(seed)
    data = bytearray(b"".join(framed(message) for message in DIRTY * 4))
    for _ in range(4):
        data[chance.randrange(len(data))] = chance.choice(b"\xc0\xc1\x7d\x00")
    whole = cut(bytes(data))
    assert all(cut(bytes(data), size=size) == whole for size in (1, 3, 11))


# Bare messages.

BARE = [accepted(), created(), result(numeric(0x4182, 0x0AA0, 72), ticks=8_000), RELEASED, ABORT, REFUSE]


@pytest.mark.parametrize("size", [1, 6, None])
@pytest.mark.parametrize("transport", [None, Transport.UDP])
def test_bare_messages_are_found_by_their_own_lengths(size, transport):
    pieces = cut(b"".join(BARE), size=size, transport=transport)
    assert kinds(pieces) == ["Frame"] * len(BARE)
    assert read(pieces) == BARE


def test_bare_messages_are_found_from_the_middle_on():
    pieces = cut(b"".join(BARE)[100:])
    assert read(pieces) == BARE[1:]


def test_what_is_framed_is_never_taken_bare():
    broken = bytearray(framed(BARE[2]))
    broken[-3] ^= 1
    for live in (False, True):
        assert kinds(cut(bytes(broken) + framed(BARE[2]), live)) == ["checksum", "Frame"]


def test_a_bare_message_cut_out_of_a_frame_does_not_hide_the_frames_that_follow():
    data = framed(BARE[1])[5:] + framed(BARE[2]) * 2
    assert read(cut(data))[-2:] == [BARE[2]] * 2


def test_a_bare_message_whose_lengths_disagree_is_refused():
    bad = bytearray(BARE[2])
    bad[13] ^= 2
    pieces = cut(BARE[1] + bytes(bad) + BARE[2], transport=Transport.UDP)
    assert kinds(pieces) == ["Frame", "shape", "Frame"]


def test_a_transport_that_was_named_is_kept_to():
    assert read(cut(framed(BARE[2]) + BARE[2], transport=Transport.SERIAL)) == [BARE[2]]
    assert read(cut(REQUEST, transport=Transport.SERIAL)) == [association.request()]
