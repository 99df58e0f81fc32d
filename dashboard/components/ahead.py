"""What a page is going to ask for, told to the browser in the page's head, before it finds that out step by step.

Without it a live view begins to be fetched when Streamlit's own program has run: module after module, each knowing
only then which others it needs. Nothing here changes what is loaded, only when.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path

from dashboard.components import asset_url

_OURS = re.compile(r'^(?:import|export)\b[^;"]*"\./([\w.]+)"', re.MULTILINE)
_STREAMLITS = re.compile(rb'(?:from|import)"\./([\w.-]+)"')
_FONTS = ("Inter-400.woff2", "Inter-600.woff2", "Inter-800.woff2")
_WALL, _BED, _ANY_OTHER = ("wall.js", "wall.css"), ("bed.js", "wall.css", "bed.css"), ("strip.js", "strip.css")
_STREAMLITS_PARTS = ("BidiComponent", "Html")
"""The parts of Streamlit's program that it fetches when a page has them, as every page of ours has."""


@lru_cache(maxsize=64)  # of paths that anybody may ask for
def links(path: str, has_bed: bool = False) -> bytes:
    """The head's links for the page at `path` of an address; `has_bed`: one is named, without which none is shown."""
    path = path.rstrip("/")
    entry, *styles = _WALL if path == "" else _BED if path == "/bed" and has_bed else _ANY_OTHER
    first, *others = modules(entry)
    ours = [asset_url(first), *(f"/api/assets/{each}" for each in others)]
    said = [f'<link rel="modulepreload" href="{each}">' for each in ours]
    said += [f'<link rel="preload" as="style" href="{asset_url(each)}">' for each in ("base.css", *styles)]
    said += [
        f'<link rel="preload" as="font" type="font/woff2" crossorigin href="/api/assets/{each}">' for each in _FONTS
    ]
    said += [f'<link rel="modulepreload" crossorigin href="/static/js/{each}">' for each in streamlit_modules()]
    return "".join(said).encode("ascii")


@cache
def modules(entry: str) -> tuple[str, ...]:
    """The names of the files in `assets/` that make up the view `entry`: it first, then what it needs."""
    folder = resources.files("dashboard.components").joinpath("assets")
    return _with_all_it_needs([entry], lambda name: _OURS.findall(folder.joinpath(name).read_text("utf-8")))


@cache
def streamlit_modules() -> tuple[str, ...]:
    """The file names of Streamlit's parts that our pages need and its own page does not tell of.

    Empty if this version of Streamlit is built another way: then the browser finds out by itself.
    """
    import streamlit

    static = Path(streamlit.__file__).parent / "static"
    folder = static / "static" / "js"
    try:
        told = set(re.findall(r"/static/js/([\w.-]+)", (static / "index.html").read_text("utf-8")))
        parts = [each.name for part in _STREAMLITS_PARTS for each in sorted(folder.glob(f"{part}.*.js"))]
        needed = _with_all_it_needs(parts, lambda name: [
            each.decode("ascii") for each in _STREAMLITS.findall((folder / name).read_bytes())
        ])  # fmt: skip
    except OSError:
        return ()
    return tuple(each for each in needed if each not in told)


def _with_all_it_needs(names: Iterable[str], needs: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
    found = dict.fromkeys(names)
    waiting = list(found)
    while waiting:
        for each in needs(waiting.pop(0)):
            if each not in found:
                found[each] = None
                waiting.append(each)
    return tuple(found)
