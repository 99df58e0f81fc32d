"""A monitor at a bed: a port and a protocol, kept going, and what they say handed on as Readings and Notices.

Pure: it is given its time and a way to open ports; who waits for bytes is `devices.hub`.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable

from msgspec.structs import replace

from devices import instant
from devices.clock import LIVE, BedClock
from devices.errors import LinkError
from devices.links.line import Line
from devices.links.link import LISTENING, Link, Opening, begin, scheme_of
from devices.protocols.base import Driver, SaysFarewell
from devices.reading import Item, Notice, Reading
from devices.source import MonitorState, State

_log = logging.getLogger(__name__)

SETTLED = 10 * instant.SECOND
"""A link that held this long, with frames, was a good one: the next loss is a new one and is re-opened quickly."""

RETRY_S = (0.25, 0.5, 1.0, 2.0, 5.0)
"""Pauses before re-opening. A path is looked at every 2 s at the latest: looking is cheap, and someone waits."""
_PATH_STEPS = 3

Tap = Callable[[str, bytes, int], None]
"""Told of all bytes: "RX" or "TX", the bytes, the instant."""


class Monitor:
    """One monitor on one port, re-opened for as long as it takes.

    Args:
        name: the bed's, for messages.
        url: the port.
        driver: the protocol.
        line: how a serial line is set.
        open_port: how a port is opened; raises LinkError at once, or from the Opening it returns.
        tap: told of every byte, both ways; may be set and taken away while it runs.

    Raises:
        SettingError: `url` is of no known kind.
    """

    def __init__(
        self,
        name: str,
        url: str,
        driver: Driver,
        line: Line,
        *,
        open_port: Callable[[str, Line], Link | Opening] = begin,
        tap: Tap | None = None,
    ) -> None:
        self.name = name
        self.url = url
        self.driver = driver
        self.bytes_in = 0
        self.bytes_out = 0
        self.opened_count = 0
        self.last_frame: int | None = None
        self.fault = ""
        self.port_version = 0
        """Changes whenever there is something else to wait on: `handle` or `wants_write`."""
        self._steps = len(RETRY_S) if scheme_of(url) else _PATH_STEPS + 1
        self._line = line
        self._open_port = open_port
        self.tap = tap
        self._link: Link | None = None
        self._waits = False  # bytes wait for the port to become writable
        self._asks: int | None = None  # when the driver has something to send, as it said last
        self._opening: Opening | None = None
        self._since: int | None = None
        self._opened = 0
        self._quiet_from = 0  # when the port was opened, or the last whole frame came if that was later
        self._frames_before = 0
        self._bytes_before = 0
        self._attempt = 0
        self._retry = 0
        self._up_told = False
        self._down_told = False
        self._shaky = False
        self._heard = False
        self._quiet = False

    @property
    def clock(self) -> BedClock:
        return LIVE

    @property
    def reopened(self) -> int:
        """How often the port had to be opened again."""
        return max(0, self.opened_count - 1)

    @property
    def is_open(self) -> bool:
        """The port is open, whether anything comes or not."""
        return self._link is not None

    def handle(self) -> Link | Opening | None:
        """What to wait on for bytes, None while there is nothing."""
        return self._link or self._opening

    def wants_write(self) -> bool:
        return self._waits

    def poll(self, now: int) -> list[Item]:
        """Opens, reads, sends and judges: all that is due at `now`. Never waits, never raises LinkError."""
        items: list[Item] = []
        try:
            link = self._link
            if link is None:
                items = self._try_open(now)
                link = self._link
            if link is not None:
                due = self._asks
                data = link.read()
                if data:
                    items = items + self._take(data, now) if items else self._take(data, now)
                if self._waits or (self._asks is not None and self._asks <= now):
                    self._send(link, now)
                if due is not None and due <= now:
                    # A reply that did not come is noticed when the next request is due: no bytes will tell of it.
                    items = items + self._take(b"", now)
        except LinkError as error:
            items = items + self._lose(now, str(error))
        if self._quiet_from == now and self._up_told:
            return items
        return items + self._step(now)

    def _take(self, data: bytes, now: int) -> list[Item]:
        """What `data`, received at `now`, says."""
        self.bytes_in += len(data)
        if self.tap is not None and data:
            self.tap("RX", data, now)
        driver = self.driver
        before = driver.counters.frames
        try:
            items = driver.receive(data, now)
            self._asks = driver.wake()
        except Exception:
            # A driver promises not to raise. One that does (it may be a third party's) must cost its own bed
            # these bytes, said aloud, and no other bed anything.
            _log.exception("the %s driver of %s failed", driver.name, self.name)
            self._restart_driver(now)
            text = f"the {driver.name} driver failed on these bytes; they are lost, and the program's log says why"
            return [Notice(now, now, "frame-rejected", text, code="driver", source=driver.name, raw=data)]
        if len(items) > 1:
            items = told_apart(items)
        if driver.counters.frames == before:
            return items
        self.last_frame = self._quiet_from = now
        if self._heard:
            return items
        self._heard, self._quiet = True, False
        return [*self._tell_up(now), self._notice(now, "connected", f"{self.url}: the monitor answers"), *items]

    def _step(self, now: int) -> list[Item]:
        """What the passing of time alone says at `now`: that the monitor has gone quiet, or a port holds."""
        items: list[Item] = []
        if self._link is None:
            return items
        if not self._up_told and now - self._opened >= SETTLED:
            items += self._tell_up(now)
        if not self._quiet and now - self._quiet_from >= self.driver.quiet_after:
            self._heard, self._quiet = False, True
            items.append(self._notice(now, "quiet", self.why_quiet(now)))
        return items

    def wake(self, now: int) -> int | None:
        if self._link is None:
            return None if self._opening is not None else self._retry
        due = self._asks
        if not self._up_told:
            due = _earlier(due, self._opened + SETTLED)
        if self._quiet:
            return due
        quiet = self._quiet_from + self.driver.quiet_after
        return quiet if due is None or quiet < due else due

    def state(self, now: int) -> MonitorState:
        state, text = self._standing(now)
        since = self.last_frame if self.last_frame is not None else self._since
        return MonitorState(
            protocol=self.driver.name,
            port=self.url,
            state=state,
            quiet_s=0.0 if since is None else max(0, now - since) / instant.SECOND,
            frames=self.driver.counters.frames,
            rejected=self.driver.counters.rejected,
            bytes_in=self.bytes_in,
            text=text,
        )

    def why_quiet(self, now: int) -> str:
        """One sentence on why nothing is understood at `now`, with what to look at."""
        if self._link is None:
            return self.fault or f"{self.url} is being opened"
        seconds = (now - self._quiet_from) / instant.SECOND
        came = self.bytes_in - self._bytes_before
        if self.driver.counters.frames > self._frames_before:
            return f"{self.url}: no whole {self.driver.name} frame for {seconds:.0f} s"
        if came:
            return (
                f"{self.url}: {came} bytes came but no whole {self.driver.name} frame: wrong protocol or line speed?"
                f" (set to {self._line.baud} {self._line.bytesize}{self._line.parity}{self._line.stopbits:g})"
            )
        if self._link is not None and self._link.unsent():
            return (
                f"{self.url}: the monitor takes no bytes: is it on, and does the cable carry RTS and CTS?"
                " (rtscts = false does without)"
            )
        nothing = f"{self.url}: nothing has come for {max(1, round(seconds))} s"
        if scheme_of(self.url) == LISTENING:
            return f"{nothing}: does the sender have this address and port?"
        return f"{nothing}: is the monitor on, and the cable the right one?"

    def clock_set(self, step: int, now: int) -> list[Item]:
        """The machine's clock was set by `step`: what is remembered moves along, so that no duration changes."""
        self._since = None if self._since is None else self._since + step
        self.last_frame = None if self.last_frame is None else self.last_frame + step
        self._opened += step
        self._quiet_from += step
        self._retry += step
        if self._link is not None:
            self._restart_driver(now)
        way = "forward" if step > 0 else "back"
        text = f"this machine's clock was set {way} by {abs(step) / instant.SECOND:.1f} s"
        return [self._notice(now, "clock-offset", text)]

    def close(self) -> None:
        """Gives the port back, after the driver's last word if it has one. `poll` would open it again."""
        farewell = self.driver.closing() if isinstance(self.driver, SaysFarewell) else b""
        if self._link is not None and farewell:
            with contextlib.suppress(LinkError):
                self._link.write(farewell)
            if self.tap is not None:
                self.tap("TX", farewell, self.last_frame or self._opened)
        self._shut()

    def _shut(self) -> None:
        self._waits = False
        self.port_version += 1
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None
        if self._link is not None:
            self._link.close()
            self._link = None

    def _try_open(self, now: int) -> list[Item]:
        if self._since is None:
            self._since = now
        if self._opening is None:
            if now < self._retry:
                return []
            opened = self._open_port(self.url, self._line)
        else:
            opened = self._opening
        if isinstance(opened, Opening):
            if self._opening is None:
                self.port_version += 1
            self._opening = opened
            try:
                link = opened.take()
            except LinkError:
                self._opening = None
                raise
            if link is None:
                return []
            self._opening = None
            opened = link
        return self._opened_now(opened, now)

    def _opened_now(self, link: Link, now: int) -> list[Item]:
        self._link = link
        self.port_version += 1
        self._opened = self._quiet_from = now
        self._frames_before = self.driver.counters.frames
        self._bytes_before = self.bytes_in
        self._heard = self._quiet = self._up_told = False
        self.opened_count += 1
        self._restart_driver(now)
        # A port that opens and drops at once, again and again, is one trouble and is told once.
        return [] if self._shaky else self._tell_up(now)

    def _restart_driver(self, now: int) -> None:
        self.driver.opened(now)
        self._asks = self.driver.wake()

    def _tell_up(self, now: int) -> list[Item]:
        if self._up_told:
            return []
        self._up_told, self._down_told, self._shaky = True, False, False
        return [self._notice(now, "link-up", f"{self.url} is open")]

    def _lose(self, now: int, why: str) -> list[Item]:
        was_open = self._link is not None
        self._shut()
        self.fault = why
        frames = self.driver.counters.frames - self._frames_before
        if was_open:
            held = self.last_frame is not None and frames > 0 and self.last_frame - self._opened >= SETTLED
            self._shaky = not held
            if held:
                self._attempt = 0
        self._heard = self._quiet = False
        pause = RETRY_S[min(self._attempt, self._steps - 1)]
        self._attempt += 1
        self._retry = now + instant.seconds(pause)
        if self._down_told:
            return []
        self._down_told, self._up_told = True, False
        return [self._notice(now, "link-down", why)]

    def _send(self, link: Link, now: int) -> None:
        data = self.driver.send(now)
        self._asks = self.driver.wake()
        if data:
            self.bytes_out += len(data)
            if self.tap is not None:
                self.tap("TX", data, now)
        if data or self._waits:
            link.write(data)
            if link.wants_write() != self._waits:
                self._waits = not self._waits
                self.port_version += 1

    def _standing(self, now: int) -> tuple[State, str]:
        if self._link is None:
            if self._down_told or self.fault:
                return State.LOST, self.fault
            return State.CONNECTING, f"{self.url} is being opened"
        if self._heard:
            return State.CONNECTED, f"{self.url}: the monitor answers"
        if self._quiet:
            return State.QUIET, self.why_quiet(now)
        return State.CONNECTING, f"{self.url} is open; no whole {self.driver.name} frame has come yet"

    def _notice(self, now: int, kind: str, text: str) -> Notice:
        return Notice(now, now, kind, text, source=self.driver.name)


def _earlier(one: int | None, other: int) -> int:
    return other if one is None or other < one else one


def told_apart(items: list[Item]) -> list[Item]:
    """`items` with no two readings of one signal and source alike in both instants.

    Bytes that waited (for a busy machine, in a serial server) are read together and stamped alike; each sample in
    them is one of its own all the same. Their order of receipt is kept in the microseconds of `received`.
    """
    if len({item.signal for item in items}) == len(items):
        return items  # nearly always: one sample
    seen: dict[tuple[str, str, int, int], int] = {}
    found: list[Item] = []
    for item in items:
        if isinstance(item, Reading):
            key = (item.signal, item.source, item.time, item.received)
            before = seen.get(key, 0)
            seen[key] = before + 1
            if before:
                item = replace(item, received=item.received + before)
        found.append(item)
    return found
