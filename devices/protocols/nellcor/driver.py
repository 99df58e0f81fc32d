"""Nellcor oximeters: a row every 2 s, a header every 25 lines (text oximeters sheet, section C).

The rows carry no checksum, so values are `unverified`. Live they are dated by their arrival, since the monitor's
clock is set by hand; how far that is from ours is told. All that is ever sent is XON, which lets output go on.
"""

from __future__ import annotations

from datetime import UTC, tzinfo

from devices.instant import SECOND
from devices.protocols.dated import DatedRows
from devices.protocols.nellcor import rows
from devices.protocols.oximeter import GOOD, Condition, Oximeter
from devices.reading import Item, Status

XON = b"\x11"
XON_AGAIN = 10 * SECOND
"""So long without a row, and XON is sent again: the monitor may have been told to pause by somebody else."""

_CONDITIONS: dict[str, Condition] = {
    "SD": Condition(Status.OFF, "SD", "the oximeter's sensor is disconnected"),
    "SO": Condition(Status.OFF, "SO", "the oximeter's sensor is off the patient"),
    "PS": Condition(Status.SEARCHING, "PS", "the oximeter searches for a pulse"),
    "LM": Condition(Status.INVALID, "LM", "the oximeter has lost the pulse, with interference"),
    "LP": Condition(Status.INVALID, "LP", "the oximeter has lost the pulse"),
    "MO": Condition(Status.QUESTIONABLE, "MO", "motion or interference disturbs the pulse signal"),
}
"""What codes say of the values, worst first."""

_EVENTS = {
    "AO": "the alarm is switched off at the oximeter",
    "AS": "the alarm is silenced at the oximeter",
    "LB": "the oximeter's battery is low",
}
_LIMITS = frozenset({"PH", "PL", "SH", "SL"})
"""A value beyond an alarm limit, which the number itself says."""


class Nellcor(DatedRows):
    """Driver of the protocol ``nellcor``.

    Args:
        zone: zone of the monitor's clock, a zone or its name.

    Raises:
        SettingError: no such zone.
    """

    name = "nellcor"
    stamp = rows.STAMP

    def __init__(self, zone: str | tzinfo = UTC) -> None:
        super().__init__(zone, longest=256)
        self._oximeter = Oximeter(self.speech)
        self._is_trend = False
        self._events: frozenset[str] = frozenset()
        self._xon_at: int | None = None

    # -- bytes out ---------------------------------------------------------------------------------------------

    def opened(self, at: int) -> None:
        super().opened(at)
        self._is_trend = False
        self._xon_at = at

    def wake(self) -> int | None:
        return self._xon_at

    def send(self, at: int) -> bytes:
        """XON on opening, and again while no rows come."""
        if self._xon_at is None or at < self._xon_at:
            return b""
        self._xon_at = at + XON_AGAIN
        return XON

    # -- bytes in ----------------------------------------------------------------------------------------------

    def read_row(self, row: bytes, at: int | None) -> list[Item] | str:
        try:
            found = rows.read(row)
        except rows.BadRow as error:
            return str(error)
        self.counters.frames += 1
        if at is not None and self._xon_at is not None:
            self._xon_at = at + XON_AGAIN
        if self._is_trend and at is not None:
            text = "the monitor prints rows from its memory; they are not current values and are left out"
            return self.speech.once("trend", self.speech.notice("ignored", text, at, code="TREND"))
        when, items = self.moment(found.written, at)
        received = when if at is None else at
        items += self._codes(frozenset(found.codes), received, row)
        condition = next((_CONDITIONS[code] for code in _CONDITIONS if code in found.codes), GOOD)
        return items + self._oximeter.sample(found.spo2, found.pulse, condition, received, when)

    def _codes(self, codes: frozenset[str], at: int, row: bytes) -> list[Item]:
        items: list[Item] = []
        for code in sorted(codes & _EVENTS.keys() - self._events):
            items.append(self.speech.notice("device-event", _EVENTS[code], at, code=code))
        self._events = codes & _EVENTS.keys()
        for code in sorted(codes - _EVENTS.keys() - _CONDITIONS.keys() - _LIMITS):
            text = f"the status {code} is not known to this driver"
            items += self.speech.once(code, self.speech.notice("unknown-parameter", text, at, code=code, raw=row))
        return items

    def read_other(self, line: bytes, at: int | None) -> list[Item] | str:
        text = line.decode("ascii", "replace")
        header = rows.header(text)
        if header is not None:
            self.counters.frames += 1
            self._is_trend = header.is_trend
            said = f"{header.model}, version {header.version}{', ' if header.limits else ''}{header.limits}"
            return self._event("header" if header.limits else "info", said, header.model, at)
        mode = rows.mode(text)
        if mode is not None:
            return self._event("mode", f"the oximeter's mode is {mode}", mode, at)
        if text.strip().lower() == "output complete":
            self._is_trend = False
            return []
        if rows.is_menu(text):
            return self._event(
                "menu", "the monitor shows its menu and prints no rows: leave it there with 0", "menu", at
            )
        return [] if rows.is_columns(text) else "neither a row nor a header"

    def _event(self, what: str, said: str, code: str, at: int | None) -> list[Item]:
        """Told when it is another than before: a header comes every 25 lines."""
        if not self.speech.changed(what, said):
            return []
        return self.tell(lambda when: self.speech.notice("device-event", said, when, code=code), at)
