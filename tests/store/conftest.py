import pytest

from dashboard.sessions.setup import ensure_presets
from dashboard.store import queries, writes
from dashboard.store.database import open_store


@pytest.fixture
def store(any_place):
    """An empty store with the shipped presets and two beds, on either engine."""
    yield from _filled(any_place)


@pytest.fixture
def sqlite_store(tmp_path):
    """The same, in a file of `tmp_path`."""
    yield from _filled(tmp_path)


def _filled(place):
    opened = open_store(place)
    ensure_presets(opened, 0)
    with opened.writing() as connection:
        writes.set_up_beds(
            connection,
            [
                {"name": name, "place": place, "grp": "", "protocol": "line", "port": f"/dev/x{place}", "mode": "live"}
                for place, name in enumerate(("Bed 1", "Bed 2"))
            ],
        )
    yield opened
    opened.close()


@pytest.fixture
def bed(store):
    with store.reading() as connection:
        return queries.beds(connection)[0]


@pytest.fixture
def preset_id(store):
    with store.reading() as connection:
        return queries.latest_threshold_version(connection, "adult-iv").id
