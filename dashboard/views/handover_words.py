"""A hand-over sheet as HTML, for the screen and for paper. Pure; every text of a person or a device is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from dashboard.reports.handover import SIGNALS, Handover, Number
from dashboard.rises.notices import UNITS
from dashboard.rises.outcomes import outcome_words
from dashboard.sessions.events import EventKind, Phase, SessionEvent, corrected, nurse_of
from dashboard.sessions.patient import NOT_ASKED, patient_of, risk_rows
from dashboard.sessions.reminders import Reminder
from dashboard.sessions.words import event_words
from dashboard.store.history import MARKS
from dashboard.store.records import StoredRise
from dashboard.views.monitor_tables import age_text, table
from dashboard.views.session_words import GAPS, beds_text
from dashboard.views.times import clock_text, moment_text, span_text
from devices import instant

_LABEL = {"SBP": "SBP", "DBP": "DBP", "HR": "HR", "SPO2": "SpO\N{SUBSCRIPT TWO}"}
_PHASE = {Phase.BASELINE: "Baseline", Phase.INFUSION: "Infusion", Phase.PAUSED: "Paused", Phase.RECOVERY: "Recovery"}
_TOLD_ELSEWHERE = (EventKind.PLAN, EventKind.PATIENT, EventKind.SOUND, EventKind.CORRECTION)
_MOST_GAPS = 5

STYLE = """
<style>
.rw-sheets {display: grid; grid-template-columns: repeat(auto-fit, minmax(min(34rem, 100%), 1fr)); gap: 1rem;
  align-items: start;}
