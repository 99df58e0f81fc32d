"""The section of a report on the limits that were in force. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.reports.document import Block, Details, Section, table, texts
from dashboard.reports.moments import DASH, Moments
from dashboard.reports.subject import Subject
from dashboard.rises.rules import limit_of
from dashboard.rises.threshold_words import criteria_text, rows, run_text
from dashboard.rises.thresholds import SIGNALS, ThresholdSet


def thresholds(subject: Subject, moments: Moments) -> Section:
    return Section("Thresholds", tuple(_thresholds(subject, moments)))


def _thresholds(subject: Subject, moments: Moments) -> Iterator[Block]:
    """The limits as they worked for this patient, then the sets in full."""
    analysis = subject.analysis
    sets: list[tuple[str, ThresholdSet, dict[str, float | None]]] = []
    base: dict[str, float | None] = dict.fromkeys(SIGNALS)
    if analysis is not None:
        base = {signal: analysis.manual.get(signal, each.value) for signal, each in analysis.measured.items()}
    sets.append(("At the start", subject.thresholds, dict(base)))
    for change in analysis.changes if analysis is not None else ():
        base.update(change.baselines or {})
        why = f" ({change.author}: {change.reason})" if change.author or change.reason else ""
        sets.append((f"From {moments.at(change.at)}{why}", change.thresholds or sets[-1][1], dict(base)))
    for title, thresholds, baselines in sets:
        yield texts(f"{title}: {_set_name(subject, thresholds, moments)}.")
        yield table(
            ("Signal", "Level", "Criteria", "Limit", "Over at", "For", "Back for"),
            _limit_rows(thresholds, baselines),
            numeric=(1, 3, 4),
        )
    for thresholds in {each.hash: each for _, each, _ in sets}.values():
        told = [f"{name}: {value}" for name, value in rows(thresholds).items() if name[:3].strip() not in SIGNALS]
        yield Details(f"{thresholds.name} in full", (*told, f"SHA-256: {thresholds.hash}"))


def _set_name(subject: Subject, thresholds: ThresholdSet, moments: Moments) -> str:
    version = subject.versions.get(thresholds.hash)
    if version is None:
        return f"{thresholds.name} ({thresholds.hash[:8]})"
    return (
        f"{thresholds.name}, version {version.version} ({thresholds.hash[:8]}), by {version.author} on "
        f"{moments.wall(version.created)}: {version.reason}"
    )


def _limit_rows(thresholds: ThresholdSet, baselines: dict[str, float | None]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for signal in SIGNALS:
        for level in thresholds.levels_of(signal):
            limit = limit_of(thresholds, level, baselines.get(signal))
            limits = (DASH, "off: no baseline") if limit is None else (f"{limit.threshold:g}", f"{limit.clear:g}")
            found.append(
                (
                    signal, str(level.level), criteria_text(level, thresholds.combine), *limits,
                    run_text(signal, level.n_on), run_text(signal, thresholds.n_off_of(signal)),
                )
            )  # fmt: skip
    return found
