"""A threshold set in words and rows. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.rises.notices import UNITS
from dashboard.rises.threshold_diff import Difference, said
from dashboard.rises.thresholds import CUFF_SIGNALS, SIGNALS, Combine, Level, LowLimit, ThresholdSet

EPOCH_S = 5


def criteria_text(level: Level, combine: Combine) -> str:
    """``165 mmHg or baseline + 40``."""
    parts = []
    if level.absolute is not None:
        parts.append(f"{level.absolute:g} {UNITS[level.signal]}")
    if level.rise is not None:
        parts.append(f"baseline + {level.rise:g}")
    if level.rise_percent is not None:
        parts.append(f"baseline + {level.rise_percent:g} %")
    return (" or " if combine is Combine.ANY else " and ").join(parts)


def run_text(signal: str, count: int) -> str:
    """How long a run must be: cuff readings are counted, epochs are said in seconds."""
    if signal in CUFF_SIGNALS:
        return f"{count} reading" + ("s" if count > 1 else "")
    return f"{count * EPOCH_S} s"


def rows(thresholds: ThresholdSet) -> dict[str, str]:
    """The set as label -> value, in a fixed order."""
    found: dict[str, str] = {"Title": thresholds.title}
    if thresholds.cycle_min is not None:
        found["Cuff cycle"] = f"{thresholds.cycle_min:g} min"
    if thresholds.due_min is not None:
        found["Cuff due at"] = ", ".join(f"{each:g}" for each in thresholds.due_min) + " min"
    found["Longest gap within a run"] = f"{thresholds.max_gap_min:g} min"
    found["Transient if back within"] = f"{thresholds.x_off_min:g} min of the infusion's end"
    found["Criteria of a level"] = "any one suffices" if thresholds.combine is Combine.ANY else "all must hold"
    for signal in SIGNALS:
        for level in thresholds.levels_of(signal):
            found[f"{signal} level {level.level}"] = (
                f"{criteria_text(level, thresholds.combine)}, for {run_text(signal, level.n_on)}"
            )
        if thresholds.levels_of(signal):
            found[f"{signal} is back at"] = (
                f"{thresholds.hysteresis_of(signal):g} {UNITS[signal]} below the limit, "
                f"for {run_text(signal, thresholds.n_off_of(signal))}"
            )
    for signal, value in sorted(thresholds.pre_dose.items()):
        found[f"Pre-dose notice, {signal}"] = f"{value:g} {UNITS[signal]}"
    for low in sorted(thresholds.low, key=lambda each: (each.signal, each.priority.value)):
        found[f"Low {low.signal}, {low.priority.value}"] = _low_text(low)
    for signal, reason in sorted(thresholds.low_off.items()):
        found[f"Low {signal}"] = f"switched off: {reason}"
    return found


def difference_rows(found: Sequence[Difference], before: str, after: str) -> list[dict[str, str]]:
    """A table of what differs, with the two sets' labels as columns."""
    return [{"": each.field, before: said(each.old), after: said(each.new)} for each in found]


def _low_text(low: LowLimit) -> str:
    return (
        f"{low.limit:g} {UNITS[low.signal]} for {run_text(low.signal if low.signal == 'SBP' else 'HR', low.n_on)}, "
        f"over at {low.limit + low.hysteresis:g}"
    )
