"""``risewatch flag`` and ``risewatch presets`` as a person or a program calls them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from rise_sessions import EXAMPLE_A, T0, at, minutes

from dashboard import cli
from dashboard.rises.threshold_files import PRESETS, preset_text
from devices import instant

START = ["--infusion-start", "2026-03-01T10:00:00Z"]
WHOLE = [*START, "--infusion-end", "2026-03-01T10:40:00Z", "--session-end", "2026-03-01T11:40:00Z"]


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """Worked example A as a session CSV, rows out of order, with the failed cuff at 80 min as an empty row."""
    rows = [f"{instant.format(at(minute))},{sbp},{dbp}" for minute, sbp, dbp in EXAMPLE_A]  # type: ignore[misc]
    rows.insert(3, f"{instant.format(at(80))},,")
    rows[5], rows[20] = rows[20], rows[5]
    path = tmp_path / "example.csv"
    path.write_text("time,NIBP_SYS,NIBP_DIA\n" + "\n".join(rows) + "\n")
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit status, standard output, standard error."""
    with pytest.raises(SystemExit) as leaving:
        cli.main([str(each) for each in arguments])
    out, err = capsys.readouterr()
    code = leaving.value.code
    return (code if isinstance(code, int) else 0), out, err


def test_json_is_the_contract(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "flag", example, *WHOLE, "--json")
    found = json.loads(out)
    assert code == 0 and list(found)[:3] == ["baseline", "rises", "notices"]
    assert found["baseline"] == {
        "SBP": {"value": 120, "n": 3, "status": "ok"},
        "DBP": {"value": 76, "n": 3, "status": "ok"},
        "HR": {"value": None, "n": 0, "status": "none"},
    }
    assert found["annotations"][0]["over_baseline"] == 64
    assert found["rises"][0] == {
        "signal": "SBP",
        "level": 1,
        "threshold": 140,
        "clear": 130,
        "baseline": 120,
        "onset": "2026-03-01T10:20:00.000Z",
        "confirmed": "2026-03-01T10:27:00.000Z",
        "peak": 184,
        "peak_time": "2026-03-01T10:40:00.000Z",
        "return": "2026-03-01T11:25:00.000Z",
        "declared": "2026-03-01T11:30:00.000Z",
        "outcome": "transient",
        "present_at_baseline": False,
    }
    assert len(found["rises"]) == 5
    assert all(list(notice) == ["time", "kind", "signal", "text"] for notice in found["notices"])


def test_defaults_end_at_the_last_reading_and_say_so(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "flag", example, *START, "--json")
    assumed = [notice for notice in json.loads(out)["notices"] if notice["kind"] == "assumed-end"]
    assert code == 0 and [notice["time"] for notice in assumed] == ["2026-03-01T11:35:00.000Z"] * 2


def test_an_open_rise_has_null_for_its_return(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end = ["--infusion-end", "2026-03-01T10:40:00Z", "--session-end", "2026-03-01T11:12:00Z"]
    _, out, _ = run(capsys, "flag", example, *START, *end, "--json")
    rise = json.loads(out)["rises"][0]
    assert (rise["return"], rise["declared"], rise["outcome"]) == (None, None, "unresolved")


def test_local_times_are_of_the_given_zone(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    local = ["--infusion-start", "2026-03-01T11:00:00", "--infusion-end", "2026-03-01T11:40:00"]
    code, out, _ = run(capsys, "flag", example, *local, "--timezone", "Europe/Berlin", "--json")
    assert code == 0 and json.loads(out)["rises"][0]["onset"] == "2026-03-01T10:20:00.000Z"


def test_a_relative_recording_counts_in_seconds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "relative.csv"
    rows = [f"{1800 + minute * 60},{sbp},{dbp}" for minute, sbp, dbp in EXAMPLE_A]  # type: ignore[misc]
    path.write_text("seconds,NIBP_SYS,NIBP_DIA\n" + "\n".join(rows) + "\n")
    code, out, _ = run(capsys, "flag", path, "--infusion-start", "+1800", "--infusion-end", "4200", "--json")
    rise = json.loads(out)["rises"][0]
    assert code == 0 and (rise["onset"], rise["return"]) == ("+3000.000", "+6900.000")
    code, out, _ = run(capsys, "flag", path, "--start", "2026-03-01T09:30:00Z", *START, "--json")
    assert code == 0 and json.loads(out)["rises"][0]["onset"] == "2026-03-01T10:20:00.000Z"
    code, _, err = run(capsys, "flag", path, *START)
    assert code == 1 and "--start" in err and "Traceback" not in err


def test_a_threshold_file_is_used(example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(preset_text("adult-iv").replace("x_off_min = 90", "x_off_min = 40"))
    _, out, _ = run(capsys, "flag", example, *WHOLE, "--thresholds", mine, "--json")
    assert json.loads(out)["rises"][0]["outcome"] == "sustained_returned"
    mine.write_text(preset_text("adult-iv").replace("max_gap_min = 12", "max_gap_min = 6"))
    code, out, err = run(capsys, "flag", example, *WHOLE, "--thresholds", mine, "--json")
    assert code == 1 and out == "" and "max_gap_min" in err and err.count("\n") == 1


def test_for_a_person_it_says_what_was_found_and_never_that_all_is_well(
    example: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "flag", example, *WHOLE)
    assert code == 0 and "5 rises by these thresholds" in out
    assert any(line.split()[:5] == ["SBP", "1", "140", "+20.0", "+27.0"] for line in out.splitlines())
    assert not {"normal", "safe", "ok."} & set(out.lower().split())


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "--infusion-start"),
        (["--infusion-start", "yesterday"], 2, "ISO 8601"),
        (["--infusion-start", "+60"], 1, "ISO 8601"),
        ([*START, "--infusion-end", "2026-03-01T09:59:59Z"], 2, "--infusion-end"),
        ([*START, "--session-end", "2026-03-01T09:59:59Z"], 2, "--session-end"),
        ([*START, "--thresholds", "adult"], 1, "neither a preset"),
        ([*START, "--timezone", "Mars/Base"], 2, "time zone"),
        ([*START, "--date-order", "dym"], 2, "dmy"),
        ([*START, "--mapping", "no-such-file"], 1, "cannot read"),
    ],
)
def test_wrong_usage_is_one_sentence(
    arguments: list[str], code: int, said: str, example: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    got, out, err = run(capsys, "flag", example, *arguments)
    assert got == code and out == "" and said in err and "Traceback" not in err


def test_a_recording_that_does_not_exist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "flag", tmp_path / "none.csv", *START)
    assert code == 1 and out == "" and err.count("\n") == 1


