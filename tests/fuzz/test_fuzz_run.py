"""A little fuzzing of each driver, guided by what of its code is reached; the same inputs each time."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import recording_checks

from devices import catalogue

HERE = Path(__file__).parent
RUNS = {"fuzz_drivers.py": 200, "fuzz_recordings.py": 200}


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed (extra: fuzzing)")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("harness", RUNS)
def test_fuzzing_finds_no_broken_promise(tmp_path: Path, harness: str) -> None:
    """All in one run: the code is given its instruments once."""
    told = [sys.executable, HERE / harness, "--runs", str(RUNS[harness]), "--found", tmp_path]
    ended = subprocess.run(told, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert not list(tmp_path.iterdir())
    assert ended.stdout.count(" places reached") == (
        len(catalogue.protocols()) if harness == "fuzz_drivers.py" else len(recording_checks.FORMATS)
    )
