"""What a store needs before its first session: the program's presets as version 1 of their names."""

from __future__ import annotations

from dashboard.errors import ThresholdError
from dashboard.rises.threshold_files import PRESETS, preset
from dashboard.store import acts, queries
from dashboard.store.database import Store

PRESET_AUTHOR = "risewatch"
PRESET_REASON = "shipped preset"


def ensure_presets(store: Store, now: int) -> None:
    """Stores each preset whose name the store does not know yet. Versions already there are never touched.

    The watch and the dashboard both call it, perhaps at once: the second one finds nothing left to do.
    """
    for name in PRESETS:
        with store.reading() as connection:
            known = queries.latest_threshold_version(connection, name) is not None
        if not known:
            try:
                acts.save_thresholds(store, preset(name), author=PRESET_AUTHOR, reason=PRESET_REASON, now=now)
            except ThresholdError:
                with store.reading() as connection:
                    if queries.latest_threshold_version(connection, name) is None:
                        raise
