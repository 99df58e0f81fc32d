"""Inputs that fuzzing found worth keeping, and talks with the virtual monitors, keep every promise of a driver."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz_broken import Broken
from fuzz_checks import START, check, check_item, check_repeated
from fuzz_input import MARK, STEPS, Act, Piece, Setup, parse, written
from fuzz_seals import SEALS, seal_of
from fuzz_seeds import seeds, words

from devices import catalogue
from devices.reading import Notice, Reading, Status

CORPUS = Path(__file__).parent / "corpus"
FILES = sorted(path for path in CORPUS.glob("*/*"))
PROTOCOLS = [entry.name for entry in catalogue.protocols()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_corpus_keeps_every_promise(path: Path) -> None:
    check(path.parent.name, path.read_bytes())
    check_repeated(path.parent.name, path.read_bytes())


def test_the_corpus_is_small() -> None:
    counts = {place: len(list(place.iterdir())) for place in CORPUS.iterdir()}
    assert max(counts.values()) <= 12
    assert max(path.stat().st_size for path in FILES) <= 2_000
    assert {place.name for place in counts} <= set(PROTOCOLS)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_talks_with_the_virtual_monitor_keep_every_promise(protocol: str) -> None:
    said = [check(protocol, seed).said for seed in seeds(protocol).values()]
    assert any(isinstance(item, Reading) for run in said for items in run for item in items)


@pytest.mark.parametrize("protocol", SEALS)
def test_a_sealed_frame_is_taken(protocol: str) -> None:
    """A seal leaves a good frame as it is, and puts a spoilt one right."""
    seal = seal_of(protocol)
    for frame in words(protocol):
        assert seal(frame) == frame
        assert seal(seal(frame)) == seal(frame)


def test_an_input_is_read_as_it_was_written() -> None:
    setup = Setup(3, stamped=False, started=True, cut=7)
    pieces = [Piece(Act.POLL, STEPS[9], b"abc"), Piece(Act.WAIT, 0, b""), Piece(Act.SEALED_HEAR, STEPS[31], b"\xc0")]
    assert parse(written(setup, pieces)) == (setup, pieces)


@pytest.mark.parametrize("data", [b"", b"\xff", b"\0\0" + MARK, b"\0\0a" + MARK * 3, bytes(range(256))])
def test_any_bytes_are_an_input(data: bytes) -> None:
    setup, pieces = parse(data)
    assert parse(written(setup, pieces)) == (setup, pieces)


@pytest.mark.parametrize(
    "item",
    [
        Reading(START, START, "HR", 72.0, "%", Status.OK, "line:hr"),
        Reading(START, START, "HR", 72.0, "/min", Status.OFF, "line:hr"),
        Reading(START, START, "HR", None, "/min", Status.OK, "line:hr"),
        Reading(START, START, "HR", float("nan"), "/min", Status.OK, "line:hr"),
        Reading(START, START, "HR", 72.0, "/min", Status.OK, "ge-dri:hr"),
        Reading(START, START, "ABP_SYS", 120.0, "mmHg", Status.OK, "line:hr"),
        Notice(START, START, "nothing", "a text", source="line"),
        Notice(START, START, "device-event", "", source="line"),
        Notice(START, START, "device-event", "an escape \x1b[2J", source="line"),
        Notice(START, START, "device-event", "a text", source="line", raw=bytes(5_000)),
        Notice(10**18, START, "device-event", "a text", source="line"),
    ],
)
def test_what_is_not_well_made_is_found(item: Reading | Notice) -> None:
    with pytest.raises(Broken):
        check_item(item, "line")
