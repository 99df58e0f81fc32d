"""An evaluation for machines and for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from dashboard.evaluation.bench import NOT_CLINICAL, Evaluation
from dashboard.evaluation.contenders import CONTENDERS
from dashboard.evaluation.doubted import Marks
from dashboard.evaluation.score import Score
from dashboard.evaluation.truth import Truth

ABOUT = {
    Truth.LATENT: "truth (a), the noiseless curve; what lay between two cuffs is counted apart",
    Truth.SAMPLED: "truth (b), the noiseless curve where the cuff measured it",
    Truth.READINGS: "truth (c), the written rule on the valid readings, by a program of its own",
}
COLUMNS = (
    "", "true", "found", "recall", "precision", "F1", "onset error", "alarm delay", "peak error", "return error",
    "false/h", "false/session", "Challenge", "between cuffs",
)  # fmt: skip
SPLITS = ("signal", "level", "kind", "cuff cycle", "artefact", "noise", "pulse rate")
Rows = list[tuple[str, ...]]


def as_json(found: Evaluation) -> dict[str, Any]:
    """Plain values for JSON; the fields of `score.Score`, times in seconds."""
    return {
        "about": NOT_CLINICAL,
        "thresholds": {"name": found.thresholds.name, "hash": found.thresholds.hash},
        "part": found.part,
        "seed": found.seed,
        "sessions": found.sessions,
        "hours": found.hours,
        "mix": {split: dict(each) for split, each in found.mix.items()},
        "valid_share": dict(found.valid),
        "technical_alarms_per_hour": found.technical_per_hour,
        "suspect_rates": msgspec.to_builtins(found.marks),
        "scores": [
            {"contender": contender, "truth": truth.value, "split": split, "value": value, **msgspec.to_builtins(each)}
            for (contender, truth, split, value), each in found.scores.items()
        ],
    }


def text(found: Evaluation) -> str:
    """The report as Markdown, which a terminal shows well enough."""
    return "\n".join(_lines(found))


def _lines(found: Evaluation) -> Iterator[str]:
    yield NOT_CLINICAL
    yield ""
    hr, cuff = (100 * found.valid[name] for name in ("HR", "NIBP"))
    yield (
        f"{found.sessions} sessions of the {found.part} part, seed {found.seed}, {found.hours:.0f} h watched; "
        f"thresholds {found.thresholds.name} ({found.thresholds.hash[:8]}). Valid values: HR {hr:.1f} % of the time, "
        f"cuff {cuff:.1f} %. Technical alarms: {found.technical_per_hour:.2f} an hour."
    )
    yield ""
    yield "Mix: " + "; ".join(
        f"{split} " + ", ".join(f"{value} {count}" for value, count in each.items())
        for split, each in found.mix.items()
    )
    for truth in Truth:
        yield f"\nAgainst {ABOUT[truth]}:\n"
        yield from _table([(each, found.scores[each, truth, "all", "all"]) for each in CONTENDERS])
    yield "\nThe detector against truth (b), split:\n"
    rows = []
    for wanted in SPLITS:
        for (contender, truth, split, value), score in found.scores.items():
            if (contender, truth, split) == ("detector", Truth.SAMPLED, wanted):
                rows.append((f"{split} {value}", score))
    yield from _table(rows)
    yield "\nThe detector's heart-rate rises against truth (b), by whether the rate was marked as suspect (3.6):\n"
    yield from _marks(found.marks)
    for truth in (Truth.SAMPLED, Truth.LATENT):
        yield f"\nOutcome by the detector (columns) and by truth ({truth.value}) (rows):\n"
        yield from _matrix(found.scores["detector", truth, "all", "all"].classes)


def _marks(marks: Marks) -> Iterator[str]:
    head = ("heart-rate rises", "found", "true", "true, onset over 30 s off", "none was true")
    lines: Rows = [head, tuple("---" for _ in head)]
    for kind, each in marks.rises.items():
        whole = each.matched + each.overlapping + each.false
        lines.append((kind, *(str(count) for count in (whole, each.matched, each.overlapping, each.false))))
    yield from _aligned(lines)
    rate = f"{marks.stray / marks.hours:.3f} an hour" if marks.hours else "none"
    yield (
        f"\nOf {marks.doubled} stretches of double counting beside a pulse rate {marks.doubled_told} were marked; "
        f"marks outside labelled artefacts: {rate}."
    )


def _table(rows: list[tuple[str, Score]]) -> Iterator[str]:
    lines: Rows = [COLUMNS, tuple("---" for _ in COLUMNS), *((name, *_cells(score)) for name, score in rows)]
    yield from _aligned(lines)


def _cells(score: Score) -> tuple[str, ...]:
    return (
        str(score.true),
        str(score.found),
        *(_share(each) for each in (score.recall, score.precision, score.f1)),
        _pair(score.onset_error, "s"),
        _pair(score.alarm_delay, "s"),
        _pair(score.peak_error, ""),
        _pair(score.return_error, "s"),
        f"{score.false_per_hour:.3f}",
        f"{score.false_per_session:.2f}",
        "" if score.challenge is None else f"{score.challenge:.1f}",
        str(score.between_cuffs),
    )


def _share(given: tuple[float, float, float] | None) -> str:
    if given is None:
        return "-"
    value, low, high = given
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


def _pair(given: tuple[float, float] | None, unit: str) -> str:
    return "-" if given is None else f"{given[0]:.0f} / {given[1]:.0f} {unit}".strip()


def _matrix(classes: dict[str, dict[str, int]]) -> Iterator[str]:
    names = sorted({name for row in classes.values() for name in row})
    lines: Rows = [("true", *names), tuple("---" for _ in range(len(names) + 1))]
    lines += [(true, *(str(row.get(name, 0)) for name in names)) for true, row in classes.items()]
    yield from _aligned([tuple(cell.replace("_", " ") for cell in line) for line in lines])


def _aligned(lines: Rows) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        fill = "-" if line[0] == "---" else " "
        yield "| " + " | ".join(cell.ljust(width, fill) for cell, width in zip(line, widths, strict=True)) + " |"
