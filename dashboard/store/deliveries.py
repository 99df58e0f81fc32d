"""On which screens an alarm was presented, and how: lines of the alarm log (clinical definition 4.3)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from msgspec import Struct
from sqlalchemy import Connection, insert, select

from dashboard.store import schema as s
from dashboard.store.database import Store

_EVENT = "presented"

SOUNDS = frozenset({"on", "paused", "muted", "blocked", "none"})
"""How a screen's sound stands: "paused" for two minutes, "muted" by name, "blocked" by the browser before the first
tap, "none" where the browser has no sound."""


class Delivery(Struct, frozen=True):
    """How an alarm reached people.

    Attributes:
        screens: how many presented it in sight. sounding: how many of all were to sound it.
        seen, heard: wall clock of the first of each, None: there was none.
    """

    screens: int
    sounding: int
    seen: int | None
    heard: int | None


def log_presented(
    store: Store, alarm_ids: Iterable[int], *, screen: str, sound: str, visible: bool, who: str, now: int
) -> int:
    """Notes that a screen presents these alarms; what it has said of one already is not said twice.

    Args:
        screen: names the browser, not the person. sound: one of SOUNDS. visible: not in the background. who: the name
            given on it, "" without one. now: wall clock.

    Returns:
        How many lines the log has gained. Alarms that do not exist are passed over.
    """
    detail = json.dumps({"screen": screen, "sound": sound, "visible": visible})
    event = s.alarm_event
    ids = set(alarm_ids)
    with store.writing() as connection:
        known = set(connection.execute(select(s.alarm.c.id).where(s.alarm.c.id.in_(ids))).scalars())
        lines = connection.execute(
            select(event.c.alarm_id, event.c.detail)
            .where(event.c.alarm_id.in_(known), event.c.event == _EVENT)
            .order_by(event.c.id)
        )
        last = {alarm_id: said for alarm_id, said in lines if json.loads(said)["screen"] == screen}
        rows = [
            {"alarm_id": each, "time": now, "event": _EVENT, "author": who, "detail": detail}
            for each in sorted(known)
            if last.get(each) != detail
        ]
        if rows:
            connection.execute(insert(event), rows)
    return len(rows)


def deliveries_of(connection: Connection, alarm_ids: Sequence[int]) -> dict[int, Delivery]:
    """How each of these alarms was presented, by alarm; an alarm no screen told of is not among them."""
    event = s.alarm_event.c
    lines = connection.execute(
        select(event.alarm_id, event.time, event.detail)
        .where(event.alarm_id.in_(alarm_ids), event.event == _EVENT)
        .order_by(event.id)
    )
    seen: dict[int, dict[str, int]] = {}
    heard: dict[int, dict[str, int]] = {}
    for alarm_id, time, text in lines:
        said = json.loads(text)
        if said["visible"]:
            seen.setdefault(alarm_id, {}).setdefault(said["screen"], time)
        if said["sound"] == "on":
            heard.setdefault(alarm_id, {}).setdefault(said["screen"], time)
    return {
        each: Delivery(len(on := seen.get(each, {})), len(by := heard.get(each, {})), _first(on), _first(by))
        for each in seen.keys() | heard.keys()
    }


def _first(times: dict[str, int]) -> int | None:
    return min(times.values(), default=None)
