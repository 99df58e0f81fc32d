"""A browser and a made stream server for the browser's side of the live views."""

import pytest
from fake_stream import Fake, Running


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    opened.errors = []
    opened.on("pageerror", lambda error: opened.errors.append(str(error)))
    yield opened
    context.close()
    assert opened.errors == []


@pytest.fixture
def served():
    with Running(Fake()) as running:
        yield running
