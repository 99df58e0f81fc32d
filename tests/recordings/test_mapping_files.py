"""How a file was understood, shown before use, and the mapping file that says what the file does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import cli
from dashboard.resources import sample_data
from devices import instant
from devices.recordings.base import Overrides, RecordingError, read_recording
from devices.recordings.overrides import as_toml, parse

ODD = (
    "Logger 7\nFall;Tag;Uhr;P1;P2;Puls;Puls;T\n"
    "A;3/4/2026;9:00:00;16,0;10,0;70;71;999\nB;3/4/2026;9:00:01;15,0;9,5;50;51;36,5\n"
    "A;3/4/2026;9:00:05;16,0;10,0;72;73;36,9\n"
)
SAID = """
P1 = "NIBP_SYS"
[columns]
P2 = "NIBP_DIA"
"#6" = ""
"#7" = "HR"
T = "TEMP"
[units]
P1 = "kPa"
P2 = "kPa"
[time]
columns = ["Tag", "Uhr"]
date_order = "dmy"
zone = "Europe/Berlin"
[values]
missing = [999]
decimal_mark = ","
[cuff]
repeats = "each"
[patient]
column = "Fall"
"""


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        cli.main([str(each) for each in arguments])
    out, err = capsys.readouterr()
    return int(caught.value.code or 0), out, err


def test_a_mapping_says_everything_that_a_file_does_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, mapping = tmp_path / "odd.csv", tmp_path / "odd.toml"
    path.write_text(ODD)
    mapping.write_text(SAID)
    status, out, _ = run(capsys, "read", path, "--mapping", mapping, "--patient", "A")
    assert status == 0
    assert out.splitlines()[1:] == [
        "2026-04-03T07:00:00.000Z,NIBP_SYS,120.00992,mmHg,ok,csv:P1",
        "2026-04-03T07:00:00.000Z,NIBP_DIA,75.0062,mmHg,ok,csv:P2",
        "2026-04-03T07:00:00.000Z,HR,71,/min,ok,csv:Puls",
        "2026-04-03T07:00:05.000Z,NIBP_SYS,120.00992,mmHg,ok,csv:P1",
        "2026-04-03T07:00:05.000Z,NIBP_DIA,75.0062,mmHg,ok,csv:P2",
        "2026-04-03T07:00:05.000Z,HR,73,/min,ok,csv:Puls",
        "2026-04-03T07:00:05.000Z,TEMP,36.9,degC,ok,csv:T",
    ]
    once = parse(SAID.replace('"each"', '"one"'), "m")
    cuff = [r for r in read_recording(path, mapping=once, patient="A").readings if r.signal == "NIBP_SYS"]
    assert len(cuff) == 1


def test_options_come_before_the_mapping(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(ODD)
    found = read_recording(
        path, mapping=parse(SAID, "m"), patient="A", date_order="mdy", zone=instant.zone_named("UTC")
    )
    assert instant.format(found.first) == "2026-03-04T09:00:00.000Z"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('[columns]\nHR = "pulse"', "'HR' = 'pulse' is no signal"),
        ("[columns]\nHR = 5", "'HR' = 5 is no signal"),
        ('columns = "pulse"', "'columns' = 'pulse' is no signal"),
        ('[units]\nHR = "furlong"', "units.'HR' = 'furlong' is no unit"),
        ('[time]\nunit = "fortnight"', "time.unit = 'fortnight' is not one of s, min, h, ms, unix, unix-ms, excel"),
        ('[time]\nzone = "Mars"', "time.zone = 'Mars' is not a time zone"),
        ('[time]\ndate_order = "dym"', "time.date_order = 'dym' is not dmy, mdy or ymd"),
        ('[time]\ncolumns = ["a", "b", "c"]', "time.columns = ['a', 'b', 'c'] is not"),
        ('[time]\ncolour = "red"', "time.colour = 'red': there is no such key; there are columns, unit"),
        ('[values]\nmissing = "999"', "values.missing = '999' is not a list"),
        ('[values]\ndecimal_mark = ";"', "values.decimal_mark = ';' is not ',' or '.'"),
        ('[cuff]\nrepeats = "maybe"', "cuff.repeats = 'maybe' is not 'one'"),
        ("[patient]\ncolumn = 7", "patient.column = 7 is not the name of a column"),
        ("[time\n", "is not TOML"),
    ],
)
def test_a_bad_mapping_is_one_sentence_with_key_and_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text(line + "\n")
    for command in (("read",), ("flag", "--infusion-start", "+0")):
        status, out, err = run(capsys, *command, sample_data() / "worked-example-a.csv", "--mapping", mapping)
        assert (status, out) == (1, "")
        assert f"{mapping}" in err
        assert said in err
        assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        (Overrides(time_columns=("When",)), "'When'"),
        (Overrides(patient_column="Who"), r"patient\.column = 'Who'"),
        (Overrides(time_unit="unix"), r"time\.unit = 'unix'"),
    ],
)
def test_a_mapping_that_does_not_fit_the_file_is_refused(mapping: Overrides, said: str) -> None:
    with pytest.raises(RecordingError, match=said):
        read_recording(sample_data() / "worked-example-a.csv", mapping=mapping)


def test_what_is_for_tables_is_refused_for_other_formats() -> None:
    with pytest.raises(RecordingError, match=r"values\.missing in the mapping is for tables"):
        read_recording(
            sample_data() / "reencoded" / "mimic3wdb-s25047.vital", mapping=Overrides(missing=frozenset(("1",)))
        )


def test_explain_as_json_says_all_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(
        "Program 1\r\nDate;Time;Team;HR;NIBP Sys (kPa);NIBP Dia (kPa);Ward\r\n".encode("utf-16")
        + "13/04/2026;09:00:00;A;70;16,0;10;x\r\n13/04/2026;09:00:01;A;7O;;;x\r\n13/04/2026;09:00:02\r\n".encode(
            "utf-16-le"
        )
    )
    status, out, _ = run(capsys, "read", path, "--explain", "--json", "--timezone", "Europe/Berlin")
    assert status == 0
    found = json.loads(out)
    notices = found.pop("notices")
    assert found == {
        "format": "csv",
        "files": ["odd.csv"],
        "encoding": "UTF-16 LE, by its byte order mark",
        "delimiter": ";",
        "decimal_mark": ",",
        "header_line": 2,
        "layout": "one row an instant, a column a signal",
        "time": {
            "columns": ["Date", "Time"],
            "written": "day and month before the year",
            "date_order": "dmy",
            "zone": "Europe/Berlin",
            "zone_said": True,
            "relative": False,
            "first": "2026-04-13T07:00:00.000Z",
            "last": "2026-04-13T07:00:00.000Z",
        },
        "patients": [],
        "columns": [
            {"name": "Date", "signal": None, "unit": None, "used": True, "readings": None, "note": "the time"},
            {"name": "Time", "signal": None, "unit": None, "used": True, "readings": None, "note": "the time"},
            {"name": "Team", "signal": None, "unit": None, "used": False, "readings": None,
             "note": "its name is not known"},
            {"name": "HR", "signal": "HR", "unit": None, "used": True, "readings": 1, "note": None},
            {"name": "NIBP Sys (kPa)", "signal": "NIBP_SYS", "unit": "kPa", "used": True, "readings": 1,
             "note": "from kPa"},
            {"name": "NIBP Dia (kPa)", "signal": "NIBP_DIA", "unit": "kPa", "used": True, "readings": 1,
             "note": "from kPa"},
            {"name": "Ward", "signal": None, "unit": None, "used": False, "readings": None,
             "note": "its name is not known"},
        ],
        "counts": {
            "rows": 3, "used": 1, "repeats": 0, "readings": 3,
            "refused": {"cells that are no number": 1, "of another length": 1},
        },
    }  # fmt: skip
    assert any("'7O' is not a number" in each["text"] for each in notices)


@pytest.mark.parametrize(
    "path",
    [
        "reencoded/mimic3wdb-s25047.vital",
        "reencoded/mimic3wdb-s25047.edf",
        "reencoded/mimic3wdb-s25047-wide.parquet",
        "mimic3wdb/s25047-2704-05-04-10-44n.hea",
    ],
)
def test_every_format_is_explained(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "read", sample_data() / path, "--explain", "--json")
    assert status == 0
    found = json.loads(out)
    assert found["files"] == [Path(path).name]
    assert found["layout"]
    assert found["time"]["written"]
    signals = {each["signal"]: each["readings"] for each in found["columns"] if each["signal"]}
    assert (signals["HR"], signals["NIBP_SYS"], signals["NIBP_MEAN"]) == (72, 18, 21)


def test_json_alone_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run(capsys, "read", sample_data() / "worked-example-a.csv", "--json")
    assert status == 2
    assert "--explain" in err


def test_text_of_a_file_is_no_formula_in_what_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, notices = tmp_path / "evil.csv", tmp_path / "notices.csv"
    path.write_text(
        "time,signal,value,unit,status,source\n0,HR,70,/min,ok,=cmd|' /C calc'!A0\n1,HR,-70,/min,range,@SUM(1)\n"
    )
    _, out, _ = run(capsys, "read", path)
    assert out.splitlines()[1:] == [
        "+0.000,HR,70,/min,ok,'=cmd|' /C calc'!A0",
        "+1.000,HR,-70,/min,range,'@SUM(1)",
    ]
    path.write_text('Time [s],HR,"=HYPERLINK(1) HR",-HR\n0,70,1,0\n1,70,1,0\n')
    run(capsys, "read", path, "--notices", notices, "--mapping", _mapping(tmp_path, '"-HR" = "PR"'))
    for line in notices.read_text().splitlines()[1:]:
        assert not any(cell.lstrip('"').startswith(("=", "-", "@")) for cell in line.split(",")[1:])
    assert "'-HR was left out: it is 0 throughout" in notices.read_text()


def _mapping(folder: Path, text: str) -> Path:
    path = folder / "m.toml"
    path.write_text(text)
    return path


_TEXTS = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=12)
_SAID = st.builds(
    Overrides,
    columns=st.dictionaries(_TEXTS, st.sampled_from(["", "HR", "NIBP_SYS"]), max_size=3),
    units=st.dictionaries(_TEXTS, st.sampled_from(["kPa", "mmHg", "degF"]), max_size=3),
    time_columns=st.lists(_TEXTS, max_size=2).map(tuple),
    time_unit=st.sampled_from(["", "min", "excel"]),
    first_day=st.none() | st.dates(),
    date_order=st.sampled_from(["", "dmy"]),
    zone=st.sampled_from(["", "Europe/Berlin", "+01:00"]),
    missing=st.frozensets(
        _TEXTS.map(lambda text: text.strip().lower()).filter(lambda text: text == text.strip().lower())
    ),
    decimal_mark=st.sampled_from(["", ",", "."]),
    collapse=st.sampled_from([None, True, False]),
    patient_column=st.sampled_from(["", 'Case "7" \\ \x7f']),
)


@settings(deadline=None, max_examples=60)
@given(_SAID)
def test_a_mapping_file_that_is_written_says_what_it_was_written_from(said: Overrides) -> None:
    assert parse(as_toml(said), "written") == said
