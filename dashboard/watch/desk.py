"""The watch's desk: what people ask about monitors and ports, carried out by the process that owns them.

Listening and asking take up to a minute and must not hold up a bed: each is done in a thread with a hub of its own.
A port that a bed uses is never opened a second time; what was asked long ago is not done any more, for by now
something else may hang there.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from dashboard.errors import ConfigurationError, RisewatchError
from dashboard.store import monitor_commands as commands
from dashboard.store.database import Store
from dashboard.store.monitor_commands import Action, MonitorCommand
from dashboard.watch.configuration_file import ConfigurationFile
from dashboard.watch.ports import CapturesHeld, PortInUse, captures_held, checked_port, ports_here, user_of
from devices import probe, probe_answers
from devices.errors import DeviceError
from devices.hub import Hub
from devices.instant import SECOND

_log = logging.getLogger(__name__)

EXPIRES = 30 * SECOND
"""A port is opened this long after it was asked for at most (µs): later nobody stands there and looks."""

Tell = Callable[[str], None]


class _Job(Struct):
    """A command being carried out in a thread."""

    command: MonitorCommand
    thread: threading.Thread | None = None
    progress: str = ""
    told: str = ""
    answer: Mapping[str, Any] | None = None
    refused: str | None = None
    finished: bool = False


class Desk:
    """Carries out the monitor commands of the store.

    Args:
        ports: port by bed, as the watch has them open. captures: the folder of raw captures.
        file: the watch's configuration, None if it has none of its own.
        seconds: how long each line setting is listened at, None for the usual times.
    """

    def __init__(
        self,
        ports: Mapping[str, str],
        captures: Path,
        file: ConfigurationFile | None = None,
        seconds: float | None = None,
    ) -> None:
        self._ports = dict(ports)
        self._captures = captures
        self._file = file
        self._seconds = seconds
        self._jobs: dict[int, _Job] = {}
        self._given_up = threading.Event()
        self._hub: Hub | None = None

    @property
    def busy(self) -> bool:
        """Whether something is going on: then `carry_out` has something to do though no command is new."""
        return bool(self._jobs)

    def carry_out(self, store: Store, now: int) -> None:
        """Begins what is asked for, and writes down what came of what was begun."""
        with store.reading() as connection:
            waiting = [each for each in commands.pending(connection) if each.id not in self._jobs]
        for command in waiting:
            try:
                self._begin(command, now)
            except (RisewatchError, DeviceError) as error:
                with store.writing() as connection:
                    commands.finish(connection, command.id, now, refused=str(error))
        for job in list(self._jobs.values()):
            # Read first: what is told after it is told at the next look.
            finished, progress = job.finished, job.progress
            if not finished and progress == job.told:
                continue
            with store.writing() as connection:
                if progress != job.told:
                    commands.tell_progress(connection, job.command.id, progress)
                if finished:
                    commands.finish(connection, job.command.id, now, job.answer, job.refused)
            job.told = progress
            if finished:
                del self._jobs[job.command.id]

    def close(self) -> None:
        """Gives up what is going on; its port is given back."""
        self._given_up.set()
        for job in self._jobs.values():
            if self._hub is not None:
                self._hub.wakeup()
            if job.thread is not None:
                job.thread.join(2)

    def _begin(self, command: MonitorCommand, now: int) -> None:
        work = self._work(command, now)
        job = _Job(command)

        def run() -> None:
            def tell(text: str) -> None:
                job.progress = text

            try:
                job.answer = work(tell)
            except (RisewatchError, DeviceError) as error:
                job.refused = str(error)
            except Exception:
                _log.exception("%s failed", command.action.value)
                job.refused = "this failed in the program; the watch's log says why"
            finally:
                job.finished = True

        # A daemon: a port that does not answer must not keep a stopped watch alive.
        job.thread = threading.Thread(target=run, name=f"desk {command.action.value}", daemon=True)
        self._jobs[command.id] = job
        job.thread.start()

    def _work(self, command: MonitorCommand, now: int) -> Callable[[Tell], Mapping[str, Any]]:
        """What is to be done for `command`, checked.

        Raises:
            RisewatchError: it is not to be done.
        """
        match command.action:
            case Action.LOOK:
                return lambda tell: look(self._ports, self._captures)
            case Action.LISTEN | Action.ASK:
                return self._probing(command, now)
            case Action.CONFIGURE:
                file = self._file
                if file is None:
                    raise ConfigurationError("this watch has no configuration file of its own to write")
                detail = command.detail
                return lambda tell: file.write(str(detail["configuration"]), str(detail["basis"]), now)
        raise ConfigurationError(f"the watch cannot {command.action.value!r}")

    def _probing(self, command: MonitorCommand, now: int) -> Callable[[Tell], Mapping[str, Any]]:
        if not 0 <= now - command.entered <= EXPIRES:
            raise ConfigurationError(
                f"this was asked more than {EXPIRES // SECOND} s ago, when no watch could do it: ask again"
            )
        if any(job.command.action in (Action.LISTEN, Action.ASK) for job in self._jobs.values()):
            raise ConfigurationError("another port is being listened to: wait until that is over")
        port = checked_port(str(command.detail.get("port", "")))
        bed = user_of(port, self._ports)
        if bed is not None:
            raise PortInUse(f"{port} is the port of {bed}: the watch has it, and never opens it a second time")
        ask = command.action is Action.ASK
        if ask and command.detail.get("confirmed") != command.detail.get("port"):
            raise ConfigurationError(f"nobody has confirmed that nothing but a monitor hangs on {port}")
        return lambda tell: self._probe(port, ask, tell)

    def _probe(self, port: str, ask: bool, tell: Tell) -> Mapping[str, Any]:
        hub = self._hub = Hub()
        try:
            if ask:
                heard = probe.ask(
                    port,
                    seconds=self._seconds or probe.ASK_S,
                    hub=hub,
                    tell=tell,
                    given_up=self._given_up.is_set,
                )
            else:
                (heard,) = probe.listen(
                    [port],
                    seconds=self._seconds or probe.LISTEN_S,
                    hub=hub,
                    tell=tell,
                    given_up=self._given_up.is_set,
                )
        finally:
            self._hub = None
            hub.close()
        if self._given_up.is_set():
            raise ConfigurationError("the watch was stopped meanwhile: ask again")
        return probe_answers.as_json(heard)


def look(ports: Mapping[str, str], captures: Path) -> dict[str, Any]:
    """The answer to Action.LOOK: the machine's serial ports, with the bed that uses each, and its capture files.

    Args:
        ports: port by bed.
    """
    held: Sequence[CapturesHeld] = captures_held(captures, ports)
    return {
        "ports": [
            {"device": each.device, "name": each.lasting, "about": each.about, "bed": user_of(each.device, ports)}
            for each in ports_here()
        ],
        "captures": {
            "folder": str(captures),
            "beds": {each.bed: {"files": each.files, "bytes": each.size, "newest": each.newest} for each in held},
        },
    }
