"""A fast replay's readings as a screen needs them: every extreme, the last, and where nothing came."""

from clinic import S, T, cuff, reading
from sqlalchemy import update

from dashboard.live.tail import StoreTail
from dashboard.live.thinning import GAP, thinned
from dashboard.store import schema as s


def beats(*values, step=1, start=T):
    return [reading("HR", start + at * step * S, value) for at, value in enumerate(values)]


def shown(rows):
    return [((row[1] - T // 1_000) / 1_000, row[2], row[3]) for row in rows]


def every_second(*_):
    return S


def test_few_readings_are_sent_as_they_are():
    assert thinned(beats(70, 71, 72, 73), {}, every_second) is None


def test_of_many_the_extremes_and_the_last_are_sent_in_their_order():
    rows = thinned(beats(70, 90, 71, 40, 72, 73), {}, every_second)
    assert shown(rows) == [(1, 90, "ok"), (3, 40, "ok"), (5, 73, "ok")]


def test_a_value_that_is_absent_is_no_extreme():
    rows = thinned(beats(None, 70, None, 71, 72, None), {}, every_second)
    assert [(row[1] - T // 1_000, row[2]) for row in rows] == [(1_000, 70), (4_000, 72), (5_000, None)]


def test_a_silence_of_the_source_is_told_also_before_the_first_of_them():
    late = beats(70, 71, 72, start=T) + beats(80, 81, 82, start=T + 60 * S)
    rows = thinned(late, {("HR", "nonin:hr"): T - 30 * S}, every_second)
    assert shown(rows) == [(-29.999, None, GAP), (0, 70, "ok"), (2.001, None, GAP), (62, 82, "ok")]


def test_no_cuff_measurement_is_left_out():
    cuffs = [each for at in range(8) for each in cuff(T + at * 300 * S, 120 + at, 80)]
    rows = thinned([*cuffs, *beats(*range(60, 80), step=60)], {}, every_second)
    assert sum(row[0] == "NIBP_SYS" for row in rows) == 8


def test_a_fast_replay_is_thinned_and_fetched_whole_when_it_is_slow_again(clinic):
    bed = clinic.beds[0]
    tail = StoreTail(clinic.store, {"name": "", "zone": "UTC"})
    clinic.beat(T)
    clinic.state(bed, clock_at=T, clock_wall=T, clock_rate=600.0)
    with clinic.store.writing() as connection:
        connection.execute(update(s.bed).where(s.bed.c.id == bed).values(mode="replay"))
    clinic.write(bed, *beats(70))
    tail.poll(T)
    clinic.write(bed, *beats(*range(60, 120), start=T + S))
    told = [each.data for each in tail.poll(T + S // 10) if each.kind == "readings"]
    assert [row[2] for row in told[0]["rows"]] == [60, 119]
    assert [each.kind for each in tail.beat(T + S // 2)] == ["beat"]
    assert [each.kind for each in tail.beat(T + 2 * S)] == ["late", "beat"]
    assert [each.kind for each in tail.beat(T + 3 * S)] == ["beat"]
