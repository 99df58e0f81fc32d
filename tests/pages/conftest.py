import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "live"))

from clinic import Clinic
from streamlit.testing.v1 import AppTest

from dashboard import components
from dashboard.access.people import begin_shift
from dashboard.access.place import DATA_VARIABLE
from devices import instant

MAIN = Path(__file__).parents[2] / "dashboard" / "views" / "main.py"


@pytest.fixture
def clinic(tmp_path, monkeypatch):
    """Two beds, a watch that runs, and the pages pointed at them."""
    for name in ("wall", "bed"):
        if not hasattr(components, name):
            monkeypatch.setattr(components, name, lambda **_given: None, raising=False)
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    made = Clinic(tmp_path)
    made.beat(instant.now())
    yield made
    made.store.close()


class Pages:
    """The pages as one browser session sees them."""

    def __init__(self):
        self.at = AppTest.from_file(str(MAIN), default_timeout=20)

    def named(self, name="Nurse One"):
        begin_shift(self.at.session_state, name, instant.now())
        return self

    def open(self, page="wall", **query):
        self.at.switch_page(f"{page}.py")
        for key, value in query.items():
            self.at.query_params[key] = str(value)
        self.at.run()
        assert not self.at.exception, self.at.exception
        return self.at

    def text(self):
        """Everything the page says."""
        parts = []
        for kind in ("markdown", "caption", "subheader", "error", "info", "warning", "success"):
            parts += [each.value for each in getattr(self.at, kind)]
        parts += [each.proto.body for each in self.at.get("html")]
        return "\n".join(parts)


@pytest.fixture
def pages(clinic):
    return Pages()
