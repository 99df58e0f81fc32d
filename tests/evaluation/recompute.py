"""The evaluation again, by another hand: plain loops over the made sessions, nothing of `dashboard.evaluation`.

Truth (b) and (c) come from the state machine of clinical definition 3.14, the detector's rises from the live machine
fed with readings, matches from a loop that takes the nearest pair again and again.
"""

from __future__ import annotations

import math
from statistics import median

from dashboard.rises.analysis import analyse
from dashboard.rises.timeline import Timeline
from devices.instant import MINUTE, SECOND
from devices.reading import Reading, Status
from devices.virtual.cohort import T0, made

SIGNALS = ("SBP", "DBP", "HR")


def levels_at(thresholds, base):
    found = []
    for level in thresholds.level:
        options = [each for each in (level.absolute,) if each is not None]
        b = base[level.signal]
        if b is not None:
            if level.rise is not None:
                options.append(b + level.rise)
            if level.rise_percent is not None:
                options.append(b * (1 + level.rise_percent / 100))
        if options:
            t = min(options)
            c = t - thresholds.hysteresis_of(level.signal)
            if b is not None and b >= t:
                continue
            if b is not None and c < b:
                c = b
            found.append((level.signal, level.level, t, c, level.n_on, thresholds.n_off_of(level.signal)))
    return found


def state_machine(items, t, c, n_on, n_off, breaks):
    """Items: (time, value, known at); `breaks` says whether runs break between two times."""
    events, is_open, on, off, values, last = [], False, [], [], [], None
    for time, value, known in items:
        if last is not None and breaks(last, time):
            on, off = [], []
        last = time
        if not is_open:
            on = [*on, (time, value)] if value >= t else []
            if len(on) == n_on:
                events.append({"onset": on[0][0], "confirmed": known, "back": None})
                values, is_open, on, off = [*on], True, [], []
        else:
            values.append((time, value))
            off = [*off, time] if value <= c else []
            if len(off) == n_off:
                events[-1]["back"] = off[0]
                events[-1]["peak"] = max(v for at, v in values if at < off[0])
                is_open, on, off = False, [], []
    if is_open:
        events[-1]["peak"] = max(v for _, v in values)
    return events


def by_rule(session, thresholds, base, cuffs, epochs):
    found = []
    for signal, level, t, c, n_on, n_off in levels_at(thresholds, base):
        if signal == "HR":
            items = [(T0 + 5 * k * SECOND, v, T0 + 5 * (k + 1) * SECOND) for k, v in epochs]
            events = state_machine(items, t, c, n_on, n_off, lambda a, b: b - a > 15 * SECOND)
        else:
            items = [(at, sbp if signal == "SBP" else dbp, at) for at, sbp, dbp in cuffs]
            events = state_machine(items, t, c, n_on, n_off, lambda a, b: b - a > thresholds.max_gap_min * MINUTE)
        for each in events:
            deadline = max(each["onset"], session.infusion_end) + thresholds.x_off_min * MINUTE
            if each["back"] is None:
                each["outcome"] = "sustained_unresolved" if session.end > deadline else "unresolved"
            else:
                each["outcome"] = "transient" if each["back"] <= deadline else "sustained_returned"
            found.append({**each, "signal": signal, "level": level})
    return found


