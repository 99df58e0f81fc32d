"""``risewatch decode``: captured bytes to readings, through the same drivers as a live port."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def command(
    protocol: Annotated[str, typer.Argument(help="What the bytes speak: a name of `risewatch monitors`.")],
    capture: Annotated[Path, typer.Argument(help="Raw bytes, our own capture, a hex dump, a log, or pcap.")],
    is_hex: Annotated[bool, typer.Option("--hex", help="The file is hex text without times.")] = False,
    start: Annotated[str | None, typer.Option(help="When the bytes began, if neither they nor the file say.")] = None,
    timezone: Annotated[str, typer.Option(help="Zone of times without an offset.")] = "UTC",
    setting: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting of the protocol.")
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write the table here, not to the screen.")] = None,
    notices: Annotated[Path | None, typer.Option(help="Write the notices here too, as CSV.")] = None,
) -> None:
    """Decodes CAPTURE and prints what the monitor measured, one reading a row.

    Times are the capture's stamps; without any the device's clock in the bytes; without that --start and the
    protocol's nominal interval. A log with times of day alone takes its day from --start. Notices and a summary go to
    standard error. Exit status 1 if nothing was understood, or the times are open.
    """
    from dashboard.commands._tidy import settings_from, write_tidy
    from dashboard.commands.writing_options import refuse_other_form
    from dashboard.errors import ConfigurationError
    from devices import catalogue, instant
    from devices.captures.decoding import decode, nothing_understood
    from devices.captures.reading import read_capture

    try:
        zone = instant.zone_named(timezone)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--timezone") from None
    try:
        began = None if start is None else instant.parse(start, zone)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--start") from None
    refuse_other_form(out)
    for other in (out, notices):
        if other is not None and other.exists() and capture.exists() and other.samefile(capture):
            raise ConfigurationError(f"{other} is the capture itself: name another file for what is written")
    driver_settings, _ = catalogue.split_settings(protocol, settings_from(setting or []))
    driver = catalogue.create(protocol, driver_settings)
    driver.assumed_start = began
    if "zone" not in driver_settings:
        driver.zone = zone
    captured = read_capture(capture, zone, began, is_hex)
    decoded = decode(captured, driver, capture)
    if not driver.counters.frames:
        write_tidy([], decoded.notices, Path(os.devnull), notices, decoded.relative)
        raise nothing_understood(capture, driver)
    writer = write_tidy(decoded.readings, decoded.notices, out, notices, decoded.relative)
    writer.summary(driver.counters)
