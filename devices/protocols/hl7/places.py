"""Whose message it is: the location in PV1-3, and the patient of its PID as a hash (HL7 sheet, section 4)."""

from __future__ import annotations

import hashlib

from devices.protocols.hl7.message import Message
from devices.protocols.hl7.syntax import Delimiters

Place = tuple[tuple[str, ...], ...]
"""Components (unit, room, bed, facility ..) of a location, each its subcomponents; empty ones at the ends left out."""

BED = 2
"""The component that names the bed."""

_LONGEST = 200
_SALT = b"risewatch hl7 patient"


def location(written: str, delimiters: Delimiters) -> Place:
    """The location written in a PV1-3; () if there is none."""
    components = [
        _stripped(tuple(delimiters.text(part).strip() for part in component.split(delimiters.subcomponent or "\0")))
        for component in written[:_LONGEST].split(delimiters.component or "\0")
    ]
    return _stripped(tuple(components))


def parse(text: str) -> Place:
    """The location that a configuration writes, with the usual ``^`` and ``&``: ``Ward^3^7``, or a bed's name alone."""
    return location(text.strip(), Delimiters(escape=""))


def text_of(place: Place) -> str:
    """`place` as a configuration writes it."""
    return "^".join("&".join(component) for component in place)


def is_at(place: Place, wanted: Place) -> bool:
    """Whether a message from `place` is one of `wanted`.

    Of unit, room and bed each must be the same; a facility and further subcomponents only as far as `wanted` gives
    them. A single word is the name of the bed, or of the only component that `place` has.
    """
    if not place or not wanted:
        return False
    if len(wanted) == 1:
        named = _component(place, BED) or (place[0] if len(place) == 1 else ())
        return _same(named, wanted[0], alone=True)
    if any(not _same(_component(place, at), _component(wanted, at)) for at in range(BED + 1)):
        return False
    return all(_same(_component(place, at), wanted[at]) for at in range(BED + 1, len(wanted)) if wanted[at])


def is_location(text: str) -> bool:
    """Whether `text` names a location."""
    return bool(parse(text))


def same_location(one: str, other: str) -> bool:
    """Whether a message could be of both locations, as a configuration writes them."""
    first, second = parse(one), parse(other)
    return is_at(first, second) or is_at(second, first) or first == second


def identity(place: Place) -> Place:
    """What tells two beds apart: unit, room and bed. What follows a bed may be an address that changes."""
    return place[: BED + 1] if _component(place, BED) else place


def patient(segment: str | None, delimiters: Delimiters) -> str | None:
    """A salted hash of who a PID is about: "" if it is about nobody, None without a PID.

    Nothing else of a PID is ever looked at or kept.
    """
    if segment is None:
        return None
    fields = segment.split(delimiters.field, 8)
    identifier, name, born = (fields[place] if len(fields) > place else "" for place in (3, 5, 7))
    first = identifier.split(delimiters.repetition or "\0")[0].split(delimiters.component or "\0")[0].strip()
    if not first:
        letters = name.split(delimiters.repetition or "\0")[0].split(delimiters.component or "\0")[:2]
        first = " ".join(part.strip() for part in letters).strip()
        first = f"{first} {born.strip()}" if first else ""
    if first in ("", '""'):
        return ""
    return hashlib.blake2b(first.encode("utf-8", "replace"), key=_SALT, digest_size=16).hexdigest()


def device(message: Message) -> str:
    """The sender's own identity in MSH-3 (``name^universal id^type``), as name and id; "" if it has none.

    An application's name alone is no identity: all monitors of one kind may share it.
    """
    marks = message.delimiters
    parts = [marks.text(part).strip() for part in message.heading(3)[:_LONGEST].split(marks.component or "\0")]
    return " ".join(part for part in parts[:2] if part) if len(parts) > 1 and parts[1] else ""


def _stripped(parts: tuple[Place, ...] | tuple[str, ...] | tuple[tuple[str, ...], ...]) -> tuple:  # type: ignore[type-arg]
    end = len(parts)
    while end and not parts[end - 1]:
        end -= 1
    return parts[:end]


def _component(place: Place, at: int) -> tuple[str, ...]:
    return place[at] if at < len(place) else ()


def _same(found: tuple[str, ...], wanted: tuple[str, ...], alone: bool = False) -> bool:
    """Whether the subcomponents begin as wanted; `alone`: a word that may stand behind empty ones."""
    if not wanted:
        return not found
    if alone and len(wanted) == 1:
        found = tuple(part for part in found if part)
    return tuple(map(str.casefold, found[: len(wanted)])) == tuple(map(str.casefold, wanted))
