"""Planned against given dose over time, as a figure that changes only on a click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboard.sessions.dose import dose_given, dose_planned, dose_steps
from dashboard.sessions.events import Course, SessionEvent
from dashboard.sessions.plan import Plan
from devices import instant


def dose_figure(
    events: Sequence[SessionEvent], plan: Plan | None, course: Course, now: int, zone: str
) -> tuple[Any, str] | None:
    """A Plotly figure up to `now`, and in words what was given; None where no dose is planned or the infusion has not
    started."""
    import plotly.graph_objects as go

    steps = dose_steps(events, plan)
    given = dose_given(events, plan, now)
    if plan is None or plan.planned_minutes is None or given is None or not steps or course.t0 is None:
        return None
    corners = [step.time for step in steps if step.time <= now]
    corners.append(now)
    end = course.t0 + instant.minutes(plan.planned_minutes)
    planned = [course.t0, end, max(end, now)]
    tz = instant.zone_named(zone)

    def shown(times: Sequence[int]) -> list[Any]:
        return [instant.to_datetime(each, tz).replace(tzinfo=None) for each in times]

    amounts = [found.amount for each in corners if (found := dose_given(events, plan, each)) is not None]
    figure = go.Figure()
    figure.add_scatter(
        x=shown(planned),
        y=[dose_planned(plan, course.t0, each) for each in planned],
        name="planned",
        mode="lines",
        line={"dash": "dot", "color": "#9DB0C4", "width": 2},
    )
    figure.add_scatter(
        x=shown(corners),
        y=amounts,
        name="given, as recorded",
        mode="lines+markers",
        line={"color": "#5FB0FF", "width": 4},
    )
    words = f"{given.amount:.4g} of {given.planned:.4g} {given.unit} given"
    if given.assumed:
        words += ", the end assumed: no stop is recorded"
    figure.update_layout(
        template="plotly_dark",
        paper_bgcolor="#0B1119",
        plot_bgcolor="#05080D",
        height=380,
        margin={"l": 50, "r": 20, "t": 15, "b": 40},
        legend={"orientation": "h", "y": -0.15},
        yaxis={"title": given.unit, "rangemode": "tozero"},
    )
    return figure, words