.rw-sheet {border: 1px solid var(--phase-edge, #2A3D52); border-radius: 0.6rem; padding: 0.8rem 1rem;
  background: var(--card, #0B1119); min-width: 0; overflow-wrap: anywhere;}
.rw-sheet h3 {margin: 0; padding: 0; font-size: 1.5rem; display: flex; flex-wrap: wrap; gap: 0.2rem 1rem;
  align-items: baseline;}
.rw-sheet h4 {margin: 0.7rem 0 0.1rem; padding: 0; font-size: 0.95rem; color: var(--soft, #A9B8C8); font-weight: 600;}
.rw-sheet p {margin: 0.15rem 0;}
.rw-sheet ul {margin: 0; padding-left: 1.2rem;}
.rw-sheet .rw-open {border: 3px solid var(--medium, #FFD23F); border-radius: 0.5rem; padding: 0.4rem 0.8rem;
  margin: 0.5rem 0; font-size: 1.1rem; font-weight: 600;}
.rw-sheet .rw-open.rw-none {border: 1px solid var(--phase-edge, #2A3D52); font-weight: 400;}
.rw-sheet .soft {color: var(--soft, #A9B8C8);}
.rw-sheet td, .rw-sheet th {overflow-wrap: normal;}
.rw-sheet .rw-table table {font-size: 0.9rem;}
.rw-sheet .rw-table td, .rw-sheet .rw-table th {padding: 0.3rem 0.6rem 0.3rem 0;}
.rw-paper {display: none;}
@media print {
  [data-testid=stHeader], .st-key-handover_tools, .st-key-handover_take, .st-key-shift_control, .rw-strip, .rw-cover {
    display: none !important;}
  html, body, [data-testid=stApp], [data-testid=stAppViewContainer], [data-testid=stMain],
  [data-testid=stMainBlockContainer] {background: #FFF !important; color: #000 !important; overflow: visible !important;
    height: auto !important; position: static !important; padding: 0 !important;}
  .rw-paper {display: block;}
  .rw-sheets {display: block;}
  .rw-sheet {break-after: page; break-inside: auto; border: 0; background: #FFF; color: #000; padding: 0;}
  .rw-sheet:last-child {break-after: auto;}
  .rw-sheet *, .rw-table * {color: #000 !important; background: #FFF !important;}
  .rw-sheet .rw-open {border-color: #000 !important;}
  .rw-table td {border-top-color: #999 !important;}
}
</style>
"""


def sheets_html(sheets: Iterable[tuple[Handover, str, str]], zone: str) -> str:
    """All sheets; each with the patient's two identifiers as they are to be shown."""
    parts = [sheet_html(each, patient, identifier, zone) for each, patient, identifier in sheets]
    return f'<div class="rw-sheets">{"".join(parts)}</div>'


def sheet_html(sheet: Handover, patient: str, identifier: str, zone: str) -> str:
    """One patient's sheet: open items first."""
    record, course = sheet.record, sheet.course
    session = record.entry.session
    mark = MARKS[record.entry.kind]
    nurse, since = nurse_of(record.events, session.started_by)
    had = f"nurse {nurse}" + ("" if since is None else f" since {clock_text(since, zone, seconds=False)}")
    parts = [
        f'<p class="rw-paper">As it stood at {moment_text(sheet.at, zone)}. Not live.</p>',
        f"<h3><span>{escape(beds_text(record.entry))}</span><span>{escape(patient)} {escape(identifier)}</span></h3>",
        f'<p><b>{escape(phase_text(sheet, zone))}</b> <span class="soft">{escape(had)}</span></p>',
        f"<p><b>{escape(mark)}</b></p>" if mark else "",
        _open_html(sheet),
        _section("Due", [due_text(each, sheet.at, zone) for each in sheet.due] + _next_cuff(sheet, zone)),
        numbers_html(sheet, zone),
        _section("Rises", [rise_text(each, zone) for each in record.rises if not each.present_at_baseline]
                 or ["None flagged with these thresholds"]),
        _section("Drug", [drug_text(sheet)]),
        _section("Risk", risk_texts(record.events)),
        f"<h4>What happened</h4>{happened_html(record.events, course.t0, zone)}",
        _section("Gaps and doubts", gap_texts(sheet, zone)),
        _section("Thresholds", [_thresholds(sheet)]),
    ]  # fmt: skip
    return f'<section class="rw-sheet">{"".join(parts)}</section>'


def phase_text(sheet: Handover, zone: str) -> str:
    """``Infusion 22:18 of 40 min, from 10:05:10, planned end 10:45``."""
    course, session = sheet.course, sheet.record.entry.session
    words = _PHASE[course.phase]
    if course.t0 is None:
        return f"{words} {span_text(sheet.at - session.started)}, session from {clock_text(session.started, zone)}"
    begun = f"from {clock_text(course.t0, zone)}"
    if course.phase is Phase.RECOVERY and course.infusion_end is not None:
        gone = span_text(sheet.at - course.infusion_end)
        return f"{words} {gone} since the stop at {clock_text(course.infusion_end, zone)}; infusion {begun}"
    planned = sheet.plan.planned_minutes
    of = "" if planned is None else f" of {planned:g} min"
    end = "" if course.planned_end is None else f", planned end {clock_text(course.planned_end, zone, seconds=False)}"
    return f"{words} {span_text(course.infused(sheet.at))}{of}, {begun}{end}"


def due_text(reminder: Reminder, now: int, zone: str) -> str:
    """``Cuff reading at 40 minutes: in 12:10, at 10:45``; what has passed since when."""
    at = clock_text(reminder.due, zone, seconds=False)
    if reminder.due > now:
        return f"{reminder.text}: in {span_text(reminder.due - now)}, at {at}"
    return f"{reminder.text}: {'passed at' if reminder.clock else 'due since'} {at}"


def _next_cuff(sheet: Handover, zone: str) -> list[str]:
    if sheet.next_cuff is None:
        return []
    late = "overdue, was due" if sheet.next_cuff < sheet.at else "due"
    return [f"Next cuff measurement {late} at {clock_text(sheet.next_cuff, zone, seconds=False)}"]


def numbers_html(sheet: Handover, zone: str) -> str:
    """Last value with its age, baseline, distance, and the highest (SpO2: lowest) since the start of the drug."""
    rows = []
    for signal in SIGNALS:
        base, number, found = sheet.record.baselines.get(signal), sheet.numbers[signal], sheet.extremes.get(signal)
        value = None if base is None else base.value
        which = "lowest" if signal == "SPO2" else "highest"
        peak = "" if found is None else f"{which} <b>{found.value:g}</b> at {_when(found.time, zone, sheet.course.t0)}"
        away = "" if value is None or number.value is None or number.rejected else f"{number.value - value:+g}"
        rows.append(
            [
                _LABEL[signal],
                _last(number, signal, sheet.at),
                "\N{EN DASH}" if base is None or value is None else f"{value:g}" + _status(base.status),
                away,
                peak,
            ]
        )
    return table(("", "Last", "Baseline", "From it", "Since the start"), rows)


def _when(at: int, zone: str, t0: int | None) -> str:
    """``10:42 (+31 min)``, the minutes since the start of the drug."""
    minutes = "" if t0 is None else f" ({(at - t0) / instant.MINUTE:+.0f} min)"
    return clock_text(at, zone, seconds=False) + minutes


def _last(number: Number, signal: str, now: int) -> str:
    if number.time is None:
        return "never heard"
    age = f"{age_text(now - number.time)} ago"
    if number.value is None:
        return f"no value, {age}"
    doubt = f"; not used: {escape(number.rejected)}" if number.rejected else ""
    return f'<b>{number.value:g}</b> {UNITS[signal]} <span class="soft">{age}{doubt}</span>'


def _status(status: str) -> str:
    return "" if status == "ok" else f" ({escape(status)})"


def rise_text(rise: StoredRise, zone: str) -> str:
    """``Systolic level 2 from 10:30, highest 184 at 10:50 (limit 165): rise in progress``."""
    ended = (
        f"back at {clock_text(rise.return_time, zone, seconds=False)}, {outcome_words(rise.outcome)}"
        if rise.return_time is not None
        else ("prolonged, not back" if rise.outcome == "sustained_unresolved" else "rise in progress")
    )
    return (
        f"{_LABEL[rise.signal]} level {rise.level} from {clock_text(rise.onset, zone, seconds=False)}, highest "
        f"{rise.peak:g} at {clock_text(rise.peak_time, zone, seconds=False)} (limit {rise.threshold:g}): {ended}"
    )


def drug_text(sheet: Handover) -> str:
    """What was planned, what was given, and from which package."""
    plan, dose = sheet.plan, sheet.dose
    parts = [plan.drug_words or "Drug not said"]
    if plan.dose_mg_per_kg is not None:
        parts.append(f"{plan.dose_mg_per_kg:g} mg/kg")
    if dose is not None:
        assumed = " (no stop recorded)" if dose.assumed else ""
        rate = f", now {dose.per_h:.4g} {dose.unit}/h" if dose.per_h else ""
        parts.append(f"given {dose.amount:.3g} of {dose.planned:.4g} {dose.unit}{assumed}{rate}")
    parts.append(f"lot {plan.lot or NOT_ASKED}, expires {plan.expiry or NOT_ASKED}")
    parts.append(f"prescriber {plan.prescriber or NOT_ASKED}")
    return "; ".join(parts)


def risk_texts(events: Sequence[SessionEvent]) -> list[str]:
    """What was recorded, a line each; what was not, in one."""
    rows = risk_rows(patient_of(events))
    missing = [name.lower() for name, value in rows if value == NOT_ASKED]
    said = [f"{name}: {value}" for name, value in rows if value != NOT_ASKED]
    return said + ([f"{NOT_ASKED}: {', '.join(missing)}"] if missing else [])


def happened_html(events: Sequence[SessionEvent], t0: int | None, zone: str) -> str:
    """What people entered, newest first: infusion, interventions, scores, notes, changes."""
    shown = [each for each in corrected(events) if each.kind not in _TOLD_ELSEWHERE]
    if not shown:
        return "<p>Nothing entered yet</p>"
    rows = [
        [_when(each.time, zone, t0), escape(event_words(each)), escape(each.author)]
        for each in sorted(shown, key=lambda each: (-each.time, -each.id))
    ]
    return table(("When", "What", "By"), rows)


def gap_texts(sheet: Handover, zone: str) -> list[str]:
    """The newest gaps and doubts in the data, and how many more there are."""
    found = [each for each in sheet.record.notices if each.kind in GAPS]
    texts = [f"{clock_text(each.time, zone, seconds=False)} {each.text}" for each in found[: -_MOST_GAPS - 1 : -1]]
    more = len(found) - len(texts)
    return texts + ([f"and {more} earlier: see the history"] if more else []) or ["None was told"]


def _open_html(sheet: Handover) -> str:
    if not sheet.open_items:
        cuff = sheet.numbers["SBP"].time
        last = "no cuff yet" if cuff is None else f"last cuff {age_text(sheet.at - cuff)} ago"
        return f'<div class="rw-open rw-none">No open rise, no alarm unacknowledged; {last}</div>'
    items = "".join(f"<li>{escape(each)}</li>" for each in sheet.open_items)
    return f'<div class="rw-open">Open<ul>{items}</ul></div>'


def _thresholds(sheet: Handover) -> str:
    found = sheet.version
    return "not in the database" if found is None else f"{found.name}, version {found.version} ({found.hash[:8]})"


def _section(title: str, texts: Sequence[str]) -> str:
    if not texts:
        return ""
    return f"<h4>{escape(title)}</h4><ul>" + "".join(f"<li>{escape(each)}</li>" for each in texts) + "</ul>"
