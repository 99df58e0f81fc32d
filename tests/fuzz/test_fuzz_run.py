"""A few seconds of fuzzing for each driver, guided by what of its code is reached."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from devices import catalogue

HARNESS = Path(__file__).parent / "fuzz_drivers.py"
SECONDS = 3

pytestmark = pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed (extra: fuzzing)")


@pytest.mark.parametrize("protocol", [entry.name for entry in catalogue.protocols()])
def test_fuzzing_finds_no_broken_promise(protocol: str, tmp_path: Path) -> None:
    told = [sys.executable, HARNESS, protocol, "--seconds", str(SECONDS), "--found", tmp_path]
    ended = subprocess.run(told, capture_output=True, text=True, check=False, timeout=100)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert not list(tmp_path.iterdir())
