"""Files of one session joined to one recording: recorders begin a new one each hour, or after a pause.

That they belong together is said by a person, and refused where the files say otherwise: overlapping times, another
name before the date in theirs, other devices, another patient.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from msgspec import structs
from msgspec.structs import replace

from devices import instant
from devices.errors import RecordingError
from devices.reading import Notice, Reading, Status
from devices.recordings.cuffs import RESENT
from devices.recordings.recording import Counts, Recording, judge, span
from devices.signals import NIBP

_DATED = re.compile(r"(?P<whose>.+)_\d{6}_\d{6}", re.ASCII)
"""Vital Recorder's names: the bed's, then when the file was begun."""


def join(parts: Sequence[tuple[str, Recording]]) -> Recording:
    """The recordings `parts`, each with its file's name, as one, in the order of their times.

    Raises:
        RecordingError: they cannot be of one session.
    """
    for name, part in parts:
        if not part.readings:
            raise RecordingError(f"{name} holds no reading: leave it out")
        if part.relative:
            raise RecordingError(f"{name} has no dates, so that nothing says where it belongs: join dated files only")
    ordered = sorted(parts, key=lambda one: one[1].first)
    for one, other in pairwise(ordered):
        _check(one, other)
    readings, repeats = list(ordered[0][1].readings), 0
    notices: list[Notice] = []
    offset = 0
    for number, (name, part) in enumerate(ordered):
        if number:
            offset += 1 + _last_row(ordered[number - 1][1])
            before = readings[-1].time
            text = f"{name} goes on {span(part.first - before)} after the file before it"
            notices.append(Notice(part.first, offset, "device-event", text, source=part.format))
            goes_on, again = _first_cuff(readings, part.readings)
            repeats += again
            readings += [structs.replace(each, received=each.received + offset) for each in goes_on]
        notices += [structs.replace(each, received=each.received + offset) for each in part.notices]
    notices.sort(key=lambda each: (each.time, each.received))
    return _joined([part for _, part in ordered], readings, notices, repeats)


def _last_row(part: Recording) -> int:
    rows = [each.received for each in part.readings] + [each.received for each in part.notices]
    return max(rows, default=0)


def _check(one: tuple[str, Recording], other: tuple[str, Recording]) -> None:
    (name, before), (after_name, after) = one, other
    both = f"{name} and {after_name}"
    if before.format != after.format:
        raise RecordingError(f"{both} are of different formats ({before.format}, {after.format}): join files of one")
    if after.first <= before.last:
        shown = f"{instant.format(after.first)} lies before {instant.format(before.last)}"
        raise RecordingError(f"{both} overlap in time ({shown}): they are no parts of one session")
    first, second = (_DATED.fullmatch(each.rpartition(".")[0]) for each in (name, after_name))
    if first and second and first["whose"] != second["whose"]:
        raise RecordingError(f"{both} are of {first['whose']!r} and {second['whose']!r} by their names: not joined")
    if before.patients != after.patients:
        raise RecordingError(f"{both} name different patients: not joined")
    held, held_after = _sources(before), _sources(after)
    for signal in held.keys() & held_after.keys():
        if held[signal].isdisjoint(held_after[signal]):
            changed = f"{min(held[signal])!r} in one, {min(held_after[signal])!r} in the other"
            raise RecordingError(f"{both} have {signal} from different devices ({changed}): not joined")


def _sources(recording: Recording) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for each in recording.readings:
        found.setdefault(each.signal, set()).add(each.source)
    return found


def _first_cuff(before: Sequence[Reading], after: Sequence[Reading]) -> tuple[list[Reading], int]:
    """`after` with its first cuff value judged by what was shown until then; how many values were only shown again.

    Alone, a file cannot tell how old a value is that stood on the screen when it began. Where the file before it goes
    on to within some seconds, it is the value shown there, or a new one.
    """
    first = next((each for each in after if each.signal in NIBP), None)
    if first is None or first.status is not Status.AGE_UNKNOWN or after[0].time - before[-1].time > RESENT:
        return list(after), 0
    mine = [
        each for each in after if each.signal in NIBP and (each.time, each.received) == (first.time, first.received)
    ]
    shown: dict[str, float | None] = {}
    for each in reversed(before):
        if each.signal in NIBP:
            if each.signal in shown:
                break
            shown[each.signal] = each.value
    again = all(shown.get(each.signal) == each.value for each in mine)
    kept = []
    for each in after:
        if each not in mine:
            kept.append(each)
        elif not again:
            kept.append(structs.replace(each, status=judge(each.signal, each.value or 0.0)[1]))
    return kept, int(again)


def _joined(parts: Sequence[Recording], readings: list[Reading], notices: list[Notice], repeats: int) -> Recording:
    first = parts[0]
    counts = Counts(repeats=repeats)
    for part in parts:
        counts.rows += part.counts.rows
        counts.used += part.counts.used
        counts.repeats += part.counts.repeats
        for reason, count in part.counts.refused.items():
            counts.refuse(reason, count)
    mapping = {column.name: column for part in reversed(parts) for column in part.mapping}
    # Used in any part it is used: a track may be silent in one of them.
    mapping |= {column.name: column for part in parts for column in part.mapping if column.is_used}
    order = dict.fromkeys(column.name for part in parts for column in part.mapping)
    files = tuple(name for part in parts for name in part.explanation.files)
    return replace(
        first,
        readings=readings,
        notices=notices,
        counts=counts,
        mapping=tuple(mapping[name] for name in order),
        explanation=replace(first.explanation, files=files),
    )
