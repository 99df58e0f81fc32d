"""Sections of a report on what was planned and done, by whom, and where the numbers are from. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from dashboard import __version__
from dashboard.reports.document import Block, Pairs, Section, table, texts
from dashboard.reports.moments import DASH, Moments
from dashboard.reports.subject import Subject
from dashboard.reports.trends import numbered
from dashboard.sessions.dose import dose_given, dose_planned, dose_steps
from dashboard.sessions.events import EventKind
from dashboard.sessions.words import KINDS, event_text, plan_words

PRIORITY = {1: "low", 2: "medium", 3: "high"}


def plan_and_dose(subject: Subject, moments: Moments) -> Section:
    plan, course = subject.plan, subject.course
    if plan is None:
        return Section("Plan and dose", (texts("No plan was recorded."),))
    said = [("Plan", plan_words(plan))]
    if plan.weight_entered:
        said.append(("Weight", f"{plan.weight_entered}{f', {plan.weight_how}' if plan.weight_how else ''}"))
    if plan.concentration_mg_ml is not None:
        said.append(("Concentration", f"{plan.concentration_mg_ml:g} mg/ml"))
    if plan.lot:
        said.append(("Lot", plan.lot))
    if plan.observe_minutes is not None:
        said.append(("Observation", f"{plan.observe_minutes:g} min after the end"))
    if plan.template:
        said.append(("Filled in from", plan.template))
    blocks: list[Block] = [Pairs(tuple(said))]
    given = dose_given(subject.events, plan, subject.until)
    if given is not None and course.t0 is not None:
        planned = dose_planned(plan, course.t0, subject.until)
        assumed = " No stop was recorded: that the whole dose was given is assumed." if given.assumed else ""
        by_plan = "" if planned is None else f" The plan alone gives {planned:.4g} {given.unit} by then."
        blocks.append(
            texts(
                f"Given by the recorded times and rates until {moments.clock(subject.until)}: {given.amount:.4g} of "
                f"{given.planned:.4g} {given.unit}.{assumed}{by_plan}"
            )
        )
        lines = [
            (moments.at(step.time), f"{step.per_h:.4g} {given.unit}/h", f"{step.amount:.4g} {given.unit}",
             "assumed" if step.assumed else "recorded")
            for step in dose_steps(subject.events, plan)
            if step.time <= subject.until
        ]  # fmt: skip
        if lines:
            blocks.append(table(("From", "Rate", "Given until then", ""), lines, numeric=(1, 2)))
    elif course.t0 is not None:
        blocks.append(texts("Dose or duration is not in the plan, so that what was given cannot be worked out."))
    return Section("Plan and dose", tuple(blocks))


def events(subject: Subject, moments: Moments) -> Iterator[Section]:
    yield Section("Events, notes, scores, interventions", (_events(subject, moments),))
    corrections = _corrections(subject, moments)
    if corrections is not None:
        yield Section("Corrections", (corrections,))


def alarms(subject: Subject, moments: Moments) -> Section:
    return Section("Alarms and acknowledgements", (_alarms(subject, moments),))


def technical(subject: Subject, moments: Moments) -> Iterator[Section]:
    yield Section("Technical notices", (_technical(subject, moments),))
    origin = (*subject.origin, ("Judged by", f"risewatch {__version__}"))
    yield Section("Where the numbers are from", (Pairs(origin),))


def _events(subject: Subject, moments: Moments) -> Block:
    moved = {
        int(each.detail["event"])
        for each in subject.events
        if each.kind is EventKind.CORRECTION and "time" in each.detail
    }
    lines = [
        (str(number), moments.at(event.time), KINDS[event.kind],
         event_text(event) + (" (time corrected)" if event.id in moved else ""), event.author,
         moments.wall(event.entered))
        for number, event in numbered(subject)
    ]  # fmt: skip
    if not lines:
        return texts("None was recorded.")
    return table(("No.", "When", "Kind", "What", "By", "Entered"), lines, numeric=(0,))


def _corrections(subject: Subject, moments: Moments) -> Block | None:
    """What was entered first, what became of it, by whom and why: nothing that was said is gone."""
    known = {each.id: each for each in subject.events}
    lines = []
    for each in subject.events:
        if each.kind is not EventKind.CORRECTION:
            continue
        target = known.get(int(each.detail["event"]))
        what = "an entry that is not known" if target is None else f"{event_text(target)}, {moments.at(target.time)}"
        now = "withdrawn" if each.detail.get("withdrawn") else moments.at(int(each.detail["time"]))
        lines.append((what, now, str(each.detail.get("reason", "")), each.author, moments.wall(each.entered)))
    if not lines:
        return None
    return table(("Entered first", "Corrected to", "Reason", "By", "When"), lines)


def _alarms(subject: Subject, moments: Moments) -> Block:
    if not subject.alarms:
        if subject.watched is None:
            return texts("Nobody watched this session here, so no alarm was raised.")
        return texts("None was raised.")
    lines = [
        (
            moments.wall(each.raised), PRIORITY.get(each.priority, str(each.priority)), each.category, each.text,
            moments.wall(each.ended) if each.ended is not None else "goes on",
            f"{each.acknowledged_by or DASH}, {moments.wall(each.acknowledged)}"
            if each.acknowledged is not None
            else "without sound" if each.silent else "no",
        )
        for each in subject.alarms
    ]  # fmt: skip
    return table(("Raised", "Priority", "Kind", "What", "Ended", "Acknowledged"), lines)


def _technical(subject: Subject, moments: Moments) -> Block:
    """Those that say the same in one row: a bad cable says it thousands of times."""
    found: dict[tuple[str, str, str], list[int]] = {}
    for each in subject.technical:
        found.setdefault((each.kind, each.signal, each.text), []).append(each.time)
    lines = [
        (moments.at(min(times)), moments.at(max(times)) if len(times) > 1 else "", str(len(times)), kind, signal, text)
        for (kind, signal, text), times in sorted(found.items(), key=lambda item: (min(item[1]), item[0]))
    ]
    if not lines:
        return texts("None was told.")
    return table(("First", "Last", "Times", "Kind", "Signal", "What"), lines, numeric=(2,))
