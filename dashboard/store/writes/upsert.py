"""INSERT with ON CONFLICT, for both databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert


def insert_into(connection: Connection, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, which both databases have but SQLAlchemy keeps per dialect."""
    return sqlite_insert(table) if connection.dialect.name == "sqlite" else postgresql_insert(table)