def sampled(session, thresholds):
    place = {round(second): index for index, second in enumerate(session.second.tolist())}
    zero = place[0]
    base = {"SBP": session.sbp[zero], "DBP": session.dbp[zero], "HR": session.hr[zero]}
    cuffs = [
        (T0 + round(at) * SECOND, session.sbp[place[round(at)]], session.dbp[place[round(at)]])
        for at in session.measured_s.tolist()
        if at > 0
    ]
    epochs = [(k, median(session.hr[zero + 5 * k : zero + 5 * k + 5].tolist())) for k in range(7200 // 5)]
    return by_rule(session, thresholds, base, cuffs, epochs)


def on_readings(session, thresholds):
    cuffs = {}
    for at, sbp, dbp in zip(
        session.cuff_time.tolist(), session.cuff_sbp.tolist(), session.cuff_dbp.tolist(), strict=True
    ):
        cuffs[at] = (sbp, dbp)
    valid = []
    for at in sorted(cuffs):
        sbp, dbp = cuffs[at]
        least = 10 if sbp < 100 else 15 if sbp <= 150 else 30 if sbp <= 200 else 50
        if 40 <= sbp <= 270 and 20 <= dbp <= 200 and sbp - dbp >= least:
            valid.append((at, sbp, dbp))
    before = [each for each in valid if T0 - 30 * MINUTE <= each[0] <= T0][-3:]
    ecg, pulse = {}, {}
    for kept, times, values in ((ecg, session.rate_time, session.rate), (pulse, session.pulse_time, session.pulse)):
        for at, value in zip(times.tolist(), values.tolist(), strict=True):
            kept[at] = value
    epochs = {}
    for samples in (ecg, pulse):
        mine = {}
        for at in sorted(samples):
            if 20 <= samples[at] <= 250:
                mine.setdefault(math.floor((at - T0) / (5 * SECOND)), []).append(samples[at])
        for k, values in mine.items():
            if k not in epochs:
                epochs[k] = values
    early = [median(values) for k, values in epochs.items() if -60 <= k < 0]
    base = {
        "SBP": median(each[1] for each in before) if before else None,
        "DBP": median(each[2] for each in before) if before else None,
        "HR": median(early) if len(early) >= 12 else None,
    }
    after = [each for each in valid if T0 < each[0] <= session.end]
    late = [(k, median(epochs[k])) for k in sorted(epochs) if 0 <= k < 7200 // 5]
    return by_rule(session, thresholds, base, after, late)


def as_readings(session):
    readings = []
    rows = zip(session.cuff_time.tolist(), session.cuff_sbp.tolist(), session.cuff_dbp.tolist(), strict=True)
    for number, (at, sbp, dbp) in enumerate(rows):
        for signal, value in (("NIBP_SYS", sbp), ("NIBP_DIA", dbp)):
            if value == value:
                readings.append(Reading(at, number, signal, value, "mmHg", Status.OK, f"made:{signal}"))
    for number, (at, value) in enumerate(zip(session.rate_time.tolist(), session.rate.tolist(), strict=True)):
        readings.append(Reading(at, number, "HR", value, "/min", Status.OK, "made:HR"))
    for number, (at, value) in enumerate(zip(session.pulse_time.tolist(), session.pulse.tolist(), strict=True)):
        readings.append(Reading(at, number, "PR", value, "/min", Status.OK, "made:spo2.pr"))
    return readings


def detected(session, thresholds):
    found = analyse(as_readings(session), Timeline(T0, session.infusion_end, None, session.end), thresholds)
    return [
        {"signal": rise.episode.signal, "level": rise.episode.level, "onset": rise.episode.onset,
         "confirmed": rise.episode.confirmed, "back": rise.episode.return_time, "peak": rise.episode.peak,
         "outcome": rise.outcome.value}
        for rise in found.counted
    ]  # fmt: skip


def nearest_pairs(true, found, session):
    """Takes the nearest pair that may be one event, again and again."""
    pairs, left, free = [], [*true], [*found]
    while True:
        best = None
        for one in left:
            for other in free:
                if (one["signal"], one["level"]) != (other["signal"], other["level"]):
                    continue
                ends = [each["back"] if each["back"] is not None else max(session.end, each["onset"] + 1)
                        for each in (one, other)]  # fmt: skip
                apart = abs(one["onset"] - other["onset"])
                limit = 30 * SECOND if one["signal"] == "HR" else session.cycle_min * MINUTE
                if one["onset"] < ends[1] and other["onset"] < ends[0] and apart <= limit:
                    key = (apart, one["onset"], other["onset"])
                    if best is None or key < best[0]:
                        best = (key, one, other)
        if best is None:
            return pairs, left, free
        pairs.append(best[1:])
        left.remove(best[1])
        free.remove(best[2])


def recompute(count, seed, part, thresholds, truth):
    """The figures of the detector against `truth` (a function of session and thresholds)."""
    pairs, missed, false, labels = [], [], [], {"true": set(), "found": set()}
    for number in range(count):
        session = made(seed, part, number)
        true, found = truth(session, thresholds), detected(session, thresholds)
        hit, lost, extra = nearest_pairs(true, found, session)
        pairs, missed, false = pairs + hit, missed + lost, false + extra
        labels["true"] |= {(number, each["signal"], each["level"]) for each in true}
        labels["found"] |= {(number, each["signal"], each["level"]) for each in found}
    all_labels = count * len(thresholds.level)
    fp, fn = len(labels["found"] - labels["true"]), len(labels["true"] - labels["found"])
    classes = {}
    told = [(a["outcome"], b["outcome"]) for a, b in pairs]
    told += [(a["outcome"], "missed") for a in missed] + [("false", b["outcome"]) for b in false]
    for a, b in told:
        classes.setdefault(a, {}).setdefault(b, 0)
        classes[a][b] += 1
    return {
        "true": len(pairs) + len(missed),
        "found": len(pairs) + len(false),
        "matched": len(pairs),
        "recall": len(pairs) / (len(pairs) + len(missed)),
        "precision": len(pairs) / (len(pairs) + len(false)),
        "f1": 2 * len(pairs) / (2 * len(pairs) + len(missed) + len(false)),
        "onset": median((b["onset"] - a["onset"]) / SECOND for a, b in pairs),
        "delay": median((b["confirmed"] - a["onset"]) / SECOND for a, b in pairs),
        "peak": median(b["peak"] - a["peak"] for a, b in pairs),
        "false_per_hour": len(false) / (2.0 * count),
        "challenge": 100 * (all_labels - fp - fn) / (all_labels - fn + 5 * fn),
        "classes": classes,
    }
