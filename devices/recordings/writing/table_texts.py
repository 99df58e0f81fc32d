"""The texts of a table's cells, batch by batch: equal ones are made once."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from devices import instant
from devices.recordings.readings.batches import Batch, Kind
from devices.recordings.texts import spreadsheet_text
from devices.recordings.writing.tidy import number

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_KEPT = 100_000


class Known(dict[Any, str]):
    """Texts by what they are made of, made on the first use of each."""

    def __init__(self, make: Callable[[Any], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: Any) -> str:
        text = self[key] = self._make(key)
        return text

    def of(self, keys: Iterable[Any]) -> list[str]:
        """The texts of `keys`."""
        if len(self) > _MOST_KEPT:
            self.clear()
        return list(map(self.__getitem__, keys))


class TidyText:
    """Batches of readings of `kinds` as the rows of a tidy table."""

    def __init__(self, kinds: Sequence[Kind], relative: bool) -> None:
        self._kinds, self._relative = kinds, relative
        self._tails = Known(self._tail)

    def of(self, batch: Batch) -> str:
        """The rows, each with its line end."""
        new = np.ones(len(batch), np.bool_)
        new[1:] = batch.times[1:] != batch.times[:-1]
        times = times_as_text(batch.times[new], self._relative)
        begins = map(times.__getitem__, (np.cumsum(new) - 1).tolist())
        ends = self._tails.of(zip(batch.which.tolist(), batch.values.tolist(), strict=True))
        return "".join(chain.from_iterable(zip(begins, ends, strict=True)))

    def _tail(self, key: tuple[int, float]) -> str:
        signal, unit, status, source, has_value = self._kinds[key[0]]
        value = number(key[1]) if has_value else ""
        return as_row(["", signal, value, unit, status.value, spreadsheet_text(source)])


def as_row(cells: Sequence[str]) -> str:
    """A row of a table, with its line end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def times_as_text(times: NDArray[np.int64], relative: bool) -> list[str]:
    """`times` as `instant.format` writes each."""
    if relative:
        return [instant.format(each, relative) for each in times.tolist()]
    millis = np.datetime_as_string(((times + 500) // 1_000).astype("datetime64[ms]"))
    return [f"{each}Z" for each in millis.tolist()]


def times_in_full(times: NDArray[np.int64], relative: bool) -> list[str]:
    """`times` as `in_full` writes each."""
    if relative:
        return [in_full(each, relative) for each in times.tolist()]
    micros = np.datetime_as_string(times.astype("datetime64[us]"))
    return [f"{each[:-3] if each.endswith('000') else each}Z" for each in micros.tolist()]


def in_full(time: int, relative: bool) -> str:
    """`time` as `instant.format` writes it, with microseconds where it has any: nothing is rounded."""
    milli, micro = divmod(time, 1_000)
    if not micro:
        return instant.format(time, relative)
    if relative:
        whole, rest = divmod(abs(time), instant.SECOND)
        return f"{'-' if time < 0 else '+'}{whole}.{rest:06d}"
    return f"{instant.format(milli * 1_000)[:-1]}{micro:03d}Z"
