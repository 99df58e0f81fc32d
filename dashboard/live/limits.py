"""A session's threshold version and baselines as the limits that screens draw; worked out by `dashboard.rises`."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from sqlalchemy import Connection

from dashboard.errors import ThresholdError
from dashboard.live.gather import Happenings
from dashboard.live.snapshot import Limits
from dashboard.rises.criteria import effective
from dashboard.rises.thresholds import SIGNALS, Priority, ThresholdSet
from dashboard.sessions.events import version_in_force
from dashboard.store import acts, queries
from dashboard.store.records import Baseline, ThresholdVersion
from devices import instant

_PRIORITY = {Priority.MEDIUM: 2, Priority.HIGH: 3}
_log = logging.getLogger(__name__)


class ThresholdLibrary:
    """The stored threshold versions in use. A version never changes, so each is read once."""

    def __init__(self) -> None:
        self._versions: dict[int, ThresholdVersion] = {}
        self._sets: dict[int, ThresholdSet] = {}

    def learn(self, connection: Connection, happenings: Happenings) -> None:
        """Reads the versions that the open sessions use and that are not known yet."""
        for session in happenings.sessions.values():
            version_id = version_in_force(happenings.events[session.id], session.threshold_version_id)
            if version_id in self._versions:
                continue
            version = queries.threshold_version(connection, version_id)
            if version is None:
                continue
            self._versions[version_id] = version
            try:
                self._sets[version_id] = acts.thresholds_of(version)
            except ThresholdError as error:
                # Shown without limits rather than with wrong ones; the watch refuses such a version as well.
                _log.error("%s", error)

    def version(self, version_id: int) -> ThresholdVersion | None:
        return self._versions.get(version_id)

    def limits(self, version_id: int, baselines: Mapping[str, Baseline]) -> Limits:
        thresholds = self._sets.get(version_id)
        return Limits() if thresholds is None else limits_of(thresholds, baselines)


def limits_of(thresholds: ThresholdSet, baselines: Mapping[str, Baseline]) -> Limits:
    """The limits of `thresholds` for a patient with these baselines; a level that is off is not among them."""
    limits = []
    for signal in SIGNALS:
        known = baselines.get(signal)
        baseline = known.value if known is not None else None
        for level in thresholds.levels_of(signal):
            limit = effective(level, baseline, thresholds.hysteresis_of(signal), thresholds.combine)
            if limit is not None:
                limits.append(
                    {"signal": signal, "level": level.level, "threshold": limit.threshold, "clear": limit.clear}
                )
    low = tuple(
        {"signal": each.signal, "priority": _PRIORITY[each.priority], "limit": each.limit} for each in thresholds.low
    )
    return Limits(tuple(limits), low, instant.minutes(thresholds.longest_interval_min))
