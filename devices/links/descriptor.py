"""Reading and writing a non-blocking file number."""

from __future__ import annotations

import os
from collections import deque

from devices.errors import LinkError

BULK = 4_096
"""Bytes taken per read: as many as a serial port holds, so one read empties it. (Room for more costs time to make.)"""

UNSENT_MAX = 4_096
"""Bytes kept for a device that does not take them; what does not fit is dropped whole, requests are repeated."""


class Descriptor:
    """Reading and writing a non-blocking file number, with a bounded queue before it."""

    def __init__(self, url: str, fd: int) -> None:
        self.url = url
        self._fd = fd
        self._waiting: deque[bytes] = deque()

    def fileno(self) -> int:
        return self._fd

    def read(self) -> bytes:
        try:
            data = os.read(self._fd, BULK)
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError as error:
            raise LinkError(self._gone(error)) from None
        if not data:
            raise LinkError(self._gone(None))
        return data

    def write(self, data: bytes) -> None:
        # What is offered while nothing waits is tried as a whole: many answers may be due at once.
        if data and (not self._waiting or sum(map(len, self._waiting)) + len(data) <= UNSENT_MAX):
            self._waiting.append(data)
        while self._waiting:
            first = self._waiting.popleft()
            try:
                sent = os.write(self._fd, first)
            except (BlockingIOError, InterruptedError):
                sent = 0
            except OSError as error:
                raise LinkError(self._gone(error)) from None
            if sent < len(first):
                self._waiting.appendleft(first[sent:])
                return

    def unsent(self) -> int:
        return sum(map(len, self._waiting))

    def wants_write(self) -> bool:
        return bool(self._waiting)

    def _gone(self, error: OSError | None) -> str:
        return f"{self.url} is gone: the cable or adapter was pulled out, or the other side has ended"
