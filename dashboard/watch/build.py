"""Builds the watch of a configuration: beds, monitors, replays, on one store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dashboard.errors import StoreError
from dashboard.sessions.setup import ensure_presets
from dashboard.store import queries, writes
from dashboard.store.database import open_store
from dashboard.watch.bed import BedWatch
from dashboard.watch.configuration import BedConfiguration, Configuration
from dashboard.watch.configuration_file import SETTING, ConfigurationFile
from dashboard.watch.desk import Desk
from dashboard.watch.replays import Replays
from dashboard.watch.service import Watch
from devices import catalogue, instant
from devices.captures.writing import RollingCapture
from devices.monitor import Monitor
from devices.protocols.base import ServesPlaces
from devices.shared_port import SharedPort
from devices.source import Source


def build_watch(
    configuration: Configuration,
    place: str | Path,
    mode: str,
    captures: Path,
    file: ConfigurationFile | None = None,
) -> Watch:
    """The watch over `configuration`'s beds on the store at `place`, not yet running.

    Args:
        mode: "live", or "demo" where the monitors are virtual. captures: the folder for raw captures.
        file: where the configuration was read from, if screens may see it and have it written.

    Raises:
        StoreError: the store cannot be opened, or another watch is running on it.
        DeviceError: a protocol, a setting or a port URL cannot be.
    """
    sources = _sources(configuration.bed)
    store = open_store(place)
    try:
        store.claim_watch()
    except StoreError:
        store.close()
        raise
    ensure_presets(store, instant.now())
    with store.writing() as connection:
        writes.set_up_beds(
            connection,
            [
                {
                    "name": bed.name,
                    "place": place_on_wall,
                    "grp": bed.group,
                    "protocol": bed.protocol,
                    "port": bed.port,
                    "mode": mode,
                    "capture": int(bed.capture),
                }
                for place_on_wall, bed in enumerate(configuration.bed)
            ],
        )
        writes.put_setting(connection, "site_zone", configuration.timezone)
        if file is not None:
            writes.put_setting(connection, SETTING, file.shown().to_setting())
    with store.reading() as connection:
        by_name = {bed.name: bed for bed in queries.beds(connection)}
    beds = [
        BedWatch(by_name[source.name], source, _capture(bed, captures))
        for bed, source in zip(configuration.bed, sources, strict=True)
    ]
    replays = Replays()
    replays.resume(store, instant.now())
    desk = Desk({bed.name: bed.port for bed in configuration.bed}, captures, file)
    return Watch(store, configuration.watch, mode, beds, replays, desk)


def _capture(bed: BedConfiguration, folder: Path) -> RollingCapture:
    return RollingCapture(folder, bed.name, bed.protocol, bed.port, dict(bed.settings))


def _sources(beds: Sequence[BedConfiguration]) -> list[Source]:
    """A source for each bed, in their order; beds with a location share the port they name."""
    shared: dict[str, SharedPort] = {}
    sources: list[Source] = []
    for bed in beds:
        driver_settings, line = catalogue.split_settings(bed.protocol, bed.settings)
        if bed.location and bed.port in shared:
            sources.append(shared[bed.port].bed(bed.name, bed.location))
            continue
        driver = catalogue.create(bed.protocol, driver_settings)
        if bed.location and isinstance(driver, ServesPlaces):
            shared[bed.port] = SharedPort(bed.port, driver, line)
            sources.append(shared[bed.port].bed(bed.name, bed.location))
        else:
            sources.append(Monitor(bed.name, bed.port, driver, line))
    return sources
