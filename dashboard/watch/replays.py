"""Replays: recordings opened as beds of their own, steered by commands from the screens.

A replay bed is scratch: its session, readings and rises are made from the recording, and made again after a jump
back. It has its own bed and session, so that nothing of it can come into a live record. Recordings are read in a
thread: a large file must not hold up the watch.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from dashboard.errors import ConfigurationError, RisewatchError
from dashboard.rises.threshold_files import PRESETS
from dashboard.sessions.events import EventKind
from dashboard.store import acts, queries, writes
from dashboard.store.database import Store
from dashboard.store.records import Bed, ReplayCommand
from dashboard.watch.bed import BedWatch, write_beds
from devices import instant
from devices.errors import DeviceError
from devices.recordings.base import DateOrder, Recording, read_recording
from devices.recordings.player import Player

PROTOCOL = "replay"


class Replays:
    """Carries out the replay commands of the store."""

    def __init__(self) -> None:
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="recording reader")
        self._reading: dict[int, tuple[ReplayCommand, Future[Recording]]] = {}

    @property
    def busy(self) -> bool:
        """Whether a recording is being read: then `carry_out` has something to do though no command is new."""
        return bool(self._reading)

    def close(self) -> None:
        self._reader.shutdown(wait=False, cancel_futures=True)

    def resume(self, store: Store, beds: list[BedWatch], now: int) -> None:
        """Opens the replays again that were open when the last watch ended, where they stood."""
        with store.reading() as connection:
            states = queries.bed_states(connection)
            found = [
                (bed, queries.opening_of(connection, bed.id))
                for bed in queries.beds(connection, also_unused=True)
                if bed.mode == "replay" and queries.open_sessions(connection).get(bed.id) is not None
            ]
        for bed, opening in found:
            if opening is None:
                continue
            try:
                player = Player(bed.name, _read(opening.detail), _title(opening.detail))
            except DeviceError:
                continue  # the file is gone; the bed stays off the wall, its session in the history
            state = states.get(bed.id)
            if state is not None:
                player.seek(state.clock_at + round((now - state.clock_wall) * state.clock_rate), now)
                if state.clock_rate:
                    player.play(now, state.clock_rate)
            with store.writing() as connection:
                writes.use_bed(connection, bed.id, True)
                _clear(connection, bed)
            beds.append(_watched(store, bed, player, now))

    def carry_out(self, store: Store, beds: list[BedWatch], now: int) -> tuple[list[BedWatch], list[BedWatch]]:
        """Carries out what is asked for; returns the beds that were opened and those that were closed."""
        with store.reading() as connection:
            commands = queries.pending_replay_commands(connection)
        opened: list[BedWatch] = []
        closed: list[BedWatch] = []
        for command in commands:
            try:
                if command.action == "open":
                    bed = self._open(store, command, now)
                    if bed is None:
                        continue  # still being read
                    opened.append(bed)
                else:
                    bed = _bed_of(command, beds)
                    if command.action == "close":
                        _close(store, bed, command, now)
                        closed.append(bed)
                    else:
                        _steer(store, bed, command, now)
            except (RisewatchError, DeviceError) as error:
                self._finish(store, command, now, str(error))
            else:
                self._finish(store, command, now, bed_id=bed.bed.id)
        return opened, closed

    @staticmethod
    def _finish(
        store: Store, command: ReplayCommand, now: int, refused: str | None = None, bed_id: int | None = None
    ) -> None:
        with store.writing() as connection:
            writes.finish_replay_command(connection, command.id, now, refused, bed_id)

    def _open(self, store: Store, command: ReplayCommand, now: int) -> BedWatch | None:
        if command.id not in self._reading:
            self._reading[command.id] = (command, self._reader.submit(_read, command.detail))
        _, future = self._reading[command.id]
        if not future.done():
            return None
        del self._reading[command.id]
        return _open(store, command, future.result(), now)


def _read(detail: Mapping[str, Any]) -> Recording:
    """The recording a command names, with what was said about it. Raises RecordingError."""
    order = detail.get("date_order")
    recording = read_recording(
        Path(detail["recording"]),
        zone=instant.zone_named(detail.get("timezone") or "UTC"),
        start=detail.get("start"),
        date_order=None if order is None else DateOrder(order),
        patient=detail.get("patient_id"),
    )
    if not recording.readings:
        raise ConfigurationError(f"{Path(detail['recording']).name} holds no reading that can be replayed")
    return recording


def _title(detail: Mapping[str, Any]) -> str:
    return str(detail.get("title") or Path(detail["recording"]).name)


def _open(store: Store, command: ReplayCommand, recording: Recording, now: int) -> BedWatch:
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
    player = Player(wanted if wanted and wanted not in taken else f"Replay {number}", recording, _title(detail))
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
        bed_now=player.start,
    )
    times = (
        (EventKind.INFUSION_START, detail.get("infusion_start")),
        (EventKind.INFUSION_STOP, detail.get("infusion_end")),
    )
    with store.writing() as connection:
        session = queries.session(connection, session_id)
        assert session is not None
        for kind, time in times:
            if time is not None:
                acts.insert_event(connection, session, kind, time=int(time), author=command.author, now=now)
    player.seek(int(detail.get("from") or player.start), now)
    player.play(now, float(detail.get("speed") or 1))
    return _watched(store, bed, player, now)


def _watched(store: Store, bed: Bed, player: Player, now: int) -> BedWatch:
    watched = BedWatch(bed, player)
    with store.reading() as connection:
        watched.resume(connection, now)
    watched.take(player.poll(now), now)
    return watched


def _bed_of(command: ReplayCommand, beds: list[BedWatch]) -> BedWatch:
    for bed in beds:
        if bed.bed.id == command.bed_id and isinstance(bed.source, Player):
            return bed
    raise ConfigurationError("that replay is no longer open")


def _steer(store: Store, bed: BedWatch, command: ReplayCommand, now: int) -> None:
    player = bed.source
    assert isinstance(player, Player)
    match command.action:
        case "play":
            player.play(now)
        case "pause":
            player.pause(now)
        case "speed":
            player.set_speed(float(command.detail["speed"]), now)
        case "seek":
            if player.seek(int(command.detail["to"]), now):
                with store.writing() as connection:
                    _clear(connection, bed.bed)
                with store.reading() as connection:
                    bed.begin_again(connection, now)
            # Judged before it is heard, what lies on the way would come too late for its epochs.
            bed.take(player.poll(now), now)
        case _:
            raise ConfigurationError(f"a replay cannot {command.action!r}")


def _clear(connection: Connection, bed: Bed) -> None:
    session = queries.open_sessions(connection).get(bed.id)
    if session is not None:
        writes.clear_bed(connection, bed.id, session.id)


def _close(store: Store, bed: BedWatch, command: ReplayCommand, now: int) -> None:
    """Ends the replay's session and takes its bed off the wall; what it found stays in the history."""
    at = bed.source.clock.now(now)
    if bed.session is not None:
        acts.record_event(
            store, bed.session.id, EventKind.SESSION_END, time=at, author=command.author, now=now, bed_now=at
        )
    with store.reading() as connection:
        bed.take_acts(connection, now)
    with store.writing() as connection:
        bed.judge(now)
        write_beds(connection, writes.ReadingWriter(), [bed], now)
        writes.use_bed(connection, bed.bed.id, False)
    bed.written()
