"""The ``risewatch`` command. Each subcommand lives in ``dashboard/commands`` and is imported only when called."""

from __future__ import annotations

import importlib
import keyword
import os
import sys
from collections.abc import Callable, Sequence

import typer

from dashboard import __version__
from dashboard.errors import RisewatchError
from devices.errors import DeviceError

COMMANDS: dict[str, str] = {
    "demo": "Everything on this machine: virtual monitors, a real recording, the screens.",
    "run": "Watch and dashboard for the beds of a configuration.",
    "watch": "The watch alone: ports, detection, alarms, store.",
    "dashboard": "The screens alone, on the store of a running watch.",
    "status": "Beds, monitors, last readings with their age, open rises.",
    "ports": "The serial ports of this machine.",
    "probe": "What speaks on a port.",
    "listen": "Readings from one port, as they come.",
    "simulate": "A virtual monitor on a pty or tcp port.",
    "decode": "Captured bytes to readings.",
    "read": "Any recording to a tidy table, or to another form.",
    "flag": "The rises of a recording.",
    "import": "A recording into the store, as a finished session.",
    "export": "A stored session to a file.",
    "report": "A session as a report to file and to print.",
    "whatif": "What other thresholds would have flagged on recorded sessions.",
    "evaluate": "The detector against made sessions with truth.",
    "monitors": "The protocols that are spoken.",
    "formats": "The recording formats that are read.",
    "presets": "The threshold sets that come with the program.",
}
"""Subcommand -> its line in --help. ``dashboard.commands.NAME`` holds the function ``command``; a word of the language
has ``_`` behind it there."""

NOT_A_DEVICE = (
    "Not a medical device: the bedside monitor and direct observation remain primary, its alarms on and audible."
)

TRACEBACK = "RISEWATCH_TRACEBACK"
"""Set in the environment, a fault of the program itself is shown in full: for those who mend it."""


def _stub() -> None:
    """Stands for a subcommand that this call does not run, so that --help can list it without importing it."""


def _load(name: str) -> Callable[..., object]:
    module = f"dashboard.commands.{name}_" if keyword.iskeyword(name) else f"dashboard.commands.{name}"
    command: Callable[..., object] = importlib.import_module(module).command
    return command


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"risewatch {__version__}")
        raise typer.Exit


def build(called: str) -> typer.Typer:
    """The command line with the subcommand `called` imported and all others only named."""
    app = typer.Typer(
        name="risewatch",
        help=f"Watches heart rate and blood pressure during infusions and flags transient rises. {NOT_A_DEVICE}",
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.callback()
    def root(
        version: bool = typer.Option(
            False, "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ) -> None:
        pass

    for name, line in COMMANDS.items():
        app.command(name=name, short_help=line)(_load(name) if name == called else _stub)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command. Exit status: 0 done, 1 the input could not be used (one sentence says why), 2 wrong usage."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    called = next((word for word in given if not word.startswith("-")), "")
    try:
        build(called)(args=given, prog_name="risewatch")
    except (RisewatchError, DeviceError) as error:
        typer.echo(f"risewatch: {error}", err=True)
        raise SystemExit(1) from None
    except BrokenPipeError:
        # The reader of our output (head, less) has gone: that is its choice, not an error. Standard output is
        # pointed at nothing so that the interpreter's own flush at exit does not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except Exception as error:
        if os.environ.get(TRACEBACK):
            raise
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        typer.echo(
            f"risewatch: a fault of the program itself, not of the input ({said}); nothing more was written."
            f" Please report it with what {TRACEBACK}=1 in the environment shows.",
            err=True,
        )
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
