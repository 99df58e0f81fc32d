"""Which host names this server answers to, so that a web page elsewhere cannot reach it by renaming itself.

A foreign page can point its own name at this machine (DNS rebinding) and would then count as the same origin. Its
name is not ours, so it is refused. Literal addresses cannot be renamed and are always answered.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from functools import cache

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.access.place import HOSTS_VARIABLE


def host_name(header: str) -> str:
    """The name in a Host header, without its port, in lower case."""
    if header.startswith("["):
        return header.partition("]")[0].removeprefix("[").lower()
    return header.partition(":")[0].lower().rstrip(".")


def is_ours(header: str, names: frozenset[str]) -> bool:
    """Whether a request for the host in `header` is meant for us: an address, or one of `names`."""
    name = host_name(header)
    if name in names:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


@cache
def our_names() -> frozenset[str]:
    """localhost, this machine's names, and those of the environment variable."""
    given = {name.strip().lower() for name in os.environ.get(HOSTS_VARIABLE, "").split(",") if name.strip()}
    host = socket.gethostname().lower()
    return frozenset({"localhost", host, f"{host}.local", *given})


class HostGuard:
    """Refuses requests (and websockets) under a name that is not ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            header = next((value for name, value in scope["headers"] if name == b"host"), b"")
            if not is_ours(header.decode("latin-1"), our_names()):
                if scope["type"] == "websocket":
                    await send({"type": "websocket.close", "code": 1008})
                    return
                refusal = PlainTextResponse("This server is not known under that name.", 421)
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)
