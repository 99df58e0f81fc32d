"""What a table's columns leave open, judged by their values: what was not connected, what is a curve, a unit.

What could be two things is asked, not judged: kPa or mmHg, degrees of two kinds, percent or a fraction.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from devices.errors import ChoiceNeeded
from devices.recordings.names import PLAIN, WAVES, plain, split_unit
from devices.recordings.recording import Builder, Column
from devices.recordings.tables.header import Field

MOST_BREATHS, FEWEST_BREATHS = 200, 2
"""A minute; above RR is a time in milliseconds, below one in seconds."""

FASTEST = 250_000
"""Microseconds between rows below which what they hold may be a curve."""

CURVE = "it changes more often than numbers do, so it is a curve"
INTERVALS = "nobody breathes so often or so seldom: it may be the time between two beats"
"""Why columns are left out."""

_UNITS_ASKED: dict[str, tuple[float, float, str]] = {
    "SYS": (5, 30, "kPa or mmHg"),
    "MEAN": (5, 20, "kPa or mmHg"),
    "DIA": (3, 18, "kPa or mmHg"),
    "TEMP": (60, 120, "degF or degC"),
    "SPO2": (0.2, 1.01, "fraction or %"),
}
"""By the end of a signal's name: between which medians its values can be of two units, and of which."""


class Sample(Struct):
    """One row, read: its time, its number and its values by column name."""

    time: int
    row: int
    values: dict[str, float] = field(default_factory=dict)


def leave_out(fields: dict[str, Field], names: Sequence[str], why: str, into: Builder) -> None:
    for name in names:
        gone = fields.pop(name)
        into.mapping = [Column(c.name, "", c.unit, why) if c.name == name else c for c in into.mapping]
        into.notice("ignored", f"{name} was left out: {why}", signal="" if gone.signal in PLAIN else gone.signal)


def leave_out_silent(fields: dict[str, Field], samples: Sequence[Sample], into: Builder) -> None:
    present, alive = set(), set()
    for sample in samples:
        for name, value in sample.values.items():
            present.add(name)
            if value != 0:
                alive.add(name)
    silent = [name for name, one in fields.items() if not one.own and name in present and name not in alive]
    leave_out(fields, silent, "it is 0 throughout, so nothing was connected", into)


def may_be_wave(one: Field) -> bool:
    """The name of a column is also that of a curve."""
    return not one.own and plain(split_unit(one.name)[0]) in WAVES


def leave_out_waves(fields: dict[str, Field], samples: Sequence[Sample], into: Builder) -> None:
    """Leaves out what has more rows a second than a number and changes in most: it is a curve."""
    names = [name for name, one in fields.items() if may_be_wave(one)]
    if not names:
        return
    steps = sorted(later.time - earlier.time for earlier, later in itertools.pairwise(samples))
    if not steps or steps[len(steps) // 2] >= FASTEST:
        return
    for name in names:
        held = [sample.values[name] for sample in samples if name in sample.values]
        if 2 * sum(later != earlier for earlier, later in itertools.pairwise(held)) > len(held):
            leave_out(fields, [name], CURVE, into)
            for sample in samples:
                sample.values.pop(name, None)


def leave_out_intervals(fields: dict[str, Field], samples: Sequence[Sample], into: Builder) -> None:
    """Leaves out an RR that is none of breathing: the time between two beats, in ms or s, is called so, too."""
    for name in [name for name, one in fields.items() if one.signal == "RR" and not one.own]:
        held = [sample.values[name] for sample in samples if sample.values.get(name)]
        if held and not FEWEST_BREATHS <= statistics.median(held) <= MOST_BREATHS:
            leave_out(fields, [name], INTERVALS, into)
            for sample in samples:
                sample.values.pop(name, None)


def settle_hertz(fields: dict[str, Field], samples: Sequence[Sample], into: Builder) -> None:
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


def unit_asked(one: Field) -> tuple[float, float, str] | None:
    """Between which medians of its values other than 0 the unit of a column is open, and of which; None if never."""
    if one.unit or one.own:
        return None
    return next((found for end, found in _UNITS_ASKED.items() if one.signal.endswith(end)), None)


def ask_units(fields: Mapping[str, Field], samples: Sequence[Sample]) -> None:
    """Asks for the unit of a column that says none and whose values are those of another unit than usual.

    Raises:
        ChoiceNeeded: there is such a column.
    """
    for one in fields.values():
        if unit_asked(one) is not None:
            ask_unit(one, [sample.values[one.name] for sample in samples if one.name in sample.values])


def ask_unit(one: Field, held: Sequence[float]) -> None:
    """As `ask_units`, of the values `held` of one column that do not say their unit themselves.

    Raises:
        ChoiceNeeded: they are those of another unit than usual.
    """
    there = [value for value in held if value]
    if (asked := unit_asked(one)) is None or not there:
        return
    low, high, units = asked
    if low <= (median := statistics.median(there)) <= high:
        raise ChoiceNeeded(
            f"{one.name!r} does not say its unit, and its values (about {median:g}) leave open {units}: say which with"
            " --mapping, under units",
            "unit",
            units.split(" or "),
            one.name,
        )
