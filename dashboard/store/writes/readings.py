"""Readings, and the streams they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from dashboard.store import schema as s
from dashboard.store.writes.upsert import insert_into
from devices.reading import Reading

_READING_ROW = """
INSERT INTO reading (stream_id, time, received, value, status) VALUES (:, :, :, :, :) ON CONFLICT DO NOTHING
"""


class ReadingWriter:
    """Writes readings, keeping the ids of the streams they belong to."""

    def __init__(self) -> None:
        self._streams: dict[tuple[int, str, str], int] = {}

    def write(self, connection: Connection, readings: Iterable[tuple[int, Reading]]) -> None:
        """Stores (bed id, reading) pairs. The very same reading given twice is stored once."""
        readings = list(readings)
        try:
            rows = self._rows(readings)
        except KeyError:
            self._add_streams(connection, readings)
            rows = self._rows(readings)
        if rows:
            # Plain rows for the driver: they are nearly all that is ever written, and SQLAlchemy's way to name and
            # convert each value costs several times what the database does with it.
            mark = "?" if connection.dialect.name == "sqlite" else "%s"
            connection.exec_driver_sql(_READING_ROW.replace(":", mark), rows)

    def forget(self) -> None:
        """After a failed transaction the streams it made are gone: look them up anew."""
        self._streams.clear()

    def _rows(self, readings: Sequence[tuple[int, Reading]]) -> list[tuple[int, int, int, float | None, str]]:
        """What is stored of each. Raises KeyError where the id of a stream is not known yet."""
        streams = self._streams
        # `_value_`, as `value` is a call in Python for each row.
        return [
            (streams[bed_id, each.signal, each.source], each.time, each.received, each.value, each.status._value_)
            for bed_id, each in readings
        ]

    def _add_streams(self, connection: Connection, readings: Sequence[tuple[int, Reading]]) -> None:
        """Finds or makes the streams of `readings` that are not known yet, in two statements for all of them."""
        keyed = (((bed_id, each.signal, each.source), each.unit) for bed_id, each in readings)
        new = {key: unit for key, unit in keyed if key not in self._streams}
        connection.execute(
            insert_into(connection, s.stream).on_conflict_do_nothing(),
            [
                {"bed_id": bed_id, "signal": signal, "source": source, "unit": unit}
                for (bed_id, signal, source), unit in new.items()
            ],
        )
        columns = s.stream.c
        found = connection.execute(
            select(columns.bed_id, columns.signal, columns.source, columns.id).where(
                columns.bed_id.in_({bed_id for bed_id, _, _ in new})
            )
        )
        self._streams |= {(bed_id, signal, source): stream_id for bed_id, signal, source, stream_id in found}
