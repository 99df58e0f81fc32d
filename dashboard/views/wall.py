"""The wall: every bed at once, legible from across the room. Live numbers come by the event stream, not by reruns."""

import streamlit as st

from dashboard.components import wall
from dashboard.store import queries
from dashboard.views import frame

store = frame.store()
with store.reading() as connection:
    beds = queries.beds(connection)

if not beds:
    st.info(
        "No bed is configured yet. `risewatch demo` shows the wall with virtual monitors; "
        "`risewatch run --config FILE` watches real ones."
    )
    frame.live_strip()
    frame.shift_control()
    st.stop()

opened = wall(frame.screen())
if opened is not None:
    st.switch_page("bed.py", query_params={"bed": str(opened)})
frame.shift_control()
