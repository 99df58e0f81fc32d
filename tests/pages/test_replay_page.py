"""A replay is asked for with its times; what cannot be is refused; the controls ask the watch for the bed shown."""

import json
import zipfile
from datetime import UTC
from types import SimpleNamespace

import pytest
from clinic import S, T, reading

from dashboard.errors import SessionError
from dashboard.sessions.replay_marks import Mark, MarkKind, to_answer
from dashboard.store import acts, queries, writes
from dashboard.views.recordings import keep_upload, recordings_in, resolved_time, sample_folder, shown_name
from dashboard.watch.replays import Replays
from devices import instant
from devices.recordings.base import read_recording
from devices.recordings.overrides import ONE_PATIENT


def commands(clinic):
    with clinic.store.reading() as connection:
        return queries.pending_replay_commands(connection)


def ask(at, **fields):
    for key, value in fields.items():
        at.text_input(key).set_value(value)
    next(each for each in at.button if each.label == "Open the replay").click()
    return at.run()


def test_a_sample_is_opened_with_times_thresholds_and_speed(pages, clinic):
    at = pages.named().open("replay")
    at.selectbox("recording").select("sample_data/worked-example-a.csv")
    ask(at, t_start="+1500", t_end="+3900", t_from="+600", t_to="+4200")
    assert not at.error
    (command,) = commands(clinic)
    assert (command.action, command.bed_id, command.author) == ("open", None, "Nurse One")
    detail = dict(command.detail)
    start = read_recording(sample_folder() / "worked-example-a.csv").readings[0].time
    assert detail.pop("recording").endswith("sample_data/worked-example-a.csv")
    with clinic.store.reading() as connection:
        version = queries.latest_threshold_version(connection, "adult-iv")
    assert detail == {
        "infusion_start": start + 1_500 * S,
        "infusion_end": start + 3_900 * S,
        "from": start + 600 * S,
        "to": start + 4_200 * S,
        "timezone": "UTC",
        "timezone_said": False,
        "patient_id": None,
        "member": None,
        "device": None,
        "date_order": None,
        "start": None,
        "mapping": None,
        "thresholds": version.id,
        "speed": 10,
    }
    assert "The watch has been asked" in pages.text()


def keep(tmp_path, name, content):
    """Puts a recording where the page lists it."""
    folder = tmp_path / "recordings"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(content)
    return f"recordings/{name}"


def attempt(pages, tmp_path, name, content, start):
    """The page on which the recording was to be opened."""
    kept = keep(tmp_path, name, content)
    at = pages.named().open("replay")
    at.selectbox("recording").select(kept)
    return ask(at, t_start=start)


def answer(pages, said):
    """Answers the question that is shown."""
    pages.question().set_value(said)
    next(each for each in pages.at.button if each.label == "Read it so").click()
    pages.at.run()
    assert not pages.at.exception, pages.at.exception


def opened(clinic):
    """What the watch opens by the one command there is."""
    replays, found = Replays(), []
    while not found:
        found, _ = replays.carry_out(clinic.store, [], instant.now())
        with clinic.store.reading() as connection:
            assert queries.refused_replay_commands(connection, 0) == []
    replays.close()
    return found[0]


TURNS = "".join(
    f"2026-03-01T09:{second // 60:02d}:{second % 60:02d}Z,{'AB'[second % 2]},{(60, 97)[second % 2] + second % 5}\n"
    for second in range(120)
)


