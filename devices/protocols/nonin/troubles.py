"""Refused frames and bytes between frames, told together: at 75 frames a second each by itself would drown the rest."""

from __future__ import annotations

from devices.protocols.base import Counters
from devices.protocols.framing import Refused, Skipped
from devices.protocols.speech import Speech
from devices.reading import Item

MOST = 50
"""So many are gathered at most before they are told."""


class Troubles:
    """Counts at once and tells when asked, with the bytes of the first."""

    def __init__(self, speech: Speech, counters: Counters) -> None:
        self._speech = speech
        self._counters = counters
        self._refused: Refused | None = None
        self._skipped: Skipped | None = None
        self._frames = self._bytes = self._gaps = 0

    @property
    def any_refused(self) -> bool:
        """Whether frames were refused that are not told yet."""
        return self._refused is not None

    def take(self, piece: Refused | Skipped) -> bool:
        """Counts one; whether so many have gathered that they are to be told."""
        if isinstance(piece, Refused):
            self._counters.reject(piece.reason)
            self._refused = self._refused or piece
            self._frames += 1
        else:
            self._counters.bytes_skipped += piece.count
            self._skipped = self._skipped or piece
            self._bytes += piece.count
            self._gaps += 1
        return self._frames + self._gaps >= MOST

    def tell(self, at: int) -> list[Item]:
        """What has gathered, as one notice of each kind; forgets it."""
        items: list[Item] = []
        if self._refused is not None:
            what = "a frame was" if self._frames == 1 else f"{self._frames} frames were"
            first = "" if self._frames == 1 else ", the first"
            text = f"{what} refused{first}: {self._refused.reason}"
            items.append(
                self._speech.notice("frame-rejected", text, at, code=self._refused.reason, raw=self._refused.data)
            )
        if self._skipped is not None:
            where = "outside any frame" if self._gaps == 1 else f"in {self._gaps} places outside any frame"
            text = f"{self._bytes} bytes {where} were left out"
            items.append(self._speech.notice("bytes-skipped", text, at, raw=self._skipped.data))
        self._refused = self._skipped = None
        self._frames = self._bytes = self._gaps = 0
        return items
