"""The stored readings of a window as lines to draw: one a signal, bounded in points, every extreme kept, gaps open."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection

from dashboard.live.downsample import Instants, Values, extremes, with_gaps
from dashboard.live.numbers import CONTINUOUS
from dashboard.live.snapshot import millis
from dashboard.sessions.events import EVIDENCE
from dashboard.store import queries
from dashboard.store.records import Stream
from devices import instant
from devices.reading import Reading
from devices.signals import NIBP, PulseOrigin, pulse_origin

MOST_POINTS = 2_500
FEWEST_POINTS = 50

_DRAWN = frozenset((*CONTINUOUS, *NIBP))
_EPOCH = 5 * instant.SECOND
_SHORTEST_GAP = 10 * instant.SECOND
_ORIGIN = {PulseOrigin.LINE: 0, PulseOrigin.OXIMETER: 1, PulseOrigin.CUFF: 2}


def series_at(connection: Connection, bed_id: int, start: int, end: int, points: int) -> dict[str, Any]:
    """What the screens of a bed are to draw: while a session is open only what is its own (hazard 1), from every bed
    it has been at; without one all that the bed's monitor said. Arguments and answer as `series`."""
    session = queries.open_sessions(connection).get(bed_id)
    if session is None or session.mode == "replay":
        return series(connection, bed_id, start, end, points)
    found: dict[str, Any] = {"bed": bed_id, "start": millis(start), "end": millis(end), "streams": {}, "nibp": []}
    for place in queries.session_windows(connection, session.id, EVIDENCE + instant.HOUR):
        since, until = max(start, place.since), min(end, place.until if place.until is not None else end)
        if since <= until:
            _join(found, series(connection, place.bed_id, since, until, points))
    return found


def _join(found: dict[str, Any], more: dict[str, Any]) -> None:
    """Puts the traces of another bed behind those so far; the line breaks between them."""
    for signal, trace in more["streams"].items():
        held = found["streams"].get(signal)
        if held is None or not held["t"]:
            found["streams"][signal] = trace
            continue
        held["t"] = [*held["t"], held["t"][-1], *trace["t"]]
        held["v"] = [*held["v"], None, *trace["v"]]
        held["source"] = trace["source"]
    found["nibp"] = [*found["nibp"], *more["nibp"]]


def series(connection: Connection, bed_id: int, start: int, end: int, points: int) -> dict[str, Any]:
    """The answer of `/api/series`.

    Args:
        start, end: the window on the bed's clock, µs, ends included. points: at most this many a trace; held
            between FEWEST_POINTS and MOST_POINTS.
    """
    points = max(FEWEST_POINTS, min(MOST_POINTS, points))
    streams = queries.streams(connection, bed_id)
    traces: dict[str, Any] = {}
    for signal in CONTINUOUS:
        trace = _trace(connection, [each for each in streams if each.signal == signal], start, end, points)
        if trace is not None:
            traces[signal] = trace
    cuff = _cuff(connection, [each for each in streams if each.signal in NIBP], start, end, points)
    return {"bed": bed_id, "start": millis(start), "end": millis(end), "streams": traces, "nibp": cuff}


def series_of(readings: Iterable[Reading], points: int = MOST_POINTS) -> dict[str, Any]:
    """The same of readings at hand, in any order: `streams` and `nibp` of the answer."""
    columns: dict[tuple[str, str], tuple[array[int], array[int], array[float], list[str]]] = {}
    for each in readings:
        if each.signal not in _DRAWN:
            continue
        key = each.signal, each.source
        column = columns.get(key)
        if column is None:
            column = columns[key] = array("q"), array("q"), array("d"), []
        column[0].append(each.time)
        column[1].append(each.received)
        column[2].append(np.nan if each.value is None else each.value)
        column[3].append(each.status.value)
    windows: dict[str, list[tuple[str, Instants, Values, list[str]]]] = {}
    for (signal, source), (time, received, value, statuses) in columns.items():
        times = np.frombuffer(time, np.int64)
        order = np.lexsort((np.frombuffer(received, np.int64), times))  # stable: of equals the one that came last
        times = times[order]
        kept = np.append(times[1:] != times[:-1], True)
        rows = order[kept]
        status = [statuses[row] for row in rows.tolist()]
        windows.setdefault(signal, []).append((source, times[kept], np.frombuffer(value)[rows], status))
    lines = {
        signal: _line([(source, times, values) for source, times, values, _ in windows[signal]], points)
        for signal in CONTINUOUS
        if signal in windows
    }
    cuffs = [(signal, *each[1:]) for signal in NIBP for each in windows.get(signal, [])]
    return {
        "streams": {signal: line for signal, line in lines.items() if line is not None},
        "nibp": _bars(cuffs, points),
    }


