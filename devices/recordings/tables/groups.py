"""Headers of two rows: the upper one groups columns (ART, NIBP), the lower one names them (Sys, Dia, Mean)."""

from __future__ import annotations

from collections.abc import Sequence

from devices.recordings.names import PLAIN, signal_of


def grouped(names: Sequence[str], above: Sequence[str], time: Sequence[int]) -> tuple[str, ...] | None:
    """`names` with their groups before them where these change what a column is; None if `above` groups nothing.

    A merged cell is written once, at its left. Groups stand above no column of `time` and hold no numbers. A pressure
    whose group is not known, such as the pulmonary artery, is then not known either.
    """
    if len(above) != len(names) or not any(above) or any(above[place] for place in time):
        return None
    if any(cell[:1].isdigit() for cell in above):
        return None
    found, group = [], ""
    for name, over in zip(names, above, strict=True):
        group = over or group
        found.append(_named(group, name))
    return tuple(found) if tuple(found) != tuple(names) else None


def _named(group: str, name: str) -> str:
    own = signal_of(name)
    if not group or not name or (own and own not in PLAIN):
        return name
    whole = f"{group} {name}"
    return whole if own in PLAIN or signal_of(whole) else name
