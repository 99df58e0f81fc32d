"""WFDB numerics: a text header and binary files of samples, one a minute or one a second.

Source: the recorded-files sheet, section 3. The lowest code is "no value"; in the numerics of the MIMIC databases
a 0 is "no signal", and a signal that is 0 throughout was not connected. A cuff value stands at the minute of its
measurement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from devices import instant
from devices.errors import RecordingError
from devices.recordings.codes import is_silent, values_of
from devices.recordings.cuff_columns import Measurements, measured, of_shown
from devices.recordings.cuffs import reach
from devices.recordings.names import PLAIN, Conversion, conversion, signal_of, told_apart
from devices.recordings.options import Options, begun, refuse_start
from devices.recordings.readings.lazy import MANY
from devices.recordings.recording import NOT_KNOWN, Builder, Column, Recording
from devices.recordings.series import SeriesRecording, doubles
from devices.recordings.wfdb.columns import beside, codes_of, physical, read_header, themselves
from devices.recordings.wfdb.header import NULL, Head, Track, data_files, most_of_numbers
from devices.recordings.wfdb.segments import joined, merged, segment_files, segments_of
from devices.recordings.wfdb.sources import FORMAT, Numerics, micros
from devices.signals import NIBP

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HEADER_BYTES = 1 << 20
_NO_CUFF = of_shown([], ())


def read(path: Path, options: Options) -> Recording:
    """Reads the record whose header (or data file, or name without suffix) is `path`.

    Raises:
        RecordingError: not a numerics record, damaged, its data file missing or outside the header's folder.
    """
    into, found = _decoded(path, options)
    in_columns = found.in_columns() if found.count >= MANY else None
    if in_columns is None:
        found.add_to(into)
    else:
        into.keep(in_columns)
    return into.build()


def read_series(path: Path, options: Options) -> SeriesRecording:
    """As `read`, in columns: one row a sample for all signals but the cuff's, which has a row a measurement."""
    into, found = _decoded(path, options)
    series = tuple(found.series())
    made = into.build()
    return SeriesRecording(
        found.begins, series, made.notices, made.relative, FORMAT, made.patients, made.counts, made.mapping
    )


def files(path: Path) -> tuple[Path, ...]:
    """The record's header and its data files, by any of their names. Raises as `read`."""
    path = _header_path(path)
    head = read_header(path)
    if head.segments:
        return segment_files(path, head)
    return path, *(beside(path, name) for name in data_files(head))