def test_which_recording_of_an_archive_is_meant_is_asked_and_the_watch_reads_that_one(pages, clinic, tmp_path):
    archive = tmp_path / "recordings" / "two.zip"
    archive.parent.mkdir()
    with zipfile.ZipFile(archive, "w") as made:
        for name in ("worked-example-a.csv", "worked-example-b.csv"):
            made.write(sample_folder() / name, name)
    at = pages.named().open("replay")
    at.selectbox("recording").select("recordings/two.zip")
    ask(at, t_start="+1500")
    assert commands(clinic) == []
    assert pages.question().options == ["worked-example-a.csv", "worked-example-b.csv"]
    answer(pages, "worked-example-b.csv")
    assert not at.error
    (command,) = commands(clinic)
    assert command.detail["member"] == "worked-example-b.csv"
    readings = read_recording(sample_folder() / "worked-example-b.csv").readings
    source = opened(clinic).source
    assert (source.start, source.end) == (readings[0].time, readings[-1].time)


MINUTES = "Time,HR,NIBP Sys\n" + "".join(f"{minute},{70 + minute % 9},{120 + minute % 5}\n" for minute in range(60))


def test_what_the_numbers_of_the_time_column_are_is_asked_and_the_replay_counts_by_it(pages, clinic, tmp_path):
    at = attempt(pages, tmp_path, "minutes.csv", MINUTES, "+600")
    assert "are numbers (0, 1, 2 ..)" in at.warning[0].value.replace("\\", "")
    assert "--mapping" not in pages.text()
    assert commands(clinic) == []
    answer(pages, "min")
    assert "The watch has been asked" in pages.text()
    assert not at.warning
    (command,) = commands(clinic)
    bed = opened(clinic)
    assert bed.source.end - bed.source.start == 59 * 60 * S
    assert command.detail["infusion_start"] - bed.source.start == 600 * S


def test_how_many_ticks_a_second_has_may_be_typed_and_what_is_no_number_is_asked_again(pages, clinic, tmp_path):
    ticks = "time,HR [bpm],NBPs [mmHg]\n" + "".join(f"{tick * 1000},{70 + tick % 9},120\n" for tick in range(60))
    at = attempt(pages, tmp_path, "ticks.csv", ticks, "+10")
    answer(pages, "a few")
    assert "'a few' is neither s, min, h or ms nor a number" in at.error[0].value.replace("\\", "")
    assert commands(clinic) == []
    answer(pages, "500")
    source = opened(clinic).source
    assert source.end - source.start == 59_000 * S // 500


def test_a_column_that_may_name_patients_is_asked_about_until_one_patient_is_known(pages, clinic, tmp_path):
    at = attempt(pages, tmp_path, "turns.csv", "time,kod,HR\n" + TURNS, "+10")
    assert pages.question().options == ["kod", ONE_PATIENT]
    answer(pages, "kod")
    assert "2 patients or cases" in at.warning[0].value
    assert pages.question().options == ["A", "B"]
    assert commands(clinic) == []
    answer(pages, "B")
    assert len(commands(clinic)) == 1
    bed = opened(clinic)
    assert {each.value for each in bed.source.recording.readings} == {97, 98, 99, 100, 101}
    assert len(bed.source.recording.readings) == 60


CLOCKS = "Time,HR\n" + "".join(
    f"{23 + n // 60 if n < 60 else 0:02d}:{n % 60:02d}:00,{70 + n % 9}\n" for n in range(120)
)


def test_the_day_of_clocks_without_a_date_is_asked_and_can_be_taken_back(pages, clinic, tmp_path):
    at = attempt(pages, tmp_path, "clocks.csv", CLOCKS, "+999999")
    assert "times of day without a date" in at.warning[0].value
    answer(pages, "21.3.2026")
    assert "is no day such as 2026-03-21" in pages.text()
    answer(pages, "2026-03-21")
    assert "lies outside the recording" in at.error[0].value
    assert "The times of day begin on 2026-03-21" in pages.text()
    at.button("file_back_time_date").click().run()
    ask(at, t_start="+600")
    assert "times of day without a date" in at.warning[0].value
    assert commands(clinic) == []
    answer(pages, "2026-03-21")
    bed = opened(clinic)
    assert bed.source.start == instant.parse("2026-03-21T23:00:00Z")
    assert bed.source.end == instant.parse("2026-03-22T00:59:00Z")


