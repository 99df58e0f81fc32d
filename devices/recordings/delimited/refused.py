"""The cells of a text table in columns that are refused one by one, as `tables.wide` and `tables.long` refuse them row
by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, Protocol

from devices.recordings.recording import TOLD, Builder
from devices.recordings.tables.header import Field
from devices.recordings.texts import marked_number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Texts


class Told(NamedTuple):
    """What is said of one row or cell: the number of the row, and else as `Builder.tell` takes it."""

    number: int
    kind: str
    text: str
    raw: bytes
    time: int | None = None
    signal: str = ""


def tell_first(told: Iterable[Told], count: int, into: Builder) -> None:
    """Tells the first of `count` rows or cells, those of which are `told` that may be among them."""
    first = sorted(told, key=lambda one: one.number)[:TOLD]
    for one in first:
        into.tell(one.kind, one.text, time=one.time, row=one.number, signal=one.signal, raw=one.raw)
    into.leave_untold(count - len(first))


class Refusals(Protocol):
    """What takes the refused cells of a block."""

    def below(self, values: NDArray[np.float64]) -> None:
        """Notes `values` below 0 of what has none."""

    def no_numbers(self, column: int, rows: NDArray[np.int64], texts: Texts) -> None:
        """Notes the `texts` of cells of a column (in the order of the fields) that are no numbers."""


class Below0:
    """Values below 0 of what has none: counted, not told."""

    def __init__(self) -> None:
        self._below: Counter[str] = Counter()

    def below(self, values: NDArray[np.float64]) -> None:
        """As `Refusals`."""
        unknown = int((values == -1).sum())
        self._below["unknown (-1)"] += unknown
        self._below["below 0"] += len(values) - unknown

    @property
    def are_below(self) -> bool:
        """There are such."""
        return bool(self._below)

    def count_below(self, into: Builder) -> None:
        """Counts them."""
        for reason, count in self._below.items():
            if count:
                into.counts.refuse(reason, count)


class Refused(Below0):
    """What was refused in the columns of one wide table, in blocks of rows. `first`: the number of a block's first."""

    def __init__(self) -> None:
        super().__init__()
        self.first = 0
        self._texts: dict[int, list[tuple[int, int, str]]] = {}
        self._count = 0

    def __bool__(self) -> bool:
        return self.are_below or bool(self._count)

    def no_numbers(self, column: int, rows: NDArray[np.int64], texts: Texts) -> None:
        """As `Refusals`."""
        self._count += len(texts)
        held = self._texts.setdefault(column, [])
        for row, text in zip(rows[: TOLD - len(held)].tolist(), texts.tolist(), strict=False):
            held.append((self.first + row, column, text.decode().strip()))

    def told(
        self,
        fields: Sequence[Field],
        mark: str,
        times: NDArray[np.int64],
        numbers: Sequence[int] | NDArray[np.int32],
    ) -> Iterator[Told]:
        """What is said of the first cells that are no numbers; the rows are at `times` and have these `numbers` in the
        table."""
        for row, column, cell in sorted(chain.from_iterable(self._texts.values()))[:TOLD]:
            try:
                marked_number(cell, mark)
            except ValueError as error:
                one, number = fields[column], int(numbers[row])
                text = f"row {number + 1}, {one.name}: {error}"
                yield Told(number, "value-refused", text, cell.encode(), int(times[row]), one.signal)

    def count(self, into: Builder) -> int:
        """Counts them; how many of them are told."""
        self.count_below(into)
        if self._count:
            into.counts.refuse("cells that are no number", self._count)
        return self._count
