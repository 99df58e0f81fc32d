"""A report as what it says, apart from how it is set: titled sections of texts, tables and figures. Pure.

Every text is plain; what sets it (`dashboard.reports.page`) escapes it.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class Text(Struct, frozen=True):
    """Sentences, each of its own line. `important`: to be read first."""

    sentences: tuple[str, ...]
    important: bool = False


class Table(Struct, frozen=True):
    """Rows of texts. `numeric`: the columns that are set to the right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()


class Pairs(Struct, frozen=True):
    """What is said of a thing, name by name."""

    pairs: tuple[tuple[str, str], ...]


class Figure(Struct, frozen=True):
    """A drawing as SVG, made by this program, and what it shows for those who cannot see it."""

    svg: str
    about: str
    caption: str


class Details(Struct, frozen=True):
    """A block with a title of its own, such as one rise's explanation."""

    title: str
    sentences: tuple[str, ...]


Block = Text | Table | Pairs | Figure | Details


class Section(Struct, frozen=True):
    title: str
    blocks: tuple[Block, ...]


class Report(Struct, frozen=True):
    """A whole report.

    Attributes:
        title: what it is of. who: the patient, on every page. mark: DEMO, REPLAY or IMPORTED and what that means; ""
            for a session watched at a patient. made: when and by what it was made. statements: what it is not.
    """

    title: str
    who: str
    mark: str
    made: str
    head: Pairs
    sections: tuple[Section, ...]
    statements: tuple[str, ...]


def texts(*sentences: str, important: bool = False) -> Text:
    return Text(tuple(each for each in sentences if each), important)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[int] = ()) -> Table:
    return Table(tuple(columns), tuple(tuple(row) for row in rows), frozenset(numeric))