def test_that_all_rows_are_one_patients_is_an_answer_too_and_is_forgotten_when_it_is_open(pages, clinic, tmp_path):
    at = attempt(pages, tmp_path, "turns.csv", "time,kod,HR\n" + TURNS, "+10")
    answer(pages, ONE_PATIENT)
    assert len(opened(clinic).source.recording.readings) == 120
    ask(at, t_start="+10")
    assert pages.question().options == ["kod", ONE_PATIENT]


def test_an_answer_stays_while_a_time_is_put_right_and_can_be_taken_back(pages, clinic, tmp_path):
    at = attempt(pages, tmp_path, "minutes.csv", MINUTES, "+3600")
    answer(pages, "min")
    assert "lies outside the recording" in at.error[0].value
    assert "Numbers of the time column: minutes from the start" in pages.text()
    ask(at, t_start="+7200")
    assert "lies outside the recording" in at.error[0].value
    assert commands(clinic) == []
    at.button("file_back_time_unit").click().run()
    assert "are numbers (0, 1, 2 ..)" in at.warning[0].value.replace("\\", "")
    answer(pages, "h")
    source = opened(clinic).source
    assert source.end - source.start == 59 * 3600 * S


def test_what_was_said_of_one_recording_is_not_said_of_the_next(pages, clinic, tmp_path):
    first, second = keep(tmp_path, "a.csv", MINUTES), keep(tmp_path, "b.csv", MINUTES)
    at = pages.named().open("replay")
    at.selectbox("recording").select(first)
    ask(at, t_start="+7200")
    answer(pages, "min")
    at.selectbox("recording").select(second)
    ask(at, t_start="+600")
    assert "are numbers (0, 1, 2 ..)" in at.warning[0].value.replace("\\", "")
    assert "minutes from the start" not in pages.text()
    assert commands(clinic) == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Say when the infusion started"),
        ({"t_start": "half past nine"}, "is neither an ISO 8601 time"),
        ({"t_start": "+10", "t_end": "later"}, "The infusion end 'later' is neither"),
        ({"t_start": "+10", "t_end": "+5"}, "The infusion ends before it starts"),
        ({"t_start": "+1500", "t_from": "+900", "t_to": "+900"}, "The part to be replayed ends before it starts"),
        ({"t_start": "+1500", "t_to": "+1200"}, "The part to be replayed ends before the infusion starts"),
        ({"t_start": "+1500", "t_from": "+9999999"}, "The time to replay from lies outside the recording"),
        ({"t_start": "+9999999"}, "lies outside the recording, which goes from"),
        ({"t_start": "+10", "recording": None}, "Choose a recording, or upload one"),
    ],
)
def test_a_replay_that_cannot_be_is_refused(pages, clinic, fields, sentence):
    at = pages.named().open("replay")
    if fields.pop("recording", "sample") is not None:
        at.selectbox("recording").select("sample_data/worked-example-a.csv")
    ask(at, **fields)
    assert sentence in at.error[0].value
    assert commands(clinic) == []


def test_why_the_watch_refused_is_shown(pages, clinic):
    command = acts.command_replay(clinic.store, None, "open", author="A", now=instant.now(), detail={})
    with clinic.store.writing() as connection:
        writes.finish_replay_command(connection, command, instant.now(), "the recording holds no value")
    at = pages.named().open("replay")
    assert at.error[0].value.endswith("the recording holds no value")


@pytest.fixture
def replay_bed(clinic):
    row = {"name": "Replay A", "place": 0, "grp": "", "protocol": "csv", "port": "a.csv", "mode": "replay"}
    with clinic.store.writing() as connection:
        bed = writes.set_up_beds(connection, [row])["Replay A"]
    progress = {"recording": "a.csv", "start": T, "end": T + 3_600 * S, "speed": 10}
    clinic.state(bed, clock_at=T + 600 * S, clock_wall=instant.now(), clock_rate=0.0, replay=progress)
    return bed


