"""Whatever else pyserial can open (RFC 2217, loop://): without a file number, so two threads carry the bytes."""

from __future__ import annotations

import contextlib
import queue
import socket
import termios
import threading

import serial

from devices.errors import LinkError
from devices.links.descriptor import BULK
from devices.links.line import Line


class CarriedLink:
    """A port of pyserial without a file number. Opening waits: use `begin`.

    Raises:
        LinkError: it cannot be opened.
    """

    def __init__(self, url: str, line: Line) -> None:
        self.url = url
        try:
            self._port = serial.serial_for_url(
                url,
                baudrate=line.baud,
                bytesize=line.bytesize,
                parity=line.parity,
                stopbits=line.stopbits,
                rtscts=line.rtscts,
                timeout=0.2,
            )
        except (OSError, ValueError, termios.error) as error:
            raise LinkError(
                f"{url} could not be opened ({_plain(error)}): check the address and that it is on"
            ) from None
        self._ours, self._theirs = socket.socketpair()
        self._ours.setblocking(False)
        self._outgoing: queue.Queue[bytes | None] = queue.Queue(maxsize=64)
        self._closed = threading.Event()
        for work, name in ((self._carry_in, "reading"), (self._carry_out, "writing")):
            threading.Thread(target=work, name=f"{name} {url}", daemon=True).start()

    def _carry_in(self) -> None:
        try:
            while not self._closed.is_set():
                data = self._port.read(1)
                if data:
                    more = self._port.in_waiting
                    self._theirs.sendall(data + (self._port.read(more) if more else b""))
        except (OSError, TypeError, AttributeError):
            # pyserial's own closing from another thread surfaces as any of these; the reader sees the end.
            pass
        finally:
            self._theirs.close()

    def _carry_out(self) -> None:
        while (data := self._outgoing.get()) is not None:
            try:
                self._port.write(data)
            except (OSError, TypeError, AttributeError):
                self._theirs.close()
                return

    def fileno(self) -> int:
        return self._ours.fileno()

    def read(self) -> bytes:
        try:
            data = self._ours.recv(BULK)
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError:
            data = b""
        if not data:
            raise LinkError(f"{self.url} is gone: look whether the device or serial server is on")
        return data

    def write(self, data: bytes) -> None:
        if data:
            with contextlib.suppress(queue.Full):
                self._outgoing.put_nowait(data)

    def unsent(self) -> int:
        return 0

    def wants_write(self) -> bool:
        return False

    def close(self) -> None:
        if self._closed.is_set():
            return
        self._closed.set()
        while True:
            try:
                self._outgoing.put_nowait(None)
                break
            except queue.Full:
                with contextlib.suppress(queue.Empty):
                    self._outgoing.get_nowait()
        with contextlib.suppress(OSError):
            self._ours.close()
        # Closing waits for pyserial's own thread: not on the time of whoever reads the other beds.
        threading.Thread(target=self._give_back, name=f"closing {self.url}", daemon=True).start()

    def _give_back(self) -> None:
        with contextlib.suppress(OSError, AttributeError, TypeError):
            self._port.close()


def _plain(error: BaseException) -> str:
    text = str(error).strip()
    return text.rsplit("] ", 1)[-1] if text else type(error).__name__
