"""The tidy table as Parquet: exact times (microseconds), 64-bit values, and the events in the file's own metadata."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np

from devices.errors import WritingError
from devices.recordings.parquet.reader import EVENTS
from devices.recordings.readings.batches import Batch
from devices.recordings.writing.document import Document, Losses

_AT_ONCE = 100_000
"""Rows of a group of rows."""


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
    kinds = document.readings.kinds
    signals, units, statuses, sources, have_value = zip(*kinds, strict=True) if kinds else ((),) * 5
    has_value = np.array(have_value, np.bool_)

    def texts(which: Any, order: Sequence[int], shared: Sequence[str]) -> Any:
        """The text of each reading's kind: a dictionary of those in use as they first come, and its numbers."""
        numbers: dict[str, int] = {}
        of_kind = np.zeros(len(kinds), np.int32)
        for kind in order:
            of_kind[kind] = numbers.setdefault(str(shared[kind]), len(numbers))
        return pa.DictionaryArray.from_arrays(pa.array(of_kind[which]), pa.array(list(numbers), pa.string()))

    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for part in _cut(document.readings.batches(), _AT_ONCE):
            found, firsts = np.unique(part.which, return_index=True)
            order = found[np.argsort(firsts)].tolist()
            columns = [
                pa.array(part.times).cast(time),
                texts(part.which, order, signals),
                pa.array(part.values, mask=~has_value[part.which]),
                texts(part.which, order, units),
                texts(part.which, order, statuses),
                texts(part.which, order, sources),
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))


def _cut(batches: Iterable[Batch], size: int) -> Iterator[Batch]:
    """The same readings in batches of `size`, wherever that cuts an instant."""
    held: list[Batch] = []
    count = 0
    for batch in batches:
        while count + len(batch) >= size:
            yield _put_together([*held, batch.select(slice(size - count))])
            batch = batch.select(slice(size - count, None))
            held, count = [], 0
        held.append(batch)
        count += len(batch)
    if count:
        yield _put_together(held)


def _put_together(parts: Sequence[Batch]) -> Batch:
    if len(parts) == 1:
        return parts[0]
    return Batch(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("times", "received", "values", "which"))
    )
