"""The pages as one browser session sees them, driven without a browser."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from dashboard.access.people import begin_shift
from devices import instant

MAIN = Path(__file__).parents[2] / "dashboard" / "views" / "main.py"


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

    def question(self):
        """The control of the question that a file leaves open."""
        held = [*self.at.selectbox, *self.at.text_input]
        (found,) = [each for each in held if (each.key or "").startswith("file_answer")]
        return found

    def text(self):
        """Everything the page says."""
        parts = []
        for kind in ("markdown", "caption", "subheader", "error", "info", "warning", "success"):
            parts += [each.value for each in getattr(self.at, kind)]
        parts += [each.proto.body for each in self.at.get("html")]
        return "\n".join(parts)
