"""The sample recordings, read a second time with nothing of the program: the standard library and pandas alone.

Each reader knows its own file and no other: it is told by a person what the columns are, and what is no value.
A reading is (microseconds, signal, value or None where the file says 0 for "no signal").
"""

from __future__ import annotations

import csv
import gzip
import struct
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pandas as pd

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Row = tuple[int, str, float | None]
NIBP = ("NIBP_SYS", "NIBP_DIA", "NIBP_MEAN")
NAMES = {
    "HR": "HR", "PULSE": "PR", "RESP": "RR", "SpO2": "SPO2", "NBPSys": "NIBP_SYS", "NBPDias": "NIBP_DIA",
    "NBPMean": "NIBP_MEAN",
}  # fmt: skip
CHALLENGE = {
    "HR": "HR", "NISysABP": "NIBP_SYS", "NIDiasABP": "NIBP_DIA", "NIMAP": "NIBP_MEAN", "SysABP": "ABP_SYS",
    "DiasABP": "ABP_DIA", "MAP": "ABP_MEAN", "SaO2": "SPO2", "RespRate": "RR", "Temp": "TEMP",
}  # fmt: skip


def micros(moment: datetime) -> int:
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - EPOCH) // timedelta(microseconds=1)


def zero_is_none(value: float) -> float | None:
    return None if value == 0 else value


def wide(path: Path, names: dict[str, str]) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return [
            (
                micros(datetime.fromisoformat(row["time" if "time" in row else "Time"])),
                signal,
                zero_is_none(float(row[name])),
            )
            for row in csv.DictReader(file)
            for name, signal in names.items()
            if row.get(name)
        ]


def session(path: Path) -> list[Row]:
    return wide(path, {name: name for name in ("HR", *NIBP, "SPO2", "RR")})


def tidy_parquet(path: Path) -> list[Row]:
    frame = pd.read_parquet(path)
    times = frame["time"].dt.as_unit("us").astype("int64")
    return list(zip(times.tolist(), frame["signal"].tolist(), frame["value"].tolist(), strict=True))


def mimic_csv(path: Path) -> list[Row]:
    return wide(path, NAMES)


def mimic_wfdb(path: Path) -> list[Row]:
    """Seven signals of 16-bit samples one after the other, a sample a minute; gain 10, for the pressures 1."""
    samples = struct.iter_unpack("<7h", path.with_name("3234460n.dat").read_bytes())
    begins = micros(datetime(2704, 5, 4, 10, 44, 18, 529_000, tzinfo=UTC))
    return [
        (begins + minute * 60_000_000, signal, zero_is_none(round(code / gain, 1)))
        for minute, frame in enumerate(samples)
        for code, signal, gain in zip(frame, NAMES.values(), (10, 10, 10, 10, 1, 1, 1), strict=True)
        if code != -32768
    ]


def mimic_parquet(path: Path) -> list[Row]:
    frame = pd.read_parquet(path)
    frame.columns = [str(name).lower() for name in frame.columns]
    time = next(name for name in frame.columns if "time" in name or "dttm" in name)
    names = {name.lower(): signal for name, signal in NAMES.items()}
    return [
        (micros(getattr(row, time).to_pydatetime()), signal, zero_is_none(round(float(value), 3)))
        for row in frame.itertuples(index=False)
        for name, signal in names.items()
        if not pd.isna(value := getattr(row, name))
    ]


def edf(path: Path, names: dict[str, str], none: float | None) -> list[Row]:
    """Signals at even steps; a code at the lower end of the range is no value, nor is the physical value `none`."""
    data = path.read_bytes()
    count, records = int(data[252:256]), int(data[236:244])
    duration, head = Fraction(data[244:252].decode().strip()), int(data[184:192])
    day = datetime.strptime(data[168:184].decode(), "%d.%m.%y%H.%M.%S")  # noqa: DTZ007
    begins = micros(day)

    def fields(before: int, width: int) -> list[str]:
        at = 256 + before * count
        return [data[at + width * place : at + width * (place + 1)].decode().strip() for place in range(count)]

    labels, sizes = fields(0, 16), [int(text) for text in fields(216, 8)]
    low, high = ([float(text) for text in fields(at, 8)] for at in (104, 112))
    first, last = ([int(text) for text in fields(at, 8)] for at in (120, 128))
    rows: list[Row] = []
    at = head
    for record in range(records):
        for place, label in enumerate(labels):
            size = sizes[place]
            codes = struct.unpack_from(f"<{size}h", data, at)
            at += 2 * size
            if label not in names:
                continue
            for sample, code in enumerate(codes):
                value = low[place] + (code - first[place]) * (high[place] - low[place]) / (last[place] - first[place])
                value = round(value, 1)
                if code == first[place] or value == none:
                    continue
                time = begins + int((record + Fraction(sample, size)) * duration * 1_000_000)
                rows.append((time, names[label], zero_is_none(value)))
    return rows


