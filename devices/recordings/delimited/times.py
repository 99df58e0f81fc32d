"""The times of a text table in numpy, whatever they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from devices.recordings.delimited.clock_times import ClockTimes
from devices.recordings.delimited.digits import DecimalMark
from devices.recordings.delimited.number_times import NumberTimes
from devices.recordings.options import Options

if TYPE_CHECKING:
    from devices.recordings.tables.header import Header

_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?", re.ASCII)


def times_of(first: tuple[str, ...], header: Header, options: Options, mark: DecimalMark) -> ClockTimes | NumberTimes:
    """What reads the times of the table whose `first` row has these, a cell each column of them.

    Raises:
        Unfit: nothing does.
    """
    if len(first) == 1 and _NUMBER.fullmatch(first[0]):
        return NumberTimes(header, options, mark)
    return ClockTimes(header, options)
