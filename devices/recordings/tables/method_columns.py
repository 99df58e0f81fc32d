"""Pressures of unknown method in columns: judged as `methods` judges them sample by sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from devices import instant
from devices.recordings.codes import is_silent
from devices.recordings.cuffs import SHORTEST
from devices.recordings.tables.header import Field
from devices.recordings.tables.methods import Method, method_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64] | NDArray[np.float32]
    Fields = Sequence[tuple[Field, Values]]


def method_in(columns: Fields, times: NDArray[np.int64]) -> Method | None:
    """How the pressures of unknown method among `columns`, in rows at `times` (which do not go back), are taken."""
    connected = [(field, values) for field, values in columns if field.own or not is_silent(values)]
    by_name = {field.name: values for field, values in connected}

    def are_spots(unknown: Sequence[Field]) -> bool:
        return _is_spot([by_name[one.name] for one in unknown], times)

    return method_of((field for field, _ in connected), are_spots)


def settled(columns: Fields, method: Method | None) -> Fields:
    """The `columns` with the signals that were found, without those that are left out."""
    if method is None:
        return columns
    found = [(method.settled(field), values) for field, values in columns]
    return [(field, values) for field, values in found if field is not None]


def _is_spot(columns: Sequence[Values], times: NDArray[np.int64]) -> bool:
    """As `methods.is_spot`."""
    carrying = np.logical_or.reduce([column == column for column in columns]).nonzero()[0]
    if len(carrying) < 2 or len(carrying) * 10 < len(times):
        return True
    when = times[carrying]
    if _are_long(np.diff(when), SHORTEST):
        return True
    new = np.zeros(len(when), np.bool_)
    for column in columns:
        held = column[carrying]
        there = held == held
        new[1:] |= (held[1:] != held[:-1]) & (there[1:] | there[:-1])
    begins = when[np.append(0, new.nonzero()[0])]
    return _are_long(np.diff(begins, append=when[-1]), instant.MINUTE)


def _are_long(steps: NDArray[np.int64], least: int) -> bool:
    """Whether the middle one of the sorted `steps` is at least so long; they are counted faster than sorted."""
    return int(np.count_nonzero(steps < least)) <= len(steps) // 2
