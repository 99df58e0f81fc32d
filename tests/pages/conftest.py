import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "live"))

from clinic import Clinic
from page_driver import Pages

from dashboard.access.place import DATA_VARIABLE
from devices import instant


@pytest.fixture
def clinic(tmp_path, monkeypatch):
    """Two beds, a watch that runs, and the pages pointed at them."""
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    made = Clinic(tmp_path)
    made.beat(instant.now())
    yield made
    made.store.close()


@pytest.fixture
def pages(clinic):
    return Pages()
