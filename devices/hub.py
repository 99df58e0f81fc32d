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
from devices.monitor import Monitor
from devices.reading import Item
from devices.shared_port import SharedBed
from devices.source import Source

ON_PORT = (Monitor, SharedBed)
"""Sources that have a port to be waited on, or a share in one."""

EAGER = 5_000
"""A source that is due at once is served at most this often (microseconds): no driver can make the loop spin."""


_READ = selectors.EVENT_READ
_READ_WRITE = selectors.EVENT_READ | selectors.EVENT_WRITE


class _Clock(Protocol):
    def read(self) -> tuple[int, int]: ...


class _Slot:
    """A source as the hub keeps it.

    Attributes:
        due: when it is to be served at the latest, None: only bytes can bring something.
        timer: the instant it is in the heap of timers with, None: it is not.
        on_port: it has a port to be waited on, or a share in one. shared: the latter.
        version: of its port, as it is waited on; None before the first time.
        handle, fd, events: what is waited on now.
    """

    __slots__ = ("due", "events", "fd", "handle", "number", "on_port", "shared", "source", "timer", "version")

    def __init__(self, number: int, source: Source) -> None:
        self.number = number
        self.source = source
        self.due: int | None = None
        self.timer: int | None = None
        self.on_port = isinstance(source, ON_PORT)
        self.shared = isinstance(source, SharedBed)
        self.version: object = None
        self.handle: Link | Opening | None = None
        self.fd = -1
        self.events = 0


