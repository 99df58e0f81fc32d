"""``risewatch report``: one session, of the store or of a file, as a report to file and to print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.commands.recording_options import DateOrderOption, MappingOption, PatientOption, StartOption

if TYPE_CHECKING:
    from dashboard.reports.subject import Subject

_OF_FILES = ("infusion_start", "infusion_end", "session_end", "thresholds", "start", "patient", "date_order", "mapping")
_OF_STORE = ("data", "config", "initials")


def command(
    context: typer.Context,
    session: Annotated[
        str, typer.Argument(metavar="SESSION|RECORDING", help="A session's number in the store, or a recording's file.")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT.html", help="Write here.")],
    initials: Annotated[
        bool, typer.Option("--initials", help="The patient's initials alone, without the second identifier.")
    ] = False,
    infusion_start: Annotated[
        str | None, typer.Option(metavar="T", help="Of a file: start of the drug (default: as its events say).")
    ] = None,
    infusion_end: Annotated[
        str | None, typer.Option(metavar="T", help="Of a file: stop of the drug (default: its own, else the end).")
    ] = None,
    session_end: Annotated[
        str | None,
        typer.Option(metavar="T", help="Of a file: end of watching (default: its own, else the last reading)."),
    ] = None,
    thresholds: Annotated[
        str | None, typer.Option(metavar="PRESET|FILE", help="Of a file: what it is judged by (default: adult-iv).")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Zone of the times (default: the clinic's; of a file: UTC).")
    ] = None,
    start: StartOption = None,
    patient: PatientOption = None,
    date_order: DateOrderOption = None,
    mapping: MappingOption = None,
    data: Annotated[Path | None, typer.Option(help="The data folder (default: this user's).")] = None,
    config: Annotated[Path | None, typer.Option(help="A configuration; its database wins.")] = None,
) -> None:
    """Writes the report of one session: plan and dose, limits, baseline, trends, each rise and why it was flagged.

    One HTML file without anything from elsewhere, for screen and A4. A number is a session of the store, with both
    identifiers; anything else is a file (./12 for a file that is called 12).
    """
    from dashboard.commands import recording_options
    from dashboard.reports.page import page
    from dashboard.reports.session_report import session_report
    from devices import instant
    from devices.recordings.writing.whole_file import whole_file

    if out.suffix.lower() not in (".html", ".htm"):
        raise typer.BadParameter("a report is HTML: name a file such as report.html", param_hint="-o")
    of_store = session.isascii() and session.isdigit() and len(session) < 10
    _refuse(context, _OF_FILES if of_store else _OF_STORE, of_store)
    if of_store:
        recording_options.zone(timezone)
        subject = _stored(int(session), timezone, not initials, data, config)
    else:
        times = {"--infusion-start": infusion_start, "--infusion-end": infusion_end, "--session-end": session_end}
        subject = _recorded(
            Path(session), times, thresholds or "adult-iv", timezone, start, patient, date_order, mapping
        )
    content = page(session_report(subject, instant.now())).encode()
    with whole_file(out) as file:
        file.write(content)
    typer.echo(f"{out}: report of {session}, {len(content):,} bytes", err=True)


def _refuse(context: typer.Context, names: tuple[str, ...], of_store: bool) -> None:
    """What has no meaning here is no silent wish."""
    for name in names:
        if context.params.get(name) not in (None, False):
            option = f"--{name.replace('_', '-')}"
            what = "of a file; a session of the store has its own" if of_store else "of a session of the store"
            raise typer.BadParameter(f"is {what}", param_hint=option)


def _stored(session_id: int, zone: str | None, in_full: bool, data: Path | None, config: Path | None) -> Subject:
    from dashboard.errors import SessionError
    from dashboard.reports.stored import bed_now, stored
    from dashboard.store import queries
    from dashboard.store.database import open_store
    from dashboard.watch.places import database_of
    from devices import instant

    store = open_store(database_of(data, config), create=False)
    try:
        with store.reading() as connection:
            session = queries.session(connection, session_id)
            if session is None:
                raise SessionError(f"there is no session {session_id} in the store")
            zone = zone or queries.setting(connection, "site_zone") or "UTC"
            return stored(connection, session_id, bed_now(connection, session.bed_id, instant.now()), zone, in_full)
    finally:
        store.close()


def _recorded(
    path: Path,
    times: dict[str, str | None],
    thresholds: str,
    timezone: str | None,
    start: str | None,
    patient: str | None,
    date_order: str | None,
    mapping: Path | None,
) -> Subject:
    from datetime import UTC

    from dashboard.commands import recording_options
    from dashboard.errors import SessionError
    from dashboard.importing.course import Times, course_of
    from dashboard.reports.recorded import recorded
    from dashboard.rises.analysis import analyse
    from dashboard.rises.threshold_files import named
    from devices import instant

    said = recording_options.zone(timezone)
    overrides = recording_options.load_mapping(mapping)
    zone = said or recording_options.zone(overrides.zone) or UTC
    for option, text in times.items():
        recording_options.check_time(option, text, zone)
    rules = named(thresholds)
    read = recording_options.read(
        path, zone=said, start=start, date_order=date_order, patient=patient, mapping=overrides
    )
    if not read.readings:
        raise SessionError(f"{path.name} holds no reading that could be reported")
    recording_options.tell(read)
    given = [recording_options.time(option, text, zone, read.relative) for option, text in times.items()]
    course = course_of(read, Times(*given), instant.now(), "")
    analysis = analyse(read.readings, course.timeline, rules)
    return recorded(path.name, read, course, analysis, timezone or overrides.zone or "UTC")
