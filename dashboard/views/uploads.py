"""An uploaded recording, kept once however often its page runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard.access.place import recordings_folder
from dashboard.views.recordings import keep_upload
from devices import instant

_KEPT = "uploaded_recording"


def kept_upload(uploads: Sequence[UploadedFile], together: bool = False) -> Path:
    """Where the recording in `uploads` is kept. `together` and what is raised: as of `keep_upload`."""
    ids = tuple(each.file_id for each in uploads)
    kept: tuple[tuple[str, ...], Path] | None = st.session_state.get(_KEPT)
    if kept is None or kept[0] != ids:
        content = [(each.name, each.getvalue()) for each in uploads]
        kept = st.session_state[_KEPT] = ids, keep_upload(recordings_folder(), content, instant.now(), together)
    return kept[1]
