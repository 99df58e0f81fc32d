"""The detector against a second, otherwise written program on hundreds of sessions full of ties."""

import pytest
from made_sessions import made
from rise_oracle import flagged
from rise_sessions import T0

from dashboard.rises.analysis import analyse
from dashboard.rises.timeline import Timeline

BATCH = 50


@pytest.mark.parametrize("first", range(0, 300, BATCH))
def test_two_programs_agree(first: int) -> None:
    for seed in range(first, first + BATCH):
        session = made(seed)
        baseline, rises = flagged(session.readings, session.thresholds, T0, session.infusion_end, session.session_end)
        analysis = analyse(
            session.readings, Timeline(T0, session.infusion_end, None, session.session_end), session.thresholds
        )
        ours = {s: (b.value, b.n, b.status.value) for s, b in analysis.baselines.items()}
        assert ours == baseline, f"seed {seed}"
        found = [
            {
                "signal": rise.episode.signal,
                "level": rise.episode.level,
                "threshold": rise.episode.threshold,
                "clear": rise.episode.clear,
                "baseline": rise.episode.baseline,
                "onset": rise.episode.onset,
                "confirmed": rise.episode.confirmed,
                "peak": rise.episode.peak,
                "peak_time": rise.episode.peak_time,
                "return": rise.episode.return_time,
                "declared": rise.episode.declared,
                "present_at_baseline": rise.episode.present_at_baseline,
                "outcome": rise.outcome.value,
            }
            for rise in analysis.rises
        ]
        assert found == rises, f"seed {seed}"


def test_the_sessions_hold_every_outcome_and_many_rises() -> None:
    seen: dict[str, int] = {}
    present = 0
    for seed in range(150):
        session = made(seed)
        _, rises = flagged(session.readings, session.thresholds, T0, session.infusion_end, session.session_end)
        for rise in rises:
            seen[rise["outcome"]] = seen.get(rise["outcome"], 0) + 1
            present += rise["present_at_baseline"]
    assert min(seen.get(each, 0) for each in ("transient", "sustained_returned", "unresolved")) > 15
    assert seen["sustained_unresolved"] > 10 and present > 10
