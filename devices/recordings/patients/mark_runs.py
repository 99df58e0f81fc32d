"""How the values of a signal go with a column that may name patients: runs of rows with the same cell, and returns.

One person's values are nearest to those measured just before, whatever a column says; those of several who alternate
are nearer to the last of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from math import sqrt

from msgspec import Struct, field

MOST_RUNS = 1000
"""So many runs are looked at."""
FEWEST_RETURNS = 16
"""So many are clear at least, see `Returns.is_clear`: four standard deviations."""
_STEADY, _LIKE = 0.75, 1.5
_ALIKE = 2e-6
"""Differences further from each other stay so when they are rounded to six decimals."""
_FEWEST_NUMBERS = 4
_CHANGES = 30
_NEAR = 0.75
_ALONG = 0.9

_WHOLE = re.compile(r"[-+]?\d+(?:[.,]0*)?", re.ASCII)
_CODED = re.compile(r"(?P<before>\D*)(?P<number>\d+)(?P<after>\D*)", re.ASCII)
_PERSON = re.compile(
    r"(?:p|pt|pat|ptn|patient|patientin|proband|probandin|prob|vp|vpn|subj|subject|suj|sujet|part|participant|ppt|case|"
    r"fall|fallnr|mrn|pid|id|kod|code)[\s._#-]*",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\d{2}-\d{2}|\d{3}-\d{3}", re.ASCII)
_METHOD = re.compile(r"nibp|nbp|cuff|arter|invasive|abp|\bart\b|\becg|\bekg|pleth|oximet|spo2", re.IGNORECASE)
_HASH = re.compile(r"[0-9a-f]{8}[0-9a-f-]{0,120}", re.IGNORECASE)
_WORDS = {
    "yes", "no", "true", "false", "on", "off", "ok", "nok", "ja", "nein", "oui", "non", "high", "low", "normal", "good",
    "poor", "bad", "fair", "valid", "invalid", "left", "right", "lying", "standing", "sitting", "supine", "prone", "am",
    "pm", "day", "night", "alarm",
}  # fmt: skip
_LETTERS = frozenset("ynhlr01")


class Run(Struct):
    """Observations that follow each other in time, with one code: when the first and the last were and their values;
    `step`: from the last but one to the last, 0 if there is but one."""

    code: int
    begins: int
    first: float
    ends: int
    last: float
    step: int


class Returns(Struct):
    """What is found where a code comes again after others.

    Attributes:
        wins: so often the value was nearer to the last of its own code than to the one before it. losses: so often it
            was not; equally near is neither.
        steady: so often the time since the last of its own was about as long as the one before that, of `timed`.
        apart: the differences to the value before, as parts of the value, if they are asked for.
    """

    wins: int = 0
    losses: int = 0
    steady: int = 0
    timed: int = 0
    apart: list[float] = field(default_factory=list)

    @property
    def is_steady(self) -> bool:
        """Each code has a step of its own, as it has where each is a recorder."""
        return self.timed > 0 and self.steady >= _STEADY * self.timed

    def is_clear(self, share: float, deviations: float) -> bool:
        """At least this share of them are wins, and chance would be so many standard deviations away from them."""
        count = self.wins + self.losses
        return count > 0 and self.wins >= share * count and (self.wins - self.losses) >= deviations * sqrt(count)


def returns_of(runs: Sequence[Run], apart: bool = False, least: float = 0) -> Returns:
    """What is found where a code comes again.

    Args:
        apart: it is asked for how far the values are apart.
        least: it is only asked whether wins have this share at least; once they cannot, no more is looked at.
    """
    found = Returns()
    most = (1 - least) * len(runs)
    if apart:
        found.apart = [_apart(later.first, earlier.last) for earlier, later in pairwise(runs)]
    left: dict[int, tuple[Run, int]] = {}
    wins = losses = steady = timed = 0
    last = 0.0
    for run in runs:
        step, code, first = run.step, run.code, run.first
        if left and (known := left.get(code)) is not None:
            own, usual = known
            passed = run.begins - own.ends
            if usual:
                timed += 1
                steady += usual <= _LIKE * passed and passed <= _LIKE * usual
            across, within = abs(first - last), abs(first - own.last)
            if -_ALIKE < across - within < _ALIKE:
                # Rounded: differences of decimal fractions are equal but for what binary ones add.
                across, within = round(across, 6), round(within, 6)
            if within < across:
                wins += 1
            elif within > across:
                losses += 1
                if losses > most:
                    break
            step = step or passed
        left[code] = (run, step)
        last = run.last
    found.wins, found.losses, found.steady, found.timed = wins, losses, steady, timed
    return found


def _apart(first: float, last: float) -> float:
    return abs(first - last) / (max(abs(first), abs(last)) or 1)


def are_numbers(texts: Sequence[str]) -> bool:
    return all(map(_WHOLE.fullmatch, texts))


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def is_measured(runs: Sequence[Run], texts: Sequence[str]) -> bool:
    """The numbers in a column behave as measured ones: they often change, and mostly by little.

    Not where each number comes again in steps of its own: recorders take turns, and may be numbered in that order.
    """
    numbers = {run.code: _number(texts[run.code]) for run in runs}
    if len(numbers) < _FEWEST_NUMBERS or len(runs) < max(_CHANGES, 3 * len(numbers)) or returns_of(runs).is_steady:
        return False
    held = [numbers[run.code] for run in runs]
    steps = sum(abs(later - earlier) for earlier, later in pairwise(held)) / (len(held) - 1)
    count = len(held)
    # The mean difference of any two of them.
    spread = 2 * sum((2 * place - count + 1) * value for place, value in enumerate(sorted(held))) / count**2
    return steps <= _NEAR * spread


def go_along(runs: Sequence[Run], texts: Sequence[str]) -> bool:
    """The numbers in a column rise and fall with the values: it measures the same."""
    if not all(_WHOLE.fullmatch(texts[run.code]) for run in runs) or len({run.code for run in runs}) < 3:
        return False
    pairs = [(_number(texts[run.code]), run.first) for run in runs]
    count = len(pairs)
    one, other = sum(x for x, _ in pairs) / count, sum(y for _, y in pairs) / count
    both = sum((x - one) * (y - other) for x, y in pairs)
    squares = sum((x - one) ** 2 for x, _ in pairs) * sum((y - other) ** 2 for _, y in pairs)
    return squares > 0 and abs(both) >= _ALONG * sqrt(squares)


def are_flags(texts: Sequence[str], words: bool = False) -> bool:
    """They are marks for what is or is not so. `words`: letters and digits are none, for patients may be called so."""
    held = {text.lower() for text in texts}
    return held <= _WORDS or (not words and held <= _LETTERS)


def says_method(texts: Sequence[str]) -> bool:
    """They tell how something was measured."""
    return all(map(_METHOD.search, texts))


def look_like_identifiers(texts: Sequence[str]) -> bool:
    """All are made alike, of a number, and as those of persons are: after a word for them, or of three digits or more
    that do not merely count up."""
    if all(map(_HASH.fullmatch, texts)) and not all(text.isdigit() for text in texts):
        return True
    found = [_CODED.fullmatch(text) for text in texts]
    coded = [one for one in found if one is not None]
    if len(coded) < len(texts) or len({(one["before"], one["after"]) for one in coded}) > 1:
        return _are_long_codes(texts)
    if _PERSON.fullmatch(coded[0]["before"]):
        return True
    numbers = sorted(int(one["number"]) for one in coded)
    if min(len(one["number"]) for one in coded) < 3:
        return False
    return any(later - earlier != 1 for earlier, later in pairwise(numbers))


def _are_long_codes(texts: Sequence[str]) -> bool:
    """Such as ``17-0042`` and ``K2-1183``: of one shape, with four digits or more; ``50-59`` is a range."""
    if all(map(_RANGE.fullmatch, texts)):
        return False
    shapes = {re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "0", text)) for text in texts}
    return len(shapes) == 1 and next(iter(shapes)).count("0") >= 4
