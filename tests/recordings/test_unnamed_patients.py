"""Several patients in a column of any name: asked for where their values show it, told of else, never silent.

The people are made: each has levels of her own and slow noise about them.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from devices import instant
from devices.recordings.base import ChoiceNeeded, Overrides, RecordingError, read_recording, read_series
from devices.recordings.delimited.columns import columns_of
from devices.recordings.options import Options
from devices.recordings.overrides import as_toml, parse
from devices.recordings.patients import marks
from devices.recordings.patients.mark_runs import look_like_identifiers
from devices.recordings.patients.other_columns import Meaning, meaning_of

T0 = instant.parse("2026-03-01T09:00:00Z")
SIGNALS = ("HR", "NIBP_SYS", "SPO2")
ROW = tuple[float, str, dict[str, int]]
"""When, in seconds from T0; the cell of the column in question; the values."""
FORMS = ("csv", "csv in columns", "parquet", "parquet in columns", "long csv", "long parquet")
ROW_BY_ROW = ("csv", "parquet", "long csv", "long parquet")
ASKED, TOLD, SILENT = "asked", "told", "silent"


class Person:
    def __init__(self, rng: random.Random, rate: float = 0, pressure: float = 0) -> None:
        self._rng = rng
        self._level = {
            "HR": rate or rng.uniform(50, 110), "NIBP_SYS": pressure or rng.uniform(95, 160),
            "SPO2": rng.uniform(93, 99),
        }  # fmt: skip
        self._noise = {"HR": rng.uniform(1, 4), "NIBP_SYS": rng.uniform(2, 6), "SPO2": 0.7}
        self._now = dict.fromkeys(SIGNALS, 0.0)

    def after(self, seconds: float) -> dict[str, int]:
        """Her values so long after the last."""
        stays = math.exp(-seconds / 60)
        for signal, noise in self._noise.items():
            new = self._rng.gauss(0, noise) * math.sqrt(1 - stays**2)
            self._now[signal] = self._now[signal] * stays + new
        return {signal: min(100 if signal == "SPO2" else 999, round(self._level[signal] + self._now[signal]))
                for signal in SIGNALS}  # fmt: skip


def write(folder: Path, form: str, rows: Sequence[ROW], name: str, signals: Sequence[str] = SIGNALS) -> Path:
    """The table of `rows` with the column `name`, in `form`."""
    times = [T0 + round(second * 1_000_000) for second, _, _ in rows]
    columns: dict[str, list[object]] = {"Time": [*times], name: [cell for _, cell, _ in rows]}
    if form.startswith("long"):
        columns = {
            key: [cell for cell in column for _ in signals] for key, column in columns.items()
        }  # a row each signal
        columns |= {"parameter": [*signals] * len(rows), "value": [row[2][each] for row in rows for each in signals]}
    else:
        columns |= {each: [row[2][each] for row in rows] for each in signals}
    if "parquet" in form:
        path = folder / "table.parquet"
        kept = {key: pa.array(column) for key, column in columns.items()}
        kept["Time"] = kept["Time"].cast(pa.timestamp("us", "UTC"))
        pq.write_table(pa.table(kept), path)
        return path
    path = folder / "table.csv"
    columns["Time"] = [instant.format(int(str(each))) for each in columns["Time"]]
    lines = [",".join(columns), *(",".join(map(str, cells)) for cells in zip(*columns.values(), strict=True))]
    path.write_text("\n".join(lines) + "\n")
    return path


def outcome(path: Path, form: str, **said: object) -> tuple[str, str]:
    """What becomes of the table: asked, told or silent, and the sentence."""
    read = read_series if form.endswith("in columns") else read_recording
    try:
        found = read(path, **said)  # type: ignore[operator]
    except ChoiceNeeded as question:
        assert question.option == "patient_column"
        return ASKED, str(question)
    texts = [each.text for each in found.notices if each.kind == "patient-assumed"]
    return (TOLD, texts[0]) if texts else (SILENT, "")


# -- several patients: each kind of evidence ---------------------------------------------------------------------------


def two(seed: int = 1) -> tuple[Person, Person]:
    rng = random.Random(seed)
    return Person(rng, 62, 110), Person(rng, 95, 150)


def taking_turns(names: str | Sequence[str] = "AB", count: int = 40, step: int = 5) -> list[ROW]:
    people = two()
    return [(row * step, names[row % 2], people[row % 2].after(2 * step)) for row in range(count)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("column", ["kod", "ward no", "random", "ID_2", "vp"])
def test_patients_whose_rows_take_turns_are_asked_for(tmp_path: Path, form: str, column: str) -> None:
    path = write(tmp_path, form, taking_turns(), column)
    what, said = outcome(path, form)
    assert what == ASKED
    assert f"jump with each change of the column '{column}', which may name 2 patients (A, B)" in said
    assert f'[patient] column = "{column}", or [patient] one = true if all are one patient\'s' in said
    read = read_recording(path, mapping=Overrides(patient_column=column), patient="B")
    assert {each.value for each in read.readings if each.signal == "HR"} <= set(range(80, 111))
    assert read.patients == ("A", "B")


@pytest.mark.parametrize("form", FORMS)
def test_patients_with_steps_of_their_own_are_asked_for(tmp_path: Path, form: str) -> None:
    one, other = two()
    rows = [(7.5 * row, "1047", one.after(7.5)) for row in range(60)]
    rows += [(2 + 20 * row, "1102", other.after(20)) for row in range(22)]
    assert outcome(write(tmp_path, form, sorted(rows), "kod"), form)[0] == ASKED


@pytest.mark.parametrize("form", ROW_BY_ROW)
def test_two_heart_rates_at_one_time_are_of_two_persons(tmp_path: Path, form: str) -> None:
    # Near each other and seldom at one time, so that nothing else tells them apart.
    rng = random.Random(3)
    one, other = Person(rng, 70, 120), Person(rng, 71, 121)
    rows = [(5 * row, "x1", one.after(5)) for row in range(60)] + [
        (45 * row, "x2", other.after(45)) for row in range(7)
    ]
    what, said = outcome(write(tmp_path, form, sorted(rows, key=lambda row: row[0]), "kod"), form)
    assert what == ASKED
    assert "the rows of one time differ in the column 'kod'" in said


@pytest.mark.parametrize("form", ROW_BY_ROW)
def test_times_that_begin_anew_are_of_another_person(tmp_path: Path, form: str) -> None:
    people = two()
    rows = [(60 * row + 5 * who, "AB"[who], people[who].after(60)) for who in (0, 1) for row in range(20)]
    what, said = outcome(write(tmp_path, form, rows, "kod"), form)
    assert what == ASKED
    assert "the times go back where the column 'kod' changes" in said


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("names", [("P01", "P02"), ("1047", "1210"), ("17-0042", "17-0051"), ("3f9ac01b", "b2d47e60")])
def test_identifiers_that_change_after_a_long_pause_are_asked_for(
    tmp_path: Path, form: str, names: tuple[str, str]
) -> None:
    people = two()
    rows = [(4 * 3600 * who + 10 * row, names[who], people[who].after(10)) for who in (0, 1) for row in range(50)]
    what, said = outcome(write(tmp_path, form, rows, "kod"), form)
    assert what == ASKED
    assert f"long pauses stand where the column 'kod' changes, which may name 2 patients ({', '.join(names)})" in said


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("names", "pause"), [(("A", "B"), 4 * 3600), (("P01", "P02"), 0), (("Meier", "Novak"), 0)])
def test_patients_who_may_be_phases_of_one_are_told_of(
    tmp_path: Path, form: str, names: tuple[str, str], pause: int
) -> None:
    people = two()
    rows = [((500 + pause) * who + 10 * row, names[who], people[who].after(10)) for who in (0, 1) for row in range(50)]
    what, said = outcome(write(tmp_path, form, rows, "kod"), form)
    assert what == TOLD
    assert "all rows were taken to be one patient's, though the column 'kod' (2 different cells) changes" in said
    assert names[0] not in said.partition("'kod'")[2]  # it may be a name, and notices are kept
    assert '[patient] column = "kod"; if not, [patient] one = true' in said


def test_two_columns_that_change_are_told_of_in_one_notice(tmp_path: Path) -> None:
    lines = [f"2026-03-01T09:{m:02d}:00Z,{'AB'[m // 30]},{'xyz'[m // 20]},{70 + m % 3}\n" for m in range(60)]
    path = tmp_path / "table.csv"
    path.write_text("Time,kod,vem,HR\n" + "".join(lines))
    what, said = outcome(path, "csv")
    assert what == TOLD
    assert "the columns 'kod' (2 different cells), 'vem' (3 different cells) change" in said


def test_a_column_behind_64_others_is_looked_at_too(tmp_path: Path) -> None:
    others = ",".join(f"x{number}" for number in range(100))
    rows = taking_turns()
    lines = [f"{instant.format(T0 + int(s) * 1_000_000)},{v['HR']}{',0.5' * 100},{who}\n" for s, who, v in rows]
    path = tmp_path / "table.csv"
    path.write_text(f"Time,HR,{others},kod\n" + "".join(lines))
    assert outcome(path, "csv")[0] == ASKED
    assert outcome(path, "csv in columns")[0] == ASKED


def test_patients_on_both_sides_of_a_second_header_are_asked_for(tmp_path: Path) -> None:
    lines = [f"{instant.format(T0 + int(s) * 1_000_000)},{who},{v['HR']}\n" for s, who, v in taking_turns()]
    lines.insert(20, "Time,kod,HR\n")
    path = tmp_path / "table.csv"
    path.write_text("Time,kod,HR\n" + "".join(lines))
    assert outcome(path, "csv")[0] == ASKED


def filled_once(rows: Sequence[ROW]) -> list[ROW]:
    """A name stands in the first of its rows alone, as where a spreadsheet joined the cells."""
    return [(second, name if not row or rows[row - 1][1] != name else "", values)
            for row, (second, name, values) in enumerate(rows)]  # fmt: skip


@pytest.mark.parametrize("form", ROW_BY_ROW)
def test_names_in_the_first_rows_of_their_patients_alone_are_asked_about(tmp_path: Path, form: str) -> None:
    people = two()
    rows = [(60.0 * row + 5 * who, "AB"[who], people[who].after(60)) for who in (0, 1) for row in range(20)]
    path = write(tmp_path, form, filled_once(rows), "kod")
    what, said = outcome(path, form)
    assert what == ASKED
    assert "the times go back where the column 'kod', which is mostly empty, holds something" in said
    assert outcome(path, form, mapping=Overrides(one_patient=True))[0] == SILENT


@pytest.mark.parametrize("form", FORMS)
def test_identifiers_in_the_first_rows_alone_are_told_of(tmp_path: Path, form: str) -> None:
    people = two()
    rows = [(600.0 * who + 5 * row, ("P7", "P9")[who], people[who].after(5)) for who in (0, 1) for row in range(20)]
    assert outcome(write(tmp_path, form, filled_once(rows), "kod"), form)[0] == TOLD
    # What is written now and then is a remark.
    said = {0: "asleep", 9: "turned", 20: "cuff moved"}
    rows = [(second, said.get(row, ""), values) for row, (second, _, values) in enumerate(rows)]
    assert outcome(write(tmp_path, form, rows, "zz"), form)[0] == SILENT


@pytest.mark.parametrize("kind", ["dictionary", "float", "decimal", "bool", "with holes", "int8"])
@pytest.mark.parametrize("form", ["parquet", "parquet in columns"])
def test_a_parquet_column_of_any_type_may_name_patients(tmp_path: Path, kind: str, form: str) -> None:
    path = write(tmp_path, form, taking_turns(), "kod")
    table = pq.read_table(path)
    cells = [row % 2 for row in range(40)]
    arrays = {
        "dictionary": pa.array(["A" if cell else "B" for cell in cells]).dictionary_encode(),
        "float": pa.array([cell + 1.0 for cell in cells]),
        "decimal": pa.array([cell + 1 for cell in cells]).cast(pa.decimal128(22, 2)),
        "bool": pa.array([bool(cell) for cell in cells]),
        "with holes": pa.array([None if row in (7, 20) else cell + 7 for row, cell in enumerate(cells)]),
        "int8": pa.array(cells, pa.int8()),
    }
    pq.write_table(table.set_column(table.schema.names.index("kod"), "kod", arrays[kind]), path)
    assert outcome(path, form)[0] == ASKED


def test_of_many_columns_those_with_few_different_cells_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "_CODES", 1000)
    monkeypatch.setattr(marks, "_OFTEN", 50)
    rows = taking_turns(count=400)
    lines = [f"{instant.format(T0 + int(s) * 1_000_000)},{row % 37},{row % 29},{row % 31},{who},{v['HR']}\n"
             for row, (s, who, v) in enumerate(rows)]  # fmt: skip
    path = tmp_path / "table.csv"
    path.write_text("Time,a1,b1,c1,kod,HR\n" + "".join(lines))
    for form in ("csv", "csv in columns"):
        what, said = outcome(path, form)
        assert what == ASKED
        assert "'kod'" in said


@pytest.mark.parametrize("seed", range(120))
def test_however_patients_are_mixed_they_are_never_silently_one(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    people = [Person(rng) for _ in range(rng.randint(2, 7))]
    forms: list[Callable[[int], str]] = [
        str, lambda n: str(n + 1), lambda n: "ABCDEFG"[n], lambda n: f"P{n + 1:02d}", lambda n: str(1000 + 37 * n),
        lambda n: ["Meier", "Müller", "Novak", "Kim", "Diaz", "Roy", "Sato"][n], lambda n: f"17-{4200 + 13 * n}",
        lambda n: f"{n + 1}.0", lambda n: f"a very long pseudonym of number {n}",
    ]  # fmt: skip
    name_of = rng.choice(forms)
    rows: list[ROW] = []
    for who, person in enumerate(people):
        begins, step = rng.choice([0, 0, 3, 900, 40_000]), rng.choice([1, 5, 7.5, 60])
        for _ in range(rng.randint(6, 50)):
            begins += step * rng.choice([1, 1, 1, 1, rng.randint(1, 30)])
            rows.append((begins, name_of(who), person.after(step)))
    order = rng.choice(["by time", "in blocks", "at random"])
    if order == "by time":
        rows.sort(key=lambda row: row[0])
    elif order == "at random":
        rng.shuffle(rows)
        rows = [(5.0 * place, who, values) for place, (_, who, values) in enumerate(rows)]
    column = rng.choice(["kod", "Pat. nummer", "vp", "random", "ward no", "ID_2", "qx", "Spalte 7", "försöksperson"])
    form = rng.choice(ROW_BY_ROW if order == "in blocks" else FORMS)
    signals = rng.choice([SIGNALS, SIGNALS[:1], SIGNALS[:2]])
    assert outcome(write(tmp_path, form, rows, column, signals), form)[0] in (ASKED, TOLD)


# -- one patient: what changes in an honest file -----------------------------------------------------------------------


def one_patient(count: int = 240, step: float = 5, seed: int = 5) -> list[dict[str, int]]:
    """Her values, with a rise in the middle."""
    rng = random.Random(seed)
    person = Person(rng, 70, 120)
    found = []
    for row in range(count):
        values = person.after(step)
        rise = 35 * max(0.0, math.sin(math.pi * (row - count / 3) / (count / 3)))
        found.append({**values, "HR": round(values["HR"] + rise), "NIBP_SYS": round(values["NIBP_SYS"] + 1.5 * rise)})
    return found


def third(row: int) -> int:
    return min(2, row // 80)


RNG = random.Random(11)
HONEST: dict[str, Callable[[int, dict[str, int]], str]] = {
    "phase": lambda row, _: ["Baseline", "Infusion", "Recovery"][third(row)],
    "mode": lambda _, __: RNG.choice(["adult", "neo"]),
    "alarm state": lambda _, v: "high" if v["HR"] > 95 else "none given",
    "device": lambda row, _: ["GE 5512", "GE 7714"][row // 120],
    "Gerät": lambda _, __: RNG.choice(["ECG", "Pleth"]),
    "operator": lambda row, _: ["JS", "MK", "JS"][third(row)],
    "artefact": lambda _, __: str(int(RNG.random() < 0.1)),
    "event text": lambda _, __: RNG.choice([*[""] * 20, "cuff", "turned"]),
    "channel": lambda row, _: str(row % 4 + 1),
    "source": lambda row, _: ["monitor", "chart"][row % 2],
    "quality": lambda _, __: RNG.choice(["good", "good", "fair"]),
    "battery": lambda row, _: str(100 - row // 12),
    "counter": lambda row, _: str(row % 256),
    "sequence number": lambda row, _: str(row),
    "day": lambda row, _: str(third(row) + 1),
    "session": lambda row, _: f"S{third(row) + 1}",
    "visit no": lambda row, _: str(third(row) + 1),
    "location of care": lambda row, _: ["OP3", "PACU", "12B"][third(row)],
    "row index": lambda row, _: str(row),
    # Called as nothing that is known, and honest all the same.
    "läge": lambda row, _: ["vila", "infusion", "efter"][third(row)],
    "zz toggles": lambda _, __: RNG.choice(["A", "B", "C"]),
    "zz of its own": lambda _, v: "x" if v["HR"] > 80 else "o",
    "zz in tens": lambda _, v: f"{v['HR'] // 10 * 10}-{v['HR'] // 10 * 10 + 9}",
    "zz copy": lambda _, v: str(v["HR"]),
    "zz near copy": lambda _, v: str(v["HR"] + RNG.choice([-1, 0, 0, 1])),
    "zz saturation": lambda _, v: str(v["SPO2"]),
    "zz takes turns": lambda row, _: ["L", "R"][row % 2],
    "zz modulo 10": lambda row, _: str(row % 10),
    "zz white": lambda _, __: str(round(RNG.gauss(38, 2))),
    "etCO2": lambda _, __: str(round(RNG.gauss(38, 2))),
    "flow [l/min]": lambda _, __: RNG.choice(["6", "8"]),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("column", HONEST)
def test_what_changes_in_one_patients_file_is_no_question(tmp_path: Path, column: str, form: str) -> None:
    rows = [(5.0 * row, HONEST[column](row, values), values) for row, values in enumerate(one_patient())]
    path = write(tmp_path, form, rows, column)
    what, said = outcome(path, form)
    assert what != ASKED, said
    assert len(read_recording(path).readings) > 2 * len(rows)


QUIET = [
    "phase", "mode", "alarm state", "operator", "artefact", "event text", "quality", "battery", "counter",
    "sequence number", "day", "row index", "etCO2", "flow [l/min]",
]  # fmt: skip


@pytest.mark.parametrize("column", QUIET)
def test_what_is_known_to_name_no_patients_is_not_even_told(tmp_path: Path, column: str) -> None:
    rows = [(5.0 * row, HONEST[column](row, values), values) for row, values in enumerate(one_patient())]
    assert outcome(write(tmp_path, "csv", rows, column), "csv")[0] == SILENT


def test_two_devices_that_agree_at_each_time_are_one_patients(tmp_path: Path) -> None:
    rng = random.Random(2)
    rows = []
    for row, values in enumerate(one_patient()):
        near = {**values, "HR": values["HR"] + rng.randint(-2, 2), "NIBP_SYS": values["NIBP_SYS"] - rng.randint(0, 9)}
        rows += [(5.0 * row, "ECG", values), (5.0 * row, "Oximeter", near)]
    for form in ROW_BY_ROW:
        assert outcome(write(tmp_path, form, rows, "device"), form)[0] == TOLD
    # Two monitors whose heart rates are far apart are not in one room.
    people = two()
    rows = [(5.0 * row, who, people["xy".index(who)].after(5)) for row in range(60) for who in "xy"]
    for form in ROW_BY_ROW:
        assert outcome(write(tmp_path, form, rows, "device"), form)[0] == ASKED


def test_two_methods_that_only_an_unknown_column_names_are_one_patients(tmp_path: Path) -> None:
    lines = []
    for row, values in enumerate(one_patient(60)):
        time = instant.format(T0 + row * 60_000_000)
        lines += [f"{time},SBP,{values['NIBP_SYS']},arterial line\n", f"{time},SBP,{values['NIBP_SYS'] + 9},cuff\n"]
    path = tmp_path / "long.csv"
    path.write_text("time,parameter,value,xx\n" + "".join(lines))
    assert outcome(path, "long csv")[0] == TOLD


def test_a_second_column_of_one_name_is_asked_about_by_its_number(tmp_path: Path) -> None:
    lines = [f"{instant.format(T0 + int(s) * 1_000_000)},x,{who},{v['HR']}\n" for s, who, v in taking_turns()]
    path = tmp_path / "table.csv"
    path.write_text("Time,kod,kod,HR\n" + "".join(lines))
    what, said = outcome(path, "csv")
    assert what == ASKED
    assert "the column '#3', which may name 2 patients (A, B): give this column a name of its own" in said


def test_doubled_rates_that_a_flag_marks_are_one_patients(tmp_path: Path) -> None:
    rng = random.Random(4)
    rows = []
    for row, values in enumerate(one_patient()):
        poor = rng.random() < 0.2
        rows.append((5.0 * row, str(int(poor)), {**values, "HR": values["HR"] * (1 + poor)}))
    for form in FORMS:
        assert outcome(write(tmp_path, form, rows, "zz"), form)[0] == TOLD


def test_columns_that_go_with_an_item_alone_are_not_told_of(tmp_path: Path) -> None:
    lines = []
    for row, values in enumerate(one_patient(60)):
        time = instant.format(T0 + row * 60_000_000)
        lines += [f"{time},HR,{values['HR']},ecg,heart\n", f"{time},SpO2,{values['SPO2']},pleth,lung\n"]
    path = tmp_path / "long.csv"
    path.write_text("time,parameter,value,kind,organ\n" + "".join(lines))
    assert outcome(path, "long csv")[0] == SILENT


def test_where_patients_are_named_other_columns_are_not_told_of(tmp_path: Path) -> None:
    lines = [f"{instant.format(T0 + m * 60_000_000)},7,{'ab'[m // 30]},{70 + m % 5}\n" for m in range(60)]
    path = tmp_path / "table.csv"
    path.write_text("time,patient,kod,HR\n" + "".join(lines))
    assert outcome(path, "csv")[0] == SILENT
    for column in ("bed", "study_id", "Case", "file"):  # each holds one name: the patients may be behind it
        path.write_text(f"time,{column},kod,HR\n" + "".join(lines))
        assert outcome(path, "csv")[0] == TOLD


# -- the answers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_it_can_be_said_that_it_is_one_patient(tmp_path: Path, form: str) -> None:
    path = write(tmp_path, form, taking_turns(), "kod")
    for said in (parse("[patient]\none = true\n", "m"), parse('[columns]\nkod = ""\n', "m")):
        assert outcome(path, form, mapping=said)[0] == SILENT
        assert len([each for each in read_recording(path, mapping=said).readings if each.signal == "HR"]) == 40


def test_one_patient_holds_for_columns_that_are_called_as_patients_too(tmp_path: Path) -> None:
    path = write(tmp_path, "csv", taking_turns(), "patient")
    with pytest.raises(ChoiceNeeded, match="2 patients or cases"):
        read_recording(path)
    assert outcome(path, "csv", mapping=Overrides(one_patient=True))[0] == SILENT


def test_what_the_mapping_says_of_patients_is_kept_and_must_fit_together() -> None:
    one = Overrides(one_patient=True)
    assert parse(as_toml(one), "m") == one
    assert one.plain() == {"also": {"one_patient": True}}
    assert parse("[patient]\none = false\n", "m") == Overrides()
    with pytest.raises(RecordingError, match=r"patient\.one = 'yes' is not true"):
        parse('[patient]\none = "yes"\n', "m")
    with pytest.raises(RecordingError, match="contradict each other"):
        parse('[patient]\none = true\ncolumn = "kod"\n', "m")


# -- row by row and in columns -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(60))
def test_in_columns_the_same_is_asked_and_told_as_row_by_row(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    people = [Person(rng) for _ in range(rng.randint(1, 3))]
    texts = rng.choice(
        [["1", "2", "3"], [" A", "A", "Bé"], ["", "P1", "-"], ["0", "1"], ["a pseudonym of many letters", "x"],
         ["x", "y" * 50], [str(n) for n in range(30)], ["1.0", "2.0"], ["1.5", "2"], ["long" * 20, "b"]]
    )  # fmt: skip
    rows: list[ROW] = []
    time, held = 0.0, 0
    for row in range(rng.choice([30, 200])):
        time += rng.choice([5, 5, 5, 60, 1000])
        held = rng.randrange(len(texts)) if rng.random() < rng.choice([0.02, 0.4, 1]) else held
        values = people[held % len(people)].after(5)
        rows.append((time, texts[held], {**values, "HR": 0 if row % 17 == 0 else values["HR"]}))
    for one, other in (("csv", "csv in columns"), ("parquet", "parquet in columns")):
        path = write(tmp_path, one, rows, "kod")
        if one == "csv" and path.read_bytes()[:2000].isascii():
            assert columns_of(path, Options()) is not None
        assert outcome(path, one) == outcome(path, other)


def test_a_long_table_read_in_columns_asks_and_tells(tmp_path: Path) -> None:
    turns = [(float(row), "AB"[row % 2], values) for row, (_, _, values) in enumerate(taking_turns(count=12_000))]
    path = write(tmp_path, "csv", turns, "kod")
    assert path.stat().st_size > 1 << 18
    assert outcome(path, "csv")[0] == ASKED
    once = [(second, "A" if second < 7000 else "B", values) for second, _, values in turns]
    assert outcome(write(tmp_path, "csv", once, "kod"), "csv")[0] == TOLD


def test_what_looks_like_an_identifier() -> None:
    for texts in (
        ["P1", "P2"],
        ["subj-3", "subj-4"],
        ["1047", "1210"],
        ["17-0042", "18-0001"],
        ["Patient 1", "Patient 2"],
    ):
        assert look_like_identifiers(texts), texts
    for texts in (
        ["1", "2"],
        ["A", "B"],
        ["S1", "S2"],
        ["Visit 1", "Visit 2"],
        ["101", "102"],
        ["OP3", "PACU"],
        ["50-59", "60-69"],
    ):
        assert not look_like_identifiers(texts), texts


def test_what_a_name_says() -> None:
    assert meaning_of("Alarm State") is Meaning.OTHER
    assert meaning_of("Device-ID") is Meaning.DEVICE
    assert meaning_of("Paw (cmH2O)") is meaning_of("NOM_FLOW_AWAY") is Meaning.MEASURED
    assert meaning_of("Patient(s)") is meaning_of("Group A") is meaning_of("kod") is Meaning.OPEN
