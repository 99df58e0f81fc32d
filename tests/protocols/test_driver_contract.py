"""What every driver promises: the same items however bytes are cut, refusals told, nothing that acts on a patient."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from protocol_cases import Case, cases

from devices import catalogue, instant
from devices.protocols.base import Driver
from devices.reading import VALUELESS, Item, Notice, Reading
from devices.signals import SIGNALS
from devices.virtual.device import Cuff, Observation

S = instant.SECOND
START = 1_770_000_000 * S
CASES = cases()
PROTOCOLS = tuple(CASES)
TOLD_REFUSALS = {"frame-rejected", "bytes-skipped"}

QUIET = Observation(hr=72, pr=71, spo2=98, rr=14, temp=36.8, cuff=Cuff())
FIRST_CUFF = Cuff(False, START + 20 * S, 118, 76, 90, 74, "", 1)
HIGH_CUFF = Cuff(False, START + 80 * S, 231, 141, 171, 187, "", 2)


class Bedside:
    """A bedside that shows what it is told to; nobody may start or stop its cuff."""

    def __init__(self, seen: Observation = QUIET) -> None:
        self.seen = seen

    def observe(self, at: int) -> Observation:
        return self.seen

    def start_cuff(self, at: int) -> None:
        raise AssertionError("the cuff was started")

    def cancel_cuff(self, at: int) -> None:
        raise AssertionError("the cuff was stopped")


class Talk:
    """A driver and a virtual monitor that talk; what was said is kept."""

    def __init__(self, protocol: str) -> None:
        self.bedside = Bedside()
        self.driver = catalogue.create(protocol, CASES[protocol].settings)
        self.device = catalogue.create_device(protocol, self.bedside)
        self.now = START
        self.heard: list[bytes] = []
        self.sent: list[bytes] = []
        self.driver.opened(START)

    def go_on(self, seconds: int, seen: Observation | None = None) -> list[Item]:
        self.bedside.seen = seen or self.bedside.seen
        items: list[Item] = []
        for _ in range(seconds * 10):
            request = self.driver.send(self.now)
            self.sent.append(request)
            answer = (self.device.receive(request, self.now) if request else b"") + self.device.tick(self.now)
            self.heard.append(answer)
            items += self.driver.receive(answer, self.now)
            self.now += S // 10
        return items


def stream(protocol: str) -> bytes:
    """Two minutes of a monitor with two cuff results and a sensor that came off."""
    talk = Talk(protocol)
    talk.go_on(25)
    talk.go_on(30, replace(QUIET, cuff=FIRST_CUFF))
    talk.go_on(30, replace(QUIET, cuff=FIRST_CUFF, spo2=None, pr=None, hr=None))
    talk.go_on(35, replace(QUIET, hr=187, pr=186, spo2=91, cuff=HIGH_CUFF))
    return b"".join(talk.heard)


STREAMS = {protocol: stream(protocol) for protocol in PROTOCOLS}
NOISE = random.Random(7).randbytes(400)


def fed(protocol: str, pieces: list[bytes], at: int | None = START + 200 * S) -> tuple[list[Item], Driver]:
    driver = catalogue.create(protocol, CASES[protocol].settings)
    items: list[Item] = []
    for piece in pieces:
        items += driver.receive(piece, at)
    return items + driver.finish(at), driver


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def cut_anywhere(data: bytes, seed: int) -> list[bytes]:
    chance = random.Random(seed)
    places = sorted({0, len(data), *(chance.randrange(len(data)) for _ in range(200))})
    return [data[a:b] for a, b in pairwise(places)]


def numbers(items: list[Item]) -> list[tuple[str, float | None]]:
    return [(item.signal, item.value) for item in items if isinstance(item, Reading)]


def frames_of(protocol: str, data: bytes) -> list[bytes]:
    """The stream's frames, each with its own end."""
    return CASES[protocol].frames(data)


def those_that(**wanted: bool) -> list[str]:
    """The protocols whose case says so."""
    return [name for name, case in CASES.items() if all(getattr(case, key) == value for key, value in wanted.items())]


