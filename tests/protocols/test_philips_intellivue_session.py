"""A session with an IntelliVue monitor: what is said and when, on either transport, and what happens when it breaks."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from intellivue_bytes import (
    ABORT,
    AT,
    BPM,
    CONFIRMATION,
    REFUSE,
    RELEASE,
    RELEASED,
    REQUEST,
    S,
    accepted,
    created,
    framed,
    numeric,
    operation,
    result,
    system,
)

from devices.errors import SettingError
from devices.protocols.base import SaysFarewell
from devices.protocols.philips_intellivue.association import Terms, read_terms, response
from devices.protocols.philips_intellivue.driver import PhilipsIntellivue
from devices.reading import Notice, Reading

BARE_REQUEST = REQUEST[5:-3].replace(b"\x7d\xe1", b"\xc1")
BARE_RELEASE = RELEASE[5:-3].replace(b"\x7d\xe1", b"\xc1")


def extended(invoke: int) -> bytes:
    """Section 8.4 with all groups."""
    rest = "00070022002100000000000000 00f13b0014000100010006000000010008f13e000400075300".replace(" ", "")
    return framed(bytes.fromhex("e100000200010028") + struct.pack(">H", invoke) + bytes.fromhex(rest))


def single(invoke: int, object_class: int = 6) -> bytes:
    """Section 8.3, of any objects."""
    rest = bytes.fromhex("0007001600210000000000000000 0c16000800010001".replace(" ", ""))
    inner = struct.pack(">H", invoke) + rest + struct.pack(">HH", object_class, 0)
    return framed(bytes.fromhex("e10000020001001c") + inner)


class Talk:
    """A driver and the time; messages are heard framed, or bare with `udp`."""

    def __init__(self, udp: bool = False, **settings) -> None:
        self.driver = PhilipsIntellivue(**{"transport": "udp" if udp else "serial", **settings})
        self.now = AT
        self.items: list[object] = []
        self.carry = (lambda message: message) if udp else framed
        self.driver.opened(AT)

    def sent(self, seconds: float = 0) -> list[tuple[float, bytes]]:
        """What is sent until so many seconds have passed, with when (since the begin)."""
        end, said = self.now + round(seconds * S), []
        while True:
            data = self.driver.send(self.now)
            if data:
                said.append(((self.now - AT) / S, data))
                continue
            self.items += self.driver.receive(b"", self.now)
            due = self.driver.wake()
            assert due is not None
            assert due > self.now, "something is due and nothing is sent"
            if due > end:
                self.now = end
                return said
            self.now = due

    def hear(self, *messages: bytes):
        found = []
        for message in messages:
            found += self.driver.receive(self.carry(message), self.now)
        self.items += found
        return found

    def numbers(self, seconds: int, ticks: int = 0):
        """The monitor sends numbers by itself for so many seconds."""
        said = []
        for number in range(seconds):
            self.hear(result(numeric(0x4182, BPM, 72), ticks=ticks + 8_192 * (number + 1)))
            said += self.sent(1.024)
        return said

    def associate(self, **terms):
        self.sent()
        self.hear(accepted(**terms), created())
        return [data for _, data in self.sent()]

    def told(self, *kinds):
        return [item for item in self.items if isinstance(item, Notice) and (not kinds or item.kind in kinds)]


def test_the_whole_way_to_the_first_number():
    talk = Talk()
    assert talk.sent() == [(0.0, REQUEST)]
    talk.hear(accepted())
    assert talk.sent() == []
    talk.hear(created())
    assert [data for _, data in talk.sent()] == [CONFIRMATION, extended(1)]
    items = talk.hear(result(numeric(0x4182, BPM, 72), ticks=8_192))
    assert [(item.signal, item.value, item.time) for item in items if isinstance(item, Reading)] == [("HR", 72, AT)]


def test_the_confirmation_bears_the_events_own_number():
    talk = Talk()
    talk.sent()
    talk.hear(accepted(), created(invoke=0xC07D))
    confirmation = framed(bytes.fromhex("e100000200020014c07d0001000e00210000000000000000 0d060000".replace(" ", "")))
    assert talk.sent()[0][1] == confirmation


def test_an_event_that_comes_again_is_confirmed_again():
    talk = Talk()
    talk.associate()
    talk.hear(created())
    assert [data for _, data in talk.sent()] == [CONFIRMATION]


def test_every_message_is_one_send():
    talk = Talk()
    talk.sent()
    talk.hear(accepted(), created())
    assert talk.driver.send(AT) == CONFIRMATION
    assert talk.driver.send(AT) == extended(1)
    assert talk.driver.send(AT) == b""


def test_a_request_without_answer_is_repeated_after_a_release():
    talk = Talk()
    said = talk.sent(9)
    assert said == [
        (0.0, REQUEST), (2.0, RELEASE), (2.3, REQUEST), (4.3, RELEASE), (4.6, REQUEST), (6.6, RELEASE), (6.9, REQUEST),
        (8.9, RELEASE),
    ]  # fmt: skip
    assert [item.kind for item in talk.told()] == ["not-answering"]


def test_what_the_monitor_sends_by_itself_is_renewed_and_it_is_kept_alive():
    """It sends for 60 s; renewed every 30 s; something is asked at least every 5 s, as it gives up after 10."""
    talk = Talk()
    talk.associate()
    said = talk.numbers(120)
    renewals = [at for at, data in said if b"\xf1\x3b" in data]
    assert renewals == pytest.approx([30, 60, 90, 120])
    times = [0.0, *(at for at, _ in said)]
    assert max(after - before for before, after in pairwise(times)) <= 5.0
    assert {data for _, data in said} == {
        *(extended(int.from_bytes(data[13:15])) for _, data in said if b"\xf1\x3b" in data),
        *(single(int.from_bytes(data[13:15]), 0x21) for _, data in said if b"\xf1\x3b" not in data),
    }


@pytest.mark.parametrize(
    ("period_s", "timeout_s"), [(0.5, 10), (1, 10), (3.2, 10), (3.3, 9.9), (20, 60), (43, 129), (44, 130), (300, 130)]
)
def test_the_associations_timeout_follows_the_period(period_s, timeout_s):
    assert Terms(period=round(period_s * S)).timeout == timeout_s * S


def test_terms_are_read_from_a_response():
    assert read_terms(accepted(4_000, 996, 0x8E000000)) == Terms(500_000, 996, 0x8E000000)
    assert read_terms(response(Terms(500_000, 996, 0x8E000000))) == Terms(500_000, 996, 0x8E000000)
    assert read_terms(b"\x0e\x02\x05\x08").extensions == 0


@pytest.mark.parametrize("extensions", [0, 0x40000000])
def test_a_monitor_that_does_not_send_by_itself_is_polled_every_second(extensions):
    talk = Talk()
    assert talk.associate(extensions=extensions) == [CONFIRMATION, single(1)]
    said = []
    for number in range(5):
        talk.hear(result(numeric(0x4182, BPM, 72), ticks=8_000 * number + 8_000, extended=False))
        said += talk.sent(1)
    assert [data for _, data in said] == [single(number) for number in range(2, 7)]
    assert [at for at, _ in said] == [1, 2, 3, 4, 5]
    assert talk.told("sequence-gap") == []


def test_a_long_answer_is_waited_for_before_the_next_poll():
    talk = Talk(extended=False)
    talk.associate()
    talk.hear(result(numeric(0x4182, BPM, 72), ticks=8_000, extended=False, link=(1, 1)))
    assert talk.sent(2) == []
    talk.hear(result(ticks=8_000, extended=False))
    assert [data for _, data in talk.sent()] == [single(2)]
    assert talk.sent(2.9) == []
    assert [data for _, data in talk.sent(0.2)] == [single(3)]


def test_a_description_that_comes_without_an_answer_is_taken():
    """The answer was lost: what was to be asked once more is not, as it would be refused."""
    talk = Talk()
    talk.sent(2)
    talk.hear(created())
    assert [data for _, data in talk.sent(1)] == [CONFIRMATION, extended(1)]


def test_polling_may_be_asked_for():
    assert Talk(extended=False).associate() == [CONFIRMATION, single(1)]


def test_a_monitor_that_refuses_to_send_by_itself_is_polled():
    talk = Talk()
    talk.associate()
    talk.hear(operation(3, 9, b"", invoke=1))
    assert [data for _, data in talk.sent()] == [single(2)]
    assert {item.code for item in talk.told("device-event")} >= {"9", "single-poll"}


def test_a_monitor_that_answers_other_polls_but_sends_nothing_by_itself_is_polled():
    talk = Talk()
    talk.associate()
    said = []
    for _ in range(12):
        for _, data in talk.sent(1):
            said.append(data)
            if data == single(int.from_bytes(data[13:15]), 0x21):
                talk.hear(system("2026-05-14 09:30:05.00", 40_000))
    assert any(data == single(int.from_bytes(data[13:15])) for data in said)


def test_an_error_is_told_once():
    talk = Talk()
    talk.associate()
    talk.hear(operation(3, 1, b"", invoke=77), operation(3, 1, b"", invoke=78))
    assert [item.code for item in talk.told() if "error" in item.text] == ["1"]


def test_numbers_that_stay_away_are_asked_for_again_and_then_the_association():
    talk = Talk()
    talk.associate()
    said = talk.sent(8.5)
    assert [data for _, data in said if b"\xf1\x3b" in data] == [extended(2)]
    assert said[-2:] == [(8.0, RELEASE), (8.3, REQUEST)]
    assert [item.kind for item in talk.told("not-answering")] == ["not-answering"]
    talk.hear(RELEASED, accepted(), created(ticks=70_000))
    assert talk.sent()[0][1] == CONFIRMATION
    talk.hear(result(numeric(0x4182, BPM, 72), ticks=78_192))
    assert "answers again" in talk.told("device-event")[-1].text


def test_a_refusal_is_told_once_and_asked_again_after_the_timeout():
    talk = Talk()
    talk.sent()
    talk.hear(REFUSE)
    said = talk.sent(11)
    assert said == [(10.0, RELEASE), (10.3, REQUEST)]
    talk.hear(REFUSE)
    assert len([item for item in talk.told("device-event") if item.code == "0C"]) == 1


@pytest.mark.parametrize("message", [ABORT, RELEASED])
def test_an_association_that_the_monitor_ends_is_asked_for_again(message):
    talk = Talk()
    talk.associate()
    talk.numbers(3)
    talk.hear(message)
    before = talk.now
    said = talk.sent(1.5)
    assert [data for _, data in said] == [REQUEST]
    assert said[0][0] == (before - AT) / S + 1
    assert [item.code for item in talk.told("device-event") if "ended" in item.text] == [f"{message[0]:02X}"]


def test_an_association_that_ends_again_and_again_is_asked_for_less_often():
    talk = Talk()
    pauses = []
    for _ in range(5):
        talk.sent(12)
        talk.hear(accepted(), created())
        talk.sent()
        before = (talk.now - AT) / S
        talk.hear(ABORT)
        pauses.append(talk.sent(12)[0][0] - before)
    assert pauses == pytest.approx([1, 2, 5, 10, 10])


def test_a_monitor_that_accepts_but_does_not_describe_itself_is_asked_again():
    talk = Talk()
    talk.sent()
    talk.hear(accepted())
    assert talk.sent(10.5) == [(10.0, RELEASE), (10.3, REQUEST)]


def test_the_association_is_released_on_closing_if_there_is_one():
    talk = Talk()
    assert isinstance(talk.driver, SaysFarewell)
    assert talk.driver.closing() == b""
    talk.associate()
    assert talk.driver.closing() == RELEASE
    assert talk.driver.closing() == b""


def test_a_port_that_is_opened_again_begins_anew():
    talk = Talk()
    talk.associate()
    talk.driver.opened(talk.now)
    assert [data for _, data in talk.sent(0.5)] == [RELEASE, REQUEST]


# Transports.


def test_on_the_network_messages_are_bare():
    talk = Talk(udp=True)
    assert talk.sent() == [(0.0, BARE_REQUEST)]
    talk.hear(accepted(), created())
    assert [data for _, data in talk.sent()] == [CONFIRMATION[5:-3], extended(1)[5:-3]]
    assert talk.driver.closing() == BARE_RELEASE


def test_the_transport_is_found_out_by_trying_both():
    talk = Talk(transport="auto")
    assert talk.sent(4.5) == [
        (0.0, REQUEST), (1.0, BARE_REQUEST), (3.0, RELEASE), (3.3, REQUEST), (4.3, BARE_RELEASE),
    ]  # fmt: skip


@pytest.mark.parametrize("udp", [False, True])
def test_whichever_is_answered_is_kept_also_when_the_port_is_opened_again(udp):
    talk = Talk(udp, transport="auto")
    talk.sent(1)
    talk.hear(accepted(), created())
    assert talk.sent()[0][1] == (CONFIRMATION[5:-3] if udp else CONFIRMATION)
    talk.driver.opened(talk.now)
    assert talk.sent(0.5)[-1][1] == (BARE_REQUEST if udp else REQUEST)


@pytest.mark.parametrize("settings", [{"transport": "tcp"}, {"zone": "Mars/Base"}])
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(SettingError):
        PhilipsIntellivue(**settings)


# Counters and clocks.


def test_numbers_that_did_not_come_are_told_by_the_monitors_counter():
    """Its sequence may stay 0 or begin anew with each request: only the time tells."""
    talk = Talk()
    talk.associate()
    talk.hear(*(result(numeric(0x4182, BPM, 72), ticks=8_192 * n, sequence=n % 3) for n in (1, 2, 3, 6, 7, 8)))
    assert [item.code for item in talk.told("sequence-gap")] == ["2"]


def test_a_gap_before_the_spacing_is_known_is_no_gap_and_none_is_told_over_a_new_association():
    talk = Talk()
    talk.associate()
    talk.hear(result(numeric(0x4182, BPM, 72), ticks=8_192), result(numeric(0x4182, BPM, 72), ticks=16_384))
    talk.hear(accepted(), created(ticks=900_000), result(numeric(0x4182, BPM, 72), ticks=908_192))
    assert talk.told("sequence-gap") == []


def test_the_counter_may_turn_round():
    talk = Talk()
    talk.sent()
    talk.hear(accepted(), created(ticks=2**32 - 12_000))
    ticks = [(2**32 - 12_000 + 8_192 * n) % 2**32 for n in range(1, 5)]
    talk.hear(*(result(numeric(0x4182, BPM, 72), ticks=each) for each in ticks))
    assert talk.told("sequence-gap", "device-restarted") == []


@pytest.mark.parametrize(("seen", "anew"), [(900_000, 100_000), (50_000, 60_000)])
def test_a_monitor_that_started_anew_is_recognised(seen, anew):
    """By a counter that went back, or that is far behind the time that has passed."""
    talk = Talk()
    talk.sent()
    talk.hear(accepted(), created(ticks=seen - 8_000), result(numeric(0x4182, BPM, 72), ticks=seen))
    talk.now += 60 * S
    talk.hear(accepted(), created(ticks=anew))
    assert [item.kind for item in talk.told("device-restarted")] == ["device-restarted"]


def test_a_monitor_that_went_on_counting_did_not_start_anew():
    talk = Talk()
    talk.sent()
    talk.hear(accepted(), created(ticks=1_000), result(numeric(0x4182, BPM, 72), ticks=9_000))
    talk.now += 60 * S
    talk.hear(accepted(), created(ticks=9_000 + 60 * 8_000 - 300))
    assert talk.told("device-restarted") == []


@pytest.mark.parametrize(
    ("wall", "code"),
    [("2026-05-14 09:30:29.00", None), ("2026-05-14 09:31:00.00", "60"), ("2026-05-14 08:30:00.00", "-3600")],
)
def test_a_clock_that_is_off_by_more_than_half_a_minute_is_told(wall, code):
    talk = Talk()
    talk.sent()
    talk.hear(accepted(), created(wall), system(wall, 0))
    assert [item.code for item in talk.told("clock-offset")] == ([code] if code else [])


def test_our_own_messages_that_come_back_are_no_monitor():
    talk = Talk()
    talk.sent()
    items = talk.driver.receive(REQUEST + RELEASE + CONFIRMATION + single(1), talk.now)
    assert [item.kind for item in items] == ["ignored"]
    assert talk.driver.counters.frames == 0


def test_a_late_refusal_of_a_request_that_was_repeated_ends_nothing():
    talk = Talk()
    talk.associate()
    talk.hear(REFUSE)
    assert talk.numbers(3) == []
    assert talk.driver.closing() == RELEASE
