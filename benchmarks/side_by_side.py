"""Measuring ours beside a yardstick in one run: interleaved rounds, CPU time, the median of the rounds' ratios."""

from __future__ import annotations

import gc
import json
import os
import platform
import statistics
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

ROUNDS = 7


def version_of(package: str) -> str | None:
    """The installed version of a yardstick, None if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def measure(
    contenders: Mapping[str, Callable[[], float]], rounds: int = ROUNDS, warm_up: bool = True
) -> dict[str, list[float]]:
    """Runs every contender once a round, in turn; each returns what it cost (seconds of CPU time, or another unit).

    Contenders check their own results and raise when one is wrong: a wrong result is not timed.
    """
    costs: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + warm_up):
        for name, run in contenders.items():
            gc.collect()
            cost = run()
            if number or not warm_up:
                costs[name].append(cost)
    return costs


def ratio(ours: list[float], theirs: list[float]) -> tuple[float, float, float]:
    """How many times what ours cost theirs did: median, least and greatest of the rounds."""
    each = [b / a for a, b in zip(ours, theirs, strict=True)]
    return statistics.median(each), min(each), max(each)


def report(
    row: str, workload: str, costs: Mapping[str, list[float]], ours: str, goals: Mapping[str, tuple[float, str]],
    unit: str = "s CPU",
) -> bool:  # fmt: skip
    """Prints one row of the goals, as a table for people and as a JSON line; returns whether every goal was reached.

    Args:
        goals: by yardstick: how many times ours it is to cost at least, and its version.
    """
    print(f"\n{row}: {workload}")
    for name, values in costs.items():
        print(f"    {name:44} {statistics.median(values):10.6g} {unit}")
    reached = True
    for name, (goal, of) in goals.items():
        if name not in costs:
            print(f"    {name:44} not measured: not installed")
            continue
        median, least, most = ratio(costs[ours], costs[name])
        ok = median >= goal
        reached = reached and ok
        verdict = "reached" if ok else "MISSED"
        print(f"    against {name:36} {median:8.2f} times ({least:.2f} to {most:.2f}), goal {goal:g}: {verdict}")
        print(
            json.dumps(
                {
                    "row": row, "workload": workload, "yardstick": name, "version": of, "ratio": round(median, 3),
                    "least": round(least, 3), "most": round(most, 3), "goal": goal, "rounds": len(costs[ours]),
                    "cores": os.cpu_count(), "python": platform.python_version(),
                    "when": datetime.now(UTC).isoformat(timespec="seconds"),
                }
            )
        )  # fmt: skip
    return reached


def end(reached: bool) -> None:
    """The exit status: 1 when a goal was missed."""
    sys.exit(0 if reached else 1)