class _Timers:
    """When each source is due at the earliest. A source whose instant moves back keeps its timer and is asked then:
    so a busy port, whose instants move with each byte, costs no sorting."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, _Slot]] = []

    def set(self, slot: _Slot, at: int) -> None:
        if slot.timer is None or at < slot.timer:
            slot.timer = at
            heapq.heappush(self._heap, (at, slot.number, slot))

    def next(self) -> int | None:
        """The earliest instant, None without any."""
        heap = self._heap
        while heap and heap[0][2].timer != heap[0][0]:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def ring(self, now: int) -> list[_Slot]:
        """The sources whose timers have run out; they have none any more."""
        found: list[_Slot] = []
        while (first := self.next()) is not None and first <= now:
            slot = heapq.heappop(self._heap)[2]
            slot.timer = None
            found.append(slot)
        return found


class Hub:
    """Waits on many sources at once.

    Args:
        sources: monitors and players. More can be added and removed while it runs.
        clock: gives the instant now and how far it was set.
    """

    def __init__(self, sources: Iterable[Source] = (), clock: _Clock | None = None) -> None:
        self._clock = clock or WatchClock()
        self._selector = selectors.DefaultSelector()
        self._calls = selectors.DefaultSelector()
        self._inside, self._outside = socket.socketpair()
        self._inside.setblocking(False)
        self._outside.setblocking(False)
        self._selector.register(self._inside, selectors.EVENT_READ, None)
        self._calls.register(self._inside, selectors.EVENT_READ, None)
        self._slots: dict[int, _Slot] = {}
        self._added = 0
        self._timers = _Timers()
        self.now, _ = self._clock.read()
        for source in sources:
            self.add(source)

    @property
    def sources(self) -> list[Source]:
        return [slot.source for slot in self._slots.values()]

    def add(self, source: Source) -> None:
        """Takes a source in; it is served at the next `wait`. One that is in already is only served then."""
        slot = self._slots.get(id(source))
        if slot is None:
            self._added += 1
            slot = self._slots[id(source)] = _Slot(self._added, source)
        self._set_due(slot, self.now)

    def remove(self, source: Source) -> None:
        """Closes a source and forgets it."""
        slot = self._slots.pop(id(source), None)
        if slot is None:
            return
        slot.timer = slot.due = None
        self._unwatch(slot)
        source.close()

    def wakeup(self) -> None:
        """Ends a `wait` at once. May be called from any thread, and from a signal handler."""
        with contextlib.suppress(BlockingIOError, OSError):
            self._outside.send(b"!")

    def wait(self, timeout_s: float, rest_s: float = 0.0) -> list[tuple[Source, list[Item]]]:
        """What has come, after waiting for it no longer than `timeout_s`. May be empty: sooner, by `wakeup`.

        Args:
            rest_s: how long bytes may wait for more to come, from other ports too. Many ports are read together
                then, and one wake-up serves them all; what is due, and `wakeup`, end the rest.
        """
        heard: list[tuple[Source, list[Item]]] = []
        now = self._read_clock(heard)
        pause = timeout_s
        due = self._timers.next()
        if due is not None:
            pause = min(pause, max(0, due - now) / instant.SECOND)
        if rest_s > 0.0 and pause > 0.0:
            rest = min(rest_s, pause)
            pause = 0.0 if self._calls.select(rest) else pause - rest
        ready: list[_Slot | None] = [key.data for key, _ in self._selector.select(max(0.0, pause))]
        if None in ready:
            ready.remove(None)
            with contextlib.suppress(BlockingIOError):
                while self._inside.recv(64):
                    pass
        now = self._read_clock(heard)
        soonest = now + EAGER
        due = self._timers.next()
        # The cost of a wake-up is that of the sources it is about, however many others there are.
        for slot in ready if due is None or due > now else dict.fromkeys([*ready, *self._now_due(now)]):
            assert slot is not None
            source = slot.source
            items = source.poll(now)
            wake = source.wake(now)
            if wake is not None:
                if wake < soonest:
                    wake = soonest
                if slot.timer is None or wake < slot.timer:
                    self._timers.set(slot, wake)
            slot.due = wake
            if slot.on_port and slot.version != source.port_version:  # type: ignore[attr-defined]
                self._watch(slot)
            if slot.shared:
                for other in source.waiting():  # type: ignore[attr-defined]
                    self._set_due(self._slots[id(other)], now)
            if items:
                heard.append((source, items))
        return heard

    def _set_due(self, slot: _Slot, at: int) -> None:
        slot.due = at
        self._timers.set(slot, at)

    def _now_due(self, now: int) -> list[_Slot]:
        """The sources whose time has come. A timer that rings for an instant that has moved on is set anew."""
        found = []
        for slot in self._timers.ring(now):
            if slot.due is not None and slot.due <= now:
                found.append(slot)
            elif slot.due is not None:
                self._timers.set(slot, slot.due)
        return found

    def close(self) -> None:
        """Closes all sources."""
        for source in self.sources:
            self.remove(source)
        self._selector.close()
        self._calls.close()
        self._inside.close()
        self._outside.close()

    def _read_clock(self, heard: list[tuple[Source, list[Item]]]) -> int:
        self.now, step = self._clock.read()
        if step:
            for slot in self._slots.values():
                self._set_due(slot, self.now)
                if isinstance(slot.source, ON_PORT):
                    heard.append((slot.source, slot.source.clock_set(step, self.now)))
        return self.now

    def _watch(self, slot: _Slot) -> None:
        """Waits on the source's port as it is now: it may have been opened, lost or opened again."""
        source = slot.source
        assert isinstance(source, ON_PORT)
        slot.version = source.port_version
        handle = source.handle()
        if handle is None:
            self._unwatch(slot)
            return
        events = _READ_WRITE if source.wants_write() else _READ
        if slot.handle is handle:
            if slot.events != events:
                self._selector.modify(slot.fd, events, slot)
                slot.events = events
            return
        # A new port may have been given the number of the old one: the old entry must go first.
        self._unwatch(slot)
        slot.handle, slot.fd, slot.events = handle, handle.fileno(), events
        self._selector.register(slot.fd, events, slot)

    def _unwatch(self, slot: _Slot) -> None:
        if slot.handle is not None:
            slot.handle = None
            with contextlib.suppress(KeyError, ValueError, OSError):
                self._selector.unregister(slot.fd)
