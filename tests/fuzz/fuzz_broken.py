"""How a broken promise is told."""

from __future__ import annotations


class Broken(AssertionError):
    """A promise was broken. `rule`: which, in a word or two, by which findings are told apart."""

    def __init__(self, rule: str, detail: object) -> None:
        super().__init__(f"{rule}: {detail!r:.400}")
        self.rule = rule


def demand(holds: bool, rule: str, detail: object) -> None:
    """Raises `Broken` where `holds` is not so."""
    if not holds:
        raise Broken(rule, detail)
