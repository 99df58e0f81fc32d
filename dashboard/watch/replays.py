"""Replays: recordings opened as beds of their own, steered by commands from the screens.

A replay bed is scratch: its session, readings and rises are made from the recording, and made again after a jump
back. It has its own bed and session, so that nothing of it can come into a live record. Recordings are read in a
process apart: whatever a file does to its reader, the watch goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from dashboard.apart import ApartExecutor, Shared, Worker
from dashboard.errors import ConfigurationError, RisewatchError, StoreError
from dashboard.rises.threshold_files import PRESETS
from dashboard.sessions.events import EventKind
from dashboard.store import acts, queries, writes
from dashboard.store.database import Store
from dashboard.store.records import Bed, BedState, ReplayCommand
from dashboard.watch import steering
from dashboard.watch.bed import BedWatch
from dashboard.watch.lookahead import Lookahead
from dashboard.watch.reading import LONGEST_S, MEMORY, read
from devices.clock import BedClock
from devices.errors import DeviceError
from devices.recordings.player import Player
from devices.recordings.score import Score

_log = logging.getLogger(__name__)

PROTOCOL = "replay"


class Replays:
    """Carries out the replay commands of the store."""

    def __init__(self, memory: int = MEMORY) -> None:
        """`memory`: bytes that reading a recording may take."""
        worker = Worker(undone="the replay was not opened", memory=memory, seconds=LONGEST_S, clear_up_s=0)
        self._reader = ApartExecutor(worker)
        self._reading: dict[int, Future[Shared[Score]]] = {}
        self._resuming: list[tuple[Bed, ReplayCommand, BedState | None, int, Future[Shared[Score]]]] = []
        self._recordings: dict[int, Shared[Score]] = {}  # by the id of the bed that replays it
        self._lookahead = Lookahead()

    @property
    def busy(self) -> bool:
        """Whether a recording is being read: then `carry_out` has something to do though no command is new."""
        return bool(self._reading or self._resuming or self._lookahead.busy)

    def close(self) -> None:
        """Also ends what is being read."""
        self._reader.close()
        self._lookahead.close()

    def resume(self, store: Store, now: int) -> None:
        """Has the replays opened again that were open when the last watch ended; `carry_out` goes on with them."""
        with store.reading() as connection:
            states, beat = queries.bed_states(connection), queries.heartbeat(connection)
            sessions = queries.open_sessions(connection)
            for bed in queries.beds(connection, also_unused=True):
                opening = queries.opening_of(connection, bed.id) if bed.mode == "replay" else None
                if opening is not None and bed.id in sessions:
                    # Nobody watched it since: it stands where it stood when the last watch was heard last.
                    last = min(now, beat.time) if beat is not None else now
                    reading = self._reader.submit(read, dict(opening.detail))
                    self._resuming.append((bed, opening, states.get(bed.id), last, reading))

    def carry_out(self, store: Store, beds: list[BedWatch], now: int) -> tuple[list[BedWatch], list[BedWatch]]:
        """Carries out what is asked for; returns the beds that were opened and those that were closed."""
        with store.reading() as connection:
            commands = queries.pending_replay_commands(connection)
        opened = self._resumed(store, now)
        closed: list[BedWatch] = []
        for command in commands:
            try:
                if command.action == "open":
                    bed = self._open(store, command, now)
                    if bed is None:
                        continue  # still being read
                    opened.append(bed)
                else:
                    if any(each.id == command.bed_id for each, *_ in self._resuming):
                        continue  # its recording is being read again
                    bed = steering.bed_of(command, [*beds, *opened])
                    if command.action == "close":
                        steering.close(store, bed, command, now)
                        closed.append(bed)
                        self._recordings.pop(bed.bed.id, None)
                    else:
                        steering.steer(store, bed, command, now)
                        steering.tell(store, bed, now)
            except StoreError:
                raise
            except (RisewatchError, DeviceError) as error:
                self._finish(store, command, now, str(error))
            except (KeyError, TypeError, ValueError, OverflowError):
                # Of another program: the watch has other beds to see to.
                self._finish(store, command, now, f"the request to {command.action} a replay is not complete")
            else:
                self._finish(store, command, now, bed_id=bed.bed.id)
        self._lookahead.update(store, [bed for bed in (*beds, *opened) if bed not in closed], self._recordings)
        return opened, closed

    @staticmethod
    def _finish(
        store: Store, command: ReplayCommand, now: int, refused: str | None = None, bed_id: int | None = None
    ) -> None:
        with store.writing() as connection:
            writes.finish_replay_command(connection, command.id, now, refused, bed_id)

    def _resumed(self, store: Store, now: int) -> list[BedWatch]:
        """The beds whose recordings have been read again."""
        found = []
        for each in [each for each in self._resuming if each[-1].done()]:
            bed, opening, state, last, reading = each
            self._resuming.remove(each)
            try:
                shared = _result(reading, opening.detail)
                player = _player(bed.name, shared.value(), opening.detail)
                if state is not None:
                    _stand(player, state, last, now)
            except (RisewatchError, DeviceError) as error:
                # The bed stays off the wall, its session in the history.
                _log.warning("the replay %s cannot go on: %s", bed.name, error)
                continue
            with store.writing() as connection:
                writes.use_bed(connection, bed.id, True)
                steering.clear(connection, bed)
            self._recordings[bed.id] = shared
            found.append(_watched(store, bed, player, now))
        return found

    def _open(self, store: Store, command: ReplayCommand, now: int) -> BedWatch | None:
        if command.id not in self._reading:
            self._reading[command.id] = self._reader.submit(read, dict(command.detail))
        if not self._reading[command.id].done():
            return None
        shared = _result(self._reading.pop(command.id), command.detail)
        bed = _open(store, command, shared.value(), now)
        self._recordings[bed.bed.id] = shared
        return bed


def _result(reading: Future[Shared[Score]], detail: Mapping[str, Any]) -> Shared[Score]:
    """What was read. Whatever a reader stumbles over is no concern of the live beds."""
    try:
        return reading.result()
    except (RisewatchError, DeviceError, KeyError, TypeError, ValueError, OverflowError):
        raise
    except Exception as error:
        _log.error("a recording cannot be replayed", exc_info=error)
        name = Path(str(detail.get("recording"))).name
        raise ConfigurationError(
            f"{name} cannot be read ({type(error).__name__}); the log of the watch says more"
        ) from None


def _title(detail: Mapping[str, Any]) -> str:
    return str(detail.get("title") or Path(detail["recording"]).name)


def _player(name: str, score: Score, detail: Mapping[str, Any]) -> Player:
    """The player of an "open" command: `from` and `to` are the part to be played, both included."""
    since, until = (None if (said := detail.get(which)) is None else int(said) for which in ("from", "to"))
    return Player(name, score.recording, _title(detail), since, until, score)


def _stand(player: Player, state: BedState, last: int, now: int) -> None:
    """Puts a player where it stood at `last` (the machine's clock) by its last stored `state`."""
    player.seek(BedClock(state.clock_at, state.clock_wall, state.clock_rate).now(last), now)
    speed = (state.replay or {}).get("speed")
    if speed:
        player.set_speed(float(speed), now)
    if state.clock_rate:
        player.play(now)


def _open(store: Store, command: ReplayCommand, score: Score, now: int) -> BedWatch:
    """A replay bed with its session, playing."""
    detail = command.detail
    with store.reading() as connection:
        taken = {bed.name for bed in queries.beds(connection, also_unused=True)}
        version = (
            queries.threshold_version(connection, int(detail["thresholds"]))
            if detail.get("thresholds") is not None
            else queries.latest_threshold_version(connection, PRESETS[0])
        )
    if version is None:
        raise ConfigurationError("that version of the thresholds does not exist")
    number = 1
    while f"Replay {number}" in taken:
        number += 1
    wanted = detail.get("name")
    name = wanted if wanted and wanted not in taken else f"Replay {number}"
    # All that can be wrong with the request is known before anything is written.
    player = _player(name, score, detail)
    player.seek(int(detail.get("at") or player.start), now)
    player.play(now, float(detail.get("speed") or 1))
    times = [
        (kind, int(detail[key]))
        for kind, key in ((EventKind.INFUSION_START, "infusion_start"), (EventKind.INFUSION_STOP, "infusion_end"))
        if detail.get(key) is not None
    ]
    with store.writing() as connection:
        bed = writes.add_replay_bed(connection, player.name, PROTOCOL, detail["recording"])
    session_id = acts.start_session(
        store,
        bed.id,
        patient=detail.get("patient") or "Recording",
        identifier=detail.get("identifier") or player.title,
        threshold_version_id=version.id,
        author=command.author,
        now=now,
        # From its first reading on: what lies before the part that is played is a baseline's evidence.
        bed_now=min(score.recording.first, player.start),
    )
    with store.writing() as connection:
        session = queries.session(connection, session_id)
        assert session is not None
        for kind, time in times:
            acts.insert_event(connection, session, kind, time=time, author=command.author, now=now)
    return _watched(store, bed, player, now)


def _watched(store: Store, bed: Bed, player: Player, now: int) -> BedWatch:
    watched = BedWatch(bed, player)
    with store.reading() as connection:
        watched.resume(connection, now)
    watched.take(player.poll(now), now)
    return watched
