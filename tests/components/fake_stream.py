"""A stream server for the browser side alone: the contract of docs/live-stream.md, told by a made clinic.

    python tests/components/fake_stream.py --port 8700 [--beds 8] [--mode live|demo|replay]

then open http://127.0.0.1:8700/ and /bed?bed=5. In tests a `Fake` is steered from Python.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import threading
import time
from functools import cache
from pathlib import Path

import uvicorn
from fake_scene import FakeBed, bed_view, wall_scene
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from dashboard.components import asset_hash

ASSETS = Path(__file__).parents[2] / "dashboard" / "components" / "assets"
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}
PAGE = """<!doctype html><meta charset=utf-8><meta name=viewport content="width=device-width, initial-scale=1">
<title>Risewatch</title><script>{first}</script>
<link rel=stylesheet href=/api/assets/palette.css>
<style>body {{ margin: 0; padding: {top} 16px 8px; background: var(--ground); }}</style>
<div id=host></div><script type=module>
window.triggers = [];
window.component = {{ parentElement: document.getElementById("host"), data: {data},
  setTriggerValue: (name, value) => {{ window.triggers.push([name, value]);
    if (name === "opened" && !{stay}) location.href = "/bed?bed=" + value; }} }};
const view = await import(component.data.module);
window.remount = () => view.mount(component);
await view.mount(component);
</script>"""


def wall_ms() -> float:
    return round(time.time() * 1000)


class Fake:
    """The made server. `beds` may be changed while it runs; `told(bed)` sends what changed."""

    def __init__(self, beds: list[FakeBed] | None = None, **options) -> None:
        self.beds = wall_scene(wall_ms()) if beds is None else beds
        self.demo = options.get("demo", False)
        self.zone = options.get("zone", "Europe/Berlin")
        self.may_act = options.get("may_act", True)
        self.shift = None
        self.token = "good"
        self.watch = {"state": "running", "age": 300, "version": "0", "mode": "live"}
        self.speaking = True
        self.acknowledged: list[int] = []
        self.presented: list[dict] = []
        self.monitors: dict | None = None  # what the page Monitors is told; None: the database cannot be read
        self.asked_monitors: list[dict] = []
        self.sent: dict[int, list[list]] = {}
        self._queues: set[asyncio.Queue] = set()
        self._kept: list[tuple[float, bytes]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._second = int(time.time())

    def bed(self, number: int) -> FakeBed:
        return next(each for each in self.beds if each.id == number)

    def told(self, bed: FakeBed) -> None:
        self.send("bed", bed_view(bed, wall_ms()))

    def send(self, kind: str, data: dict) -> None:
        now = wall_ms()
        body = f"event: {kind}\nid: {int(now)}\ndata: {json.dumps(data)}\n\n".encode()
        if kind == "readings":
            self._kept.append((now, body))
            for row in data["rows"]:
                self.sent.setdefault(data["bed"], []).append(row)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(lambda: [queue.put_nowait(body) for queue in self._queues])

    def drop(self) -> None:
        """Cuts every stream, as a network does."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(lambda: [queue.put_nowait(None) for queue in self._queues])

    def snapshot(self) -> bytes:
        now = wall_ms()
        site = {"name": "Ketamine suite", "zone": self.zone, "demo": self.demo, "longest_delay_s": 1.0}
        data = {"server": now, "watch": self.watch, "site": site, "beds": [bed_view(each, now) for each in self.beds]}
        return f"event: snapshot\nid: {int(now)}\ndata: {json.dumps(data)}\n\n".encode()

    async def live(self) -> None:
        self._loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(0.02)
            if not self.speaking or time.time() < self._second + 1:
                continue
            # After a stop only the present second is told; what was missed lies in the series.
            self._second = int(time.time())
            at = self._second * 1000
            for bed in self.beds:
                rows = bed.rows(at)
                if rows:
                    self.send("readings", {"bed": bed.id, "rows": rows})
            self.send("beat", {"server": wall_ms(), "watch": self.watch})

    async def stream(self, request: Request) -> Response:
        if request.query_params.get("token") != self.token:
            return JSONResponse({"error": "this screen's token has run out: reload the page"}, 401)
        last = request.headers.get("last-event-id")
        queue: asyncio.Queue = asyncio.Queue()

        async def events():
            yield b"retry: 500\n\n" + self.snapshot()
            if last:
                yield b"".join(body for stamp, body in self._kept if stamp >= int(last) - 2000)
            self._queues.add(queue)
            try:
                while (body := await queue.get()) is not None:
                    yield body
            finally:
                self._queues.discard(queue)

        return StreamingResponse(events(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def series(self, request: Request) -> Response:
        query = request.query_params
        bed = self.bed(int(query["bed"]))
        start, end, points = float(query["start"]), float(query["end"]), int(query.get("points", 2500))
        now = wall_ms()
        first = max(start, bed.started)
        count = int((min(end, now) - first) // 1000)
        step = max(1, -(-count // points)) * 1000
        times = [at for at in range(int(first // 1000 + 1) * 1000, int(min(end, now)) + 1, step) if bed.speaks(at)]
        streams = {
            "HR": {"source": "ge-dri:ecg.hr", "t": times, "v": [bed.hr_at(at) for at in times]},
            "SPO2": {"source": "ge-dri:spo2", "t": times, "v": [bed.spo2_at(at) for at in times]},
        }
        nibp = [[*each, "ok", None] for each in bed.cuffs if start <= each[0] <= end]
        return JSONResponse(
            {"bed": bed.id, "start": start, "end": end, "streams": streams if times else {}, "nibp": nibp}
        )

    async def monitors_told(self, request: Request) -> Response:
        self.asked_monitors.append(dict(request.query_params))
        if self.monitors is None:
            return JSONResponse({"error": "the database cannot be read"}, 503)
        return JSONResponse({"server": wall_ms(), "one": None, "command": None, **self.monitors})

    async def present(self, request: Request) -> Response:
        self.presented.append(await request.json())
        return JSONResponse({"logged": 1})

    async def acknowledge(self, request: Request) -> Response:
        asked = await request.json()
        for bed in self.beds:
            for alarm in bed.view.get("alarms", []):
                if alarm["id"] == asked["alarm"]:
                    alarm.update(acknowledged=wall_ms(), acknowledged_by="A. Meyer RN")
                    self.acknowledged.append(asked["alarm"])
                    self.told(bed)
        return JSONResponse({"acknowledged": True})

    async def page(self, request: Request) -> Response:
        bed = request.query_params.get("bed")
        alone = ("strip", "scrub", "monitors", "monitor", "probe", "follow")
        module = next((f"{each}.js" for each in alone if each in request.query_params), None)
        module = module or ("bed.js" if bed else "wall.js")
        version = asset_hash()
        data = {"module": f"/api/assets/{module}?v={version}", "version": version, "token": self.token}
        data["may_act"] = self.may_act
        data["who"] = "A. Meyer RN" if self.may_act else ""
        data["shift"] = self.shift
        if bed:
            data["bed"] = int(bed)
        if "scrub" in request.query_params:  # with how the page shows the replay
            data["shown"] = json.loads(request.query_params["scrub"])
        data |= json.loads(request.query_params.get("more", "{}"))
        stay = "stay" in request.query_params
        top = request.query_params.get("top", "0")
        first = (ASSETS / "first.js").read_text(encoding="utf-8")
        return HTMLResponse(PAGE.format(data=json.dumps(data), stay=json.dumps(stay), top=f"{int(top)}px", first=first))

    def app(self) -> Starlette:
        async def asset(request: Request) -> Response:
            file = ASSETS / request.path_params["name"]
            if not file.is_file():
                return Response(status_code=404)
            return Response(file.read_bytes(), media_type=TYPES.get(file.suffix))

        async def plotly(_request: Request) -> Response:
            headers = {"Cache-Control": "immutable, max-age=999", "Content-Encoding": "gzip"}
            return Response(plotly_bytes(), media_type="text/javascript", headers=headers)

        return Starlette(
            routes=[
                Route("/", self.page),
                Route("/bed", self.page),
                Route("/api/stream", self.stream),
                Route("/api/series", self.series),
                Route("/api/monitors", self.monitors_told),
                Route("/api/acknowledge", self.acknowledge, methods=["POST"]),
                Route("/api/presented", self.present, methods=["POST"]),
                Route("/api/assets/{name}", asset),
                Route("/api/plotly.js", plotly),
            ]
        )

    async def serve(self, server: uvicorn.Server) -> None:
        told = asyncio.create_task(self.live())
        try:
            await server.serve()
        finally:
            told.cancel()


@cache
def plotly_bytes() -> bytes:
    import plotly.offline

    return gzip.compress(plotly.offline.get_plotlyjs().encode("utf-8"), 1)


class Running:
    """A `Fake` served at `url` while the block lasts, in a thread."""

    def __init__(self, fake: Fake) -> None:
        self.fake = fake
        config = uvicorn.Config(fake.app(), host="127.0.0.1", port=0, log_level="critical", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: asyncio.run(fake.serve(self._server)))

    def __enter__(self) -> Running:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_error) -> None:
        self.fake.drop()
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive()


def many(count: int, now: float, mode: str) -> list[FakeBed]:
    """`count` beds: the eight of the wall, over and over."""
    beds = []
    for turn in range(-(-count // 8)):
        for bed in wall_scene(now, mode):
            bed.id += 8 * turn
            beds.append(bed)
    return beds[:count]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8700)
    parser.add_argument("--beds", type=int, default=8)
    parser.add_argument("--mode", default="live")
    parser.add_argument("--groups", type=int, default=0, help="as many groups of beds")
    asked = parser.parse_args()
    fake = Fake(many(asked.beds, wall_ms(), asked.mode), demo=asked.mode == "demo")
    for number, bed in enumerate(fake.beds):
        if asked.groups:
            bed.view["group"] = ("North", "South", "Garden")[number * asked.groups // len(fake.beds)]
    if asked.mode == "replay":
        for bed in fake.beds:
            bed.view["replay"] = {"recording": "case 12", "start": 0, "end": 1, "speed": 10, "playing": True}
    server = uvicorn.Server(uvicorn.Config(fake.app(), host="127.0.0.1", port=asked.port, log_level="warning"))
    asyncio.run(fake.serve(server))


if __name__ == "__main__":
    main()
