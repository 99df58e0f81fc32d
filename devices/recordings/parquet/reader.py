"""Parquet tables, wide, long and tidy: their columns as text, and then as any other table.

Units: as in the columns' names, or in their metadata under ``unit``. Times are those of the column's type: an instant
with a zone, local without (where a column beside them may say it); whole numbers too large for seconds from a start are
Unix times.
Errors: what pyarrow finds wrong with a file is one sentence; what its footer announces is bounded before it is read.
Source: the recorded-files sheet, section 5. Only the columns that are used are read, piece by piece, and only the
rows of the chosen patient are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec
from msgspec.structs import replace

from devices.errors import RecordingError
from devices.recordings.options import Options
from devices.recordings.parquet.cells import Cells, int64s
from devices.recordings.parquet.marks import take_pieces
from devices.recordings.patients.marks import INDEX, Marks
from devices.recordings.patients.named import chosen_patient
from devices.recordings.printable import one_line
from devices.recordings.recording import NOTED, Builder, Column, Recording
from devices.recordings.tables.columns import zone_column
from devices.recordings.tables.header import Header, Layout, header_of, with_units
from devices.recordings.tables.reading import read_table
from devices.recordings.tables.row import Row
from devices.recordings.tables.stamps import joined
from devices.recordings.tables.summaries import without_summaries
from devices.recordings.tables.verdicts import without_left_out
from devices.recordings.tables.wide import tell_columns

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from devices.recordings.series import SeriesRecording

FORMAT = "parquet"

EVENTS = b"risewatch.events"
"""The key of the metadata in which this program writes what happened: JSON, a list of times (µs) and texts."""

_TIMES = {"coerce_int96_timestamp_unit": "us"}
"""How the times of 96 bits that older programs write are read: as nanoseconds, the year 2896 would become 1727."""

_AT_ONCE = 20_000
"""Rows that are held as columns at a time."""


class _Happened(msgspec.Struct):
    """One event as it is written. `time`: microseconds."""

    time: int
    text: str


def read(path: Path, options: Options) -> Recording:
    """Reads the table in the file `path`.

    Raises:
        ChoiceNeeded: several patients, or the order of day and month is open.
        RecordingError: not a table that is understood, damaged or too large.
    """
    return cast(Recording, _told(path, options, False))


def read_series(path: Path, options: Options) -> Recording | SeriesRecording:
    """As `read`, in columns where the table is one column of instants and columns of numbers; else as readings."""
    return _told(path, options, True)


def _told(path: Path, options: Options, columns: bool) -> Recording | SeriesRecording:
    """Reads the table; what pyarrow finds wrong with it is told in a sentence."""
    try:
        import pyarrow as pa
    except ImportError:
        raise RecordingError(
            "reading Parquet needs the package pyarrow: install it, or save the table as CSV"
        ) from None
    try:
        found = None
        with suppress(pa.ArrowException):  # as rows it is refused too, in the same words
            found = _read_columns(path, options, columns)
        return found or _read(path, options)
    except (pa.ArrowException, UnicodeDecodeError, MemoryError, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        said = one_line(str(error).partition("\n")[0][:200]) or type(error).__name__
        raise RecordingError(f"{path.name} is cut or damaged, or not a Parquet file: {said}") from None


def _read_columns(path: Path, options: Options, columns: bool) -> Recording | SeriesRecording | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from devices.recordings.parquet.columns import in_columns, readings_in_columns

    # Given a path, pyarrow first looks for the file system that it may be of.
    with (
        pa.OSFile(str(path)) as source,
        pq.ParquetFile(source, pre_buffer=False, page_checksum_verification=True, **_TIMES) as file,
    ):
        into = Builder(FORMAT, options.limits)
        schema = file.schema_arrow
        header, wanted, all_columns = _header(schema, path.name, options, into)
        _refuse_large(file.metadata, path.name, options)

        def marks_of() -> Marks:
            return _marks(file, schema, all_columns, options)

        how = in_columns if columns else readings_in_columns
        return how(file, schema, header, wanted, options, into, marks_of)


def _read(path: Path, options: Options) -> Recording:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, **_TIMES) as file:
        schema = file.schema_arrow
        texts = [field.name for field in schema if _is_text(field.type)]
    # Text is kept as numbers into the list of the different ones: repeated, it would fill any memory.
    with pq.ParquetFile(path, read_dictionary=texts, page_checksum_verification=True, **_TIMES) as file:
        into = Builder(FORMAT, options.limits)
        header, wanted, all_columns = _header(file.schema_arrow, path.name, options, into)
        _refuse_large(file.metadata, path.name, options)
        rows = _rows(file, header, wanted, options, into)
        marks = _marks(file, file.schema_arrow, all_columns, options)
        read_table(rows, header, options, into, marks)
        _tell_events((file.schema_arrow.metadata or {}).get(EVENTS), into, options)
        return into.build()


def _tell_events(written: bytes | None, into: Builder, options: Options) -> None:
    """What happened, as this program wrote it."""
    if written is None:
        return
    begins = 0 if into.relative else options.start or 0
    try:
        for each in msgspec.json.decode(written, type=list[_Happened])[: NOTED + 1]:
            into.event(begins + each.time, each.text)
    except (ValueError, RecursionError):
        into.notice("ignored", "what happened is written in a way that is not understood, and was left out")


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _marks(file: pq.ParquetFile, schema: pa.Schema, header: Header, options: Options) -> Marks:
    """What stands in the columns that are not read; `header` is that of all columns."""
    marks = Marks(options)
    if marks.of(header):
        take_pieces(marks, header, schema, lambda names: _pieces(file, names))
    return marks


def _header(schema: pa.Schema, name: str, options: Options, into: Builder) -> tuple[Header, list[str], Header]:
    """The header of the columns that are used, what these are called in the file, and the header of all columns."""
    import pyarrow as pa

    # A name may hold anything, a line's end too; columns are read by the names of the schema.
    names = tuple(one_line(field.name) if not pa.types.is_nested(field.type) else "" for field in schema)
    found = header_of(names, 0, ",", options)
    if found is None and INDEX in names and pa.types.is_temporal(schema.types[names.index(INDEX)]):
        # A series of pandas has its times as its index.
        found = header_of(tuple("time" if one == INDEX else one for one in names), 0, ",", options)
    if found is None:
        shown = ", ".join(one_line(field.name) for field in schema)
        raise RecordingError(f"{name} has no column with a time and a known signal: its columns are {shown[:200]}")
    if found.columns:
        units = [_unit(field) for field in schema]
        found = (with_units(found, units, options) if any(units) else None) or found
        columns = [_column(one, field) for one, field in zip(found.columns, schema, strict=True)]
        tell_columns([one for one in columns if one.name != INDEX], options, into)
        into.mapping = columns
    single = (found.what, found.value, found.unit, found.detail, found.error)
    used = {*found.time, *found.who, *(one.index for one in found.fields), *(place for place in single if place >= 0)}
    used |= ({found.event} - {-1}) | set(found.pairs) | set(found.verdicts)
    # A number is no label; and a text that says what a row is comes again and again, so that it is kept once.
    found = replace(found, labels=tuple(place for place in found.labels if _is_label(schema.types[place])))
    used |= set(found.labels)
    if not _have_zone([schema.types[place] for place in found.time]):
        used |= {zone_column(names)} - {-1}
    kept = sorted(used) if found.layout is not Layout.TIDY else list(range(len(names)))
    return _narrowed(found, kept), [schema.names[place] for place in kept], found


def _is_label(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return _is_text(kind) or bool(pa.types.is_dictionary(kind))


def _have_zone(kinds: Sequence[pa.DataType]) -> bool:
    """Whether times of these types are instants, whatever a column beside them says."""
    import pyarrow as pa

    return all(pa.types.is_timestamp(kind) and kind.tz for kind in kinds)


def _column(one: Column, field: pa.Field) -> Column:
    """What became of a column, with the reasons that only Parquet has."""
    if one.name == INDEX:
        return replace(one, note="pandas' numbers of the rows")
    return one if one.name else replace(one, name=one_line(field.name), note="holds no single values")


def _unit(field: pa.Field) -> str:
    held = field.metadata or {}
    return next((held[key].decode("utf-8", "replace") for key in (b"unit", b"units") if key in held), "")


def _narrowed(header: Header, kept: list[int]) -> Header:
    """`header` with the columns `kept` alone."""
    if len(kept) == len(header.names):
        return header
    place = {old: new for new, old in enumerate(kept)} | {-1: -1}
    return replace(
        header,
        names=tuple(header.names[old] for old in kept),
        time=tuple(place[old] for old in header.time),
        who=tuple(place[old] for old in header.who),
        fields=tuple(replace(one, index=place[one.index]) for one in header.fields),
        what=place[header.what],
        value=place[header.value],
        unit=place[header.unit],
        detail=place[header.detail],
        event=place[header.event],
        pairs=tuple(place[old] for old in header.pairs),
        error=place[header.error],
        perhaps=tuple(place[old] for old in header.perhaps),
        labels=tuple(place[old] for old in header.labels),
        verdicts=tuple(place[old] for old in header.verdicts),
    )


def _refuse_large(found: pq.FileMetaData, name: str, options: Options) -> None:
    """Refuses by the footer what is too large.

    Columns are not looked at one by one: pyarrow ends the whole process where a damaged footer describes one wrongly.
    """
    limits = options.limits
    if not 0 <= found.num_rows <= limits.readings:
        raise RecordingError(f"{name} announces {found.num_rows} rows, more than the {limits.readings} that are read")
    sizes = [found.row_group(group).total_byte_size for group in range(found.num_row_groups)]
    if max(sizes, default=0) > limits.file_bytes:
        raise RecordingError(
            f"{name} holds a piece of {max(sizes)} bytes, more than the {limits.file_bytes} that are read"
        )
    if sum(sizes) > limits.unpacked_bytes:
        raise RecordingError(
            f"{name} unpacks to {sum(sizes)} bytes, more than the {limits.unpacked_bytes} that are read"
        )


def _rows(file: pq.ParquetFile, header: Header, wanted: list[str], options: Options, into: Builder) -> list[Row]:
    """The rows of the chosen patient.

    Raises:
        ChoiceNeeded: there are several, and none was chosen.
        RecordingError: more rows than are read.
    """

    cells = Cells(header.scale == 1.0)
    into.counts.rows = file.metadata.num_rows
    chosen = None
    who = [wanted[index] for index in header.who]
    if who:
        pieces = (batch for _, batch in _pieces(file, who))
        named = Counter(
            each for batch in pieces for each in zip(*(_cells(batch, name, cells) for name in who), strict=True)
        )
        perhaps = [place for place, index in enumerate(header.who) if index in header.perhaps]
        chosen = chosen_patient(named, options, into, perhaps)
        chosen = None if len(chosen) == len(named) else chosen
    elif options.patient is not None:
        raise RecordingError("the recording does not say whose values these are: leave --patient out")
    cells.times = frozenset(wanted[index] for index in header.time)
    rows: list[Row] = []
    size = 0
    for first, batch in _pieces(file, wanted):
        places: Sequence[int] = range(batch.num_rows)
        if chosen is not None:
            # Other patients' rows go before they are made text: in a hospital's table they are nearly all.
            named_here = zip(*(_cells(batch, name, cells) for name in who), strict=True)
            places = [place for place, each in enumerate(named_here) if each in chosen]
            if not places:
                continue
            batch = batch.take(int64s(places))
        columns = [_cells(batch, name, cells) for name in wanted]
        for place, got in zip(places, zip(*columns, strict=True), strict=True):
            rows.append(Row(first + place, joined([got[index] for index in header.time]), got, header))
        size += batch.nbytes
        if len(rows) > options.limits.rows:
            raise RecordingError(f"the table has more than {options.limits.rows} rows: cut it into shorter ones")
        if size > options.limits.text_bytes:
            raise RecordingError(f"the table holds more than the {options.limits.text_bytes} bytes that are read")
    if cells.said:
        into.notice("time-assumed", cells.said)
    return without_left_out(without_summaries(rows, into), into)


def _pieces(file: pq.ParquetFile, names: list[str]) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Pieces of the columns `names`, each with the number of its first row."""
    first = 0
    for batch in file.iter_batches(batch_size=_AT_ONCE, columns=list(dict.fromkeys(names))):
        batch.validate(full=True)  # damage can leave a cell that points at no text
        yield first, batch
        first += batch.num_rows
    if first != file.metadata.num_rows:
        # A damaged column can come without its rows, and pyarrow says nothing.
        raise RecordingError(f"the table is damaged: it announces {file.metadata.num_rows} rows and holds {first}")


def _cells(batch: pa.RecordBatch, name: str, cells: Cells) -> list[str]:
    """A column as text. Of two columns of one name the first is meant, as in a text table."""
    return cells.of(name, batch.column(batch.schema.names.index(name)))
