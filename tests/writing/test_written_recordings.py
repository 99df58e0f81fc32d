"""Written recordings come back as they were: through our readers, edfio, pyEDFlib, vitaldb, pandas; or it is said."""

from __future__ import annotations

import csv
from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.resources import sample_data
from devices import instant
from devices.errors import WritingError
from devices.instant import MINUTE, SECOND
from devices.reading import VALUELESS, Reading, Status
from devices.recordings.base import Recording, read_recording
from devices.recordings.writing.document import Document, Event, document, of_recording
from devices.recordings.writing.formats import FORMS, write_recording
from devices.signals import SIGNALS, PulseOrigin, pulse_origin

T = instant.parse("2026-03-01T09:00:00Z")
SUFFIX = {"csv": ".csv", "tidy": ".csv", "parquet": ".parquet", "vital": ".vital", "edf": ".edf"}
MIMIC = sample_data() / "reencoded" / "mimic3wdb-s25047.csv"


def reading(at: int, signal: str, value: float | None, status: Status = Status.OK, source: str = "") -> Reading:
    if value is None and status is Status.OK:
        status = Status.ZERO
    return Reading(at, 0, signal, value, SIGNALS[signal].unit, status, source or f"ge-dri:{signal.lower()}")


def cuff(at: int, *values: float, source: str = "ge-dri") -> list[Reading]:
    names = ("NIBP_SYS", "NIBP_DIA", "NIBP_MEAN")
    return [reading(at, name, v, source=f"{source}:nibp") for name, v in zip(names, values, strict=False)]


def told(recording: Recording | Document) -> list[tuple[int, str, float | None, str]]:
    return sorted(((r.time, r.signal, r.value, r.status.value) for r in recording.readings), key=repr)


def events(recording: Recording) -> list[tuple[int, str]]:
    return [(n.time, n.text) for n in recording.notices if n.kind == "device-event"]


def written(path: Path, what: Document, form: str) -> tuple[Recording, list[str]]:
    file = path / f"written{SUFFIX[form]}"
    lost = write_recording(file, what, form)
    assert sorted(each.name for each in path.iterdir()) == [file.name]
    return read_recording(file), lost


SESSION = document(
    [
        *(reading(T + second * SECOND, "HR", 70 + second % 7 / 10) for second in range(90)),
        *(reading(T + second * SECOND, "SPO2", 98) for second in range(0, 90, 2)),
        reading(T + 31 * SECOND, "SPO2", None),
        reading(T + 32 * SECOND, "RR", 190, Status.RANGE),
        *cuff(T + 7 * SECOND, 121, 80, 93),
        *cuff(T + 67 * SECOND, 121, 80, 93),
        *cuff(T + 88 * SECOND, 160),
    ],
    [Event(T + 10 * SECOND, "infusion start"), Event(T + 12_345_678, "infusion stop; 5 µg/kg, “so”")],
)


@pytest.mark.parametrize("form", FORMS)
def test_a_session_comes_back_value_for_value_with_its_events(tmp_path: Path, form: str) -> None:
    back, lost = written(tmp_path, SESSION, form)
    assert told(back) == told(SESSION)
    if form == "tidy":
        assert (events(back), lost) == ([], ["2 events: left out, the table holds readings alone"])
    else:
        assert events(back) == [(each.time, each.text) for each in SESSION.events]
        assert lost == []


@pytest.mark.parametrize("form", FORMS)
def test_a_real_record_comes_back_value_for_value(tmp_path: Path, form: str) -> None:
    record = read_recording(MIMIC)
    back, lost = written(tmp_path, of_recording(record), form)
    assert told(back) == told(record)
    assert lost == []


def test_an_edf_file_is_what_edfio_and_pyedflib_read(tmp_path: Path) -> None:
    import edfio
    import pyedflib

    path = tmp_path / "session.edf"
    write_recording(path, SESSION, "edf")
    theirs = edfio.read_edf(path)
    assert (theirs.startdate, theirs.starttime) == (date(2026, 3, 1), time(9, 0))
    assert theirs.patient.name == "X"
    assert [(s.label, s.physical_dimension, s.sampling_frequency) for s in theirs.signals] == [
        ("HR", "/min", 1), ("NIBP_SYS", "mmHg", 1), ("NIBP_DIA", "mmHg", 1), ("NIBP_MEAN", "mmHg", 1),
        ("SPO2", "%", 1), ("RR", "/min", 1),
    ]  # fmt: skip
    heart, systolic = theirs.signals[0], theirs.signals[1]
    assert heart.data[:90] == pytest.approx([70 + second % 7 / 10 for second in range(90)], abs=1e-6)
    lowest = systolic.physical_min
    assert [(place, round(v)) for place, v in enumerate(systolic.data) if v > lowest] == [
        (7, 121),
        (67, 121),
        (88, 160),
    ]
    assert [(a.onset, a.text) for a in theirs.annotations] == [
        (10.0, "infusion start"),
        (12.345678, "infusion stop; 5 µg/kg, “so”"),
    ]
    with pyedflib.EdfReader(str(path)) as other:
        assert other.getSignalLabels() == [s.label for s in theirs.signals]
        assert other.getStartdatetime() == datetime(2026, 3, 1, 9, 0)  # noqa: DTZ001
        assert other.readSignal(0)[:90] == pytest.approx(heart.data[:90], abs=1e-6)
        onsets, _, texts = other.readAnnotations()
        assert onsets.tolist() == pytest.approx([10.0, 12.345678], abs=1e-6)
        assert texts.tolist() == ["infusion start", "infusion stop; 5 µg/kg, “so”"]


