"""The live service of one server process: the store, its tail, the hub and the tokens; started and stopped once."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from dashboard.live import tail as tails
from dashboard.live.hub import Event, Hub, Subscription
from dashboard.live.monitors import MonitorsDesk
from dashboard.live.tokens import Tokens, token_key
from dashboard.store import queries
from dashboard.store.database import Store

SITE_NAME = "site_name"
SITE_ZONE = "site_zone"
"""Settings of the store: the clinic's name and its time zone (an IANA name), for the screens."""


def site_of(store: Store) -> dict[str, Any]:
    """The clinic's name and zone as the store has them."""
    with store.reading() as connection:
        return {
            "name": queries.setting(connection, SITE_NAME) or "Risewatch",
            "zone": queries.setting(connection, SITE_ZONE) or "UTC",
        }


class LiveService:
    """One per server process. `start` and `stop` are called in the event loop."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.hub = Hub()
        self.monitors = MonitorsDesk(store)
        self.tokens = Tokens(token_key(store))
        self.stopping = False
        self._stop = threading.Event()
        self._asked = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to tail the store."""
        loop = asyncio.get_running_loop()
        tail = tails.StoreTail(self.store, site_of(self.store))

        def publish(events: list[Event], snapshot: Event) -> None:
            try:
                loop.call_soon_threadsafe(self.hub.publish, events, snapshot)
            except RuntimeError:  # the loop closed between two polls: the server is going
                self._stop.set()

        self._thread = threading.Thread(
            target=tails.run,
            args=(tail, publish, self._stop),
            kwargs={"asked": self._asked},
            name="live-tail",
            daemon=True,
        )
        self._thread.start()

    def join(self, last_id: int | None) -> Subscription:
        """A new screen, which is told at once that the server can read the store."""
        subscription = self.hub.join(last_id)
        self._asked.set()
        return subscription

    def close_streams(self) -> None:
        """Ends every stream: the server waits for open ones before it stops."""
        self.stopping = True
        self.hub.close()

    async def stop(self) -> None:
        self.close_streams()
        self._stop.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, 5)
