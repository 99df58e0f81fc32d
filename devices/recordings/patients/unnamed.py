"""Signs that the rows of a table are of several patients, though none of its columns is called as patients are.

The columns that name patients have too many names, in too many languages, to know them all. So each column that is not
read is judged by its values. Where what is measured jumps with it as it cannot in one person, the file is refused until
somebody says what the column is; where it merely changes, that is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby, pairwise
from operator import itemgetter

from devices import instant
from devices.errors import ChoiceNeeded
from devices.recordings.names import plain
from devices.recordings.overrides import ONE_PATIENT
from devices.recordings.patients.mark_runs import (
    FEWEST_RETURNS,
    MOST_RUNS,
    Returns,
    Run,
    are_flags,
    are_numbers,
    go_along,
    is_measured,
    look_like_identifiers,
    returns_of,
    says_method,
)
from devices.recordings.patients.marks import NONE, Mark, Marks
from devices.recordings.patients.observed import FEWEST, Observed, goes_back_with, median, together, usual_step
from devices.recordings.patients.observed import runs_of as list_runs
from devices.recordings.patients.other_columns import Meaning
from devices.recordings.recording import SAYS_PAIR, Builder
from devices.recordings.tables.columns import name_patients
from devices.recordings.tables.header import Header, Layout

_APART = 0.2
"""Two sources in one patient differ by less, as a part of the value."""
_PAUSE = 5 * instant.MINUTE
_LONG_PAUSE = 10
"""A pause between two patients is so many times as long as the step between rows."""
_SHOWN = 6
_STEADY_SHARE = 0.85
"""Of returns, so many are wins at least where each code has a step of its own; else more."""
_NO_EVIDENCE = ("TEMP",)
"""It goes up and down with the day, and so with all that does."""


RunsOf = Callable[[Mark, Observed], "tuple[list[Run], int]"]


def judge_marks(
    marks: Marks,
    rows: Observed,
    signals: Iterable[Observed],
    header: Header,
    into: Builder,
    runs_of: RunsOf | None = None,
) -> None:
    """Asks for, or tells of, the columns in `marks` that may name patients.

    Args:
        rows: all rows. signals: the values of each signal.
        runs_of: the runs of a mark's codes in what was observed, and how many values have none; None: of lists.

    Raises:
        ChoiceNeeded: one of them tells patients apart, as it seems; the sentence names it.
    """
    named = bool(into.patients) and name_patients(
        [plain(header.names[place]) for place in header.who], len(into.patients) > 1
    )
    is_long = header.layout is Layout.LONG
    pairs = {column.name for column in into.mapping if column.note == SAYS_PAIR}
    if len(rows.times):
        for mark in marks:
            mark.reach(rows.rows[-1] + 1)
            mark.settle()
    held = [] if named and is_long else [_Judged(mark, named, is_long) for mark in marks if mark.name not in pairs]
    if held and len(rows.times):
        for one in held:
            one.look_at_rows(rows, runs_of or list_runs)
    held = [one for one in held if one.may_tell]
    if not held:
        return
    for observed in signals if any(one.needs_values for one in held) else ():
        for one in held:
            one.look_at(observed, runs_of or list_runs)
    asked = [one for one in held if one.said]
    if asked:
        raise max(asked, key=lambda one: len(one.texts)).question()
    if told := [one for one in held if one.is_told]:
        into.notice("patient-assumed", _sentence(told))


class _Judged:
    """One column, and what speaks for patients in it."""

    def __init__(self, mark: Mark, named: bool, is_long: bool) -> None:
        self.mark, self.said = mark, ""
        self._meaning = mark.meaning
        self.texts: list[str] = []
        self.may_tell = False
        self._named, self._is_long = named, is_long
        self._splits = not is_long
        self._is_measured, self._goes_back = False, False
        self._families: set[str] = set()
        self._apart: list[float] = []
        self._alone = ""
        self.needs_values, self._is_mostly_empty = True, False

    def look_at_rows(self, rows: Observed, runs_of: RunsOf) -> None:
        """What the column's values are like, and how they follow each other."""
        mark = self.mark
        runs, holes = runs_of(mark, rows)
        there = len(rows.times) - holes
        used = {run.code for run in runs} if len(runs) < MOST_RUNS else _used(mark, rows)
        self.texts = [text for code, text in enumerate(mark.texts) if code in used and code != NONE]
        if self._meaning is Meaning.OPEN and says_method(self.texts):
            self._meaning = Meaning.DEVICE
        if holes > there:
            self._look_below(rows)
            return
        if self._is_long:  # rows of one time are of one instant; a counter gives each a number of its own
            there = len({(time, mark.codes[row]) for time, row in zip(rows.times, rows.rows, strict=True)})
        # Patients have several rows each.
        if len(self.texts) < 2 or 2 * len(self.texts) > there:
            return
        self.may_tell = True
        # Times that ascend, and too few returns to say anything.
        self.needs_values = self._is_long or not rows.ascends or len(runs) - len(self.texts) >= FEWEST_RETURNS
        back = not rows.ascends and not holes and 3 * len(self.texts) <= there and not self._is_long
        self._goes_back = back and goes_back_with([mark.codes[row] for row in rows.rows], rows.times)
        self._is_measured = are_numbers(self.texts) and is_measured(runs, mark.texts)
        one_after_the_other = len(runs) == len(self.texts) and not self._named and self._meaning is Meaning.OPEN
        if one_after_the_other and look_like_identifiers(self.texts):
            step = usual_step(rows)
            pause = max(_PAUSE, _LONG_PAUSE * step)
            pauses = sum(later.begins - earlier.ends > pause for earlier, later in pairwise(runs))
            if 2 * pauses >= len(runs) - 1:
                self.said = f"long pauses stand where the column {mark.name!r} changes"
        if self._meaning is Meaning.OTHER and not self._goes_back:
            self.may_tell = self._is_long
        self._settle_back()

    def _look_below(self, rows: Observed) -> None:
        """Few cells, of which one stands in the first row: each may hold for the rows below it, up to the next."""
        mark, times = self.mark, rows.times
        if self._named or self._meaning is not Meaning.OPEN or mark.codes[rows.rows[0]] == NONE:
            return
        held = [(mark.codes[row], place) for place, row in enumerate(rows.rows) if mark.codes[row] != NONE]
        first = [next(same) for _, same in groupby(held, key=itemgetter(0))]
        codes, places = [code for code, _ in first], [place for _, place in first]
        if len(set(codes)) != len(codes) or len(codes) < 2 or len(times) < FEWEST * len(codes):
            return
        begins, back = set(places[1:]), set[int]()
        if not rows.ascends:
            back = {place for place in range(1, len(times)) if times[place] < times[place - 1] - instant.MINUTE}
        if back and back <= begins:
            self.said = f"the times go back where the column {mark.name!r}, which is mostly empty, holds something"
        self.may_tell, self.needs_values = bool(self.said) or look_like_identifiers(self.texts), False
        self._is_mostly_empty = self._splits = True

    def look_at(self, observed: Observed, runs_of: RunsOf) -> None:
        """How one signal's values go with the column."""
        mark = self.mark
        if self._is_mostly_empty:
            return
        if self._is_long and not observed.ascends and not self._goes_back:
            codes = [mark.codes[row] for row in observed.rows]
            self._goes_back = NONE not in codes and goes_back_with(codes, observed.times)
        if self._meaning is Meaning.OTHER:
            self._settle_back()
            return
        runs, _ = runs_of(mark, observed)
        if len({run.code for run in runs}) < 2:
            return
        self._splits = True
        found = returns_of(runs, apart=self._meaning is Meaning.DEVICE, least=_STEADY_SHARE)
        self._apart += found.apart
        self._settle_back()
        if not observed.ascends:
            self._look_at_instants(observed)
        self._look_at_returns(found, runs, observed.signal)

    def _look_at_instants(self, observed: Observed) -> None:
        """Values of one time: one person has not two of a signal."""
        found = together(self.mark.codes, observed)
        if found is None or not found.one_each or found.several < FEWEST or 2 * found.differing < found.several:
            return
        often = 2 * found.several >= found.times
        if not often and (self._named or 10 * found.adjacent < 9 * found.several):
            return
        if self._meaning is Meaning.DEVICE and median(found.apart) < _APART:
            return
        self.said = self.said or f"the rows of one time differ in the column {self.mark.name!r}"

    def _look_at_returns(self, found: Returns, runs: Sequence[Run], signal: str) -> None:
        """Values that are nearer to the last of their own than to the one before: a person's do not alternate so."""
        if self._named or signal in _NO_EVIDENCE:
            return
        if self._meaning is Meaning.DEVICE and median(found.apart) < _APART:
            return
        said = f"the values of {signal} jump with each change of the column {self.mark.name!r}"
        if found.is_steady:
            if found.is_clear(_STEADY_SHARE, 4):
                self.said = self.said or said
            return
        if are_flags(self.texts) or go_along(runs, self.mark.texts):
            return
        if found.is_clear(0.9, 4):
            self._families.add(
                "PRESSURE" if signal.endswith(("_SYS", "_DIA", "_MEAN")) else _FAMILY.get(signal, signal)
            )
        if found.is_clear(0.95, 5) and look_like_identifiers(self.texts):
            self._alone = said
        if len(self._families) > 1 or self._alone:
            self.said = self.said or said

    def _settle_back(self) -> None:
        if self._goes_back and (self._meaning is not Meaning.DEVICE or median(self._apart) >= _APART):
            self.said = self.said or f"the times go back where the column {self.mark.name!r} changes"

    @property
    def is_told(self) -> bool:
        """It changes, and nothing shows that it does not name patients."""
        if self._named or self._is_measured or not self._splits or self._meaning is Meaning.OTHER:
            return False
        return not are_flags(self.texts, words=True)

    def question(self) -> ChoiceNeeded:
        name = self.mark.name
        if self._is_mostly_empty:
            return ChoiceNeeded(
                f"{self.said}, as if {len(self.texts)} patients followed each other ({_shown(self.texts)}): say with"
                " --mapping [patient] one = true if all are one patient's, else fill the empty cells in",
                "patient_column",
                (ONE_PATIENT,),
                name,
            )
        if name.startswith("#"):
            how = "give this column a name of its own and say with --mapping that it is patient.column"
        else:
            how = f'say with --mapping [patient] column = "{name}"'
        return ChoiceNeeded(
            f"{self.said}, which may name {len(self.texts)} patients ({_shown(self.texts)}): {how}, or"
            " [patient] one = true if all are one patient's",
            "patient_column",
            (ONE_PATIENT,) if name.startswith("#") else (name, ONE_PATIENT),
            name,
        )


_FAMILY = {"PR": "RATE", "HR": "RATE"}


def _sentence(told: Sequence[_Judged]) -> str:
    # How many, not which: they may be names, and notices are kept.
    held = ", ".join(f"{one.mark.name!r} ({len(one.texts)} different cells)" for one in told[:_SHOWN])
    more = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    several = len(told) > 1
    return (
        f"all rows were taken to be one patient's, though the column{'s' if several else ''} {held}{more}"
        f" change{'' if several else 's'}: if {'one of them' if several else 'it'} names patients, say so with"
        f' --mapping, [patient] column = "{told[0].mark.name}"; if not, [patient] one = true'
    )


def _shown(texts: Sequence[str]) -> str:
    return ", ".join(text[:20] for text in texts[:_SHOWN]) + (", ..." if len(texts) > _SHOWN else "")


def _used(mark: Mark, rows: Observed) -> set[int]:
    if len(rows.times) == len(mark.codes):
        return set(mark.codes)
    return {mark.codes[row] for row in rows.rows}
