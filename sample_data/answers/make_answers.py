"""Writes what a right reading of each sample is: ``python sample_data/answers/make_answers.py`` -> answers.json.

It uses the standard library and pandas, and nothing of the program: its readers know each file by hand, and its rises
are worked out from the text of the definition. A test compares `read` and `flag` with the answers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import recordings as r
from rises import MINUTE, judged

SAMPLES = Path(__file__).parents[1]
EXAMPLE = ("2026-03-01T09:00:00+00:00", 40, 100)
MIMIC = ("2704-05-04T10:56:18.529+00:00", 30, None)
MOVED = ("2004-05-04T10:56:18+00:00", 30, None)
MADE = ("2026-03-02T09:00:00+00:00", 40, 105)

# Recording, options beside it, its reader, and the session: start of the drug, minutes to its stop and to the end.
TABLE: list[tuple[str, list[str], Callable[[Path], list[r.Row]], tuple[str | int, int, int | None]]] = [
    ("worked-example-a.csv", [], r.session, EXAMPLE),
    ("worked-example-b.csv", [], r.session, EXAMPLE),
    ("mimic3wdb/s25047-2704-05-04-10-44n.hea", [], r.mimic_wfdb, MIMIC),
    ("reencoded/mimic3wdb-s25047.csv", [], r.mimic_csv, MOVED),
    ("reencoded/mimic3wdb-s25047.vital", [], r.mimic_vital, MOVED),
    ("reencoded/mimic3wdb-s25047.edf", [], r.mimic_edf, MOVED),
    ("reencoded/mimic3wdb-s25047-wide.parquet", [], r.mimic_parquet, MOVED),
    ("vscapture/AS3ExportData.csv", ["--date-order", "mdy"], r.vscapture, ("2026-03-04T12:34:00+00:00", 2, None)),
    *(
        (f"challenge2012/{name}.txt", [], r.challenge, (10 * 60 * MINUTE, 240, None))
        for name in (132539, 137529, 138221)
    ),
    *(
        (
            "clif_mimic4demo/clif_vitals_5stays.parquet",
            ["--patient", patient],
            lambda path, patient=patient: r.clif(path, patient),  # type: ignore[misc]
            (start, 120, None),
        )
        for patient, start in (("21606243", "2113-08-05T06:00:00+00:00"), ("26048429", "2154-01-03T06:00:00+00:00"))
    ),
    ("made/typical.csv", [], r.session, MADE),
    ("made/strong-rise.vital", [], r.made_vital, MADE),
    ("made/hypertensive.edf", [], r.made_edf, MADE),
    ("made/no-rise.parquet", [], r.tidy_parquet, MADE),
    ("made/vasovagal.csv", [], r.session, MADE),
]

SHOWN_ONLY = {"vscapture/AS3ExportData.csv"}
"""Recordings whose only cuff value stood on the screen when they began: shown, but not used."""


def written(time: int | None, relative: bool) -> str | None:
    """As the program writes times: ISO 8601 UTC with milliseconds, or seconds from the start."""
    if time is None:
        return None
    if relative:
        return f"+{time // 1_000_000}.{time // 1_000 % 1_000:03d}"
    moment = r.EPOCH + r.timedelta(microseconds=time)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time // 1_000 % 1_000:03d}Z"


def read_answer(rows: list[r.Row], relative: bool) -> dict[str, Any]:
    """Of each signal: how many values and zeros, the first, the last, the lowest, the highest, the sum."""
    answer = {}
    for signal in sorted({signal for _, signal, _ in rows}):
        held = sorted((time, value) for time, name, value in rows if name == signal and value is not None)
        values = [value for _, value in held]
        answer[signal] = {
            "values": len(held),
            "zeros": sum(name == signal and value is None for _, name, value in rows),
            "first": written(held[0][0], relative) if held else None,
            "last": written(held[-1][0], relative) if held else None,
            "lowest": min(values, default=None),
            "highest": max(values, default=None),
            "sum": round(sum(values), 3),
        }
    return answer


def main() -> None:
    answers = []
    for name, options, reader, (start, stop, end) in TABLE:
        rows = sorted(reader(SAMPLES / name), key=lambda row: row[0])
        relative = isinstance(start, int)
        t0 = start if isinstance(start, int) else r.micros(datetime.fromisoformat(start))
        until = None if end is None else t0 + end * MINUTE
        used = [row for row in rows if name not in SHOWN_ONLY or not row[1].startswith("NIBP")]
        found = judged(used, t0, t0 + stop * MINUTE, until)
        for rise in found["rises"]:
            for key in ("onset", "confirmed", "peak_time", "return", "declared"):
                rise[key] = written(rise[key], relative)
        answers.append(
            {
                "recording": name,
                "options": options,
                "read": read_answer(rows, relative),
                "infusion_start": written(t0, relative),
                "infusion_end": written(t0 + stop * MINUTE, relative),
                "session_end": written(until, relative),
                "flag": found,
            }
        )
    text = json.dumps(answers, indent=1)
    (Path(__file__).parent / "answers.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
