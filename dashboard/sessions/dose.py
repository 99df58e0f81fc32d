"""How much of the drug was given, by the recorded times and rates. Pure and exact: straight lines between events.

A pump goes on at the planned rate until an event says otherwise. It cannot give more than was planned: where the whole
dose is reached and no stop is recorded, the rest is said to be assumed (clinical definition 3.11.12).
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from dashboard.sessions.events import EventKind, SessionEvent, corrected
from dashboard.sessions.plan import Plan
from devices.instant import HOUR


class Dose(Struct, frozen=True):
    """What had been given at an instant.

    Attributes:
        amount: in `unit`. per_h: the rate at that instant, 0 while nothing runs.
        planned: the whole dose. unit: "mg", or "mg/kg" where the weight is not known.
        assumed: the whole dose is reached and no stop was recorded.
    """

    amount: float
    per_h: float
    planned: float
    unit: str
    assumed: bool = False


class Step(Struct, frozen=True):
    """From `time` on `per_h` runs; `amount` had been given until then."""

    time: int
    amount: float
    per_h: float
    assumed: bool = False


def dose_steps(events: Iterable[SessionEvent], plan: Plan | None) -> list[Step]:
    """Where the given dose changes its slope, in order; empty before the start or without dose and duration."""
    whole = _whole(plan)
    if plan is None or plan.planned_minutes is None or whole is None:
        return []
    rate = whole[0] * 60 / plan.planned_minutes  # of the running pump, kept over a pause
    steps: list[Step] = []
    running = False
    for event in sorted(corrected(events), key=lambda each: (each.time, each.id)):
        match event.kind:
            case EventKind.INFUSION_START | EventKind.INFUSION_RESUME:
                running = True
            case EventKind.INFUSION_PAUSE | EventKind.INFUSION_STOP:
                running = False
            case EventKind.INFUSION_RATE:
                rate = _rate(event, plan, whole[1])
            case _:
                continue
        if steps or running:
            _add(steps, event.time, rate if running else 0.0, whole[0])
    if steps:
        _fill(steps, whole[0], None)
    return steps


def dose_given(events: Iterable[SessionEvent], plan: Plan | None, at: int) -> Dose | None:
    """What had been given at the instant `at`; None where the plan says no dose or duration."""
    whole = _whole(plan)
    if plan is None or plan.planned_minutes is None or whole is None:
        return None
    last = Step(at, 0.0, 0.0)
    for step in dose_steps(events, plan):
        if step.time > at:
            break
        last = step
    return Dose(last.amount + last.per_h * (at - last.time) / HOUR, last.per_h, whole[0], whole[1], last.assumed)


def dose_planned(plan: Plan, t0: int, at: int) -> float | None:
    """What the plan would have given at `at`, in the unit of `dose_given`, had it run from `t0` without a change."""
    whole = _whole(plan)
    if whole is None or plan.planned_minutes is None:
        return None
    return whole[0] * min(1.0, max(0.0, (at - t0) / (plan.planned_minutes * HOUR / 60)))


def _whole(plan: Plan | None) -> tuple[float, str] | None:
    if plan is None or plan.dose_mg_per_kg is None:
        return None
    return (plan.dose_mg, "mg") if plan.dose_mg is not None else (plan.dose_mg_per_kg, "mg/kg")


def _rate(event: SessionEvent, plan: Plan, unit: str) -> float:
    """The rate an event has set, per hour in `unit`. It is recorded in mg/h, or mg/kg/h without a weight."""
    value = float(event.detail["per_h"])
    given = str(event.detail["unit"])
    if given == unit or plan.weight_kg is None:
        return value
    return value * plan.weight_kg if unit == "mg" else value / plan.weight_kg


def _add(steps: list[Step], time: int, per_h: float, whole: float) -> None:
    _fill(steps, whole, time)
    amount = 0.0
    if steps:
        last = steps[-1]
        amount = min(whole, last.amount + last.per_h * (time - last.time) / HOUR)
    full = amount >= whole and per_h > 0
    steps.append(Step(time, amount, 0.0 if full else per_h, full))


def _fill(steps: list[Step], whole: float, until: int | None) -> None:
    """Where the whole dose is reached before `until`, the line ends."""
    if not steps or steps[-1].per_h <= 0:
        return
    last = steps[-1]
    reached = last.time + round((whole - last.amount) / last.per_h * HOUR)
    if until is None or reached < until:
        steps.append(Step(reached, whole, 0.0, True))
