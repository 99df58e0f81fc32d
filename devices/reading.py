"""The border types: a Reading is a number a monitor gave (or failed to give), a Notice is all else it said.

Only these two cross from ``devices`` to ``dashboard``. Absent, invalid and zero are three things: absent is no
Reading at all; invalid is a Reading whose value is None and whose status says why; zero is a number.

Both are msgspec's structures, as the most of anything that is made is readings: one takes a ninth of the time that a
frozen dataclass takes. They hold nothing that could hold them, so the garbage collector need not look at them.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Status(StrEnum):
    """What a reading's value is worth.

    Used by the detector: OK, UNVERIFIED (the line has no checksum), RANGE (outside the sheet's limits; the
    detector's own limits decide). Value shown, not used: QUESTIONABLE, AGE_UNKNOWN (found on connecting, so its
    `time` is when it was received), TEST, DEMO. No value: ZERO (a 0 that means "no signal"), OFF (lead, sensor),
    SEARCHING, MEASURING, INVALID.
    """

    OK = "ok"
    UNVERIFIED = "unverified"
    RANGE = "range"
    QUESTIONABLE = "questionable"
    AGE_UNKNOWN = "age_unknown"
    TEST = "test"
    DEMO = "demo"
    ZERO = "zero"
    OFF = "off"
    SEARCHING = "searching"
    MEASURING = "measuring"
    INVALID = "invalid"


USED = frozenset({Status.OK, Status.UNVERIFIED, Status.RANGE})
"""Statuses whose values the detector takes."""

VALUELESS = frozenset({Status.ZERO, Status.OFF, Status.SEARCHING, Status.MEASURING, Status.INVALID})
"""Statuses that say why there is no value."""


class Reading(Struct, frozen=True, gc=False):
    """One value of one signal at one instant.

    The readings of one cuff measurement share `time`, `received` and the protocol part of `source`, and are
    handed on together; that is how they are known to belong to each other.

    Attributes:
        time: when it was measured (an instant, see `devices.instant`). Live: on the watch's clock.
        received: when it reached us. In a recording: the number of its row, since file order is receipt order.
        signal: a name of `devices.signals.SIGNALS`.
        value: in `unit`; None exactly where `status` is one of VALUELESS.
        unit: the signal's unit.
        status: what the value is worth.
        source: protocol or format, a colon, its own name there, such as ``ge-dri:spo2.pr``.
    """

    time: int
    received: int
    signal: str
    value: float | None
    unit: str
    status: Status
    source: str


class Notice(Struct, frozen=True, gc=False):
    """What is not a number: nothing a monitor or a file says is dropped silently.

    Attributes:
        time: when it happened; `received`: when we learned of it (both as in Reading).
        kind: a lower-case word with dashes, see KINDS.
        text: one sentence for a person.
        signal: the signal concerned, or "".
        code: the device's own code, or "".
        source: as in Reading, or the protocol's name alone.
        raw: the bytes concerned, b"" if none.
    """

    time: int
    received: int
    kind: str
    text: str
    signal: str = ""
    code: str = ""
    source: str = ""
    raw: bytes = b""


Item = Reading | Notice

KINDS: dict[str, str] = {
    "link-up": "the port was opened",
    "link-down": "the port was lost or could not be opened",
    "connected": "the monitor answers: the first whole frame came",
    "quiet": "bytes or frames stopped coming for longer than the protocol allows",
    "not-answering": "requests stay unanswered",
    "lead-off": "an electrode is off",
    "probe-off": "a sensor is off or unplugged",
    "signal-poor": "the monitor itself doubts the value (motion, weak signal)",
    "cuff-failed": "a cuff measurement gave no result",
    "frame-rejected": "a frame failed its checksum, length or shape and was refused whole",
    "bytes-skipped": "bytes outside any frame",
    "unknown-parameter": "a frame carried something this driver does not know",
    "value-refused": "a value contradicts the protocol's own rules",
    "sequence-gap": "the device's own counter shows that frames were lost",
    "device-restarted": "the device's clock or counter jumped back",
    "clock-offset": "the device's clock differs from ours",
    "time-assumed": "times are not in the bytes or the file; they were assumed",
    "capture-ended": "the raw capture of a port could not be written any more",
    "device-event": "a text or event of the device's own",
    "not-flagged": "a signal that is stored and shown, but not flagged",
    "row-refused": "a row of a file was refused",
    "ignored": "something of a file was left out",
    "incomplete": "a file ends before its header says it should",
    "checksum-differs": "a file's own checksum is not that of its values",
    "out-of-order": "the rows of a file are not in the order of their times",
    "same-time": "a source of a file gives two different values for one time",
    "several-sources": "a file has two sources of one signal; who judges it is asked which counts",
    "file-gap": "a signal of a file is interrupted",
    "not-written": "a file that was written cannot hold something as it was",
    "patient-assumed": "a column of a file may name patients; all rows were taken to be one patient's",
    "method-assumed": "a file does not say how a pressure was measured; it was judged by how the values behave",
}
