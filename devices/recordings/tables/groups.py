"""Headers of two rows: the upper one groups columns (ART, NIBP), the lower one names them (Sys, Dia, Mean)."""

from __future__ import annotations

from collections.abc import Sequence

from devices.recordings.names import PLAIN, plain, signal_of
from devices.recordings.tables.summaries import statistic

_SAID = "alarm alarms limit limits set setting settings target targets low high lower upper"
_OTHERS = frozenset(_SAID.split())
"""Words of a group that is of no values."""


def grouped(names: Sequence[str], above: Sequence[str], time: Sequence[int]) -> tuple[str, ...] | None:
    """`names` with their groups before them where these change what a column is; None if `above` groups nothing.

    A merged cell is written once, at its left. Groups stand above no column of `time` and hold no numbers. A pressure
    whose group is not known, such as the pulmonary artery, is then not known either; nor is what stands under a
    statistic, a limit or a setting, or has its name under several groups, such as two beds.
    """
    if len(above) != len(names) or not any(above) or any(above[place] for place in time):
        return None
    if any(cell[:1].isdigit() for cell in above):
        return None
    groups, group = [], ""
    for over in above:
        group = over or group
        groups.append(group)
    over_name: dict[str, set[str]] = {}
    for name, group in zip(names, groups, strict=True):
        over_name.setdefault(name, set()).add(group)
    found = [_named(group, name, len(over_name[name]) > 1) for name, group in zip(names, groups, strict=True)]
    return tuple(found) if tuple(found) != tuple(names) else None


def _named(group: str, name: str, is_in_several: bool) -> str:
    if not group or not name:
        return name
    own, whole = signal_of(name), f"{group} {name}"
    if own in PLAIN or is_in_several or statistic(group) or _OTHERS & set(map(plain, group.split())):
        return whole
    return whole if not own and signal_of(whole) else name
