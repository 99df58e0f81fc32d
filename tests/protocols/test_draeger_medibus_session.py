"""The MEDIBUS driver's speaking: the beginning, requests in turn, every command answered, keep-alive, loss, the end."""

from __future__ import annotations

from itertools import pairwise

from devices.protocols.draeger_medibus.driver import DraegerMedibus
from devices.protocols.draeger_medibus.frames import Framer, Message, command, response
from devices.reading import Notice

S = 1_000_000
NOW = 1_770_000_000 * S
TICK = S // 10
ICC, ICC_ANSWER = bytes.fromhex("1B5136430D"), bytes.fromhex("015135320D")
NOP, NOP_ANSWER = bytes.fromhex("1B3034420D"), bytes.fromhex("013033310D")
IDENTIFY = bytes.fromhex("1B5236440D")
DATA = bytes.fromhex("1B2433460D")
STOP, STOP_ANSWER = bytes.fromhex("1B5537300D"), bytes.fromhex("015535360D")
NAK = bytes.fromhex("011531360D")
SPO2 = bytes.fromhex("012445422039382035440D")


class Device:
    """A device that answers what it is told to, when it is told to; what it heard is kept with its time."""

    def __init__(self, driver, silent=(), nak=()):
        self.driver = driver
        self.now = NOW
        self.heard = []
        self.items = []
        self.silent, self.nak, self.deaf = set(silent), set(nak), False
        driver.opened(NOW)

    def run(self, seconds, say=b""):
        """`say` is said at the beginning."""
        for tick in range(round(seconds * S / TICK)):
            said = say if tick == 0 else b""
            sent = self.driver.send(self.now)
            for piece in Framer().feed(sent):
                assert isinstance(piece, Message)
                self.heard.append(((self.now - NOW) / S, piece))
                if piece.is_command and not self.deaf and piece.code not in self.silent:
                    said += NAK if piece.code in self.nak else response(piece.code)
            self.now += TICK
            self.items += self.driver.receive(said, self.now)
        return self

    def commands(self):
        return [(at, piece.code) for at, piece in self.heard if piece.is_command]

    def codes(self):
        return [code for _, code in self.commands()]

    def answers(self):
        return [piece.raw for _, piece in self.heard if not piece.is_command]

    def notices(self):
        return [(item.kind, item.code) for item in self.items if isinstance(item, Notice)]


def test_it_begins_then_asks_who_when_what_and_then_in_turn():
    device = Device(DraegerMedibus()).run(1.5)
    assert device.codes()[:8] == [0x51, 0x52, 0x28, 0x4A, 0x24, 0x27, 0x2E, 0x2A]
    assert device.commands()[0][0] == 0.0
    assert device.commands()[1][0] - device.commands()[0][0] >= 0.2
    chosen = next(piece.data for _, piece in device.heard if piece.code == 0x4A)
    assert chosen.startswith(b"$")
    for code in (b"EB", b"E1", b"DC", b"96", b"8C", b"91", b"92"):
        assert code in [chosen[at : at + 2] for at in range(1, len(chosen), 2)]


def test_measured_data_are_asked_for_at_the_interval_and_the_rest_now_and_then():
    for interval in (1, 2, 5):
        device = Device(DraegerMedibus(interval_s=interval)).run(61)
        codes = device.codes()
        assert abs(codes.count(0x24) - 60 / interval) <= 2
        assert 11 <= codes.count(0x27) <= 13
        assert 2 <= codes.count(0x28) <= 2
        assert codes.count(0x52) == codes.count(0x4A) == codes.count(0x51) == 1
        times = [at for at, _ in device.commands()]
        assert max(b - a for a, b in pairwise(times)) <= 2.15


def test_without_the_limit_nothing_is_configured():
    assert 0x4A not in Device(DraegerMedibus(limit=False)).run(10).codes()


def test_nothing_is_said_for_two_seconds_then_a_keep_alive_comes():
    device = Device(DraegerMedibus(interval_s=5)).run(30)
    assert 0x30 in device.codes()


def test_one_request_is_outstanding_at_a_time():
    device = Device(DraegerMedibus(), silent={0x24}).run(2.5)
    assert device.codes().count(0x24) == 1
    assert device.codes()[-1] == 0x24


def test_every_command_of_the_device_is_answered():
    device = Device(DraegerMedibus()).run(2)
    for said, answer in ((NOP, NOP_ANSWER), (command(0x49), response(0x49)), (command(0x6A, b"x"), response(0x6A))):
        assert device.run(0.3, said).answers()[-1] == answer
    device.run(0.3, IDENTIFY)
    assert device.answers()[-1] == response(0x52, b"0161'Risewatch'01.00:04.00")
    assert device.run(0.3, b"\x1b000\r").answers()[-1] == NAK
    assert device.run(0.3, STOP).answers()[-1] == STOP_ANSWER


