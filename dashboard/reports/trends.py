"""The trends of a session as one drawing on white paper. Pure.

Cuff measurements are bars that are never joined; lines break where nothing came; a rise is shaded from its onset to
its return and says its level, so that the drawing can be read without colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timezone
from typing import Any

from msgspec import Struct

from dashboard.live.series import series_of
from dashboard.reports.moments import Moments
from dashboard.reports.subject import Subject
from dashboard.reports.svg import Drawing
from dashboard.rises.analysis import Analysis, in_force
from dashboard.rises.prepare import prepare
from dashboard.rises.thresholds import LowLimit, Priority
from dashboard.rises.validity import Cuff, Rejection, rejection
from dashboard.sessions.events import SessionEvent, corrected, phases_of
from devices import instant
from devices.signals import NIBP

WIDTH, HEIGHT = 1000.0, 560.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 938.0, 46.0, 514.0
POINTS = 1_200
"""At most so many points a line, every extreme kept: more cannot be told apart on paper."""

PANELS = {"HR": (62.0, 180.0), "NIBP": (204.0, 406.0), "SPO2": (430.0, 510.0)}
"""Top and bottom of each panel."""
_LEAST = {"HR": (50.0, 120.0), "NIBP": (50.0, 170.0), "SPO2": (88.0, 100.0)}
_PANEL_OF = {"HR": "HR", "SBP": "NIBP", "DBP": "NIBP", "SPO2": "SPO2"}
COLOUR = {"HR": "#0b7a3b", "NIBP": "#5b2ea6", "SPO2": "#00718f"}
LEVEL = {1: "#1a8aa6", 2: "#b07d00", 3: "#c4162a"}
_PHASE = {"infusion": "#dbe9f6", "paused": "#eceff2", "recovery": "#f4f6f8"}
_STEPS_MIN = (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 720, 1_440)


class _Scale(Struct, frozen=True):
    """Where a value and an instant lie on the paper."""

    start: int
    end: int
    top: float
    bottom: float
    low: float
    high: float

    def x(self, at: float) -> float:
        share = 0.006 + 0.988 * (at - self.start) / (self.end - self.start)  # the first and last bars are whole
        return LEFT + min(1.0, max(0.0, share)) * (RIGHT - LEFT)

    def y(self, value: float) -> float:
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)


def trends(subject: Subject, moments: Moments) -> str:
    """HR (or pulse), cuff and SpO2 of `subject` with limits, rises, suspect readings and numbered events, as SVG."""
    series = series_of(subject.readings, POINTS)["streams"]
    measured = prepare(each for each in subject.readings if each.signal in NIBP)
    cuffs = [(cuff, rejection(cuff)) for cuff in measured.cuffs]
    start = min([subject.started, *(each.time for each in subject.readings[:1])])
    if subject.course.t0 is not None:
        start = min(start, subject.course.t0)
    end = max(subject.until, start + instant.MINUTE)
    about = "Heart rate, cuff pressure and oxygen saturation over time; the same numbers stand in the tables"
    drawing = Drawing(WIDTH, HEIGHT, about)
    scales = _scales(subject, series, cuffs, start, end)
    _time_axis(drawing, moments, scales["HR"])
    for name, since, until in phases_of(_told(subject), end):
        drawing.rect(
            scales["HR"].x(since), TOP, scales["HR"].x(until) - scales["HR"].x(since), BOTTOM - TOP, fill=_PHASE[name]
        )
    for name, scale in scales.items():
        _panel(drawing, name, scale, series)
    analysis = subject.analysis
    if analysis is not None:
        _bands(drawing, analysis, scales)
        _rises(drawing, analysis, scales)
        _limits(drawing, analysis, scales)
    _lines(drawing, series, scales)
    _cuffs(drawing, cuffs, scales["NIBP"])
    if analysis is not None:
        _suspects(drawing, analysis, scales)
    _events(drawing, numbered(subject), scales["HR"])
    return drawing.written()


def numbered(subject: Subject) -> list[tuple[int, SessionEvent]]:
    """The session's events as corrected, by time, with the number they have in drawing and table."""
    return list(enumerate(_told(subject), 1))


def _told(subject: Subject) -> list[SessionEvent]:
    return sorted(corrected(subject.events), key=lambda each: (each.time, each.id))


def _scales(
    subject: Subject,
    series: Mapping[str, Any],
    cuffs: Sequence[tuple[Cuff, Rejection | None]],
    start: int,
    end: int,
) -> dict[str, _Scale]:
    """Each panel holds its values and the limits in force."""
    values = {
        "HR": [value for signal in ("HR", "PR") if signal in series for value in series[signal]["v"]],
        "NIBP": [value for cuff, _ in cuffs for value in (cuff.sbp, cuff.dbp)],
        "SPO2": list(series["SPO2"]["v"]) if "SPO2" in series else [],
    }
    if subject.analysis is not None:
        for signal, rules in subject.analysis.rules.items():
            if rules:
                values[_PANEL_OF[signal]] += [rule.limit.threshold for rule in rules]
    found = {}
    for name, (top, bottom) in PANELS.items():
        there = [each for each in values[name] if each is not None]
        low, high = min([_LEAST[name][0], *there]), max([_LEAST[name][1], *there])
        margin = (high - low) * 0.04
        found[name] = _Scale(start, end, top, bottom, low - margin, high + margin)
    return found


