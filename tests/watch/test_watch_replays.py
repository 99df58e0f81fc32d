"""Replays under the watch: opened, steered and closed by commands; the same rises as looking back upon the file."""

import time

import pytest

from dashboard.errors import StoreError
from dashboard.resources import sample_data
from dashboard.rises.analysis import analyse
from dashboard.rises.threshold_files import preset
from dashboard.rises.timeline import Timeline
from dashboard.sessions.replay_marks import MarkKind, of_answer
from dashboard.store import acts, queries, writes
from dashboard.watch.bed import write_beds
from dashboard.watch.replays import Replays
from devices import instant
from devices.instant import MINUTE, SECOND
from devices.recordings.base import read_recording

T0 = instant.parse("2026-03-01T09:00:00Z")


class Theatre:
    """A store and the replays of its watch; `now` is the machine's clock, moved by the test."""

    def __init__(self, store):
        self.store = store
        self.now = 1_800_000_000 * SECOND
        self.beds = []
        self.replays = Replays()
        self.writer = writes.ReadingWriter()

    def ask(self, action, bed_id=None, **detail):
        acts.command_replay(self.store, bed_id, action, author="Ada", now=self.now, detail=detail)
        self.settle()

    def settle(self):
        """Until all is done that was asked: recordings are read in a thread of its own."""
        deadline = time.monotonic() + 20
        while True:
            opened, closed = self.replays.carry_out(self.store, self.beds, self.now)
            self.beds += opened
            for bed in closed:
                self.beds.remove(bed)
            if not self.replays.busy:
                return
            assert time.monotonic() < deadline
            time.sleep(0.005)

    def pass_time(self, seconds):
        self.now += round(seconds * SECOND)
        for bed in self.beds:
            bed.take(bed.source.poll(self.now), self.now)
            bed.judge(self.now)
            with self.store.writing() as connection:
                write_beds(connection, self.writer, [bed], self.now)
            bed.written()

    def open_example_a(self, **more):
        detail = {
            "recording": str(sample_data() / "worked-example-a.csv"),
            "infusion_start": T0,
            "infusion_end": T0 + 40 * MINUTE,
            "speed": 600,
            **more,
        }
        self.ask("open", **detail)
        return self.beds[-1]

    def refusals(self):
        with self.store.reading() as connection:
            return [each.refused for each in queries.refused_replay_commands(connection, 0)]

    def rises(self, bed):
        with self.store.reading() as connection:
            session = queries.open_sessions(connection)[bed.bed.id]
            return [
                (each.signal, each.level, each.onset, each.confirmed, each.peak, each.peak_time, each.return_time)
                for each in queries.rises(connection, session.id)
            ]


@pytest.fixture
def theatre(store):
    made = Theatre(store)
    yield made
    made.replays.close()


def looked_back_upon():
    recording = read_recording(sample_data() / "worked-example-a.csv")
    analysis = analyse(recording.readings, Timeline(T0, T0 + 40 * MINUTE), preset("adult-iv"))
    return sorted(
        (e.signal, e.level, e.onset, e.confirmed, e.peak, e.peak_time, e.return_time)
        for e in (rise.episode for rise in analysis.rises)
    )


@pytest.mark.parametrize("step", [0.05, 0.7, 3.0, 20.0])
def test_a_replay_finds_what_looking_back_finds_however_it_is_cut(theatre, step):
    bed = theatre.open_example_a()
    for _ in range(round(14 / step) + 1):
        theatre.pass_time(step)
    assert sorted(theatre.rises(bed)) == looked_back_upon()
    assert len(looked_back_upon()) == 5


