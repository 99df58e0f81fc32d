"""What the page Monitors is told: each monitor as the store has it, never more; what many ask for is read once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from clinic import S, T, reading
from server import Server

from dashboard.live.monitors import MonitorsDesk, heard, hex_text, standing
from dashboard.store import monitor_commands as commands
from dashboard.store import writes
from dashboard.store.monitor_commands import Action
from devices import instant
from devices.reading import Notice, Status


@pytest.fixture
def server(clinic):
    with Server(clinic.store) as running:
        yield running


@pytest.fixture
def ask(server, monkeypatch):
    """Asks the route as a page does, and is told nothing that was read before."""
    monkeypatch.setattr("dashboard.live.monitors.KEPT_S", 0.0)
    token = server.service.tokens.issue("", instant.now())

    def asked(**query):
        status, content = server.json(
            "GET", "/api/monitors?" + "&".join(f"{key}={value}" for key, value in {"token": token, **query}.items())
        )
        assert status == 200, content
        return content

    return asked


def tell(clinic, *notices):
    with clinic.store.writing() as connection:
        writes.write_notices(connection, notices)


def facts_of(clinic, now):
    with clinic.store.reading() as connection:
        return standing(connection, now)


def test_every_monitor_is_told_with_port_state_and_counters(clinic, ask):
    now = instant.now()
    more = {"frames": 1_234, "rejected": 7, "bytes_in": 98_765, "text": "loop://0: <i>speaks</i>"}
    clinic.state(clinic.beds[0], last_frame=now - 60 * S, **more)
    clinic.state(clinic.beds[1], monitor="quiet", text="nothing has come for 30 s", frames=0, last_frame=None)
    first, second = ask()["monitors"]
    assert 60_000 <= first.pop("age") < 70_000
    assert first == {
        "id": clinic.beds[0],
        "name": "Bed 1",
        "mode": "live",
        "protocol": "nonin",
        "port": "loop://0",
        "state": "connected",
        "text": "loop://0: <i>speaks</i>",
        "bytes": 98_765,
        "frames": 1_234,
        "rejected": 7,
    }
    assert (second["state"], second["text"], second["age"]) == ("quiet", "nothing has come for 30 s", None)


def test_one_monitor_is_told_only_where_it_is_asked_for(clinic, ask):
    now, (bed, other) = instant.now(), clinic.beds
    clinic.state(bed, clock_at=now, clock_wall=now, late=3)
    clinic.write(bed, reading("SPO2", now - 4 * S, 97.0), reading("PR", now - 90 * S, None, Status.OFF))
    tell(
        clinic,
        (bed, None, Notice(now, now, "frame-rejected", "a checksum differs", raw=b"\x01\xab", source="nonin")),
        (bed, None, Notice(now - S, now, "unknown-parameter", "parameter <9>", signal="HR", code="9")),
        (other, None, Notice(now, now, "clock-offset", "not this one's")),
    )
    assert ask()["one"] is None
    assert ask(bed=9_999)["one"] is None
    one = ask(bed=bed)["one"]
    assert (one["id"], one["late"], one["clock"]) == (bed, 3, None)
    spo2, pulse = sorted(one["heard"], key=lambda each: each["label"], reverse=True)
    assert (spo2["label"], spo2["value"], spo2["unit"], spo2["status"]) == ("SpO2", "97", "%", "ok")
    assert (pulse["value"], pulse["status"]) == (None, "off")
    assert 90_000 <= pulse["age"] < 100_000
    assert [(each["kind"], each["bytes"], each["about"]) for each in one["notices"]] == [
        ("frame-rejected", "01 AB", ""),
        ("unknown-parameter", "", "HR 9"),
    ]


def test_the_last_word_on_a_monitors_clock_is_told_whenever_it_is_written(clinic, ask):
    now, (bed, other) = instant.now(), clinic.beds
    tell(clinic, (bed, None, Notice(now - 60 * S, now, "clock-offset", "95 s ahead")))
    assert ask(bed=bed)["one"]["clock"]["text"] == "95 s ahead"
    tell(clinic, (other, None, Notice(now, now, "clock-offset", "another bed's")))
    tell(clinic, (bed, None, Notice(now - 90 * S, now, "clock-offset", "of before, told late")))
    assert ask(bed=bed)["one"]["clock"] == {"time": (now - 60 * S) / 1_000, "text": "95 s ahead"}
    tell(clinic, (bed, None, Notice(now - 30 * S, now, "clock-offset", "2 s ahead")))
    assert ask(bed=bed)["one"]["clock"]["text"] == "2 s ahead"


def test_how_far_the_watch_has_come_with_what_it_was_asked(clinic, ask):
    asked = commands.ask_watch(clinic.store, Action.LISTEN, author="A", now=instant.now(), detail={"port": "/dev/x"})
    with clinic.store.writing() as connection:
        commands.tell_progress(connection, asked, "listening at 9600 8N1")
    told = ask(command=asked)
    assert (told["command"]["progress"], told["command"]["done"]) == ("listening at 9600 8N1", False)
    assert told["facts"]["command"] == [asked, False]
    with clinic.store.writing() as connection:
        commands.finish(connection, asked, instant.now(), {"found": []})
    assert ask(command=asked)["facts"]["command"] == [asked, True]
    assert "command" not in ask()["facts"]
    assert ask(command=9_999)["command"] is None


def test_what_the_controls_rest_on_is_the_same_for_the_page_and_the_route(clinic, ask):
    clinic.beat(instant.now())
    told = ask()["facts"]
    assert told == facts_of(clinic, instant.now())
    assert told == {
        "watching": True,
        "beds": [[bed, f"Bed {at}", "nonin", f"loop://{at - 1}"] for at, bed in enumerate(clinic.beds, 1)],
        "captures": [],
        "looked": None,
        "log": [],
    }


def test_each_thing_that_the_controls_rest_on_changes_what_is_told_of_it_and_nothing_else(clinic):
    before = facts_of(clinic, T)

    def changed():
        nonlocal before
        after, old = facts_of(clinic, T), before
        before = after
        return {name for name in after if after[name] != old[name]}

    bed = clinic.beds[1]
    clinic.state(bed, frames=999, monitor="lost", text="gone")  # painted, not drawn on
    assert changed() == set()
    commands.switch_capture(clinic.store, bed, True, author="A", now=T)
    assert (changed(), before["captures"]) == ({"captures", "log"}, [bed])
    looked = commands.ask_watch(clinic.store, Action.LOOK, author="A", now=T)
    assert changed() == set()
    with clinic.store.writing() as connection:
        commands.finish(connection, looked, T, {"ports": []})
    assert (changed(), before["looked"]) == ({"looked"}, looked)
    asked = commands.ask_watch(clinic.store, Action.ASK, author="A", now=T)
    assert changed() == {"log"}
    with clinic.store.writing() as connection:
        commands.finish(connection, asked, T, refused="no")
    assert (changed(), before["log"][0]) == ({"log"}, [asked, True])
    assert facts_of(clinic, T + 10 * S)["watching"] is False


def test_what_many_pages_ask_for_at_once_is_read_once(clinic, monkeypatch):
    desk, read = MonitorsDesk(clinic.store), []
    first = desk._read
    monkeypatch.setattr(desk, "_read", lambda *asked: (read.append(asked[1:]), first(*asked))[1])

    async def many():
        return await asyncio.gather(*(desk.answer(T, bed, None) for bed in [None] * 20 + [clinic.beds[0]] * 20))

    with ThreadPoolExecutor(1) as thread:  # Playwright's loop runs in this one
        answers = thread.submit(asyncio.run, many()).result()
    assert sorted(read, key=str) == sorted([(None, None), (clinic.beds[0], None)], key=str)
    assert len(set(answers)) == 2


@pytest.mark.parametrize("query", ["bed=x", "command=", "bed=1e99"])
def test_what_is_no_number_is_refused_in_one_sentence(server, query):
    token = server.service.tokens.issue("", instant.now())
    status, content = server.json("GET", f"/api/monitors?token={token}&{query}")
    assert (status, set(content)) == (400, {"error"})


def test_bytes_as_a_manual_has_them():
    assert hex_text(b"\x00\xff") == "00 FF"
    assert hex_text(bytes(65)).endswith("... (65 bytes)")


def test_what_is_heard_is_in_the_order_of_the_signals_with_its_age_on_the_beds_clock():
    told = heard([reading("SPO2", T, 98.0), reading("HR", T - 5 * S, 71.5)], T + S)
    assert [(each["label"], each["value"], each["age"]) for each in told] == [
        ("HR", "71.5", 6_000),
        ("SpO2", "98", 1_000),
    ]