def mimic_edf(path: Path) -> list[Row]:
    return edf(path, NAMES, -1.0)


def made_edf(path: Path) -> list[Row]:
    return edf(path, {name: name for name in ("HR", *NIBP, "SPO2", "RR")}, None)


def vital(path: Path, names: dict[str, str]) -> list[Row]:
    data = gzip.decompress(path.read_bytes())
    at = 10 + struct.unpack_from("<H", data, 8)[0]
    tracks: dict[int, str] = {}
    codes: dict[int, str] = {}
    rows: list[Row] = []
    while at < len(data):
        kind, length = struct.unpack_from("<BI", data, at)
        body = data[at + 5 : at + 5 + length]
        at += 5 + length
        if kind == 0:
            number, what, code, size = struct.unpack_from("<HBBI", body)
            if what == 2:
                tracks[number] = body[8 : 8 + size].decode()
                codes[number] = {1: "<f", 2: "<d"}[code]
        elif kind == 1:
            info, time, number = struct.unpack_from("<HdH", body)
            if tracks.get(number) in names:
                value = round(struct.unpack_from(codes[number], body, 2 + info)[0], 3)
                rows.append((round(time * 1_000_000), names[tracks[number]], zero_is_none(value)))
    return rows


def mimic_vital(path: Path) -> list[Row]:
    names = {"ECG_HR": "HR", "PLETH_HR": "PR", "RR": "RR", "PLETH_SAT_O2": "SPO2"} | {name: name for name in NIBP}
    return vital(path, names)


def made_vital(path: Path) -> list[Row]:
    return vital(path, {name: name for name in ("HR", *NIBP, "SPO2", "RR")})


def challenge(path: Path) -> list[Row]:
    """One row a value, hours and minutes since admission; -1 is unknown."""
    rows: list[Row] = []
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            hours, minutes = row["Time"].split(":")
            value = float(row["Value"])
            if row["Parameter"] in CHALLENGE and value != -1:
                time = (int(hours) * 60 + int(minutes)) * 60_000_000
                rows.append((time, CHALLENGE[row["Parameter"]], zero_is_none(value)))
    return rows


def clif(path: Path, patient: str) -> list[Row]:
    """One row a value; the hospital's own name tells the cuff's pressures from the line's."""
    frame = pd.read_parquet(path)
    frame = frame[frame["hospitalization_id"] == patient]
    plain = {"heart_rate": "HR", "spo2": "SPO2", "respiratory_rate": "RR", "temp_c": "TEMP"}
    pressures = {"sbp": "SYS", "dbp": "DIA", "map": "MEAN"}
    rows: list[Row] = []
    for each in frame.itertuples():
        if each.vital_category in pressures:
            place = "NIBP" if each.vital_name.startswith("Non Invasive") else "ABP"
            signal = f"{place}_{pressures[each.vital_category]}"
        elif each.vital_category in plain:
            signal = plain[each.vital_category]
        else:
            continue
        rows.append((micros(each.recorded_dttm.to_pydatetime()), signal, zero_is_none(each.vital_value)))
    return rows


def vscapture(path: Path) -> list[Row]:
    """Rows every 5 s; those of whole minutes without pressures are averages. The cuff's one value is 121/78/90 shown
    from the first row on, so of unknown age."""
    rows: list[Row] = []
    with path.open(newline="", encoding="utf-8-sig") as file:
        lines = list(csv.reader(file))[3:]
    for line in lines:
        moment = datetime.strptime(f"{line[0]} {line[1]}", "%m/%d/%Y %I:%M:%S %p")  # noqa: DTZ007
        if moment.second == 0 and line[3] == "-" and any(cell not in ("-", "") for cell in line[34:44]):
            continue
        for place, signal in ((2, "HR"), (6, "SPO2")):
            if line[place] != "-":
                rows.append((micros(moment), signal, zero_is_none(float(line[place]))))
        if not any(signal in NIBP for _, signal, _ in rows):
            rows += [(micros(moment), signal, float(line[3 + place])) for place, signal in enumerate(NIBP)]
    return rows
