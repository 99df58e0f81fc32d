"""GE DRI on the wire: flags, escapes, sums, lengths; requests byte for byte; finding back after damage."""

from __future__ import annotations

import pytest
from ge_dri_bytes import EXAMPLE, T, aux, basic, frame, record, shown, stuffed, sub, summed
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.protocols.ge_dri.driver import GeDri
from devices.protocols.ge_dri.frames import (
    Framer,
    Good,
    Refused,
    Skipped,
    Stuffing,
    cut,
    request_frame,
    unescape,
    wrap,
)
from devices.protocols.ge_dri.records import Request
from devices.reading import Notice, Reading

HEART = {"ecg": (0x0B, 0x2200, 72, -32767, -32767, -32767, 14)}


def request(tail):
    """A request as published: everything but the last bytes is fixed."""
    return bytes.fromhex("7e31" + "00" * 20 + "ff" + "00" * 18 + tail + "7e")


@pytest.mark.parametrize(
    ("asked", "tail"),
    [
        (Request(1, 10, 0x0E), "01 0a00 0e000000 0000 49"),
        (Request(1, 5), "01 0500 00000000 0000 36"),
        (Request(1, -1), "01 ffff 00000000 0000 2f"),
        (Request(1, 0), "01 0000 00000000 0000 31"),
        (Request(3, 60, 0x0E), "03 3c00 0e000000 0000 7d5d"),
    ],
)
def test_requests_are_the_published_bytes(asked, tail):
    assert request_frame(asked) == request(tail)


def test_the_published_vendor_example_is_these_52_bytes():
    # Written out once more in full, so that the short form above cannot be wrong in the same way.
    assert request_frame(Request(1, 10, 0x0E)).hex(" ") == (
        "7e 31 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ff 00 00 00 00 00 00 00 00 00 "
        "00 00 00 00 00 00 00 00 00 01 0a 00 0e 00 00 00 00 00 49 7e"
    )


def test_the_worked_response_decodes_to_its_numbers():
    driver = GeDri()
    items = driver.receive(EXAMPLE, None)
    assert driver.counters.frames == 1
    assert driver.counters.bytes_in == 324
    time = 1_700_000_126 * 1_000_000
    readings = [item for item in items if isinstance(item, Reading)]
    assert {(item.time, item.received) for item in readings} == {(time, time)}
    assert [(item.source, item.signal, item.value, item.unit, item.status) for item in readings] == [
        ("ge-dri:ecg.hr", "HR", 72.0, "/min", "ok"),
        ("ge-dri:ecg.imp_rr", "RR", 14.0, "/min", "ok"),
        ("ge-dri:p1.sys", "ABP_SYS", 131.0, "mmHg", "ok"),
        ("ge-dri:p1.dia", "ABP_DIA", 72.0, "mmHg", "ok"),
        ("ge-dri:p1.mean", "ABP_MEAN", 92.0, "mmHg", "ok"),
        ("ge-dri:p1.pr", "PR", 72.0, "/min", "ok"),
        ("ge-dri:nibp.sys", "NIBP_SYS", 128.0, "mmHg", "ok"),
        ("ge-dri:nibp.dia", "NIBP_DIA", 76.0, "mmHg", "ok"),
        ("ge-dri:nibp.mean", "NIBP_MEAN", 93.0, "mmHg", "ok"),
        ("ge-dri:nibp.pr", "PR", 71.0, "/min", "ok"),
        ("ge-dri:spo2.spo2", "SPO2", 97.0, "%", "ok"),
        ("ge-dri:spo2.pr", "PR", 72.0, "/min", "ok"),
    ]
    assert [item.kind for item in items if isinstance(item, Notice)] == ["time-assumed"]


def test_escapes_are_undone_by_setting_bit_5_whatever_follows():
    assert unescape(b"a\x7d\x5eb\x7d\x5d") == b"a\x7eb\x7d"
    assert unescape(b"\x7d\x01\x7d\x7d\x7d\x5e") == b"\x21\x7d\x7e"
    assert unescape(b"a\x7d") is None
    assert unescape(b"a\x7d\x7d") == b"a\x7d"
    assert unescape(b"a\x7d\x5e\x7d") is None


@given(st.binary(max_size=300))
def test_what_is_stuffed_comes_back(body):
    wire = wrap(body)
    assert wire == stuffed(summed(body))
    assert b"\x7e" not in wire[1:-1]
    assert unescape(wire[1:-1]) == summed(body)


