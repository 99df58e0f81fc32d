"""When the drug ran and how long was watched. Instants in microseconds (clinical definition 3.1, 3.11.11-12)."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

BEFORE_ALL, AFTER_ALL = -(1 << 62), 1 << 62
"""Instants before and after all others, as the first is before any reading and the last stands for never."""


class Timeline(Struct, frozen=True):
    """The times that decide outcomes, as far as they are known.

    Attributes:
        t0: first recorded start of the drug; a restart does not move it. None: not started.
        infusion_end: last recorded stop; None while the infusion runs or is paused, or if none was recorded.
        planned_end: the end by the plan, which stands for a stop that was not recorded.
        session_end: the end of watching; None while it goes on.
    """

    t0: int | None = None
    infusion_end: int | None = None
    planned_end: int | None = None
    session_end: int | None = None

    def closed(self, last_reading: int) -> ClosedTimeline:
        """This timeline looked back upon: no session end means the last reading, no stop the planned end, else the
        session's end; what was not recorded is marked assumed.

        Args:
            last_reading: time of the last reading of any signal.
        """
        session_end = self.session_end if self.session_end is not None else last_reading
        infusion_end = self.infusion_end if self.infusion_end is not None else self.planned_end
        return ClosedTimeline(
            timeline=replace(self, session_end=session_end),
            session_end=session_end,
            infusion_end=infusion_end if infusion_end is not None else session_end,
            infusion_end_assumed=self.infusion_end is None,
            session_end_assumed=self.session_end is None,
        )


class ClosedTimeline(Struct, frozen=True):
    """A timeline with both ends known or assumed."""

    timeline: Timeline
    session_end: int
    infusion_end: int
    infusion_end_assumed: bool
    session_end_assumed: bool
