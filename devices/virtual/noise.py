"""Noise that depends on its place in time alone: the same however often, and in whatever order, it is looked at."""

from __future__ import annotations

import hashlib
import math

_MASK = (1 << 64) - 1


def seed_of(*parts: object) -> int:
    """A 64-bit seed from names and numbers, the same on every machine and in every Python."""
    text = "\0".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())


def _mix(value: int) -> int:
    """The finishing steps of the SplitMix64 generator: neighbouring numbers come out unrelated."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def uniform(seed: int, index: int) -> float:
    """A number in (0, 1), the `index`-th of the stream `seed`."""
    return (_mix(_mix(seed) ^ (index & _MASK)) + 0.5) / 2.0**64


def normal(seed: int, index: int) -> float:
    """A standard normal number, the `index`-th of the stream `seed` (Box and Muller's transform)."""
    radius = math.sqrt(-2.0 * math.log(uniform(seed, 2 * index)))
    return radius * math.cos(2.0 * math.pi * uniform(seed, 2 * index + 1))


def wander(seed: int, seconds: float, period_s: float) -> float:
    """Standard normal at every moment, moving smoothly from one independent value to the next in `period_s`."""
    place = seconds / period_s
    index = math.floor(place)
    turn = (place - index) * math.pi / 2.0
    # Cosine and sine as weights: their squares add to one, so that the spread is the same between the knots.
    return normal(seed, index) * math.cos(turn) + normal(seed, index + 1) * math.sin(turn)
