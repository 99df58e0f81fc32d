"""What pydantic found wrong, as one sentence with field, value and bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError


def sentence(error: ValidationError, values: Mapping[str, Any]) -> str:
    """The first thing wrong, as field, value and bound."""
    first = error.errors(include_url=False)[0]
    where = _field(first["loc"], values)
    kind, given = first["type"], first["input"]
    context = first.get("ctx", {})
    if kind == "value_error":
        said = str(context["error"])
        return f"{where}: {said}" if where else said
    if kind == "extra_forbidden":
        return f"{where} is not a key that is known here"
    if kind == "missing":
        return f"{where} is missing"
    bounds = {"greater_than": "more than", "greater_than_equal": "at least", "less_than_equal": "at most"}
    bound_keys = {"greater_than": "gt", "greater_than_equal": "ge", "less_than_equal": "le"}
    if kind in bounds:
        return f"{where} is {given!r}, but must be {bounds[kind]} {context[bound_keys[kind]]:g}"
    if kind in ("float_type", "finite_number"):
        return f"{where} is {given!r}, but must be a number"
    if kind == "int_type":
        return f"{where} is {given!r}, but must be a whole number"
    if kind in ("tuple_type", "dict_type"):
        return f"{where} is {given!r}, but must be a {'list' if kind == 'tuple_type' else 'table'}"
    if kind in ("literal_error", "enum"):
        return f"{where} is {given!r}, but must be {context['expected']}"
    message = first["msg"]
    return f"{where} is {given!r}: {message[:1].lower()}{message[1:]}"


def _field(location: tuple[int | str, ...], values: Mapping[str, Any]) -> str:
    """Where in the file: ``level 2 of SBP: n_on`` rather than ``level.4.n_on``."""
    parts = [part for part in location if part != "[key]"]
    if len(parts) >= 2 and parts[0] in ("level", "low") and isinstance(parts[1], int):
        entry: Any = values[parts[0]][parts[1]]
        told = f"{parts[0]} entry {parts[1] + 1}"
        if isinstance(entry, Mapping) and "signal" in entry:
            rank = entry.get("level" if parts[0] == "level" else "priority")
            told = f"{parts[0]} {rank} of {entry['signal']}"
        return ": ".join([told, *(str(part) for part in parts[2:])])
    if len(parts) == 2:
        return f"{parts[0]} entry {parts[1] + 1}" if isinstance(parts[1], int) else f"{parts[0]} of {parts[1]}"
    return ": ".join(str(part) for part in parts)
