"""Import a recording: see how it is understood, say otherwise where it is not so, store it as a finished session."""

import time
from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.access.place import recordings_folder
from dashboard.apart import apart
from dashboard.errors import RisewatchError, SessionError
from dashboard.importing.choices import Choices
from dashboard.importing.course import Times, course_of
from dashboard.importing.file_hash import Origin
from dashboard.importing.looking import Look, look, said_time
from dashboard.importing.staging import import_recording
from dashboard.sessions.setup import ensure_presets
from dashboard.store import queries
from dashboard.views import file_choices, frame, import_tables
from dashboard.views.recordings import recordings_in, sample_folder, shown_name
from dashboard.views.times import moment_text
from dashboard.views.uploads import kept_upload
from dashboard.views.waiting import patience
from dashboard.views.words import plain
from devices import instant
from devices.errors import ChoiceNeeded, DeviceError

_CHOICES, _LOOKED, _DONE = "import_choices", "import_looked", "import_done"
_BAR_EVERY_S = 0.2

frame.mark("Recordings, not patients. Nothing on this page is live")
who = frame.require_person("import a recording")
store = frame.store()
zone = frame.zone_name()


def chosen() -> tuple[Path | None, tuple[Path, ...]]:
    """The recording that is chosen, an uploaded one before one of the list; and further files of the same session."""
    folders = [sample_folder(), recordings_folder()]
    uploads = st.file_uploader(
        "Upload a recording (its parts together: a .hea and its .dat, the .vital files of one session; or packed)",
        accept_multiple_files=True,
        key="import_upload",
    )
    listed = recordings_in(folders)
    picked = st.selectbox(
        "Or choose one that is here",
        listed,
        index=None,
        format_func=lambda each: shown_name(each, folders),
        placeholder="Choose a recording" if listed else "None found; upload one",
        disabled=bool(uploads),
        key="import_recording",
    )
    if not uploads:
        return picked, ()
    entry = kept_upload(uploads, together=True)
    alike = sorted(each for each in entry.parent.iterdir() if each != entry and each.suffix == entry.suffix)
    return entry, tuple(alike)


def choices_for(path: Path, also: tuple[Path, ...]) -> Choices:
    """What has been said about this recording so far."""
    held = st.session_state.get(_CHOICES)
    if held is None or held[0] != path:
        held = st.session_state[_CHOICES] = (path, Choices(zone=zone, also=also))
    return held[1]


def looked(path: Path, choices: Choices, place: DeltaGenerator) -> tuple[Look, Origin] | Exception:
    """The recording as it is read by `choices`, or why it is not; read again only when something has changed, which is
    said at `place`."""
    found = path.stat()
    key = path, found.st_size, found.st_mtime_ns, choices
    held = st.session_state.get(_LOOKED)
    if held is None or held[0] != key:
        result: tuple[Look, Origin] | Exception
        with patience("Reading the recording", place) as waiting:
            try:
                result = apart(look, path, choices, waiting=waiting)
            except (RisewatchError, DeviceError) as error:
                result = error
        held = st.session_state[_LOOKED] = (key, result)
    return held[1]


def say(choices: Choices) -> None:
    """Takes what was said, and shows the recording read by it."""
    st.session_state[_CHOICES] = (path, choices)
    st.rerun()


def show(found: Look) -> None:
    """How the recording was understood."""
    st.markdown("#### How it is understood")
    left, right = st.columns([3, 2])
    ends = [
        instant.format(each, True) if found.relative else moment_text(each, zone) for each in (found.first, found.last)
    ]
    left.html(import_tables.understood(found.how, " to ".join(ends)))
    right.html(import_tables.counts(found.how))
    st.html(import_tables.columns(found.how))
    told = import_tables.notices(found.how)
    if told:
        st.html(told)


