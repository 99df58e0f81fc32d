"""Thresholds change only into a new version, with author and reason, and only into something that could fire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.errors import ThresholdError
from dashboard.rises.threshold_diff import Difference, differences
from dashboard.rises.threshold_files import PRESETS, preset
from dashboard.rises.threshold_words import difference_rows, rows
from dashboard.sessions.events import EventKind
from dashboard.store import acts, queries, writes
from dashboard.views.threshold_form import back_rows, level_rows, low_rows, set_from
from devices.instant import MINUTE, SECOND
from devices.reading import Reading, Status


def form(base, **changes):
    values = {
        "name": base.name,
        "title": base.title,
        "cycle_min": base.cycle_min,
        "due_min": ", ".join(f"{each:g}" for each in base.due_min or ()),
        "max_gap_min": base.max_gap_min,
        "x_off_min": base.x_off_min,
        "combine": base.combine.value,
        "pre_dose": dict(base.pre_dose),
        "levels": level_rows(base),
        "low": low_rows(base),
        "low_off": "",
        "back": back_rows(base),
    }
    return set_from(**{**values, **changes})


@pytest.mark.parametrize("name", PRESETS)
def test_a_form_that_nobody_touched_is_the_set_it_began_with(name):
    assert form(preset(name)).hash == preset(name).hash


@pytest.mark.parametrize("name", PRESETS)
def test_a_table_gives_whole_numbers_back_as_floats_and_empty_cells_as_nan(name):
    base = preset(name)
    empty = float("nan")
    levels = [{key: empty if value is None else value for key, value in row.items()} for row in level_rows(base)]
    levels = [{**row, "n_on": float(row["n_on"]), "level": float(row["level"])} for row in levels]
    assert form(base, levels=[*levels, dict.fromkeys(levels[0], None)]).hash == base.hash


def test_what_differs_is_said_and_nothing_else():
    base = preset("adult-iv")
    levels = [
        {**row, "absolute": 170.0} if (row["signal"], row["level"]) == ("SBP", 2) else row for row in level_rows(base)
    ]
    found = differences(base, form(base, levels=levels))
    assert found == [Difference("level 2 of SBP: absolute", 165, 170)]
    assert difference_rows(found, "v1", "v2") == [{"": "level 2 of SBP: absolute", "v1": "165", "v2": "170"}]
    without = form(base, low=[each for each in low_rows(base) if each["signal"] != "SPO2"], low_off="no oximeter")
    assert differences(base, without)[-1] == Difference("low_off of SPO2", None, "no oximeter")
    assert rows(without)["Low SPO2"] == "switched off: no oximeter"
    assert differences(base, base) == []


@given(st.sampled_from(PRESETS), st.sampled_from(PRESETS))
def test_two_sets_are_said_to_be_equal_only_if_they_are(first, second):
    one, other = preset(first), preset(second)
    assert (differences(one, other) == []) == (one.hash == other.hash)
    turned = differences(other, one)
    assert [(each.field, each.new, each.old) for each in turned] == [
        (each.field, each.old, each.new) for each in differences(one, other)
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"max_gap_min": 9.0}, "twice the cuff's longest interval"),
        ({"levels": []}, "can never fire"),
        ({"low": []}, "low_off does not say why"),
        ({"cycle_min": None}, "cycle_min or due_min"),
        ({"due_min": "0, x"}, "not a number of minutes"),
        ({"name": " "}, "name"),
        ({"max_gap_min": None}, "max_gap_min is missing"),
    ],
)
def test_what_could_never_work_is_refused_with_its_reason(changes, sentence):
    with pytest.raises(ThresholdError, match=sentence):
        form(preset("adult-iv"), **changes)


def versions(clinic, name="adult-iv"):
    with clinic.store.reading() as connection:
        return [each for each in queries.threshold_versions(connection) if each.name == name]


def test_the_page_saves_a_new_version_with_author_and_reason(pages, clinic):
    at = pages.named("Dr. Ruiz").open("thresholds")
    (base,) = versions(clinic)
    at.number_input(f"edit_{base.id}_xoff").set_value(60.0)
    at.text_input(f"edit_{base.id}_reason").set_value("local protocol 4")
    at.run()
    at.button("save_thresholds").click().run()
    assert not at.error
    new, old = versions(clinic)
    assert (new.version, new.author, new.reason) == (2, "Dr. Ruiz", "local protocol 4")
    assert acts.thresholds_of(new).x_off_min == 60
    assert old == base
    assert "adult-iv, version 2" in pages.text()


def test_the_page_refuses_a_version_without_reason_or_without_difference(pages, clinic):
    at = pages.named().open("thresholds")
    (base,) = versions(clinic)
    at.button("save_thresholds").click().run()
    assert [each.value for each in at.error] == ["A new version needs its author and the reason for the change"]
    at.text_input(f"edit_{base.id}_reason").set_value("because")
    at.button("save_thresholds").click().run()
    assert [each.value for each in at.error] == ["Nothing differs from version 1 of adult-iv"]
    assert len(versions(clinic)) == 1


def test_the_page_says_at_once_what_could_never_fire(pages, clinic):
    at = pages.named().open("thresholds")
    (base,) = versions(clinic)
    at.number_input(f"edit_{base.id}_gap").set_value(6.0).run()
    assert "twice the cuff's longest interval" in at.error[0].value
    assert "save_thresholds" not in [each.key for each in at.button]


def test_without_a_name_versions_are_shown_but_not_made(pages):
    at = pages.open("thresholds")
    assert "save_thresholds" not in [each.key for each in at.button]
    assert "shipped preset" in pages.text()


def test_a_version_changed_behind_the_programs_back_is_refused(pages, clinic):
    with clinic.store.writing() as connection:
        connection.exec_driver_sql("UPDATE threshold_version SET body = replace(body, '180', '190')")
    at = pages.named().open("thresholds")
    assert "do not match their hash" in at.error[0].value


def test_before_saving_the_page_shows_what_would_have_been_flagged(pages, clinic):
    at = pages.named().open("thresholds")
    at.toggle("whatif").set_value(True).run()
    assert "There is no finished session with an infusion yet." in pages.text()
    finished_session(clinic)
    (base,) = versions(clinic)
    at.number_input(f"edit_{base.id}_xoff").set_value(20.0).run()
    assert not at.exception and not at.error
    assert "1 sessions, 1.7 h watched" in pages.text()
    table = next(each.value for each in at.dataframe if "per hour" in each.value.columns)
    whole = table[table["level"] == "all"].to_dict("records")
    assert [row["set"] for row in whole] == ["adult-iv, version 1", "as edited"]
    assert [row["flags"] for row in whole] == ["2", "2"] and whole[1]["same"] == "2"
    assert whole[0]["transient"] == "100 %" and whole[1]["transient"] == "50 %"
    other = next(each for each in stored_versions(clinic) if each.name == "clinic-165-100")
    at.multiselect("whatif_versions").set_value([other]).run()
    table = next(each.value for each in at.dataframe if "per hour" in each.value.columns)
    (row,) = table[(table["set"] == "clinic-165-100, version 1") & (table["level"] == "all")].to_dict("records")
    assert (row["flags"], row["vanish"], row["moved"]) == ("1", "1", "1")
    at.multiselect("whatif_versions").set_value([]).run()
    at.selectbox("whatif_limit").set_value(0).run()
    at.slider("whatif_slide_SBP1rise").set_value(50.0).run()
    assert not at.exception and not at.error
    table = next(each.value for each in at.dataframe if "per hour" in each.value.columns)
    moved = table[table["level"] == "1"].to_dict("records")[2]
    assert (moved["set"], moved["flags"], moved["vanish"]) == ("SBP level 1 rise 50", "0", "1")
    assert len(versions(clinic)) == 1  # nothing was saved


def stored_versions(clinic):
    with clinic.store.reading() as connection:
        return queries.threshold_versions(connection)


def finished_session(clinic, day=0):
    """Systolic 120, 160 in the infusion's second half, 138 until minute 70; ended after 100 minutes."""
    t0 = (1_772_359_200 + day * 86_400) * SECOND

    def time(minute):
        return t0 + minute * MINUTE

    with clinic.store.reading() as connection:
        bed = queries.beds(connection)[1]
        version = queries.latest_threshold_version(connection, "adult-iv")
    session = acts.start_session(
        clinic.store, bed.id, patient="A. B.", identifier="x", threshold_version_id=version.id, author="Ada",
        now=time(-30), bed_now=time(-30),
    )  # fmt: skip
    steps = ((EventKind.INFUSION_START, 0), (EventKind.INFUSION_STOP, 40), (EventKind.SESSION_END, 100))
    for kind, minute in steps:
        acts.record_event(
            clinic.store, session, kind, time=time(minute), author="Ada", now=time(minute), bed_now=time(minute)
        )
    readings = []
    for minute in range(-20, 100, 5):
        sys = 165.0 if 20 <= minute < 40 else 138.0 if 40 <= minute < 70 else 120.0
        for signal, value in (("NIBP_SYS", sys), ("NIBP_DIA", 76.0)):
            readings.append(Reading(time(minute), time(minute), signal, value, "mmHg", Status.OK, f"line:{signal}"))
    with clinic.store.writing() as connection:
        writes.ReadingWriter().write(connection, [(bed.id, each) for each in readings])
