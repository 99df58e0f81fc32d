"""What a table's header may not be: times cut into columns or named twice, a patient's column that is not there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from devices.errors import RecordingError
from devices.recordings.options import Options
from devices.recordings.tables.columns import clock_parts

_AGAIN = re.compile(r"\.\d+$", re.ASCII)


def refuse_parts(names: Sequence[str], labels: Sequence[str], time: Sequence[int], options: Options) -> None:
    """Refuses times that are cut into several columns.

    Raises:
        RecordingError: they are, and a mapping says of no others that they are the times.
    """
    if not options.overrides.time_columns and (parts := clock_parts(labels, time)):
        shown = ", ".join(repr(names[place]) for place in parts)
        raise RecordingError(f"the time is cut into the columns {shown}: put them together, as ISO 8601")


def refuse_twins(names: Sequence[str], time: Sequence[int], options: Options) -> None:
    """Refuses a second column called as the time is (``Time.1``, once pandas has read it): values beside it may be of
    its times.

    Raises:
        RecordingError: there is one.
    """
    for place, name in enumerate(names):
        number = f"#{place + 1}"
        first = next((at for at in time if at != place and _AGAIN.sub("", name) == names[at]), -1)
        if first >= 0 and place not in time and options.mapping.get(number, options.mapping.get(name)) != "":
            raise RecordingError(
                f"the columns {first + 1} and {place + 1} are both called {names[first]!r}, and what stands beside each"
                f" may be of its times: cut the table in two, or leave one out with --mapping, as {number!r}"
            )


def check_told(names: Sequence[str], options: Options) -> None:
    told = options.overrides.patient_column
    if told and told not in names:
        raise RecordingError(f"patient.column = {told!r} in the mapping names no column of the table")
