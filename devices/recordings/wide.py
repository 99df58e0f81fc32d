"""Tables with one row an instant and one column a signal: session tables, and the exports of others.

Under this program's own names cells are taken as written: every row with a cuff cell is one measurement. In other
programs' exports a cuff value that is shown again is no new measurement, a column that is 0 throughout was not
connected, and a pressure of unknown method is judged by how it behaves.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from devices import instant
from devices.reading import Status
from devices.recordings.cuffs import SHORTEST, Shown, measurements, reach
from devices.recordings.header import SAYS_WHAT, SAYS_WHEN, SAYS_WHO, Field, Header
from devices.recordings.names import PLAIN
from devices.recordings.recording import Builder, Column, Options
from devices.recordings.rows import Row
from devices.recordings.texts import is_missing, number
from devices.recordings.times import TimeReader


@dataclass(slots=True)
class Sample:
    """One row, read: its time, its number and its values by column name."""

    time: int
    row: int
    values: dict[str, float] = field(default_factory=dict)


def read_wide(rows: Sequence[Row], header: Header, reader: TimeReader, trends: bool, into: Builder) -> None:
    """Reads `rows` into `into`. `trends`: VSCapture's minute averages are among them and are left out."""
    fields: dict[str, Field] = {}
    samples: list[Sample] = []
    left_out = 0
    for row in rows:
        for one in row.header.fields:
            fields.setdefault(one.name, one)
        if (sample := _sample(row, reader, into)) is None:
            continue
        if trends and _is_trend(row, sample):
            left_out += 1
            continue
        samples.append(sample)
        into.counts.used += bool(sample.values)
    if not rows:
        fields = {one.name: one for one in header.fields}
    if left_out:
        into.counts.refuse("minute averages", left_out)
        into.notice(
            "ignored", f"{left_out} rows are averages over a minute, not values of an instant, and were left out"
        )
    read_samples(fields, samples, into)


def read_samples(fields: dict[str, Field], samples: Sequence[Sample], into: Builder) -> None:
    """Hands `samples` on as readings: the cells of own columns as written, those of others as their sheets say."""
    _leave_out_silent(fields, samples, into)
    _settle_method(fields, samples, into)
    _settle_hertz(fields, samples, into)
    _emit(list(fields.values()), samples, into)


def _sample(row: Row, reader: TimeReader, into: Builder) -> Sample | None:
    try:
        time = reader.read(row.time)
    except (ValueError, OverflowError) as error:
        raw = row.header.delimiter.join(row.cells).encode(errors="replace")
        into.refuse("without a time", f"row {row.number + 1}: {error}", row=row.number, raw=raw)
        return None
    sample = Sample(time, row.number)
    if row.header.event >= 0 and (what := row.cells[row.header.event].strip()):
        into.event(time, what, row.number)
    for one in row.header.fields:
        cell = row.cells[one.index]
        if is_missing(cell):
            continue
        try:
            sample.values[one.name] = one.convert.apply(number(cell, reader.decimal_comma))
        except ValueError as error:
            into.counts.refuse("cells that are no number")
            text = f"row {row.number + 1}, {one.name}: {error}"
            into.tell(
                "value-refused", text, time=time, row=row.number, signal=one.signal, raw=cell.encode(errors="replace")
            )
    return sample


def _is_trend(row: Row, sample: Sample) -> bool:
    if sample.time % instant.MINUTE:
        return False
    cuff = [one for one in row.header.fields if one.signal.startswith("NIBP_")]
    tail = row.cells[len(row.header.names) - 10 : len(row.header.names)]
    return not any(one.name in sample.values for one in cuff) and any(not is_missing(cell) for cell in tail)


def _leave_out(fields: dict[str, Field], names: Sequence[str], why: str, into: Builder) -> None:
    for name in names:
        gone = fields.pop(name)
        into.mapping = [Column(c.name, "", c.unit, why) if c.name == name else c for c in into.mapping]
        into.notice("ignored", f"{name} was left out: {why}", signal="" if gone.signal in PLAIN else gone.signal)


def _leave_out_silent(fields: dict[str, Field], samples: Sequence[Sample], into: Builder) -> None:
    present, alive = set(), set()
    for sample in samples:
        for name, value in sample.values.items():
            present.add(name)
            if value != 0:
                alive.add(name)
    silent = [name for name, one in fields.items() if not one.own and name in present and name not in alive]
    _leave_out(fields, silent, "it is 0 throughout, so nothing was connected", into)


def _settle_hertz(fields: dict[str, Field], samples: Sequence[Sample], into: Builder) -> None:
    for name, one in list(fields.items()):
        if one.own or one.signal not in ("HR", "PR") or one.convert.note:
            continue
        held = [sample.values[name] for sample in samples if sample.values.get(name)]
        # A whole column below 5 is beats per second from a beat detector; nobody lives at 5 beats a minute.
        if len(held) < 3 or not all(0.3 <= value < 5 for value in held):
            continue
        for sample in samples:
            if name in sample.values:
                sample.values[name] *= 60
        into.notice(
            "method-assumed",
            f"{name} is below 5 throughout: it was taken for Hz and multiplied by 60",
            signal=one.signal,
        )


