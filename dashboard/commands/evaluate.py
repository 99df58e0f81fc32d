"""``risewatch evaluate``: the detector and two plain baselines on made sessions with truth."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    sessions: Annotated[int, typer.Option(min=1, max=100_000, help="How many sessions to make.")] = 200,
    seed: Annotated[int, typer.Option(help="Another seed makes other sessions.")] = 1,
    part: Annotated[
        str, typer.Option(metavar="held-out|development", help="Which cohort: the first is for reports alone.")
    ] = "held-out",
    thresholds: Annotated[
        str, typer.Option(metavar="PRESET|FILE", help="A preset, see `presets`, or a threshold file in TOML.")
    ] = "adult-iv",
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Tries the detector on made sessions whose truth is known, beside a bare threshold and one with a 15 s delay.

    Each cell of an error or delay is median / 95th percentile; intervals are of 1,000 resamplings of the sessions.
    """
    import json

    from dashboard.commands import progress
    from dashboard.evaluation import bench, written
    from dashboard.rises.threshold_files import named

    if part not in bench.PARTS:
        raise typer.BadParameter(f"{part!r} is not {' or '.join(bench.PARTS)}", param_hint="--part")
    rules = named(thresholds)
    tried = []
    with progress.step("Trying the sessions") as tell:
        for each in bench.trials(sessions, seed, part, rules):
            tried.append(each)
            tell(len(tried) / sessions)
    found = bench.evaluation(tried, seed, part, rules)
    typer.echo(json.dumps(written.as_json(found), indent=2) if as_json else written.text(found))
