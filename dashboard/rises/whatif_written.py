"""A what-if answer for machines and for people."""

from __future__ import annotations

from typing import Any

from dashboard.rises.analysis import Rise
from dashboard.rises.whatif import Count, Difference, Finished, Outlook, WhatIf
from devices import instant

KINDS = ("appears", "vanishes", "moved")
COLUMNS = (
    "set", "level", "flags", "SBP", "DBP", "HR", "per session", "per hour", "sessions", "transient", "confirmed after",
    "first after", "same", "appear", "vanish", "moved",
)  # fmt: skip


def as_json(found: WhatIf) -> dict[str, Any]:
    """Plain values for JSON: numbers not rounded, times as in ``flag --json``; the first set has no differences."""
    return {
        "sessions": len(found.sessions),
        "hours": found.hours,
        "sets": [
            {
                "name": outlook.thresholds.name,
                "called": outlook.name,
                "hash": outlook.thresholds.hash,
                "levels": [_count(each) for each in outlook.counts],
                "all": _count(outlook.total),
                "compared": {
                    "same": outlook.same,
                    **{kind: outlook.differing(kind) for kind in KINDS},
                    "differences": [_difference(each) for each in outlook.differences],
                },
            }
            for outlook in found.outlooks
        ],
    }


def rows(found: WhatIf) -> list[dict[str, str]]:
    """The answer as a table with `COLUMNS`: for every set a row a level and one for all, empty where nothing is."""
    table = []
    for number, outlook in enumerate(found.outlooks):
        for count in (*outlook.counts, outlook.total):
            cells = (
                outlook.name,
                "all" if count.level is None else str(count.level),
                str(count.flags),
                *(str(each) for each in count.by_signal.values()),
                f"{count.per_session:.2f}",
                f"{count.per_hour:.2f}",
                f"{count.sessions} of {len(found.sessions)}",
                "" if count.transient is None else f"{100 * count.transient:.0f} %",
                "" if count.confirm_s is None else f"{count.confirm_s:.0f} s",
                "" if count.first_min is None else f"{count.first_min:.1f} min",
                *_compared(outlook, count, is_first=number == 0),
            )
            table.append(dict(zip(COLUMNS, cells, strict=True)))
    return table


def difference_rows(outlook: Outlook) -> list[dict[str, str]]:
    """The flags that differ, one row each; onsets in minutes from the start of the drug."""

    def moment(rise: Rise | None, session: Finished) -> str:
        if rise is None:
            return "-"
        return f"{(rise.episode.onset - session.columns.t0) / instant.MINUTE:+.1f}"

    return [
        {
            "session": each.session.label,
            "signal": each.rise.episode.signal,
            "level": str(each.rise.episode.level),
            "what": each.kind,
            "onset before": moment(each.before, each.session),
            "onset now": moment(each.after, each.session),
            "peak": f"{each.rise.episode.peak:g}",
            "limit": f"{each.rise.episode.threshold:g}",
            "outcome": each.rise.outcome.value.replace("_", " "),
        }
        for each in outlook.differences
    ]


def _compared(outlook: Outlook, count: Count, is_first: bool) -> tuple[str, ...]:
    if is_first:
        return "", "", "", ""
    appear, vanish, moved = (outlook.differing(kind, count.level) for kind in KINDS)
    return str(count.flags - appear - moved), str(appear), str(vanish), str(moved)


def _count(count: Count) -> dict[str, Any]:
    return {
        "level": count.level,
        "flags": count.flags,
        "by_signal": count.by_signal,
        "per_session": count.per_session,
        "per_hour": count.per_hour,
        "sessions_affected": count.sessions,
        "share_transient": count.transient,
        "median_confirmation_s": count.confirm_s,
        "median_first_min": count.first_min,
    }


def _difference(each: Difference) -> dict[str, Any]:
    episode = each.rise.episode
    return {
        "session": each.session.label,
        "signal": episode.signal,
        "level": episode.level,
        "kind": each.kind,
        "before": _written(each.before, each.session.relative),
        "after": _written(each.after, each.session.relative),
    }


def _written(rise: Rise | None, relative: bool) -> dict[str, Any] | None:
    if rise is None:
        return None
    episode = rise.episode
    return {
        "threshold": episode.threshold,
        "onset": instant.format(episode.onset, relative),
        "confirmed": instant.format(episode.confirmed, relative),
        "peak": episode.peak,
        "return": None if episode.return_time is None else instant.format(episode.return_time, relative),
        "outcome": rise.outcome.value,
    }