def _decoded(path: Path, options: Options) -> tuple[Builder, Numerics]:
    import numpy as np

    path = _header_path(path)
    head = read_header(path)
    if options.patient is not None:
        raise RecordingError("the recording does not say whose values these are: leave --patient out")
    into = Builder(FORMAT, options.limits)
    parts = segments_of(path, head, options, into) if head.segments else []
    if head.segments:
        head = merged(head, parts)
    names = told_apart([track.name for track in head.tracks])
    wanted = _wanted(head, names, options, into)
    shown = replace(head, tracks=tuple(map(_named, head.tracks, names)))
    held = (
        joined(head, parts, wanted, options, into)
        if head.segments
        else {
            index: _values(column, head.tracks[index], wanted[index][1])
            for index, column in codes_of(path, shown, wanted, options, into).items()
        }
    )
    into.relative = head.begins is None and options.start is None
    begins, step, cuff_frame = _beginning(head, options, into), head.period * instant.SECOND, 1
    if into.counts.rows * step > instant.LATEST - begins:
        raise RecordingError("the recording runs out of the years 1 to 9999: its start cannot be what is said")
    columns: list[tuple[str, str, NDArray[np.float64] | NDArray[np.float32], int]] = []
    cuff: dict[str, tuple[str, NDArray[np.float64]]] = {}
    used = np.zeros(into.counts.rows, np.bool_)
    for index, values in held.items():
        track, signal = shown.tracks[index], wanted[index][0]
        if is_silent(values):
            into.notice("ignored", f"{track.name} is 0 throughout, so nothing was connected: left out")
            into.mapping[index] = Column(track.name, "", track.unit, "0 throughout")
        elif signal in NIBP:
            cuff_frame = track.frame
            cuff[signal] = track.name, doubles(values)
        else:
            there = values == values  # not NaN
            columns.append((signal, track.name, values, track.frame))
            if track.frame > 1:
                there = there.reshape(-1, track.frame).any(axis=1)
            used[: len(there)] |= there
    found, old = _NO_CUFF, False
    if cuff:
        found = _cuff({signal: values for signal, (_, values) in cuff.items()}, step / cuff_frame)
    if len(found.row):
        old = bool(found.repeats[0] and found.row[0] == 0)
        into.counts.repeats += int(found.repeats.sum())
        used[found.row // cuff_frame] = True
    into.counts.used = int(np.count_nonzero(used))
    of_cuff = {signal: name for signal, (name, _) in cuff.items()}
    return into, Numerics(begins, step, columns, of_cuff, cuff_frame, found, old)


def _named(track: Track, name: str) -> Track:
    return replace(track, name=name)


def _values(
    codes: NDArray[np.int16] | NDArray[np.int32], track: Track, convert: Conversion
) -> NDArray[np.float64] | NDArray[np.float32]:
    return values_of(codes, partial(physical, track, convert), themselves(track, convert))


def _header_path(path: Path) -> Path:
    if path.suffix.lower() == ".hea":
        return path
    if not path.exists():
        return path.with_name(f"{path.name}.hea")
    if path.suffix.lower() != ".dat":
        return path  # a header under another name: its content said so
    naming = [
        header
        for header in sorted(path.parent.glob("*.hea"))[:1000]
        if header.stat().st_size < _HEADER_BYTES
        and any(line.split(maxsplit=1)[:1] == [path.name] for line in header.read_text("latin-1").splitlines())
    ]
    if len(naming) != 1:
        raise RecordingError(
            f"{path.name} is the data of a WFDB record and needs its header: put the .hea file beside it and name that"
        )
    return naming[0]


def _wanted(head: Head, names: Sequence[str], options: Options, into: Builder) -> dict[int, tuple[str, Conversion]]:
    """The signals that are used, and how their values become the house's; `names`: what each is called, once."""
    wanted: dict[int, tuple[str, Conversion]] = {}
    most = most_of_numbers(head.period)
    for index, (track, name) in enumerate(zip(head.tracks, names, strict=True)):
        said = options.said_of(index, name)
        signal = signal_of(track.name) if said is None else said
        convert = conversion(track.unit, signal) if signal and signal not in PLAIN else None
        if track.code == NULL and not head.segments:
            why = "it has no samples"
        elif track.frame > most:
            why = "a waveform"
        elif convert is not None and track.gain == 0 and not head.segments:
            why = "it is not calibrated (it has no gain)"
        elif convert is not None:
            wanted[index] = (signal, convert)
            into.mapping.append(Column(name, signal, track.unit, convert.note))
            continue
        elif signal and signal not in PLAIN:
            why = f"{track.unit} is no unit of {signal}"
        else:
            why = "left out by the mapping" if said == "" else NOT_KNOWN
        into.mapping.append(Column(name, "", track.unit, why))
        into.notice("ignored", f"the signal {name!r} was left out: {why}")
    for signal in NIBP:
        if len(both := [repr(names[index]) for index, (held, _) in wanted.items() if held == signal]) > 1:
            raise RecordingError(f"the signals {' and '.join(both)} hold {signal}: leave one out with --mapping")
    if len({head.tracks[index].frame for index, (signal, _) in wanted.items() if signal in NIBP}) > 1:
        raise RecordingError("the record's cuff values come at different rates: leave some out with --mapping")
    return wanted


def _beginning(head: Head, options: Options, into: Builder) -> int:
    if head.begins is None:
        return 0 if options.start is None else options.start
    refuse_start(options, "the record")
    into.notice("time-assumed", f"times without an offset were taken to be in {options.zone} (say --timezone if not)")
    return begun(head.begins, options, "the record")


def _cuff(values: Mapping[str, NDArray[np.float64]], step: Fraction) -> Measurements:
    """The cuff measurements. No cuff measures every second: equal values in close samples are one."""
    import numpy as np

    count = max(map(len, values.values()))
    columns = {
        signal: np.concatenate((column, np.full(count - len(column), np.nan))) for signal, column in values.items()
    }
    rows = np.flatnonzero(~np.isnan(np.stack(list(columns.values()))).all(axis=0))
    times = micros(rows, step)
    held = {signal: column[rows] for signal, column in columns.items()}
    return measured(times, rows, held, reach((0, round(step))))
