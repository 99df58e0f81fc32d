"""The figure of a session looked back upon. Pure.

Cuff measurements are bars that are never joined; lines break where nothing came; a rise is shaded from its onset to
its return. Times are the clinic's, all with the offset of the session's start, so that no hour is drawn twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta, timezone
from html import escape
from typing import Any

import plotly.graph_objects as go
from msgspec import Struct

from dashboard.live.snapshot import Limits
from dashboard.sessions.events import Course, SessionEvent, phases_of
from dashboard.sessions.words import event_text
from dashboard.store.records import Baseline, StoredRise
from devices import instant

COLOUR = {"HR": "#3DDC84", "PR": "#3DDC84", "SPO2": "#35D0F2", "NIBP": "#C9ADFF", "SBP": "#C9ADFF", "DBP": "#C9ADFF"}
LEVEL = {1: "#5BE7FF", 2: "#FFD23F", 3: "#FF3B4A"}
PANEL = {"HR": "y", "SBP": "y2", "DBP": "y2", "SPO2": "y3"}
_DOMAIN = {"yaxis4": [0.93, 1], "yaxis": [0.66, 0.91], "yaxis2": [0.27, 0.61], "yaxis3": [0, 0.22]}
HEIGHT_PX, PLOT_PX, WORD_PX = 620, 552, 12

At = Callable[[int], str]


class Review(Struct, frozen=True):
    """What the figure of one session is drawn from.

    Attributes:
        series: of `dashboard.live.series`. events: as corrected. limits: as they were at the session's end.
    """

    series: Mapping[str, Any]
    course: Course
    events: Sequence[SessionEvent]
    baselines: Mapping[str, Baseline]
    rises: Sequence[StoredRise]
    limits: Limits
    start: int
    end: int
    zone: str
    mark: str = ""


def review_figure(review: Review) -> go.Figure:
    """HR (or pulse), cuff and SpO2 of one session over the clinic's clock."""
    offset = instant.to_datetime(review.start, instant.zone_named(review.zone)).utcoffset() or timedelta()
    local = timezone(offset)

    def at(moment: float) -> str:
        return instant.to_datetime(round(moment), local).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]

    def at_ms(moment: float) -> str:
        return at(moment * 1_000)

    figure = go.Figure()
    streams = review.series["streams"]
    rate = "HR" if "HR" in streams else "PR"
    for signal, axis in ((rate, "y"), ("SPO2", "y3")):
        trace = streams.get(signal)
        if trace is not None:
            name = {"HR": "HR", "PR": "PR (pulse)", "SPO2": "SpO2"}[signal]
            figure.add_scatter(
                x=[at_ms(each) for each in trace["t"]], y=trace["v"], yaxis=axis, name=name, mode="lines",
                connectgaps=False, line={"color": COLOUR[signal], "width": 1.4},
                hovertemplate="%{y:g}<extra>" + name + "</extra>",
            )  # fmt: skip
    _cuffs(figure, review.series["nibp"], at_ms)
    _marks(figure, review.events, at)
    end = max(review.end, review.start + instant.MINUTE)
    shapes = [*_phases(review, at), *_bands(review, at, end), *_rise_shades(review.rises, at, end), *_lines(review)]
    sign = "+" if offset >= timedelta() else "-"
    hours, minutes = divmod(abs(int(offset.total_seconds())) // 60, 60)
    layout = look("PR (pulse) /min" if rate == "PR" and "PR" in streams else "HR /min", review.mark)
    fit_panels(
        layout,
        {
            "yaxis": streams[rate]["v"] if rate in streams else [],
            "yaxis2": [each for row in review.series["nibp"] for each in row[1:3]],
            "yaxis3": streams["SPO2"]["v"] if "SPO2" in streams else [],
        },
        [(PANEL[each["signal"]], each["threshold"]) for each in review.limits.limits if each["signal"] in PANEL],
    )
    layout["annotations"] += _limit_words(review, layout)
    figure.update_layout(**layout, shapes=shapes, height=HEIGHT_PX)
    figure.update_xaxes(
        type="date", range=[at(review.start), at(end)], tickformat="%H:%M", hoverformat="%H:%M:%S", anchor="y3",
        gridcolor="#152130", title=f"{review.zone}, {sign}{hours:02d}:{minutes:02d}",
    )  # fmt: skip
    return figure


def _cuffs(figure: go.Figure, rows: Sequence[Sequence[Any]], at: Callable[[float], str]) -> None:
    """A bar from diastolic to systolic with a tick at the mean; the ones without both are their single values."""
    x: list[Any] = []
    y: list[Any] = []
    for time, sys, dia, _mean, _status in rows:
        x += [at(time), at(time), None]
        y += [sys, dia, None]
    figure.add_scatter(
        x=x, y=y, yaxis="y2", name="NIBP", mode="lines+markers", connectgaps=False,
        line={"color": COLOUR["NIBP"], "width": 2}, marker={"size": 6, "color": COLOUR["NIBP"]},
        hovertemplate="%{y:g}<extra>NIBP</extra>",
    )  # fmt: skip
    means = [(time, mean) for time, _sys, _dia, mean, _status in rows if mean is not None]
    figure.add_scatter(
        x=[at(each[0]) for each in means], y=[each[1] for each in means], yaxis="y2", name="mean", mode="markers",
        marker={"symbol": "line-ew-open", "size": 11, "color": COLOUR["NIBP"], "line": {"width": 2}},
        hovertemplate="%{y:g}<extra>NIBP mean</extra>",
    )  # fmt: skip


def _marks(figure: go.Figure, events: Sequence[SessionEvent], at: At) -> None:
    """The events as diamonds with their words, on three lines in turn."""
    shown = sorted(events, key=lambda each: (each.time, each.id))
    words = [event_text(each) for each in shown]
    figure.add_scatter(
        x=[at(each.time) for each in shown], y=[2.5 - number % 3 for number in range(len(shown))], yaxis="y4",
        mode="markers+text", text=[f" {escape(each[:26])}" for each in words], textposition="middle right",
        textfont={"size": 11, "color": "#C9D6E4"}, marker={"symbol": "diamond", "size": 8, "color": "#DCE7F2"},
        hovertext=[f"{escape(said)} ({escape(each.author)})" for said, each in zip(words, shown, strict=True)],
        hoverinfo="text", name="events", cliponaxis=True,
    )  # fmt: skip


def _phases(review: Review, at: At) -> list[dict[str, Any]]:
    colour = {"infusion": "rgba(38,82,122,.24)", "paused": "rgba(142,155,170,.16)", "recovery": "rgba(90,110,132,.10)"}
    return [
        {"type": "rect", "xref": "x", "yref": "paper", "layer": "below", "x0": at(start), "x1": at(end), "y0": 0,
         "y1": 1, "fillcolor": colour[name], "line": {"width": 0}}
        for name, start, end in phases_of(review.events, review.end)
    ]  # fmt: skip


def _bands(review: Review, at: At, end: int) -> list[dict[str, Any]]:
    """From the baseline up to where a rise counts as over, as the live chart has it."""
    found = []
    for signal, baseline in review.baselines.items():
        clears = [each["clear"] for each in review.limits.limits if each["signal"] == signal]
        if baseline.value is None or not clears or signal not in PANEL:
            continue
        found.append(
            {"type": "rect", "xref": "x", "yref": PANEL[signal], "layer": "below", "x0": at(review.start),
             "x1": at(end), "y0": baseline.value, "y1": max(baseline.value, min(clears)),
             "fillcolor": COLOUR[signal], "opacity": 0.10, "line": {"width": 0}}
        )  # fmt: skip
    return found


def _rise_shades(rises: Sequence[StoredRise], at: At, end: int) -> list[dict[str, Any]]:
    return [
        {"type": "rect", "xref": "x", "yref": f"{PANEL[each.signal]} domain", "layer": "below", "x0": at(each.onset),
         "x1": at(each.return_time if each.return_time is not None else max(end, each.onset)),
         "y0": shade(each.signal)[0], "y1": shade(each.signal)[1],
         "fillcolor": LEVEL[each.level], "opacity": 0.12,
         "line": {"width": 1 if each.return_time is None else 0, "dash": "dot", "color": LEVEL[each.level]}}
        for each in rises
        if not each.present_at_baseline
    ]  # fmt: skip


def shade(signal: str) -> tuple[float, float]:
    """Which part of its panel a rise shades: systolic and diastolic ones lie one above the other."""
    return {"SBP": (0.5, 1.0), "DBP": (0.0, 0.5)}.get(signal, (0.0, 1.0))


def _lines(review: Review) -> list[dict[str, Any]]:
    """The limits as dotted lines across their panel."""
    low = [(each["signal"], each["limit"], each["priority"]) for each in review.limits.low]
    high = [(each["signal"], each["threshold"], each["level"]) for each in review.limits.limits]
    return [
        {"type": "line", "xref": "paper", "yref": PANEL[signal], "x0": 0, "x1": 1, "y0": value, "y1": value,
         "line": {"color": LEVEL[level], "width": 1, "dash": "dot"}, "opacity": 0.7}
        for signal, value, level in (*high, *low)
        if signal in PANEL
    ]  # fmt: skip


def _limit_words(review: Review, layout: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The limits' values at the right edge, moved apart where they would run into each other: systolic and diastolic
    ones share a panel."""
    low = [(each["signal"], each["limit"], each["priority"]) for each in review.limits.low]
    high = [(each["signal"], each["threshold"], each["level"]) for each in review.limits.limits]
    which = {"SBP": "sys ", "DBP": "dia "}
    last: dict[str, float] = {}
    found = []
    for signal, value, level in sorted((*high, *low), key=lambda each: each[1]):
        if signal not in PANEL:
            continue
        axis = PANEL[signal]
        panel = layout[f"yaxis{axis[1:]}"]
        bottom, top = panel["range"]
        share = (panel["domain"][1] - panel["domain"][0]) * PLOT_PX
        at = (value - bottom) / (top - bottom) * share
        place = last[axis] = max(at, last.get(axis, -WORD_PX) + WORD_PX)
        found.append(
            {"xref": "paper", "yref": axis, "x": 1.0, "y": value, "xanchor": "left", "yanchor": "middle",
             "yshift": round(place - at, 1), "showarrow": False, "text": f"{which.get(signal, '')}{value:g}",
             "font": {"color": LEVEL[level], "size": 11}}
        )  # fmt: skip
    return found


_LEAST = {"yaxis": (40, 130), "yaxis2": (50, 180), "yaxis3": (85, 101)}


def fit_panels(
    layout: dict[str, Any], values: Mapping[str, Sequence[float | None]], limits: Sequence[tuple[str, float]] = ()
) -> None:
    """Gives each panel a range that holds its values and its limits (axis, value), and says where it has no value."""
    for name, (low, high) in _LEAST.items():
        there = [each for each in values.get(name, ()) if each is not None]
        there_too = [value for axis, value in limits if axis == name.replace("axis", "")]
        layout[name]["range"] = [min([low, *there, *there_too]) - 3, max([high, *there, *there_too]) + 3]
        if not there:
            layout["annotations"].append(
                {"xref": "paper", "yref": "paper", "x": 0.5, "y": sum(_DOMAIN[name]) / 2, "showarrow": False,
                 "text": "no value", "font": {"color": "#8FA1B5", "size": 14}}
            )  # fmt: skip


def look(rate: str, mark: str) -> dict[str, Any]:
    def axis(name: str) -> dict[str, Any]:
        return {"domain": _DOMAIN[name], "gridcolor": "#152130", "zeroline": False, "nticks": 6}

    titles = [(rate, "yaxis", "HR"), ("NIBP mmHg", "yaxis2", "NIBP"), ("SpO2 %", "yaxis3", "SPO2")]
    annotations: list[dict[str, Any]] = [
        {"xref": "paper", "yref": "paper", "x": 0.004, "y": _DOMAIN[name][1], "xanchor": "left", "yanchor": "bottom",
         "showarrow": False, "text": f"<b>{words}</b>", "font": {"color": COLOUR[signal], "size": 13}}
        for words, name, signal in titles
    ]  # fmt: skip
    if mark:
        annotations.append(
            {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.45, "showarrow": False, "text": f"<b>{mark}</b>",
             "font": {"size": 60, "color": "rgba(229,139,255,.16)"}}
        )  # fmt: skip
    return {
        "template": "plotly_dark",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 46, "r": 56, "t": 28, "b": 40},
        "showlegend": False,
        "hovermode": "x",
        "yaxis": axis("yaxis"),
        "yaxis2": axis("yaxis2"),
        "yaxis3": axis("yaxis3"),
        "yaxis4": {"domain": _DOMAIN["yaxis4"], "range": [0, 3], "visible": False},
        "annotations": annotations,
    }