def test_a_vital_file_is_what_the_vitaldb_package_reads(tmp_path: Path) -> None:
    import vitaldb

    path = tmp_path / "session.vital"
    write_recording(path, SESSION, "vital")
    theirs = vitaldb.VitalFile(str(path))
    found = {
        (name, round(record["dt"] * SECOND), record["val"]) for name, t in theirs.trks.items() for record in t.recs
    }
    import struct

    def single(value: float) -> float:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])

    names = {"NIBP_SYS": "ge-dri/nibp", "NIBP_DIA": "ge-dri/nibp_2", "NIBP_MEAN": "ge-dri/nibp_3"}
    ours = {
        (names.get(r.signal, f"ge-dri/{r.signal.lower()}"), r.time, single(r.value or 0.0)) for r in SESSION.readings
    }
    assert found == ours | {("EVENT", each.time, each.text) for each in SESSION.events}
    assert theirs.trks["ge-dri/nibp"].unit == "mmHg"


def test_parquet_is_what_pandas_reads(tmp_path: Path) -> None:
    import pandas as pd

    path = tmp_path / "session.parquet"
    write_recording(path, SESSION, "parquet")
    frame = pd.read_parquet(path)
    assert list(frame.columns) == ["time", "signal", "value", "unit", "status", "source"]
    assert str(frame["time"].dtype) == "datetime64[us, UTC]"
    micros = frame["time"].astype("int64")
    assert list(zip(micros, frame["signal"], frame["status"], strict=True)) == [
        (r.time, r.signal, r.status.value) for r in SESSION.readings
    ]
    assert frame["value"].isna().sum() == 1


def test_a_session_table_is_the_contracts(tmp_path: Path) -> None:
    path = tmp_path / "session.csv"
    at = T + 1_500
    held = [*cuff(at, 121, 80), reading(at, "HR", 70.5), reading(at, "SPO2", None), reading(T, "PR", 71)]
    assert write_recording(path, document(held, [Event(T + 1, "=cmd()")]), "csv") == []
    assert list(csv.reader(path.open(encoding="utf-8"))) == [
        ["time", "HR", "NIBP_SYS", "NIBP_DIA", "NIBP_MEAN", "SPO2", "PR", "event"],
        ["2026-03-01T09:00:00.000Z", "", "", "", "", "", "71", ""],
        ["2026-03-01T09:00:00.000001Z", "", "", "", "", "", "", "'=cmd()"],
        ["2026-03-01T09:00:00.001500Z", "70.5", "121", "80", "", "0", "", ""],
    ]


# What no format without statuses can hold is never written as if it were a measurement.
_DOUBTFUL = [each for each in Status if each not in (Status.OK, Status.ZERO, Status.RANGE, Status.UNVERIFIED)]


@pytest.mark.parametrize("form", ["csv", "vital", "edf"])
@pytest.mark.parametrize("status", _DOUBTFUL)
def test_a_doubtful_value_never_comes_back_as_a_measured_one(tmp_path: Path, form: str, status: Status) -> None:
    value = None if status in VALUELESS else 77.0
    held = [reading(T, "HR", 70), reading(T + SECOND, "HR", value, status), reading(T + 2 * SECOND, "HR", 71)]
    back, lost = written(tmp_path, document(held), form)
    if (form, status) == ("vital", Status.DEMO):  # the one status that format has
        assert (told(back), lost) == (told(document(held)), [])
        return
    assert told(back) == told(document([held[0], held[2]]))
    assert lost == [f"1 readings of status {status}: left out, the format has no statuses"]


