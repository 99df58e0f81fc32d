"""Made readings as a session CSV: rows in any order, and the readings that those rows say."""

import random

from devices import instant
from devices.reading import Reading, Status

COLUMNS = ("HR", "PR", "NIBP_SYS", "NIBP_DIA", "NIBP_MEAN")


def as_rows(readings: list[Reading], rng: random.Random) -> tuple[str, list[Reading]]:
    """A session CSV of the readings that a CSV can hold, and those readings as its rows say them."""
    rows: dict[tuple[int, int, bool], dict[str, Reading]] = {}
    for each in readings:
        usable = each.status in (Status.OK, Status.UNVERIFIED, Status.RANGE)
        if usable and each.value is not None and "art" not in each.source and "nibp.pr" not in each.source:
            rows.setdefault((each.time, each.received, each.signal.startswith("NIBP")), {})[each.signal] = each
    keys = list(rows)
    rng.shuffle(keys)
    lines, as_written = ["time," + ",".join(COLUMNS)], []
    for number, key in enumerate(keys):
        row = rows[key]
        cells = [repr(row[name].value) if name in row else "" for name in COLUMNS]
        lines.append(",".join([instant.format(key[0]), *cells]))
        for name, each in row.items():
            as_written.append(Reading(each.time, number, name, each.value, each.unit, Status.OK, f"csv:{name}"))
    return "\n".join(lines) + "\n", as_written
