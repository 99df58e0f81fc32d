"""The live routes on a real server, in a thread of the test."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from dashboard.access.hosts import HostGuard
from dashboard.live.routes import routes
from dashboard.live.service import LiveService


class Server:
    """`service` answers at `port` while the block lasts."""

    def __init__(self, store) -> None:
        self.service = LiveService(store)

        @asynccontextmanager
        async def lifespan(_app):
            self.service.start()
            yield
            await self.service.stop()

        app = Starlette(routes=routes(lambda: self.service), lifespan=lifespan, middleware=[Middleware(HostGuard)])
        self._server = uvicorn.Server(
            uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", timeout_graceful_shutdown=3)
        )
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve()))

    def __enter__(self):
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_error):
        self.stop()

    def stop(self):
        if not self._thread.is_alive():
            return
        self._server.servers[0].get_loop().call_soon_threadsafe(self.service.close_streams)
        self._server.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive()

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer, content

    def json(self, method, path, body=None):
        answer, content = self.ask(method, path, None if body is None else json.dumps(body))
        return answer.status, json.loads(content)

    @contextmanager
    def stream(self, token, last_id=None):
        """The events of a stream, one after the other."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", f"/api/stream?token={token}", headers={"Last-Event-ID": last_id} if last_id else {})
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        yield events(answer)
        connection.close()


def events(answer):
    fields = {}
    while line := answer.readline():
        text = line.decode().rstrip("\n")
        if text:
            name, _, value = text.partition(": ")
            fields[name] = value
        elif "event" in fields:
            yield fields["event"], int(fields["id"]), json.loads(fields["data"])
            fields = {}
