"""The raw capture of a bed's port: switched by the store, ended by a fault, never at the cost of a reading."""

from datetime import UTC

import pytest

from dashboard.store import monitor_commands, queries
from dashboard.watch.bed import BedWatch, write_beds
from devices import catalogue
from devices.captures.reading import read_capture
from devices.captures.writing import RollingCapture
from devices.instant import SECOND
from devices.links.line import LineSettings
from devices.monitor import Monitor
from devices.protocols.line.frames import encode


class Port:
    """A port that gives what a test puts into it."""

    def __init__(self):
        self.waiting = b""

    def read(self):
        data, self.waiting = self.waiting, b""
        return data

    def write(self, data): ...

    def unsent(self):
        return 0

    def wants_write(self):
        return False

    def fileno(self):
        return -1

    def close(self): ...


class Wired:
    """A watched bed whose monitor is real, on a port made of bytes."""

    def __init__(self, ward, folder):
        self.ward, self.port = ward, Port()
        monitor = Monitor(
            "Bed 1", "/dev/x", catalogue.create("line"), LineSettings(), open_port=lambda url, line: self.port
        )
        self.watch = BedWatch(ward.bed, monitor, RollingCapture(folder, "Bed 1", "line", "/dev/x"))
        self.number = 0
        self.say(encode("H", "dev=A,fw=1,rate=1,fields=t|hr"))
        self.look()

    def say(self, data):
        self.port.waiting += data
        items = self.watch.source.poll(self.ward.now)
        self.watch.take(items, self.ward.now)
        return items

    def sample(self):
        self.number += 1
        self.ward.now += SECOND
        line = encode("D", f"{self.number},{self.number * 1000},{70 + self.number}")
        assert [item.value for item in self.say(line) if item.__class__.__name__ == "Reading"] == [70.0 + self.number]
        return line

    def look(self):
        with self.ward.store.reading() as connection:
            self.watch.take_acts(connection, self.ward.now)

    def commit(self):
        self.watch.judge(self.ward.now)
        with self.ward.store.writing() as connection:
            write_beds(connection, self.ward.writer, [self.watch], self.ward.now)
        self.watch.written()


@pytest.fixture
def wired(ward, tmp_path):
    return Wired(ward, tmp_path / "captures")


def captured(folder):
    return b"".join(piece.data for file in sorted(folder.iterdir()) for piece in read_capture(file, UTC).pieces)


def test_it_is_switched_on_and_off_while_the_monitor_speaks(wired, ward, tmp_path):
    wired.sample()
    assert not (tmp_path / "captures").exists()
    monitor_commands.switch_capture(ward.store, ward.bed.id, True, author="Ada", now=ward.now)
    wired.look()
    kept = wired.sample() + wired.sample()
    monitor_commands.switch_capture(ward.store, ward.bed.id, False, author="Ada", now=ward.now)
    wired.look()
    wired.sample()
    assert captured(tmp_path / "captures") == kept


def test_a_capture_that_cannot_be_written_is_told_and_costs_no_reading(wired, ward, tmp_path):
    (tmp_path / "captures").write_text("in the way")
    monitor_commands.switch_capture(ward.store, ward.bed.id, True, author="Ada", now=ward.now)
    wired.look()
    for _ in range(3):
        wired.sample()
        wired.commit()
    with ward.store.reading() as connection:
        told = [each for each in queries.notices(connection, ward.bed.id) if each.kind == "capture-ended"]
        assert len(queries.readings(connection, ward.bed.id)) == 3
    assert len(told) == 1
    assert told[0].text == f"the captures in {tmp_path / 'captures'} cannot be written: File exists"


def test_the_watch_notices_that_the_switch_was_moved(ward):
    with ward.store.reading() as connection:
        before = queries.newest_acts(connection)
    monitor_commands.switch_capture(ward.store, ward.bed.id, True, author="Ada", now=ward.now)
    with ward.store.reading() as connection:
        assert queries.newest_acts(connection) != before
