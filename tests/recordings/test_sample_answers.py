"""Every sample recording against its answer, which was worked out without the program (sample_data/answers)."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.cli import main
from dashboard.resources import sample_data
from devices import instant
from devices.recordings.base import read_recording

ANSWERS: list[dict[str, Any]] = json.loads((sample_data() / "answers" / "answers.json").read_text())


def _name(answer: dict[str, Any]) -> str:
    return "-".join([Path(answer["recording"]).name, *answer["options"][1:]])


@pytest.mark.parametrize("answer", ANSWERS, ids=_name)
def test_a_sample_is_read_as_its_answer_says(answer: dict[str, Any]) -> None:
    options = dict(zip(answer["options"][::2], answer["options"][1::2], strict=True))
    read = read_recording(
        sample_data() / answer["recording"],
        patient=options.get("--patient"),
        date_order=options.get("--date-order"),
    )
    found = {}
    for signal in sorted({each.signal for each in read.readings}):
        held = [each for each in read.readings if each.signal == signal]
        values = [each.value for each in held if each.value is not None]
        times = [instant.format(each.time, read.relative) for each in held if each.value is not None]
        found[signal] = {
            "values": len(values),
            "zeros": sum(each.value is None for each in held),
            "first": times[0] if times else None,
            "last": times[-1] if times else None,
            "lowest": min(values, default=None),
            "highest": max(values, default=None),
            "sum": round(sum(values), 3),
        }
    assert found == answer["read"]


@pytest.mark.parametrize("answer", ANSWERS, ids=_name)
def test_a_sample_is_flagged_as_its_answer_says(answer: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    options = [
        *answer["options"],
        "--infusion-start",
        answer["infusion_start"],
        "--infusion-end",
        answer["infusion_end"],
    ]
    if answer["session_end"] is not None:
        options += ["--session-end", answer["session_end"]]
    main_quietly("flag", str(sample_data() / answer["recording"]), *options, "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["baseline"] == answer["flag"]["baseline"]
    assert found["rises"] == answer["flag"]["rises"]


def main_quietly(*arguments: str) -> None:
    try:
        main(arguments)
    except SystemExit as left:
        assert left.code in (0, None)


def test_every_sample_recording_has_an_answer() -> None:
    answered = {answer["recording"] for answer in ANSWERS}
    entries = (".csv", ".parquet", ".vital", ".hea", ".edf", ".txt")
    assert {each for each in _samples() if each.endswith(entries)} == answered


def _samples() -> Iterator[str]:
    folder = sample_data()
    yield from (str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


@pytest.mark.parametrize("script", ["answers/make_answers.py", "made/make_sessions.py"])
def test_the_scripts_make_what_is_there(tmp_path: Path, script: str) -> None:
    import shutil

    folder = tmp_path / "sample_data"
    shutil.copytree(sample_data(), folder)
    made = [each for each in (folder / script).parent.iterdir() if each.suffix != ".py" and each.is_file()]
    before = {each.name: each.read_bytes() for each in made}
    for each in made:
        each.unlink()
    subprocess.run([sys.executable, str(folder / script)], check=True, timeout=100)
    for name, content in before.items():
        again = (folder / script).parent / name
        if name.endswith(".parquet"):  # other versions of pyarrow write other bytes
            import pandas as pd

            (tmp_path / name).write_bytes(content)
            assert pd.read_parquet(again).equals(pd.read_parquet(tmp_path / name))
        elif name.endswith(".vital"):  # other versions of zlib pack it otherwise
            assert gzip.decompress(again.read_bytes()) == gzip.decompress(content)
        else:
            assert again.read_bytes() == content


def test_the_answers_know_nothing_of_the_program() -> None:
    for script in (sample_data() / "answers").glob("*.py"):
        lines = script.read_text().splitlines()
        assert not [
            line for line in lines if line.strip().startswith(("import d", "from d")) and "datetime" not in line
        ]


@pytest.mark.parametrize("name", ["typical", "strong-rise", "hypertensive", "no-rise", "vasovagal"])
def test_a_made_session_lies_about_its_truth(name: str) -> None:
    """The cuff scatters about the truth as a cuff does: the mean of its errors is small, none is absurd."""
    truth = json.loads((sample_data() / "made" / f"{name}.truth.json").read_text())
    file = next(each for each in (sample_data() / "made").glob(f"{name}.*") if each.suffix != ".json")
    read = read_recording(file)
    shown = {instant.format(r.time): r.value for r in read.readings if r.signal == "NIBP_SYS"}
    assert shown == {each["time"]: each["shown_sys"] for each in truth["cuff"]}
    errors = [each["shown_sys"] - each["sbp"] for each in truth["cuff"]]
    assert len(errors) == 25
    assert abs(sum(errors) / len(errors)) < 3
    assert max(map(abs, errors)) < 20
    events = {n.text: instant.format(n.time) for n in read.notices if n.kind == "device-event"}
    assert events == {
        "infusion start": truth["infusion"]["start"],
        "infusion stop": truth["infusion"]["stop"],
        "session end": truth["session_end"],
    }
