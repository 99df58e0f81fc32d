"""The dashboard as one ASGI application: Streamlit's pages, the live routes beside them, and the tail they share.

`dashboard.server` runs it; ``streamlit run dashboard/app.py`` does too, with the data folder in RISEWATCH_DATA.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from dashboard.access.hosts import HostGuard
from dashboard.access.place import shared_store
from dashboard.components.head import PageHead
from dashboard.errors import StoreError
from dashboard.live.routes import routes
from dashboard.live.service import LiveService
from dashboard.sessions.setup import ensure_presets
from devices import instant

_log = logging.getLogger(__name__)

_running: list[LiveService] = []


def service() -> LiveService:
    """The live service of this process while the application runs."""
    return _running[-1]


@asynccontextmanager
async def _lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    store = shared_store()
    ensure_presets(store, instant.now())
    live = LiveService(store)
    live.start()
    _running.append(live)
    _end_streams_on_signal(live)
    try:
        yield {}
    finally:
        _running.remove(live)
        await live.stop()


def _end_streams_on_signal(live: LiveService) -> None:
    """The web server stops only when its last connection is closed, and an event stream never closes by itself: so
    the signal that stops the server ends the streams first."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)

        def handle(received: int, frame: FrameType | None, before: Any = before) -> None:
            loop.call_soon_threadsafe(live.close_streams)
            if callable(before):
                before(received, frame)

        signal.signal(number, handle)


def _on_page_error(error: Exception) -> bool:
    """A page that failed says so in plain words; the details go to the log, never to a nurse."""
    _log.error("a page failed", exc_info=error)
    if isinstance(error, StoreError):
        st.error(
            "NOT MONITORING on this screen: the database cannot be read. "
            "Look at the bedside monitor, and tell the technician."
        )
    else:
        st.error(
            "This page could not be shown. Reload it; if it fails again, tell the technician. "
            "Look at the bedside monitor meanwhile."
        )
    return True


app = st.App(
    Path(__file__).parent / "views" / "main.py",
    lifespan=_lifespan,
    routes=routes(service),
    middleware=[Middleware(HostGuard), Middleware(PageHead)],
    on_script_error=_on_page_error,
)
