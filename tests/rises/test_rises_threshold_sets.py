"""Threshold sets: the six presets, files, and what clinical definition 3.10 refuses."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rise_sessions import cuff_levels

from dashboard.errors import ThresholdError
from dashboard.rises.threshold_files import PRESETS, load, named, preset, preset_text
from dashboard.rises.thresholds import ThresholdSet, load_thresholds, threshold_set

Levels = dict[str, dict[int, tuple[float | None, float | None, float | None, int]]]

# absolute, rise, per cent, n_on: clinical definition 3.8 and 3.9
ADULT_L3 = {"SBP": (180, None, None, 1), "DBP": (110, None, None, 1), "HR": (130, None, None, 3)}
TABLES: dict[str, Levels] = {
    "adult-iv": {
        "SBP": {1: (None, 20, None, 2), 2: (165, 40, None, 2), 3: ADULT_L3["SBP"]},
        "DBP": {1: (None, 15, None, 2), 2: (100, 25, None, 2), 3: ADULT_L3["DBP"]},
        "HR": {1: (None, 20, None, 12), 2: (110, 30, None, 6), 3: ADULT_L3["HR"]},
    },
    "cardiac-risk": {
        "SBP": {1: (None, 20, 15, 1), 2: (150, 30, None, 1), 3: (160, None, None, 1)},
        "DBP": {1: (None, 10, None, 1), 2: (90, 15, None, 1), 3: (100, None, None, 1)},
        "HR": {1: (None, 15, None, 6), 2: (100, 25, None, 3), 3: (120, None, None, 3)},
    },
    "trial-limits": {
        "SBP": {2: (181, None, None, 1)},
        "DBP": {2: (101, None, None, 1)},
        "HR": {2: (111, None, None, 12)},
    },
    "clinic-165-100": {
        "SBP": {2: (165, None, None, 1), 3: (180, None, None, 1)},
        "DBP": {2: (100, None, None, 1), 3: (110, None, None, 1)},
        "HR": {},
    },
    "esketamine-nasal": {
        "SBP": {1: (None, 20, None, 1), 2: (None, 40, None, 1), 3: ADULT_L3["SBP"]},
        "DBP": {1: (None, 15, None, 1), 2: (None, 25, None, 1), 3: ADULT_L3["DBP"]},
        "HR": {1: (None, 20, None, 12), 2: (110, None, None, 6), 3: ADULT_L3["HR"]},
    },
    "pain-infusion": {
        "SBP": {1: (None, 20, None, 2), 2: (160, 30, None, 1), 3: ADULT_L3["SBP"]},
        "DBP": {1: (None, 15, None, 2), 2: (100, 25, None, 1), 3: ADULT_L3["DBP"]},
        "HR": {1: (None, 20, None, 12), 2: (110, None, None, 6), 3: ADULT_L3["HR"]},
    },
}
TIMES = {  # cycle or due times, max_gap, x_off, n_off of the cuff
    "adult-iv": (5, 12, 90, 2),
    "cardiac-risk": (3, 8, 60, 2),
    "trial-limits": (10, 22, 90, 2),
    "clinic-165-100": (10, 22, 90, 2),
    "esketamine-nasal": ((0, 40, 60, 90, 120), 45, 240, 1),
    "pain-infusion": (15, 32, 60, 2),
}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_holds_the_numbers_of_the_definition(name: str) -> None:
    thresholds = preset(name)
    found = {
        signal: {
            each.level: (each.absolute, each.rise, each.rise_percent, each.n_on)
            for each in thresholds.levels_of(signal)
        }
        for signal in ("SBP", "DBP", "HR")
    }
    assert found == TABLES[name]
    cadence = thresholds.due_min if thresholds.due_min is not None else thresholds.cycle_min
    assert (cadence, thresholds.max_gap_min, thresholds.x_off_min, thresholds.n_off_of("SBP")) == TIMES[name]
    assert thresholds.n_off_of("DBP") == thresholds.n_off_of("SBP") and thresholds.n_off_of("HR") == 12
    assert [thresholds.hysteresis_of(signal) for signal in ("SBP", "DBP", "HR")] == [10, 5, 10]
    assert thresholds.combine == "any" and thresholds.name == name


@pytest.mark.parametrize("name", PRESETS)
def test_every_number_of_a_preset_names_its_source(name: str) -> None:
    for block in preset_text(name).split("[[level]]")[1:]:
        assert block.startswith("  # ")


def test_low_limits_are_those_of_the_definition_unless_switched_off() -> None:
    found = {(each.signal, each.priority.value): (each.limit, each.n_on, each.hysteresis, each.n_off)
             for each in preset("adult-iv").low}  # fmt: skip
    assert found == {
        ("SBP", "medium"): (90, 1, 5, 1), ("SBP", "high"): (80, 1, 5, 1),
        ("HR", "medium"): (50, 6, 5, 6), ("HR", "high"): (40, 6, 5, 6),
        ("SPO2", "medium"): (90, 3, 2, 3), ("SPO2", "high"): (85, 3, 2, 3),
    }  # fmt: skip
    off = 'low = []\nlow_off = {SBP = "arterial line", HR = "paced", SPO2 = "no oximeter"}\nx_off'
    switched = load_thresholds(preset_text("adult-iv").replace("x_off", off, 1))
    assert switched.low == () and switched.low_off["HR"] == "paced"
    assert load_thresholds(switched.to_toml()) == switched
    assert switched.hash != preset("adult-iv").hash


REFUSED = [
    # what is changed in adult-iv, into what, and what the sentence must name
    ("max_gap_min = 12", "max_gap_min = 9.9", ["max_gap_min", "9.9", "10"]),
    ("SBP = 10", "SBP = 20", ["hysteresis", "SBP", "20"]),
    ("SBP = 10", "SBP = 0", ["hysteresis", "SBP", "0"]),
    ("SBP = 10", "SBP = -1", ["hysteresis", "SBP", "-1"]),
    ("n_on = 2", "n_on = 0", ["n_on", "SBP", "at least 1"]),
    ("n_on = 2", "n_on = 1.5", ["n_on", "whole number"]),
    ("n_on = 2", 'n_on = "2"', ["n_on", "whole number"]),
    ("SBP = 2", "SBP = 0", ["n_off", "SBP", "at least 1"]),
    ("absolute = 165", "absolute = 59.9", ["absolute", "59.9", "60 to 260"]),
    ("absolute = 165", "absolute = 260.1", ["absolute", "260.1", "60 to 260"]),
    ("absolute = 100", "absolute = 39.9", ["39.9", "40 to 160"]),
    ("absolute = 100", "absolute = 160.1", ["160.1", "40 to 160"]),
    ("absolute = 130", "absolute = 39", ["39", "40 to 220"]),
    ("absolute = 130", "absolute = 221", ["221", "40 to 220"]),
    ("absolute = 165", 'absolute = "165"', ["absolute", "number"]),
    ("absolute = 165", "absolute = nan", ["absolute", "number"]),
    ("absolute = 165", "absolute = inf", ["absolute", "number"]),
    ("absolute = 165", "absolute = true", ["absolute", "number"]),
    ("rise = 20", "rise = -20", ["rise", "-20"]),
    ("rise = 20", "rise_percent = 0", ["rise_percent", "0"]),
    ("rise = 20", "rize = 20", ["rize", "not a key"]),
    ("rise = 20\n", "\n", ["never fire"]),
    ("level = 2", "level = 4", ["level", "4", "3"]),
    ("level = 2", "level = 1", ["level 1 of SBP", "twice"]),
    ('signal = "SBP"', 'signal = "MAP"', ["signal", "MAP"]),
    ('combine = "any"', 'combine = "some"', ["combine", "some"]),
    ('combine = "any"', 'combined = "any"', ["combined", "not a key"]),
    ("cycle_min = 5", "", ["cycle_min", "due_min"]),
    ("cycle_min = 5", "cycle_min = 5\ndue_min = [0, 5]", ["cycle_min", "due_min"]),
    ("cycle_min = 5", "cycle_min = 0", ["cycle_min", "0"]),
    ("cycle_min = 5", "due_min = [0, 40, 30]", ["due_min", "later"]),
    ("cycle_min = 5", "due_min = [0, 40]", ["max_gap_min", "80"]),
    ("x_off_min = 90", "x_off_min = -1", ["x_off_min", "-1"]),
    ("x_off_min = 90", "", ["x_off_min", "missing"]),
    ("[hysteresis]", "[hysteresis", ["TOML"]),
    ("rise = 20", "rise = 201", ["level 1 of SBP", "rise", "201", "200"]),
    ("rise = 15", "rise_percent = 301", ["level 1 of DBP", "rise_percent", "301", "300"]),
    ("combine", "low = []\ncombine", ["SBP", "low_off"]),
    ("combine", 'low_off = {HR = "paced"}\ncombine', ["low_off of HR", "paced", "remove"]),
    ("combine", 'low_off = {HR = " "}\ncombine', ["low_off of HR", "empty"]),
    ("combine", "low_off = {HR = 1}\ncombine", ["low_off of HR", "1", "text"]),
    ("combine", 'low_off = "all"\ncombine', ["low_off", "table"]),
    ("combine", "low = [3]\ncombine", ["low entry 1", "3", "table"]),
    ('name = "adult-iv"', 'name = "  "', ["name", "empty"]),
    ('name = "adult-iv"', f'name = "{81 * "n"}"', ["name", "80 characters"]),
    ("max_gap_min = 12", f"max_gap_min = 1{400 * '0'}", ["max_gap_min", "number"]),
    ("cycle_min = 5", "due_min = [0, nan]", ["due_min entry 2", "nan", "number"]),
    ("cycle_min = 5", "due_min = 40", ["due_min", "40", "list"]),
    ("cycle_min = 5", "due_min = [0, 6]", ["n_on 2 of SBP level 1", "1"]),
    (
        "[[level]]",
        '[[low]]\nsignal = "SBP"\npriority = "high"\nlimit = 260\nn_on = 1\nhysteresis = 11\nn_off = 1\n[[level]]',
        ["260", "11", "270"],
    ),
]


def test_a_limit_that_nothing_valid_could_end_is_refused() -> None:
    text = preset_text("clinic-165-100")  # SBP 165 and 180, DBP 100 and 110; valid from 40 and 20 mmHg
    assert load_thresholds(text.replace("SBP = 10", "SBP = 125")).hysteresis_of("SBP") == 125
    for old, new, said in (
        ("SBP = 10", "SBP = 126", ("SBP", "126", "125", "level 2")),
        ("DBP = 5", "DBP = 81", ("80",)),
    ):
        with pytest.raises(ThresholdError) as refusal:
            load_thresholds(text.replace(old, new))
        assert all(each in str(refusal.value) for each in said)


@pytest.mark.parametrize(("old", "new", "said"), REFUSED)
def test_what_could_never_work_is_refused_in_one_sentence(old: str, new: str, said: list[str]) -> None:
    text = preset_text("adult-iv")
    assert old in text
    with pytest.raises(ThresholdError) as refusal:
        load_thresholds(text.replace(old, new, 1), "site.toml")
    sentence = str(refusal.value)
    assert sentence.startswith("site.toml") and "\n" not in sentence
    for part in said:
        assert part in sentence


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("max_gap_min = 12", "max_gap_min = 10"),
        ("SBP = 10", "SBP = 19.9"),
        ("absolute = 165", "absolute = 260"),
        ("absolute = 165", "absolute = 60"),
        ("x_off_min = 90", "x_off_min = 0"),
    ],
)
def test_bounds_themselves_are_allowed(old: str, new: str) -> None:
    load_thresholds(preset_text("adult-iv").replace(old, new, 1))


def test_a_short_gap_is_allowed_where_no_cuff_run_is_longer_than_one() -> None:
    cuff_levels([{"signal": "SBP", "level": 1, "rise": 20}], max_gap_min=1)
    with pytest.raises(ThresholdError):
        cuff_levels([{"signal": "SBP", "level": 1, "rise": 20}], max_gap_min=9, n_off={"SBP": 2})
    # The heart rate's runs are bridged by epochs, not by the cuff's gap.
    cuff_levels([{"signal": "HR", "level": 1, "rise": 20, "n_on": 12}], max_gap_min=1, n_off={"HR": 12})


@pytest.mark.parametrize("name", PRESETS)
def test_written_and_read_again_a_set_is_the_same(name: str) -> None:
    thresholds = preset(name)
    again = load_thresholds(thresholds.to_toml())
    assert again.hash == thresholds.hash and again.canonical == thresholds.canonical
    assert again.to_toml() == thresholds.to_toml()


def test_the_hash_depends_on_every_number_and_on_nothing_else() -> None:
    plain = preset("adult-iv")
    text = preset_text("adult-iv")
    assert load_thresholds(text.replace("= 12 ", "= 12.0 ").replace("#", "# other words")).hash == plain.hash
    for old, new in (
        ("= 165", "= 166"),
        ("n_on = 12", "n_on = 13"),
        ("SBP = 2", "SBP = 3"),
        ("x_off_min = 90", "x_off_min = 91"),
    ):
        assert load_thresholds(text.replace(old, new, 1)).hash != plain.hash


@given(name=st.text(min_size=1, max_size=30).filter(str.strip), limit=st.floats(60, 260), percent=st.floats(0.5, 90))
def test_any_name_and_number_survives_writing(name: str, limit: float, percent: float) -> None:
    made = threshold_set(
        {
            "name": name,
            "cycle_min": 2.5,
            "max_gap_min": 6,
            "x_off_min": 60,
            "level": [{"signal": "SBP", "level": 1, "n_on": 2, "absolute": limit, "rise_percent": percent}],
        }
    )
    assert load_thresholds(made.to_toml()).hash == made.hash
    assert tomllib.loads(made.to_toml())["name"] == made.name


def test_a_set_cannot_be_changed() -> None:
    with pytest.raises(AttributeError, match="cannot assign"):
        preset("adult-iv").max_gap_min = 5  # type: ignore[misc]


def test_a_file_without_a_name_is_called_as_the_file(tmp_path: Path) -> None:
    path = tmp_path / "ward-7.toml"
    path.write_text(preset_text("adult-iv").replace('name = "adult-iv"', ""), encoding="utf-8")
    assert load(path).name == "ward-7"
    assert isinstance(named(str(path)), ThresholdSet)


def test_neither_a_preset_nor_a_file(tmp_path: Path) -> None:
    with pytest.raises(ThresholdError, match="neither a preset"):
        named("adult")
    with pytest.raises(ThresholdError, match="cannot read"):
        named(str(tmp_path))
    (tmp_path / "latin.toml").write_bytes(b'name = "\xe9"')
    with pytest.raises(ThresholdError, match="UTF-8"):
        named(str(tmp_path / "latin.toml"))
