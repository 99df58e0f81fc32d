"""The routes tell everything to whoever holds a token and nothing to anyone else."""

import gzip
import json
import time

import pytest
from clinic import S, T, reading
from server import Server
from sqlalchemy import select

from dashboard.live.tokens import SHIFT
from dashboard.store import queries, schema
from dashboard.store.deliveries import deliveries_of
from devices import instant


@pytest.fixture
def server(clinic):
    with Server(clinic.store) as running:
        yield running


@pytest.fixture
def nurse(server):
    return server.service.tokens.issue("Nurse One", instant.now())


@pytest.fixture
def screen(server):
    return server.service.tokens.issue("", instant.now())


DATA_ROUTES = ["/api/stream", "/api/monitors?bed=1", "/api/series?bed=1&start=0&end=1"]


@pytest.mark.parametrize("path", DATA_ROUTES)
@pytest.mark.parametrize("token", ["", "wrong", "e30.x"])
def test_without_a_token_of_ours_nothing_is_told(server, path, token):
    joined = f"{path}{'&' if '?' in path else '?'}token={token}"
    status, content = server.json("GET", joined)
    assert status == 401
    assert set(content) == {"error"}


def test_an_old_token_opens_nothing(server):
    old = server.service.tokens.issue("Nurse One", instant.now() - SHIFT - S)
    assert server.json("GET", f"/api/series?bed=1&start=0&end=1&token={old}")[0] == 401


def test_a_stream_begins_with_the_snapshot_and_goes_on_with_readings_and_beats(server, clinic, screen):
    with server.stream(screen) as events:
        kind, _, data = next(events)
        assert kind == "snapshot"
        assert [bed["name"] for bed in data["beds"]] == ["Bed 1", "Bed 2"]
        assert data["site"] == {"name": "Risewatch", "zone": "UTC", "demo": False, "longest_delay_s": 1.0}
        clinic.write(clinic.beds[1], reading("HR", instant.now(), 77.0))
        written = time.monotonic()
        found = []
        while "readings" not in found or "beat" not in found:
            kind, _, data = next(events)
            found.append(kind)
            if kind == "readings":
                assert time.monotonic() - written < 1
                assert (data["bed"], data["rows"][0][2]) == (clinic.beds[1], 77.0)


def test_a_screen_that_comes_back_gets_the_readings_it_missed(server, clinic, screen):
    with server.stream(screen) as events:
        last = next(events)[1]
    clinic.write(clinic.beds[0], reading("HR", T + S, 66.0))
    with server.stream(screen):
        pass  # another screen comes and goes meanwhile
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with server.stream(screen, str(last)) as events:
            kinds = [next(events), next(events)]
        if kinds[1][0] == "readings":
            break
        time.sleep(0.1)
    assert kinds[0][0] == "snapshot"
    assert kinds[1][2]["rows"] == [["HR", (T + S) // 1000, 66.0, "ok", "nonin:hr"]]


def test_streams_that_left_are_forgotten(server, screen):
    for _ in range(3):
        with server.stream(screen) as events:
            next(events)
    deadline = time.monotonic() + 5
    while len(server.service.hub) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(server.service.hub) == 0


def test_the_server_stops_although_a_stream_is_open(clinic):
    server = Server(clinic.store)
    with server:
        token = server.service.tokens.issue("", instant.now())
        with server.stream(token) as events:
            next(events)
            began = time.monotonic()
            server.stop()
            assert time.monotonic() - began < 2


def test_series_are_the_stored_readings(server, clinic, screen):
    clinic.write(clinic.beds[0], *(reading("HR", T + n * S, 70.0 + n) for n in range(5)))
    path = f"/api/series?bed={clinic.beds[0]}&start={T // 1000}&end={T // 1000 + 9_000}&points=100&token={screen}"
    status, answer = server.json("GET", path)
    assert status == 200
    assert answer["streams"]["HR"]["v"] == [70.0, 71.0, 72.0, 73.0, 74.0]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("bed=1&start=5&end=1", 400),
        ("bed=x&start=0&end=1", 400),
        ("bed=1&start=nan&end=1", 400),
        ("bed=1&end=1", 400),
        ("bed=1&start=0&end=1e99", 400),
        ("bed=999&start=0&end=1", 404),
    ],
)
def test_a_window_that_cannot_be_is_refused_in_one_sentence(server, screen, query, status):
    answered, content = server.json("GET", f"/api/series?{query}&token={screen}")
    assert answered == status
    assert isinstance(content["error"], str)


def test_an_acknowledgement_is_recorded_in_the_tokens_name_and_the_first_one_stands(server, clinic, nurse):
    alarm = clinic.alarm(clinic.beds[0])
    assert server.json("POST", "/api/acknowledge", {"token": nurse, "alarm": alarm}) == (200, {"acknowledged": True})
    other = server.service.tokens.issue("Nurse Two", instant.now())
    assert server.json("POST", "/api/acknowledge", {"token": other, "alarm": alarm}) == (200, {"acknowledged": False})
    with clinic.store.reading() as connection:
        assert queries.alarm(connection, alarm).acknowledged_by == "Nurse One"


