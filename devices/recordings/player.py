"""A recording played at a bed: the same items as from a monitor, on a clock of its own that can stand still.

Pure: the machine's time is passed in. What is played never says that it is live.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from devices import instant
from devices.clock import BedClock
from devices.errors import SettingError
from devices.reading import Item, Reading
from devices.recordings.recording import Recording
from devices.signals import NIBP
from devices.source import MonitorState, State

SLOWEST, FASTEST = 0.5, 600.0
"""How slow and how fast a recording may be played, as multiples of its own time."""

TAIL = 10 * instant.SECOND
"""The clock runs on so long after the last item, so that the last 5-second epoch ends and is judged."""


def items_of(recording: Recording) -> list[Item]:
    """Readings and notices of `recording` by time, then receipt; readings of one cuff measurement stay together."""
    items: list[Item] = [*recording.readings, *recording.notices]
    # A reading comes before a notice of the same row: a cuff's three readings must not be torn apart by one.
    items.sort(key=lambda item: (item.time, item.received, not isinstance(item, Reading)))
    return items


@dataclass(slots=True)
class Player:
    """Plays `recording` under the bed's `name`. It stands still until `play`.

    Satisfies `devices.monitor.Source`. All methods take `now`, the machine's instant.

    Attributes:
        name: the bed's, for messages.
        recording: what is played. title: what a person calls it.
    """

    name: str
    recording: Recording
    title: str
    _items: Sequence[Item] = field(init=False, repr=False)
    _times: list[int] = field(init=False, repr=False)
    _given: int = field(default=0, init=False)
    _speed: float = field(default=1.0, init=False)
    _playing: bool = field(default=False, init=False)
    _clock: BedClock = field(init=False)

    def __post_init__(self) -> None:
        self._items = items_of(self.recording)
        self._times = [item.time for item in self._items]
        self._clock = BedClock(self.start, 0, 0.0)

    @property
    def start(self) -> int:
        """The instant of the first item, on the recording's own clock."""
        return self._times[0] if self._times else 0

    @property
    def end(self) -> int:
        """Where the clock stops: a little after the last item."""
        return (self._times[-1] if self._times else 0) + TAIL

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
            if not SLOWEST <= speed <= FASTEST:
                raise SettingError(
                    f"a recording can be played at {SLOWEST:g} to {FASTEST:g} times its speed, not {speed:g}"
                )
            self._speed = speed
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

    def seek(self, to: int, now: int) -> bool:
        """Moves the clock to `to` (kept within the recording); goes on playing if it was.

        Forward, the next `poll` gives what lies between. Backward, it gives everything from the beginning up to
        `to` again, and the answer is True: whoever holds what was played must begin anew.
        """
        to = min(max(to, self.start), self.end)
        rewound = to < self.position(now)
        if rewound:
            self._given = 0
        self._set(to, now, playing=self._playing and to < self.end)
        return rewound

    def step(self, now: int, *, cuff: bool = False) -> int | None:
        """Stands still at the next item (`cuff`: the next cuff measurement); its instant, None if there is none."""
        place = bisect_right(self._times, self.position(now))
        while cuff and place < len(self._items) and not _is_cuff(self._items[place]):
            place += 1
        if place >= len(self._items):
            self.pause(now)
            return None
        self._set(self._times[place], now, playing=False)
        return self._times[place]

    def poll(self, now: int) -> list[Item]:
        """The items up to the replay clock at `now` that were not given yet, in order."""
        position = self.position(now)
        until = max(self._given, bisect_right(self._times, position))
        due = list(self._items[self._given : until])
        self._given = until
        if self._playing and position >= self.end:
            self._set(self.end, now, playing=False)
        return due

    def wake(self, now: int) -> int | None:
        """The machine's instant at which the next item is due or the end is reached; None while standing still."""
        if self._given < len(self._times) and self._times[self._given] <= self.position(now):
            return now
        if not self._playing:
            return None
        due = self._times[self._given] if self._given < len(self._times) else self.end
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

    def _set(self, at: int, now: int, *, playing: bool) -> None:
        self._playing = playing
        self._clock = BedClock(at, now, self._speed if playing else 0.0)


def _is_cuff(item: Item) -> bool:
    return isinstance(item, Reading) and item.signal in NIBP
