"""The script behind every page: navigation on top, the page, the footer."""

from pathlib import Path

import streamlit as st

from dashboard.views import at_bed, frame
from dashboard.views.memory import put_modules_aside

_HERE = Path(__file__).parent
HAVE_LIVE_VIEW = ("", "wall", "bed")  # pages that show alarms themselves

st.set_page_config(page_title="Risewatch", page_icon=None, layout="wide", initial_sidebar_state="collapsed")
page = st.navigation(
    [
        st.Page(_HERE / "wall.py", title="Wall", url_path="wall", default=True),
        st.Page(_HERE / "bed.py", title="Bed", url_path="bed"),
        st.Page(_HERE / "session.py", title="Start session", url_path="session"),
        st.Page(_HERE / "handover.py", title="Hand-over", url_path="handover"),
        st.Page(_HERE / "thresholds.py", title="Thresholds", url_path="thresholds"),
        st.Page(_HERE / "replay.py", title="Replay", url_path="replay"),
        st.Page(_HERE / "importing.py", title="Import", url_path="importing"),
        st.Page(_HERE / "history.py", title="History", url_path="history"),
        st.Page(_HERE / "monitors.py", title="Monitors", url_path="monitors"),
    ],
    position="top",
)
at_bed.turned_to((page.url_path, st.query_params.get("bed", "")))
frame.look()
# The footer is written before the page above it, so that a page that ends early cannot leave it out.
body = st.container()
frame.footer()
try:
    with body:
        if page.url_path not in HAVE_LIVE_VIEW:
            frame.live_strip()
        page.run()
finally:  # also of a page that ends early
    put_modules_aside()
