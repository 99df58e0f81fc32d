"""Recordings of any kind, by a seed: with all that is odd in them and may be read."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import recording_bytes
from recording_bytes import T, device, header, number, packet, save, track, wave


def vital(path: Path, seed: int) -> Path:
    """Tracks of any code, in any order, with waves, zeros, holes, repeats, strange packets and one described anew."""
    rng = random.Random(seed)
    names = ["HR", "NIBP_SBP", "NIBP_DBP", "NIBP_MBP", "PLETH_SPO2", "PLETH_HR", "RR", "ART_SBP"]
    forms = {1: "<f", 2: "<d", 5: "<h", 7: "<i"}
    devices = ["Solar8000", rng.choice(["Demo", "Infinity"])]
    tracks = {}
    packets = [device(n, name) for n, name in enumerate(devices, 1)]
    for n, name in enumerate(names * 2, 1):
        code = rng.choice([1, 1, 1, 2, 5, 7])
        unit = rng.choice(["", "kPa"]) if name == "ART_SBP" else ""
        tracks[n] = name, code
        packets.append(track(n, name, device=1 + (n > len(names)), code=code, unit=unit))
    packets.append(track(90, "ECG", kind=1, code=5))
    shown = dict.fromkeys(tracks, 120.0)
    period = rng.choice([1, 2, 7])
    for second in range(rng.choice([40, 300, 900])):
        if rng.random() < 0.3:
            packets.append(wave(90, T + second, rng.choice([500, 500, 500, 3])))
        for n, (name, code) in tracks.items():
            if rng.random() < 0.02 or (n > len(names) and rng.random() < 0.5) or (second % period and "NIBP" in name):
                continue
            if "NIBP" not in name or rng.random() < 0.02:
                shown[n] = float(rng.choice([0, rng.randint(20, 200), rng.randint(20, 200)]))
            value = shown[n] + (0.3 if code < 3 and name == "RR" else 0)
            when = T + second + rng.choice([0, 0, 0, 0.25, -3.5]) * (seed % 2)
            packets.append(number(n, when, value if code < 3 else int(value), forms[code]))
        if rng.random() < 0.01:
            packets.append(packet(rng.choice([6, 77]), rng.randbytes(rng.randrange(30))))
        if rng.random() < 0.005:
            n = rng.choice(list(tracks))
            packets.append(track(n, tracks[n][0], device=1 + (n > len(names)), code=tracks[n][1]))
    return save(path / "made.vital", *packets, head=header(27))


def wfdb(path: Path, seed: int) -> Path:
    """A record of any rate, with zeros, holes, and cuff values that stay."""
    rng = np.random.default_rng(seed)
    names = ["HR", "PULSE", "SpO2", "NBPSys", "NBPDias", "NBPMean", "RESP"][: 2 + seed % 6]
    count = int(rng.integers(1, 400))
    data = rng.integers(40, 160, (count, len(names)))
    held = np.cumsum(rng.random(count) < 0.1)
    for place, name in enumerate(names):
        if name.startswith("NBP") and seed % 2:
            data[:, place] = (100 + 7 * held) % 150  # shown until the next one
    data[rng.random(data.shape) < 0.1] = 0
    data[rng.random(data.shape) < 0.2] = -32768
    data.astype("<i2").tofile(path / "r.dat")
    rate = ["1", "0.0166666666667", "0.2", "1.25", "0.3"][seed % 5]
    lines = [f"r {len(names)} {rate} {count} 10:00:00.529 04/05/2704"]
    for name in names:
        unit = "bpm" if name in ("HR", "PULSE") else ""
        lines.append(f"r.dat 16 {rng.choice([1, 10])}(0){unit and '/'}{unit} 16 0 0 0 0 {name}")
    (path / "r.hea").write_text("\n".join(lines))
    return path / "r.hea"


def edf(path: Path, seed: int) -> Path:
    """Signals of one rate or several, with zeros, holes, and cuff values that stay."""
    import edfio

    rng = np.random.default_rng(seed)
    names = ["HR", "SpO2", "NIBP Sys", "NIBP Dia", "RR"] if seed % 3 else ["HR", "PR", "SBP", "DBP"]
    seconds = 60 * int(rng.integers(1, 6))
    rates = [1] * len(names) if seed % 4 else [1, 1, 1 / 60, 1 / 60, 1][: len(names)]
    signals = []
    for name, rate in zip(names, rates, strict=True):
        data = rng.integers(-1, 200, max(1, round(seconds * rate))).astype(float)
        if name.startswith(("NIBP", "SBP", "DBP")) and seed % 2:
            data = np.repeat(data[:: max(1, len(data) // 4)], 90)[: len(data)]
            data = np.resize(data, max(1, round(seconds * rate)))
        signals.append(edfio.EdfSignal(data, rate, label=name, physical_range=(-1, 300)))
    edfio.Edf(signals, data_record_duration=60).write(path / "made.edf")
    return path / "made.edf"


def odd_vital(path: Path, seed: int) -> Path:
    """Few tracks at few times, so that many meet: equal and nearly equal times, all that is no value, pauses, cuffs
    that show a value again, two devices of one signal, and at times a track described anew in another unit."""
    rng = random.Random(seed)
    devices = ["Solar8000", rng.choice(["Demo", "Infinity"])]
    packets = [device(n, name) for n, name in enumerate(devices, 1)]
    names = rng.sample(["HR", "PLETH_SPO2", "PLETH_HR", "RR", "ART_SBP"], rng.randint(0, 4))
    names += rng.sample(["NIBP_SBP", "NIBP_DBP", "NIBP_MBP"], rng.choice([0, 2, 3, 3]))
    tracks = [(number, name) for number, name in enumerate(names * rng.choice([1, 2]), 1)]
    packets += [track(n, name, device=1 + (n > len(names)), code=rng.choice([1, 1, 2])) for n, name in tracks]
    forms = {n: "<f" if packed[8] == 1 else "<d" for (n, _), packed in zip(tracks, packets[2:], strict=True)}
    odd = [0.0, -0.0, 1e-5, float("nan"), float("inf"), -1.0, 500.0, 7e8, 1e-300]
    second, shown = 0.0, 120.0
    for _ in range(rng.choice([0, 3, 60, 400])):
        second += rng.choice([0, 0, 1, 1, 1, 1, 2, 9, -2]) + rng.choice([0, 0, 0, 2.5e-7, -2.5e-7, 0.3])
        second += 4000 * (rng.random() < 0.01)
        shown = shown if rng.random() < 0.9 else rng.randint(60, 180)
        for n, name in rng.sample(tracks, rng.randint(0, len(tracks))):
            value = shown if "NIBP" in name else rng.choice([70.0, 71.5, 97.25])
            value = rng.choice(odd) if rng.random() < 0.1 else value
            when = rng.choice([0.0, float("nan"), 1e18]) if rng.random() < 0.01 else T + second
            packets.append(number(n, when, value, forms[n]))
    if tracks and rng.random() < 0.3:
        n, name = tracks[0]
        packets.append(track(n, name, unit="kPa" if "BP" in name else "/min"))
        packets += [number(n, T + second + step, rng.choice([0, 12, 80])) for step in range(rng.choice([0, 1, 30]))]
    return save(path / "odd.vital", *packets)


def odd_edf(path: Path, seed: int) -> Path:
    """Signals of one rate, at times of several: codes of no value, zeros, other units and scales, cuffs, annotations;
    records that follow each other, leave pauses, go back, overlap or do not say when they begin."""
    rng = random.Random(seed)
    labels = ["HR", "SpO2", "RR", "NIBP Sys", "NIBP Dia", "NIBP Mean", "ART Sys", "Temp", "ECG"]
    labels += ["SBP", "DBP", "PR"] if seed % 4 == 0 else []
    odd = [0, -1, -32768, 32767, 500] if seed % 4 == 1 else [0, -1, -32768]
    units = {"HR": ["bpm", ""], "SpO2": ["%"], "ART Sys": ["kPa", "mmHg"], "Temp": ["degC", "degF"]}
    signals, shown = [], 120
    records, count = rng.choice([1, 5, 40]), rng.choice([1, 1, 3, 10])
    for label in rng.sample(labels, rng.randint(1, 6)) + rng.choice([[], ["HR"]]):
        samples = rng.choice([1, 2, 4, 60]) if rng.random() < (0.5 if seed % 5 == 2 else 0.03) else count
        usual = rng.choice([[70, 71, 99], [0], [3, 4], [130, 255]]) if rng.random() < 0.1 else [70, 71, 99]
        codes = []
        for _ in range(records * samples):
            shown = shown if rng.random() < 0.9 else rng.randint(60, 180)
            value = shown if "NIBP" in label else rng.choice(usual)
            codes.append(rng.choice(odd) if rng.random() < 0.1 else value)
        rows = [codes[first : first + samples] for first in range(0, len(codes), samples)]
        signals.append((label, rng.choice(units.get(label, [""])), rows))
    kind, begin, tals = rng.choice(["", "", "EDF+C", "EDF+D"]), 0.0, []
    for _ in range(records):
        text = rng.choice(["", "", "lead off", "cough"])
        noted = f"\x00+{begin + 0.5:g}\x152\x14{text}\x14\x00".encode() if text else b""
        tals.append(b"what" if rng.random() < 0.03 else f"+{begin:g}\x14\x14".encode() + noted)
        step = rng.choice([1, 1, 1, 60, -3, 0.5]) if kind == "EDF+D" and seed % 3 else 1
        begin += step
    return recording_bytes.edf(
        path,
        signals,
        tals=tals if kind else None,
        kind=kind,
        begins=rng.choice(["01.03.26", "01.03.26", "xx.xx.xx"]),
        recording="Startdate 01-MAR-2026 X X X" if kind else "",
        duration=rng.choice(["1", "1", "3", "60"]),
        scale=rng.choice([(-32768, 32767, -32768, 32767), (-3276.8, 3276.7, -32768, 32767), (-1, 300, 0, 301)]),
    )


def odd_wfdb(path: Path, seed: int) -> Path:
    """Signals of one rate, at times of several or of one name; some begin late, some are cut off by others; no value,
    zeros, cuff values that stay; in one file or in segments with a pause between."""
    rng = random.Random(seed)
    labels = rng.sample(["HR", "PULSE", "SpO2", "RESP", "ABPSys", "NBPDias", "NBPMean", "NBPSys"], rng.randint(1, 7))
    labels += [rng.choice(labels[:1])] if rng.random() < 0.1 and not labels[0].startswith("NBP") else []
    usual = rng.choice([1, 1, 1, 2])
    widths = [rng.choice([1, 2, 3]) if rng.random() < 0.05 else usual for _ in labels]
    late = [rng.choice([1, 5]) if rng.random() < 0.1 and seed % 3 else 0 for _ in labels]
    rate = rng.choice(["1", "1", "0.0166666666667", "0.2", "1.25", "0.3"])
    begin = rng.choice(["10:00:00.529 04/05/2704", "23:59:58 28/02/2896", ""])
    parts = [("r_1", rng.choice([1, 30, 200])), ("~", rng.choice([1, 90])), ("r_2", rng.choice([7, 50]))]
    parts = [("r", rng.choice([1, 20, 300]))] if seed % 3 else parts
    for name, frames in parts:
        if name != "~":
            _segment(path, name, labels, widths, late, frames, f"{rate} {frames} {begin if name == 'r' else ''}", rng)
    if len(parts) > 1:
        lines = [f"{name} {frames}" for name, frames in parts]
        total = sum(frames for _, frames in parts)
        text = f"r/{len(parts)} {len(labels)} {rate} {total} {begin}\n" + "\n".join(lines)
        (path / "r.hea").write_text(text)
    return path / "r.hea"


def _segment(
    path: Path, name: str, labels: list[str], widths: list[int], late: list[int], frames: int, said: str,
    rng: random.Random,
) -> None:  # fmt: skip
    gains = [rng.choice([1, 10, -2]) for _ in labels]
    shown, data = 100, []
    for _ in range(frames):
        shown = shown if rng.random() < 0.9 else rng.randint(60, 180)
        for label, width, gain in zip(labels, widths, gains, strict=True):
            for _ in range(width):
                value = shown if "NBP" in label else rng.choice([70, 71, 99, 400])
                data.append(rng.choice([0, -32768]) if rng.random() < 0.15 else value * gain)
    (path / f"{name}.dat").write_bytes(np.array(data, "<i2").tobytes())
    lines = [f"{name} {len(labels)} {said}"]
    for label, width, skew, gain in zip(labels, widths, late, gains, strict=True):
        stored = f"16{f'x{width}' if width > 1 else ''}{f':{skew}' if skew else ''}"
        lines.append(f"{name}.dat {stored} {gain}(0)/{'mmHg' if 'BP' in label else ''} 16 0 0 0 0 {label}")
    (path / f"{name}.hea").write_text("\n".join(lines).replace("/ ", " "))
