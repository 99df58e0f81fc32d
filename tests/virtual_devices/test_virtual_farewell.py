"""A monitor that streams until told otherwise is told so when its port is closed on purpose."""

from __future__ import annotations

from dataclasses import dataclass, field

from devices import catalogue
from devices.errors import LinkError
from devices.monitor import Monitor

NOW = 1_770_000_000_000_000
STOP = bytes.fromhex("7e3100" + "00" * 19 + "ff" + "00" * 18 + "01" + "0000" + "00" * 6 + "317e")
"""The vendor's published stop request: displayed values, interval 0."""


@dataclass
class Port:
    written: bytes = b""
    closed: bool = False
    gone: list[bool] = field(default_factory=list)

    def fileno(self):
        return -1

    def read(self):
        if self.gone:
            raise LinkError("the port is gone")
        return b""

    def write(self, data):
        self.written += data

    def unsent(self):
        return 0

    def wants_write(self):
        return False

    def close(self):
        self.closed = True


def opened(protocol):
    port = Port()
    _, line = catalogue.split_settings(protocol, {})
    monitor = Monitor("Bed 1", "/dev/x", catalogue.create(protocol), line, open_port=lambda *_: port)
    monitor.poll(NOW)
    port.written = b""
    return monitor, port


def test_closing_on_purpose_stops_a_ge_monitor():
    monitor, port = opened("ge-dri")
    monitor.close()
    assert port.closed
    assert port.written.startswith(STOP)


def test_a_port_that_went_away_is_sent_nothing():
    monitor, port = opened("ge-dri")
    port.gone.append(True)
    monitor.poll(NOW + 1)
    assert port.closed
    assert port.written == b""


def test_a_polled_monitor_needs_no_farewell():
    monitor, port = opened("dinamap")
    monitor.close()
    assert port.closed
    assert port.written == b""
