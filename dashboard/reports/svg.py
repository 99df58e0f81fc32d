"""A few shapes of SVG, written without a browser. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


class Drawing:
    """An SVG drawing of a fixed size in its own units, filled shape by shape."""

    def __init__(self, width: float, height: float, about: str) -> None:
        self._size = (width, height)
        self._about = about
        self._parts: list[str] = []

    def line(self, x1: float, y1: float, x2: float, y2: float, **style: str | float) -> None:
        self._add("line", style, x1=x1, y1=y1, x2=x2, y2=y2)

    def rect(self, x: float, y: float, width: float, height: float, **style: str | float) -> None:
        """A rectangle; what would have no extent is not drawn."""
        if width > 0 and height > 0:
            self._add("rect", style, x=x, y=y, width=width, height=height)

    def path(self, points: Iterable[tuple[float, float] | None], **style: str | float) -> None:
        """Lines through `points`; None lifts the pen. A point alone becomes a dot of the pen's width."""
        parts: list[str] = []
        run: list[str] = []
        for point in (*points, None):
            if point is not None:
                run.append(f"{_number(point[0])} {_number(point[1])}")
            elif run:
                parts.append("M" + "L".join(run if len(run) > 1 else run * 2))
                run = []
        if parts:
            self._add("path", style, d="".join(parts), fill="none", stroke_linecap="round")

    def circle(self, x: float, y: float, radius: float, **style: str | float) -> None:
        self._add("circle", style, cx=x, cy=y, r=radius)

    def text(self, x: float, y: float, words: str, **style: str | float) -> None:
        self._parts.append(f"<text{_attributes(x=x, y=y, **style)}>{escape(words)}</text>")

    def written(self) -> str:
        width, height = (_number(each) for each in self._size)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
            f'aria-label="{escape(self._about)}">{"".join(self._parts)}</svg>'
        )

    def _add(self, name: str, style: dict[str, str | float], **place: str | float) -> None:
        self._parts.append(f"<{name}{_attributes(**place, **style)}/>")


def _attributes(**given: str | float) -> str:
    """Names with `_` for `-`, as Python has them; numbers with one decimal at most."""
    return "".join(
        f' {name.replace("_", "-")}="{escape(value) if isinstance(value, str) else _number(value)}"'
        for name, value in given.items()
    )


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
