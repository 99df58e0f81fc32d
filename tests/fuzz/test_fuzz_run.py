"""A little fuzzing of each driver, guided by what of its code is reached; the same inputs each time."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from devices import catalogue

HARNESS = Path(__file__).parent / "fuzz_drivers.py"
RUNS = 200


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed (extra: fuzzing)")
@pytest.mark.timeout(600)
def test_fuzzing_finds_no_broken_promise(tmp_path: Path) -> None:
    """All protocols in one run: the drivers are given their instruments once."""
    told = [sys.executable, HARNESS, "--runs", str(RUNS), "--found", tmp_path]
    ended = subprocess.run(told, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert not list(tmp_path.iterdir())
    assert ended.stdout.count(" places reached") == len(catalogue.protocols())