def _window(connection: Connection, stream: Stream, start: int, end: int) -> tuple[Instants, Values, list[str]]:
    """A stream's readings; of several at one time the one received last counts (clinical definition 3.11.4)."""
    # The driver's own cursor: a day of one signal is 86,400 rows, and SQLAlchemy's row objects would double its cost.
    cursor = connection.connection.cursor()
    try:
        cursor.execute(
            f"SELECT time, value, status FROM reading WHERE stream_id = {int(stream.id)} "
            f"AND time >= {int(start)} AND time <= {int(end)} ORDER BY time, received"
        )
        rows = cursor.fetchall()
    finally:
        cursor.close()
    if not rows:
        return np.empty(0, np.int64), np.empty(0), []
    times_seen, values_seen, statuses = zip(*rows, strict=True)
    times = np.fromiter(times_seen, np.int64, len(rows))
    values = np.array(values_seen, dtype=np.float64)  # None becomes NaN
    last = np.append(times[1:] != times[:-1], True)
    if last.all():
        return times, values, list(statuses)
    return times[last], values[last], [status for status, kept in zip(statuses, last, strict=True) if kept]


def _trace(
    connection: Connection, streams: Sequence[Stream], start: int, end: int, points: int
) -> dict[str, Any] | None:
    found = []
    for stream in streams:
        times, values, _ = _window(connection, stream, start, end)
        if len(times):
            found.append((stream.source, times, values))
    return _line(found, points)


def _line(found: list[tuple[str, Instants, Values]], points: int) -> dict[str, Any] | None:
    """One line of the sources (name, times, values) of a signal; None without any."""
    if not found:
        return None
    found.sort(key=lambda each: (_ORIGIN[pulse_origin(each[0])], -len(each[1]), each[0]))
    times, values = combined([(each[1], each[2]) for each in found])
    out_times, out_values = with_gaps(times, values, points, longest_silence(times))
    return {"source": found[0][0], "t": [millis(each) for each in out_times], "v": out_values}


def combined(sources: Sequence[tuple[Instants, Values]]) -> tuple[Instants, Values]:
    """One line of several sources of one signal, best first: in each 5-s epoch the best that has a value speaks, so
    that two are never mixed in one epoch (as the detector does it)."""
    if len(sources) == 1:
        return sources[0]
    taken: set[int] = set()
    kept_times, kept_values = [], []
    for times, values in sources:
        epochs = times // _EPOCH
        mine = ~np.isin(epochs, np.fromiter(taken, np.int64, len(taken)))
        kept_times.append(times[mine])
        kept_values.append(values[mine])
        taken.update(np.unique(epochs[mine & ~np.isnan(values)]).tolist())
    times, values = np.concatenate(kept_times), np.concatenate(kept_values)
    order = np.argsort(times, kind="stable")
    return times[order], values[order]


def longest_silence(times: Instants) -> int:
    """The longest silence a line may cross: three of the source's own intervals, at least 10 s (3.7)."""
    if len(times) < 3:
        return _SHORTEST_GAP
    return max(_SHORTEST_GAP, int(3 * np.median(np.diff(times))))


def _cuff(connection: Connection, streams: Sequence[Stream], start: int, end: int, points: int) -> list[list[Any]]:
    """[time, sys, dia, mean, status] of each cuff measurement, by time."""
    return _bars([(each.signal, *_window(connection, each, start, end)) for each in streams], points)


def _bars(columns: Iterable[tuple[str, Instants, Values, list[str]]], points: int) -> list[list[Any]]:
    measurements: dict[int, dict[str, tuple[float | None, str]]] = {}
    for signal, times, values, statuses in columns:
        for time, value, status in zip(times.tolist(), values.tolist(), statuses, strict=True):
            measurements.setdefault(time, {})[signal] = (None if np.isnan(value) else value, status)
    rows = [_cuff_row(time, parts) for time, parts in sorted(measurements.items())]
    if len(rows) <= points:
        return rows
    # More cuff measurements than points happens in files that repeat the cuff's values at each second.
    chosen: set[int] = set()
    for column in (1, 2):
        values = np.array([row[column] for row in rows], dtype=np.float64)
        chosen.update(extremes(values, points // 2).tolist())
    return [rows[each] for each in sorted(chosen)]


def _cuff_row(time: int, parts: Mapping[str, tuple[float | None, str]]) -> list[Any]:
    status = next((parts[name][1] for name in NIBP if name in parts), "")
    return [millis(time), *(parts[name][0] if name in parts else None for name in NIBP), status]