def test_a_jump_back_makes_everything_again_and_a_jump_forward_leaves_nothing_out(theatre):
    bed = theatre.open_example_a()
    theatre.pass_time(9)
    theatre.ask("pause", bed.bed.id)
    theatre.ask("seek", bed.bed.id, to=T0 + 29 * MINUTE)
    theatre.pass_time(1)
    assert {(each[0], each[1]) for each in theatre.rises(bed)} == {("SBP", 1), ("DBP", 1)}
    with theatre.store.reading() as connection:
        assert max(each.time for each in queries.readings(connection, bed.bed.id)) <= T0 + 29 * MINUTE
    theatre.ask("seek", bed.bed.id, to=T0 + 200 * MINUTE)
    theatre.pass_time(1)
    assert sorted(theatre.rises(bed)) == looked_back_upon()


def test_a_paused_replay_stands_still_and_raises_no_technical_alarm(theatre):
    bed = theatre.open_example_a(speed=60)
    theatre.pass_time(10)
    theatre.ask("pause", bed.bed.id)
    theatre.pass_time(1)
    with theatre.store.reading() as connection:
        before = len(queries.readings(connection, bed.bed.id))
    theatre.pass_time(3600)
    with theatre.store.reading() as connection:
        assert len(queries.readings(connection, bed.bed.id)) == before
        assert [a for a in queries.standing_alarms(connection) if a.category == "technical" and a.ended is None] == []


def test_a_closed_replay_leaves_the_wall_and_ends_its_session(theatre):
    bed = theatre.open_example_a()
    theatre.pass_time(14)
    theatre.ask("close", bed.bed.id)
    assert theatre.beds == []
    with theatre.store.reading() as connection:
        assert queries.beds(connection) == []
        assert queries.open_sessions(connection) == {}
        assert queries.sessions(connection)[0].mode == "replay"


def test_a_watch_started_again_takes_the_replay_up_where_it_stood(theatre):
    bed = theatre.open_example_a(speed=60)
    theatre.pass_time(60)
    before = theatre.rises(bed)
    position = bed.source.position(theatre.now)
    assert before
    again = Theatre(theatre.store)
    again.now = theatre.now
    again.replays.resume(again.store, again.now)
    again.settle()
    again.pass_time(0)
    assert [each.bed.name for each in again.beds] == [bed.bed.name]
    assert again.rises(again.beds[0]) == before
    assert abs(again.beds[0].source.position(again.now) - position) <= SECOND
    again.replays.close()


def test_what_was_said_of_the_file_is_known_also_to_a_watch_started_again(theatre, tmp_path):
    path = tmp_path / "minutes.csv"
    path.write_text("Time,HR,NIBP Sys\n" + "".join(f"{minute},70,120\n" for minute in range(60)))
    theatre.ask("open", recording=str(path), infusion_start=10 * MINUTE, mapping='[time]\nunit = "min"\n')
    again = Theatre(theatre.store)
    again.now = theatre.now
    again.replays.resume(again.store, again.now)
    again.settle()
    again.pass_time(0)
    for watched in (theatre, again):
        (bed,) = watched.beds
        assert bed.source.end - bed.source.start == 59 * MINUTE
    again.replays.close()


@pytest.mark.parametrize(
    ("detail", "sentence"),
    [
        ({"recording": "/nowhere/at/all.csv"}, "all.csv"),
        ({"recording": "/nowhere/at/all.csv", "speed": 0}, "all.csv"),
        ({"recording": "/nowhere/at/all.csv", "mapping": "[time"}, "what was said of the file is not TOML"),
    ],
)
def test_what_cannot_be_replayed_is_refused_in_one_sentence(theatre, detail, sentence):
    theatre.ask("open", **detail)
    with theatre.store.reading() as connection:
        (command,) = queries.refused_replay_commands(connection, 0)
    assert command.action == "open"
    assert sentence in command.refused
    assert theatre.beds == []


@pytest.mark.parametrize("to", [29, 60, 200])
def test_a_jump_that_is_judged_before_the_next_reading_comes_leaves_nothing_out(theatre, to):
    bed = theatre.open_example_a()
    theatre.pass_time(0.2)
    theatre.ask("seek", bed.bed.id, to=T0 + to * MINUTE)
    bed.judge(theatre.now)
    theatre.ask("seek", bed.bed.id, to=T0 + 200 * MINUTE)
    bed.judge(theatre.now)
    theatre.pass_time(1)
    assert sorted(theatre.rises(bed)) == looked_back_upon()