@pytest.mark.parametrize("form", ["csv", "vital", "edf"])
@pytest.mark.parametrize(("status", "mean"), [(Status.QUESTIONABLE, 93.0), (Status.INVALID, None), (Status.OK, 0.0)])
def test_a_cuff_measurement_with_a_doubtful_part_is_left_out_whole(
    tmp_path: Path, form: str, status: Status, mean: float | None
) -> None:
    doubtful = [*cuff(T, 180, 110), reading(T, "NIBP_MEAN", mean, status, "ge-dri:nibp")]
    back, lost = written(tmp_path, document([*doubtful, *cuff(T + MINUTE, 120, 80, 93)]), form)
    assert told(back) == told(document(cuff(T + MINUTE, 120, 80, 93)))
    assert sum(int(each.split()[0]) for each in lost) == 3


@pytest.mark.parametrize("form", ["csv", "vital", "edf"])
def test_a_status_that_reads_back_as_another_is_counted(tmp_path: Path, form: str) -> None:
    held = [reading(T, "HR", 70, Status.UNVERIFIED), reading(T + SECOND, "HR", 0.0), reading(T + 2 * SECOND, "HR", 71)]
    back, lost = written(tmp_path, document(held), form)
    assert [r.status for r in back.readings] == [Status.OK, Status.ZERO, Status.OK]
    assert lost == [
        "1 readings of status unverified: written, they read back as ok",
        "1 readings of status ok: written, they read back as zero",
    ]


@pytest.mark.parametrize("form", ["parquet", "tidy"])
@pytest.mark.parametrize("status", list(Status))
def test_tables_with_statuses_hold_them_all(tmp_path: Path, form: str, status: Status) -> None:
    held = document([reading(T, "HR", None if status in VALUELESS else 77.0, status)])
    back, lost = written(tmp_path, held, form)
    assert told(back) == told(held)
    assert [r.source for r in back.readings] == ["ge-dri:hr"]
    assert lost == []


@pytest.mark.parametrize("form", ["vital", "edf"])
def test_whose_pulse_it_is_stays_known(tmp_path: Path, form: str) -> None:
    sources = {"line:PR": PulseOrigin.OXIMETER, "ge-dri:p1.pr": PulseOrigin.LINE, "ge-dri:nibp.pr": PulseOrigin.CUFF}
    held = [
        reading(T + second * SECOND, "PR", 60 + place, source=source)
        for place, source in enumerate(sources)
        for second in range(3)
    ]
    back, _ = written(tmp_path, document(held), form)
    assert {(r.value, pulse_origin(r.source)) for r in back.readings} == {
        (60, PulseOrigin.OXIMETER),
        (61, PulseOrigin.LINE),
        (62, PulseOrigin.CUFF),
    }


def test_a_session_table_holds_one_source_a_signal_and_says_what_it_left_out(tmp_path: Path) -> None:
    held = [
        *(reading(T + second * SECOND, "HR", 70, source="ge-dri:hr") for second in range(5)),
        *(reading(T + second * SECOND, "HR", 71, source="nonin:hr") for second in range(1, 4)),
        *(reading(T + second * SECOND, "HR", 72, source="line:hr") for second in range(10, 12)),  # took its place
        *(reading(T + second * SECOND, "PR", 73, source="ge-dri:nibp.pr") for second in range(2)),
        *cuff(T, 120, 80, source="ge-dri"),
        *cuff(T, 130, 90, source="suntech"),
    ]
    back, lost = written(tmp_path, document(held), "csv")
    assert [r.value for r in back.readings if r.signal == "HR"] == [70] * 5 + [72] * 2
    assert {r.value for r in back.readings if r.signal.startswith("NIBP")} == {120, 80}
    assert not any(r.signal == "PR" for r in back.readings)
    assert lost == [
        "3 readings of nonin:hr: left out, another source of HR has its column",
        "2 readings of suntech: left out, another source of NIBP has its column",
        "2 pulse rates of a cuff: left out, they would read back as continuous ones",
    ]


def test_uneven_times_go_to_steps_of_a_quarter_second_in_edf_and_it_is_said(tmp_path: Path) -> None:
    held = document([reading(T + at, "HR", 70 + at % 3) for at in (0, 1_010_000, 2_130_000, 2_130_001)])
    back, lost = written(tmp_path, held, "edf")
    assert [(r.time - T, r.value) for r in back.readings] == [(0, 70), (1_000_000, 72), (2_250_000, 71)]
    assert lost == [
        "3 times: moved by up to 0.12 s, to steps of 0.25 s",
        "1 values: left out, another one came within the same step of time",
    ]


def test_equal_values_that_share_a_step_in_edf_are_counted_as_left_out(tmp_path: Path) -> None:
    far = 183 * 24 * instant.HOUR  # so long a pause makes the steps long: 5 s
    held = [reading(T + second * SECOND, "HR", 70.0) for second in range(600)] + [reading(T + far, "HR", 70.0)]
    back, lost = written(tmp_path, document(held), "edf")
    assert (
        lost[1] == f"{len(held) - len(back.readings)} values: left out, another one came within the same step of time"
    )
    assert len(back.readings) == 600 / 5 + 2
    twice = document([reading(T, "HR", 70.0), reading(T, "HR", 70.0), reading(T + SECOND, "HR", 71.0)])
    assert written(tmp_path, twice, "edf")[1] == []


