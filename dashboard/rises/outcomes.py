"""How a rise ended (clinical definition 3.5)."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from dashboard.rises.episodes import Episode


class Outcome(StrEnum):
    TRANSIENT = "transient"  # back by the deadline
    SUSTAINED_RETURNED = "sustained_returned"  # back, but later
    SUSTAINED_UNRESOLVED = "sustained_unresolved"  # not back, though watched past the deadline
    UNRESOLVED = "unresolved"  # not back, and not watched past the deadline


class Rise(Struct, frozen=True):
    """An episode of scope RISE with its outcome. `present_at_baseline` ones are listed, never counted."""

    episode: Episode
    outcome: Outcome


_WORDS = {
    Outcome.TRANSIENT: "transient: back in time",
    Outcome.SUSTAINED_RETURNED: "sustained: back, but later",
    Outcome.SUSTAINED_UNRESOLVED: "sustained: not back",
    Outcome.UNRESOLVED: "not back while it was watched",
}


def outcome_words(outcome: str) -> str:
    """A class as people read it."""
    return _WORDS[Outcome(outcome)]


def deadline(onset: int, infusion_end: int | None, x_off: int) -> int | None:
    """Until when a return makes the rise transient; None while the infusion runs, for it is not yet fixed."""
    if infusion_end is None:
        return None
    return max(onset, infusion_end) + x_off


def outcome(onset: int, return_time: int | None, infusion_end: int | None, x_off: int, session_end: int) -> Outcome:
    """The class of one rise.

    Args:
        infusion_end: None while the infusion runs: then nothing that has returned can have been late.
        x_off: how long after the infusion's end a return is still transient, µs.
        session_end: or now, while the session goes on.
    """
    until = deadline(onset, infusion_end, x_off)
    if return_time is not None:
        return Outcome.TRANSIENT if until is None or return_time <= until else Outcome.SUSTAINED_RETURNED
    return Outcome.SUSTAINED_UNRESOLVED if until is not None and session_end > until else Outcome.UNRESOLVED
