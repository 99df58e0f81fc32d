"""Tables whose columns name patients, in columns: each is the recording that the rows of the chosen one are."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from table_writings import START, WRITTEN, as_file, damaged, differences

from devices import instant
from devices.recordings.base import ChoiceNeeded, Overrides, Recording, RecordingError, read_recording, read_series
from devices.recordings.delimited import reader as delimited
from devices.recordings.delimited import row_groups
from devices.recordings.delimited import utf8 as table_bytes
from devices.recordings.delimited.columns import columns_of
from devices.recordings.options import Options
from devices.recordings.readings.in_columns import ColumnReadings
from devices.recordings.readings.lazy import LazyReadings

NAMES = [
    "A", "B", "P 1", "P 2", "M\u00fcller", "Zo\u00eb", "\u20ac 5", "1", "2", "17", "12345678", "123456789",
    "patient-0001", "patient-0002", "0001-patient", "aaaaaaaab", "baaaaaaaa", "a" * 60, "a" * 61, "x" * 253, "x" * 254,
]  # fmt: skip
KEYS = [f"{number * 0x9E3779B97F4A7C15 % (1 << 64):016x}" for number in range(1, 400)]
BAD = ["x", "ERR", "-1", "-3", "1,5", "1.5", "7 bpm", "1e2", "120/80", "", " 7 ", "\x01", "A", "Time"]


class Who:
    """The patients of one random table: what its columns say of them, and in which order their rows come."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        count = rng.choice([1, 1, 2, 2, 3, 7])
        self.names = rng.sample(NAMES[: rng.choice([10, len(NAMES)])], count)
        if rng.random() < 0.15:
            self.names[0] = ""
        if rng.random() < 0.1 and count > 1:
            self.names[1] = f"{self.names[0]} "
        self.columns = [rng.choice(["patient", "MRN", "subject_id", "Bed", "name", "id", "Encounter", "record"])]
        if rng.random() < 0.35:
            self.columns.append(rng.choice(["case", "stay_id", "ID", "file", "Nr", "room"]))
        rng.shuffle(self.columns)
        self._second = rng.choice(["case", "row", "key", "same", "row, once again"])
        self._first = rng.choice(["name"] * 8 + ["row", "key"])
        self._turns = rng.choice(["in turns", "in turns", "one after another", "at random", "seldom"])
        self._total = 0

    def order(self, samples: int) -> list[int]:
        """Of each sample whose it is."""
        rng, count = self._rng, len(self.names)
        if self._turns == "in turns":
            return [number % count for number in range(samples)]
        if self._turns == "one after another":
            return [number * count // samples for number in range(samples)]
        if self._turns == "seldom":
            return [rng.randrange(count) if rng.random() < 0.03 else 0 for _ in range(samples)]
        return [rng.randrange(count) for _ in range(samples)]

    def cells(self, who: int) -> list[str]:
        """What the columns say in the next row."""
        number = self._total = self._total + 1
        said = {
            "name": self.names[who], "case": f"{who}-{number // 50}", "row": str(number), "same": "study",
            "key": KEYS[number % len(KEYS)], "row, once again": str(number - number % 12 // 11),
        }  # fmt: skip
        return [said[self._first], said[self._second]][: len(self.columns)]


def value(rng: random.Random, style: str) -> str:
    real = rng.uniform(36, 125)
    written = {"whole": f"{real:.0f}", "tenths": f"{real:.1f}", "long": f"{real}"}[style]
    return rng.choice([written] * 14 + ["", "0", "-"])


def written(rng: random.Random, is_long: bool) -> tuple[bytes, dict[str, Any]]:
    """A table, and what may have to be said of it."""
    kind = rng.choice(["iso", "iso", "iso", "iso, naive", "elapsed", "seconds", "day first", *WRITTEN])
    say: dict[str, Any] = {}
    if any(word in kind for word in ("first", "short", "points")):
        say["date_order"] = "mdy" if "month" in kind else "dmy"
    if kind.startswith("unix"):
        say["mapping"] = Overrides(time_unit="unix" if kind == "unix" else "unix-ms")
    elif kind.startswith("seconds"):
        say["mapping"] = Overrides(time_unit="s")
    delimiter, end = rng.choice(",,;\t"), rng.choice(["\n", "\n", "\r\n"])
    comma = delimiter != "," and rng.random() < 0.3
    who = Who(rng)
    samples = rng.choice([1, 2, 5, 60, 150, 400]) // (3 if is_long else 1) + 1
    step = rng.choice([0, *[1] * 10, 5, 60, 3600])
    split = kind in ("day first", "iso, naive") and rng.random() < 0.4
    own_time = rng.random() < 0.3  # each one's times begin anew
    signals = rng.sample(
        ["HR", "ABP Sys", "NBP Sys", "NBP Dia", "Temp (\u00b0C)", "RR", "event", "kod"], rng.randint(1, 6)
    )
    signals = ["SpO2", *signals]
    # Of a long table, quantities.
    measured = [name for name in signals if name not in ("event", "kod")] + ["EtCO2", "Rhythm"][: rng.choice([0, 0, 2])]
    called = {"time": ["Date", "Clock"] if split else ["Time"], "who": who.columns[:1], "who 2": who.columns[1:]}
    called |= {"what": ["parameter"], "value": ["value"]} if is_long else {name: [name] for name in signals}
    if is_long and rng.random() < 0.3:
        called["kod"] = ["kod"]
    columns = list(called)
    if rng.random() < 0.7:
        rng.shuffle(columns)
    style, chance = rng.choice(["whole", "tenths", "long"]), rng.choice([0, 0, 0.05])
    lines = [[name for key in columns for name in called[key]]]
    passed = [0] * len(who.names)
    for number, whose in enumerate(who.order(samples)):
        passed[whose] += 1
        moment = START + timedelta(seconds=step * (passed[whose] if own_time else number))
        time = WRITTEN[kind](moment)
        time = time.replace(".", ",") if comma and kind.startswith("seconds") else time
        for name in measured if is_long else [""]:
            cells = {key: [value(rng, style)] for key in columns}
            cells |= {"time": time.split(" ") if split else [time], "what": [name]}
            said = who.cells(whose)
            cells |= {"who": said[:1], "who 2": said[1:]}
            cells["event"] = [rng.choice(["", "", "", "bolus"])]
            cells["kod"] = [rng.choice(["x", "x", "x", "y"]) if chance else f"K{whose}"]
            if name == "Rhythm":
                cells["value"] = ["sinus"]
            if comma:
                cells = {
                    key: [cell.replace(".", ",") if key != "time" else cell for cell in held]
                    for key, held in cells.items()
                }
            lines.append([cell for key in columns for cell in cells[key]])
    if rng.random() < 0.8:
        place = lines[0].index(rng.choice(who.columns))
        say["patient"] = rng.choice([*[rng.choice(lines[1:])[place].strip()] * 9, "nobody"])
    for text in rng.sample(BAD, rng.choice([0, 0, 1, 3])):
        row = rng.choice(lines[1:])
        row[rng.randrange(len(row))] = text
    return as_file(rng, lines, delimiter, end, 5), say


def asked_in_columns(path: Path, say: dict[str, Any]) -> bool:
    """Whether the columns ask for the patient, or refuse the one that is named, without looking at rows."""
    if "mapping" in say:
        return False
    try:
        columns_of(path, Options(patient=say.get("patient")))
    except RecordingError:
        return True
    return False


@pytest.mark.parametrize("part", range(4))
def test_any_table_of_patients_is_read_alike_by_columns_and_by_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    taken = asked = 0
    for seed in range(part * 60, part * 60 + 60):
        rng = random.Random(seed)
        path = tmp_path / f"{seed}.csv"
        data, say = written(rng, part % 2 == 0)
        path.write_bytes(data)
        monkeypatch.setattr(table_bytes, "_BLOCK", rng.choice([1, 30, 100, 1000, 5000, 1 << 19]))
        monkeypatch.setattr(row_groups, "_MOST", rng.choice([3, 1000, 4096, 4096, 4096]))
        try:
            taken += differences(path, say)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {data[:200]!r} {say}") from error
        asked += asked_in_columns(path, say)
    assert taken >= 12  # else this would be a comparison of rows with rows
    assert asked >= 4


@pytest.mark.parametrize("part", range(4))
def test_a_damaged_table_of_patients_is_read_or_refused_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    for seed in range(part * 40, part * 40 + 40):
        rng = random.Random(f"damaged {seed}")
        path = tmp_path / f"{seed}.csv"
        data, say = written(rng, part % 2 == 0)
        path.write_bytes(damaged(rng, data))
        monkeypatch.setattr(table_bytes, "_BLOCK", rng.choice([1, 30, 100, 1000, 1 << 19]))
        try:
            differences(path, say)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {say}") from error


@pytest.fixture
def in_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short tables are read in columns, too."""
    monkeypatch.setattr(delimited, "_LONG", 0)


def read(path: Path, text: str, **say: Any) -> Recording:
    """The table `text`, which must be read in columns."""
    path.write_text(text)
    recording = read_recording(path, **say)
    assert isinstance(recording.readings, LazyReadings)
    return recording


BEGIN = instant.parse("2026-03-01T09:00:00Z")
Said = list[tuple[int, int, str, float | None]]


def said(recording: Recording) -> Said:
    """Of each reading its second, its row, its signal and its value."""
    return [((r.time - BEGIN) // instant.SECOND, r.received, r.signal, r.value) for r in recording.readings]


WIDE = """\
MRN,Time,HR,ABP_SYS,event
A,2026-03-01T09:00:00Z,70,120,
B,2026-03-01T09:00:00Z,90,140,of B
A,2026-03-01T09:00:01Z,x,121,of A
B,2026-03-01T08:00:00Z,y,kPa,
B,2026-03-01T09:00:02Z,92,-,
A,2026-03-01T09:00:03Z,72,,
"""
"""B's times go back, and of B's cells some are no numbers: nobody who reads A is told."""


def test_of_two_patients_in_turns_the_chosen_ones_rows_are_read(tmp_path: Path, in_columns: None) -> None:
    """By hand."""
    found = read(tmp_path / "table.csv", WIDE, patient="A")
    assert type(found.readings) is ColumnReadings
    expected: Said = [
        (0, 0, "HR", 70), (0, 0, "ABP_SYS", 120), (1, 2, "ABP_SYS", 121), (3, 5, "HR", 72),
    ]  # fmt: skip
    assert said(found) == expected
    assert found.counts.sentence() == (
        "6 rows read, 3 used, 4 refused (1 cells that are no number, 3 of other patients)"
    )
    assert found.patients == ("A", "B")
    told = [(notice.kind, notice.received, notice.text) for notice in found.notices]
    assert told == [("device-event", 2, "of A"), ("value-refused", 2, "row 3, HR: 'x' is not a number")]
    series = {one.signal: one.present for one in read_series(tmp_path / "table.csv", patient="A").series}
    assert (series["HR"].place.tolist(), series["HR"].numbers.tolist()) == ([0, 5], [70, 72])
    assert (series["ABP_SYS"].place.tolist(), series["ABP_SYS"].numbers.tolist()) == ([0, 2], [120, 121])


LONG = """\
Time,name,value,patient
2026-03-01T09:00:00Z,HR,70,A
2026-03-01T09:00:00Z,HR,90,B
2026-03-01T09:00:00Z,RR,12,A
2026-03-01T09:00:00Z,RR,x,B
2026-03-01T09:00:00Z,EtCO2,35,A
2026-03-01T08:59:59Z,HR,91,B
2026-03-01T09:00:01Z,HR,71,A
"""


def test_of_a_long_table_the_chosen_ones_rows_of_one_time_are_one_sample(tmp_path: Path, in_columns: None) -> None:
    """By hand, though rows of another stand between them."""
    found = read(tmp_path / "table.csv", LONG, patient="A")
    expected: Said = [(0, 0, "HR", 70), (0, 0, "RR", 12), (1, 6, "HR", 71)]
    assert said(found) == expected
    assert found.counts.sentence() == "7 rows read, 3 used, 4 refused (3 of other patients, 1 of other quantities)"
    assert found.patients == ("A", "B")


@pytest.mark.parametrize("text", [WIDE, LONG])
def test_whose_rows_are_read_is_asked_before_any_is_judged(tmp_path: Path, text: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    with pytest.raises(ChoiceNeeded, match="holds 2 patients or cases: say --patient, one of A, B") as asked:
        columns_of(path, Options())
    assert (asked.value.option, list(asked.value.among)) == ("patient", ["A", "B"])
    with pytest.raises(RecordingError, match="holds no patient 'C': say --patient, one of A, B"):
        columns_of(path, Options(patient="C"))


def test_rows_that_name_nobody_are_asked_about_and_can_be_left_out(tmp_path: Path, in_columns: None) -> None:
    path, text = tmp_path / "table.csv", WIDE.replace("B,", ",").replace("of B", "")
    path.write_text(text)
    with pytest.raises(ChoiceNeeded, match="3 rows do not say whose they are: say --patient A to leave them out"):
        columns_of(path, Options())
    assert [r.value for r in read(path, text, patient="A").readings] == [70, 120, 121, 72]


def times(count: int) -> list[str]:
    return [f"2026-03-01T{9 + n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z" for n in range(count)]


@pytest.mark.parametrize("block", [100, 1 << 21])
def test_a_column_that_numbers_the_rows_names_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_columns: None, block: int
) -> None:
    """Numbers or the keys of a database; more of them than names are kept, where a block is long enough to see it."""
    monkeypatch.setattr(table_bytes, "_BLOCK", block)
    count = 6000 if block > 100 else 300
    path = tmp_path / "table.csv"
    for column in (
        [str(n) for n in range(count)],
        [f"{n * 0x9E3779B97F4A7C15 % (1 << 64):016x}" for n in range(count)],
    ):
        rows = zip(column, times(count), strict=True)
        text = "id,Time,HR\n" + "".join(f"{one},{time},{70 + n % 9}\n" for n, (one, time) in enumerate(rows))
        found = read(path, text)
        assert [r.value for r in found.readings] == [70 + n % 9 for n in range(count)]
        assert (found.patients, found.counts.rows) == ((), count)
        assert next((one.name, one.note) for one in found.mapping) == ("id", "it numbers the rows")
        with pytest.raises(RecordingError, match="does not say whose values these are: leave --patient out"):
            read_recording(path, patient="1")
        assert differences(path, {})


@pytest.mark.parametrize("block", [10_000, 1 << 21])
def test_a_number_that_comes_again_late_numbers_no_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    """Two thousand numbers of which each comes four times: they are patients, though not by the first of them."""
    monkeypatch.setattr(table_bytes, "_BLOCK", block)
    path = tmp_path / "table.csv"
    rows = "".join(f"{n % 2000},{time},70\n" for n, time in enumerate(times(8000)))
    path.write_text("id,Time,HR\n" + rows)
    assert differences(path, {"patient": "7"}) is (block > 10_000)
    assert len(read_recording(path, patient="7").readings) == 4


def test_a_table_of_one_patient_is_gone_through_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []
    blocks = table_bytes.TableBytes.blocks
    monkeypatch.setattr(
        table_bytes.TableBytes, "blocks", lambda source, *where: (begun.append(where), blocks(source, *where))[1]
    )
    path = tmp_path / "table.csv"
    for text, patient, often in ((WIDE.replace("B,", "A,"), None, 0), (WIDE, "A", 3), (LONG, "B", 3), (LONG, "A", 3)):
        path.write_text(text)
        columns_of(path, Options(patient=patient))
        assert len(begun) == (often or 1)
        begun.clear()


@pytest.mark.parametrize(
    ("one", "other"),
    [("a" * 60, "a" * 61), ("patient-0001", "patient-0002"), ("0001-patient", "0002-patient"),
     ("12345678", "123456789"), ("Zo\u00eb", "Zoe"), ("1", "01"), ("x" * 253, "y" + "x" * 252)],
)  # fmt: skip
@pytest.mark.parametrize("text", [WIDE, LONG])
def test_names_that_are_alike_are_never_taken_for_one(
    tmp_path: Path, in_columns: None, one: str, other: str, text: str
) -> None:
    path, comma = tmp_path / "table.csv", text is WIDE
    for name, held in (("A", one), ("B", other)):
        text = text.replace(f"\n{name},", f"\n{held},") if comma else text.replace(f",{name}\n", f",{held}\n")
    rates = [r.value for r in read(path, text, patient=one).readings if r.signal == "HR"]
    assert rates == ([70, 72] if comma else [70, 71])


def test_names_that_nothing_tells_apart_quickly_are_left_to_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "table.csv"
    one, other = "12345678ABCDEFGH", "ABCDEFGH12345678"  # the sum of the words of both is the same
    path.write_text(two_in_turns("Time,patient,HR", one, other))
    assert differences(path, {"patient": one})
    monkeypatch.setattr(row_groups, "_mixer", lambda place, number: row_groups.np.uint64(1))
    assert not differences(path, {"patient": one})
    assert [r.value for r in read_recording(path, patient=one).readings] == [70] * 10


def two_in_turns(head: str, one: str, other: str) -> str:
    rows = zip(times(20), (one, other) * 10, (70, 90) * 10, strict=True)
    return f"{head}\n" + "".join(f"{time},{who},{rate}\n" for time, who, rate in rows)


def test_a_name_with_a_space_behind_it_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(two_in_turns("Time,patient,HR", "A", "A "))
    assert differences(path, {})
    recording = read_recording(path)
    assert (recording.patients, len(recording.readings)) == (("A",), 20)


@pytest.mark.parametrize(
    ("more", "rates", "is_taken"),
    [
        ("A,2026-03-01T09:00:04Z,1", [70, 72], False),  # it may be left of 100
        ("A,2026-03-01T09:00:04Z,75", [70, 72, 75], True),
        ("B,2026-03-01T09:00:04Z,1", [70, 72], True),
        ("A,2026-03-01T09:00:04Z,75\nB", [70, 72, 75], True),
        ("MRN,Time,HR\nA,2026-03-01T09:00:04Z,75\n", [70, 72, 75], False),  # the logger was restarted
        (",,\nA,2026-03-01T09:00:04Z,75\n", [70, 72, 75], True),  # an empty row is none
        ("B,x,75\nA,2026-03-01T09:00:04Z,75\n", [70, 72, 75], False),  # what has no time may be a header
        ("B,9,75\nA,2026-03-01T09:00:04Z,75\n", [70, 72, 75], True),
        ("A,9,75\n", [70, 72], False),
        ('B,2026-03-01T09:00:04Z,"7\n', [70, 72], True),
    ],
)
def test_the_rows_of_others_are_looked_at_as_far_as_they_count(
    tmp_path: Path, in_columns: None, more: str, rates: list[float], is_taken: bool
) -> None:
    path = tmp_path / "table.csv"
    lines = ["MRN,Time,HR"] + [line.rsplit(",", 2)[0] for line in WIDE.replace(",x,", ",,").splitlines()[1:]]
    path.write_text("\n".join(lines) + f"\n{more}")
    recording = read_recording(path, patient="A")
    assert [r.value for r in recording.readings] == rates
    assert differences(path, {"patient": "A"}) is is_taken


def test_the_name_in_a_last_row_without_an_end_is_taken_as_it_stands(tmp_path: Path, in_columns: None) -> None:
    path = tmp_path / "table.csv"
    lines = [f"{time},{rate},A7" for time, rate in zip(times(3), (70, 71, 72), strict=True)]
    found = read(path, "\n".join(["Time,HR,patient", *lines]))
    assert (found.patients, [r.value for r in found.readings]) == (("A7",), [70, 71, 72])
    path.write_text("\n".join(["Time,HR,patient", *lines])[:-1])
    with pytest.raises(ChoiceNeeded, match="one of A, A7"):
        columns_of(path, Options())


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        ("xyxyxyxyxyxyxyxyxyxy", []),  # it changes with the bed
        ("xyxyxyxyxyzyzyzyzyzy", [2]),
        ("xyxyxyxyxy\x01y\x01yzyzyzy", [2]),  # a control character is nothing
        ("xyxyxyxyxywywywyzyzy", [3]),
    ],
)
def test_of_a_column_that_changes_within_the_chosen_rows_is_told(
    tmp_path: Path, in_columns: None, codes: str, told: list[int]
) -> None:
    rows = zip(times(20), "AB" * 10, codes, strict=True)
    text = "Time,Bed,kod,HR\n" + "".join(f"{time},{bed},{code},70\n" for time, bed, code in rows)
    for bed, expected in (("A", told), ("B", [])):
        notices = read(tmp_path / "table.csv", text, patient=bed).notices
        cells = [
            re.findall(r"'kod' \((\d+) different", each.text) for each in notices if each.kind == "patient-assumed"
        ]
        assert cells == [[str(count)] for count in expected]
        assert differences(tmp_path / "table.csv", {"patient": bed})


@pytest.mark.parametrize("row", ["2026-03-01T09:0,:04Z,C,75", ",,,C,75"])
def test_a_mark_in_anothers_time_makes_the_row_longer(tmp_path: Path, row: str) -> None:
    """It is refused, and names nobody."""
    path = tmp_path / "table.csv"
    path.write_text(two_in_turns("Time,patient,HR", "A", "B") + f"{row}\n")
    assert differences(path, {"patient": "A"})
    with pytest.raises(ChoiceNeeded, match="one of A, B"):
        columns_of(path, Options())
    with pytest.raises(ChoiceNeeded, match="holds 2 patients or cases: say --patient, one of A, B"):
        read_recording(path)
    assert len(read_recording(path, patient="A").readings) == 10
