"""Several sources of one quantity in a recording, such as two devices that both give a heart rate.

As readings they stay apart, each under its own name. Whoever judges them by signal must have one of each: whose number
counts is a choice that a person makes.
"""

from __future__ import annotations

from collections.abc import Iterable

from devices.errors import ChoiceNeeded
from devices.reading import USED, Reading
from devices.recordings.recording import Recording
from devices.signals import pulse_origin

JUDGED = ("HR", "PR", "SPO2", "NIBP_SYS", "NIBP_DIA", "NIBP_MEAN")
"""Signals that a detector looks at."""

_LIVE = ("hl7", "capture")
"""Formats read by a monitor's own driver, which says itself what counts."""


def ask_source(recording: Recording) -> None:
    """Asks which source counts, where two give one signal at the same time.

    Raises:
        ChoiceNeeded: there are such; the message names the sources and the option.
    """
    if recording.format in _LIVE:
        return
    sources = [each for each in recording.streams() if each[0] in JUDGED]
    if len(sources) == len({signal for signal, _ in sources}):
        return
    for what, held in _spans(recording.readings).items():
        spans = sorted((first, last, name) for name, (first, last) in held.items())
        until, before = spans[0][1], spans[0][2]
        for first, last, name in spans[1:]:
            if first <= until:
                raise _question(what[0], before, name)
            if last > until:
                until, before = last, name


def _spans(readings: Iterable[Reading]) -> dict[tuple[str, str], dict[str, list[int]]]:
    """From when to when each source gives usable values, by signal and (of pulse rates) the place they are taken at."""
    found: dict[tuple[str, str], dict[str, list[int]]] = {}
    for one in readings:
        if one.signal not in JUDGED or one.value is None or one.status not in USED:
            continue
        origin = pulse_origin(one.source).value if one.signal == "PR" else ""
        held = found.setdefault((one.signal, str(origin)), {})
        span = held.get(one.source)
        if span is None:
            held[one.source] = [one.time, one.time]
        else:
            span[0], span[1] = min(span[0], one.time), max(span[1], one.time)
    return found


def _question(signal: str, *sources: str) -> ChoiceNeeded:
    names = [source.partition(":")[2] for source in sources]
    devices = [name.rpartition("/")[0] for name in names]
    by_device = all(devices) and len(set(devices)) > 1
    choice = f"say --device {' or '.join(devices)}, or leave" if by_device else "leave"
    both = " and ".join(map(repr, names))
    return ChoiceNeeded(
        f"{both} both give {signal} at the same time, and only one may count: {choice} one out with --mapping",
        "device" if by_device else "column",
        devices if by_device else names,
    )
