"""What-if as small multiples: one panel a session, its curve, and when each set would have had a flag. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard.rises.columns import Columns
from dashboard.rises.epochs import EPOCH
from dashboard.rises.whatif import WhatIf
from devices.instant import MINUTE

PANELS = 12
ACROSS = 3
UNITS = {"SBP": "mmHg", "DBP": "mmHg", "HR": "/min"}
SET_COLOURS = ("#8FA1B5", "#4FC3F7", "#F2B84B", "#E58BFF", "#7ED957")
"""Of the first set and the others; told apart by their row as well, for those who see no colours."""
_CURVE, _GRID = "#DDE6F0", "#1C2A3A"


def worth_seeing(answer: WhatIf, most: int = PANELS) -> list[int]:
    """The places of the sessions to draw: those with the most that differs first, then those with the most flags."""
    differing = [0] * len(answer.sessions)
    places = {id(session): place for place, session in enumerate(answer.sessions)}
    for outlook in answer.outlooks:
        for each in outlook.differences:
            differing[places[id(each.session)]] += 1
    flags = [sum(len(outlook.flags[place]) for outlook in answer.outlooks) for place in range(len(answer.sessions))]
    order = sorted(range(len(answer.sessions)), key=lambda place: (-differing[place], -flags[place], place))
    return order[:most]


def panels(answer: WhatIf, places: Sequence[int], signal: str) -> go.Figure:
    """The sessions at `places`: minutes from the start of the drug, the signal (cuff readings never joined), and below
    it a row a set, in it a line a level, with bars that last as long as the set's flags.

    Args:
        signal: SBP, DBP or HR.
    """
    rows = max(1, -(-len(places) // ACROSS))
    titles = [answer.sessions[place].label for place in places]
    figure = make_subplots(rows=rows, cols=ACROSS, subplot_titles=titles, vertical_spacing=0.35 / rows)
    for number, place in enumerate(places):
        session = answer.sessions[place]
        row, column = number // ACROSS + 1, number % ACROSS + 1
        minutes, values = _curve(session.columns, signal)
        figure.add_scatter(
            x=minutes, y=values, mode="markers" if signal != "HR" else "lines", name=signal, showlegend=False,
            line={"color": _CURVE, "width": 1.5}, marker={"size": 5, "color": _CURVE}, row=row, col=column,
        )  # fmt: skip
        low, high = (float(np.nanmin(values)), float(np.nanmax(values))) if len(values) else (0.0, 1.0)
        step = max(high - low, 20.0) * 0.2
        for index, outlook in enumerate(answer.outlooks):
            x: list[float | None] = []
            y: list[float | None] = []
            text: list[str | None] = []
            for rise in outlook.flags[place]:
                episode = rise.episode
                if episode.signal != signal:
                    continue
                until = episode.return_time if episode.return_time is not None else session.columns.timeline.session_end
                # A line a level: flags of two levels mostly begin together.
                at = low - step * (1.0 + index) + (episode.level - 2) * 0.3 * step
                x += [_minute(session.columns, episode.onset), _minute(session.columns, until), None]
                y += [at, at, None]
                text += [f"L{episode.level}", "", None]
            figure.add_scatter(
                x=x or [None], y=y or [None], text=text, mode="lines+text", textposition="middle left",
                textfont={"size": 8}, line={"color": SET_COLOURS[index % len(SET_COLOURS)], "width": 3.5},
                name=outlook.name, legendgroup=outlook.name, showlegend=number == 0, row=row, col=column,
            )  # fmt: skip
        figure.update_yaxes(title_text=UNITS[signal] if column == 1 else None, row=row, col=column)
    figure.update_layout(
        template="plotly_dark",
        height=60 + (200 + 25 * len(answer.outlooks)) * rows,
        margin={"l": 40, "r": 10, "t": 40, "b": 30},
        legend={"orientation": "h", "y": -0.08},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    figure.update_annotations(font_size=11)
    figure.update_xaxes(gridcolor=_GRID, ticksuffix=" min", zeroline=True, zerolinecolor="#3A4C60")
    figure.update_yaxes(gridcolor=_GRID, zeroline=False)
    return figure


def _curve(columns: Columns, signal: str) -> tuple[np.ndarray, np.ndarray]:
    """Minutes and values; a gap in the epochs breaks the line."""
    if signal == "HR":
        minutes, values = columns.rate_number * (EPOCH / MINUTE), columns.rate_value
        gaps = np.flatnonzero(np.diff(columns.rate_number) > 1) + 1
        return np.insert(minutes, gaps, np.nan), np.insert(values, gaps, np.nan)
    values = columns.sbp if signal == "SBP" else columns.dbp
    return (columns.cuff_time - columns.t0) / MINUTE, values


def _minute(columns: Columns, time: int) -> float:
    return (time - columns.t0) / MINUTE