def test_a_replay_opened_in_its_middle_has_its_baseline(theatre):
    bed = theatre.open_example_a(**{"from": T0 + 29 * MINUTE})
    bed.judge(theatre.now)
    theatre.pass_time(0)
    assert {(each[0], each[1]) for each in theatre.rises(bed)} == {("SBP", 1), ("DBP", 1)}


@pytest.mark.parametrize("to", [27, 45])
def test_a_part_that_is_replayed_rests_on_what_lies_before_and_ends_where_it_is_said(theatre, to):
    bed = theatre.open_example_a(**{"from": T0 + 20 * MINUTE, "to": T0 + to * MINUTE})
    theatre.pass_time(0)
    assert bed.source.position(theatre.now) == T0 + 20 * MINUTE
    assert {each.value for each in baselines(theatre, bed)} == {120.0, 76.0, None}
    theatre.pass_time(14)
    assert bed.source.position(theatre.now) == T0 + to * MINUTE
    recording = read_recording(sample_data() / "worked-example-a.csv")
    until = analyse(recording.readings, Timeline(T0, T0 + 40 * MINUTE, None, T0 + to * MINUTE), preset("adult-iv"))
    assert [each[:3] for each in theatre.rises(bed)] == [
        (each.episode.signal, each.episode.level, each.episode.onset) for each in until.rises
    ]
    theatre.ask("restart", bed.bed.id)
    assert bed.source.position(theatre.now) == T0 + 20 * MINUTE
    assert bed.source.playing


def baselines(theatre, bed):
    with theatre.store.reading() as connection:
        return queries.baselines(connection, bed.session.id).values()


def marks(theatre, bed):
    with theatre.store.reading() as connection:
        found = of_answer(queries.opening_of(connection, bed.bed.id).answer)
    return [(each.words, round((each.time - T0) / MINUTE)) for each in found if each.kind is MarkKind.FLAG]


def test_what_lies_ahead_is_known_from_the_start_and_anew_with_other_thresholds(theatre):
    bed = theatre.open_example_a()
    by_time = sorted((each[2], f"{each[0]} level {each[1]}") for each in looked_back_upon())
    assert marks(theatre, bed) == [(words, round((onset - T0) / MINUTE)) for onset, words in by_time]
    assert theatre.rises(bed) == []
    at = bed.bed_now(theatre.now)
    acts.adjust_thresholds(
        theatre.store, bed.session.id, preset("trial-limits"), author="Ada", reason="try", now=theatre.now, bed_now=at
    )
    theatre.settle()
    assert marks(theatre, bed) == [("DBP level 2", 35), ("SBP level 2", 40)]


def step(theatre, bed, kind, back):
    """Where a step leads, in minutes after the infusion's start; why it does not, if it is refused."""
    before = theatre.refusals()
    theatre.ask("step", bed.bed.id, kind=kind, back=back)
    refused = theatre.refusals()[: -len(before) or None]
    return refused[0] if refused else (bed.source.position(theatre.now) - T0) / MINUTE


def test_a_step_is_taken_from_where_the_replay_stands_and_two_in_a_row_are_two(theatre):
    bed = theatre.open_example_a(speed=60)
    theatre.pass_time(50)  # from 25 minutes before the infusion to 25 after it: beyond the first two flags
    assert step(theatre, bed, "flag", back=False) == 29
    theatre.ask("pause", bed.bed.id)
    assert [step(theatre, bed, "flag", back=False) for _ in range(3)] == [
        34, 39, "no later flag is known in this replay",
    ]  # fmt: skip
    assert bed.source.position(theatre.now) == T0 + 39 * MINUTE
    assert [step(theatre, bed, "flag", back=True) for _ in range(4)] == [
        34, 29, 19, "no earlier flag is known in this replay",
    ]  # fmt: skip
    theatre.pass_time(1)
    assert theatre.rises(bed) == []  # as it was then
    assert step(theatre, bed, "event", back=False) == 40 - 1 / 6  # the infusion's end


