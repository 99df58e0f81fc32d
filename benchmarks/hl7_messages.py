"""How fast HL7 result messages are read, beside other libraries: 100 messages of 8 OBX and 1.5 kB (goal H1).

Every contender gives (code, value, unit, time) of each row; those are compared before anything is timed. A round calls
each once, on CPU time; the ratio of a round is the contender's time to ours. Ours begins with a new reader every time,
so that nothing is remembered from round to round.

    python benchmarks/hl7_messages.py [--rounds N]
"""

from __future__ import annotations

import argparse
import gc
import importlib.metadata
import json
import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from devices.protocols.hl7.message import Reader

Rows = list[tuple[str, float, str, int]]
"""Code, value, unit as written, microseconds since 1970 UTC."""

MESSAGES, SEED = 100, 871
GOALS = {"hl7": 60.0, "hl7apy": 800.0, "medforge": 7.0}
METRICS = (
    ("147842^MDC_ECG_HEART_RATE^MDC", "1.7.4.147842", "264864^MDC_DIM_BEAT_PER_MIN^MDC", 50, 190),
    ("150456^MDC_PULS_OXIM_SAT_O2^MDC", "1.3.1.150456", "262688^MDC_DIM_PERCENT^MDC", 85, 100),
    ("149530^MDC_PULS_OXIM_PULS_RATE^MDC", "1.3.1.149530", "264864^MDC_DIM_BEAT_PER_MIN^MDC", 50, 190),
    ("151578^MDC_TTHOR_RESP_RATE^MDC", "1.8.1.151578", "264928^MDC_DIM_RESP_PER_MIN^MDC", 8, 30),
    ("150344^MDC_TEMP^MDC", "1.2.1.150344", "268192^MDC_DIM_DEGC^MDC", 35, 39),
    ("150301^MDC_PRESS_CUFF_SYS^MDC", "1.1.9.150301", "266016^MDC_DIM_MMHG^MDC", 90, 200),
    ("150302^MDC_PRESS_CUFF_DIA^MDC", "1.1.9.150302", "266016^MDC_DIM_MMHG^MDC", 50, 110),
    ("150303^MDC_PRESS_CUFF_MEAN^MDC", "1.1.9.150303", "266016^MDC_DIM_MMHG^MDC", 70, 130),
)


