"""A made clinic as the live stream would tell it: eight beds in all the states a wall can show, and their history.

Everything is a function of the time asked for, so that history and stream agree.
"""

from __future__ import annotations

import math
import random

MINUTE = 60_000
SECOND = 1_000


def noise(bed: int, second: int, spread: float) -> float:
    return random.Random(bed * 1_000_003 + second).gauss(0, spread)


class FakeBed:
    """One bed's patient: HR and SpO2 each second, the cuff each five minutes."""

    def __init__(self, number: int, started: float, **more) -> None:
        self.id = number
        self.started = started
        self.hr = more.pop("hr", 72)
        self.spo2 = more.pop("spo2", 98)
        self.climb = more.pop("climb", 0)
        self.cuffs = more.pop("cuffs", [])  # [(time, sys, dia, mean)]
        self.silent_since = more.pop("silent_since", None)
        self.fall_since = more.pop("fall_since", None)
        self.view = more

    def hr_at(self, at: float) -> int:
        second = int(at // SECOND)
        done = min(1.0, max(0.0, (at - self.started) / (25 * MINUTE)))
        return round(self.hr + self.climb * (done - 1) + 1.5 * math.sin(second / 90) + noise(self.id, second, 0.8))

    def spo2_at(self, at: float) -> int:
        second = int(at // SECOND)
        if self.fall_since is not None and at > self.fall_since:
            return round(max(self.spo2, 97 - (at - self.fall_since) / MINUTE * 3.6))
        return min(100, round(self.spo2 + noise(self.id + 50, second // 7, 0.4)))

    def rows(self, at: float) -> list[list]:
        if not self.speaks(at):
            return []
        return [
            ["HR", at, self.hr_at(at), "ok", "ge-dri:ecg.hr"],
            ["SPO2", at, self.spo2_at(at), "ok", "ge-dri:spo2"],
        ]

    def speaks(self, at: float) -> bool:
        return self.hr is not None and (self.silent_since is None or at <= self.silent_since)

    def last(self, now: float) -> float:
        return min(now, self.silent_since) if self.silent_since is not None else now


def alarm(number, key, priority, signal, since, raised, **more):
    units = {"SBP": "mmHg", "DBP": "mmHg", "HR": "/min", "SPO2": "%"}
    category = "physiological" if key.split()[0] in ("rise", "low", "before-start") else "technical"
    return {
        "id": number, "key": key, "category": category, "priority": priority, "signal": signal, "text": key,
        "value": None, "threshold": None, "unit": units.get(signal, ""), "since": since, "raised": raised,
        "ended": None, "acknowledged": None, "acknowledged_by": None, "silent": False, "reminded": None, **more,
    }  # fmt: skip


LIMITS = [
    {"signal": "SBP", "level": 1, "threshold": 140, "clear": 130},
    {"signal": "SBP", "level": 2, "threshold": 160, "clear": 150},
    {"signal": "SBP", "level": 3, "threshold": 180, "clear": 170},
    {"signal": "DBP", "level": 1, "threshold": 91, "clear": 86},
    {"signal": "DBP", "level": 2, "threshold": 100, "clear": 95},
    {"signal": "DBP", "level": 3, "threshold": 110, "clear": 105},
    {"signal": "HR", "level": 1, "threshold": 90, "clear": 80},
    {"signal": "HR", "level": 2, "threshold": 100, "clear": 90},
    {"signal": "HR", "level": 3, "threshold": 130, "clear": 120},
]
LOW = [
    {"signal": "SBP", "priority": 2, "limit": 90},
    {"signal": "SBP", "priority": 3, "limit": 80},
    {"signal": "HR", "priority": 2, "limit": 50},
    {"signal": "HR", "priority": 3, "limit": 40},
    {"signal": "SPO2", "priority": 2, "limit": 90},
    {"signal": "SPO2", "priority": 3, "limit": 85},
]


def session(number, phase, started, t0, planned=40, **more):
    events = []
    if t0 is not None:
        events.append(event(1, "infusion-start", t0))
    return {
        "id": number, "patient": "Anna Berg", "initials": "A. B.", "identifier": "K-0142", "drug": "Ketamine",
        "dose_mg_per_kg": 0.5,
        "planned_minutes": planned, "started": started, "phase": phase, "t0": t0, "infusion_end": None,
        "planned_end": None if t0 is None else t0 + planned * MINUTE, "paused_since": None, "paused_before": 0,
        "thresholds": {"id": 1, "name": "adult-iv", "version": 3, "hash": "8c1f22d09a7b"}, "events": events, **more,
    }  # fmt: skip


def event(number, kind, time, author="RN 2", **detail):
    words = {
        "infusion-start": "Infusion start",
        "infusion-pause": "Infusion paused",
        "infusion-resume": "Infusion resumed",
    }
    said = detail.get("text") or words.get(kind, kind)
    return {"id": number, "kind": kind, "time": time, "author": author, "words": said}


def cuffs(now, last_min, values, every=5.0):
    """Measurements, the newest `last_min` minutes ago, `every` minutes apart, oldest first."""
    found = []
    for back, (sys, dia, mean) in enumerate(reversed(values)):
        found.append((now - (last_min + back * every) * MINUTE, sys, dia, mean))
    return found[::-1]


def wall_scene(now: float, mode: str = "live") -> list[FakeBed]:
    """The eight beds of the wall: quiet, high, baseline, recovery, medium, no data, cuff overdue, no session."""
    m = MINUTE
    calm = [(122, 76, 91), (124, 77, 93), (126, 78, 94)]
    beds = []

    def add(number, last, values, started_min, **more):
        started = now - started_min * m
        beds.append(FakeBed(number, started, cuffs=cuffs(now, last, values), mode=mode, **more))
        return beds[-1]

    add(1, 1.2, calm, 28, hr=78, session=session(11, "infusion", now - 28 * m, now - 18.7 * m))
    add(
        2, 3.1, [(128, 80, 96), (148, 88, 108)], 40, hr=104, spo2=86, fall_since=now - 3 * m,
        session=session(12, "infusion", now - 40 * m, now - 31.08 * m),
        alarms=[
            alarm(1, "low SPO2", 3, "SPO2", now - 20 * SECOND, now - 5 * SECOND, value=86, threshold=90),
            alarm(5, "rise SBP", 1, "SBP", now - 3.1 * m, now - 3.1 * m, value=148, threshold=146),
        ],
    )  # fmt: skip
    add(3, 2.3, [(118, 72, 87)], 9, hr=66, spo2=99, session=session(13, "baseline", now - 9 * m, None))
    add(
        4, 4.2, [(140, 90, 107), (131, 80, 97)], 110, hr=72, spo2=97,
        session=session(14, "recovery", now - 110 * m, now - 92.5 * m, infusion_end=now - 52.5 * m),
    )  # fmt: skip
    five = add(
        5, 1.22,
        [(124, 76, 92), (127, 77, 94), (138, 83, 102), (148, 87, 107), (155, 91, 112), (158, 92, 113), (168, 96, 120)],
        33, hr=92, spo2=97, climb=22, session=session(15, "infusion", now - 33 * m, now - 23.68 * m),
        alarms=[alarm(2, "rise SBP", 2, "SBP", now - 1.22 * m, now - 73 * SECOND, value=168, threshold=160)],
        provisional=[{"signal": "DBP", "level": 2, "have": 1, "need": 2, "value": 101, "threshold": 100, "since": now}],
        rises=[
            rise(1, "SBP", 1, 140, 130, 120, now - 16.2 * m, now - 11.2 * m, 168, now - 1.22 * m),
            rise(2, "SBP", 2, 160, 150, 120, now - 1.22 * m, now - 1.22 * m, 168, now - 1.22 * m),
            rise(3, "HR", 1, 90, 80, 70, now - 9 * m, now - 8 * m, 95, now - 6 * m, returned=now - 4 * m),
        ],
    )  # fmt: skip
    five.view["session"]["events"] += [
        event(2, "note", now - 13.7 * m, text="MOAA/S 5"),
        event(3, "note", now - 7.9 * m, text="Ondansetron 4 mg <b>iv</b>"),
        event(4, "infusion-pause", now - 5 * m),
        event(5, "infusion-resume", now - 4.5 * m),
    ]
    add(
        6, 6.0, [(129, 79, 96)], 20, hr=80, silent_since=now - 47 * SECOND,
        session=session(16, "infusion", now - 20 * m, now - 12.3 * m), monitor="quiet",
        alarms=[alarm(3, "no-data", 2, "", now - 47 * SECOND, now - 37 * SECOND)],
    )  # fmt: skip
    add(
        7, 12.1, [(124, 76, 92)], 100, hr=81, spo2=96,
        session=session(17, "recovery", now - 100 * m, now - 87.9 * m, infusion_end=now - 47.9 * m),
        alarms=[alarm(4, "cuff-overdue", 1, "NIBP", now - 12.1 * m, now - 5.1 * m)],
    )  # fmt: skip
    beds.append(FakeBed(8, now, hr=None, mode=mode))
    return beds


def rise(number, signal, level, threshold, clear, baseline, onset, confirmed, peak, peak_time, returned=None):
    return {
        "id": number, "signal": signal, "level": level, "threshold": threshold, "clear": clear, "baseline": baseline,
        "onset": onset, "confirmed": confirmed, "peak": peak, "peak_time": peak_time, "return": returned,
        "declared": returned, "outcome": "unresolved" if returned is None else "transient", "present_at_baseline": 0,
    }  # fmt: skip


def bed_view(bed: FakeBed, now: float) -> dict:
    """BED of the contract."""
    last = bed.last(now)
    more = bed.view
    numbers = {}
    if bed.hr is not None:
        for signal, value, unit, source in (
            ("HR", bed.hr_at(last), "/min", "ge-dri:ecg.hr"),
            ("SPO2", bed.spo2_at(last), "%", "ge-dri:spo2"),
        ):
            numbers[signal] = {
                "value": value, "unit": unit, "status": "ok", "source": source, "time": last, "interval_s": 1.0,
            }  # fmt: skip
    if bed.cuffs:
        at, sys, dia, mean = bed.cuffs[-1]
        numbers["NIBP"] = {
            "sys": sys, "dia": dia, "mean": mean, "unit": "mmHg", "status": "ok", "source": "ge-dri:nibp", "time": at,
            "rejected": None,
        }  # fmt: skip
    numbers.update(more.get("numbers", {}))
    running = more.get("session")
    alarmed = any(each["category"] == "physiological" and each["ended"] is None for each in more.get("alarms", []))
    return {
        "id": bed.id, "name": more.get("name", f"Bed {bed.id}"), "place": "", "group": more.get("group", ""),
        "mode": more["mode"],
        "protocol": "ge-dri", "port": "/dev/ttyS0",
        "clock": more.get("clock", {"at": now, "wall": now, "rate": 1}),
        "monitor": {
            "state": more.get("monitor", "connected"), "text": "", "last_frame": last, "frames": 1, "rejected": 0,
        },
        "session": running,
        "baseline": {
            "SBP": {"value": 120, "n": 3, "status": "ok"}, "DBP": {"value": 76, "n": 3, "status": "ok"},
            "HR": {"value": 70, "n": 58, "status": "ok"},
        } if running and running["t0"] else {},
        "limits": LIMITS if running else [],
        "low": LOW if running else [],
        "cycle_s": 300 if running else None,
        "numbers": numbers, "rate": "HR", "alarms": more.get("alarms", []), "provisional": more.get("provisional", []),
        "rises": more.get("rises", []), "replay": more.get("replay"),
        "no_limit_passed_since": running["started"] if running and not alarmed else None,
    }  # fmt: skip