def asked(clinic):
    return [(each.bed_id, each.action, dict(each.detail)) for each in commands(clinic)]


def test_the_controls_of_an_open_replay(pages, clinic, replay_bed):
    at = pages.named().open("replay")
    assert "Paused at 10x" in pages.text()
    at.button(f"play_{replay_bed}").click().run()
    at.number_input(f"minute_{replay_bed}").set_value(30.0).run()
    at.button(f"jump_{replay_bed}").click().run()
    at.segmented_control(f"speed_{replay_bed}").set_value(300.0).run()
    at.button(f"restart_{replay_bed}").click().run()
    at.button(f"close_{replay_bed}").click().run()
    assert asked(clinic) == [
        (replay_bed, "play", {}),
        (replay_bed, "seek", {"to": T + 1_800 * S}),
        (replay_bed, "speed", {"speed": 300.0}),
        (replay_bed, "restart", {}),
        (replay_bed, "close", {}),
    ]


def test_every_speed_of_the_ladder_is_a_tap_away_and_another_one_is_shown(pages, clinic, replay_bed):
    progress = {"recording": "a.csv", "start": T, "end": T + 3_600 * S, "speed": 3.3, "playing": True}
    clinic.state(replay_bed, clock_at=T + 600 * S, clock_wall=instant.now(), clock_rate=3.3, replay=progress)
    at = pages.named().open("replay")
    control = at.segmented_control(f"speed_{replay_bed}")
    assert control.value == 3.3
    assert [each for each in control.options if each != "3.3x"] == [
        "0.5x", "1x", "2x", "5x", "10x", "30x", "60x", "120x", "300x", "600x",
    ]  # fmt: skip
    assert f"pause_{replay_bed}" in {each.key for each in at.button}
    assert f"play_{replay_bed}" not in {each.key for each in at.button}


def rise(version, onset):
    return {
        "signal": "SBP", "level": 2, "threshold": 160.0, "clear": 150.0, "baseline": 120.0, "onset": onset,
        "confirmed": onset + 60 * S, "peak": 170.0, "peak_time": onset + 60 * S, "return_time": None, "declared": None,
        "outcome": "unresolved", "present_at_baseline": 0, "threshold_version_id": version.id,
    }  # fmt: skip


def test_steps_lead_to_flags_and_events_behind_and_ahead(pages, clinic, replay_bed):
    session = clinic.start(replay_bed, T)
    opened = acts.command_replay(clinic.store, None, "open", author="A", now=T, detail={"recording": "a.csv"})
    ahead = [Mark(T + 2_000 * S, MarkKind.FLAG, "HR level 3", 3), Mark(T + 1_500 * S, MarkKind.EVENT, "Cuff moved")]
    with clinic.store.reading() as connection:
        version = queries.latest_threshold_version(connection, "adult-iv")
    with clinic.store.writing() as connection:
        writes.finish_replay_command(connection, opened, T, bed_id=replay_bed)
        writes.answer_replay_command(connection, opened, to_answer(ahead))
        writes.write_rise(connection, session, rise(version, T + 500 * S))
    at = pages.named().open("replay")
    for name in ("flag_back", "flag_on", "event_on", "event_back"):
        at.button(f"{name}_{replay_bed}").click().run()
    next(each for each in at.button if each.label == "▲▲ SBP level 2 at 8:20").click().run()
    assert asked(clinic) == [  # the watch knows where the replay stands, the page only where it stood
        (replay_bed, "step", {"kind": "flag", "back": True}),
        (replay_bed, "step", {"kind": "flag", "back": False}),
        (replay_bed, "step", {"kind": "event", "back": False}),
        (replay_bed, "step", {"kind": "event", "back": True}),
        (replay_bed, "seek", {"to": T + 440 * S}),  # a minute before the flag, to see it come
    ]


