"""What the page Monitors is told beside the live stream: each monitor's counters, the values and notices of one, and
what the page's controls rest on (docs/live-stream.md). A wall has no use for it, so it is asked for and not streamed.

Each page asks once a second; what many ask for at once is read once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from dashboard.live.snapshot import clock_of, millis, watch_view
from dashboard.store import monitor_commands as commands
from dashboard.store import monitor_queries, queries
from dashboard.store.database import Store
from dashboard.store.monitor_commands import Action
from dashboard.store.records import Bed, BedState, Heartbeat, StoredNotice
from devices.reading import KINDS, Reading
from devices.signals import SIGNALS

KEPT_S = 0.25
"""An answer may be this old; the browser's side (`follow.js`) knows that it may be up to twice as old."""

_ORDER = {name: at for at, name in enumerate(SIGNALS)}


def own_beds(connection: Connection) -> list[Bed]:
    """The beds that have a monitor, in the order of the wall."""
    return [bed for bed in queries.beds(connection) if bed.mode != "replay"]


def standing(connection: Connection, now: int) -> dict[str, Any]:
    """What the page's controls rest on: a page that was drawn on anything else is to be drawn anew.

    "watching": whether the watch runs. "beds": [id, name, protocol, port] of each. "captures": the ids of those whose
    bytes are kept. "looked": the id of the last answer to a look, or None. "log": [id, whether done] of the last
    commands.
    """
    return _standing(connection, own_beds(connection), queries.heartbeat(connection), now)


def _standing(connection: Connection, beds: Sequence[Bed], beat: Heartbeat | None, now: int) -> dict[str, Any]:
    return {
        "watching": watch_view(beat, now)["state"] == "running",
        "beds": [[bed.id, bed.name, bed.protocol, bed.port] for bed in beds],
        "captures": [bed.id for bed in beds if bed.capture],
        "looked": commands.newest_answered(connection, Action.LOOK),
        "log": [[id_, done] for id_, done in commands.log_stamp(connection)],
    }


def hex_text(raw: bytes, most: int = 64) -> str:
    """The bytes as a person reads them in a manual; a longer run is cut, and said to be."""
    text = raw[:most].hex(" ").upper()
    return text if len(raw) <= most else f"{text} ... ({len(raw)} bytes)"


def heard(readings: Iterable[Reading], bed_now: int) -> list[dict[str, Any]]:
    """The last value of each source of each signal; "value" None where there is none, "age" in ms."""
    return [
        {
            "label": SIGNALS[each.signal].label if each.signal in SIGNALS else each.signal,
            "value": None if each.value is None else f"{each.value:g}",
            "unit": each.unit,
            "status": each.status.value.replace("_", " "),
            "age": millis(bed_now - each.time),
            "source": each.source,
        }
        for each in sorted(readings, key=lambda each: (_ORDER.get(each.signal, 99), each.source))
    ]


class MonitorsDesk:
    """Answers the pages. Used in the event loop; reads in threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[tuple[int | None, int | None], tuple[float, asyncio.Future[bytes]]] = {}
        self._offsets: dict[int, tuple[int, StoredNotice | None]] = {}

    async def answer(self, wall: int, bed_id: int | None, command_id: int | None) -> bytes:
        """The answer as JSON at most `KEPT_S` old, with the monitor of one bed and one command if they are named.

        Raises:
            StoreError, DBAPIError: the database cannot be read.
        """
        at, key = time.monotonic(), (bed_id, command_id)
        self._kept = {
            each: (asked, told) for each, (asked, told) in self._kept.items() if at - asked < KEPT_S or not told.done()
        }
        if key not in self._kept:
            self._kept[key] = at, asyncio.ensure_future(asyncio.to_thread(self._read, wall, bed_id, command_id))
        # One page that leaves does not take the answer from the others.
        return await asyncio.shield(self._kept[key][1])

    def _read(self, wall: int, bed_id: int | None, command_id: int | None) -> bytes:
        with self._store.reading() as connection:
            beds, beat = own_beds(connection), queries.heartbeat(connection)
            states = queries.bed_states(connection)
            facts = _standing(connection, beds, beat, wall)
            answer: dict[str, Any] = {
                "server": millis(wall),
                "facts": facts,
                "monitors": [_monitor(bed, states.get(bed.id), wall) for bed in beds],
                "one": None,
                "command": None,
            }
            if bed_id is not None and any(bed.id == bed_id for bed in beds):
                answer["one"] = self._one(connection, bed_id, states.get(bed_id), wall)
            command = commands.get(connection, command_id) if command_id is not None else None
            if command is not None:
                facts["command"] = [command.id, command.done is not None]
                answer["command"] = {
                    "id": command.id,
                    "progress": command.progress,
                    "done": command.done is not None,
                    "age": millis(wall - command.entered),
                }
        return msgspec.json.encode(answer)

    def _one(self, connection: Connection, bed_id: int, state: BedState | None, wall: int) -> dict[str, Any]:
        offset = self._offset(connection, bed_id)
        clock = clock_of(state)
        return {
            "id": bed_id,
            "rate": clock.rate,
            "late": state.late if state is not None else 0,
            "heard": heard(queries.latest_readings(connection, bed_id), clock.now(wall)),
            "clock": None if offset is None else {"time": millis(offset.time), "text": offset.text},
            "notices": [
                {
                    "id": notice.id,
                    "time": millis(notice.time),
                    "kind": notice.kind,
                    "means": KINDS.get(notice.kind, ""),
                    "text": notice.text,
                    "bytes": hex_text(raw),
                    "about": " ".join(part for part in (notice.signal, notice.code) if part),
                    "source": notice.source,
                }
                for notice, raw in monitor_queries.notices_with_bytes(connection, bed_id)
            ],
        }

    def _offset(self, connection: Connection, bed_id: int) -> StoredNotice | None:
        """What was last told of a monitor's clock. All its notices are looked through once, later only the new ones."""
        last = monitor_queries.newest_notice_id(connection)
        seen, known = self._offsets.get(bed_id, (None, None))
        if seen is None or last < seen:
            known = monitor_queries.last_notice(connection, bed_id, "clock-offset")
        elif last > seen:
            told = monitor_queries.notices_since(connection, seen, "clock-offset")
            mine = [each for each in (*told, known) if each is not None and each.bed_id == bed_id]
            known = max(mine, key=lambda each: (each.time, each.id), default=None)
        self._offsets[bed_id] = last, known
        return known


def _monitor(bed: Bed, state: BedState | None, wall: int) -> dict[str, Any]:
    """One row of the table: how the port stands and its counters; "age" of the last frame in ms, None if none came."""
    last = state.last_frame if state is not None else None
    return {
        "id": bed.id,
        "name": bed.name,
        "mode": bed.mode,
        "protocol": bed.protocol,
        "port": bed.port,
        "state": state.monitor if state is not None else "connecting",
        "text": state.text if state is not None else "",
        "bytes": state.bytes_in if state is not None else 0,
        "frames": state.frames if state is not None else 0,
        "rejected": state.rejected if state is not None else 0,
        "age": None if last is None else millis(wall - last),
    }
