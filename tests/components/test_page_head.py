"""What a page's head tells the browser ahead: all that the view consists of, each a file that is there."""

import re
from importlib import resources
from pathlib import Path

import pytest
import streamlit

from dashboard.components import asset_url
from dashboard.components.ahead import links, modules, streamlit_modules
from dashboard.components.head import with_head

ASSETS = resources.files("dashboard.components") / "assets"
STREAMLITS = Path(streamlit.__file__).parent / "static" / "static" / "js"
PAGE = b"<html><head><title>Streamlit</title><script src=a.js></script></head><body></body></html>"


def addresses(path, has_bed=False):
    return re.findall(r'href="([^"]+)"', links(path, has_bed).decode())


@pytest.mark.parametrize(("path", "bed", "view"), [
    ("/", False, "wall"), ("/bed", True, "bed"), ("/bed/", True, "bed"), ("/bed", False, "strip"),
    ("/history", False, "strip"), ("/no/such", False, "strip"),
])  # fmt: skip
def test_each_page_is_told_of_its_own_view(path, bed, view):
    told = addresses(path, bed)
    assert asset_url(f"{view}.js") in told
    assert asset_url(f"{view}.css") in told
    assert sum(address.split("?")[0].endswith(("wall.js", "bed.js", "strip.js")) for address in told) == 1


@pytest.mark.parametrize("view", ["wall.js", "bed.js", "strip.js"])
def test_no_file_of_a_view_is_forgotten(view):
    """Whatever a told file names between quotes as a neighbour is told too."""
    told = modules(view)
    assert told[0] == view and len(set(told)) == len(told) > 10
    named = {name for each in told for name in re.findall(r'"\./(\w+\.js)"', (ASSETS / each).read_text())}
    assert named <= set(told)


def test_every_address_is_a_file_that_is_there():
    for address in [*addresses("/"), *addresses("/bed", True), *addresses("/history")]:
        name = address.split("?")[0].rpartition("/")[2]
        assert (STREAMLITS / name if address.startswith("/static/") else ASSETS / name).is_file(), address


def test_streamlits_parts_are_found_in_the_version_that_is_installed():
    assert any(each.startswith("BidiComponent.") for each in streamlit_modules())
    assert not set(streamlit_modules()) & set(
        re.findall(r"[\w.-]+\.js", (STREAMLITS.parents[1] / "index.html").read_text())
    )


def test_the_look_comes_before_streamlits_program_and_what_is_needed_later_after_it():
    page = with_head(PAGE)
    assert page.index(b"palette.css") < page.index(b"a.js") < page.index(b"wall.js") < page.index(b"</head>")
    assert page.count(b"<title>") == 1
    assert with_head(b"no page") == b"no page"
