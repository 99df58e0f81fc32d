"""``risewatch whatif`` as a person or a program calls it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rise_sessions import EXAMPLE_A, at

from dashboard import cli
from dashboard.rises.threshold_files import preset
from dashboard.sessions.setup import ensure_presets
from dashboard.store import acts
from dashboard.store.database import open_store
from devices import instant

SETS = ["--thresholds", "adult-iv", "--thresholds", "clinic-165-100"]
HEAD = "recording,infusion_start,infusion_end,session_end,patient\n"
WHOLE = "example.csv,2026-03-01T10:00:00Z,2026-03-01T10:40:00Z,2026-03-01T11:40:00Z,\n"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as leaving:
        cli.main(["whatif", *(str(each) for each in arguments)])
    out, err = capsys.readouterr()
    code = leaving.value.code
    return (code if isinstance(code, int) else 0), out, err


@pytest.fixture
def sessions(tmp_path: Path) -> Path:
    rows = [f"{instant.format(at(minute))},{sbp},{dbp}" for minute, sbp, dbp in EXAMPLE_A]  # type: ignore[misc]
    (tmp_path / "example.csv").write_text("time,NIBP_SYS,NIBP_DIA\n" + "\n".join(rows) + "\n")
    path = tmp_path / "sessions.csv"
    path.write_text(HEAD + WHOLE)
    return path


def test_a_file_of_sessions(sessions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, sessions, *SETS, "--json")
    found = json.loads(out)
    assert (code, found["sessions"]) == (0, 1)
    assert [each["all"]["flags"] for each in found["sets"]] == [5, 3]
    assert found["sets"][1]["compared"]["vanishes"] == 2
    code, out, _ = run(capsys, sessions, *SETS)
    assert code == 0 and "clinic-165-100 against adult-iv: 1 the same, 4 differ" in out


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("recording,infusion_end\nexample.csv,\n", "has no column infusion_start"),
        (HEAD, "names no session"),
        (HEAD + "example.csv,,,,\n", "line 2 has no infusion_start"),
        (HEAD + WHOLE + "none.csv,2026-03-01T10:00:00Z,,,\n", "line 3: "),
        (HEAD + "example.csv,soon,,,\n", "line 2: infusion_start 'soon' is no time"),
        (HEAD + "example.csv,+600,,,\n", "line 2: the recording has dates"),
        (HEAD + "example.csv,2026-03-01T10:00:00Z,2026-03-01T09:00:00Z,,\n", "infusion_end lies before infusion_start"),
        (HEAD.replace("patient", "bed") + WHOLE, "has a column 'bed'"),
        (HEAD + WHOLE.replace("\n", ",more\n"), "more cells than the header"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(
    sessions: Path, capsys: pytest.CaptureFixture[str], text: str, sentence: str
) -> None:
    sessions.write_text(text)
    code, out, err = run(capsys, sessions, *SETS)
    assert (code, out) == (1, "") and sentence in err and len(err.strip().splitlines()) == 1


def test_wrong_usage(sessions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, *SETS)[0] == 2
    assert run(capsys, sessions, "--data", tmp_path, *SETS)[0] == 2
    assert run(capsys, sessions, *SETS[:2])[0] == 2
    code, _, err = run(capsys, "--data", tmp_path / "nothing", *SETS)
    assert code == 1 and "there is no database" in err


@pytest.fixture
def clinic_data(tmp_path: Path) -> Path:
    """A store with two versions of adult-iv."""
    folder = tmp_path / "clinic"
    store = open_store(folder)
    ensure_presets(store, 0)
    stricter = replace(preset("adult-iv"), x_off_min=20.0)
    acts.save_thresholds(store, stricter, author="Dr. Ruiz", reason="local protocol", now=1)
    store.close()
    return folder


def test_stored_versions_are_asked_about_by_name(
    sessions: Path, clinic_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = ["--thresholds", "adult-iv@1", "--thresholds", "adult-iv@2", "--data", clinic_data]
    code, out, _ = run(capsys, sessions, *both, "--json")
    found = json.loads(out)
    assert code == 0
    assert [each["called"] for each in found["sets"]] == ["adult-iv@1", "adult-iv@2"]
    assert found["sets"][0]["hash"] == preset("adult-iv").hash != found["sets"][1]["hash"]
    # Back 85 min after the start, 45 after the end of the infusion: no longer in time by the second version.
    shares = [each["all"]["share_transient"] for each in found["sets"]]
    assert shares == [1.0, 2 / 5]
    _, out, _ = run(capsys, sessions, *both)
    assert "adult-iv@2 against adult-iv@1: 5 the same, 0 differ" in out


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("adult-iv@3", "there is no version 3 of adult-iv in the store; the newest is 2"),
        ("ours@1", "there are no thresholds 'ours' in the store"),
    ],
)
def test_a_version_that_is_not_there_is_one_sentence(
    sessions: Path, clinic_data: Path, capsys: pytest.CaptureFixture[str], name: str, sentence: str
) -> None:
    code, out, err = run(capsys, sessions, "--thresholds", "adult-iv", "--thresholds", name, "--data", clinic_data)
    assert (code, out) == (1, "") and sentence in err and len(err.strip().splitlines()) == 1