def messages() -> list[str]:
    """The messages, one a second, by a fixed seed."""
    draw = random.Random(SEED)
    device = "GW^00A037000A0B0C0D^EUI-64"
    begun = datetime(2026, 3, 2, 9, 15, tzinfo=timezone(timedelta(hours=1)))
    made = []
    for number in range(MESSAGES):
        now = (begun + timedelta(seconds=number)).strftime("%Y%m%d%H%M%S") + ".0000+0100"
        cuff = (begun + timedelta(minutes=number // 60 - 5)).strftime("%Y%m%d%H%M%S") + ".0000+0100"
        lines = [
            rf"MSH|^~\&|{device}|EXAMPLE|||{now}||ORU^R01^ORU_R01|{number}|P|2.6|||AL|NE||UNICODE UTF-8|||"
            "IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO",
            "PID|||T-42^^^Hospital^PI||Test^Person^^^^^L||19700101|F",
            "PV1||I|Ward^3^7^Site",
            f"OBR|1|{number}^{device}|{number}^{device}|182777000^monitoring of patient^SCT|||{now}",
        ]
        for row, (code, path, unit, low, high) in enumerate(METRICS, 1):
            at = cuff if "CUFF" in code else now
            value = f"{draw.uniform(low, high):.1f}" if "TEMP" in code else str(draw.randint(low, high))
            lines.append(f"OBX|{row}|NM|{code}|{path}|{value}|{unit}|{low}-{high}||||R|||{at}|||^MEASURED")
        made.append("\r".join(lines) + "\r")
    return made


def instant(text: str) -> int:
    """Microseconds since 1970 of a time with an offset, for the contenders that give it as text."""
    moment = datetime.strptime(text[:14] + text[-5:], "%Y%m%d%H%M%S%z")
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def ours(data: list[bytes]) -> Rows:
    read = Reader().read
    # Every value here is a number and every time has an offset; what is not would fail the comparison.
    return [
        (what.code, value, fields[6], time.instant)  # type: ignore[union-attr, misc]
        for each in data
        for what, value, _, time, fields, _ in read(each).cells
    ]


def contenders(texts: list[str]) -> dict[str, Callable[[], list[tuple[str, str, str, str]]]]:
    """Reading by each library that is installed, to the four fields as text: what else they do is not counted."""
    found: dict[str, Callable[[], list[tuple[str, str, str, str]]]] = {}
    try:
        import hl7

        def by_hl7() -> list[tuple[str, str, str, str]]:
            return [
                (str(row[3][0][0]), str(row[5]), str(row[6]), str(row[14]))
                for text in texts
                for row in hl7.parse(text).segments("OBX")
            ]

        found["hl7"] = by_hl7
    except ImportError:
        pass
    try:
        from hl7apy.consts import VALIDATION_LEVEL
        from hl7apy.parser import parse_message

        def by_hl7apy() -> list[tuple[str, str, str, str]]:
            return [
                (row.obx_3.obx_3_1.value, row.obx_5.value, row.obx_6.value, row.obx_14.value)
                for text in texts
                for row in parse_message(
                    text, find_groups=False, validation_level=VALIDATION_LEVEL.TOLERANT
                ).children.get("OBX")
            ]

        found["hl7apy"] = by_hl7apy
    except ImportError:
        pass
    try:
        import medforge

        def by_medforge() -> list[tuple[str, str, str, str]]:
            return [
                (row.field(3).component(1).value, row.field(5).value, row.field(6).value, row.field(14).value)
                for text in texts
                for row in medforge.parse(text).segments_by_name("OBX")
            ]

        found["medforge"] = by_medforge
    except ImportError:
        pass
    return found


def timed(call: Callable[[], object]) -> tuple[float, float]:
    """CPU and wall seconds of one call."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return time.process_time() - cpu, time.perf_counter() - wall


def main() -> None:
    """Prints the table, then one JSON line a row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=7, help="rounds after the first, which only checks")
    rounds = parser.parse_args().rounds
    texts = messages()
    data = [text.encode() for text in texts]
    expected = ours(data)
    others = contenders(texts)
    for name in list(others):
        theirs = [(code, float(value), unit, instant(at)) for code, value, unit, at in others[name]()]
        if theirs != expected:
            print(f"{name}: another result than ours, not timed")
            del others[name]
    size = sum(map(len, data))
    print(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores, {MESSAGES}"
          f" messages, {size} bytes, {len(expected)} rows, {rounds} rounds")  # fmt: skip
    # What importing left is not looked through before each call: it would empty the caches for the short calls.
    gc.collect()
    gc.freeze()
    ratios: dict[str, list[float]] = {name: [] for name in others}
    spent: list[float] = []
    for _ in range(rounds):
        # One call of ours is short: the mean of several is taken, between the others'.
        mine = sum(timed(lambda: ours(data))[0] for _ in range(10)) / 10
        spent.append(mine)
        for name, call in others.items():
            ratios[name].append(timed(call)[0] / mine)
    one = statistics.median(spent) / MESSAGES
    print(f"ours: {one * 1e6:.1f} µs a message, {1 / one:,.0f} a second")
    for name, goal in GOALS.items():
        if name not in ratios:
            print(f"{name:10} not measured")
            continue
        version = importlib.metadata.version(name)
        low, middle, high = min(ratios[name]), statistics.median(ratios[name]), max(ratios[name])
        print(f"{name:10} {version:8} {middle:8.1f}x  ({low:.1f} to {high:.1f}), goal {goal:g}x")
        row = {"goal": "H1", "yardstick": name, "version": version, "ratio": round(middle, 2), "min": round(low, 2),
               "max": round(high, 2), "wanted": goal, "messages": MESSAGES, "bytes": size}  # fmt: skip
        print(json.dumps(row))


if __name__ == "__main__":
    main()
