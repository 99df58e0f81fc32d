"""``risewatch probe``: what speaks on a port. It listens; it asks only a port that was named, when told to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from devices.probe import Heard


def command(
    port: Annotated[
        str | None, typer.Argument(help="One port, such as /dev/ttyUSB0 or socket://host:port; without it all of them.")
    ] = None,
    ask: Annotated[
        bool,
        typer.Option(
            "--ask",
            help="Send the protocols' harmless first requests to PORT: only where a monitor hangs, never a pump.",
        ),
    ] = False,
    seconds: Annotated[
        float | None,
        typer.Option(min=0.5, max=60.0, help="How long to wait at each line setting (default 3.2; asking 5)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Listens on PORT, or on every serial port, and says which protocol speaks there and what to write down for it.

    Nothing is sent, except by --ask to the one port that is named. Exit status 1 if nothing was understood.
    """
    import json

    from devices import probe, probe_answers

    if ask and port is None:
        raise typer.BadParameter("name the one port that may be asked", param_hint="--ask")
    if port is None:
        from serial.tools import list_ports

        ports = [each.device for each in sorted(list_ports.comports())]
        if not ports:
            typer.echo("No serial port found. Plug the adapter in, or name a port.", err=True)
            raise typer.Exit(1)
    else:
        ports = [port]
    heard = probe.listen(ports, seconds=seconds or probe.LISTEN_S, tell=_tell)
    if ask and not heard[0].found and not heard[0].fault:
        assert port is not None
        _tell(probe_answers.WARNING)
        answer = probe.ask(port, seconds=seconds or probe.ASK_S, tell=_tell)
        heard[0].found, heard[0].fault = answer.found, answer.fault
    if as_json:
        typer.echo(json.dumps([probe_answers.as_json(each) for each in heard], indent=2, ensure_ascii=False))
    else:
        for each in heard:
            _show(each, asked=ask)
    if not any(each.found for each in heard):
        raise typer.Exit(1)


def _tell(text: str) -> None:
    typer.echo(text, err=True)


def _show(heard: Heard, asked: bool) -> None:
    from devices import probe, probe_answers

    if heard.fault:
        typer.echo(f"{heard.port}: not listened to: {heard.fault}")
        return
    if not heard.found:
        came = {line: count for line, count in heard.bytes_at.items() if count}
        if came:
            most = max(came, key=lambda line: came[line])
            how = f" (set to {probe.words(most)})" if probe.has_line(heard.port) else ""
            typer.echo(
                f"{heard.port}: {came[most]} bytes came{how}, but no protocol understands them:"
                " is it a monitor of the list in `risewatch monitors`, set to one of their speeds?"
            )
        elif asked:
            typer.echo(
                f"{heard.port}: silent, and nothing was answered: is the monitor on, and the cable the right one?"
            )
        else:
            typer.echo(
                f"{heard.port}: silent. Some monitors speak only when asked: if a monitor hangs here, and nothing else,"
                f" `risewatch probe {heard.port} --ask` asks it"
            )
        return
    best, *others = heard.found
    how = "answers" if best.asked else "speaks"
    at = "" if best.entry.network else f" at {probe.words(best.line)}"
    typer.echo(
        f"{heard.port}: {best.entry.name} {how}{at} ({best.frames} frames, {best.rejected} refused): {best.entry.label}"
    )
    for text in best.said:
        typer.echo(f"    it says    {text}")
    typer.echo(f"    signals    {' '.join(best.signals) or 'none yet'} (it can offer {' '.join(best.entry.signals)})")
    if others:
        typer.echo(f"    less likely: {', '.join(each.entry.name for each in others)}")
    typer.echo("    for the configuration:")
    for line in probe_answers.bed_toml(probe_answers.bed_of(heard, best)).splitlines():
        typer.echo(f"        {line}")
