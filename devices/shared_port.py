"""One port, several beds: a gateway sends for many monitors, and says with each message where its monitor stands.

The port and its driver are there once; each bed is a Source of its own that gets what belongs to its place. What
concerns the port as a whole (opened, lost, bytes refused) is told at every bed.
"""

from __future__ import annotations

from devices import instant
from devices.clock import LIVE, BedClock
from devices.links.line import Line
from devices.links.link import Link, Opening
from devices.monitor import Monitor, Tap
from devices.protocols.base import ServesPlaces
from devices.reading import Item, Notice
from devices.source import MonitorState, State

_OF_ONE_BED = frozenset({"connected", "quiet"})
"""What the port's Monitor says of all its beds together, and each bed says for itself."""


class SharedPort:
    """A port whose messages belong to several beds.

    Args:
        url: the port. driver: the protocol; it tells the places apart. line: how a serial line is set.
    """

    def __init__(self, url: str, driver: ServesPlaces, line: Line) -> None:
        self.url = url
        self.driver = driver
        self.monitor = Monitor(url, url, driver, line)
        self.beds: list[SharedBed] = []
        self._served: int | None = None

    def bed(self, name: str, place: str) -> SharedBed:
        """The Source of the bed called `name` at `place`."""
        self.driver.watch(place)
        bed = SharedBed(self, name, place)
        self.beds.append(bed)
        return bed

    def serve(self, now: int) -> None:
        """Lets the port do all that is due, once an instant, however many beds ask."""
        if self._served == now:
            return
        self._served = now
        self.hand_on(self.monitor.poll(now))

    def hand_on(self, items: list[Item]) -> None:
        """Tells every bed what concerns the port."""
        kept = [item for item in items if not (isinstance(item, Notice) and item.kind in _OF_ONE_BED)]
        for bed in self.beds:
            bed.told += kept

    def leave(self, bed: SharedBed) -> None:
        """A bed is watched no more. The last one closes the port."""
        if bed in self.beds:
            self.beds.remove(bed)
        if not self.beds:
            self.monitor.close()


class SharedBed:
    """One bed on a SharedPort."""

    def __init__(self, port: SharedPort, name: str, place: str) -> None:
        self.name = name
        self.place = place
        self.told: list[Item] = []
        self._port = port
        self._frames = 0
        self._last: int | None = None
        self._since: int | None = None
        self._heard = False
        self._quiet = False
        self._opened = 0

    @property
    def clock(self) -> BedClock:
        return LIVE

    @property
    def driver(self) -> ServesPlaces:
        return self._port.driver

    @property
    def tap(self) -> Tap | None:
        """Told of every byte of the port, all its beds' alike."""
        return self._port.monitor.tap

    @tap.setter
    def tap(self, tap: Tap | None) -> None:
        self._port.monitor.tap = tap

    def waiting(self) -> list[SharedBed]:
        """The other beds on the port for which something was read."""
        return [bed for bed in self._port.beds if bed is not self and bed.has_news()]

    def has_news(self) -> bool:
        """Whether `poll` has something to tell that came with another bed's."""
        return bool(self.told) or self.driver.counters_of(self.place).frames != self._frames

    @property
    def port_version(self) -> tuple[bool, int]:
        """Changes whenever there is something else to wait on."""
        return self._leads(), self._port.monitor.port_version

    def handle(self) -> Link | Opening | None:
        """What to wait on for bytes: the port is waited on by the first of its beds."""
        return self._port.monitor.handle() if self._leads() else None

    def wants_write(self) -> bool:
        return self._leads() and self._port.monitor.wants_write()

    def poll(self, now: int) -> list[Item]:
        port = self._port
        if self._since is None:
            self._since = now
        port.serve(now)
        if port.monitor.opened_count != self._opened:
            self._opened, self._since = port.monitor.opened_count, now
            self._heard = self._quiet = False
        told, self.told = self.told, []
        items = [*told, *port.driver.take(self.place)]
        frames = port.driver.counters_of(self.place).frames
        if frames != self._frames:
            self._frames, self._last = frames, now
            if not self._heard:
                self._heard, self._quiet = True, False
                text = f"{port.url}: messages of {self.place} come"
                items.insert(len(told), Notice(now, now, "connected", text, source=port.driver.name))
        elif not self._quiet and port.monitor.is_open and now - self._quiet_from() >= port.driver.quiet_after:
            self._heard, self._quiet = False, True
            items.append(Notice(now, now, "quiet", self._why_quiet(now), source=port.driver.name))
        return items

    def wake(self, now: int) -> int | None:
        port = self._port
        due: list[int] = [now] if self.has_news() else []
        if not self._quiet and port.monitor.is_open:
            due.append(self._quiet_from() + port.driver.quiet_after)
        if self._leads():
            own = port.monitor.wake(now)
            due += [] if own is None else [own]
        return min(due, default=None)

    def state(self, now: int) -> MonitorState:
        """As a Monitor's: frames and bytes are this bed's, refused ones the port's, since nobody knows whose."""
        port = self._port.monitor.state(now)
        own = self.driver.counters_of(self.place)
        since = self._last if self._last is not None else self._since
        if not self._port.monitor.is_open:
            state, text = port.state, port.text
        elif self._heard:
            state, text = State.CONNECTED, f"{port.port}: messages of {self.place} come"
        elif self._quiet:
            state, text = State.QUIET, self._why_quiet(now)
        else:
            state, text = State.CONNECTING, f"{port.port} is open; no message of {self.place} has come yet"
        return MonitorState(
            protocol=port.protocol,
            port=port.port,
            state=state,
            quiet_s=0.0 if since is None else max(0, now - since) / instant.SECOND,
            frames=own.frames,
            rejected=port.rejected,
            bytes_in=own.bytes_in,
            text=text,
        )

    def clock_set(self, step: int, now: int) -> list[Item]:
        """The machine's clock was set by `step`: what is remembered moves along, so that no duration changes."""
        self._since = None if self._since is None else self._since + step
        self._last = None if self._last is None else self._last + step
        if self._leads():
            self._port.hand_on(self._port.monitor.clock_set(step, now))
        told, self.told = self.told, []
        return told

    def close(self) -> None:
        self._port.leave(self)

    def _leads(self) -> bool:
        return bool(self._port.beds) and self._port.beds[0] is self

    def _quiet_from(self) -> int:
        began = self._since or 0
        return began if self._last is None else max(began, self._last)

    def _why_quiet(self, now: int) -> str:
        seconds = (now - self._quiet_from()) / instant.SECOND
        return f"{self._port.url}: no message of {self.place} for {seconds:.0f} s: is its monitor on?"
