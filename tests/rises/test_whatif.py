"""What-if: the worked example judged by hand, packed sessions to the bit, matching as it is defined."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple
from rise_sessions import EXAMPLE_A, T0, at, cuffs
from ticklish_series import ticklish

from dashboard.rises import arrays, batch, columns
from dashboard.rises.matching import Span, match
from dashboard.rises.prepare import prepare
from dashboard.rises.threshold_files import preset
from dashboard.rises.timeline import Timeline
from dashboard.rises.whatif import Finished, ask
from dashboard.rises.whatif_written import as_json, difference_rows, rows


def example(label: str = "A") -> Finished:
    timeline = Timeline(T0, at(40), None, at(100))
    return Finished(label, columns.reduce(arrays.recording(prepare(cuffs(EXAMPLE_A))), timeline))


def test_the_worked_example_by_two_presets() -> None:
    found = ask([example()], [preset("adult-iv"), preset("clinic-165-100")])
    before, after = found.outlooks
    # Clinical definition 3.12: five rises by the one, three by the other, each known to the minute.
    assert found.hours == pytest.approx(100 / 60)
    assert [each.flags for each in (*before.counts, before.total)] == [2, 2, 1, 5]
    assert [each.flags for each in (*after.counts, after.total)] == [0, 2, 1, 3]
    assert before.total.per_hour == pytest.approx(3.0) and before.total.per_session == 5
    assert before.total.by_signal == {"SBP": 3, "DBP": 2, "HR": 0}
    assert (before.total.transient, before.total.confirm_s, before.total.first_min) == (1.0, 300.0, 27.0)
    assert (after.total.confirm_s, after.total.first_min) == (0.0, 35.0)
    assert (after.counts[0].transient, after.counts[0].confirm_s, after.counts[0].sessions) == (None, None, 0)
    said = [(row["signal"], row["level"], row["what"], row["onset before"], row["onset now"])
            for row in difference_rows(after)]  # fmt: skip
    assert sorted(said) == [
        ("DBP", "1", "vanishes", "+20.0", "-"),
        ("DBP", "2", "moved", "+35.0", "+35.0"),
        ("SBP", "1", "vanishes", "+20.0", "-"),
        ("SBP", "2", "moved", "+30.0", "+35.0"),
    ]
    assert after.same == 1


def test_json_and_table_say_the_same() -> None:
    found = ask([example(), example("B")], [preset("adult-iv"), preset("clinic-165-100")])
    written, table = as_json(found), rows(found)
    assert written["sessions"] == 2
    assert [str(each["all"]["flags"]) for each in written["sets"]] == [
        row["flags"] for row in table if row["level"] == "all"
    ]
    compared = written["sets"][1]["compared"]
    assert (compared["same"], compared["appears"], compared["vanishes"], compared["moved"]) == (2, 0, 4, 4)
    moved = next(each for each in compared["differences"] if each["kind"] == "moved" and each["signal"] == "SBP")
    assert (
        moved["before"]["onset"] == "2026-03-01T10:30:00.000Z"
        and moved["after"]["return"] == "2026-03-01T11:00:00.000Z"
    )
    (last,) = [row for row in table if row["set"].startswith("clinic") and row["level"] == "all"]
    assert (last["same"], last["appear"], last["vanish"], last["moved"]) == ("2", "0", "4", "4")


def test_a_set_against_itself_changes_nothing_and_against_its_mirror_turns_round() -> None:
    sessions = []
    for seed in range(30):
        series = ticklish(seed)
        sessions.append(Finished(str(seed), columns.reduce(series.recording(), series.timeline, series.manual)))
    one, other = preset("adult-iv"), preset("cardiac-risk")
    assert ask(sessions, [one, one]).outlooks[1].differences == ()
    there, back = ask(sessions, [one, other]).outlooks[1], ask(sessions, [other, one]).outlooks[1]
    assert there.differing("appears") == back.differing("vanishes") > 20
    assert there.differing("moved") == back.differing("moved")
    assert there.same == back.same


def test_packed_columns_come_back_to_the_bit_and_judge_alike() -> None:
    for seed in range(30):
        series = ticklish(seed)
        given_ = columns.reduce(series.recording(), series.timeline, series.manual)
        packed = columns.pack(given_)
        back = columns.unpack(packed)
        assert back is not None
        for ours, theirs in zip(astuple(given_), astuple(back), strict=True):
            if isinstance(ours, np.ndarray):
                assert ours.tobytes() == theirs.tobytes()
            else:
                assert ours == theirs
        judged = batch.judge(series.recording(), series.timeline, series.thresholds, series.manual)
        assert batch.rises(back, [series.thresholds]) == [judged.rises]
        assert batch.judge_columns(back, series.thresholds) == judged


def test_bytes_of_another_form_are_made_anew() -> None:
    packed = columns.pack(example().columns)
    assert columns.unpack(b"\xff\xff" + packed[2:]) is None
    assert columns.unpack(b"") is None


def test_a_short_series_and_a_long_one_are_searched_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(60):
        series = ticklish(seed, short=seed % 2 == 0)
        found = []
        for short in (0, 10**9):
            monkeypatch.setattr("dashboard.rises.runs.SHORT", short)
            found.append(batch.judge(series.recording(), series.timeline, series.thresholds, series.manual))
        assert found[0] == found[1], f"seed {seed}"


def test_the_nearest_onsets_are_matched_first_and_one_to_one() -> None:
    first = [Span(0, 100), Span(40, 60)]
    second = [Span(38, 90), Span(5, 20)]
    assert match(first, second) == [(0, 1), (1, 0)]
    assert match(first, second, tolerance=2) == [(1, 0)]
    assert match([Span(0, 10)], [Span(10, 20)]) == []  # one ends where the other begins: no overlap
    assert match([Span(0, 10), Span(2, 10)], [Span(1, 10)]) == [(0, 0)]  # a tie: the earlier onset


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=6),
       st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=6))  # fmt: skip
def test_a_match_is_one_to_one_and_leaves_no_pair_over(
    first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    ours, theirs = ([Span(start, start + length) for start, length in each] for each in (first, second))
    pairs = match(ours, theirs)
    assert len({place for place, _ in pairs}) == len({index for _, index in pairs}) == len(pairs)
    assert all(ours[place].overlaps(theirs[index]) for place, index in pairs)
    left = [each for place, each in enumerate(ours) if place not in dict(pairs)]
    free = [each for index, each in enumerate(theirs) if index not in {index for _, index in pairs}]
    assert not any(one.overlaps(other) for one in left for other in free)
