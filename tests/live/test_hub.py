"""One tail, many screens: each gets everything once, a slow one is dropped, one that comes back misses nothing."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

from dashboard.live.hub import KEPT_MS, QUEUE, Event, Hub


def events_in(raw: bytes):
    found = []
    for block in raw.decode().strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        found.append((fields["event"], int(fields["id"]), json.loads(fields["data"])))
    return found


def readings(stamp, value=1):
    return Event("readings", stamp, {"bed": 1, "rows": [["HR", stamp, value, "ok", "x"]]})


def snapshot(stamp):
    return Event("snapshot", stamp, {"beds": [{"id": 1}]})


def run(coroutine):
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def drain(subscription):
    async def read():
        return await asyncio.wait_for(subscription.next(), 1)

    return events_in(run(read()))


def test_the_snapshot_comes_first_and_then_what_happens():
    hub = Hub()
    hub.publish([], snapshot(1_000))
    screen = hub.join(None)
    hub.publish([readings(1_050)], snapshot(1_050))
    assert [(kind, stamp) for kind, stamp, _ in drain(screen)] == [("snapshot", 1_000), ("readings", 1_050)]


def test_a_new_screen_gets_the_readings_since_the_beat_by_which_the_snapshot_was_made():
    hub = Hub()
    hub.publish([Event("beat", 1_000, {})], snapshot(1_000))
    for stamp in (1_000, 3_500, 4_200):
        hub.publish([readings(stamp)], snapshot(stamp))
    kinds = [(kind, stamp) for kind, stamp, _ in drain(hub.join(None))]
    assert kinds == [("snapshot", 4_200), ("readings", 3_500), ("readings", 4_200)]


def test_a_screen_that_comes_back_gets_what_it_missed_with_an_overlap():
    hub = Hub()
    hub.publish([Event("beat", 0, {})], snapshot(0))
    for stamp in range(10_000, 20_000, 1_000):
        hub.publish([readings(stamp)], snapshot(stamp))
    kinds = [(kind, stamp) for kind, stamp, _ in drain(hub.join(15_000))]
    assert kinds[0] == ("snapshot", 19_000)
    assert kinds[1:] == [("readings", stamp) for stamp in range(13_000, 20_000, 1_000)]


def test_a_screen_away_for_longer_than_is_kept_is_told_to_fetch_its_series():
    hub = Hub()
    hub.publish([Event("beat", 0, {})], snapshot(0))
    for stamp in range(0, 2 * KEPT_MS, 10_000):
        hub.publish([readings(stamp)], snapshot(stamp))
    assert [kind for kind, _, _ in drain(hub.join(1_000))] == ["snapshot", "late"]


def test_after_a_restart_of_the_server_the_series_are_fetched_too():
    hub = Hub()
    hub.publish([Event("beat", 50_000, {})], snapshot(50_000))
    assert [kind for kind, _, _ in drain(hub.join(49_000))] == ["snapshot", "late"]


def test_a_slow_screen_is_dropped_and_the_others_go_on():
    hub = Hub()
    hub.publish([], snapshot(0))
    slow, quick = hub.join(None), hub.join(None)

    async def play():
        for stamp in range(1, QUEUE + 5):
            hub.publish([readings(stamp)], snapshot(stamp))
            await quick.next()

    run(play())
    assert slow.closed.is_set()
    assert not quick.closed.is_set()
    assert (len(hub), hub.dropped) == (1, 1)
    assert slow.queue.qsize() == QUEUE


def test_a_stopped_hub_ends_every_stream_and_begins_none():
    hub = Hub()
    hub.publish([], snapshot(0))
    before = hub.join(None)
    hub.close()
    assert before.closed.is_set()
    assert hub.join(None).closed.is_set()
    assert len(hub) == 0
