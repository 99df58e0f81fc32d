"""Cutting bytes into frames: the same for any pieces, nothing dropped without a word, nothing kept for ever."""

from __future__ import annotations

import random

import pytest

from devices.protocols.framing import RAW_KEPT, Bad, Frame, Lines, Look, Piece, Refused, Scanner, Skipped

START = b"\x55\xaa"


def examine(held: bytearray, place: int) -> int | Look | Bad:
    """55 AA, length of the payload, payload, sum of length and payload: a frame of the tests' own."""
    if len(held) - place < 3:
        return Look.WAIT
    length = held[place + 2]
    if not 1 <= length <= 20:
        return Look.NOTHING
    if len(held) - place < length + 4:
        return Look.WAIT
    body = held[place + 2 : place + 3 + length]
    return length + 4 if sum(body) & 0xFF == held[place + 3 + length] else Bad(length + 4, "checksum")


def frame(payload: bytes) -> bytes:
    body = bytes([len(payload)]) + payload
    return START + body + bytes([sum(body) & 0xFF])


def leading(between: list[bytes]) -> int:
    """How many of them are a frame of the tests' own."""
    for count, part in enumerate(between):
        if not 3 <= len(part) <= 22 or len(part) != part[0] + 2 or sum(part[:-1]) & 0xFF != part[-1]:
            return count
    return len(between)


def scanner() -> Scanner:
    return Scanner(examine, longest=24, marker=START)


def bulk_scanner() -> Scanner:
    return Scanner(examine, longest=24, marker=START, leading=leading)


def all_of(cutter: Scanner | Lines, pieces: list[bytes]) -> list[Piece]:
    found = [piece for data in pieces for piece in cutter.feed(data)]
    return found + list(cutter.end())


def test_frames_between_junk() -> None:
    one, two = frame(b"abc"), frame(b"\x55\xaa\x01")
    data = b"xy" + one + b"\x55\xaazz" + two + b"\x55"
    assert all_of(scanner(), [data]) == [
        Skipped(b"xy", 2),
        Frame(one),
        Skipped(b"\x55\xaazz", 4),
        Frame(two),
        Skipped(b"\x55", 1),
    ]


def test_a_bad_frame_is_refused_once_and_the_good_one_inside_it_is_found() -> None:
    inner = frame(b"ok")
    bad = START + bytes([len(inner) + 2]) + b"\x00" + inner + b"\x00\x00"
    assert all_of(scanner(), [bad + frame(b"next")]) == [Refused(bad, "checksum"), Frame(inner), Frame(frame(b"next"))]


def test_a_frame_cut_off_costs_itself_alone() -> None:
    assert all_of(scanner(), [frame(b"abcdef")[:5] + frame(b"next") * 3])[-3:] == [Frame(frame(b"next"))] * 3


def spoilt_stream(chance: random.Random) -> bytes:
    """Frames, broken ones, cut ones, noise and text."""
    data = b""
    for _ in range(30):
        match chance.randrange(5):
            case 0:
                data += chance.randbytes(chance.randrange(1, 400 if chance.random() < 0.1 else 12))
            case 1:
                spoilt = bytearray(frame(chance.randbytes(chance.randrange(1, 20))))
                spoilt[chance.randrange(2, len(spoilt))] ^= 1
                data += spoilt
            case 2:
                data += frame(b"abc")[: chance.randrange(1, 7)]
            case 3:
                data += b"some text\r\n\rand more\n"
            case _:
                data += frame(chance.randbytes(chance.randrange(1, 20)))
    return data


@pytest.mark.parametrize("seed", range(200))
def test_any_pieces_give_the_same(seed: int) -> None:
    chance = random.Random(seed)
    data = spoilt_stream(chance)
    places = sorted(chance.randrange(len(data)) for _ in range(chance.randrange(60)))
    pieces = [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]
    assert all_of(scanner(), pieces) == all_of(scanner(), [data]) == all_of(scanner(), [bytes([b]) for b in data])
    assert all_of(bulk_scanner(), pieces) == all_of(bulk_scanner(), [data]) == all_of(scanner(), [data])
    assert all_of(Lines(20), pieces) == all_of(Lines(20), [data]) == all_of(Lines(20), [bytes([b]) for b in data])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1_000, 4_096, 1_000_000])
def test_many_frames_at_once_are_those_found_one_by_one(size: int) -> None:
    chance = random.Random(size)
    stretches = [spoilt_stream(chance) if chance.random() < 0.1 else frame(chance.randbytes(7)) * 40 for _ in range(60)]
    data = b"".join(stretches)
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    cutter, found = bulk_scanner(), []
    for piece in pieces:
        for run in cutter.runs(piece):
            found += [Frame(each) for each in run] if isinstance(run, list) else [run]
    assert [*found, *cutter.end()] == all_of(scanner(), [data])


def test_frames_in_a_row_come_in_one_list() -> None:
    one, two = frame(b"abc"), frame(b"\x55\xaa\x01")
    assert bulk_scanner().runs(b"xy" + one * 9 + two + one * 9) == [Skipped(b"xy", 2), [one] * 9 + [two] + [one] * 9]


def test_every_byte_is_told() -> None:
    chance = random.Random(3)
    data = b"".join(chance.randbytes(7) + frame(chance.randbytes(5)) for _ in range(50))
    told = sum(piece.count if isinstance(piece, Skipped) else len(piece.data) for piece in all_of(scanner(), [data]))
    assert told == len(data)


def test_junk_without_end_is_told_in_pieces_and_not_kept() -> None:
    cutter = scanner()
    told = [piece for _ in range(1000) for piece in cutter.feed(b"junk")]
    assert told
    assert sum(piece.count for piece in told if isinstance(piece, Skipped)) >= 3000
    assert all(len(piece.data) <= RAW_KEPT for piece in told)


def test_lines_end_with_cr_lf_or_both() -> None:
    assert all_of(Lines(), [b"a\r\nb\n\nc\r", b"\nd"]) == [
        Frame(b"a"),
        Frame(b"b"),
        Frame(b"c"),
        Refused(b"d", "cut at the end"),
    ]


def test_a_line_too_long_is_refused_with_all_up_to_its_end() -> None:
    found = all_of(Lines(10), [b"x" * 35 + b"\rgood\r"])
    assert found == [
        Refused(b"x" * 10, "no end of line"),
        Skipped(b"x" * 10, 10),
        Skipped(b"x" * 10, 10),
        Skipped(b"x" * 5, 5),
        Frame(b"good"),
    ]