@pytest.mark.parametrize(
    ("action", "detail"),
    [
        ("step", {}),
        ("step", {"kind": "flag"}),
        ("step", {"kind": "dog", "back": True}),
        ("speed", {}),
        ("speed", {"speed": "fast"}),
        ("seek", {"to": None}),
        ("seek", {"to": float("inf")}),
        ("open", {}),
    ],
)
def test_a_request_that_is_not_whole_is_refused_and_the_watch_goes_on(theatre, action, detail):
    bed = theatre.open_example_a()
    theatre.ask(action, bed.bed.id, **detail)
    with theatre.store.reading() as connection:
        assert [each.refused for each in queries.refused_replay_commands(connection, 0)] == [
            f"the request to {action} a replay is not complete"
        ]
    theatre.pass_time(14)
    assert sorted(theatre.rises(bed)) == looked_back_upon()


@pytest.mark.parametrize(
    "detail", [{"speed": 601}, {"speed": 0.4}, {"from": T0 + 300 * MINUTE}, {"to": T0 - 90 * MINUTE}]
)
def test_a_replay_that_cannot_be_leaves_no_bed_behind(theatre, detail):
    acts.command_replay(
        theatre.store, None, "open", author="Ada", now=theatre.now,
        detail={"recording": str(sample_data() / "worked-example-a.csv"), "infusion_start": T0, **detail},
    )  # fmt: skip
    theatre.settle()
    with theatre.store.reading() as connection:
        assert len(queries.refused_replay_commands(connection, 0)) == 1
        assert queries.beds(connection, also_unused=True) == []
        assert queries.open_sessions(connection) == {}


def test_a_watch_that_was_away_goes_on_where_it_was_heard_last(theatre):
    bed = theatre.open_example_a(speed=60)
    theatre.pass_time(60)
    with theatre.store.writing() as connection:
        writes.beat(connection, "test", theatre.now, theatre.now, "0", "live")
    position = bed.source.position(theatre.now)
    again = Theatre(theatre.store)
    again.now = theatre.now + 3600 * SECOND
    again.replays.resume(again.store, again.now)
    again.settle()
    assert again.beds[0].source.position(again.now) == position
    assert again.beds[0].source.playing
    again.replays.close()


def test_a_replay_whose_file_is_gone_does_not_keep_the_watch_from_starting(theatre, tmp_path):
    file = tmp_path / "gone.csv"
    file.write_text((sample_data() / "worked-example-a.csv").read_text())
    theatre.open_example_a(recording=str(file))
    file.unlink()
    again = Theatre(theatre.store)
    again.replays.resume(again.store, again.now)
    again.settle()
    assert again.beds == []
    again.replays.close()


def test_a_jump_whose_store_fails_is_done_when_it_works_again(theatre, monkeypatch):
    bed = theatre.open_example_a()
    theatre.pass_time(9)
    acts.command_replay(
        theatre.store, bed.bed.id, "seek", author="Ada", now=theatre.now, detail={"to": T0 + 29 * MINUTE}
    )
    with monkeypatch.context() as broken:
        broken.setattr(writes, "clear_bed", raising)
        with pytest.raises(StoreError):
            theatre.replays.carry_out(theatre.store, theatre.beds, theatre.now)
    theatre.settle()
    theatre.pass_time(0)
    assert {(each[0], each[1]) for each in theatre.rises(bed)} == {("SBP", 1), ("DBP", 1)}


def raising(*_):
    raise StoreError("the disk is full")


def test_steering_a_replay_that_is_gone_is_refused(theatre):
    bed = theatre.open_example_a()
    theatre.ask("close", bed.bed.id)
    theatre.ask("play", bed.bed.id)
    with theatre.store.reading() as connection:
        assert queries.refused_replay_commands(connection, 0)[0].refused == "that replay is no longer open"
