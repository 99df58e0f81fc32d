"""The rows of a text table: cut into cells, counted against the header, refused where they do not fit.

A logger that was restarted writes a new header, possibly with other columns, in the middle of the file; each
header begins a segment of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from devices.errors import ChoiceNeeded, RecordingError
from devices.recordings.header import Header, read_header, with_units
from devices.recordings.names import plain
from devices.recordings.recording import Builder, Options
from devices.recordings.texts import cells
from devices.recordings.times import kind_of

VSCAPTURE = "VitalSignsCapture"
QUEENSLAND = ("time", "relativetimemilliseconds", "clock")
"""The header of the University of Queensland's data begins so; its rows end in texts with commas, not quoted."""

LEADING = 7
"""Of a VSCapture row whose length differs from its header's, only so many leading fields are where it says."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row that fits its header: its number in the file's data (0 is the first), its time as written, its cells."""

    number: int
    time: str
    cells: Sequence[str]
    header: Header


def is_vscapture(lines: Sequence[str], header: Header) -> bool:
    """The preamble says that VSCapture for GE Datex monitors wrote this file."""
    return any(line.lstrip("\ufeff").startswith(VSCAPTURE) for line in lines[: header.line])


def read_rows(lines: Sequence[str], header: Header, options: Options, into: Builder) -> list[Row]:
    """All rows under `header` that fit; what does not is refused in `into`.

    Raises:
        RecordingError: more rows than are read.
    """
    loose = is_vscapture(lines, header)
    rows: list[Row] = []
    number = -1
    blank = f'{header.delimiter} \t"\ufeff'  # spreadsheets pad a table with rows of empty cells
    last = next((place for place in range(len(lines) - 1, -1, -1) if lines[place].strip("\x00 \t")), -1)
    for place in range(header.line + 1, len(lines)):
        line = lines[place]
        if not line.strip(blank):
            continue
        number += 1
        if number >= options.limits.rows:
            raise RecordingError(f"the table has more than {options.limits.rows} rows: cut it into shorter ones")
        cut = place == last and place == len(lines) - 1
        got = _fitting(line, header, into, number, loose, cut)
        if got is None:
            continue
        mark = got[header.time[0]]
        if not mark[:1].isdigit() and plain(mark) == plain(header.names[header.time[0]]):
            number -= 1
            header = _restarted(line, header, options, into, number)
            continue
        if not rows and number == 0 and (units := _units_row(got, header, options)):
            number, header = -1, units
            continue
        rows.append(Row(number, " ".join(got[index] for index in header.time).strip(), got, header))
    into.counts.rows = number + 1
    return rows


def _units_row(got: Sequence[str], header: Header, options: Options) -> Header | None:
    if kind_of(" ".join(got[index] for index in header.time).strip()) is not None:
        return None
    return with_units(header, got, options)


def _fitting(line: str, header: Header, into: Builder, number: int, loose: bool, cut: bool) -> list[str] | None:
    raw = line.encode(errors="replace")
    if "\x00" in line:
        into.refuse("with NUL bytes", f"row {number + 1} holds NUL bytes (a power loss?)", row=number, raw=raw)
        return None
    try:
        got = cells(line, header.delimiter)
    except ValueError as error:
        into.refuse("not readable", f"row {number + 1}: {error}", row=number, raw=raw)
        return None
    wanted = len(header.names)
    if len(got) == wanted or (len(got) > wanted and not any(got[wanted:])):
        return got
    if plain(got[0]) == plain(header.names[0]) and header.time[0] == 0:
        return got
    if len(got) > wanted and tuple(plain(name) for name in header.names[:3]) == QUEENSLAND:
        return got[:wanted]
    if loose and len(got) >= LEADING:
        return [*got[:LEADING], *[""] * (wanted - LEADING)]
    if cut and len(got) < wanted:
        into.counts.refuse("cut")
        into.notice("incomplete", f"the last row is cut: {len(got)} of {wanted} fields", row=number, raw=raw[:200])
        return None
    text = f"row {number + 1} has {len(got)} fields under a header of {wanted}"
    into.refuse("of another length", text, row=number, raw=raw)
    return None


def _restarted(line: str, header: Header, options: Options, into: Builder, number: int) -> Header:
    found = read_header(line, header.line, header.delimiter, options)
    if found is None or found.layout is not header.layout:
        raise RecordingError(
            f"after row {number + 1} comes another header that is not understood: {line.strip()[:60]!r}"
        )
    if found.names != header.names:
        text = f"a new header with other columns follows row {number + 1} (the logger was restarted)"
        into.notice("device-event", text, row=max(number, 0))
        into.mapping += [column for column in found.columns if column.name not in header.names]
    return found


def of_patient(rows: Sequence[Row], header: Header, options: Options, into: Builder) -> list[Row]:
    """The rows of the one patient that is to be read.

    Raises:
        ChoiceNeeded: the table holds several and none was chosen.
        RecordingError: the chosen one is not among them, or the table names none.
    """
    if not header.who:
        if options.patient is not None:
            raise RecordingError("the recording does not say whose values these are: leave --patient out")
        return list(rows)
    named = [tuple(row.cells[index] for index in header.who) for row in rows]
    chosen = chosen_patient(Counter(named), options, into)
    return [row for row, names in zip(rows, named, strict=True) if names in chosen]


def chosen_patient(
    named: Mapping[tuple[str, ...], int], options: Options, into: Builder
) -> Collection[tuple[str, ...]]:
    """Which of `named` are read: what the columns that name patients hold, and in how many rows.

    Raises:
        ChoiceNeeded: they are of several patients and none was chosen.
        RecordingError: the chosen one is not among them.
    """
    if not named:
        return named
    held = [sorted(set(column)) for column in zip(*named, strict=True)]
    # A patient may have had several operations, each with its own start: the finest column tells recordings apart.
    finest = max(range(len(held)), key=lambda place: len(held[place]))
    into.patients = tuple(held[finest])
    if options.patient is None:
        if len(held[finest]) > 1:
            shown = ", ".join(held[finest][:8]) + (", ..." if len(held[finest]) > 8 else "")
            raise ChoiceNeeded(
                f"the recording holds {len(held[finest])} patients or cases: say --patient, one of {shown}"
            )
        return named
    for place in sorted(range(len(held)), key=lambda place: -len(held[place])):
        chosen = {names for names in named if names[place] == options.patient}
        if not chosen:
            continue
        mine = {names[finest] for names in chosen}
        if len(mine) > 1:
            raise ChoiceNeeded(
                f"{options.patient} has {len(mine)} cases: say --patient, one of {', '.join(sorted(mine))}"
            )
        if others := sum(count for names, count in named.items() if names not in chosen):
            into.counts.refuse("of other patients", others)
        return chosen
    raise RecordingError(
        f"the recording holds no patient {options.patient!r}: say --patient, one of {', '.join(held[finest][:8])}"
    )


def steps_back(times: Iterator[int] | Sequence[int]) -> int:
    """How often a time is more than a second before the one in the row above."""
    count, before = 0, None
    for time in times:
        if before is not None and time < before - 1_000_000:
            count += 1
        before = time
    return count