@pytest.mark.parametrize("byte", [0x00, 0x33, 0xCA, 0xCB, 0xFF])
def test_the_sum_of_any_length_and_height_is_the_plain_sum(byte):
    """Sums near and past 65521, where the quick way to them begins anew, and every wrong sum beside the right one."""
    for size in (40, 41, 255, 256, 257, 321, 322, 323, 324, 510, 511, 512, 513, 700, 1490):
        body = bytes(each if each not in b"\x7d\x7e" else 0 for each in (byte, *range(size % 7), *[byte] * size))[:size]
        right = sum(body) % 256
        wire = b"".join(b"\x7e" + body + bytes((wrong,)) for wrong in range(256) if wrong not in b"\x7d\x7e") + b"\x7e"
        between, found, used = cut(wire)
        assert used == len(wire) - 1
        good = [each[-1] for each, record in zip(between, found, strict=True) if not isinstance(record, str)]
        assert good == [right] * (right not in b"\x7d\x7e")
        assert all(record == body for record in found if not isinstance(record, str))


def with_sum(wanted):
    """A frame of displayed values whose sum is `wanted`."""
    for number in range(256):
        body = record([(1, sub(basic(**HEART)))], number)
        if sum(body) % 256 == wanted:
            return stuffed(summed(body))
    raise AssertionError


@pytest.mark.parametrize("wanted", [0x7D, 0x7E, 0x00, 0xFF])
def test_the_sum_is_escaped_like_any_other_byte(wanted):
    driver = GeDri()
    assert any(item.signal == "HR" for item in driver.receive(with_sum(wanted), 0) if isinstance(item, Reading))
    assert (driver.counters.frames, driver.counters.rejected) == (1, 0)


def test_one_flag_between_frames_is_enough():
    driver = GeDri()
    driver.receive(shown(0, T, **HEART) + shown(1, T + 5, **HEART)[1:], 0)
    assert (driver.counters.frames, driver.counters.rejected) == (2, 0)


def broken(change):
    body = record([(1, sub(basic(**HEART)))])
    return change(body)


@pytest.mark.parametrize(
    ("reason", "wire"),
    [
        ("checksum", broken(lambda body: stuffed(body + bytes((sum(body) + 1 & 0xFF,))))),
        ("length", broken(lambda body: stuffed(summed(body + b"\0")))),
        ("length", broken(lambda body: stuffed(summed(body[:-1])))),
        ("length", stuffed(summed((39).to_bytes(2, "little") + bytes(37)))),
        ("length", stuffed(summed((1491).to_bytes(2, "little") + bytes(1489)))),
        ("length", stuffed(b"\x01")),
        ("aborted-escape", broken(lambda body: stuffed(summed(body))[:-1] + b"\x7d\x7e")),
        ("subrecord", frame([(1, sub(basic(**HEART))[:-1])])),
        ("subrecord", frame([(4, aux(T)[:-1])])),
        ("subrecord", broken(lambda body: stuffed(summed(body[:16] + b"\x01\x00" + body[18:])))),
        ("subrecord", broken(lambda body: stuffed(summed(body[:16] + b"\xff\xff" + body[18:])))),
        ("too-long", b"\x7e" + b"\x01" * 2983 + b"\x7e"),
    ],
)
def test_a_frame_that_is_none_is_refused_with_its_reason_and_its_bytes(reason, wire):
    driver = GeDri()
    driver.opened(0)
    items = driver.receive(wire, 7)
    refused = [item for item in items if isinstance(item, Notice) and item.kind == "frame-rejected"]
    assert [(item.code, item.time, item.source) for item in refused] == [(reason, 7, "ge-dri")]
    assert refused[0].raw == wire[1:-1][:2982]
    assert not [item for item in items if isinstance(item, Reading)]
    assert (driver.counters.frames, driver.counters.rejected) == (0, 1)
    assert driver.counters.by_reason == {reason: 1}
    driver.receive(shown(0, T, **HEART), 8)
    assert driver.counters.frames == 1


def test_the_largest_record_is_taken():
    body = record([], main=1)
    body = (1490).to_bytes(2, "little") + body[2:] + b"\x7e" * 1450
    framer = Framer(Stuffing.WIRE)
    assert [type(piece) for piece in framer.feed(stuffed(summed(body)))] == [Good]


def test_bytes_before_the_first_flag_are_told_and_counted():
    driver = GeDri()
    items = driver.receive(b"\x01\x02\x03" + shown(0, T, **HEART), 5)
    assert [(item.kind, item.raw) for item in items[:1]] == [("bytes-skipped", b"\x01\x02\x03")]
    assert driver.counters.bytes_skipped == 3
    assert driver.counters.frames == 1