def _time_axis(drawing: Drawing, moments: Moments, scale: _Scale) -> None:
    """Ticks at whole minutes of the clinic's clock; under them the minutes from the start of the drug."""
    step = next(
        (each for each in _STEPS_MIN if (scale.end - scale.start) / (each * instant.MINUTE) <= 12), _STEPS_MIN[-1]
    ) * instant.MINUTE  # fmt: skip
    offset = 0 if moments.dateless else round(moments.offset.total_seconds()) * instant.SECOND
    at = -(-(scale.start + offset) // step) * step - offset
    while at <= scale.end:
        x = scale.x(at)
        drawing.line(x, TOP, x, BOTTOM, stroke="#dfe3e8", stroke_width=0.6)
        shown = (
            f"{at / instant.MINUTE:g} min"
            if moments.dateless
            else instant.to_datetime(at, timezone(moments.offset)).strftime("%H:%M")
        )
        drawing.text(x, BOTTOM + 16, shown, font_size=11.5, text_anchor="middle")
        if moments.t0 is not None:
            drawing.text(x, BOTTOM + 31, moments.minutes(at), font_size=10, text_anchor="middle", fill="#59636e")
        at += step
    below = "minutes from the start of the drug" if moments.t0 is not None else ""
    zone = "from the beginning of the recording" if moments.dateless else f"{moments.zone}, {moments.offset_text}"
    drawing.text(LEFT, HEIGHT - 4, f"Above: {zone}" + (f"; below: {below}" if below else ""), font_size=10.5,
                 fill="#59636e")  # fmt: skip


def _panel(drawing: Drawing, name: str, scale: _Scale, series: Mapping[str, Any]) -> None:
    title = {"HR": "HR /min", "NIBP": "NIBP mmHg", "SPO2": "SpO2 %"}[name]
    if name == "HR" and "HR" not in series and "PR" in series:
        title = "PR (pulse) /min"
    elif name == "HR" and "PR" in series:
        title = "HR /min (grey: pulse rate)"
    drawing.rect(
        LEFT, scale.top, RIGHT - LEFT, scale.bottom - scale.top, fill="none", stroke="#8b95a1", stroke_width=0.8
    )
    drawing.text(LEFT, scale.top - 5, title, font_size=12.5, font_weight="bold", fill=COLOUR[name])
    step = next(each for each in (2, 5, 10, 20, 50, 100) if (scale.high - scale.low) / each <= 7)
    value = -(-scale.low // step) * step
    while value <= scale.high:
        drawing.line(LEFT, scale.y(value), RIGHT, scale.y(value), stroke="#e8ebef", stroke_width=0.6)
        drawing.text(LEFT - 6, scale.y(value) + 4, f"{value:g}", font_size=11, text_anchor="end")
        value += step
    there = series if name != "NIBP" else {"NIBP": True}
    if not any(signal in there for signal in {"HR": ("HR", "PR")}.get(name, (name,))):
        drawing.text((LEFT + RIGHT) / 2, (scale.top + scale.bottom) / 2, "no value", font_size=13, fill="#59636e",
                     text_anchor="middle")  # fmt: skip


def _bands(drawing: Drawing, analysis: Analysis, scales: Mapping[str, _Scale]) -> None:
    """From the baseline up to where a rise counts as over."""
    for signal, baseline in analysis.baselines.items():
        clears = [rule.limit.clear for rule in analysis.rules.get(signal, ())]
        if baseline.value is None or not clears:
            continue
        scale = scales[_PANEL_OF[signal]]
        top, bottom = scale.y(max(baseline.value, min(clears))), scale.y(baseline.value)
        drawing.rect(LEFT, top, RIGHT - LEFT, bottom - top, fill=COLOUR[_PANEL_OF[signal]], fill_opacity=0.08)
        drawing.line(LEFT, bottom, RIGHT, bottom, stroke=COLOUR[_PANEL_OF[signal]], stroke_width=0.8, opacity=0.6)


def _rises(drawing: Drawing, analysis: Analysis, scales: Mapping[str, _Scale]) -> None:
    """Systolic rises shade the upper half of their panel, diastolic ones the lower: they would cover each other."""
    for rise in analysis.counted:
        episode = rise.episode
        scale = scales[_PANEL_OF[episode.signal]]
        since = scale.x(episode.onset)
        until = scale.x(episode.return_time if episode.return_time is not None else analysis.timeline.session_end)
        upper, lower = {"SBP": (0.0, 0.5), "DBP": (0.5, 1.0)}.get(episode.signal, (0.0, 1.0))
        height = scale.bottom - scale.top
        colour = LEVEL[episode.level]
        top = scale.top + upper * height
        drawing.rect(since, top, until - since, (lower - upper) * height, fill=colour, fill_opacity=0.10)
        drawing.line(since, top, since, scale.top + lower * height, stroke=colour, stroke_width=0.9)
        name = f"{episode.signal} {episode.level}"
        drawing.text(since + 2, top + 11 * episode.level, name, font_size=10, font_weight="bold", fill=colour)


def _limits(drawing: Drawing, analysis: Analysis, scales: Mapping[str, _Scale]) -> None:
    """The limits in force at the end, dotted, their values at the right edge and moved apart where they would meet."""
    which = {"SBP": "sys ", "DBP": "dia "}
    found = [
        (rule.limit.threshold, signal, which.get(signal, ""), rule.level)
        for signal, rules in analysis.rules.items()
        for rule in rules
    ]
    found += [(low.limit, low.signal, "low ", 3 if low.priority is Priority.HIGH else 2) for low in _low(analysis)]
    last: dict[str, float] = {}
    for value, signal, what, level in sorted(found):
        name = _PANEL_OF[signal]
        scale = scales[name]
        if not scale.low <= value <= scale.high:
            continue
        y = scale.y(value)
        drawing.line(LEFT, y, RIGHT, y, stroke=LEVEL[level], stroke_width=0.9, stroke_dasharray="2 3")
        place = last[name] = min(y, last.get(name, scale.bottom + 20) - 11)
        drawing.text(RIGHT + 4, place + 4, f"{what}{value:g}", font_size=10, fill=LEVEL[level])


def _low(analysis: Analysis) -> Sequence[LowLimit]:
    return in_force(analysis.thresholds, analysis.changes)[-1].low


def _lines(drawing: Drawing, series: Mapping[str, Any], scales: Mapping[str, _Scale]) -> None:
    drawn = [("SPO2", "SPO2", COLOUR["SPO2"], 1.1)]
    if "HR" in series:
        drawn = [("PR", "HR", "#8b95a1", 0.8), ("HR", "HR", COLOUR["HR"], 1.1), *drawn]
    else:
        drawn = [("PR", "HR", COLOUR["HR"], 1.1), *drawn]
    for signal, name, colour, width in drawn:
        if signal not in series:
            continue
        scale = scales[name]
        points = [
            None if value is None else (scale.x(time * 1_000), scale.y(value))
            for time, value in zip(series[signal]["t"], series[signal]["v"], strict=True)
        ]
        drawing.path(points, stroke=colour, stroke_width=width)


def _cuffs(drawing: Drawing, cuffs: Sequence[tuple[Cuff, Rejection | None]], scale: _Scale) -> None:
    """A bar from diastolic to systolic with a tick at the mean; one that does not count is grey, dashed and crossed."""
    for cuff, why in cuffs:
        there = [each for each in (cuff.sbp, cuff.dbp) if each]
        if not there:
            continue
        x = scale.x(cuff.time)
        colour = COLOUR["NIBP"] if why is None else "#8b95a1"
        dashes = {} if why is None else {"stroke_dasharray": "3 2"}
        top, bottom = scale.y(max(there)), scale.y(min(there))
        drawing.line(x, top, x, bottom, stroke=colour, stroke_width=2.2, **dashes)
        for y in (top, bottom):
            drawing.line(x - 3.5, y, x + 3.5, y, stroke=colour, stroke_width=2)
        if cuff.mean is not None:
            drawing.line(x - 3, scale.y(cuff.mean), x + 3, scale.y(cuff.mean), stroke=colour, stroke_width=1.4)
        if why is not None:
            drawing.path([(x - 4, top - 11), (x + 4, top - 3), None, (x - 4, top - 3), (x + 4, top - 11)],
                         stroke="#59636e", stroke_width=1.4)  # fmt: skip


def _suspects(drawing: Drawing, analysis: Analysis, scales: Mapping[str, _Scale]) -> None:
    """A question mark over what is to be doubted though it counts."""
    for notice in analysis.notices:
        if not notice.kind.startswith("suspect-"):
            continue
        scale = scales[_PANEL_OF.get(notice.signal, notice.signal)]
        x = scale.x(notice.time)
        drawing.circle(x, scale.bottom - 9, 6, fill="#ffffff", stroke="#59636e", stroke_width=1)
        drawing.text(x, scale.bottom - 5.2, "?", font_size=10.5, font_weight="bold", text_anchor="middle")


def _events(drawing: Drawing, events: Sequence[tuple[int, SessionEvent]], scale: _Scale) -> None:
    """Numbers over the panels, on three lines in turn, as the table of events has them."""
    for number, event in events:
        x, y = scale.x(event.time), 12.0 + 12.0 * ((number - 1) % 3)
        drawing.line(x, y + 3, x, BOTTOM, stroke="#59636e", stroke_width=0.6, stroke_dasharray="1 3")
        drawing.circle(x, y - 3, 7, fill="#ffffff", stroke="#39424e", stroke_width=0.9)
        drawing.text(x, y + 0.6, str(number), font_size=9.5, text_anchor="middle")
