"""The tidy table as Parquet: exact times (microseconds), 64-bit values, and the events in the file's own metadata."""

from __future__ import annotations

import json
from typing import BinaryIO

from devices.errors import WritingError
from devices.recordings.parquet import EVENTS
from devices.recordings.writing.document import Document, Losses

_AT_ONCE = 100_000


def write(file: BinaryIO, document: Document, losses: Losses) -> None:
    """Writes the table to `file`. Nothing is lost.

    Raises:
        WritingError: the package pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise WritingError("writing Parquet needs the package pyarrow: install it, or write CSV") from None
    text = pa.dictionary(pa.int32(), pa.string())
    # A recording without a date counts from its start: that is no instant, and must not pass for one of 1970.
    time = pa.duration("us") if document.relative else pa.timestamp("us", "UTC")
    told = [{"time": each.time, "text": each.text} for each in document.events]
    schema = pa.schema(
        [("time", time), ("signal", text), ("value", pa.float64()), ("unit", text), ("status", text), ("source", text)],
        metadata={EVENTS: json.dumps(told, ensure_ascii=False).encode()} if told else None,
    )
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for first in range(0, len(document.readings), _AT_ONCE):
            part = document.readings[first : first + _AT_ONCE]
            columns = [
                pa.array([each.time for each in part], pa.int64()).cast(time),
                pa.array([each.signal for each in part]).dictionary_encode(),
                pa.array([each.value for each in part], pa.float64()),
                pa.array([each.unit for each in part]).dictionary_encode(),
                pa.array([each.status.value for each in part]).dictionary_encode(),
                pa.array([each.source for each in part]).dictionary_encode(),
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))
