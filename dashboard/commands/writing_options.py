"""What commands that write readings have in common: the form, by option or by the file's name, and what was lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from devices.recordings.writing.formats import FORMS, form_of

if TYPE_CHECKING:
    from devices.reading import Notice
    from devices.recordings.writing.document import Document

FormOption = Annotated[
    str | None,
    typer.Option("--as", metavar="|".join(FORMS), help="The form, whatever the file's name (csv: a session table)."),
]


def form_to_write(form: str | None, out: Path | None) -> str:
    """The form named by ``--as``, else by the name of `out`; a tidy table where neither says.

    Raises:
        typer.BadParameter: there is no such form, or it is to go to the screen.
    """
    if form is not None and form not in FORMS:
        raise typer.BadParameter(f"{form!r} is not one of {', '.join(FORMS)}", param_hint="--as")
    if out is None:
        if form not in (None, "tidy"):
            raise typer.BadParameter(f"only a tidy table goes to the screen: name a file for {form} with -o")
        return "tidy"
    return form or form_of(out) or "tidy"


def write_as(form: str, document: Document, out: Path) -> list[Notice]:
    """Writes `document` to `out`; what the form could not hold comes back as notices.

    Raises:
        WritingError: it cannot be written.
    """
    from devices.reading import Notice
    from devices.recordings.writing.formats import write_recording

    at = document.span[0]
    return [Notice(at, 0, "not-written", said, source=form) for said in write_recording(out, document, form)]
