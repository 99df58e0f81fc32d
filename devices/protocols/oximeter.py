"""An oximeter's two numbers: what they are worth, and what is said when the sensor comes off or the signal weakens."""

from __future__ import annotations

from msgspec import Struct

from devices.protocols.speech import Speech
from devices.reading import VALUELESS, Item, Status

CALM = 10
"""So many good samples make a poor signal over; poor again sooner, it is the same trouble and is not told again."""


class Condition(Struct, frozen=True):
    """How an oximeter stands while it takes a sample.

    Attributes:
        status: what the values are worth: OK (as good as the line is), QUESTIONABLE, or why there are none.
        code, text: the device's own code and a sentence, both "" where nothing is wrong.
    """

    status: Status
    code: str = ""
    text: str = ""


GOOD = Condition(Status.OK)


class Oximeter:
    """Makes the readings SPO2 and PR of one oximeter.

    Args:
        speech: of its driver.
        good: what an undisturbed value is worth: OK where a checksum guards it, else UNVERIFIED.
    """

    def __init__(self, speech: Speech, good: Status = Status.UNVERIFIED) -> None:
        self._speech = speech
        self._good = good
        self._calm = CALM

    def sample(
        self,
        spo2: int | None,
        pulse: int | None,
        condition: Condition,
        at: int,
        measured: int | None = None,
        good: Status | None = None,
    ) -> list[Item]:
        """What one sample says. `spo2` in %, `pulse` in /min, None where the device shows none.

        A 0 is no measurement: it becomes `zero`. None without a reason is `invalid`.
        """
        items = self._onset(condition, at, measured)
        for signal, value, own in (("SPO2", spo2, "spo2"), ("PR", pulse, "spo2.pr")):
            if condition.status in VALUELESS:
                items.append(self._speech.reading(signal, None, condition.status, at, own, measured))
            elif not value:
                why = Status.INVALID if value is None else Status.ZERO
                items.append(self._speech.reading(signal, None, why, at, own, measured))
            else:
                worth = (good or self._good) if condition.status is Status.OK else condition.status
                items.append(self._speech.number(signal, value, at, own, status=worth, measured=measured))
        return items

    def _onset(self, condition: Condition, at: int, measured: int | None) -> list[Item]:
        off = condition.status is Status.OFF
        poor = bool(condition.text) and not off
        before, self._calm = self._calm, 0 if poor else self._calm + 1
        items: list[Item] = []
        if self._speech.changed("sensor", "off" if off else "") and off:
            items.append(self._told("probe-off", condition, at, measured))
        if poor and before >= CALM:
            items.append(self._told("signal-poor", condition, at, measured))
        return items

    def _told(self, kind: str, condition: Condition, at: int, measured: int | None) -> Item:
        return self._speech.notice(
            kind, condition.text, at, signal="SPO2", code=condition.code, own="spo2", measured=measured
        )
