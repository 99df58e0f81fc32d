"""How tables write times, and the proof that reading them in columns is reading them row by row."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from devices import instant
from devices.recordings.base import Recording, RecordingError, read_recording, read_series
from devices.recordings.delimited import reader as delimited
from devices.recordings.delimited import utf8 as table_bytes
from devices.recordings.readings.lazy import LazyReadings
from devices.recordings.series import SeriesRecording

BERLIN = instant.zone_named("Europe/Berlin")
START = datetime(2026, 3, 1, 9, 58, 7, tzinfo=UTC)


def passed(moment: datetime) -> float:
    return (moment - START).total_seconds() + 5.0


WRITTEN: dict[str, Callable[[datetime], str]] = {
    "iso": lambda t: f"{t:%Y-%m-%dT%H:%M:%S}Z",
    "iso, naive": lambda t: f"{t:%Y-%m-%d %H:%M:%S}",
    "iso, offset, fraction": lambda t: f"{t:%Y-%m-%dT%H:%M:%S}.250+02:00",
    "iso, to the minute": lambda t: f"{t:%Y-%m-%dT%H:%M}",
    "iso, nanoseconds": lambda t: f"{t:%Y-%m-%dT%H:%M:%S}.123456789Z",
    "year first": lambda t: f"{t.year}/{t.month}/{t.day} {t.hour}:{t:%M:%S}",
    "day first": lambda t: f"{t:%d.%m.%Y %H:%M:%S}",
    "day first, not padded": lambda t: f"{t.day}/{t.month}/{t.year} {t.hour}:{t:%M:%S}",
    "month first, halves": lambda t: f"{t.month}/{t.day}/{t.year} {(t.hour - 1) % 12 + 1}:{t:%M:%S %p}",
    "short": lambda t: f"{t:%d-%m-%y %H:%M:%S,5}",
    "short, named": lambda t: f"{t:%d-%b-%y %I.%M.%S.500000000 %p}".upper(),
    "named": lambda t: f"{t:%d %b %Y %H:%M:%S}",
    "named first": lambda t: f"{t:%b} {t.day} {t.year} {t:%H:%M}",
    "clock first": lambda t: f"{t:%H:%M:%S %d/%m/%Y}",
    "points": lambda t: f"{t:%d/%m/%Y %H.%M.%S}",
    "java": lambda t: f"{t:%a %b %d %H:%M:%S} UTC {t.year}",
    "elapsed": lambda t: str(timedelta(seconds=round(passed(t)))),
    "elapsed, minutes": lambda t: f"{round(passed(t)) // 3600}:{round(passed(t)) // 60 % 60:02d}",
    "seconds": lambda t: f"{passed(t):.0f}",
    "seconds, fractions": lambda t: f"{passed(t):.1f}",
    "seconds, various": lambda t: f"{passed(t):g}",
    "unix": lambda t: f"{t.timestamp():.0f}",
    "unix, ms": lambda t: f"{t.timestamp() * 1000:.0f}",
    "days": lambda t: f"{46000 + passed(t) / 86400:.6f}",
    "date": lambda t: f"{t:%Y-%m-%d}",
}
ODD = b',;\n\r\t"0123456789.: -\x00\xff/xT'


def differences(path: Path, say: dict[str, Any]) -> bool:
    """Both ways give equal recordings or refuse in equal words; whether columns were used."""
    said: list[Recording | str] = []
    for least in (1 << 60, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(delimited, "_LONG", least)
            try:
                said.append(read_recording(path, **say))
            except RecordingError as error:
                said.append(f"{type(error)} {error} {vars(error)}")
    by_rows, in_columns = said
    assert in_columns == by_rows
    if isinstance(in_columns, str):
        return False
    if not isinstance(in_columns.readings, LazyReadings):
        return False
    assert isinstance(by_rows, Recording)
    assert (in_columns.first, in_columns.last) == (by_rows.first, by_rows.last)
    series = read_series(path, **say)
    assert (isinstance(series, SeriesRecording), series.relative) == (True, in_columns.relative)
    for one in series.series:
        mine = [r for r in in_columns.readings if r.source == one.source and r.signal == one.signal]
        there = one.present
        assert series.instants(there).tolist() == [r.time for r in mine]
        numbers = range(len(mine)) if there.place is None else there.place.tolist()
        assert list(numbers) == [r.received for r in mine]
        assert there.numbers.tolist() == [0.0 if r.value is None else r.value for r in mine]
    return True


def alike(
    folder: Path,
    seeds: Iterable[int | str],
    write: Callable[[random.Random], tuple[bytes, dict[str, Any]]],
    also: Callable[[Path, dict[str, Any], random.Random], None] | None = None,
) -> int:
    """How many of the tables that `write` makes of `seeds` are read in columns; each is read alike both ways, whatever
    the size of the blocks. `write` gives a table and what is said of it; `also` looks at those in columns."""
    taken = 0
    for seed in seeds:
        rng = random.Random(seed)
        path = folder / f"{seed}.csv"
        data, say = write(rng)
        path.write_bytes(data)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(table_bytes, "_BLOCK", rng.choice([1, 100, 1000, 1 << 19]))
            patch.setattr(table_bytes, "_AT_ONCE", rng.choice([1, 2, 7, 1000, 1 << 19]))
            try:
                if differences(path, say):
                    taken += 1
                    if also is not None:
                        also(path, say, rng)
            except AssertionError as error:
                raise AssertionError(f"seed {seed}: {data[:300]!r} {say}") from error
    return taken


def damaged(rng: random.Random, data: bytes) -> bytes:
    """Cut, or with some bytes taken out, put in, changed or doubled."""
    how = rng.choice(["cut", "changed", "put in", "taken out", "doubled"])
    for _ in range(rng.choice([1, 1, 2, 5])):
        at = rng.randrange(len(data) + 1)
        until, byte = at + rng.choice([1, 1, 2, 20]), bytes([rng.choice(ODD)])
        data = {
            "cut": data[:at], "changed": data[:at] + byte + data[at + 1 :], "put in": data[:at] + byte + data[at:],
            "taken out": data[:at] + data[until:], "doubled": data[:until] + data[at:],
        }[how]  # fmt: skip
    return data


def as_file(rng: random.Random, lines: list[list[str]], delimiter: str, end: str, ended: int) -> bytes:
    """The table of `lines` with quotes, spaces, a preamble and an encoding; one in `ended` + 1 has no last line end."""
    quotes = rng.choice(["none", "none", "all", "texts"])
    space = rng.choice(["", "", "", " "]) if quotes == "none" else ""

    def shown(text: str) -> str:
        if delimiter in text and rng.random() < 0.9:
            return f'"{text}"'
        number = text.replace(".", "").isdigit()
        return f'"{text}"' if quotes == "all" or (quotes == "texts" and not number) else text

    text = end.join(f"{delimiter}{space}".join(map(shown, line)) for line in lines) + rng.choice([end] * ended + [""])
    if rng.random() < 0.1:
        text = "Some logger's name\n" + text
    return text.encode(rng.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"]))
