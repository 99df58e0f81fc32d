"""A session of the history in words and rows. Pure; every text of a person or a device is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from dashboard.errors import ThresholdError
from dashboard.rises.notices import UNITS
from dashboard.rises.outcomes import outcome_words
from dashboard.rises.threshold_words import criteria_text
from dashboard.rises.thresholds import ThresholdSet
from dashboard.sessions.events import Course, SessionEvent, nurse_of
from dashboard.sessions.patient import NOT_ASKED, patient_of, patient_rows
from dashboard.sessions.plan import Plan, plan_of
from dashboard.sessions.summary import Extreme
from dashboard.sessions.words import event_text
from dashboard.store import acts
from dashboard.store.deliveries import Delivery
from dashboard.store.history import Entry, Kind, Record
from dashboard.store.records import Alarm, Baseline, StoredNotice, StoredRise
from dashboard.views.monitor_tables import table
from dashboard.views.times import clock_text, day_of, moment_text, span_text
from devices import instant

GAPS = {
    *("gap", "file-gap", "not-evaluable", "no-baseline", "provisional-baseline", "limit-at-baseline", "pre-dose"),
    *("limit-before-start", "low-limit", "reading-rejected", "high-but-rejected", "rates-rejected", "assumed-end"),
    *("late", "link-down", "quiet", "probe-off", "lead-off", "cuff-failed", "sequence-gap", "device-restarted"),
    "clock-offset",
}
"""Notices that say what is missing in a session, or to be doubted."""

_LABEL = {"SBP": "SBP", "DBP": "DBP", "HR": "HR", "SPO2": "SpO2"}
_DATELESS = 366 * 24 * instant.HOUR


def started_text(at: int, zone: str) -> str:
    """When a session started; a recording without dates counts from zero, and is said to have none."""
    return moment_text(at, zone)[:16] if abs(at) > _DATELESS else "no date"


def at_text(at: int | None, zone: str, t0: int | None = None) -> str:
    """``10:42:30 (+31 min)``: the clock, and the minutes since the start of the drug."""
    if at is None:
        return "\N{EN DASH}"
    minutes = "" if t0 is None else f" ({(at - t0) / instant.MINUTE:+.0f} min)"
    return f"{clock_text(at, zone)}{minutes}"


def rises_text(entry: Entry) -> str:
    """``3 rises: 2 transient, 1 not back yet``; without rises what was looked for, never an all-clear."""
    if not entry.rises:
        return "no rise flagged"
    total = sum(each.count for each in entry.rises)
    yet = " yet" if entry.session.ended is None else ""
    words = {
        "transient": "transient",
        "sustained_returned": "sustained, back later",
        "sustained_unresolved": f"not back{yet}",
        "unresolved": f"not back{yet}",
    }
    counts: dict[str, int] = {}
    for each in entry.rises:
        counts[words[each.outcome]] = counts.get(words[each.outcome], 0) + each.count
    parts = [f"{counts[word]} {word}" for word in dict.fromkeys(words.values()) if word in counts]
    return f"{total} rise{'s' if total > 1 else ''}: {', '.join(parts)}"


def beds_text(entry: Entry) -> str:
    """``Bed 1, then Bed 3``: every bed the session was at."""
    return ", then ".join(entry.beds)


def entry_html(entry: Entry, patient: str, identifier: str) -> str:
    """A line of the list."""
    session = entry.session
    length = "running" if session.ended is None else span_text(session.ended - session.started)
    kind = "" if entry.kind is Kind.LIVE else f'<span class="rw-tag">{entry.kind.value.upper()}</span> '
    dose = "" if session.dose_mg_per_kg is None else f", {session.dose_mg_per_kg:g} mg/kg"
    highest = max((each.level for each in entry.rises), default=0)
    flag = f'<span class="rw-level rw-l{highest}"></span>' if highest else ""
    cells = [
        f"{kind}<b>{escape(patient)}</b> <span class='soft'>{escape(identifier)}</span>",
        escape(beds_text(entry)),
        escape(f"{session.drug or 'drug not said'}{dose}"),
        escape(f"{entry.thresholds}, version {entry.version}"),
        escape(length),
        flag + escape(rises_text(entry)),
    ]
    return '<div class="rw-entry">' + "".join(f"<span>{cell}</span>" for cell in cells) + "</div>"


STYLE = """
<style>
.rw-entry {display: grid; grid-template-columns: 2.2fr 1fr 2fr 1.8fr .8fr 3fr; gap: 0.2rem 1rem; align-items: center;
  font-size: 0.95rem; border-top: 1px solid var(--edge); padding-top: 0.4rem; min-height: 3rem;}
