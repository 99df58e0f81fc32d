"""Who acts: a name given at the start of a shift. Kept in the page's session, signed into the live routes' token.

The browser remembers it in a cookie that only this store can have signed, so it outlives a reload of the page and a
restart of the server. It is asked for again after a shift: nothing is ever recorded in a name left behind by someone
else longer than a shift ago.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from msgspec import Struct

from dashboard.errors import SessionError
from dashboard.live.tokens import SHIFT, Shifts, TokenError
from devices import instant

_KEY = "risewatch_person"
_ENDED = "risewatch_shift_ended"
LONGEST_NAME = 40


class PageState(Protocol):
    """What a page remembers between its runs (Streamlit's session state, or a dict in tests)."""

    def __setitem__(self, key: str, value: Any, /) -> None: ...

    def __getitem__(self, key: str, /) -> Any: ...

    def __contains__(self, key: str, /) -> bool: ...

    def __delitem__(self, key: str, /) -> None: ...


class Person(Struct, frozen=True):
    """Someone on shift. `since` in microseconds since 1970 UTC."""

    name: str
    since: int


def checked_name(text: str) -> str:
    """`text` as a name.

    Raises:
        SessionError: empty, too long, or not something one can read.
    """
    name = " ".join(text.split())
    if len(name) < 2:
        raise SessionError("give your name as it shall stand in the record, such as A. Meyer RN")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise SessionError(f"a name has at most {LONGEST_NAME} characters, all of them readable")
    return name


def begin_shift(state: PageState, name: str, now: int) -> Person:
    """Puts the person into the page's session state."""
    person = Person(checked_name(name), now)
    state[_KEY] = (person.name, person.since)
    return person


def end_shift(state: PageState) -> None:
    if _KEY in state:
        name, since = state[_KEY]
        state[_ENDED] = (name, since)
        del state[_KEY]


def remembered(state: PageState, shifts: Shifts, cookies: Mapping[str, str], now: int) -> None:
    """Takes up the shift that the browser remembers, unless this page has one or has ended that very one."""
    if _KEY in state or shifts.cookie not in cookies:
        return
    try:
        name, since = shifts.read(cookies[shifts.cookie], now)
        name = checked_name(name)
    except (TokenError, SessionError):
        return
    if _ENDED not in state or tuple(state[_ENDED]) != (name, since):
        state[_KEY] = (name, since)


def to_remember(state: PageState, shifts: Shifts, now: int) -> dict[str, Any] | None:
    """What the browser is told of its cookie: the shift to keep, or one to drop; None while there is neither."""
    person = on_shift(state, now)
    if person is not None:
        seconds = (person.since + SHIFT - now) // instant.SECOND
        return {"name": shifts.cookie, "keep": shifts.issue(person.name, person.since), "seconds": seconds}
    if _ENDED in state:
        return {"name": shifts.cookie, "drop": shifts.issue(*state[_ENDED])}
    return None


def on_shift(state: PageState, now: int) -> Person | None:
    """Who is on shift at this screen; None if nobody has said so, or it was more than a shift ago."""
    if _KEY not in state:
        return None
    person = Person(*state[_KEY])
    if not 0 <= now - person.since < SHIFT:
        del state[_KEY]
        return None
    return person
