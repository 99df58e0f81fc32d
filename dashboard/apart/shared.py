"""What processes hand each other whole: pickled, its arrays in a file without a name that each of them maps.

Whoever takes a recording of millions of readings so neither copies nor unpacks its columns.
"""

from __future__ import annotations

import io
import mmap
import os
import pickle
import tempfile
from multiprocessing import reduction
from multiprocessing.connection import Connection
from typing import Any, BinaryIO, Generic, TypeVar

from dashboard.errors import SessionError

_ALIGNED = 64
_COUNT = 4

T = TypeVar("T")


class Shared(Generic[T]):
    """A value in a form that `send` passes on without copying its arrays. It does not change."""

    def __init__(self, file: BinaryIO, head: bytes, places: list[tuple[int, int]]) -> None:
        """`head`: the pickle. `places`: where its arrays begin in the file, and where they end."""
        self.file, self.head, self.places = file, head, places

    @staticmethod
    def of(value: T) -> Shared[T]:
        """Raises SessionError: there is no room for it."""
        arrays: list[pickle.PickleBuffer] = []
        head = pickle.dumps(value, 5, buffer_callback=arrays.append)
        places, end = [], 0
        file = tempfile.TemporaryFile()  # noqa: SIM115 - it is handed on
        try:
            for each in arrays:
                with each.raw() as raw:
                    file.seek(end)
                    file.write(raw)
                    places.append((end, end + len(raw)))
                    end += len(raw) + -len(raw) % _ALIGNED
            file.flush()
        except OSError as error:
            file.close()
            why = error.strerror or error
            raise SessionError(f"there is no room in {tempfile.gettempdir()} to hand the recording on: {why}") from None
        return Shared(file, head, places)

    def value(self) -> T:
        """The value; its arrays cannot be written, and are read from the file where they are looked at."""
        end = max((last for _, last in self.places), default=0)
        mapped = memoryview(mmap.mmap(self.file.fileno(), end, access=mmap.ACCESS_READ) if end else b"")
        found: T = pickle.loads(self.head, buffers=[mapped[first:last] for first, last in self.places])
        return found


def send(end: Connection, message: Any) -> None:
    """Sends what can be pickled, `Shared` values within it by their files."""
    packed = io.BytesIO()
    pickler = _Pickler(packed)
    pickler.dump(message)
    end.send_bytes(len(pickler.files).to_bytes(_COUNT) + packed.getvalue())
    for file in pickler.files:
        reduction.send_handle(end, file.fileno(), 0)


def receive(end: Connection) -> Any:
    """What was sent. Raises EOFError: the other end is closed."""
    packed = end.recv_bytes()
    count = int.from_bytes(packed[:_COUNT])
    files: list[BinaryIO] = [os.fdopen(reduction.recv_handle(end), "rb") for _ in range(count)]
    return _Unpickler(io.BytesIO(packed[_COUNT:]), files).load()


class _Pickler(pickle.Pickler):
    def __init__(self, into: io.BytesIO) -> None:
        super().__init__(into, 5)
        self.files: list[BinaryIO] = []

    def persistent_id(self, value: Any) -> Any:
        if not isinstance(value, Shared):
            return None
        self.files.append(value.file)
        return len(self.files) - 1, value.head, value.places


class _Unpickler(pickle.Unpickler):
    def __init__(self, packed: io.BytesIO, files: list[BinaryIO]) -> None:
        super().__init__(packed)
        self._files = files

    def persistent_load(self, said: Any) -> Any:
        number, head, places = said
        return Shared(self._files[number], head, places)