def test_a_replay_without_a_mark_has_no_step_to_it(pages, clinic, replay_bed):
    at = pages.named().open("replay")
    names = ("flag_back", "flag_on", "event_on", "event_back")
    assert [at.button(f"{name}_{replay_bed}").disabled for name in names] == [True] * 4


@pytest.mark.parametrize("page", ["replay", "bed"])
def test_why_a_step_was_not_taken_is_said_where_it_was_asked_for_and_not_for_ever(pages, clinic, replay_bed, page):
    clinic.start(replay_bed, T)

    def refused(why, ago):
        at = instant.now() - ago * S
        step = acts.command_replay(clinic.store, replay_bed, "step", author="A", now=at, detail={})
        with clinic.store.writing() as connection:
            writes.finish_replay_command(connection, step, at, why)
        return [each.value for each in pages.named().open(page, bed=replay_bed).error]

    assert refused("no earlier flag is known in this replay", 60) == []
    assert refused("no later flag is known in this replay", 0) == ["Not done: no later flag is known in this replay"]
    acts.command_replay(clinic.store, replay_bed, "play", author="A", now=instant.now(), detail={})
    assert not pages.open(page, bed=replay_bed).error


def test_a_replays_bed_has_the_controls_and_takes_no_cuff(pages, clinic, replay_bed):
    clinic.start(replay_bed, T)
    at = pages.named().open("bed", bed=replay_bed)
    keys = {each.key for each in at.button}
    assert {f"play_{replay_bed}", f"flag_on_{replay_bed}", "act_note"} <= keys
    assert "act_cuff" not in keys
    assert "REPLAY: a recording" in pages.text()


def test_the_samples_are_offered_by_their_place():
    found = recordings_in([sample_folder()])
    assert "sample_data/worked-example-a.csv" in [shown_name(each, [sample_folder()]) for each in found]
    assert not [each for each in found if each.suffix == ".md"]


def test_an_upload_is_kept_in_a_folder_of_its_own_under_a_harmless_name(tmp_path):
    kept = keep_upload(tmp_path, [("../../etc/a b;c.csv", b"time,HR\n")], T)
    assert kept.is_relative_to(tmp_path / "uploaded")
    assert (kept.name, kept.read_bytes()) == ("a b_c.csv", b"time,HR\n")
    pair = keep_upload(tmp_path, [("n.dat", b"\0"), ("n.hea", b"n 1")], T + S)
    assert (pair.name, (pair.parent / "n.dat").read_bytes()) == ("n.hea", b"\0")


@pytest.mark.parametrize(
    "files", [[], [("a.exe", b"")], [("a.csv", b""), ("b.csv", b"")], [("a.csv", b""), ("b.sh", b"")]]
)
def test_an_upload_that_is_no_recording_is_refused_and_nothing_is_kept(tmp_path, files):
    with pytest.raises(SessionError):
        keep_upload(tmp_path, files, T)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "relative", "expected"),
    [
        ("+30.5", True, 30_500_000),
        (" +30.5 ", False, T + 30_500_000),
        (instant.format(T + 5 * S), False, T + 5 * S),
        ("  ", False, None),
    ],
)
def test_times_of_a_recording(text, relative, expected):
    assert resolved_time(text, "start", recording(relative), UTC) == expected


def test_a_date_for_a_recording_without_dates_is_refused():
    with pytest.raises(SessionError, match="has no dates"):
        resolved_time("2026-03-01T09:30", "start", recording(True), UTC)


def recording(relative):
    first = 0 if relative else T
    readings = [reading("HR", first, 70.0), reading("HR", first + 60 * S, 71.0)]
    return SimpleNamespace(readings=readings, relative=relative)


def test_the_detail_of_a_command_is_json(clinic):
    acts.command_replay(clinic.store, None, "open", author="A", now=T, detail={"recording": "ä.csv"})
    assert json.loads(json.dumps(dict(commands(clinic)[0].detail))) == {"recording": "ä.csv"}
