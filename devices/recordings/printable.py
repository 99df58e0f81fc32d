"""Names and texts from a file as they may be shown: they go to terminals, pages and tables."""

from __future__ import annotations


def one_line(text: str) -> str:
    """`text` without a line's end or an escape sequence in it, and without blanks around it."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return text.strip()
