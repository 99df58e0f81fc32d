"""The live views in the browser: mounted by the pages, fed by the event stream, not by reruns.

Each mount is a few lines of JavaScript that import a module from `/api/assets`; the rest of the browser's side is in
`assets/`. What they are told is in docs/live-stream.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import Any

import streamlit as st
from msgspec import Struct
from msgspec.structs import asdict

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
_scrub = st.components.v2.component("risewatch_scrub", js=_BRIDGE, isolate_styles=False)
_strip = st.components.v2.component("risewatch_strip", js=_BRIDGE, isolate_styles=False)
_monitors = st.components.v2.component("risewatch_monitors", js=_BRIDGE, isolate_styles=False)
_monitor = st.components.v2.component("risewatch_monitor", js=_BRIDGE, isolate_styles=False)
_probe = st.components.v2.component("risewatch_probe", js=_BRIDGE, isolate_styles=False)
_follow = st.components.v2.component("risewatch_follow", js=_BRIDGE, isolate_styles=False)

_PRINT = """
export default function ({ parentElement }) {
  parentElement.querySelector("button").onclick = () => window.print();
}
"""
_print = st.components.v2.component(
    "risewatch_print",
    html='<button type="button" class="rw-print">Print</button>',
    css=""".rw-print {min-height: 3rem; padding: 0 1.2rem; border-radius: 0.5rem; font: inherit; cursor: pointer;
      border: 1px solid currentColor; background: transparent; color: inherit;}""",
    js=_PRINT,
    isolate_styles=False,
)


class Screen(Struct, frozen=True):
    """What a live view is given of the screen it is on.

    Attributes:
        token: opens the live routes (`dashboard.live.tokens`). may_act: the token names a person, so that alarms can be
            acknowledged. who: that person, for what is set on this screen in a name. shift: what the browser is to
            remember of who is on shift (`dashboard.access.people`).
    """

    token: str
    may_act: bool
    who: str = ""
    shift: Mapping[str, Any] | None = None


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


def wall(screen: Screen, key: str = "wall") -> int | None:
    """Every bed at once. Returns the id of a bed that was just tapped, else None."""
    return _opened(_wall(key=key, data=_data("wall.js", screen), on_opened_change=_nothing))


def bed(screen: Screen, bed_id: int, acknowledged: Callable[[], None]) -> int | None:
    """One bed. Returns the id of a bed whose alarm was just tapped, else None.

    `acknowledged` is called before the page runs, when a high alarm was acknowledged here. It is no value of the run:
    one that is cut short by a further run would take it along.
    """
    # A key for each bed, so that the view of a bed is never taken over by another.
    data = _data("bed.js", screen) | {"bed": bed_id}
    key = f"bed_{bed_id}"
    told = _bed(
        key=key,
        data=data,
        on_opened_change=_nothing,
        on_anew_change=_nothing,  # a new run of the page is all that it asks for
        on_acknowledged_change=acknowledged,
    )
    return _opened(told)


def strip(screen: Screen, key: str = "strip") -> int | None:
    """The alarm line, sound and cover of a page without a live view. Returns the bed that was tapped, else None."""
    return _opened(_strip(key=key, data=_data("strip.js", screen), on_opened_change=_nothing))


def scrub(screen: Screen, bed_id: int, shown: Mapping[str, Any], moved: Callable[[int], None]) -> None:
    """A slider over a replay that goes on with it.

    Args:
        shown: "playing", "speed", "ended" and "foreseen" of the replay as the page shows it: it runs anew when the
            replay no longer stands so.
        moved: called before the page runs with the second from the replay's beginning to which it was moved.
    """
    key = f"scrub_{bed_id}"

    def told() -> None:
        second = _number(st.session_state[key], "seek")
        if second is not None:
            moved(second)

    _scrub(
        key=key,
        data=_data("scrub.js", screen) | {"bed": bed_id, "shown": dict(shown)},
        on_seek_change=told,
        on_anew_change=_nothing,  # a new run of the page is all that it asks for
    )


def monitors(screen: Screen, rows: int) -> None:
    """The table of every bed's monitor, kept up to date by itself; until it is there, room is kept for `rows`."""
    _monitors(key="monitors", data=_data("monitors.js", screen) | {"rows": rows})


def monitor(screen: Screen, bed_id: int, zone: str) -> None:
    """What is heard from one bed's monitor, its clock and its last notices, in the clinic's time zone."""
    _monitor(key=f"monitor_{bed_id}", data=_data("monitor.js", screen) | {"bed": bed_id, "zone": zone})


def probe(screen: Screen, command_id: int) -> None:
    """What the watch is doing for a command that it was asked to carry out on a port, and for how long."""
    _probe(key=f"probe_{command_id}", data=_data("probe.js", screen) | {"command": command_id})


def follow(screen: Screen, key: str, shown: Mapping[str, Any]) -> None:
    """Has the fragment around it run again when what it was drawn on is no longer so; it is not to be seen itself.

    Args:
        shown: those facts of `dashboard.live.monitors.standing` that the fragment was drawn on; "command": [id, whether
            done] of one that it waits for.
    """
    # A new run is all that it asks for.
    _follow(key=f"follow_{key}", data=_data("follow.js", screen) | {"shown": dict(shown)}, on_anew_change=_nothing)


def print_button(key: str = "print") -> None:
    """A button that opens the browser's print dialog: Streamlit has none, and pages carry no scripts of their own."""
    _print(key=key)


def _data(module: str, screen: Screen) -> dict[str, Any]:
    return {"module": asset_url(module), "version": asset_hash(), **asdict(screen)}


def _nothing() -> None:
    """A trigger reaches the page by its value; Streamlit wants a callback to declare it."""


def _opened(result: Any) -> int | None:
    return _number(result, "opened")


def _number(result: Any, name: str) -> int | None:
    value = getattr(result, name, None)
    return int(value) if isinstance(value, int | float) else None
