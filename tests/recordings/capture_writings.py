"""Random tables as loggers at the bedside write them, whole and odd, and the proof that they are read in columns."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from table_writings import START, differences

from devices.recordings.base import Recording, read_recording
from devices.recordings.delimited import reader as delimited
from devices.recordings.readings.lazy import LazyReadings

QUEENSLAND = [
    "HR", "ST-II", "Pulse", "SpO2", "Perf", "etCO2", "imCO2", "awRR", "NBP (Sys)", "NBP (Dia)", "NBP (Mean)",
    "NBP (Pulse)", "NBP (Time Remaining)", "ART (Sys)", "ART (Dia)", "ART (Mean)", "ECG", "Pleth", "ART", "Resp",
    "event", "Temp (degF)",
]  # fmt: skip
_CUFF = ("NBP (Sys)", "NBP (Dia)", "NBP (Mean)", "NBP (Pulse)")
_ALARMS = [
    "",
    "",
    ",",
    ",,,",
    ",HR high, 120",
    ",,SpO2 low, 88, 90,",
    ",*** HR 140 > 120",
    ', "x"',
    ",  ,",
    ",\u00e4, 7",
]


def _number(rng: random.Random, low: float, high: float, decimals: int = 0) -> str:
    value = f"{rng.uniform(low, high):.{decimals}f}"
    return rng.choice([value] * 20 + ["", "0"])


def queensland(rng: random.Random) -> list[bytes]:
    """The numbered parts of one case of the University of Queensland."""
    names = [name for name in QUEENSLAND if rng.random() < 0.6] or ["HR"]
    header = ",".join(["Time", "RelativeTimeMilliseconds", "Clock", *names])
    step = rng.choice([10, 10, 20, 250, 1000, 1000, 5000, 60_000])
    often = rng.choice([1, 1, 1, 3, 100])
    odd = rng.choice([[], [], ["-"], ["0"], ["127", "255"], ["ERR", "-1"], ["12/8", "120/80"], ["-5"]])
    moves = rng.choice([1, 5, 50])
    now, cuff, parts = rng.choice([0, 0, 777]), ["", "", "", ""], []
    held = {name: "0" if rng.random() < 0.1 else "" for name in names}
    end = rng.choice(["\n", "\n", "\r\n"])
    alarms = rng.choice([[""], _ALARMS[:7], _ALARMS[:7], _ALARMS])
    seldom = rng.choice([0, 0, 0.003])
    for number in range(rng.choice([1, 1, 2, 3])):
        rows = [rng.choice([header + ",", header + ",HR2", "", "x"]) if number and rng.random() < 0.1 else header]
        if rng.random() < 0.1:
            rows.append(",".join(["", "ms", "", *("bpm" if name in ("HR", "Pulse") else "" for name in names)]))
        for row in range(rng.choice([1, 2, 30, 200])):
            if row % 20 == 5:
                cuff = [_number(rng, 100, 140), _number(rng, 50, 80), _number(rng, 70, 100), _number(rng, 55, 99)]
            cells = []
            for name in names:
                cells.append(_queensland_cell(rng, name, cuff, row % often == 0, row // moves, held[name]))
            if odd and rng.random() < 0.1:
                cells[rng.randrange(len(cells))] = rng.choice(odd)
            first = f"{now // 3_600_000:02d}:{now // 60_000 % 60:02d}:{now // 1000 % 60:02d}"
            first = "x" if rng.random() < seldom else first
            rows.append(",".join([first, str(now), "23:59:59", *cells]) + rng.choice(alarms))
            now += step * (rng.choice([0, 2, -1, 40]) if rng.random() < seldom else 1)
        parts.append(_bytes(rng, rows, end))
    return parts


def _queensland_cell(rng: random.Random, name: str, cuff: Sequence[str], is_full: bool, moved: int, always: str) -> str:
    if name.startswith("NBP"):
        return cuff[_CUFF.index(name)] if name in _CUFF and is_full else ""
    if name in ("ECG", "Pleth"):
        return _number(rng, -1, 1, 3)
    if name == "event":
        return rng.choice([""] * 30 + ["bolus"])
    if always or not is_full:
        return always
    if name in ("Pulse", "Resp"):
        return str(60 + moved % 30)
    if name.startswith("Temp"):
        return _number(rng, 97, 99, 1)
    return _number(rng, 20 if name == "awRR" else 85, 30 if name == "awRR" else 99)


DATEX = (
    "Date,Time,Heart Rate(/min),Systolic BP(mmHg),Diastolic BP(mmHg),Mean BP(mmHg),SpO2(%), ETCO2(mmhg), CO2 FI(mmhg),"
    " ETO2(%), O2 FI(%), ETN2O(%), N2O FI(%), ET Agent(%), Agent FI(%), Agent, MAC, RR,T1,T2,P1 HR, P1 Sys,P1 Dia,"
    " P1 Mean,P2 HR, P2 Sys,P2 Dia, P2 Mean,PPeak,PPlat,TV Exp,TV Insp,PEEP,MV Exp,Compliance,RR,ST II(mm),ST V5(mm),"
    "ST aVL(mm),SE,RE,BIS,BSR,EMG"
)


def vscapture(rng: random.Random) -> tuple[bytes, dict[str, Any]]:
    """A table of VSCapture for monitors of GE Datex, and what is said of it."""
    moment = datetime(2026, rng.choice([3, 5]), rng.choice([4, 28, 29]), rng.choice([0, 12, 23]), 57, 2, tzinfo=UTC)
    halves = rng.random() < 0.5
    say: dict[str, Any] = {"date_order": "mdy" if halves else "dmy"} if rng.random() < 0.8 else {}
    if rng.random() < 0.1:
        say["mapping"] = {"EMG": "HR", "Heart Rate(/min)": ""}
    names = DATEX.split(",")
    if rng.random() < 0.2:
        names = names[: rng.choice([9, 10, 17, 20])] + (["event"] if rng.random() < 0.5 else [])
    if rng.random() < 0.2:
        names[7:8] = [rng.choice([" RR", "T1(\u00b0C)", "Label"])]
    width = len(names)
    more = rng.choice([0, 1, 1, 1, 1, 3, 4])
    module, tail = rng.choice(["-", "0", "1"]), rng.choice(["-", "-", "-", "0", "12", "-0.5", "None", "x"])
    step, averages = rng.choice([1, 5, 5, 5, 10, 60]), rng.choice(["before", "before", "after", "none", "apart"])
    seldom = rng.choice([0, 0, 0.01])
    cuff, label = ["-", "-", "-"], "A"
    rows = [f"VitalSignsCapture v1.0{rng.randint(1, 9)}", "Datex AS3 Monitor", ",".join(names)]

    def row(when: datetime, bp: Sequence[str], last: str) -> str:
        hour = f"{(when.hour - 1) % 12 + 1}:{when:%M:%S %p}" if halves else f"{when:%H:%M:%S}"
        date = f"{when.month}/{when.day}/{when.year}" if halves else f"{when:%d/%m/%Y}"
        cells = [date, hour, _number(rng, 60, 90), *bp, rng.choice(["-", "97", "98", "99"])]
        for name in names[7:-10] if width > 17 else names[7:]:
            known = name.strip()
            cells.append(
                rng.choice(["None", "Sevo"] if seldom else ["None"]) if known == "Agent"
                else rng.choice(["", "", "note"]) if known == "event"
                else label if known == "Label"
                else module if module != "1"
                else f"{36 + rng.random():.1f}" if known in ("T1", "T2")
                else _number(rng, 80, 120) if known.startswith("P1")
                else _number(rng, 10, 20)
            )  # fmt: skip
        cells += [last if rng.random() < 0.9 else "-" for _ in range(width - len(cells))]
        extra = ["7", "8.5", "9", "-"][: more - 1] if more > 1 else []
        if rng.random() < seldom:
            extra = [*extra, rng.choice(["", "7"])]
        if rng.random() < seldom:
            cells[rng.randrange(len(cells))] = rng.choice(
                ["ERR", "-1", "", "--", "7 bpm", "120/80", "127", "1,5", '"7"']
            )
        return ",".join([*cells[:7], *extra, *cells[7:]]) + "," * (more > 0) + " " * (rng.random() < seldom)

    for number in range(rng.choice([1, 2, 30, 100])):
        if number % 30 == 10:
            cuff = [str(rng.randint(100, 140)), str(rng.randint(50, 80)), str(rng.randint(70, 99))]
        elif number % 30 == 25 and rng.random() < 0.5:
            cuff = ["-", "-", "-"]
        label = rng.choice("AB") if rng.random() < 0.1 else label
        here, passed = row(moment, cuff, tail), moment.second < step
        minute = moment.replace(second=0) + timedelta(seconds=3 * (averages == "apart"))
        average = row(minute, ["-"] * 3, rng.choice(["0.1", "12", tail]))
        if passed and averages in ("before", "apart") and step > 2:
            rows.append(average)
        rows.append(here)
        if passed and averages == "after":
            rows.append(average)
        moment += timedelta(seconds=step)
    return _bytes(rng, rows, rng.choice(["\n", "\r\n"])), say


def philips(rng: random.Random) -> tuple[bytes, dict[str, Any]]:
    """A table of VSCaptureMP for monitors of Philips, and what is said of it."""
    names = ["NOM_ECG_CARD_BEAT_RATE", "NOM_PULS_OXIM_SAT_O2", "NOM_RESP_RATE", "NOM_ECG_AMPL_ST_II"]
    names += [f"NOM_PRESS_BLD_NONINV_{end}" for end in ("SYS", "DIA", "MEAN")] + ["Module", "event"]
    names = [name for name in names if rng.random() < 0.8]
    names = ["NOM_PULS_OXIM_PULS_RATE", *names] if rng.random() < 0.8 else [*names, "NOM_PULS_OXIM_PULS_RATE"]
    local = ["SystemLocalTime"] if rng.random() < 0.5 else []
    header = ",".join(["Time", "RelativeTime", *local, *names])
    halves, fraction = rng.random() < 0.5, rng.choice(["", "", "", ".480"])
    say: dict[str, Any] = {"date_order": "mdy" if halves else "dmy"} if rng.random() < 0.8 else {}
    seldom, jitter = rng.choice([0, 0, 0.01, 0.1]), rng.choice([0, 0, 0.2, 0.9, 3])
    step = rng.choice([8192, 8192, 4096, 2000, 96_000])
    now, ticks = START + timedelta(days=rng.choice([0, 20, 28])), rng.choice([0, 5000, 123_456_789])
    odd = rng.choice([[], [], ["short"], ["header"], ["other"], ["count"], ["cell"]])
    rows, cuff = [header], "120"
    for number in range(rng.choice([1, 2, 30, 300])):
        cuff = str(rng.randint(100, 140)) if number % 20 == 10 else cuff
        shown = now + timedelta(seconds=rng.uniform(0, jitter))
        text = f"{shown:%m/%d/%Y %H:%M:%S}{fraction}" if halves else f"{shown:%d-%m-%Y %H:%M:%S}{fraction}"
        cells = [text, str(ticks), *(text for _ in local)]
        for name in names:
            cells.append(
                cuff if "NONINV" in name
                else rng.choice(["A", "A", "A", "B"]) if name == "Module"
                else rng.choice([""] * 20 + ["bolus"]) if name == "event"
                else rng.choice([_number(rng, 60, 99), _number(rng, 60, 99), "-"])
            )  # fmt: skip
        what = rng.choice(odd) if odd and rng.random() < 0.02 else ""
        if what == "count":
            cells[1] = rng.choice(["-", "", "1.5", "x"])
        elif what == "cell":
            cells[-1] = rng.choice(["ERR", "-1", "?"])
        rows += [header] if what == "header" else [header + ",NOM_PULS_RATE"] if what == "other" else []
        rows.append(",".join(cells[: -1 if what == "short" else None]))
        now += timedelta(seconds=step / 8000 + (rng.choice([7, 90, 7000]) if rng.random() < seldom else 0))
        ticks = ticks + step if rng.random() >= seldom else rng.choice([ticks + 57_344, 8192, 0])
    return _bytes(rng, rows, rng.choice(["\n", "\r\n"])), say


def _bytes(rng: random.Random, rows: Sequence[str], end: str) -> bytes:
    text = end.join(rows) + rng.choice([end] * 12 + [""])
    return text.encode(rng.choice(["utf-8", "utf-8-sig", "utf-8-sig", "utf-16", "cp1252"]))


def in_columns(path: Path, text: str | None = None, **say: Any) -> Recording:
    """The recording, which is read in columns and is the same row by row."""
    if text is not None:
        path.write_bytes(text.encode())
    assert differences(path, say)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_LONG", 0)
        found = read_recording(path, **say)
    assert isinstance(found.readings, LazyReadings)
    return found


def left_to_rows(path: Path, text: str, **say: Any) -> None:
    path.write_bytes(text.encode())
    assert not differences(path, say)


def told(recording: Recording, kind: str) -> list[str]:
    return [each.text for each in recording.notices if each.kind == kind]


def of(recording: Recording, source: str) -> list[tuple[int, float | None]]:
    """The rows and the values of a source."""
    return [(each.received, each.value) for each in recording.readings if each.source == f"csv:{source}"]
