"""What may be done with an open replay: play, pause, speed, jumps and steps from mark to mark, and its end.

A step is taken from where the replay stands when the watch takes it: a screen may have been drawn long before, and two
taps in a row are two steps.
"""

from __future__ import annotations

from sqlalchemy import Connection

from dashboard.errors import ConfigurationError
from dashboard.sessions.events import EventKind
from dashboard.sessions.replay_marks import MarkKind, step
from dashboard.store import acts, queries, writes
from dashboard.store.database import Store
from dashboard.store.records import Bed, ReplayCommand
from dashboard.store.replay_marks import marks_of
from dashboard.watch.bed import BedWatch, write_beds
from devices.recordings.player import Player


def bed_of(command: ReplayCommand, beds: list[BedWatch]) -> BedWatch:
    """The replay that a command is for.

    Raises:
        ConfigurationError: there is none, or the bed is a live one.
    """
    for bed in beds:
        if bed.bed.id == command.bed_id and isinstance(bed.source, Player):
            return bed
    raise ConfigurationError("that replay is no longer open")


def steer(store: Store, bed: BedWatch, command: ReplayCommand, now: int) -> None:
    """Carries out a command to an open replay.

    Raises:
        ConfigurationError: it cannot be done, with the reason. SettingError: nor can that speed be played.
        KeyError, TypeError, ValueError: the command does not say all that it must.
    """
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
            _seek(store, bed, player, int(command.detail["to"]), now)
        case "step":
            kind, back = MarkKind(command.detail["kind"]), bool(command.detail["back"])
            _seek(store, bed, player, _stepped(store, bed, player, kind, back, now), now)
        case "restart":
            _seek(store, bed, player, player.start, now)
            player.play(now)
        case _:
            raise ConfigurationError(f"a replay cannot {command.action!r}")


def _stepped(store: Store, bed: BedWatch, player: Player, kind: MarkKind, back: bool, now: int) -> int:
    """Where a step leads, an instant."""
    with store.reading() as connection:
        marks = marks_of(connection, bed.bed.id, player.start, player.end)
    watched = player.speed if player.playing else 0.0
    to = step(marks, player.position(now), kind, back=back, speed=watched)
    if to is None:
        raise ConfigurationError(f"no {'earlier' if back else 'later'} {kind} is known in this replay")
    return to


def _seek(store: Store, bed: BedWatch, player: Player, to: int, now: int) -> None:
    if player.goes_back(to):
        # First the store, which may refuse: tried again, the jump is still one back.
        with store.writing() as connection:
            clear(connection, bed.bed)
        with store.reading() as connection:
            player.seek(to, now)
            bed.begin_again(connection, now)
    else:
        player.seek(to, now)
    bed.take(player.poll(now), now)


def clear(connection: Connection, bed: Bed) -> None:
    """Empties the replay's session: what was found is made again from the recording."""
    session = queries.open_sessions(connection).get(bed.id)
    if session is not None:
        writes.clear_bed(connection, bed.id, session.id)


def close(store: Store, bed: BedWatch, command: ReplayCommand, now: int) -> None:
    """Ends the replay's session and takes its bed off the wall; what it found stays in the history."""
    at = bed.bed_now(now)
    if bed.session is not None:
        acts.record_event(
            store, bed.session.id, EventKind.SESSION_END, time=at, author=command.author, now=now, bed_now=at
        )
    with store.reading() as connection:
        bed.take_acts(connection, now)
    tell(store, bed, now)
    with store.writing() as connection:
        writes.use_bed(connection, bed.bed.id, False)


def tell(store: Store, bed: BedWatch, now: int) -> None:
    """Whoever asked sees at once how the replay stands now, not at the next second."""
    with store.writing() as connection:
        bed.judge(now)
        write_beds(connection, writes.ReadingWriter(), [bed], now)
    bed.written()
