"""Part files as one text table in columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from devices.recordings.delimited.blocks import Block
from devices.recordings.delimited.head import Found, head_of
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.delimited.utf8 import TableBytes
from devices.recordings.options import Options
from devices.recordings.tables.header import PREAMBLE


class Joined(TableBytes):
    """Part files that follow each other, under the head of the first, as one table."""

    def __init__(self, paths: Sequence[Path], found: Found, options: Options) -> None:
        """`found`: the head of the first.

        Raises:
            Unfit: another has another head.
        """
        super().__init__(paths[0])
        self._sources: list[tuple[TableBytes, int]] = []
        for each in map(TableBytes, paths):
            other = head_of(each.head(PREAMBLE + 1), options)
            if other is None or other.header != found.header or other.header is not other.named or other.header.line:
                raise Unfit
            self._sources.append((each, other.begin))
        self.is_guessed = any(each.is_guessed for each, _ in self._sources)
        self.may_be_cut = False

    def blocks(self, _: int, longest: int) -> Iterator[Block]:
        """As of one file, of each part from its head on.

        Raises:
            Unfit: also where nothing ends the last line of a part.
        """
        for source, begin in self._sources:
            for block in source.blocks(begin, longest):
                if block.is_cut:
                    raise Unfit
                yield block
