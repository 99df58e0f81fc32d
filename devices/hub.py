"""All monitors read by one loop: asleep until a port has bytes, something is due, or somebody calls.

No thread a port and no polling: epoll (where the system has it) and one bulk read per wake-up.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
from collections.abc import Iterable
from typing import Protocol

from devices import instant
from devices.clock import WatchClock
from devices.links.link import Link, Opening
from devices.monitor import Monitor, Source
from devices.reading import Item
from devices.shared_port import SharedBed

ON_PORT = (Monitor, SharedBed)
"""Sources that have a port to be waited on, or a share in one."""

EAGER = 5_000
"""A source that is due at once is served at most this often (microseconds): no driver can make the loop spin."""


class _Clock(Protocol):
    def read(self) -> tuple[int, int]: ...


class Hub:
    """Waits on many sources at once.

    Args:
        sources: monitors and players. More can be added and removed while it runs.
        clock: gives the instant now and how far it was set.
    """

    def __init__(self, sources: Iterable[Source] = (), clock: _Clock | None = None) -> None:
        self._clock = clock or WatchClock()
        self._selector = selectors.DefaultSelector()
        self._inside, self._outside = socket.socketpair()
        self._inside.setblocking(False)
        self._outside.setblocking(False)
        self._selector.register(self._inside, selectors.EVENT_READ, None)
        self._watched: dict[int, tuple[Link | Opening, int, int]] = {}
        self._sources: dict[int, Source] = {}
        self._due: dict[int, int | None] = {}
        self.now, _ = self._clock.read()
        for source in sources:
            self.add(source)

    @property
    def sources(self) -> list[Source]:
        return list(self._sources.values())

    def add(self, source: Source) -> None:
        """Takes a source in; it is served at the next `wait`."""
        self._sources[id(source)] = source
        self._due[id(source)] = self.now

    def remove(self, source: Source) -> None:
        """Closes a source and forgets it."""
        key = id(source)
        if self._sources.pop(key, None) is None:
            return
        self._due.pop(key, None)
        self._unwatch(key)
        source.close()

    def wakeup(self) -> None:
        """Ends a `wait` at once. May be called from any thread, and from a signal handler."""
        with contextlib.suppress(BlockingIOError, OSError):
            self._outside.send(b"!")

    def wait(self, timeout_s: float) -> list[tuple[Source, list[Item]]]:
        """What has come, after waiting for it no longer than `timeout_s`. May be empty: sooner, by `wakeup`."""
        heard: list[tuple[Source, list[Item]]] = []
        now = self._read_clock(heard)
        pause = timeout_s
        due = min((at for at in self._due.values() if at is not None), default=None)
        if due is not None:
            pause = min(pause, max(0, due - now) / instant.SECOND)
        ready = {key.data for key, _ in self._selector.select(max(0.0, pause)) if key.data is not None}
        with contextlib.suppress(BlockingIOError):
            while self._inside.recv(64):
                pass
        now = self._read_clock(heard)
        for key, source in list(self._sources.items()):
            at = self._due[key]
            if key not in ready and (at is None or at > now):
                continue
            items = source.poll(now)
            wake = source.wake(now)
            self._due[key] = None if wake is None else max(wake, now + EAGER)
            if isinstance(source, ON_PORT):
                self._watch(key, source)
            if isinstance(source, SharedBed):
                for other in source.waiting():
                    self._due[id(other)] = now
            if items:
                heard.append((source, items))
        return heard

    def close(self) -> None:
        """Closes all sources."""
        for source in self.sources:
            self.remove(source)
        self._selector.close()
        self._inside.close()
        self._outside.close()

    def _read_clock(self, heard: list[tuple[Source, list[Item]]]) -> int:
        self.now, step = self._clock.read()
        if step:
            for key, source in self._sources.items():
                self._due[key] = self.now
                if isinstance(source, ON_PORT):
                    heard.append((source, source.clock_set(step, self.now)))
        return self.now

    def _watch(self, key: int, monitor: Monitor | SharedBed) -> None:
        """Waits on the monitor's port as it is now: it may have been opened, lost or opened again."""
        handle = monitor.handle()
        known = self._watched.get(key)
        if handle is None:
            self._unwatch(key)
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if monitor.wants_write() else 0)
        if known is not None and known[0] is handle:
            if known[2] != events:
                self._selector.modify(known[1], events, key)
                self._watched[key] = (handle, known[1], events)
            return
        # A new port may have been given the number of the old one: the old entry must go first.
        self._unwatch(key)
        fd = handle.fileno()
        self._selector.register(fd, events, key)
        self._watched[key] = (handle, fd, events)

    def _unwatch(self, key: int) -> None:
        known = self._watched.pop(key, None)
        if known is not None:
            with contextlib.suppress(KeyError, ValueError, OSError):
                self._selector.unregister(known[1])
