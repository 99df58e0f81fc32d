"""The live views in the browser: mounted by the pages, fed by the event stream, not by reruns.

Each mount is a few lines of JavaScript that import a module from `/api/assets`; the rest of the browser's side is in
`assets/`. What they are told is in docs/live-stream.md.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from typing import Any

import streamlit as st

_BRIDGE = """
export default function (component) {
  const host = component.parentElement;
  // Streamlit runs this from a blob, against which a bare path cannot be resolved.
  import(new URL(component.data.module, window.location.href).href).then(
    (view) => view.mount(component),
    () => { host.textContent = "This view could not be loaded: reload the page. Look at the bedside monitor."; },
  );
  return () => { host.dispatchEvent(new CustomEvent("risewatch-leave")); };
}
"""

_wall = st.components.v2.component("risewatch_wall", js=_BRIDGE, isolate_styles=False)
_bed = st.components.v2.component("risewatch_bed", js=_BRIDGE, isolate_styles=False)


@cache
def asset_hash() -> str:
    """One hash of all files the browser may have: modules import each other, so they are renewed together."""
    digest = hashlib.sha256()
    for each in sorted(resources.files(__name__).joinpath("assets").iterdir(), key=lambda file: file.name):
        digest.update(each.name.encode("utf-8") + b"\0" + each.read_bytes())
    return digest.hexdigest()[:16]


def asset_url(name: str) -> str:
    """The address of a file of `assets/`; it changes whenever a file there does, so copies may be kept for ever."""
    return f"/api/assets/{name}?v={asset_hash()}"


def wall(*, token: str, may_act: bool, key: str = "wall") -> int | None:
    """Every bed at once. Returns the id of a bed that was just tapped, else None.

    Args:
        token: opens the live routes (`dashboard.live.tokens`). may_act: the token names a person.
    """
    result = _wall(
        key=key,
        data=_data("wall.js", token, may_act),
        on_opened_change=_nothing,
    )
    return _opened(result)


def bed(*, token: str, bed_id: int, may_act: bool, key: str | None = None) -> int | None:
    """One bed. Returns the id of another bed whose alarm was just tapped, else None.

    Args:
        token: opens the live routes. may_act: the token names a person, so alarms can be acknowledged.
        key: one per bed, so that the view of a bed is never taken over by another.
    """
    result = _bed(
        key=key or f"bed_{bed_id}",
        data=_data("bed.js", token, may_act) | {"bed": bed_id},
        on_opened_change=_nothing,
    )
    return _opened(result)


def _data(module: str, token: str, may_act: bool) -> dict[str, Any]:
    return {"module": asset_url(module), "version": asset_hash(), "token": token, "may_act": may_act}


def _nothing() -> None:
    """A trigger reaches the page by its value; Streamlit wants a callback to declare it."""


def _opened(result: Any) -> int | None:
    value = getattr(result, "opened", None)
    return int(value) if isinstance(value, int | float) else None