def test_every_protocol_is_in_the_battery() -> None:
    assert set(CASES) == {entry.name for entry in catalogue.protocols()}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("at", [None, START + 200 * S], ids=["undated", "dated"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_pieces_of_any_size_say_the_same(protocol: str, at: int | None, size: int) -> None:
    whole, one = fed(protocol, [STREAMS[protocol]], at)
    pieces, many = fed(protocol, cut(STREAMS[protocol], size), at)
    assert len(numbers(whole)) > CASES[protocol].items
    assert pieces == whole
    assert many.counters == one.counters


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_spoilt_stream_says_the_same_however_it_is_cut(protocol: str, seed: int) -> None:
    data = STREAMS[protocol]
    spoilt = data[: len(data) // 3] + NOISE + data[len(data) // 2 :] + data[-50:]
    whole, one = fed(protocol, [spoilt])
    pieces, many = fed(protocol, cut_anywhere(spoilt, seed))
    assert pieces == whole
    assert many.counters == one.counters


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_noise_between_two_frames_costs_no_frame_and_is_told(protocol: str) -> None:
    """Noise ends with what ends a frame there, so that it cannot join the next one."""
    frames = frames_of(protocol, STREAMS[protocol])
    case = CASES[protocol]
    noise = bytes(byte for byte in NOISE[:60] if byte not in case.not_in_noise) + case.noise_end
    middle = len(frames) // 2
    clean, _ = fed(protocol, frames)
    noisy, driver = fed(protocol, [*frames[:middle], noise, *frames[middle:]])
    assert numbers(noisy) == numbers(clean)
    told = [item for item in noisy if isinstance(item, Notice) and item.kind in TOLD_REFUSALS]
    assert len(told) == 1
    assert told[0].raw
    assert told[0].raw in noise
    assert driver.counters.rejected + driver.counters.bytes_skipped >= 1


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_cut_frame_is_refused_and_no_wrong_number_comes_of_it(protocol: str) -> None:
    frames = frames_of(protocol, STREAMS[protocol])
    middle = len(frames) // 2
    for keep in (3, len(frames[middle]) // 2, len(frames[middle]) - 2):
        clean, _ = fed(protocol, [*frames[:middle], *frames[middle + 1 :]])
        spoilt, driver = fed(protocol, [*frames[:middle], frames[middle][:keep], *frames[middle + 1 :]])
        # At most the frame that follows the cut one may be lost with it.
        following, _ = fed(protocol, [*frames[:middle], *frames[middle + 2 :]])
        assert numbers(spoilt) in (numbers(clean), numbers(following))
        told = [item for item in spoilt if isinstance(item, Notice) and item.kind in TOLD_REFUSALS]
        assert told, f"{keep} bytes of a cut frame were left out without a word"
        assert all(item.raw for item in told)
        assert driver.counters.rejected + driver.counters.bytes_skipped > 0


@pytest.mark.parametrize("protocol", those_that(checked=True))
def test_a_flipped_bit_is_refused_with_its_bytes(protocol: str) -> None:
    frames = frames_of(protocol, STREAMS[protocol])
    middle = len(frames) // 2
    bad = bytearray(frames[middle])
    bad[CASES[protocol].flipped] ^= 0x04
    items, driver = fed(protocol, [*frames[:middle], bytes(bad), *frames[middle + 1 :]])
    clean, _ = fed(protocol, [*frames[:middle], *frames[middle + 1 :]])
    assert numbers(items) == numbers(clean)
    refused = [item for item in items if isinstance(item, Notice) and item.kind == "frame-rejected"]
    assert len(refused) == 1
    assert driver.counters.rejected == 1
    assert sum(driver.counters.by_reason.values()) == 1
    assert refused[0].raw in bytes(bad)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_frame_twice_makes_no_cuff_result_twice(protocol: str) -> None:
    doubled = [frame for frame in frames_of(protocol, STREAMS[protocol]) for _ in range(2)]
    once, _ = fed(protocol, [STREAMS[protocol]])
    twice, _ = fed(protocol, doubled)
    cuffs = [pair for pair in numbers(once) if pair[0] == "NIBP_SYS"]
    assert [pair for pair in numbers(twice) if pair[0] == "NIBP_SYS"] == cuffs


def held(thing: object, seen: set[int] | None = None) -> int:
    """Bytes and items held anywhere within a driver."""
    seen = set() if seen is None else seen
    if id(thing) in seen or isinstance(thing, type) or callable(thing):
        return 0
    seen.add(id(thing))
    if isinstance(thing, bytes | bytearray | str):
        return len(thing)
    if isinstance(thing, dict):
        return sum(held(each, seen) + 1 for each in thing.values())
    if isinstance(thing, list | tuple | set | frozenset):
        return sum(held(each, seen) + 1 for each in thing)
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    parts = [getattr(thing, name, None) for name in slots] + list(getattr(thing, "__dict__", {}).values())
    return sum(held(each, seen) for each in parts)


@pytest.mark.parametrize("filler", [b"\x00", b" ", b"A", b"\x7e", b"\x7d", b"$VS1,", b"{", NOISE], ids=repr)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_nothing_fills_the_memory(protocol: str, filler: bytes) -> None:
    driver = catalogue.create(protocol)
    junk = (filler * 2_000)[:2_000]
    sizes = []
    for _ in range(60):
        driver.receive(junk, START)
        sizes.append(held(driver))
    assert sizes[-1] < 40_000
    assert sizes[-1] <= max(sizes[20:40]) + 2_000


@pytest.mark.parametrize("protocol", PROTOCOLS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_bytes_raise_and_every_item_is_well_made(protocol: str, data: st.DataObject) -> None:
    frames = frames_of(protocol, STREAMS[protocol])
    ends = st.sampled_from([b"\r", b"\n", b"\x7e", b"\x7d", b" NA", b"$VS1,D,", b'{"hr":', b"*00\n"])
    pieces = data.draw(st.lists(st.one_of(st.binary(max_size=40), st.sampled_from(frames), ends), max_size=12))
    at = data.draw(st.sampled_from([None, START]))
    items, driver = fed(protocol, pieces, at)
    for item in items:
        if isinstance(item, Reading):
            assert item.unit == SIGNALS[item.signal].unit
            assert (item.value is None) == (item.status in VALUELESS)
            assert item.source.startswith(f"{protocol}:")
        else:
            assert item.text
    assert driver.counters.bytes_in == sum(map(len, pieces))


@pytest.mark.parametrize("answers", ["answering", "silent", "garbage", "reopened", "failing"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_nothing_that_acts_on_a_patient_is_ever_sent(protocol: str, answers: str) -> None:
    bedside = Bedside(replace(QUIET, cuff=Cuff(failure="leak", time=START, count=1)) if answers == "failing" else QUIET)
    case = CASES[protocol]
    driver, device = catalogue.create(protocol, case.settings), catalogue.create_device(protocol, bedside)
    driver.opened(START)
    sent, now = b"", START
    while now < START + 300 * S:
        if answers == "reopened" and (now - START) % (40 * S) == 0:
            driver.opened(now)
        request = driver.send(now)
        sent += request
        reply = (device.receive(request, now) if request else b"") + device.tick(now)
        driver.receive({"silent": b"", "garbage": NOISE[:20]}.get(answers, reply), now)
        now += S // 5
    assert case.harmful(sent) == []
    assert bool(sent) == (case.asks or (case.answers and answers not in ("silent", "garbage")))


def test_what_would_act_on_a_patient_is_recognised_by_this_test() -> None:
    """The requests that start or stop a cuff, and a cut one, as the sheets give them."""
    dinamap = CASES["dinamap"].harmful
    assert dinamap(b" NA!2\r") == []
    assert dinamap(b" NA!2\r NC0!E\r")
    assert dinamap(b" ND!5\r")


def pressures(case: Case, cuff: Cuff) -> set[tuple[str, float | None]]:
    named = zip(("NIBP_SYS", "NIBP_DIA", "NIBP_MEAN"), (cuff.sys, cuff.dia, cuff.mean), strict=True)
    return {(signal, value) for signal, value in named if case.mean or signal != "NIBP_MEAN"} if case.cuff else set()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_a_bedside_shows_is_what_is_read(protocol: str) -> None:
    case = CASES[protocol]
    talk = Talk(protocol)
    talk.go_on(15)
    items = talk.go_on(case.settle_s, replace(QUIET, hr=72, pr=72))
    expected = {("SPO2", 98.0)} if case.spo2 else set()
    assert expected | ({(case.rate, 72.0)} if case.rate else set()) <= set(numbers(items))
    measured = replace(HIGH_CUFF, time=talk.now)
    items = talk.go_on(5, replace(QUIET, hr=187, pr=187, spo2=91, cuff=replace(talk.bedside.seen.cuff, measuring=True)))
    items += talk.go_on(case.settle_s, replace(QUIET, hr=187, pr=187, spo2=91, cuff=measured))
    expected = {("SPO2", 91.0)} if case.spo2 else set()
    expected |= {(case.rate, 187.0)} if case.rate else set()
    assert expected | pressures(case, HIGH_CUFF) <= set(numbers(items))
    assert [pair for pair in numbers(items) if pair[0] == "NIBP_SYS"] == ([("NIBP_SYS", 231.0)] if case.cuff else [])
    assert talk.driver.counters.rejected == 0
    assert talk.driver.counters.bytes_skipped == 0


@pytest.mark.parametrize("protocol", those_that(cuff=True))
def test_a_cuff_result_shown_a_thousand_times_was_measured_once(protocol: str) -> None:
    talk = Talk(protocol)
    talk.go_on(15)
    items = talk.go_on(5, replace(QUIET, cuff=Cuff(measuring=True)))
    items += talk.go_on(1_000, replace(QUIET, cuff=replace(FIRST_CUFF, time=talk.now)))
    assert [pair for pair in numbers(items) if pair[0] == "NIBP_SYS"] == [("NIBP_SYS", 118.0)]
    ended = talk.now
    items = talk.go_on(5, replace(QUIET, cuff=replace(FIRST_CUFF, measuring=True)))
    items += talk.go_on(30, replace(QUIET, cuff=replace(FIRST_CUFF, time=ended + 5 * S, count=2)))
    # The same numbers again, measured anew.
    assert [pair for pair in numbers(items) if pair[0] == "NIBP_SYS"] == [("NIBP_SYS", 118.0)]


@pytest.mark.parametrize("protocol", those_that(cuff=True))
def test_a_cuff_measurement_is_one_event(protocol: str) -> None:
    talk = Talk(protocol)
    talk.go_on(15)
    items = talk.go_on(5, replace(QUIET, cuff=Cuff(measuring=True)))
    items += talk.go_on(30, replace(QUIET, cuff=replace(FIRST_CUFF, time=talk.now)))
    cuffs = [item for item in items if isinstance(item, Reading) and item.signal.startswith("NIBP")]
    assert {(item.signal, item.value) for item in cuffs} == pressures(CASES[protocol], FIRST_CUFF)
    assert len({(item.time, item.received) for item in cuffs}) == 1


@pytest.mark.parametrize("protocol", those_that(spo2=True))
def test_a_probe_that_is_off_gives_no_value_and_a_reason(protocol: str) -> None:
    case = CASES[protocol]
    talk = Talk(protocol)
    talk.go_on(15)
    items = talk.go_on(case.settle_s, replace(QUIET, spo2=None, pr=None))
    last = [item for item in items if isinstance(item, Reading) and item.signal == "SPO2"][-1]
    assert last.value is None
    assert last.status in VALUELESS
    assert [item.signal for item in items if isinstance(item, Notice) and item.kind == "probe-off"] == ["SPO2"]


@pytest.mark.parametrize("protocol", those_that(cuff=True, cuff_failure=True))
def test_a_cuff_that_fails_is_told_once_and_gives_no_number(protocol: str) -> None:
    talk = Talk(protocol)
    talk.go_on(15)
    items = talk.go_on(30, replace(QUIET, cuff=Cuff(measuring=True)))
    items += talk.go_on(60, replace(QUIET, cuff=Cuff(failure="leak", time=talk.now, count=1)))
    failed = [item for item in items if isinstance(item, Notice) and item.kind == "cuff-failed"]
    assert len(failed) == 1
    assert failed[0].code
    assert not [pair for pair in numbers(items) if pair[0].startswith("NIBP") and pair[1] is not None]
