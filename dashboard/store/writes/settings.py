"""Settings."""

from __future__ import annotations

from sqlalchemy import Connection

from dashboard.store import schema as s
from dashboard.store.writes.upsert import insert_into


def put_setting(connection: Connection, key: str, value: str) -> None:
    connection.execute(
        insert_into(connection, s.setting)
        .values(key=key, value=value)
        .on_conflict_do_update(index_elements=["key"], set_={"value": value})
    )


def put_setting_once(connection: Connection, key: str, value: str) -> None:
    """Sets a setting that has no value yet; of two processes doing so at once the first wins for both."""
    connection.execute(insert_into(connection, s.setting).values(key=key, value=value).on_conflict_do_nothing())