def _settle_method(fields: dict[str, Field], samples: Sequence[Sample], into: Builder) -> None:
    unknown = [one for one in fields.values() if one.signal in PLAIN]
    if not unknown:
        return
    held = {one.signal for one in fields.values()}
    cuff = is_spot([(s.time, tuple(s.values.get(one.name) for one in unknown)) for s in samples])
    place = "NIBP" if cuff else "ABP"
    if any(signal.startswith(f"{place}_") for signal in held):
        names = [one.name for one in unknown]
        _leave_out(fields, names, f"its method is not said, and {place} has columns of its own (say --mapping)", into)
        return
    for one in unknown:
        signal = f"{place}_{PLAIN[one.signal]}"
        fields[one.name] = replace(one, signal=signal)
        into.mapping = [
            Column(c.name, signal, c.unit, "method judged") if c.name == one.name else c for c in into.mapping
        ]
    shown = ", ".join(one.name for one in unknown)
    behaves = "comes now and then, as a cuff does" if cuff else "runs on without pause, as an arterial line does"
    into.notice(
        "method-assumed",
        f"{shown}: the method is not said; it {behaves}, and was read as {place} (say --mapping if not)",
    )


def is_spot(values: Sequence[tuple[int, tuple[float | None, ...]]]) -> bool:
    """A pressure of unknown method, given as (time, values) of all rows, behaves like a cuff's.

    That is: fewer than 1 row in 10 carries a value, or values come further apart than a cuff needs, or they stay
    unchanged for minutes (a monitor that shows its last cuff value).
    """
    carrying = sorted(
        ((time, held) for time, held in values if any(v is not None for v in held)), key=lambda one: one[0]
    )
    if len(carrying) < 2 or len(carrying) * 10 < len(values):
        return True
    steps = sorted(later[0] - earlier[0] for earlier, later in itertools.pairwise(carrying))
    if steps[len(steps) // 2] >= SHORTEST:
        return True
    lasting, since = [], carrying[0]
    for one in [*carrying[1:], None]:
        if one is not None and one[1] == since[1]:
            continue
        ends = carrying[-1][0] if one is None else one[0]
        lasting.append(ends - since[0])
        since = one if one is not None else since
    lasting.sort()
    return lasting[len(lasting) // 2] >= instant.MINUTE


def _emit(fields: Sequence[Field], samples: Sequence[Sample], into: Builder) -> None:
    cuff = {one.signal: one.name for one in fields if one.signal.startswith("NIBP_")}
    as_written = all(one.own for one in fields if one.signal in cuff)
    measured = _cuffs(cuff, samples, as_written, into)
    pulse = _cuff_pulse(fields, samples, cuff)
    for sample in samples:
        done = False
        for one in fields:
            if one.signal.startswith("NIBP_"):
                if not done and sample.row in measured:
                    values, status = measured[sample.row]
                    into.add_cuff(sample.time, sample.row, values, cuff, status)
                done = True
            elif one.name in sample.values:
                name = f"nibp.{one.name}" if one.name in pulse else one.name
                into.add(sample.time, sample.row, one.signal, sample.values[one.name], name)


def _cuffs(
    cuff: dict[str, str], samples: Sequence[Sample], as_written: bool, into: Builder
) -> dict[int, tuple[dict[str, float], Status | None]]:
    shown = []
    for sample in samples:
        values = {signal: sample.values[name] for signal, name in cuff.items() if name in sample.values}
        if values:
            shown.append(Shown(sample.time, sample.row, values))
    if as_written:
        return {one.row: (dict(one.values), None) for one in shown}
    shown.sort(key=lambda one: (one.time, one.row))
    times = sorted({sample.time for sample in samples})
    found = measurements(shown, reach(times))
    into.counts.repeats = sum(one.repeats for one in found)
    measured: dict[int, tuple[dict[str, float], Status | None]] = {}
    for one in found:
        # On the screen when recording began, and shown again since: nobody knows how old it is.
        old = one.stayed and one.shown.time == times[0]
        measured[one.shown.row] = (dict(one.shown.values), Status.AGE_UNKNOWN if old else None)
    return measured


def _cuff_pulse(fields: Sequence[Field], samples: Sequence[Sample], cuff: dict[str, str]) -> set[str]:
    """Pulse columns that come with the cuff's values and only then: a home cuff's own pulse, never an epoch's."""
    if not cuff or any(one.signal in ("HR", "SPO2") for one in fields):
        return set()
    alone = {name for one in fields if one.signal == "PR" and not one.own for name in (one.name,)}
    for sample in samples:
        if not any(name in sample.values for name in cuff.values()):
            alone -= sample.values.keys()
    times = sorted({sample.time for sample in samples})
    steps = sorted(later - earlier for earlier, later in itertools.pairwise(times))
    return alone if steps and steps[len(steps) // 2] >= SHORTEST else set()


def tell_columns(columns: Sequence[Column], options: Options, into: Builder) -> None:
    """Notes the mapping, and says in one sentence what was left out."""
    into.mapping = list(columns)
    unknown = [
        column.name
        for column in columns
        if not column.signal and column.note not in (SAYS_WHEN, SAYS_WHO, SAYS_WHAT) and column.name
    ]
    if unknown:
        shown = ", ".join(unknown[:12]) + (f" and {len(unknown) - 12} more" if len(unknown) > 12 else "")
        into.notice("ignored", f"columns left out: {shown}")
