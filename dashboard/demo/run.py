"""Runs the demonstration: virtual monitors in this process, watch and screens in their own."""

from __future__ import annotations

import json
import logging
import tempfile
from pathlib import Path

import typer

from dashboard.demo.scene import RECORDING, REPLAY_FROM_MIN, REPLAY_NAME, REPLAY_SPEED, REPLAY_STOP_MIN, REPLAY_T0_MIN
from dashboard.demo.stage import AUTHOR, StagedBed, set_stage
from dashboard.errors import ConfigurationError
from dashboard.resources import sample_data
from dashboard.server import check_free
from dashboard.store import acts
from dashboard.store.database import FILE_NAME, open_store
from dashboard.watch.supervisor import Child, supervise
from devices import instant
from devices.recordings.base import read_recording

CONFIGURATION = "demo.toml"


def run_demo(data: Path | None, host: str, port: int, open_browser: bool) -> int:
    """Everything on this machine until SIGINT or SIGTERM; returns the exit status.

    Raises:
        ConfigurationError: the port is taken, or `data` holds a database already (a demonstration begins anew, and
            must never be mixed with a clinic's records). StoreError, LinkError: no database, no pseudo-terminal.
    """
    logging.basicConfig(level=logging.WARNING, format="risewatch demo: %(message)s")
    check_free(host, port)
    if data is None:
        data = Path(tempfile.mkdtemp(prefix="risewatch-demo-"))
    elif (data / FILE_NAME).exists():
        raise ConfigurationError(f"{data} already holds a database; give the demo an empty or new folder with --data")
    typer.echo(f"Demo data: {data}")
    typer.echo("Preparing 40 minutes of three virtual sessions ...")
    store = open_store(data)
    try:
        now = instant.now()
        staged = set_stage(store, now)
        acts.command_replay(store, None, "open", author=AUTHOR, now=now, detail=_replay())
    finally:
        store.close()
    configuration = data / CONFIGURATION
    configuration.write_text(_configuration(staged), encoding="utf-8")
    for bed in staged:
        bed.monitor.start()
    screens = ["dashboard", "--data", str(data), "--host", host, "--port", str(port)]
    if not open_browser:
        screens.append("--no-browser")
    try:
        return supervise(
            [
                Child("watch", ["watch", "--config", str(configuration), "--data", str(data), "--demo"], restart=True),
                Child("dashboard", screens, restart=True),
            ]
        )
    finally:
        for bed in staged:
            bed.monitor.stop()


def _configuration(staged: list[StagedBed]) -> str:
    """The bed configuration of the scene, as TOML (a JSON string is a TOML string)."""
    lines = ['watch = "demo"']
    for bed in staged:
        lines += [
            "",
            "[[bed]]",
            f"name = {json.dumps(bed.scene.name)}",
            f"protocol = {json.dumps(bed.scene.protocol)}",
            f"port = {json.dumps(bed.monitor.url)}",
        ]
    return "\n".join(lines) + "\n"


def _replay() -> dict[str, object]:
    """The replay of the fourth bed, its minutes as instants of the recording."""
    path = sample_data() / RECORDING
    start = read_recording(path).readings[0].time
    return {
        "recording": str(path),
        "name": REPLAY_NAME,
        "at": start + instant.minutes(REPLAY_FROM_MIN),
        "infusion_start": start + instant.minutes(REPLAY_T0_MIN),
        "infusion_end": start + instant.minutes(REPLAY_STOP_MIN),
        "speed": REPLAY_SPEED,
        "patient": "Recording",
        "identifier": "de-identified",
    }
