"""A recording played at a bed: the same items as from a monitor, on a clock of its own that can stand still.

Pure: the machine's time is passed in. What is played never says that it is live.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import Any

from devices import instant
from devices.clock import BedClock
from devices.errors import SettingError
from devices.reading import Item
from devices.recordings.recording import Recording
from devices.recordings.score import Score
from devices.source import MonitorState, State

SLOWEST, FASTEST = 0.5, 600.0
"""How slow and how fast a recording may be played, as multiples of its own time."""

PIECE = 500
"""About so many items are given at once at most: live beds share the loop, which a jump over a day must not hold up."""


BEHIND = 5 * instant.SECOND
"""So long (of watching, µs) may what is given be behind the clock before the clock waits for it."""


def check_speed(speed: float) -> float:
    """`speed` if a recording can be played at it.

    Raises:
        SettingError: it is outside SLOWEST to FASTEST, or no number.
    """
    if not SLOWEST <= speed <= FASTEST:
        raise SettingError(f"a recording can be played at {SLOWEST:g} to {FASTEST:g} times its speed, not {speed:g}")
    return speed


def items_of(recording: Recording) -> Score:
    """Readings and notices of `recording` by time, then receipt; readings of one cuff measurement stay together."""
    return Score(recording)


@dataclass(slots=True)
class Player:
    """Plays `recording` under the bed's `name`. It stands still until `play`.

    Satisfies `devices.monitor.Source`. All methods take `now`, the machine's instant.

    Attributes:
        name: the bed's, for messages.
        recording: what is played. title: what a person calls it.
        since, until: the part that is played (instants, both included); None: from the first item, to the last reading.
            What lies before it is given at once, so that a baseline rests on it; what lies after is not given.
        items: the recording's, as `items_of` makes them, which takes some work of a long one.
        heard: everything up to this instant has been given: nothing beyond it may be judged yet.

    Raises:
        SettingError: the window holds nothing of the recording.
    """

    name: str
    recording: Recording
    title: str
    since: int | None = None
    until: int | None = None
    items: Score | None = field(default=None, repr=False)
    heard: int = field(init=False)
    start: int = field(init=False)
    end: int = field(init=False)
    _score: Score = field(init=False, repr=False)
    _count: int = field(init=False)
    _first: int = field(init=False)
    _given: int = field(default=0, init=False)
    _speed: float = field(default=1.0, init=False)
    _playing: bool = field(default=False, init=False)
    _winding: bool = field(default=False, init=False)
    _clock: BedClock = field(init=False)

    def __post_init__(self) -> None:
        score = self._score = items_of(self.recording) if self.items is None else self.items
        first, last = (score[0].time, score[-1].time) if score else (0, 0)
        if self.recording.readings:
            # Looked back upon, a session ends with its last reading: a clock that ran on would judge what is not whole.
            last = self.recording.last
        self.start = first if self.since is None else max(first, self.since)
        self.end = last if self.until is None else min(last, self.until)
        if self.start > self.end:
            raise SettingError("the part to be replayed holds nothing of the recording, or ends before it begins")
        self._count = len(score) if self.until is None else score.upto(self.end)
        self._first = self.heard = first - 1
        self._winding = first < self.start
        self._clock = BedClock(self.start, 0, 0.0)

    @property
    def clock(self) -> BedClock:
        """The bed's time against the machine's; its rate is 0 while nothing is played."""
        return self._clock

    @property
    def playing(self) -> bool:
        return self._playing

    @property
    def speed(self) -> float:
        """Seconds of the recording a second, while playing."""
        return self._speed

    @property
    def progress(self) -> dict[str, Any]:
        """What a screen shows of the replay: recording, start and end (instants), speed, playing."""
        return {
            "recording": self.title,
            "start": self.start,
            "end": self.end,
            "speed": self._speed,
            "playing": self._playing,
        }

    def position(self, now: int) -> int:
        """The replay clock at `now`: never past the end."""
        return min(self._clock.now(now), self.end)

    def play(self, now: int, speed: float | None = None) -> None:
        """Plays on from here, at `speed` if given.

        Raises:
            SettingError: `speed` is outside what can be played.
        """
        if speed is not None:
            self._speed = check_speed(speed)
        self._set(self.position(now), now, playing=self.position(now) < self.end)

    def pause(self, now: int) -> None:
        """Stands still here."""
        self._set(self.position(now), now, playing=False)

    def set_speed(self, speed: float, now: int) -> None:
        """Changes the speed, playing or not. Raises as `play`."""
        playing = self._playing
        self.play(now, speed)
        if not playing:
            self.pause(now)

    def goes_back(self, to: int) -> bool:
        """Whether a jump to `to` leads before what was given: then whoever holds that must begin anew."""
        return self._within(to) < self.heard

    def seek(self, to: int, now: int) -> None:
        """Moves the clock to `to` (kept within what is played); goes on playing if it was.

        Forward, the next polls give what lies between. Backward, they give everything from the beginning up to `to`
        again. The clock stands until they have.
        """
        to = self._within(to)
        if self.goes_back(to):
            self._given, self.heard = 0, self._first
        self._winding = True
        self._set(to, now, playing=self._playing and to < self.end)

    def poll(self, now: int) -> list[Item]:
        """The items up to the replay clock at `now` that were not given yet, in order; of many at first only a piece.

        All items of one instant come together.
        """
        position = self.position(now)
        until = max(self._given, self._upto(position))
        piece = until
        if until - self._given > PIECE:
            piece = self._upto(self._time(self._given + PIECE - 1))
        due = self._score[self._given : piece]
        self._given = piece
        self.heard = position if piece == until else self._time(piece - 1)
        if piece < until:
            if self._playing and not self._winding and position - self.heard > BEHIND * self._speed:
                # More than can be given at this speed: the clock waits for it.
                self._set(self.heard, now, playing=True)
        elif self._winding or (self._playing and position >= self.end):
            self._winding = False
            self._set(position, now, playing=self._playing and position < self.end)
        return due

    def wake(self, now: int) -> int | None:
        """The machine's instant at which the next item is due or the end is reached; None while standing still."""
        due = self._time(self._given) if self._given < self._count else None
        if self._winding or (due is not None and due <= self.position(now)):
            return now
        if not self._playing:
            return None
        if due is None:
            due = self.end
        return max(now, self._clock.wall + ceil((due - self._clock.at) / self._clock.rate))

    def state(self, now: int) -> MonitorState:
        """How the replay stands. Its text always says that it is one."""
        if self._playing:
            how = f"replay of {self.title}, {self._speed:g} times its speed"
        elif self.position(now) >= self.end:
            how = f"replay of {self.title}, at its end"
        else:
            how = f"replay of {self.title}, paused"
        return MonitorState(
            protocol="replay",
            port=self.title,
            state=State.CONNECTED,
            quiet_s=0.0,
            frames=self._given,
            rejected=0,
            bytes_in=0,
            text=how,
        )

    def close(self) -> None:
        """Nothing is held open."""

    def _upto(self, time: int) -> int:
        """How many items are due at the instant `time`."""
        # What the file says after its last reading is given with that.
        return self._count if time >= self.end else self._score.upto(time)

    def _time(self, place: int) -> int:
        """When the item at `place` is due."""
        return min(self._score[place].time, self.end)

    def _within(self, to: int) -> int:
        return min(max(to, self.start), self.end)

    def _set(self, at: int, now: int, *, playing: bool) -> None:
        self._playing = playing
        self._clock = BedClock(at, now, self._speed if playing and not self._winding else 0.0)