def times_of(found: Look) -> Times | None:
    """The infusion's times, by hand over the file's own events; None as long as they cannot be."""
    st.markdown("#### The infusion")
    of_file = [f"{each.text} ({moment_text(each.time, zone)})" for each in found.notices]
    st.caption(plain(f"Events in the file: {'; '.join(of_file[:12])}" if of_file else "The file tells of no events."))
    names = ("Infusion start", "Infusion end", "Session end")
    hints = ("Empty: by the file's events", "Empty: by the file, else the session's end", "Empty: the last reading")
    typed = [
        column.text_input(
            name, placeholder=hint, key=f"import_time_{place}", help="ISO time, or +600: seconds from its start"
        )
        for place, (column, name, hint) in enumerate(zip(st.columns(3), names, hints, strict=True))
    ]
    try:
        in_zone = instant.zone_named(choices.zone)
        span = found.first, found.last, found.relative, in_zone
        times = Times(*(said_time(text, name.lower(), *span) for name, text in zip(names, typed, strict=True)))
        course = course_of(found, times, instant.now(), who.name)
    except SessionError as error:
        text = file_choices.sentence(error).replace("say it with --infusion-start", "say it above")
        (st.warning if any(typed) else st.info)(plain(text))
        return None
    st.info(plain(file_choices.sentence(SessionError(course.taken))))
    return times


def bar(words: str) -> Callable[[float], None]:
    """A progress bar, drawn a few times a second at most."""
    shown, drawn = st.progress(0.0, words), [0.0]

    def tell(done: float) -> None:
        if done >= 1 or time.monotonic() - drawn[0] > _BAR_EVERY_S:
            drawn[0] = time.monotonic()
            shown.progress(min(1.0, done), words)

    return tell


st.subheader("Import a recording")
done = st.session_state.pop(_DONE, None)
path: Path | None = None
also: tuple[Path, ...] = ()
with frame.explained():
    path, also = chosen()
if path is None:
    frame.shift_control()
    st.stop()
choices = choices_for(path, also)
result = looked(path, choices, place=st.empty())
if isinstance(result, Exception):
    changed = file_choices.unread(result, choices)
    if changed is not None:
        say(changed)
    frame.shift_control()
    st.stop()
found, origin = result
show(found)
changed = file_choices.change(found.how, choices)
if changed is not None:
    say(changed)
if found.relative:
    undated = ChoiceNeeded("the recording has no dates, and can be stored only with them", "start")
    changed = file_choices.ask(undated, choices)
    if changed is not None:
        say(changed)
    frame.shift_control()
    st.stop()
times = times_of(found)
with store.reading() as connection:
    versions = queries.threshold_versions(connection)
    before = queries.first_import(connection, origin.sha256, choices.patient)
st.markdown("#### Store it")
first, second, third = st.columns(3)
version = first.selectbox(
    "Thresholds",
    versions,
    index=next((at for at, each in enumerate(versions) if each.name == "adult-iv"), 0 if versions else None),
    format_func=lambda each: f"{each.name}, version {each.version}",
    key="import_thresholds",
)
bed = second.text_input("What the bed was called", max_chars=40, key="import_bed")
drug = third.text_input("What was infused", max_chars=60, key="import_drug")
again = False
if done is not None:
    st.success(plain(done[1]))
    st.page_link(
        "history.py", label="Open the session", query_params={"session": str(done[0])}, icon=":material/history:"
    )
elif before is not None:
    st.warning(plain(
        f"This recording was imported before, as session {before.session_id} on {moment_text(before.imported, zone)}"
        f" by {before.imported_by} (as {before.name})."
    ))  # fmt: skip
    st.page_link(
        "history.py",
        label="Open that session",
        query_params={"session": str(before.session_id)},
        icon=":material/history:",
    )
    again = st.checkbox("Import it once more, as another session", key="import_again")
may = times is not None and version is not None and (before is None or again)
pressed = st.button("Import", type="primary", disabled=not may, width="stretch", key="import_now")
if pressed and times is not None and version is not None:
    with frame.explained():
        ensure_presets(store, instant.now())
        said = {"author": who.name, "now": instant.now(), "bed": bed, "drug": drug, "again": again}
        with patience("Reading it and looking for rises") as waiting:
            stored = apart(
                import_recording, store.url, path, origin, choices, times, version, said,
                progress=bar("Storing the readings"), waiting=waiting,
            )  # fmt: skip
        st.session_state[_DONE] = (
            stored.session_id,
            (
                f"Stored as session {stored.session_id}: {stored.readings:,} readings, {stored.rises} rises by "
                f"{version.name}, version {version.version}. {stored.rows}."
            ),
        )
        st.rerun()
frame.shift_control()
