"""Whole files through ``flag``'s path: session CSV in any row order, against the second program on the same rows."""

import random
from pathlib import Path

import pytest
from made_sessions import made
from rise_oracle import flagged
from rise_sessions import T0
from session_rows import as_rows

from dashboard.rises.analysis import analyse
from dashboard.rises.timeline import Timeline
from dashboard.rises.written import as_json
from devices import instant
from devices.recordings.formats import read_recording


@pytest.mark.parametrize("first", range(1000, 1060, 20))
def test_a_file_is_flagged_as_the_second_program_flags_its_rows(first: int, tmp_path: Path) -> None:
    for seed in range(first, first + 20):
        session, rng = made(seed), random.Random(seed)
        text, rows = as_rows(session.readings, rng)
        path = tmp_path / f"{seed}.csv"
        path.write_text(text)
        recording = read_recording(path)
        baseline, rises = flagged(rows, session.thresholds, T0, session.infusion_end, session.session_end)
        timeline = Timeline(T0, session.infusion_end, None, session.session_end)
        found = as_json(analyse(recording.readings, timeline, session.thresholds))
        assert found["baseline"] == {
            signal: dict(zip(("value", "n", "status"), row, strict=True)) for signal, row in baseline.items()
        }, f"seed {seed}"
        times = ("onset", "confirmed", "peak_time", "return", "declared")
        expected = [
            {key: instant.format(value) if key in times and value is not None else value for key, value in rise.items()}
            for rise in rises
        ]
        assert found["rises"] == expected, f"seed {seed}"