.rw-entry .soft {color: var(--soft);}
.rw-facts {display: flex; flex-wrap: wrap; gap: 0.25rem 1.6rem; font-size: 0.95rem;}
.rw-facts i {color: var(--soft); font-style: initial; margin-right: 0.3rem;}
.rw-tag {border: 1px dashed var(--replay-t); color: var(--replay-t); border-radius: 0.3rem; padding: 0 0.4rem;
  font-weight: 700; font-size: 0.8rem; white-space: nowrap;}
.rw-level::before {font-weight: 800; margin-right: 0.45em; letter-spacing: -0.05em;}
.rw-l1 {color: var(--low-t);} .rw-l1::before {content: "1";}
.rw-l2 {color: var(--medium-t);} .rw-l2::before {content: "2";}
.rw-l3 {color: var(--high-t);} .rw-l3::before {content: "3";}
.rw-level::before {border: 1.5px solid currentColor; border-radius: 0.25rem; padding: 0 0.35em;}
[class*=st-key-open_] button {padding-inline: 0.3rem; line-height: 1.15;}
[class*=st-key-open_] button * {white-space: initial; overflow: visible; text-overflow: clip;}
@media (max-width: 900px) {.rw-entry {grid-template-columns: 1fr 1fr;}}
</style>
"""


def patient_html(record: Record, zone: str, in_full: bool) -> str:
    """Patient record, drug and people; what was not asked says so. The birth date only `in_full`: it identifies."""
    session, plan = record.entry.session, plan_of(record.events) or Plan()
    rows = patient_rows(patient_of(record.events), day_of(session.started, zone))
    shown = rows if in_full else [each for each in rows if each[0] != "Birth date"]
    weight = NOT_ASKED if plan.weight_kg is None else f"{plan.weight_kg:.4g} kg"
    nurse, since = nurse_of(record.events, session.started_by)
    shown += [
        ("Weight", f"{weight} {plan.weight_how}".strip()),
        ("Drug lot, expiry", ", ".join(each for each in (plan.lot, plan.expiry) if each) or NOT_ASKED),
        ("Prescriber", plan.prescriber or NOT_ASKED),
        ("Nurse", nurse if since is None else f"{nurse}, since {clock_text(since, zone, seconds=False)}"),
    ]
    cells = "".join(f"<span><i>{escape(name)}</i> {escape(value)}</span>" for name, value in shown)
    return f'<div class="rw-facts">{cells}</div>'


def peaks_html(extremes: Mapping[str, Extreme], baselines: Mapping[str, Baseline], t0: int | None, zone: str) -> str:
    """Baseline, highest (SpO2: lowest) value after the start, when, and how far from the baseline, by signal."""
    rows = []
    for signal, label in _LABEL.items():
        base, found = baselines.get(signal), extremes.get(signal)
        if base is None and found is None:
            continue
        value = None if base is None else base.value
        shown = "\N{EN DASH}" if base is None or value is None else f"{value:g} ({base.n} values, {base.status})"
        unit = UNITS[signal]
        if found is None:
            rows.append([label, shown, "no valid value after the start", "", "", ""])
            continue
        away = "" if value is None else f"{found.value - value:+g}"
        what = "lowest" if signal == "SPO2" else "highest"
        rows.append(
            [label, shown, f"{what} <b>{found.value:g}</b> {unit}", away, at_text(found.time, zone, t0), f"{found.n}"]
        )
    return table(("Signal", "Baseline", "After the start", "From baseline", "When", "Values"), rows, numeric=(3, 5))


def rises_html(record: Record, t0: int | None, zone: str) -> str:
    """Every rise with its limit, where that comes from, and how it ended."""
    rows = []
    for each in record.rises:
        mark = f'<span class="rw-level rw-l{each.level}"></span>' + escape(each.signal)
        goes_on = record.entry.session.ended is None and each.return_time is None
        outcome = "not back yet" if goes_on else outcome_words(each.outcome)
        if each.present_at_baseline:
            outcome += "; present at baseline, not counted"
        rows.append(
            [
                mark,
                at_text(each.onset, zone, t0),
                at_text(each.confirmed, zone),
                f"<b>{each.peak:g}</b> {UNITS[each.signal]} at {at_text(each.peak_time, zone, t0)}",
                escape(why_text(each, record)),
                at_text(each.return_time, zone, t0),
                escape(outcome),
            ]
        )
    return table(("Rise", "Onset", "Confirmed", "Peak", "Why", "Return", "Outcome"), rows)


def why_text(rise: StoredRise, record: Record) -> str:
    """``limit 140 mmHg: baseline 120 + 20 (adult-iv, version 1); over at 130``"""
    version = record.versions.get(rise.threshold_version_id)
    criterion, name = "", ""
    if version is not None:
        name = f" ({version.name}, version {version.version})"
        try:
            criterion = _criterion(acts.thresholds_of(version), rise)
        except ThresholdError:
            criterion = "its thresholds were changed outside the program"
    base = "" if rise.baseline is None else f", baseline {rise.baseline:g}"
    said = f": {criterion}" if criterion else ""
    return f"limit {rise.threshold:g} {UNITS[rise.signal]}{said}{base}{name}; over at {rise.clear:g}"


def _criterion(thresholds: ThresholdSet, rise: StoredRise) -> str:
    level = next((each for each in thresholds.levels_of(rise.signal) if each.level == rise.level), None)
    return "" if level is None else criteria_text(level, thresholds.combine)


def alarms_html(alarms: Sequence[Alarm], deliveries: Mapping[int, Delivery], zone: str) -> str:
    rows = [
        [
            at_text(each.raised, zone),
            escape({1: "low", 2: "medium", 3: "high"}.get(each.priority, str(each.priority))),
            escape(each.category),
            escape(each.text),
            at_text(each.ended, zone) if each.ended is not None else "goes on",
            "no"
            if each.acknowledged is None
            else f"{escape(each.acknowledged_by or '')}, {at_text(each.acknowledged, zone)}",
            delivery_text(each, deliveries.get(each.id)),
        ]
        for each in alarms
    ]
    return table(("Raised", "Priority", "Kind", "What", "Ended", "Acknowledged", "Presented"), rows)


def delivery_text(alarm: Alarm, delivery: Delivery | None) -> str:
    """``2 screens, sound on 1 after 1 s``. Low alarms have no sound that goes on, and screens do not tell of them."""
    if alarm.silent or (delivery is None and alarm.priority < 2):
        return ""
    if delivery is None:
        return "no screen has told of it"
    seen = f"{delivery.screens} screen{'' if delivery.screens == 1 else 's'}"
    if delivery.heard is None:
        return f"{seen}, no sound"
    after = max(0, delivery.heard - alarm.raised) / instant.SECOND
    return f"{seen}, sound on {delivery.sounding} after {after:.0f} s"


def gaps_html(notices: Sequence[StoredNotice], zone: str) -> str:
    rows = [
        [at_text(each.time, zone), escape(each.kind), escape(each.signal), escape(each.text)]
        for each in notices
        if each.kind in GAPS
    ]
    return table(("Time", "Kind", "Signal", "What"), rows) if rows else ""


def events_html(events: Sequence[SessionEvent], t0: int | None, zone: str) -> str:
    rows = [
        [at_text(each.time, zone, t0), escape(event_text(each)), escape(each.author), at_text(each.entered, zone)]
        for each in sorted(events, key=lambda each: (each.time, each.id))
    ]  # fmt: skip
    return table(("When", "What", "By", "Entered"), rows)


def head_text(record: Record, course: Course, zone: str) -> str:
    """Drug, dose, times and thresholds in one line."""
    session = record.entry.session
    dose = "" if session.dose_mg_per_kg is None else f" {session.dose_mg_per_kg:g} mg/kg"
    planned = "" if session.planned_minutes is None else f" over {session.planned_minutes:g} min"
    parts = [
        f"{session.drug or 'Drug not said'}{dose}{planned}",
        f"started {started_text(session.started, zone)} by {session.started_by}",
        "infusion not started" if course.t0 is None else f"infusion from {clock_text(course.t0, zone)}",
    ]
    if course.infusion_end is not None:
        parts.append(f"to {clock_text(course.infusion_end, zone)}")
    parts.append("still running" if session.ended is None else f"ended {clock_text(session.ended, zone)}")
    version = record.version
    if version is not None:
        parts.append(f"thresholds {version.name}, version {version.version} ({version.hash[:8]})")
    return "; ".join(parts)
