"""The rises of a replay are those of `flag` and those that the watch of a monitor stored, exactly.

Live, what comes late is stored and not flagged (clinical definition 3.7): there the same holds without it.
RISEWATCH_REPLAY_SESSIONS=5000 tries so many made sessions instead of the 200 of every run.
"""

from __future__ import annotations

import json
import os
import random
from dataclasses import replace
from pathlib import Path

import pytest
from made_sessions import any_set, made
from rise_sessions import T0
from session_rows import as_rows
from theatre import Case, Stage, flagged, lived, replayed

from dashboard.resources import sample_data
from dashboard.rises.threshold_files import preset
from dashboard.store.database import open_store
from devices import instant
from devices.instant import MINUTE
from devices.recordings.base import read_recording
from devices.recordings.recording import Recording

SESSIONS = int(os.environ.get("RISEWATCH_REPLAY_SESSIONS", "200"))
BATCH = 20
ANSWERS = json.loads((sample_data() / "answers" / "answers.json").read_text())


def sessions_of(first: int, folder: Path) -> list[tuple[int, Case, Recording]]:
    found = []
    for seed in range(first, min(first + BATCH, SESSIONS)):
        session = made(seed, minutes=random.Random(seed).choice([3, 4, 5, 6, 8, 20]))
        text, _ = as_rows(session.readings, random.Random(seed))
        path = folder / f"{seed}.csv"
        path.write_text(text)
        recording = read_recording(path)
        end = session.session_end
        if end is not None and end >= recording.last:
            end = None
        found.append((seed, Case(path, T0, session.infusion_end, end, session.thresholds), recording))
    return found


@pytest.mark.parametrize("first", range(0, SESSIONS, BATCH))
def test_made_sessions(first, tmp_path, quick_folder, capsys):
    store = open_store(quick_folder)
    stage = Stage(store)
    rises = 0
    for seed, case, recording in sessions_of(first, tmp_path):
        rng = random.Random(seed)
        flags = flagged(case, tmp_path, capsys)
        assert replayed(stage, case, rng) == flags, f"seed {seed}"
        live = lived(store, f"Bed {seed}", case, recording.readings, rng, rng.choice([0, 0, 0.02]))
        in_time = flagged(without(live.late, case, recording, tmp_path), tmp_path, capsys) if live.late else flags
        assert live.found == in_time, f"seed {seed}"
        rises += len(flags.rises)
    assert rises > 10
    stage.replays.close()
    store.close()


def without(late, case: Case, recording: Recording, folder: Path) -> Case:
    """The case as if what came late had not been measured."""
    header, *rows = case.path.read_text().splitlines(keepends=True)
    first = min(each.received for each in recording.readings)
    gone = {each.received - first for each in late}
    path = folder / f"{case.path.stem}-in-time.csv"
    path.write_text(header + "".join(row for number, row in enumerate(rows) if number not in gone))
    # What was left out may have been the last reading, and with it the session's end.
    return replace(case, path=path, end=case.end if case.end is not None else recording.last)


def sample_cases() -> list[tuple[str, Case, Recording]]:
    found = []
    for number, answer in enumerate(ANSWERS):
        said = dict(zip(answer["options"][::2], answer["options"][1::2], strict=True))
        path, patient, order = sample_data() / answer["recording"], said.get("--patient"), said.get("--date-order")
        recording = read_recording(path, patient=patient, date_order=order)

        def at(text: str | None, recording: Recording = recording) -> int | None:
            if text is None:
                return None
            return instant.parse_relative(text) if recording.relative else instant.parse(text)

        end = at(answer["session_end"])
        case = Case(
            path, at(answer["infusion_start"]) or 0, at(answer["infusion_end"]),
            end if end is not None and end < recording.last else None, preset("adult-iv"), patient, order,
            recording.relative,
        )  # fmt: skip
        name = "-".join([Path(answer["recording"]).name, *said.values()])
        found.append((name, case, recording))
        # And another infusion, by rules that fire more often.
        rng = random.Random(number)
        t0 = rng.randint(recording.first, (recording.first + recording.last) // 2)
        stop = rng.choice([None, t0 + 20 * MINUTE])
        found.append(
            (f"{name}-other", replace(case, t0=t0, infusion_end=stop, end=None, thresholds=any_set(rng)), recording)
        )
    return found


@pytest.mark.parametrize(
    ("case", "recording"), [pytest.param(case, read, id=name) for name, case, read in sample_cases()]
)
def test_sample_recordings(case, recording, tmp_path, quick_folder, capsys):
    store = open_store(quick_folder)
    stage = Stage(store)
    rng = random.Random(str(case.path))
    flags = flagged(case, tmp_path, capsys)
    assert replayed(stage, case, rng) == flags
    live = lived(store, "Bed 1", case, recording.readings, rng, 0)
    if not live.late:
        assert live.found == flags
    stage.replays.close()
    store.close()