def test_an_answer_goes_out_at_once():
    driver = DraegerMedibus()
    driver.opened(NOW)
    driver.send(NOW)
    driver.receive(NOP, NOW + S)
    assert driver.wake() <= NOW + S
    assert driver.send(NOW + S) == NOP_ANSWER


def test_a_device_that_begins_itself_is_answered_and_asked():
    device = Device(DraegerMedibus())
    device.deaf = True
    device.run(0.2)
    device.deaf = False
    device.run(2, ICC)
    assert device.answers() == [ICC_ANSWER]
    assert 0x24 in device.codes()


def test_a_device_that_begins_anew_is_told_and_everything_is_asked_again():
    device = Device(DraegerMedibus()).run(10).run(2, ICC)
    assert device.codes().count(0x4A) == 2
    assert ("device-restarted", "") in device.notices()


def test_a_lost_device_is_called_every_three_seconds_and_that_is_told_once():
    device = Device(DraegerMedibus()).run(5)
    before = len(device.commands())
    device.deaf = True
    device.run(30)
    calls = [at for at, code in device.commands()[before:] if code == 0x51]
    assert 8 <= len(calls) <= 10
    assert {round(b - a, 1) for a, b in pairwise(calls)} <= {3.0, 3.1}
    assert [code for _, code in device.commands()[before + 1 :]] == [0x51] * (len(device.commands()) - before - 1)
    assert device.notices() == [("not-answering", "")]
    device.deaf = False
    device.run(5)
    assert 0x24 in device.codes()[-8:]
    assert device.notices() == [("not-answering", ""), ("device-event", "")]


def test_real_time_bytes_are_no_sign_of_life():
    device = Device(DraegerMedibus()).run(5)
    device.deaf = True
    before = device.codes().count(0x51)
    for _ in range(10):
        device.run(1, b"\xd1\x85\x85")
    assert device.codes().count(0x51) > before


def test_a_request_without_an_answer_is_repeated_three_times_then_it_begins_again():
    device = Device(DraegerMedibus(), silent={0x24}).run(1)
    for _ in range(29):
        device.run(1, NOP)
    assert (device.codes().count(0x24), device.codes().count(0x51)) == (3, 1)
    for _ in range(4):
        device.run(1, NOP)
    assert device.codes().count(0x51) == 2


def test_an_answer_whose_sum_is_wrong_is_asked_for_again():
    driver = DraegerMedibus()
    device = Device(driver, silent={0x24}).run(1)
    device.run(0.2, SPO2[:-3] + b"00\r")
    assert device.codes().count(0x24) == 1
    device.run(1.5)
    assert device.codes().count(0x24) == 2
    assert ("frame-rejected", "checksum") in device.notices()


def test_a_request_the_device_does_not_know_is_given_up_and_the_rest_goes_on():
    device = Device(DraegerMedibus(), nak={0x4A, 0x2E}).run(30)
    assert device.codes().count(0x4A) == device.codes().count(0x2E) == 3
    assert device.codes().count(0x24) > 15
    assert device.codes().count(0x51) == 1


def test_a_request_the_device_never_answers_is_given_up_in_the_end():
    device = Device(DraegerMedibus(), silent={0x2E}).run(60)
    assert device.codes().count(0x2E) == 3
    assert device.codes()[-20:].count(0x24) > 10


def test_a_device_that_stops_is_left_alone_until_it_begins_again():
    device = Device(DraegerMedibus()).run(5).run(0.2, STOP)
    before = len(device.heard)
    device.run(60)
    assert len(device.heard) == before
    assert device.driver.wake() is None
    assert ("device-event", "STOP") in device.notices()
    assert device.driver.closing() == b""
    device.run(3, ICC)
    assert 0x24 in device.codes()[-6:]


def test_a_device_that_wants_a_pause_gets_it_for_three_seconds_at_most():
    device = Device(DraegerMedibus()).run(5)
    before = len(device.commands())
    device.run(1, b"\x11")
    assert len(device.commands()) <= before + 1
    device.run(1, b"\x13")
    assert len(device.commands()) > before + 1
    device.run(0.1, b"\x11")
    before = len(device.commands())
    device.run(4, NOP)
    assert len(device.commands()) > before


def test_a_lost_value_asks_for_the_alarms_at_once():
    device = Device(DraegerMedibus()).run(2).run(2, SPO2)
    alarms = [at for at, code in device.commands() if code == 0x27]
    assert len(alarms) == 2
    assert alarms[1] < 4.0


def test_it_ends_the_communication_it_began():
    device = Device(DraegerMedibus())
    assert device.driver.closing() == b""
    device.run(3)
    assert device.driver.closing() == STOP


def test_nothing_is_said_before_the_port_is_open():
    driver = DraegerMedibus()
    driver.receive(ICC, NOW)
    assert driver.wake() is None
    assert driver.send(NOW) == b""
