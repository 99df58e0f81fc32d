"""`risewatch flag --json`, the command itself, on unseen files of every preset, compared exactly with a program that
shares no line with it: baselines, rises, annotations, low limits, suspect readings, overdue cuffs."""

import json
import random
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from made_sessions import any_set, made
from other_flag import flag, us
from rise_sessions import T0
from test_flag_end_to_end import as_rows

from dashboard import cli
from dashboard.rises.threshold_files import PRESETS, preset_text
from devices import instant
from devices.instant import MINUTE, SECOND

RULES = {name: preset_text(name) for name in PRESETS}
RULES["soon-back"] = re.sub(r"(?m)^x_off_min = .*$", "x_off_min = 1.0", preset_text("adult-iv"))
"""The presets, and the first one as a file of its own in which a rise must be back soon: else few are sustained."""
TIMES = ("onset", "confirmed", "peak_time", "return", "declared", "since", "until", "time")


@cache
def seeds(name):
    """Five made sessions judged by this set."""
    if name == "soon-back":
        return [20_046, 20_103, 20_128, 20_154, 20_165]
    return [seed for seed in range(20_000, 20_140) if rules_name(seed) == name][:5]


@cache
def rules_name(seed):
    return any_set(random.Random(seed)).name


def session_file(seed):
    """A made session as CSV, in any order, with saturations about their limits; and its three times."""
    session, rng = made(seed), random.Random(seed)
    text, _ = as_rows(session.readings, rng)
    head, *rows = text.splitlines()
    rows = [f"{row}," for row in rows]
    value, end = 97, session.session_end or max((each.time for each in session.readings), default=T0)
    for second in range(-600, 2_400, 3):
        if rng.random() < 0.06:
            value = rng.choice([97, 92, 91, 90, 90, 89, 87, 86, 85, 84, 29, 101])
        if rng.random() < 0.97:
            rows.append(f"{instant.format(T0 + second * SECOND)},,,,,,{value}")
    rng.shuffle(rows)
    last = max(us(row.split(",")[0]) for row in rows)
    end = session.session_end if session.session_end is not None else last
    stop = session.infusion_end if session.infusion_end is not None else end
    return "\n".join([f"{head},SPO2", *rows]) + "\n", stop, end, last


def told(capsys, path, thresholds, stop, end):
    times = ["--infusion-start", instant.format(T0), "--infusion-end", instant.format(stop)]
    times += ["--session-end", instant.format(end)]
    with pytest.raises(SystemExit) as leaving:
        cli.main(
            ["flag", str(path), *times, "--session-end", instant.format(end), "--thresholds", str(thresholds), "--json"]
        )
    assert leaving.value.code in (None, 0)
    return json.loads(capsys.readouterr().out)


def as_us(row):
    return {key: us(value) if key in TIMES and value is not None else value for key, value in row.items()}


@pytest.mark.parametrize("name", RULES)
def test_the_command_says_what_the_other_program_says(name, tmp_path: Path, capsys):
    for seed in seeds(name):
        text, stop, end, _ = session_file(seed)
        path, rules = tmp_path / f"{seed}.csv", tmp_path / f"{name}.toml"
        path.write_text(text)
        rules.write_text(RULES[name])
        thresholds = name if name in PRESETS else rules
        ours, theirs = told(capsys, path, thresholds, stop, end), flag(text, RULES[name], T0, stop, end)
        assert ours["baseline"] == theirs["baseline"], seed
        assert [as_us(each) for each in ours["rises"]] == theirs["rises"], seed
        for one, other in zip(ours["annotations"], theirs["annotations"], strict=True):
            assert {key: one[key] for key in other} == pytest.approx(other, abs=1e-9), seed
        order = sorted(theirs["low_limits"], key=lambda each: (each["since"], each["signal"], each["limit"]))
        found = sorted(map(as_us, ours["low_limits"]), key=lambda each: (each["since"], each["signal"], each["limit"]))
        assert found == order, seed
        marks = [(us(each["time"]), each["kind"]) for each in ours["notices"] if each["kind"].startswith("suspect-")]
        assert sorted(marks) == theirs["suspects"], seed
        spans = [(us(each["since"]), us(each["until"])) for each in ours["spans"] if each["kind"] == "cuff-overdue"]
        assert spans == theirs["overdue"], seed


def test_the_files_hold_what_could_go_wrong():
    """Every kind of trouble comes up: else equality would say little."""
    seen = dict.fromkeys(
        ("transient", "sustained_returned", "sustained_unresolved", "unresolved", "present", "high baseline",
         "no baseline", "provisional", "tie at T", "tie at C", "gap at its limit", "gap past it", "same time",
         "out of order", "deadline", "low", "jump", "isolated", "overdue"), 0,
    )  # fmt: skip
    for name in RULES:
        assert len(seeds(name)) == 5
        for seed in seeds(name):
            session = made(seed)
            text, stop, end, _ = session_file(seed)
            found = flag(text, RULES[name], T0, stop, end)
            times = [us(row.split(",")[0]) for row in text.splitlines()[1:]]
            seen["out of order"] += times != sorted(times)
            seen["same time"] += len(times) != len(set(times))
            gap = session.thresholds.max_gap
            cuffs = sorted({each.time for each in session.readings if each.signal == "NIBP_SYS"})
            apart = [b - a for a, b in pairwise(cuffs)]
            seen["gap at its limit"] += gap in apart
            seen["gap past it"] += any(0 < each - gap <= MINUTE for each in apart)
            for base in found["baseline"].values():
                seen["no baseline"] += base["status"] == "none"
                seen["provisional"] += base["status"] == "provisional"
            values = {each.value for each in session.readings}
            for rise in found["rises"]:
                seen[rise["outcome"]] += 1
                seen["present"] += rise["present_at_baseline"]
                seen["high baseline"] += rise["clear"] == rise["baseline"]
                seen["tie at T"] += rise["threshold"] in values
                seen["tie at C"] += rise["clear"] in values
                seen["deadline"] += end == stop + session.thresholds.x_off
            seen["low"] += len(found["low_limits"])
            seen["jump"] += any(kind == "suspect-jump" for _, kind in found["suspects"])
            seen["isolated"] += any(kind == "suspect-isolated" for _, kind in found["suspects"])
            seen["overdue"] += len(found["overdue"])
    assert [each for each, count in seen.items() if not count] == []
