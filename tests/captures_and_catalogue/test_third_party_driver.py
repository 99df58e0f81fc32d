"""A driver from another package: installed in a scratch environment, then listed, simulated and listened to."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "docs" / "third-party-driver"
COMMAND = [sys.executable, "-m", "dashboard.cli"]


def install(package: Path, into: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--target", into, package],
        check=True,
        timeout=120,
    )


@pytest.fixture
def scratch(tmp_path):
    """An environment in which the example package is installed beside Risewatch."""
    pytest.importorskip("hatchling", reason="hatchling, which builds the example, is not installed")
    package, site = tmp_path / "package", tmp_path / "site"
    shutil.copytree(EXAMPLE, package)
    install(package, site)
    path = os.pathsep.join([str(site), str(EXAMPLE.parents[1]), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path}


def test_it_is_listed_simulated_and_read(scratch, tmp_path):
    listed = subprocess.run([*COMMAND, "monitors"], env=scratch, capture_output=True, text=True, check=True)
    assert "bedpal: BedPal text output" in listed.stdout
    assert 'setting   probe_word = "OFF"' in listed.stdout
    simulator = subprocess.Popen(
        [*COMMAND, "simulate", "bedpal", "--fault", "probe-off:0:2"], env=scratch, stdout=subprocess.PIPE, text=True
    )
    try:
        url = simulator.stdout.readline().strip()
        heard = subprocess.run(
            [*COMMAND, "listen", "bedpal", url, "--seconds", "4"],
            env=scratch,
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        simulator.terminate()
        simulator.communicate(timeout=10)
    assert heard.returncode == 0, heard.stderr
    rows = list(csv.DictReader(heard.stdout.splitlines()))
    assert {row["source"] for row in rows} == {"bedpal:spo2", "bedpal:spo2.pr"}
    assert rows[-1]["status"] == "ok"
    assert 40 <= float(rows[-1]["value"]) <= 110
    wrong = subprocess.run(
        [*COMMAND, "listen", "bedpal", url, "--set", "probe=x"], env=scratch, capture_output=True, text=True
    )
    assert (wrong.returncode, "bedpal has no setting 'probe'" in wrong.stderr) == (1, True)


def test_one_that_takes_the_name_of_another_is_refused(scratch, tmp_path):
    package = tmp_path / "package"
    entry = package / "risewatch_bedpal" / "__init__.py"
    entry.write_text(entry.read_text().replace('name="bedpal"', 'name="dinamap"'))
    install(package, tmp_path / "second")
    scratch = {**scratch, "PYTHONPATH": os.pathsep.join([str(tmp_path / "second"), str(EXAMPLE.parents[1])])}
    listed = subprocess.run([*COMMAND, "monitors"], env=scratch, capture_output=True, text=True)
    assert listed.returncode == 1
    assert "offers the protocol 'dinamap' a second time: remove one" in listed.stderr
    assert "Traceback" not in listed.stderr
