"""Pressures whose method a table does not say: judged to be a cuff's or an arterial line's by how they behave."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from devices import instant
from devices.recordings.cuffs import SHORTEST
from devices.recordings.names import PLAIN
from devices.recordings.recording import Builder, Column
from devices.recordings.tables.header import Field
from devices.recordings.tables.judging import Sample, leave_out


class Method(Struct, frozen=True):
    """How the pressures of unknown method of one table were taken.

    Attributes:
        fields: their columns. place: ``NIBP`` or ``ABP``.
        has_own: this place has columns of its own, so that they are left out.
    """

    fields: tuple[Field, ...]
    place: str
    has_own: bool

    def settled(self, one: Field) -> Field | None:
        """The column `one` with its signal, if it is one of them; None: it is left out."""
        if one not in self.fields:
            return one
        return None if self.has_own else replace(one, signal=f"{self.place}_{PLAIN[one.signal]}")

    def tell(self, into: Builder) -> None:
        """Tells what they were taken for, and notes it in the mapping."""
        names = [one.name for one in self.fields]
        if self.has_own:
            why = f"its method is not said, and {self.place} has columns of its own (say --mapping)"
            leave_out({one.name: one for one in self.fields}, names, why, into)
            return
        signals = {one.name: f"{self.place}_{PLAIN[one.signal]}" for one in self.fields}
        into.mapping = [
            Column(c.name, signals[c.name], c.unit, "method judged") if c.name in signals else c for c in into.mapping
        ]
        behaves = (
            "comes now and then, as a cuff does"
            if self.place == "NIBP"
            else "runs on without pause, as an arterial line does"
        )
        into.notice(
            "method-assumed",
            f"{', '.join(names)}: the method is not said; it {behaves}, and was read as {self.place} (say --mapping if"
            " not)",
        )


def method_of(fields: Iterable[Field], is_cuffs: Callable[[Sequence[Field]], bool]) -> Method | None:
    """How the pressures of unknown method among `fields` are taken, None if there are none.

    Args:
        is_cuffs: whether the values of these columns behave as a cuff's.
    """
    fields = tuple(fields)
    unknown = tuple(one for one in fields if one.signal in PLAIN)
    if not unknown:
        return None
    place = "NIBP" if is_cuffs(unknown) else "ABP"
    return Method(unknown, place, any(one.signal.startswith(f"{place}_") for one in fields))


def settle_method(fields: dict[str, Field], samples: Sequence[Sample], into: Builder) -> None:
    """Gives the pressures of unknown method among `fields` their signals, or takes them out."""

    def are_spots(unknown: Sequence[Field]) -> bool:
        return is_spot([(s.time, tuple(s.values.get(one.name) for one in unknown)) for s in samples])

    if (method := method_of(fields.values(), are_spots)) is None:
        return
    for one in method.fields:
        if (settled := method.settled(one)) is None:
            del fields[one.name]
        else:
            fields[one.name] = settled
    method.tell(into)


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