def test_noise_without_end_is_not_hoarded():
    driver = GeDri()
    for _ in range(300):
        driver.receive(b"\x7e" + b"\x11" * 9_999, 0)
    assert driver.counters.rejected == 300
    assert driver.counters.bytes_skipped == 300 * (9_999 - 2_982) - (9_999 - 2_982)
    items = driver.receive(shown(0, T, **HEART), 0)
    assert any(isinstance(item, Reading) for item in items)


def test_a_capture_that_begins_mid_frame_loses_only_that_frame():
    whole = b"".join(shown(number, T + 5 * number, **HEART) for number in range(4))
    driver = GeDri()
    items = driver.receive(whole[200:], None)
    assert driver.counters.frames == 3
    # Told with the time of the first record that has one.
    assert next((item.kind, item.time) for item in items if isinstance(item, Notice)) == (
        "bytes-skipped",
        (T + 5) * 1_000_000,
    )


def test_a_whole_frame_that_has_lost_its_first_flag_is_taken():
    driver = GeDri()
    driver.receive((shown(0, T, **HEART) + shown(1, T + 5, **HEART))[1:], None)
    assert (driver.counters.frames, driver.counters.bytes_skipped, driver.counters.rejected) == (2, 0, 0)
    alone = GeDri()
    alone.receive(shown(0, T, **HEART)[1:-1], None)
    alone.finish(None)
    assert alone.counters.frames == 1


@pytest.mark.parametrize("cut", [1, 5, 50, 200, 310])
def test_a_cut_frame_costs_itself_alone(cut):
    driver = GeDri()
    driver.opened(0)
    cut_frame = shown(1, T + 5, **HEART)[:cut]
    wire = shown(0, T, **HEART) + cut_frame + shown(2, T + 10, **HEART) + shown(3, T + 15, **HEART)
    items = driver.receive(wire, 0)
    assert driver.counters.frames == 3
    assert driver.counters.rejected == (0 if cut == 1 else 1)
    assert [item.kind for item in items if isinstance(item, Notice) and item.kind == "sequence-gap"] == ["sequence-gap"]


def test_a_frame_whose_last_flag_is_missing_at_the_end_is_taken():
    driver = GeDri()
    driver.receive(shown(0, T, **HEART)[:-1], None)
    items = driver.finish(None)
    assert driver.counters.frames == 1
    assert any(isinstance(item, Reading) for item in items)


def test_a_frame_cut_off_by_the_end_is_told():
    driver = GeDri()
    driver.receive(shown(0, T, **HEART) + shown(1, T + 5, **HEART)[:100], None)
    items = driver.finish(None)
    assert [(item.kind, item.code, item.time) for item in items] == [("frame-rejected", "cut-off", T * 1_000_000)]


def test_bytes_that_are_no_such_protocol_are_told_at_the_end():
    driver = GeDri()
    assert driver.receive(b"hello", None) == []
    assert [(item.kind, item.raw) for item in driver.finish(None)] == [("bytes-skipped", b"hello")]
    assert driver.finish(None) == []


def unstuffed(bodies):
    return b"".join(b"\x7e" + summed(body) + b"\x7e" for body in bodies)


def test_bytes_whose_stuffing_was_removed_are_found_out_and_taken_by_length():
    # Number 0x7D and 0x7E and times with 7E inside: no frame ends where its first 7E is.
    bodies = [
        record(
            [(1, sub(basic(ecg=(0x0B, 0, 0x7E, 0, 0, 0, 0x7D)), time=T + 126 + 5 * step))],
            0x7C + step,
            T + 126 + 5 * step,
        )
        for step in range(4)
    ]
    driver = GeDri()
    items = driver.receive(b"\x01\x02" + unstuffed(bodies), None) + driver.finish(None)
    assert [item.value for item in items if isinstance(item, Reading) and item.signal == "HR"] == [126.0] * 4
    assert (driver.counters.frames, driver.counters.rejected) == (4, 0)


def test_a_damaged_frame_among_unstuffed_ones_costs_itself_alone():
    bodies = [record([(1, sub(basic(ecg=(0x0B, 0, 0x7E, 0, 0, 0, 0))))], number) for number in range(5)]
    wire = unstuffed(bodies[:2]) + b"\x7e" + summed(bodies[2])[:150] + b"\x7e" + unstuffed(bodies[3:])
    driver = GeDri()
    driver.receive(wire, None)
    driver.finish(None)
    assert driver.counters.frames == 4
    assert driver.counters.rejected >= 1


def test_bytes_from_a_port_are_never_taken_for_unstuffed():
    bodies = [record([(1, sub(basic(ecg=(0x0B, 0, 0x7E, 0, 0, 0, 0))))], 1)]
    driver = GeDri()
    driver.opened(0)
    driver.receive(unstuffed(bodies), 0)
    assert driver.counters.frames == 0


