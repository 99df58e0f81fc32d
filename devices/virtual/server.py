"""A virtual monitor at work: a device on a far end, in a thread of this program or as a program of its own."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol, runtime_checkable

from devices import instant
from devices.virtual.device import Paced, SpeaksDatagrams, VirtualDevice
from devices.virtual.farend import FarEnd, far_end
from devices.virtual.faults import Fault, FrameShape, LineFaults
from devices.virtual.network_ends import UdpEnd

TICK_S = 0.05
"""How often a device gets the word, seconds of real time."""

SUBTICK = instant.SECOND // 4
"""A device is never ticked in longer steps than this of its own time, however fast that runs."""


@runtime_checkable
class Greeter(Protocol):
    """A device that notices a listener plugging in (a board that restarts when its port is opened)."""

    def opened(self, at: int) -> bytes: ...


class VirtualMonitor:
    """One virtual monitor on one link.

    Args:
        make_device: makes the device; called again when it is switched off and on (`counter-jump`).
        link: ``pty``, ``tcp[:PORT]``, or ``udp[:PORT]`` for a device that speaks datagrams.
        name: file name of the pseudo-terminal, name of the thread.
        faults: line faults and `unplug`, `counter-jump`. Faults of the sensors belong to the bedside.
        speed: seconds of the monitor's time per second.
        start: the monitor's time when it is switched on; None: now.
        device: the device to begin with, if it has a history; None: a new one.

    Attributes:
        url: the port to connect to; it stays the same through `unplug`.

    Raises:
        SettingError: a link or speed that cannot be. LinkError: no such port can be had.
    """

    def __init__(
        self,
        make_device: Callable[[], VirtualDevice],
        link: str = "pty",
        *,
        name: str = "monitor",
        faults: Iterable[Fault] = (),
        speed: float = 1.0,
        start: int | None = None,
        device: VirtualDevice | None = None,
        seed: int = 0,
    ) -> None:
        self.name = name
        self.start_time = instant.now() if start is None else start
        self.device = device or make_device()
        self._make_device = make_device
        self._speed = speed
        self._faults = tuple(faults)
        self._line = LineFaults(self._faults, self.start_time, seed)
        self._restarts = sorted(fault.start_s for fault in self._faults if fault.name == "counter-jump")
        self._ticked = self.start_time
        self._begun = time.monotonic()
        self._stopped, self._stopper = socket.socketpair()
        self._stopper.setblocking(False)
        self._thread: threading.Thread | None = None
        self._end: FarEnd = far_end(link, name, self.device)
        self._end.plug()
        self.url = self._end.url
        self._hang(self.device)

    def now(self) -> int:
        """The monitor's own time."""
        return self.start_time + round((time.monotonic() - self._begun) * self._speed * instant.SECOND)

    def start(self) -> VirtualMonitor:
        """Runs it in a thread of its own."""
        self._thread = threading.Thread(target=self.run, name=f"virtual {self.name}", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Switches it off. May be called from a signal handler, and more than once."""
        with contextlib.suppress(OSError):
            self._stopper.send(b"!")
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=5.0)
            self._thread = None

    def run(self) -> None:
        """Runs it here, until `stop`."""
        try:
            due = time.monotonic()
            while True:
                poll = select.poll()
                for fd in (self._stopped.fileno(), *self._end.waits_on()):
                    poll.register(fd, select.POLLIN)
                pause = max(0.0, due - time.monotonic())
                if any(fd == self._stopped.fileno() for fd, _ in poll.poll(round(pause * 1_000))):
                    return
                self.serve(self.now())
                if time.monotonic() >= due:
                    due = time.monotonic() + TICK_S
        finally:
            self.close()

    def close(self) -> None:
        """Takes the port away. `run` does it at its end; for a monitor that was never run."""
        self._end.close()
        self._stopped.close()
        self._stopper.close()

    def serve(self, at: int) -> None:
        """All that the monitor does at its instant `at`: plug, listen, answer, speak."""
        if self._line.on("unplug", at):
            self._end.unplug()
        else:
            self._end.plug()
        while self._restarts and at >= self.start_time + instant.seconds(self._restarts[0]):
            self._restarts.pop(0)
            self.device = self._make_device()
            self._hang(self.device)
        if self._end.look() and isinstance(self.device, Greeter):
            self._say(self.device.opened(at), at)
        heard = self._end.read()
        if heard and not self._line.on("silence", at):
            self._say(self.device.receive(heard, at), at)
        while self._ticked < at:
            self._ticked = min(at, self._ticked + SUBTICK)
            self._say(self.device.tick(self._ticked), self._ticked)

    def _say(self, data: bytes, at: int) -> None:
        if data:
            shape = self.device if isinstance(self.device, FrameShape) else None
            by_datagram = isinstance(self.device, SpeaksDatagrams) and self.device.by_datagram
            for piece in shape.split(data) if by_datagram and shape else [data]:
                self._end.write(self._line.spoil(piece, at, shape))

    def _hang(self, device: VirtualDevice) -> None:
        if isinstance(device, SpeaksDatagrams):
            device.by_datagram = isinstance(self._end, UdpEnd)
        if isinstance(device, Paced):
            device.pace = self._speed
