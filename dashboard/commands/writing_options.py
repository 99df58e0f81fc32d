"""What commands that write readings have in common: the form, by option or by the file's name, and what was lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from devices.recordings.writing.formats import FORMS, SUFFIXES, form_of
from devices.recordings.writing.whole_file import is_regular

if TYPE_CHECKING:
    from devices.reading import Notice
    from devices.recordings.writing.document import Document

FormOption = Annotated[
    str | None,
    typer.Option("--as", metavar="|".join(FORMS), help="The form, whatever the file's name (csv: a session table)."),
]


def form_to_write(form: str | None, out: Path | None) -> str:
    """The form named by ``--as``, else by the name of `out`; a tidy table on the screen, a device or in a pipe.

    Raises:
        typer.BadParameter: there is no such form, it is to go to the screen, or neither says one.
    """
    if form is not None and form not in FORMS:
        raise typer.BadParameter(f"{form!r} is not one of {', '.join(FORMS)}", param_hint="--as")
    if out is None:
        if form not in (None, "tidy"):
            raise typer.BadParameter(f"only a tidy table goes to the screen: name a file for {form} with -o")
        return "tidy"
    as_it_comes = _is_written_as_it_comes(out)
    if found := form or form_of(out):
        return found
    if as_it_comes:
        return "tidy"  # it has no name that could say more
    raise typer.BadParameter(
        f"the name {out.name} says no form: name a file that ends in one of {', '.join(SUFFIXES)}, or say the form"
        f" with --as, one of {', '.join(FORMS)}",
        param_hint="-o",
    )


def refuse_other_form(out: Path | None) -> None:
    """Refuses to write a tidy table, the only form that a command has, to a file whose name asks for another.

    Raises:
        typer.BadParameter: it does, or `out` is no file.
    """
    if out is None:
        return
    _is_written_as_it_comes(out)
    if form_of(out) not in (None, "tidy"):
        raise typer.BadParameter(
            f"only a tidy table is written here, and {out.name} asks for {form_of(out)}: name a file such as"
            f" {out.stem}.csv, of which `risewatch read` makes {out.name}",
            param_hint="-o",
        )


def _is_written_as_it_comes(out: Path) -> bool:
    """Whether `out` is a device or a pipe, not a file.

    Raises:
        typer.BadParameter: it is neither of them.
    """
    if str(out) == "-":
        raise typer.BadParameter("- is not taken for standard output: name a file, or /dev/stdout", param_hint="-o")
    try:
        is_folder, is_file = out.is_dir(), is_regular(out)
    except OSError as error:
        raise typer.BadParameter(f"{out} cannot be written: {error.strerror}", param_hint="-o") from None
    if is_folder:
        raise typer.BadParameter(f"{out} is a folder: name a file in it", param_hint="-o")
    return not is_file


def write_as(form: str, document: Document, out: Path) -> list[Notice]:
    """Writes `document` to `out`; what the form could not hold comes back as notices.

    Raises:
        WritingError: it cannot be written.
    """
    from devices.reading import Notice
    from devices.recordings.writing.formats import write_recording

    at = document.span[0]
    return [Notice(at, 0, "not-written", said, source=form) for said in write_recording(out, document, form)]
