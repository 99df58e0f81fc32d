"""``risewatch export``: a stored session to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.writing_options import FormOption, form_to_write, write_as


def command(
    session: Annotated[int, typer.Argument(metavar="ID", help="The session's number.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Write here: .csv, .parquet, .vital, .edf.")],
    form: FormOption = None,
    data: Annotated[Path | None, typer.Option(help="The data folder (default: this user's).")] = None,
    config: Annotated[Path | None, typer.Option(help="A configuration; its database wins.")] = None,
) -> None:
    """Writes the readings of a stored session, with its infusion events, in the form of --as or of the file's name.

    Nothing that names a person goes with it: neither identifiers nor notes. What the form cannot hold is said.
    """
    from dashboard.errors import SessionError
    from dashboard.reports.export import exported
    from dashboard.store.database import open_store
    from dashboard.store.material import material
    from dashboard.watch.places import database_of

    form = form_to_write(form, out)
    store = open_store(database_of(data, config), create=False)
    try:
        with store.reading() as connection:
            found = material(connection, session)
    finally:
        store.close()
    if found is None:
        raise SessionError(f"there is no session {session} in the store")
    written = exported(found)
    for notice in write_as(form, written.document, out):
        typer.echo(f"{notice.kind}: {notice.text}", err=True)
    said = f"; {written.left} notes and settings stay in the store" if written.left else ""
    events = len(written.document.events)
    typer.echo(f"session {session}: {len(found.readings)} readings, {events} events ({form}){said}", err=True)
