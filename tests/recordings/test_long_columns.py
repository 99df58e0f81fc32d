"""Long tables in columns: each is the recording that its rows are, or is left to these."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from table_writings import BERLIN, START, WRITTEN, differences

from devices import instant
from devices.recordings import table_bytes
from devices.recordings.base import Overrides

UNITS = {
    "HR": ["bpm", "/min"], "Heart Rate (/min)": ["bpm", "1/min", ""], "ABP Sys": ["mmHg", "mmHg", "kPa"],
    "NBP Sys": ["mmHg"], "NBP Dia": ["mmHg"], "RR": ["1/min", ""], "SpO2": ["%"],
    "Temp (\u00b0C)": ["\u00b0C", "degC", "", "degF"],
    "EtCO2": ["mmHg", "furlong"], "Rhythm": [""], "RecordID": [""], "NISysABP": ["mmHg"], "MAP": ["mmHg"],
    "220045": ["bpm"],
}  # fmt: skip
WHO = ["subject_id", "patient", "Bed"]


def cell(rng: random.Random, name: str, style: str) -> str:
    if name == "Rhythm":
        return rng.choice([*["sinus", "AF"] * 40, "paced at 1.5"])
    if name == "RecordID":
        return rng.choice(["132539", "132540"])
    real = rng.uniform(36, 125)
    value = {
        "whole": f"{real:.0f}", "tenths": f"{real:.1f}", "thousandths": f"{real:.3f}", "long": f"{real}",
        "various": f"{round(real, rng.randint(0, 4)):g}",
    }[style]  # fmt: skip
    return rng.choice([value] * 12 + ["", "0", "-", "NaN"])


def written(rng: random.Random) -> tuple[bytes, dict[str, Any]]:
    """A long table, and what may have to be said of it."""
    kind, count = rng.choice(list(WRITTEN)), rng.choice([1, 2, 5, 40, 120])
    say: dict[str, Any] = {}
    over: dict[str, Any] = {}
    if rng.random() < 0.4:
        say["zone"] = rng.choice([BERLIN, instant.zone_named("UTC")])
    if any(word in kind for word in ("first", "short", "points")):
        say["date_order"] = "mdy" if "month" in kind else "dmy"
    if kind in ("seconds", "elapsed") and rng.random() < 0.3:
        say["start"] = 1_000_000_000_000_000
    if kind.startswith("unix"):
        over["time_unit"] = "unix" if kind == "unix" else "unix-ms"
    elif kind.startswith("seconds"):
        over["time_unit"] = rng.choice(["s", "min", "ms"])
    elif kind == "days":
        over["time_unit"] = "excel"
    delimiter, end = rng.choice(",,;\t|"), rng.choice(["\n", "\r\n"])
    comma = delimiter != "," and rng.random() < 0.4
    if rng.random() < 0.2:
        over["decimal_mark"] = "," if comma else "."
    if rng.random() < 0.1:
        say["mapping"] = {"EtCO2": "RR"}
    if over:
        say["mapping"] = Overrides(**over)
    plain = rng.random() < 0.8
    pool = [name for name in UNITS if not plain or name not in ("MAP", "NISysABP")]
    names = rng.sample(pool, rng.randint(1, min(8, len(pool))))
    split = kind in ("day first", "iso, naive") and rng.random() < 0.5
    what = "itemid" if "220045" in names and rng.random() < 0.7 else rng.choice(["name", "Parameter", "variable"])
    columns = {"time": ["Date", "Clock"] if split else [rng.choice(["time", "charttime", "Date Time"])]}
    columns |= {"what": [what], "value": [rng.choice(["value", "valuenum"])]}
    for key, chance, called in (
        ("unit", 0.5, "unit"), ("error", 0.2, "error"), ("detail", 0.2, "vital_name"), ("note", 0.2, "Remark"),
        ("who", 0.3, rng.choice(WHO)), ("mark", 0.08, "kod"),
    ):  # fmt: skip
        if rng.random() < chance:
            columns[key] = [called]
    order = list(columns)
    if rng.random() < 0.3:
        rng.shuffle(order)
    unit = {name: rng.choice(UNITS[name]) for name in names}
    mixed = rng.random() < 0.1
    style = rng.choice(["whole", "tenths", "long", "thousandths", "various"])
    rows: list[dict[str, list[str]]] = []
    moment, step = START, rng.choice([1, 1, 1, 5, 60, 61, 3600])
    cuff = rng.choice([1, 3, 10])
    silent = rng.choice([*names, *[""] * 8])
    chance = rng.choice([0, 0.02, 0.3])
    for number in range(count):
        time = WRITTEN[kind](moment)
        if comma and kind.startswith("seconds"):
            time = time.replace(".", ",")
        for name in names:
            if (name.startswith("NBP") and number % cuff) or rng.random() < chance:
                continue
            value = "0" if name == silent else cell(rng, name, style)
            rows.append({
                "time": time.split(" ") if split else [time],
                "what": [name],
                "value": [value.replace(".", ",") if comma and name != "Rhythm" else value],
                "unit": [rng.choice(UNITS[name]) if mixed else unit[name]],
                "error": [rng.choice(["", "0", "0", "0", "0", "1"])],
                "detail": [f"{name} of the arterial line" if name == "MAP" else name.lower()],
                "note": ["seen" if delimiter != "," else ""],
                "who": ["A 7"],
                "mark": ["x" if number < count // 2 else "y"] if rng.random() < 0.9 else [""],
            })  # fmt: skip
        moment += timedelta(seconds=step)
    if rows and rng.random() < 0.2:
        at = rng.randrange(len(rows))
        what = rng.choice(["value", "value", "value", "time", "again", "back", "unit", "who", "what"])
        if what in ("again", "back"):
            rows.insert(rng.randrange(len(rows)) if what == "back" else at, dict(rows[at]))
        else:
            odd = ["x", "1,5", "1.5", "-3", "7 bpm", '7"', "1e2", "99999999", " 7 ", "120/80", "furlong", "HR ", "-1"]
            rows[at][what] = [rng.choice(odd), *rows[at][what][1:]]
    lines = [[name for key in order for name in columns[key]]]
    lines += [[text for key in order for text in row[key]] for row in rows]
    quotes = rng.choice(["none", "none", "all", "texts"])
    space = rng.choice(["", "", "", " "]) if quotes == "none" else ""

    def shown(text: str) -> str:
        number = text.replace(".", "").isdigit()
        return f'"{text}"' if quotes == "all" or (quotes == "texts" and not number) else text

    text = end.join(f"{delimiter}{space}".join(map(shown, line)) for line in lines) + rng.choice([end] * 15 + [""])
    if rng.random() < 0.1:
        text = "Some logger's name\n" + text
    encoding = rng.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
    return text.encode(encoding), say


@pytest.mark.parametrize("part", range(12))
def test_any_long_table_is_read_alike_by_columns_and_by_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    taken = 0
    for seed in range(part * 60, part * 60 + 60):
        rng = random.Random(seed)
        path = tmp_path / f"{seed}.csv"
        data, say = written(rng)
        path.write_bytes(data)
        monkeypatch.setattr(table_bytes, "_BLOCK", rng.choice([1, 100, 1000, 1 << 19]))
        try:
            taken += differences(path, say)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {data[:200]!r} {say}") from error
    assert taken >= 15  # else this would be a comparison of rows with rows
