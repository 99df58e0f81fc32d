"""A network between browser and server that can be cut, silenced and mended: a small TCP proxy."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Network:
    """Forwards to `port` of this machine; `cut` aborts every connection and refuses new ones until `mend`."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._pairs: set[socket.socket] = set()
        self._whole = threading.Event()
        self._whole.set()
        self._lock = threading.Lock()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Network:
        return self

    def __exit__(self, *_error) -> None:
        self._door.close()
        self._drop()

    def cut(self) -> None:
        self._whole.clear()
        self._drop()

    def mend(self) -> None:
        self._whole.set()

    def _drop(self) -> None:
        with self._lock:
            for each in self._pairs:
                with suppress(OSError):
                    each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
            self._pairs.clear()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            if not self._whole.is_set():
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                near.close()
                continue
            with self._lock:
                self._pairs |= {near, far}
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while part := one.recv(65_536):
                other.sendall(part)
        with suppress(OSError):
            other.shutdown(socket.SHUT_WR)
