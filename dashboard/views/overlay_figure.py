"""Two or three sessions of one patient in one figure, aligned at the start of the drug. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from dashboard.sessions.summary import Curves
from dashboard.views.review_figure import COLOUR, HEIGHT_PX, PANEL, fit_panels, look, shade

_OTHERS = ("#FFB86B", "#F28CC0")


def overlay_figure(curves: Sequence[tuple[str, Curves, Sequence[tuple[str, float, float | None]]]]) -> go.Figure:
    """Two or more sessions over the minutes since the start of the drug.

    Args:
        curves: (name, curves, rises as signal, onset and return in minutes, None while not back), this session first.
    """
    figure = go.Figure()
    shapes: list[dict[str, Any]] = []
    for number, (name, curve, rises) in enumerate(curves):
        own = None if number == 0 else _OTHERS[(number - 1) % len(_OTHERS)]
        colour = {signal: own or COLOUR[signal] for signal in ("HR", "NIBP", "SPO2")}
        dash = "solid" if number == 0 else "dot"
        for signal, values, axis in (("HR", curve.hr, "y"), ("SPO2", curve.spo2, "y3")):
            x, y = _broken(values)
            figure.add_scatter(
                x=x, y=y, yaxis=axis, name=name, mode="lines", connectgaps=False, showlegend=False,
                line={"color": colour[signal], "width": 1.4, "dash": dash},
                hovertemplate="%{y:g}<extra>" + escape(name) + "</extra>",
            )  # fmt: skip
        cuffs = [(minute, sbp, dbp) for (minute, sbp), (_, dbp) in zip(curve.sbp, curve.dbp, strict=True)]
        bars = [part for minute, sbp, dbp in cuffs for part in ((minute, sbp), (minute, dbp), (None, None))]
        figure.add_scatter(
            x=[each[0] for each in bars], y=[each[1] for each in bars], yaxis="y2", name=escape(name),
            mode="lines+markers", connectgaps=False, line={"color": colour["NIBP"], "width": 2, "dash": dash},
            marker={"symbol": "circle" if number == 0 else "diamond-open", "size": 7},
            hovertemplate="%{y:g}<extra>" + escape(name) + "</extra>",
        )  # fmt: skip
        for signal, onset, back in rises:
            # Two sessions' shades lie one above the other, so that neither hides the other.
            low, high = shade(signal)
            middle = (low + high) / 2
            shapes.append(
                {
                    "type": "rect", "xref": "x", "yref": f"{PANEL[signal]} domain", "layer": "below",
                    "x0": onset, "x1": back if back is not None else max((each[0] for each in curve.hr), default=onset),
                    "y0": low if number else middle, "y1": middle if number else high,
                    "fillcolor": colour["NIBP" if signal != "HR" else "HR"],
                    "opacity": 0.14, "line": {"width": 0},
                }
            )  # fmt: skip
    shapes.append(
        {"type": "line", "xref": "x", "yref": "paper", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "line": {"color": "#8FB1CD"}}
    )
    layout = look("HR /min", "")
    drawn = [curve for _, curve, _ in curves]
    fit_panels(
        layout,
        {
            "yaxis": [value for curve in drawn for _, value in curve.hr],
            "yaxis2": [value for curve in drawn for _, value in (*curve.sbp, *curve.dbp)],
            "yaxis3": [value for curve in drawn for _, value in curve.spo2],
        },
    )
    layout["showlegend"] = True
    layout["legend"] = {"orientation": "h", "y": 1.0, "yanchor": "bottom"}
    figure.update_layout(**layout, shapes=shapes, height=HEIGHT_PX)
    figure.update_xaxes(title="minutes from the start of the drug", anchor="y3", gridcolor="#152130", zeroline=False)
    return figure


def _broken(values: Sequence[tuple[float, float]], longest: float = 0.5) -> tuple[list[Any], list[Any]]:
    """A line that breaks where nothing came for longer than `longest` minutes."""
    x: list[Any] = []
    y: list[Any] = []
    for minute, value in values:
        if x and minute - x[-1] > longest:
            x.append(minute)
            y.append(None)
        x.append(minute)
        y.append(value)
    return x, y
