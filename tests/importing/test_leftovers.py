"""What killed imports left in the database: cleared away beside a running watch, never from under a running import."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from dashboard.errors import StoreError
from dashboard.importing import leftovers
from dashboard.store import queries, schema, writes
from dashboard.store.database import Store, open_store
from devices.reading import Reading, Status

PIECE = 10


@pytest.fixture
def store(any_place: Path | str, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(leftovers, "PIECE", PIECE)
    return open_store(any_place)


def half_written(store: Store, readings: int, name: str = "Import 1") -> int:
    """As an import that was killed leaves it: a bed without a session, with readings of two streams."""
    with store.writing() as connection:
        bed = writes.add_replay_bed(connection, name, leftovers.PROTOCOL, "ward.csv", in_use=False).id
        held = [
            Reading(at * 1_000_000, at, signal, 80.0, "/min", Status.OK, f"csv:{signal}")
            for at in range(readings)
            for signal in ("HR", "PR")
        ]
        writes.ReadingWriter().write(connection, ((bed, each) for each in held))
    return bed


def counts(store: Store) -> dict[str, int]:
    with store.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (schema.bed, schema.stream, schema.reading)
        }


def never(_: float) -> bool:
    return False


def test_all_of_it_goes_and_nothing_else(store: Store) -> None:
    half_written(store, 25)
    half_written(store, 0, "Import 2")
    with store.writing() as connection:
        writes.add_replay_bed(connection, "Replay 1", "replay", "ward.csv", in_use=True)
    assert leftovers.clear_beside(store, never)
    assert counts(store) == {"bed": 1, "stream": 0, "reading": 0}
    with store.reading() as connection:
        assert [bed.name for bed in queries.beds(connection)] == ["Replay 1"]
    assert not leftovers.clear_beside(store, never)
    store.close()


def test_an_import_that_is_running_keeps_its_readings(store: Store) -> None:
    with store.importing():
        half_written(store, 25)
        with pytest.raises(StoreError, match="another import"):
            leftovers.clear_beside(store, never)
        assert counts(store) == {"bed": 1, "stream": 2, "reading": 50}
    store.close()


def test_an_import_may_begin_between_two_steps_and_the_rest_is_its_own_to_clear(store: Store) -> None:
    half_written(store, 25)
    seen = []

    def begins(_: float) -> bool:
        with store.importing(wait_s=0):
            seen.append(counts(store)["reading"])
        return len(seen) == 2

    assert leftovers.clear_beside(store, begins)
    assert seen == [40, 30]
    assert counts(store)["reading"] == 30
    store.close()


def test_a_watch_that_starts_looks_at_once_and_ends_its_looking(store: Store) -> None:
    half_written(store, 3)
    tidying = leftovers.Tidying(store)
    tidying.start()
    for _ in range(2_000):
        if not any(counts(store).values()):
            break
    assert counts(store) == {"bed": 0, "stream": 0, "reading": 0}
    tidying.close()
    store.close()
