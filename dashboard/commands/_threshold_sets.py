"""Threshold sets as they are named on a command line: a preset, a file, or a version of the store."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dashboard.errors import ThresholdError
from dashboard.rises.threshold_files import PRESETS, named

if TYPE_CHECKING:
    from dashboard.rises.thresholds import ThresholdSet
    from dashboard.store.database import Store

_STORED = re.compile(r"(?P<name>.+)@(?P<version>\d{1,6})")


def is_stored(text: str) -> bool:
    """Whether `text` names a version of the store, ``adult-iv@2``."""
    return _STORED.fullmatch(text) is not None


def sets(wanted: Sequence[str], store: Callable[[], Store]) -> list[ThresholdSet]:
    """The sets called `wanted`; `store` is opened only if one of them is a version in it, and closed again.

    Raises:
        ThresholdError: there is no such preset, file or version. StoreError: the store cannot be opened.
    """
    if not any(map(is_stored, wanted)):
        return [named(each) for each in wanted]
    opened = store()
    try:
        return [_stored(opened, each) if is_stored(each) else named(each) for each in wanted]
    finally:
        opened.close()


def _stored(store: Store, text: str) -> ThresholdSet:
    from dashboard.store import acts, queries

    match = _STORED.fullmatch(text)
    assert match is not None  # asked only then
    name, number = match["name"], int(match["version"])
    with store.reading() as connection:
        found = queries.threshold_version_called(connection, name, number)
        if found is not None:
            return acts.thresholds_of(found)
        newest = queries.latest_threshold_version(connection, name)
        names = sorted({each.name for each in queries.threshold_versions(connection)})
    if newest is not None:
        raise ThresholdError(f"there is no version {number} of {name} in the store; the newest is {newest.version}")
    known = ", ".join(names) or "none"
    hint = f"; the preset itself is {name}, without @" if name in PRESETS else ""
    raise ThresholdError(f"there are no thresholds {name!r} in the store (there are: {known}){hint}")