def test_what_a_screen_presents_is_in_the_alarm_log_once_and_again_when_its_sound_changes(
    server, clinic, nurse, screen
):
    one, other = clinic.alarm(clinic.beds[0]), clinic.alarm(clinic.beds[1])
    tablet = {"token": nurse, "screen": "tablet-1", "sound": "on", "visible": True, "alarms": [one, other, 99_999]}
    station = {"token": screen, "screen": "station1", "sound": "blocked", "visible": True, "alarms": [one]}
    assert server.json("POST", "/api/presented", tablet) == (200, {"logged": 2})
    assert server.json("POST", "/api/presented", tablet) == (200, {"logged": 0})
    assert server.json("POST", "/api/presented", station) == (200, {"logged": 1})
    assert server.json("POST", "/api/presented", {**tablet, "sound": "paused"}) == (200, {"logged": 2})
    with clinic.store.reading() as connection:
        found = deliveries_of(connection, [one, other])
        log = list(connection.execute(select(schema.alarm_event).where(schema.alarm_event.c.event == "presented")))
    assert [(found[each].screens, found[each].sounding) for each in (one, other)] == [(2, 1), (1, 1)]
    assert {row.author for row in log} == {"Nurse One", ""}


@pytest.mark.parametrize(
    "wrong",
    [
        {"screen": "<b>"},
        {"sound": "loud"},
        {"visible": 1},
        {"alarms": [True]},
        {"alarms": list(range(1, 200))},
        {"token": 5},
    ],
)
def test_what_a_screen_cannot_present_is_refused_in_one_sentence(server, screen, wrong):
    said = {"token": screen, "screen": "tablet-1", "sound": "on", "visible": True, "alarms": [1], **wrong}
    status, content = server.json("POST", "/api/presented", said)
    assert status == 400
    assert content["error"].startswith("what is presented is")


def test_a_screen_without_a_name_cannot_acknowledge(server, clinic, screen):
    alarm = clinic.alarm(clinic.beds[0])
    status, content = server.json("POST", "/api/acknowledge", {"token": screen, "alarm": alarm})
    assert (status, content["error"]) == (403, "say who you are first: an alarm is acknowledged by a name")
    with clinic.store.reading() as connection:
        assert queries.alarm(connection, alarm).acknowledged is None


@pytest.mark.parametrize("alarm", [True, "1", None, 1.5])
def test_an_alarm_is_named_by_its_number(server, nurse, alarm):
    assert server.json("POST", "/api/acknowledge", {"token": nurse, "alarm": alarm})[0] == 400


def test_acknowledgements_that_are_none(server, nurse):
    assert server.json("POST", "/api/acknowledge", {"token": nurse, "alarm": 12345})[0] == 404
    assert server.json("POST", "/api/acknowledge", {"token": nurse, "alarm": 2**80})[0] == 404
    assert server.json("POST", "/api/acknowledge", {"alarm": 1})[0] == 400
    assert server.json("POST", "/api/acknowledge", [])[0] == 400
    assert server.json("POST", "/api/acknowledge", {"token": "x", "alarm": 1})[0] == 401
    assert server.ask("POST", "/api/acknowledge", b"{")[0].status == 400
    assert server.ask("POST", "/api/acknowledge", b"x" * 10_000)[0].status == 413
    assert server.ask("GET", "/api/acknowledge")[0].status == 405


def test_plotly_is_the_installed_copy_and_may_be_kept(server):
    import plotly.offline

    answer, content = server.ask("GET", "/api/plotly.js", headers={"Accept-Encoding": "gzip"})
    assert (answer.status, answer.getheader("content-encoding")) == (200, "gzip")
    assert "immutable" in answer.getheader("cache-control")
    assert gzip.decompress(content).decode() == plotly.offline.get_plotlyjs()


@pytest.mark.parametrize("name", ["..%2f__init__.py", "%2e%2e%2f%2e%2e%2fapp.py", "__init__.py", "none.js", "%00"])
def test_an_asset_is_a_file_of_ours_by_its_name_only(server, name):
    assert server.ask("GET", f"/api/assets/{name}")[0].status == 404


def test_a_foreign_name_is_refused_and_addresses_are_not(server):
    assert server.ask("GET", "/api/health", headers={"Host": "evil.example"})[0].status == 421
    for host in ("127.0.0.1:8501", "[::1]:8501", "192.168.0.7", "localhost:1"):
        assert server.ask("GET", "/api/health", headers={"Host": host})[0].status == 200


def test_no_answer_lets_another_origin_in_or_sets_a_cookie(server, screen):
    for path in (f"/api/series?bed=1&start=0&end=1&token={screen}", "/api/health"):
        answer, _ = server.ask("GET", path, headers={"Origin": "https://evil.example"})
        names = {name.lower() for name, _ in answer.getheaders()}
        assert not names & {"access-control-allow-origin", "set-cookie"}


def test_health_says_the_version(server):
    from dashboard import __version__

    _, content = server.ask("GET", "/api/health")
    assert json.loads(content) == {"version": __version__, "stopping": False}
