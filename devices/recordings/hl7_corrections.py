"""Values that a later message of the same file corrects or takes back (OBX-11 is C, D or W): they were wrong.

Live nothing can be undone that was judged already; in a file the end is known. Source: the HL7 sheet, section 4.
"""

from __future__ import annotations

from datetime import tzinfo

from msgspec import Struct, field

from devices.instant import SECOND
from devices.protocols.hl7.message import Message
from devices.protocols.hl7.stamps import resolve
from devices.reading import Item, Reading

_CORRECTED, _TAKEN_BACK = "C", frozenset("DW")

Key = tuple[str, int]
"""What was measured, by its own name in our sources, and when, in seconds: cuff values are dated no finer."""


class Changes(Struct, frozen=True):
    """The values, told before, of which a message says that they were wrong: those that it corrects, and takes back."""

    corrected: frozenset[Key] = frozenset()
    taken_back: frozenset[Key] = frozenset()


def changes(message: Message, zone: tzinfo) -> Changes:
    """What `message` says of earlier values; times without an offset are read as the driver reads them."""
    corrected, taken_back = set[Key](), set[Key]()
    for what, _, _, measured, fields, group in message.cells:
        result = fields[11].strip().upper()
        if what.quantity is None or (result != _CORRECTED and result not in _TAKEN_BACK):
            continue
        if stamp := measured or (message.groups[group - 1].time if group else None) or message.time:
            offset = message.time.offset if message.time is not None else None
            time = stamp.local - offset if stamp.offset is None and offset is not None else resolve(stamp, zone)
            (corrected if result == _CORRECTED else taken_back).add((what.quantity.own, time // SECOND))
    return Changes(frozenset(corrected), frozenset(taken_back))


class Corrected(Struct):
    """What messages said, one after the other, without what later ones of them call wrong. `lost`: so many readings."""

    items: list[Item | None] = field(default_factory=list)
    lost: int = 0
    _places: dict[Key, list[int]] = field(default_factory=dict)

    def add(self, items: list[Item], said: Changes) -> None:
        """What the next message gave, and what it `said` of those before it."""
        keys = [_key(item) for item in items]
        # A correction that gives no value, as one that was sent twice, corrects nothing.
        for key in said.taken_back | said.corrected.intersection(keys):
            for place in self._places.pop(key, ()):
                self.items[place] = None
                self.lost += 1
        for item, its in zip(items, keys, strict=True):
            if its is not None:
                self._places.setdefault(its, []).append(len(self.items))
            self.items.append(item)

    def left(self) -> list[Item]:
        """All that was not called wrong."""
        return [item for item in self.items if item is not None]


def _key(item: Item) -> Key | None:
    if not isinstance(item, Reading):
        return None
    return item.source.partition(":")[2].partition("@")[0], item.time // SECOND
