"""``risewatch listen``: readings from one port, as they come. Is it speaking?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    protocol: Annotated[str, typer.Argument(help="What it speaks: a name of `risewatch monitors`.")],
    port: Annotated[
        str, typer.Argument(help="A path such as /dev/ttyUSB0, socket://host:port, or listen://address:port.")
    ],
    seconds: Annotated[float | None, typer.Option(min=0.1, help="Stop after so many seconds.")] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting of the protocol or the line, as a bed has them."),
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write the table here, not to the screen.")] = None,
    notices: Annotated[Path | None, typer.Option(help="Write the notices here too, as CSV.")] = None,
    capture: Annotated[Path | None, typer.Option(help="Keep every byte, both ways, for `decode`.")] = None,
) -> None:
    """Opens PORT and prints what the monitor there measures, one reading a row, until stopped (Ctrl-C).

    Notices and a summary go to standard error. Exit status 1 if nothing was understood, with the reason. Nothing
    that is sent acts on a patient.
    """
    import signal
    from contextlib import ExitStack

    from dashboard.commands._tidy import TidyWriter, settings_from
    from dashboard.commands.writing_options import refuse_other_form
    from devices import catalogue, instant
    from devices.captures.writing import CaptureWriter
    from devices.errors import LinkError
    from devices.hub import Hub
    from devices.monitor import Monitor

    refuse_other_form(out)
    driver_settings, line = catalogue.split_settings(protocol, settings_from(setting or []))
    driver = catalogue.create(protocol, driver_settings)
    with ExitStack() as stack:
        kept = None if capture is None else stack.enter_context(CaptureWriter(capture, protocol, port, driver_settings))
        table = stack.enter_context(TidyWriter(out, notices))
        monitor = Monitor("listen", port, driver, line, tap=None if kept is None else kept.write)
        hub = Hub([monitor])
        stack.callback(hub.close)
        stopping = False

        def stop(*_: object) -> None:
            nonlocal stopping
            stopping = True
            hub.wakeup()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        end = None if seconds is None else hub.now + instant.seconds(seconds)
        while not stopping and (end is None or hub.now < end):
            for _, items in hub.wait(60.0 if end is None else (end - hub.now) / instant.SECOND):
                table.write(items)
            # Never once open: the technician at the port wants to know now, not after a minute of trying.
            if monitor.fault and not monitor.opened_count:
                break
        why_not = monitor.why_quiet(hub.now)
        table.write(driver.finish(hub.now))
        table.summary(driver.counters)
        if not driver.counters.frames:
            raise LinkError(why_not)