def noisy_stream():
    """All that happens on a line: stray bytes, good frames, a cut one, a bad sum, an escape broken off, a rest."""
    good = [shown(0x7C + step, T + 122 + 5 * step, **HEART) for step in range(5)]
    return (
        b"\xaa\xbb" + good[0] + good[1][:90] + good[2] + b"\x7e\x00\x01\x7e" + good[3][:-2] + b"\x7d\x7e"
        + b"\x7e" + b"\x33" * 3_100 + b"\x7e" + EXAMPLE + good[4] + good[4][:33]
    )  # fmt: skip


def all_items(wire, size, at, opened):
    driver = GeDri()
    if opened:
        driver.opened(0)
    items = []
    for start in range(0, len(wire), size):
        items += driver.receive(wire[start : start + size], at)
    return items + driver.finish(at), driver.counters


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("at", [None, 1_700_000_000_000_000])
@pytest.mark.parametrize("opened", [False, True])
@pytest.mark.parametrize("removed", [False, True])
def test_the_same_items_for_every_chunking(size, at, opened, removed):
    wire = noisy_stream()
    if removed:
        wire += unstuffed([record([(1, sub(basic(ecg=(0x0B, 0, 0x7E, 0, 0, 0, 0))))], number) for number in range(3)])
    items, counters = all_items(wire, len(wire), at, opened)
    assert counters.frames >= 4
    assert all_items(wire, size, at, opened) == (items, counters)


_PARTS = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([b"\x7e", b"\x7d", b"\x7e\x7e", EXAMPLE, EXAMPLE[1:], EXAMPLE[:-1], b"\x05" * 3_000]),
    st.builds(lambda body: wrap(body), st.binary(max_size=80)),
    st.builds(
        lambda body, main: wrap(record([], main=main)[:16] + body),
        st.binary(min_size=24, max_size=400),
        st.sampled_from([0, 1, 4, 9]),
    ),
    st.builds(
        lambda data, kind, type, number: frame([(type, sub(data, kind, type))], number),
        st.binary(min_size=270, max_size=270),
        st.integers(0, 15),
        st.sampled_from([1, 2, 3]),
        st.integers(0, 255),
    ),
    st.builds(lambda body: b"\x7e" + summed(body) + b"\x7e", st.just(record([(1, sub(basic(**HEART)))], 0x7E))),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_PARTS, max_size=8), st.data(), st.sampled_from([None, 12_345]))
def test_any_bytes_in_any_pieces_give_the_same_and_never_raise(parts, data, at):
    wire = b"".join(parts)
    whole, counters = all_items(wire, max(1, len(wire)), at, False)
    driver = GeDri()
    items, start = [], 0
    while start < len(wire):
        size = data.draw(st.integers(1, 700))
        items += driver.receive(wire[start : start + size], at)
        start += size
    assert items + driver.finish(at) == whole
    assert driver.counters == counters
    refused = [item for item in whole if isinstance(item, Notice) and item.kind == "frame-rejected"]
    assert len(refused) == counters.rejected


@given(st.binary(max_size=2_000))
def test_pieces_account_for_every_byte(noise):
    framer = Framer(Stuffing.WIRE)
    pieces = [*framer.feed(noise), *framer.end()]
    lost = sum(
        piece.count if isinstance(piece, Skipped) else len(piece.raw) for piece in pieces if not isinstance(piece, Good)
    )
    assert all(isinstance(piece, Refused | Skipped) for piece in pieces)
    assert lost == len(noise) - noise.count(b"\x7e")


@pytest.mark.parametrize("size", [1, 7, 100, 4_096, 1_000_000])
def test_frames_cut_many_at_a_time_are_those_cut_one_by_one(size):
    good, escaped = shown(**HEART), b"\x7e" + b"\x7d\x7d\x5e" + b"\x7e"
    bad = bytearray(good)
    bad[60] ^= 0x04
    data = good * 30 + bytes(bad) + escaped + b"\x7e" + b"\x01" * 4_000 + b"\x7e" + good * 300
    pieces = []
    framer = Framer(Stuffing.WIRE)
    for at in range(0, len(data), size):
        pieces += framer.feed(data[at : at + size])
    pieces += framer.end()
    assert [type(piece) for piece in pieces[:30]] == [Good] * 30
    assert [piece.reason for piece in pieces[30:] if isinstance(piece, Refused)] == ["checksum", "length", "too-long"]
    assert len([piece for piece in pieces if isinstance(piece, Good)]) == 330
