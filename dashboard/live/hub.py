"""From one tail to many screens: each event is written once and handed to every screen through a bounded queue.

A screen that does not read fast enough is dropped, not waited for; its EventSource connects again and catches up.
Everything here runs in the server's event loop; the tail hands over with `call_soon_threadsafe`.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Iterable
from typing import Any

from msgspec import Struct, field

QUEUE = 256
"""Events a screen may lag behind before it is dropped: half a minute of eight beds."""

KEPT_MS = 300_000
"""How long readings are kept for screens that come back, in milliseconds."""

OVERLAP_MS = 2_000
"""Readings are repeated from this much before the last one a screen says it has."""


class Event(Struct, frozen=True):
    """One server-sent event. `stamp` is the server's wall clock in milliseconds and becomes its id."""

    kind: str
    stamp: int
    data: dict[str, Any]

    def encoded(self) -> bytes:
        body = json.dumps(self.data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return f"event: {self.kind}\nid: {self.stamp}\ndata: {body}\n\n".encode()


class Subscription(Struct, eq=False):
    """One screen's queue. `closed` is set when the screen was dropped or the server stops."""

    queue: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def next(self) -> bytes:
        """The next events, joined: whatever waits is sent in one piece."""
        parts = [await self.queue.get()]
        while not self.queue.empty():
            parts.append(self.queue.get_nowait())
        return b"".join(parts)


class Hub:
    """Fans the tail's events out and tells a newly connected screen how things stand."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()
        self._kept: deque[tuple[int, bytes]] = deque()
        self._kept_since: int | None = None
        self._snapshot: Event | None = None
        self._closed = False
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._subscriptions)

    def publish(self, events: Iterable[Event], snapshot: Event) -> None:
        """Sends `events` to every screen. `snapshot` is what a screen connecting from now on gets first."""
        self._snapshot = snapshot
        for event in events:
            encoded = event.encoded()
            if event.kind == "readings":
                self._keep(event.stamp, encoded)
            elif self._kept_since is None:
                self._kept_since = event.stamp
            for subscription in list(self._subscriptions):
                try:
                    subscription.queue.put_nowait(encoded)
                except asyncio.QueueFull:
                    self.dropped += 1
                    self.leave(subscription)

    def _keep(self, stamp: int, encoded: bytes) -> None:
        if self._kept_since is None:
            self._kept_since = stamp
        self._kept.append((stamp, encoded))
        while self._kept and self._kept[0][0] < stamp - KEPT_MS:
            self._kept_since = self._kept.popleft()[0] + 1

    def join(self, last_id: int | None) -> Subscription:
        """A new screen: the snapshot first, then the readings committed since `last_id`, then what comes.

        The numbers of a snapshot may be those of the last beat: without a `last_id` the readings since then follow.

        Where those readings are no longer kept, the screen is told to fetch its series again (`late`).
        """
        subscription = Subscription()
        if self._closed:
            subscription.closed.set()
            return subscription
        if self._snapshot is not None:
            subscription.queue.put_nowait(self._snapshot.encoded())
            for missed in self._missed(last_id, self._snapshot):
                subscription.queue.put_nowait(missed)
        self._subscriptions.add(subscription)
        return subscription

    def _missed(self, last_id: int | None, snapshot: Event) -> list[bytes]:
        since = (snapshot.stamp if last_id is None else last_id) - OVERLAP_MS
        if last_id is not None and (self._kept_since is None or last_id < self._kept_since):
            beds = snapshot.data["beds"]
            return (
                [b"".join(Event("late", snapshot.stamp, {"bed": bed["id"]}).encoded() for bed in beds)] if beds else []
            )
        missed = b"".join(encoded for stamp, encoded in self._kept if stamp >= since)
        return [missed] if missed else []

    def leave(self, subscription: Subscription) -> None:
        subscription.closed.set()
        self._subscriptions.discard(subscription)

    def close(self) -> None:
        """The server stops: every stream ends, and none begins."""
        self._closed = True
        for subscription in list(self._subscriptions):
            self.leave(subscription)