def test_a_recording_that_ends_before_the_start_still_gives_its_baseline(
    example: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "flag", example, "--infusion-start", "2026-03-01T12:00:00Z", "--json")
    found = json.loads(out)
    assert code == 0 and found["rises"] == [] and found["baseline"]["SBP"] == {"value": 126, "n": 2, "status": "ok"}


def test_presets_are_listed_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "presets")
    assert code == 0 and [line.split()[0] for line in out.splitlines()] == list(PRESETS)
    code, out, _ = run(capsys, "presets", "cardiac-risk")
    assert code == 0 and out == preset_text("cardiac-risk")
    code, out, _ = run(capsys, "presets", "--json")
    assert [each["name"] for each in json.loads(out)] == list(PRESETS)
    code, _, err = run(capsys, "presets", "none")
    assert code == 1 and "adult-iv" in err


def test_flagging_a_csv_imports_no_heavy_package(example: Path) -> None:
    script = (
        "import sys\nfrom dashboard import cli\n"
        "try:\n    cli.main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "heavy = {'pandas', 'streamlit', 'pyarrow', 'wfdb', 'vitaldb', 'plotly', 'sqlalchemy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "flag", str(example), *WHOLE, "--json"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rises"]


def test_the_helpers_of_these_tests_count_from_the_start() -> None:
    assert minutes(at(5)) == 5 and instant.format(T0) == "2026-03-01T10:00:00.000Z"


def test_a_unit_behind_the_own_names_leaves_cells_as_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In kPa too every cuff row is a measurement: equal ones seconds apart are not one that is shown again."""
    path = tmp_path / "kpa.csv"
    rows = [f"{instant.format(at(minute))},{sys},10" for minute, sys in ((-9, 16), (-9.05, 16), (-5, 16), (5, 18.67))]
    path.write_text("time,NIBP_SYS_kPa,NIBP_DIA_kPa\n" + "\n".join(rows) + "\n")
    code, out, _ = run(capsys, "flag", path, *START, "--json")
    assert code == 0
    assert json.loads(out)["baseline"]["SBP"] == {"value": 16 * 7.50062, "n": 3, "status": "ok"}


def test_a_tidy_table_may_have_been_sorted_or_shuffled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By time and name DIA comes first: the three are one measurement all the same, unless one of them comes twice."""
    path = tmp_path / "tidy.csv"
    rows = [
        f"{instant.format(at(minute))},NIBP_{which},{value},mmHg,ok,csv:NIBP_{which}"
        for minute, sys, dia in ((-10, 120, 80), (-5, 122, 82), (5, 182, 90))
        for which, value in (("SYS", sys), ("DIA", dia), ("MEAN", 100))
    ]
    rows.append(f"{instant.format(at(5))},HR,70,/min,ok,csv:HR")
    found = []
    for order in (rows, sorted(rows), rows[::-1], rows[::2] + rows[1::2]):
        path.write_text("\n".join(["time,signal,value,unit,status,source", *order]) + "\n")
        code, out, _ = run(capsys, "flag", path, *START, "--json")
        assert code == 0
        found.append(json.loads(out))
    assert found[0]["baseline"]["DBP"] == {"value": 81, "n": 2, "status": "ok"}
    assert [(rise["signal"], rise["level"]) for rise in found[0]["rises"]] == [("SBP", 3)]
    assert all(each == found[0] for each in found)


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_year_that_cannot_be_written_in_every_zone_is_refused(
    time: str, example: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "flag", example, "--infusion-start", time, "--json")
    assert (code, out) == (2, "")
    assert "1 to 9999" in err
    example.write_text(f"time,HR\n{time},70\n2026-03-01T09:59:00Z,70\n")
    code, out, err = run(capsys, "flag", example, *START, "--json")
    assert code == 0 and "1 used, 1 refused" in err


def test_an_exports_first_row_written_twice_is_a_reading_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only a value still shown at a later time was already on the screen when recording began."""
    path = tmp_path / "export.csv"
    for shown_again, value, n in ((at(-9), 121, 2), (at(-9) + 2 * instant.SECOND, 122, 1)):
        rows = [(at(-9), 120), (shown_again, 120), (at(-5), 122)]
        lines = [f"{instant.format(time)},{sys},80" for time, sys in rows]
        path.write_text("\n".join(["time,NIBP Sys,NIBP Dia", *lines]) + "\n")
        code, out, _ = run(capsys, "flag", path, *START, "--json")
        sbp = json.loads(out)["baseline"]["SBP"]
        assert (code, sbp["value"], sbp["n"]) == (0, value, n)
