"""All monitors read by one loop: asleep until a port has bytes, something is due, or somebody calls.

No thread a port and no polling: epoll (where the system has it) and one bulk read per wake-up.
"""

from __future__ import annotations

import contextlib
import heapq
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


_READ = selectors.EVENT_READ
_READ_WRITE = selectors.EVENT_READ | selectors.EVENT_WRITE


class _Clock(Protocol):
    def read(self) -> tuple[int, int]: ...


class _Timers:
    """When each source is due at the earliest. A source whose instant moves back keeps its timer and is asked then:
    so a busy port, whose instants move with each byte, costs no sorting."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int]] = []
        self._set: dict[int, int] = {}

    def set(self, key: int, at: int) -> None:
        if at < self._set.get(key, at + 1):
            self._set[key] = at
            heapq.heappush(self._heap, (at, key))

    def forget(self, key: int) -> None:
        self._set.pop(key, None)

    def next(self) -> int | None:
        """The earliest instant, None without any."""
        self._drop_stale()
        return self._heap[0][0] if self._heap else None

    def ring(self, now: int) -> list[int]:
        """The sources whose timers have run out; they have none any more."""
        found: list[int] = []
        while True:
            self._drop_stale()
            if not self._heap or self._heap[0][0] > now:
                return found
            _, key = heapq.heappop(self._heap)
            del self._set[key]
            found.append(key)

    def _drop_stale(self) -> None:
        while self._heap and self._set.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)


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
        self._timers = _Timers()
        self.now, _ = self._clock.read()
        for source in sources:
            self.add(source)

    @property
    def sources(self) -> list[Source]:
        return list(self._sources.values())

    def add(self, source: Source) -> None:
        """Takes a source in; it is served at the next `wait`."""
        self._sources[id(source)] = source
        self._set_due(id(source), self.now)

    def remove(self, source: Source) -> None:
        """Closes a source and forgets it."""
        key = id(source)
        if self._sources.pop(key, None) is None:
            return
        self._due.pop(key, None)
        self._timers.forget(key)
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
        due = self._timers.next()
        if due is not None:
            pause = min(pause, max(0, due - now) / instant.SECOND)
        ready = [key.data for key, _ in self._selector.select(max(0.0, pause))]
        if None in ready:
            ready.remove(None)
            with contextlib.suppress(BlockingIOError):
                while self._inside.recv(64):
                    pass
        now = self._read_clock(heard)
        # The cost of a wake-up is that of the sources it is about, however many others there are.
        for key in dict.fromkeys([*ready, *self._now_due(now)]):
            source = self._sources[key]
            items = source.poll(now)
            wake = source.wake(now)
            self._set_due(key, None if wake is None else max(wake, now + EAGER))
            if isinstance(source, ON_PORT) and not self._is_watched(key, source):
                self._watch(key, source)
            if isinstance(source, SharedBed):
                for other in source.waiting():
                    self._set_due(id(other), now)
            if items:
                heard.append((source, items))
        return heard

    def _set_due(self, key: int, at: int | None) -> None:
        self._due[key] = at
        if at is not None:
            self._timers.set(key, at)

    def _now_due(self, now: int) -> list[int]:
        """The sources whose time has come. A timer that rings for an instant that has moved on is set anew."""
        found = []
        for key in self._timers.ring(now):
            at = self._due[key]
            if at is not None and at <= now:
                found.append(key)
            elif at is not None:
                self._timers.set(key, at)
        return found

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
                self._set_due(key, self.now)
                if isinstance(source, ON_PORT):
                    heard.append((source, source.clock_set(step, self.now)))
        return self.now

    def _is_watched(self, key: int, monitor: Monitor | SharedBed) -> bool:
        """Whether the monitor's port is waited on as it is now."""
        known = self._watched.get(key)
        events = _READ_WRITE if monitor.wants_write() else _READ
        return known is not None and known[0] is monitor.handle() and known[2] == events

    def _watch(self, key: int, monitor: Monitor | SharedBed) -> None:
        """Waits on the monitor's port as it is now: it may have been opened, lost or opened again."""
        handle = monitor.handle()
        known = self._watched.get(key)
        if handle is None:
            self._unwatch(key)
            return
        events = _READ_WRITE if monitor.wants_write() else _READ
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
