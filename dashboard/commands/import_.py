"""``risewatch import``: a recording into the store, as a finished session."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.recording_options import (
    AlsoOption,
    DateOrderOption,
    DeviceOption,
    MappingOption,
    MemberOption,
    PatientOption,
    StartOption,
)


def command(
    recording: Annotated[Path, typer.Argument(help="A recording of any format that is read, see `formats`.")],
    infusion_start: Annotated[
        str | None, typer.Option(metavar="T", help="Start of the drug (default: as the file's own events say).")
    ] = None,
    infusion_end: Annotated[
        str | None,
        typer.Option(metavar="T", help="Stop of the drug (default: the file's, else the session's end)."),
    ] = None,
    session_end: Annotated[
        str | None,
        typer.Option(metavar="T", help="End of watching (default: the file's, else the last reading)."),
    ] = None,
    thresholds: Annotated[
        str, typer.Option(metavar="NAME", help="A threshold set of the store; its newest version is taken.")
    ] = "adult-iv",
    patient: PatientOption = None,
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Zone of times without an offset (default: the clinic's).")
    ] = None,
    start: StartOption = None,
    date_order: DateOrderOption = None,
    mapping: MappingOption = None,
    device: DeviceOption = None,
    member: MemberOption = None,
    also: AlsoOption = None,
    bed: Annotated[
        str, typer.Option(metavar="NAME", help="What the bed was called; the session has one of its own.")
    ] = "",
    drug: Annotated[str, typer.Option(metavar="NAME", help="What was infused.")] = "",
    author: Annotated[str, typer.Option(metavar="NAME", help="Who imports it.")] = "import",
    again: Annotated[bool, typer.Option("--again", help="Also if the same file was imported before.")] = False,
    data: Annotated[Path | None, typer.Option(help="The data folder (default: this user's).")] = None,
    config: Annotated[Path | None, typer.Option(help="A configuration; its database wins.")] = None,
) -> None:
    """Stores RECORDING as a finished session, marked as imported, with its rises, and prints the session's id.

    The whole file is stored or nothing. The same file twice is recognised: then the first session's id is printed.
    """
    from dashboard.commands import recording_options
    from dashboard.commands.progress import step
    from dashboard.errors import SessionError
    from dashboard.importing.choices import Choices
    from dashboard.importing.course import Times
    from dashboard.importing.file_hash import origin_of
    from dashboard.importing.staging import judged, store_import
    from dashboard.sessions.setup import ensure_presets
    from dashboard.store import queries
    from dashboard.store.database import open_store
    from dashboard.watch.places import database_of
    from devices import instant

    if not author.strip():
        raise typer.BadParameter("say who you are", param_hint="--author")
    given = {"--infusion-start": infusion_start, "--infusion-end": infusion_end, "--session-end": session_end}
    # Before anything is opened or made: what cannot be read at all, and times that cannot be.
    recording_options.zone(timezone)
    recording_options.check_date_order(date_order)
    said = recording_options.load_mapping(mapping)
    with step(f"hashing {recording.name}") as progress:
        origin = origin_of(recording, progress, member=member, also=also or ())
    now = instant.now()
    store = open_store(database_of(data, config))
    try:
        ensure_presets(store, now)
        with store.reading() as connection:
            zone_name = timezone or said.zone or _clinic_zone(queries.setting(connection, "site_zone"), config)
            version = queries.latest_threshold_version(connection, thresholds)
            names = sorted({each.name for each in queries.threshold_versions(connection)})
            before = queries.first_import(connection, origin.sha256, patient or "")
        if version is None:
            raise SessionError(f"there are no thresholds {thresholds!r} in the store; there are {', '.join(names)}")
        if before is not None and not again:
            at = instant.format(before.imported)
            typer.echo(
                f"{origin.name} is the file imported as session {before.session_id} on {at} (as {before.name}): "
                "nothing was stored; --again imports it once more",
                err=True,
            )
            typer.echo(before.session_id)
            return
        zone = instant.zone_named(zone_name)
        for option, text in given.items():
            recording_options.check_time(option, text, zone)
        if start is not None:
            recording_options.time("--start", start, zone, False)
        choices = Choices(
            zone_name,
            start or "",
            date_order or "",
            patient or "",
            member or "",
            device or "",
            tuple(also or ()),
            said,
            zone_said=bool(timezone or said.zone),
        )
        with step(f"reading {recording.name}"):
            read = choices.read(recording)
        if read.relative:
            raise SessionError(f"{recording.name} has no dates: say with --start when it began")
        times = [recording_options.time(option, text, zone, False) for option, text in given.items()]
        recording_options.tell(read)
        with step("looking for rises"):
            wanted = judged(
                origin, read, Times(*times), version,
                author=author.strip(), now=now, choices=choices, bed=bed, drug=drug,
            )  # fmt: skip
        with step(f"storing {len(read.readings)} readings") as progress:
            session_id = store_import(store, wanted, again=again, progress=progress)
    finally:
        store.close()
    typer.echo(wanted.course.taken, err=True)
    counted = len(wanted.analysis.counted)
    typer.echo(f"session {session_id}: {len(read.readings)} readings, {counted} rises by {version.name}", err=True)
    typer.echo(session_id)


def _clinic_zone(stored: str | None, config: Path | None) -> str:
    """The clinic's zone: the configuration's, else the one the watch last ran with, else UTC."""
    if config is not None:
        from dashboard.watch.configuration import load_configuration

        return load_configuration(config).timezone
    return stored or "UTC"
