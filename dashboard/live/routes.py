"""The routes beside the pages: the event stream, series, acknowledgement, and the program's own files.

Patient data and acts want a token (`dashboard.live.tokens`); the program's own files and the health word do not.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import math
import mimetypes
import re
from collections.abc import Awaitable, Callable
from functools import cache
from importlib import resources
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from dashboard import __version__
from dashboard.errors import RisewatchError, SessionError
from dashboard.live.hub import Subscription
from dashboard.live.series import MOST_POINTS, series_at
from dashboard.live.service import LiveService
from dashboard.live.tokens import Bearer, Role, TokenError
from dashboard.store import acts, deliveries, queries
from devices import instant

_MOST_BYTES = 4_096
"""More than this nobody has to say to a route."""

_MOST_ALARMS = 100
_SCREEN = re.compile(r"[0-9a-z-]{8,40}")

_FOREVER = "public, max-age=31536000, immutable"

_NO_STORE = {"Cache-Control": "no-store"}


class RequestRefused(RisewatchError):
    """A request that cannot be answered, with the HTTP status that says so."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class EventStream(Response):
    """Sends a subscription's events until the screen leaves, is dropped or the server stops."""

    def __init__(self, service: LiveService, subscription: Subscription) -> None:
        self._service = service
        self._subscription = subscription
        super().__init__(
            media_type="text/event-stream",
            # X-Accel-Buffering: a reverse proxy must hand events on at once.
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        tasks = [
            asyncio.create_task(self._send_all(send)),
            asyncio.create_task(self._until_gone(receive)),
            asyncio.create_task(self._subscription.closed.wait()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._service.hub.leave(self._subscription)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if self._service.stopping:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_all(self, send: Send) -> None:
        # Says at once how soon to come back, which also opens the stream before the first event.
        await send({"type": "http.response.body", "body": b"retry: 500\n\n", "more_body": True})
        while True:
            body = await self._subscription.next()
            await send({"type": "http.response.body", "body": body, "more_body": True})

    @staticmethod
    async def _until_gone(receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


def routes(service: Callable[[], LiveService], clock: Callable[[], int] = instant.now) -> list[Route]:
    """The routes, answered by the service that runs when they are called."""

    def bearer(token: str) -> Bearer:
        if not token:
            raise TokenError("this screen has shown no token: reload the page")
        return service().tokens.read(token, clock())

    async def stream(request: Request) -> Response:
        bearer(request.query_params.get("token", ""))
        last = request.headers.get("last-event-id", "")
        last_id = int(last) if last.isascii() and last.isdigit() and len(last) < 16 else None
        return EventStream(service(), service().join(last_id))

    async def window(request: Request) -> Response:
        query = request.query_params
        bearer(query.get("token", ""))
        bed = int(_number(query.get("bed"), "bed"))
        start, end = _instant(query.get("start"), "start"), _instant(query.get("end"), "end")
        points = int(_number(query.get("points", str(MOST_POINTS)), "points"))
        if end < start:
            raise RequestRefused(400, "the window ends before it starts")

        def read() -> dict[str, Any]:
            with service().store.reading() as connection:
                if bed not in {each.id for each in queries.beds(connection)}:
                    raise RequestRefused(404, "that bed is not configured")
                return series_at(connection, bed, start, end, points)

        return JSONResponse(await asyncio.to_thread(read), headers=_NO_STORE)

    async def monitors(request: Request) -> Response:
        """What the page Monitors shows (`dashboard.live.monitors`)."""
        query = request.query_params
        bearer(query.get("token", ""))
        bed, command = (int(_number(query[each], each)) if each in query else None for each in ("bed", "command"))
        answer = await service().monitors.answer(clock(), bed, command)
        return Response(answer, media_type="application/json", headers=_NO_STORE)

    async def acknowledge(request: Request) -> Response:
        try:
            content = json.loads(await _body(request))
            token, alarm = content["token"], content["alarm"]
        except (ValueError, TypeError, KeyError):
            raise RequestRefused(400, 'an acknowledgement is {"token": ..., "alarm": id}') from None
        if not isinstance(token, str) or not isinstance(alarm, int) or isinstance(alarm, bool):
            raise RequestRefused(400, 'an acknowledgement is {"token": ..., "alarm": id}')
        if not 0 < alarm < 2**63:
            raise RequestRefused(404, "that alarm does not exist")
        person = bearer(token)
        if person.role is not Role.ACT:
            raise RequestRefused(403, "say who you are first: an alarm is acknowledged by a name")

        def act() -> bool:
            try:
                return acts.acknowledge(service().store, alarm, author=person.who, now=clock())
            except SessionError as error:
                raise RequestRefused(404, str(error)) from None

        return JSONResponse({"acknowledged": await asyncio.to_thread(act)}, headers=_NO_STORE)

    async def presented(request: Request) -> Response:
        """What a screen presents, for the alarm log: each screen tells of itself."""
        words = 'what is presented is {"token", "screen", "sound", "visible", "alarms": [id, ...]}'
        try:
            content = json.loads(await _body(request))
            token, screen, sound = content["token"], content["screen"], content["sound"]
            visible, alarms = content["visible"], content["alarms"]
        except (ValueError, TypeError, KeyError):
            raise RequestRefused(400, words) from None
        if not (isinstance(token, str) and isinstance(screen, str) and _SCREEN.fullmatch(screen)):
            raise RequestRefused(400, words)
        if sound not in deliveries.SOUNDS or not isinstance(visible, bool) or not isinstance(alarms, list):
            raise RequestRefused(400, words)
        if len(alarms) > _MOST_ALARMS or not all(type(each) is int and 0 < each < 2**63 for each in alarms):
            raise RequestRefused(400, words)
        said = {"screen": screen, "sound": sound, "visible": visible, "who": bearer(token).who, "now": clock()}
        return JSONResponse(
            {"logged": await asyncio.to_thread(deliveries.log_presented, service().store, alarms, **said)},
            headers=_NO_STORE,
        )

    async def health(_request: Request) -> Response:
        return JSONResponse({"version": __version__, "stopping": service().stopping}, headers=_NO_STORE)

    return [
        Route("/api/stream", _guarded(stream), methods=["GET"]),
        Route("/api/series", _guarded(window), methods=["GET"]),
        Route("/api/monitors", _guarded(monitors), methods=["GET"]),
        Route("/api/acknowledge", _guarded(acknowledge), methods=["POST"]),
        Route("/api/presented", _guarded(presented), methods=["POST"]),
        Route("/api/health", _guarded(health), methods=["GET"]),
        Route("/api/plotly.js", _guarded(_plotly), methods=["GET"]),
        Route("/api/assets/{name}", _guarded(_asset), methods=["GET"]),
    ]


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            raise RequestRefused(413, f"more than {_MOST_BYTES} bytes were not expected")
    return body


def _guarded(answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Refusals become a status and one sentence."""

    async def guarded(request: Request) -> Response:
        try:
            return await answer(request)
        except TokenError as error:
            return JSONResponse({"error": str(error)}, 401, headers=_NO_STORE)
        except RequestRefused as error:
            return JSONResponse({"error": str(error)}, error.status, headers=_NO_STORE)
        except RisewatchError as error:
            return JSONResponse({"error": str(error)}, 503, headers=_NO_STORE)

    return guarded


def _number(text: str | None, name: str) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or abs(value) > 1e15:
        raise RequestRefused(400, f"{name!r} must be a number")
    return value


def _instant(text: str | None, name: str) -> int:
    return round(_number(text, name) * 1_000)


@cache
def _plotly_bytes() -> bytes:
    import plotly.offline

    return gzip.compress(plotly.offline.get_plotlyjs().encode("utf-8"), 6)


async def _plotly(request: Request) -> Response:
    body = await asyncio.to_thread(_plotly_bytes)
    headers = {"Cache-Control": _FOREVER, "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(await asyncio.to_thread(gzip.decompress, body), media_type="text/javascript", headers=headers)
    return Response(body, media_type="text/javascript", headers={**headers, "Content-Encoding": "gzip"})


@cache
def _assets() -> dict[str, bytes]:
    """The files the browser may have, by name: a name that is not here is no path to anything else."""
    folder = resources.files("dashboard.components") / "assets"
    if not folder.is_dir():
        return {}
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    found = _assets().get(name)
    if found is None:
        raise RequestRefused(404, "there is no such file")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    # The address carries the content's hash (`asset_url`), so a copy may be kept for ever.
    keep = _FOREVER if request.query_params else "no-cache"
    return Response(found, media_type=kind, headers={"Cache-Control": keep, "X-Content-Type-Options": "nosniff"})
