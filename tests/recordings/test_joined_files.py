"""Files of one session read as one; what cannot be of one session is refused. Two sources of one signal are asked."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from recording_bytes import T, device, number, save, track

from dashboard.cli import main
from devices import instant
from devices.errors import ChoiceNeeded, RecordingError
from devices.recordings.base import Recording, ask_source, read_recording

HOUR = 3600


def vital(path: Path, start: float, *rows: tuple[float, dict[int, float]], name: str = "Solar8000") -> Path:
    """A monitor's HR (1) and cuff (2 sys, 3 dia): after `start`, rows of seconds and values."""
    tracks = (track(1, "HR", device=1), track(2, "NIBP_SBP", device=1), track(3, "NIBP_DBP", device=1))
    numbers = (number(n, start + at, value) for at, values in rows for n, value in values.items())
    return save(path, device(1, name), *tracks, *numbers)


def told(recording: Recording) -> list[tuple[int, str, float | None, str]]:
    start = recording.first
    return [((r.time - start) // 1_000_000, r.signal, r.value, r.status.value) for r in recording.readings]


def joined(first: Path, *others: Path) -> Recording:
    return read_recording(first, also=others)


def test_hours_in_files_of_their_own_are_one_recording_whichever_is_named_first(tmp_path: Path) -> None:
    hours = [
        vital(
            tmp_path / f"bed1_260101_{9 + hour:02}0000.vital",
            T + hour * HOUR,
            (0, {1: 70 + hour}),
            (3590, {1: 80 + hour}),
        )
        for hour in range(3)
    ]
    found = joined(hours[1], hours[2], hours[0])
    assert [(at, value) for at, _, value, _ in told(found)] == [
        (0, 70), (3590, 80), (3600, 71), (7190, 81), (7200, 72), (10790, 82)
    ]  # fmt: skip
    assert found.counts.rows == sum(read_recording(each).counts.rows for each in hours)
    assert found.counts.used == 6
    assert found.explanation.files == tuple(each.name for each in hours)
    rows = [each.received for each in found.readings]
    assert rows == sorted(set(rows))  # receipt goes on from file to file
    assert [each.text for each in found.notices if each.kind == "device-event"] == [
        f"{each.name} goes on 10 s after the file before it" for each in hours[1:]
    ]


def test_a_cuff_value_on_the_screen_when_a_file_ends_is_not_measured_again_by_the_next(tmp_path: Path) -> None:
    cuff = {2: 120, 3: 80}
    first = vital(tmp_path / "a.vital", T, (0, {1: 70}), (60, cuff), (62, cuff), (64, cuff))
    same = vital(tmp_path / "b.vital", T + 66, (0, cuff), (2, cuff), (60, {1: 71}))
    other = vital(tmp_path / "c.vital", T + 66, (0, {2: 150, 3: 90}), (2, {2: 150, 3: 90}), (60, {1: 71}))
    late = vital(tmp_path / "d.vital", T + 600, (0, cuff), (2, cuff), (60, {1: 71}))
    systolic = [(at, value, status) for at, name, value, status in told(joined(first, same)) if name == "NIBP_SYS"]
    assert systolic == [(60, 120, "ok")]
    assert joined(first, same).counts.repeats == 2 + 1 + 1
    systolic = [(at, value, status) for at, name, value, status in told(joined(first, other)) if name == "NIBP_SYS"]
    assert systolic == [(60, 120, "ok"), (66, 150, "ok")]
    systolic = [(at, value, status) for at, name, value, status in told(joined(first, late)) if name == "NIBP_SYS"]
    assert systolic == [(60, 120, "ok"), (600, 120, "age_unknown")]


@pytest.mark.parametrize(
    ("name", "start", "monitor", "said"),
    [
        ("bed1_260101_091000.vital", T + 30, "Solar8000", "overlap in time"),
        ("bed2_260101_100000.vital", T + HOUR, "Solar8000", "are of 'bed1' and 'bed2' by their names"),
        ("bed1_260101_100000.vital", T + HOUR, "Infinity", "have HR from different devices"),
    ],
)
def test_what_is_no_part_of_the_session_is_refused(
    tmp_path: Path, name: str, start: float, monitor: str, said: str
) -> None:
    first = vital(tmp_path / "bed1_260101_090000.vital", T, (0, {1: 70}), (60, {1: 71}))
    second = vital(tmp_path / name, start, (0, {1: 70}), (60, {1: 71}), name=monitor)
    with pytest.raises(RecordingError, match=said):
        joined(first, second)
    with pytest.raises(RecordingError, match=said):
        joined(second, first)


def test_tables_join_too_if_they_are_dated_and_of_one_patient(tmp_path: Path) -> None:
    def table(name: str, *rows: str, head: str = "time,HR,patient") -> Path:
        path = tmp_path / name
        path.write_text("\n".join((head, *rows, "")))
        return path

    one = table("a.csv", "2026-03-01T09:00:00Z,70,A")
    assert len(joined(one, table("b.csv", "2026-03-01T10:00:00Z,71,A")).readings) == 2
    with pytest.raises(RecordingError, match="name different patients"):
        joined(one, table("c.csv", "2026-03-01T10:00:00Z,71,B"))
    with pytest.raises(RecordingError, match="overlap in time"):
        joined(one, one)
    with pytest.raises(RecordingError, match="has no dates"):
        joined(table("d.csv", "1,70", head="seconds,HR"), one)
    with pytest.raises(RecordingError, match="different formats"):
        joined(one, vital(tmp_path / "e.vital", 1_900_000_000, (0, {1: 70})))


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    status = 0
    try:
        main([str(each) for each in arguments])
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else 0
    out, err = capsys.readouterr()
    return status, out, err


def two_devices(path: Path) -> Path:
    parts = [device(1, "Solar8000"), device(2, "Infinity"), track(1, "HR", device=1), track(2, "HR", device=2)]
    parts += [track(3, "PLETH_SPO2", device=2)]
    parts += [number(n, T + 2 * at, (70, 90, 98)[n - 1]) for at in range(600) for n in (1, 2, 3)]
    return save(path, *parts)


def test_two_devices_that_both_give_a_heart_rate_are_asked_about_before_anything_is_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = two_devices(tmp_path / "a.vital")
    status, out, err = run(capsys, "flag", path, "--infusion-start", "2026-03-01T09:10:00Z")
    assert (status, out) == (1, "")
    assert "'Infinity/HR' and 'Solar8000/HR' both give HR at the same time, and only one may count: say --device" in err
    status, out, err = run(capsys, "read", path)
    assert status == 0  # a table keeps both, each under its own name, and says so
    assert {line.split(",")[5] for line in out.splitlines()[1:]} == {
        "vital:Solar8000/HR", "vital:Infinity/HR", "vital:Infinity/PLETH_SPO2",
    }  # fmt: skip
    assert "several-sources" in err
    found = read_recording(path, device="Solar8000")
    assert {each.source for each in found.readings} == {"vital:Solar8000/HR", "vital:Infinity/PLETH_SPO2"}
    assert [(each.name, each.note) for each in found.mapping if not each.signal] == [
        ("Infinity/HR", "Solar8000 was chosen for HR")
    ]
    when = instant.format(found.first + 600_000_000)
    status, out, _ = run(capsys, "flag", path, "--infusion-start", when, "--device", "Infinity", "--json")
    assert status == 0
    assert json.loads(out)["baseline"]["HR"]["value"] == 90


def test_a_device_that_gives_nothing_and_one_in_another_format_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no values of a device 'Demo': say --device, one of Solar8000, Infinity"):
        read_recording(two_devices(tmp_path / "a.vital"), device="Demo")
    table = tmp_path / "a.csv"
    table.write_text("time,HR\n2026-03-01T09:00:00Z,70\n")
    with pytest.raises(RecordingError, match=r"--device is for \.vital recordings"):
        read_recording(table, device="Demo")


def test_two_columns_of_one_signal_in_a_table_are_asked_about_and_a_mapping_decides(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = "".join(f"2026-03-01T09:00:{at:02}Z,{70 + at},90,60\n" for at in range(5))
    path.write_text(f"time,HR,Heart Rate,Pulse\n{rows}")
    with pytest.raises(ChoiceNeeded, match=r"'HR' and 'Heart Rate' both give HR at the same time.*--mapping"):
        ask_source(read_recording(path))
    chosen = read_recording(path, mapping={"HR": ""})
    ask_source(chosen)
    assert {each.source for each in chosen.readings} == {"csv:Heart Rate", "csv:Pulse"}


def test_what_follows_or_is_no_value_or_is_measured_elsewhere_is_no_second_source(tmp_path: Path) -> None:
    after = tmp_path / "a.csv"
    after.write_text(
        "time,HR,Heart Rate\n2026-03-01T09:00:00Z,70,\n2026-03-01T09:00:10Z,71,0\n2026-03-01T09:00:20Z,,72\n"
    )
    ask_source(read_recording(after))
    ask_source(
        read_recording(
            save(
                tmp_path / "b.vital",
                *(device(1, "Solar8000"), device(2, "Demo")),
                *(track(1, "HR", device=1), track(2, "HR", device=2), track(3, "PLETH_HR", device=1)),
                track(4, "ART_HR", device=1),
                *(number(n, T + at, 70) for at in range(9) for n in (1, 2, 3, 4)),
            )
        )
    )


def test_the_commands_take_members_and_further_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = vital(tmp_path / "a.vital", T, *((2 * at, {1: 70}) for at in range(900)))
    second = vital(tmp_path / "b.vital", T + 2000, *((2 * at, {1: 71}) for at in range(900)))
    status, out, err = run(capsys, "read", second, "--with", first)
    assert (status, len(out.splitlines())) == (0, 1801)
    assert "goes on" in err
    start = instant.format(read_recording(second).first)
    status, out, _ = run(capsys, "flag", first, "--with", second, "--infusion-start", start, "--json")
    assert status == 0
    assert json.loads(out)["baseline"]["HR"]["value"] == 70
    options = ("--with", second, "--infusion-start", start, "--data", tmp_path / "store")
    assert run(capsys, "import", first, *options)[:2] == (0, "1\n")
    assert run(capsys, "import", first, *options)[:2] == (0, "1\n")  # known again
    assert run(capsys, "import", first, *options[2:])[:2] != (0, "1\n")  # the first file alone is another recording
    packed = tmp_path / "all.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(first, "a.vital")
        archive.write(second, "b.vital")
    status, out, err = run(capsys, "read", packed)
    assert (status, out) == (1, "")
    assert "say --member, one of a.vital, b.vital" in err
    assert len(run(capsys, "read", packed, "--member", "b.vital")[1].splitlines()) == 901
    status, out, err = run(capsys, "read", first, "--with", second, "-o", second)
    assert (status, out) == (1, "")
    assert "never written over" in err
