"""What fuzzing starts from: short talks of each driver with its virtual monitor, written as inputs."""

from __future__ import annotations

import dataclasses
from collections import Counter
from itertools import accumulate, groupby

from fuzz_checks import CASES, START
from fuzz_input import CUTS, Act, Piece, Setup, steps_for, written
from fuzz_seals import SEALS, unasked
from msgspec.structs import replace
from test_driver_contract import FIRST_CUFF, HIGH_CUFF, QUIET, Bedside

from devices import catalogue, instant
from devices.virtual.device import Cuff, Observation

TICK = instant.SECOND // 10
LONGEST = 2_000
"""Bytes of an input at most."""

_BUSY = replace(QUIET, cuff=Cuff(measuring=True))
_FIRST = replace(QUIET, cuff=FIRST_CUFF)
TALKS: dict[str, list[tuple[int, Observation]]] = {
    "quiet": [(6, QUIET)],
    "cuff": [(3, QUIET), (2, _BUSY), (4, _FIRST), (1, replace(_BUSY, cuff=replace(FIRST_CUFF, measuring=True)))],
    "cuffs": [(2, _FIRST), (3, replace(QUIET, hr=187, pr=186, spo2=91, cuff=HIGH_CUFF))],
    "off": [(2, QUIET), (4, replace(QUIET, spo2=None, pr=None, hr=None)), (1, QUIET)],
    "failed": [(2, _BUSY), (3, replace(QUIET, cuff=Cuff(failure="leak", time=START, count=1)))],
}
"""What the bedside shows, for how many seconds."""


def talk(protocol: str, shown: list[tuple[int, Observation]]) -> list[Piece]:
    """A talk as pieces, each with the answers of one moment."""
    bedside = Bedside()
    driver = catalogue.create(protocol, CASES[protocol].settings)
    device = catalogue.create_device(protocol, bedside)
    driver.opened(START)
    now, told, pieces = START, START, []
    for seconds, bedside.seen in shown:
        for _ in range(seconds * 10):
            request = driver.send(now)
            answer = (device.receive(request, now) if request else b"") + device.tick(now)
            driver.receive(answer, now)
            if request or answer:
                waits = steps_for(now - told) or [0]
                pieces += [Piece(Act.HEAR, wait, b"") for wait in waits[:-1]]
                pieces.append(Piece(Act.POLL if request else Act.HEAR, waits[-1], answer))
                told = now
            now += TICK
    return pieces


def sealed(protocol: str, pieces: list[Piece]) -> list[Piece]:
    """The same, each frame a piece of its own whose check is put right when it is read."""
    acts = {Act.HEAR: Act.SEALED_HEAR, Act.POLL: Act.SEALED_POLL}
    found = []
    for piece in pieces:
        whole = CASES[protocol].frames(piece.data) if piece.data else []
        if not whole or b"".join(whole) != piece.data:
            found.append(piece)
            continue
        found += [Piece(Act.SEALED_HEAR, 0, frame) for frame in whole[:-1]]
        found.append(Piece(acts[piece.act], piece.step, whole[-1]))
    return found


def distinct(protocol: str, pieces: list[Piece]) -> list[Piece]:
    """Only the pieces with a frame of a kind (by its length and beginning) that did not come twice before: monitors
    repeat themselves, and an input is short."""
    came: Counter[tuple[int, bytes]] = Counter()
    found = []
    for piece in pieces:
        kinds = {(len(frame), frame[:6]) for frame in CASES[protocol].frames(piece.data)} if piece.data else set()
        if any(came[kind] < 2 for kind in kinds):
            found.append(piece)
        came.update(kinds)
    return found


def longest(protocol: str) -> int:
    """Bytes of an input of this protocol: short ones are run faster, but a few frames must have room."""
    return min(LONGEST, 500 + 3 * max(map(len, frames(protocol)), default=0))


def frames(protocol: str) -> set[bytes]:
    """All different frames of the talks."""
    data = b"".join(piece.data for shown in TALKS.values() for piece in talk(protocol, shown))
    return set(CASES[protocol].frames(data))


def seeds(protocol: str) -> dict[str, bytes]:
    """Inputs of one protocol by name."""
    found: dict[str, bytes] = {}
    most = longest(protocol)
    for number, (name, shown) in enumerate(TALKS.items()):
        pieces = talk(protocol, shown)
        setup = Setup(cut=CUTS[number % len(CUTS)])
        found[name] = written(setup, pieces)[:most]
        undated = dataclasses.replace(setup, stamped=False, started=bool(number % 2))
        joined = b"".join(piece.data for piece in pieces)
        found[f"{name}-undated"] = (undated.written() + joined)[:most]
        found[f"{name}-end"] = setup.written() + joined[2 - most :]
        few = distinct(protocol, sealed(protocol, pieces) if protocol in SEALS else pieces)
        lengths = accumulate(len(piece.written()) for piece in few)
        for number, part in groupby(zip(few, lengths, strict=True), key=lambda pair: pair[1] // (most - 100)):
            found[f"{name}-distinct-{number}"] = written(setup, [piece for piece, _ in part])[:most]
        if protocol in SEALS:
            found[f"{name}-sealed"] = written(setup, sealed(protocol, pieces))[:most]
    kinds = [Piece(Act.SEALED_POLL, 0, frame) for frame in unasked(protocol)]
    for place in range(0, len(kinds), 16):
        found[f"unasked-{place}"] = written(Setup(), kinds[place : place + 16])[:most]
    return found


def words(protocol: str) -> list[bytes]:
    """Frames that the fuzzer may put in anywhere, one of each kind."""
    short = sorted(frame for frame in (*frames(protocol), *unasked(protocol)) if len(frame) <= 60)
    return list({(len(frame), frame[:6]): frame for frame in short}.values())
