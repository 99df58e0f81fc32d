"""What every page has in common: the store, the look, the marks for demo and replay, who is on shift, the footer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.access.people import Person, begin_shift, end_shift, on_shift, remembered, to_remember
from dashboard.access.place import shared_store
from dashboard.components import Screen, strip
from dashboard.components.palette import palette
from dashboard.errors import RisewatchError, StoreError
from dashboard.live.service import site_of
from dashboard.live.tokens import SHIFT, Shifts, Tokens, token_key
from dashboard.statements import statements
from dashboard.store import queries
from dashboard.store.database import Store
from dashboard.views.words import plain
from devices import instant
from devices.errors import DeviceError

_CSS = """
<style>
[data-testid=stMainBlockContainer] {padding: 3.2rem 1rem 0.5rem; max-width: none;}
[data-testid=stAppViewContainer] {font-variant-numeric: tabular-nums;}
[data-testid=stMainBlockContainer] button {min-height: 3rem;}
[data-testid=stDialog] button {min-height: 3rem; min-width: 3rem;}
/* The acts of a bed stay under the thumb, however long the page. */
[data-testid=stLayoutWrapper]:has(> .st-key-act_bar) {position: sticky; bottom: 0; z-index: 30;
          background: var(--ground, #05080D); padding: 0.4rem 0;}
/* On a phone all acts at once in two rows: a row one has to scroll hides the act that is needed. */
@media (max-width: 699px) {
  .st-key-act_bar {display: grid !important; grid-template-columns: repeat(4, 1fr); gap: 0.35rem !important;}
  .st-key-act_bar > div {width: auto !important; min-width: 0 !important;}
  .st-key-act_bar button {padding: 0.1rem !important; line-height: 1.15;}
  .st-key-act_bar button p {font-size: 0.8rem; white-space: initial;}
  .st-key-act_bar kbd {display: none;}
}
[data-testid=stNumberInputContainer], [data-testid=stTextInputRootElement] {height: 3rem;}
[data-testid=stNumberInputContainer] button {min-height: 0 !important; min-width: 2.4rem !important;}
/* At the bottom, under the thumb, and the alarm bar stays in sight. */
[data-testid=stDialog] > div {margin-top: auto; margin-bottom: 1rem;}
[data-testid=stMainBlockContainer] a {text-underline-offset: 0.2em;}
/* Streamlit writes white on the accent, which is bright in the dark look. */
[data-testid=stCaptionContainer], [data-testid=stCaptionContainer] * {opacity: 1 !important; color: var(--soft);}
button[kind^=primary]:not([disabled]), button[kind^=primary]:not([disabled]) * {
  color: var(--accent-ink, #04101C) !important;}
[data-testid^=stBaseButton]:not([disabled]) * {opacity: 1 !important;}  /* the key on a button is no less a word */
.rw-mark {border-radius: 0.4rem; padding: 0.1rem 0.7rem; font-weight: 700; letter-spacing: 0.02em;
          color: var(--replay-ink); background: var(--replay); border: 2px dashed var(--replay-ink);
          outline: 2px solid var(--replay);}
body:has(.rw-strip) [data-testid=stElementContainer]:has(.rw-mark[data-mark]) {position: sticky; z-index: 25;
          top: calc(3.75rem + var(--strip, 3.7rem) + 0.2rem);}
.rw-demo {position: fixed; top: 0.75rem; right: 1rem; z-index: 999995; max-width: calc(100vw - 5rem);
          overflow: hidden; white-space: nowrap; text-overflow: ellipsis;}
.rw-footer {color: var(--soft); font-size: 0.78rem; line-height: 1.35; border-top: 1px solid var(--edge);
            margin-top: 0.6rem; padding-top: 0.5rem;}
/* Under a finger a button of the accent stays one. */
button[kind^=primary]:not([disabled]) {background-color: var(--accent) !important;}
/* On a phone there are no keys, and what is tapped most is a grid under the thumb. */
@media (max-width: 699px) {
  [data-testid=stDialog] kbd {display: none;}
  .st-key-quick_notes, .st-key-quick_actions, [class*=st-key-score_] {display: grid !important;
    grid-template-columns: repeat(2, 1fr); gap: 0.4rem !important;}
  .st-key-score_moaas {grid-template-columns: 1fr;}
  .st-key-score_pain {grid-template-columns: repeat(6, 1fr);}
  .st-key-quick_notes > div, .st-key-quick_actions > div, [class*=st-key-score_] > div {width: auto !important;
    min-width: 0 !important;}
  .st-key-quick_notes button, .st-key-quick_actions button, [class*=st-key-score_] button {width: 100%;
    padding-inline: 0.3rem;}
  .st-key-more_what [role=radiogroup] {display: grid; grid-template-columns: repeat(3, 1fr); gap: 0.4rem; width: 100%;}
  .st-key-more_what [role=radiogroup] button {border: 1px solid var(--button-edge); border-radius: 0.6rem; margin: 0;
    padding-inline: 0.2rem; width: 100%;}
}
/* Dimmed for the night: what is Streamlit's, without what shows an alarm. Our own colours in it are the dark look's, so
   that none is dimmed twice. */
[data-look=night] [data-testid=stHeader], [data-look=night] [data-testid=stDialog] > div,
[data-look=night] [data-testid=stElementContainer]:not(:has(.rw, .rw-mark)):not([data-testid=stDialog] *) {
  filter: brightness(0.76); UNDIMMED}
[data-look=night] [data-testid=stCode] .token {color: inherit !important;}
</style>
""".replace("UNDIMMED", "".join(f"--{name}: {colour};" for name, colour in palette("dark").items()))
"""The one place where Streamlit's own spacing is changed; a browser test pins the test ids."""


_DEMO = '<div class="rw-mark rw-demo" role="note">DEMONSTRATION, no real person is connected</div>'

OPEN = "dialog_open"
"""Which dialog is open on the page: an act's name, or SHIFT_DIALOG. A page has one at most."""
SHIFT_DIALOG = "shift"

SAID_FOR = 20 * instant.SECOND
"""What was just done at a bed, or why it was not, is said so long (µs) after it."""

_TOKEN = "risewatch_token"


def store() -> Store:
    """The store of this server. A page that cannot open it says so and ends."""
    try:
        return shared_store()
    except RisewatchError as error:
        st.error(f"The database cannot be opened: {error}")
        st.stop()


def token(of: Store, who: Person | None) -> str:
    """What opens the live routes for this screen; the same one while the same person is on shift, so that the live view
    is not connected anew by each run of the page."""
    name, now = who.name if who else "", instant.now()
    kept = st.session_state.get(_TOKEN)
    if kept is None or kept[0] != name or not 0 <= now - kept[2] < SHIFT // 2:
        issued = Tokens(_key(str(of.engine.url), of)).issue(name, now)
        kept = st.session_state[_TOKEN] = (name, issued, now)
    return str(kept[1])


@st.cache_data(show_spinner=False)
def _key(_place: str, _store: Store) -> str:
    return token_key(_store)


def _shifts() -> Shifts:
    of = store()
    return Shifts(_key(str(of.engine.url), of))


def screen() -> Screen:
    """What a live view is to know of this screen and of who is on shift."""
    of, who = store(), person()
    told = to_remember(st.session_state, _shifts(), instant.now())
    return Screen(token(of, who), who is not None, who.name if who else "", told)


def live_strip() -> None:
    """The alarm line, the sound and the cover, for a page that has no live view of its own."""
    opened = strip(screen())
    if opened is not None:
        st.switch_page("bed.py", query_params={"bed": str(opened)})


def zone_name() -> str:
    """The clinic's time zone, in which people read and enter times."""
    return str(site_of(store())["zone"])


def look() -> None:
    """Once per run, before the page: the style, and the mark of a demonstration."""
    try:
        with store().reading() as connection:
            beat = queries.heartbeat(connection)
    except StoreError:
        beat = None  # the page below says so, and has its style and footer
    demo = beat is not None and beat.mode == "demo"
    # One element in either case, so that what follows begins at the same height. The mark stands in the line of the
    # navigation: on every page, also when scrolled, and it takes no room from the beds.
    st.html(_CSS + (_DEMO if demo else "<span></span>"))


def mark(text: str) -> None:
    """A mark that cannot be overlooked: this is not live. It stays in sight when the page is scrolled, and the tab of
    the browser says its first word."""
    word, colon, _ = text.partition(":")
    st.html(f'<div class="rw-mark" data-mark="{word if colon else "RECORDING"}" role="note">{text}</div>')


def footer() -> None:
    """The six statements, on every page."""
    st.html(f'<div class="rw-footer">{" · ".join(statements())}</div>')


def person() -> Person | None:
    """Who is on shift at this screen, if anybody; after a reload whom the browser remembers."""
    remembered(st.session_state, _shifts(), st.context.cookies, instant.now())
    return on_shift(st.session_state, instant.now())


def require_person(purpose: str) -> Person:
    """Who is on shift; asks for a name and ends the page if nobody is.

    Args:
        purpose: what the name is needed for, such as "start a session".
    """
    found = person()
    if found is None:
        st.subheader(f"Say who you are to {purpose}")
        ask_name("gate")
        st.stop()
    return found


def ask_name(key: str) -> None:
    """The form that begins a shift."""
    with st.form(f"shift_{key}", border=True):
        name = st.text_input(
            "Your name, as it shall stand in the record", max_chars=40, placeholder="A. Meyer RN", key=f"name_{key}"
        )
        if st.form_submit_button("Begin shift", type="primary"):
            with explained():
                begin_shift(st.session_state, name, instant.now())
                _close_shift()
                st.rerun()


def shift_control() -> None:
    """A small control that says who is on shift, and lets them hand over. Its dialog is remembered: whatever has the
    page run again does not close it under a finger."""
    found = person()
    words = f"On shift: {plain(found.name)}" if found else "Begin shift"
    st.button(words, icon=":material/badge:", key="shift_control", on_click=_open_shift)
    if st.session_state.get(OPEN) != SHIFT_DIALOG:
        return

    @st.dialog("Shift" if found else "Begin a shift", on_dismiss=_close_shift)
    def opened() -> None:
        if found is None:
            ask_name("control")
            return
        st.write(f"All acts on this screen are recorded as **{plain(found.name)}**.")
        if st.button("End shift", key="end_shift", width="stretch"):
            end_shift(st.session_state)
            _close_shift()
            st.rerun()

    opened()


def _open_shift() -> None:
    st.session_state[OPEN] = SHIFT_DIALOG


def _close_shift() -> None:
    if st.session_state.get(OPEN) == SHIFT_DIALOG:
        del st.session_state[OPEN]


@contextmanager
def explained() -> Iterator[None]:
    """An act that is refused says why, in one sentence."""
    try:
        yield
    except (RisewatchError, DeviceError) as error:
        sentence = str(error)
        st.error(plain(sentence[:1].upper() + sentence[1:]))
