"""`Marks` of a Parquet table: what stands in the columns that are not read, piece by piece."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from devices.recordings.parquet.cells import Cells, int64s
from devices.recordings.patients.marks import Marks
from devices.recordings.tables.header import Header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pyarrow as pa

    Pieces = Callable[[list[str]], Iterable[tuple[int, pa.RecordBatch]]]


def take_pieces(marks: Marks, header: Header, schema: pa.Schema, pieces: Pieces) -> None:
    """Fills `marks` with the columns of a table of `schema`; `header` is that of all its columns.

    Args:
        pieces: gives the pieces of the columns that it is told.
    """
    for place, name in list(marks.of(header)):
        if _is_other(schema.types[place]):
            marks.drop(name)
    cells = Cells(False)
    # One column at a time: so there is never more of them in memory than a piece.
    for place, name in list(marks.of(header)):
        for _, batch in pieces([schema.names[place]]):
            column = _encoded(batch.column(0))
            texts = [*cells.of(name, column.dictionary), ""]
            codes = marks.codes(name, texts)
            if codes is None:
                break
            if len(texts) == 2 and not column.null_count:
                marks.repeat(name, codes[0], len(column))
            else:
                marks.extend(name, _taken(codes, column))
        marks.bound()


def _is_other(kind: pa.DataType) -> bool:
    """Of a kind that holds no names: times, bytes."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return not (text or number or pa.types.is_boolean(kind))


def _encoded(column: pa.Array) -> pa.DictionaryArray:
    import pyarrow as pa

    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def _taken(codes: Sequence[int], column: pa.DictionaryArray) -> bytes:
    """The code of each cell, 16 bits each: the last of `codes` is that of none, the others are those of the dictionary.

    By arrays made of buffers, see `int64s`.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    indices = column.indices.cast("int64")
    if column.null_count:
        indices = pc.fill_null(indices, int64s([len(codes) - 1])[0])
    known = pa.Array.from_buffers(pa.uint16(), len(codes), [None, pa.py_buffer(array("H", codes))])
    found: bytes = known.take(indices).buffers()[1].to_pybytes()
    return found[: 2 * len(column)]
