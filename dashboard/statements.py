"""The sentences that every page and every report must carry (clinical definition 4.4)."""

LONGEST_DELAY_S = 1.0
"""From a reading's receipt to the screens, at most, when all is well: 100 ms to its commit, 50 ms to the tail, and
the rest for a loaded machine and network (measured: 0.3 s)."""

STATEMENTS = (
    "Not a medical device, not tested to IEC 60601-1-8, not a primary alarm source: the bedside monitor and direct "
    "observation remain primary, its alarms on and audible",
    "Values can be late (about {delay} s is expected at most), wrong or missing",
    "Does not diagnose, recommend treatment or decide discharge",
    "Thresholds are local choices; presets are examples",
    "Not for children, pregnancy or unattended use",
    "Replay and simulation are labelled at all times",
)


def statements() -> tuple[str, ...]:
    """The sentences with their numbers."""
    return tuple(each.format(delay=f"{LONGEST_DELAY_S:g}") for each in STATEMENTS)
