"""What Streamlit's page is given before it paints: the chosen look, the palette, our icon and name."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.components import asset_url
from dashboard.components.ahead import links

_ICON = re.compile(rb'<link rel="shortcut icon"[^>]*>')
_TITLE = re.compile(rb"<title>[^<]*</title>")
_OF_THE_WHOLE = {b"if-none-match", b"if-modified-since", b"accept-encoding", b"range"}
_OF_THE_FILE = {b"content-length", b"etag", b"last-modified", b"accept-ranges"}


@cache
def _ours() -> bytes:
    first = resources.files("dashboard.components").joinpath("assets", "first.js").read_bytes()
    palette = f'<link rel="stylesheet" href="{asset_url("palette.css")}">'
    icon = f'<link rel="icon" type="image/svg+xml" href="{asset_url("icon.svg")}">'
    return b"<title>Risewatch</title><script>" + first + b"</script>" + (palette + icon).encode("ascii")


def with_head(page: bytes, path: str = "/", has_bed: bool = False) -> bytes:
    """`page`, asked for at `path` (with a bed named or not), with our part in its head; as it is if it has none.

    What it is to look like comes first, what it will need last: Streamlit's own program is wanted before that.
    """
    opening, found, rest = page.partition(b"<head>")
    if not found:
        return page
    rest = rest.replace(b"</head>", links(path, has_bed) + b"</head>", 1)
    return opening + found + _ours() + _ICON.sub(b"", _TITLE.sub(b"", rest, count=1), count=1)


class PageHead:
    """Puts our part into every HTML page that is sent whole."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        parts: list[bytes] = []

        async def rewritten(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_page(message):
                start = message
                return
            if start is None or message["type"] != "http.response.body":
                await send(message)
                return
            parts.append(message.get("body", b""))
            if message.get("more_body"):
                return
            page = with_head(b"".join(parts), scope["path"], b"bed=" in scope["query_string"])
            headers = [each for each in start["headers"] if each[0].lower() not in _OF_THE_FILE]
            await send({**start, "headers": [*headers, (b"content-length", str(len(page)).encode("ascii"))]})
            await send({"type": "http.response.body", "body": page})

        # A page is asked for whole and as it is; the file's own validators say nothing of our part.
        wants_page = any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
        headers = [each for each in scope["headers"] if not (wants_page and each[0].lower() in _OF_THE_WHOLE)]
        await self._app({**scope, "headers": headers}, receive, rewritten)


def _is_page(start: Message) -> bool:
    headers = {name.lower(): value for name, value in start["headers"]}
    return (
        start["status"] == 200
        and headers.get(b"content-type", b"").startswith(b"text/html")
        and b"content-encoding" not in headers
    )
