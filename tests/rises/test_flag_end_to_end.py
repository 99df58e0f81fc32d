"""Whole files through ``flag``'s path: session CSV in any row order, against the second program on the same rows."""

import random
from pathlib import Path

import pytest
from made_sessions import made
from rise_oracle import flagged
from rise_sessions import T0

from dashboard.rises.analysis import analyse
from dashboard.rises.timeline import Timeline
from dashboard.rises.written import as_json
from devices import instant
from devices.reading import Reading, Status
from devices.recordings.formats import read_recording

COLUMNS = ("HR", "PR", "NIBP_SYS", "NIBP_DIA", "NIBP_MEAN")


def as_rows(readings: list[Reading], rng: random.Random) -> tuple[str, list[Reading]]:
    """A session CSV of the readings that a CSV can hold, and those readings as its rows say them."""
    rows: dict[tuple[int, int, bool], dict[str, Reading]] = {}
    for each in readings:
        usable = each.status in (Status.OK, Status.UNVERIFIED, Status.RANGE)
        if usable and each.value is not None and "art" not in each.source and "nibp.pr" not in each.source:
            rows.setdefault((each.time, each.received, each.signal.startswith("NIBP")), {})[each.signal] = each
    keys = list(rows)
    rng.shuffle(keys)
    lines, as_written = ["time," + ",".join(COLUMNS)], []
    for number, key in enumerate(keys):
        row = rows[key]
        cells = [repr(row[name].value) if name in row else "" for name in COLUMNS]
        lines.append(",".join([instant.format(key[0]), *cells]))
        for name, each in row.items():
            as_written.append(Reading(each.time, number, name, each.value, each.unit, Status.OK, f"csv:{name}"))
    return "\n".join(lines) + "\n", as_written


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
        contract = [{key: value for key, value in rise.items() if key != "annotations"} for rise in found["rises"]]
        assert contract == expected, f"seed {seed}"