def test_what_an_edf_code_cannot_hold_is_rounded_and_counted(tmp_path: Path) -> None:
    held = document([reading(T, "TEMP", 36.71234), reading(T + SECOND, "TEMP", 37), reading(T, "RR", -1.0)])
    back, lost = written(tmp_path, held, "edf")
    assert [(r.signal, r.value) for r in back.readings] == [("RR", -1), ("TEMP", 36.712), ("TEMP", 37)]
    assert lost == [
        "1 readings of status ok: written, they read back as range",
        "1 values of TEMP: rounded to 0.001 degC",
    ]


@pytest.mark.parametrize("form", ["csv", "tidy", "parquet", "edf"])
def test_a_recording_without_dates_stays_one(tmp_path: Path, form: str) -> None:
    held = [reading(at, "HR", 70.0) for at in (0, 90 * SECOND, 3 * MINUTE)]
    back, _ = written(tmp_path, document(held, [Event(MINUTE, "infusion start")], relative=True), form)
    assert back.relative
    assert told(back) == told(document(held))
    assert events(back) == ([] if form == "tidy" else [(MINUTE, "infusion start")])


@pytest.mark.parametrize(
    ("form", "what", "said"),
    [
        ("vital", document([reading(0, "HR", 70)], relative=True), "--start"),
        ("edf", document([reading(instant.parse("2704-05-04T10:44:18Z"), "HR", 70)]), "1985 to 2084"),
        ("xlsx", document([]), "csv, tidy, parquet, vital, edf"),
    ],
)
def test_what_a_format_cannot_hold_at_all_is_refused(tmp_path: Path, form: str, what: Document, said: str) -> None:
    with pytest.raises(WritingError, match=said):
        write_recording(tmp_path / "out", what, form)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", FORMS)
def test_a_full_disk_is_one_sentence(form: str) -> None:
    with pytest.raises(WritingError, match=r"^/dev/full cannot be written: No space left on device$"):
        write_recording(Path("/dev/full"), SESSION, form)


@pytest.mark.parametrize("form", FORMS)
def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kept"
    path.write_text("kept")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(WritingError, match="No space left"):
        write_recording(path, SESSION, form)
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("kept", "kept")]


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_written_as_a_file_that_opens(tmp_path: Path, form: str) -> None:
    path = tmp_path / "empty"
    write_recording(path, document([]), form)
    assert path.stat().st_size > 0


# Values with a decimal, of plausible size or 0; a second apart, so that every format can hold them exactly.
_values = st.one_of(st.none(), st.integers(20, 3_000).map(lambda tenths: tenths / 10))
_rates = st.lists(st.tuples(st.sampled_from(["HR", "SPO2", "RR", "ABP_MEAN"]), _values), max_size=30)
_cuffs = st.lists(st.tuples(st.integers(40, 270), st.integers(20, 200)), max_size=4)
_texts = st.lists(
    st.tuples(
        st.integers(0, 60 * SECOND), st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1)
    ),
    max_size=8,
)


@pytest.mark.parametrize("form", ["csv", "parquet", "vital", "edf"])
@given(rates=_rates, cuffs=_cuffs, happened=_texts)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_session_comes_back(
    tmp_path: Path, form: str, rates: list[tuple[str, float | None]], cuffs: list, happened: list[tuple[int, str]]
) -> None:
    held = [reading(T + place * SECOND, "HR", 70) for place in (0, 1)]  # a track that is 0 throughout is not connected
    held += [reading(T + SECOND, name, 50.5) for name in ("SPO2", "RR", "ABP_MEAN") if any(n == name for n, _ in rates)]
    held += [reading(T + (2 + place) * SECOND, name, value) for place, (name, value) in enumerate(rates)]
    for place, (systolic, diastolic) in enumerate(cuffs):
        held += cuff(T + place * 20 * SECOND, systolic, diastolic)
    judged = [r if r.value is None else _judged(r) for r in held]
    told_events = [Event(T + at, text) for at, text in happened if not text.startswith(("=", "+", "-", "@"))]
    back, lost = written(tmp_path, document(judged, told_events), form)
    assert told(back) == told(document(judged))
    assert sorted(events(back)) == sorted((each.time, each.text[:1_000]) for each in told_events)
    assert lost == []


def _judged(one: Reading) -> Reading:
    from devices.recordings.recording import judge

    return reading(one.time, one.signal, one.value, judge(one.signal, one.value or 0)[1], one.source)
