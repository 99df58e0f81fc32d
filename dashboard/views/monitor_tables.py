"""Tables as HTML, and ages and sizes in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from devices.instant import HOUR, MINUTE, SECOND

_DAY = 24 * HOUR

STYLE = """
<style>
.rw-table {overflow-x: auto;}
.rw-table table {border-collapse: collapse; width: 100%; font-size: 0.95rem;}
.rw-table th {text-align: left; color: var(--soft); font-weight: 600; padding: 0.3rem 0.8rem 0.3rem 0;
  white-space: nowrap;}
.rw-table td {border-top: 1px solid var(--edge); padding: 0.45rem 0.8rem 0.45rem 0; vertical-align: top;}
.rw-table .n {text-align: right; white-space: nowrap;}
.rw-table .w {white-space: nowrap;}
.rw-table .soft {color: var(--soft);}
.rw-table code {overflow-wrap: anywhere; background: none; padding: 0; font-size: 0.85rem; color: var(--time);}
@media (max-width: 699px) {.rw-table code {display: inline-block; min-width: 9rem;} .rw-table td {min-width: 4.5rem;}}
.rw-tag {border: 1px dashed var(--replay-t); color: var(--replay-t); border-radius: 0.3rem; padding: 0 0.4rem;
  font-weight: 700; font-size: 0.8rem; white-space: nowrap;}
</style>
"""


def age_text(age: int | None) -> str:
    """``4 s``, ``12 min``, ``3 h``, ``2 d``; a dash where there is none."""
    if age is None:
        return "\N{EN DASH}"
    age = max(0, age)
    for size, unit in ((_DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if age >= 2 * size:
            return f"{age // size} {unit}"
    return f"{age // SECOND} s"


def size_text(size: int) -> str:
    """``734 B``, ``12.3 kB``, ``4.56 MB``."""
    for power, unit in ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")):
        if size >= power:
            return f"{size / power:.3g} {unit}"
    return f"{size} B"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], numeric: Sequence[int] = ()) -> str:
    """An HTML table of cells that are HTML already."""
    head = "".join(f"<th{_side(at, numeric)}>{escape(each)}</th>" for at, each in enumerate(heads))
    body = "".join(
        "<tr>" + "".join(f"<td{_side(at, numeric)}>{cell}</td>" for at, cell in enumerate(row)) + "</tr>"
        for row in rows
    )
    return f'<div class="rw-table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _side(at: int, numeric: Sequence[int]) -> str:
    return ' class="n"' if at in numeric else ""
