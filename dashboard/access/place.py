"""Which store this server process serves: named once by the environment, opened once, shared by pages and routes."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from dashboard.store.database import Store, open_store
from dashboard.watch.places import data_folder

DATA_VARIABLE = "RISEWATCH_DATA"
"""The data folder or database URL of this server process."""

HOSTS_VARIABLE = "RISEWATCH_HOSTS"
"""Names under which browsers reach this server, comma-separated, beside this machine's own."""


def place() -> str:
    """The data folder or URL this process serves."""
    return os.environ.get(DATA_VARIABLE) or str(data_folder(None))


def recordings_folder() -> Path:
    """Where recordings of this place are looked for and uploaded ones are kept."""
    where = place()
    return (data_folder(None) if "://" in where else Path(where)) / "recordings"


def shared_store() -> Store:
    """The store of this process.

    Raises:
        StoreError: it cannot be opened.
    """
    return _opened(place())


@lru_cache(maxsize=4)
def _opened(where: str) -> Store:
    return open_store(where)
