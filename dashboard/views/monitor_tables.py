"""Tables of what monitors do, as HTML. Pure: every text of a device or a person is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from dashboard.store.records import Bed, BedState, StoredNotice
from dashboard.views.times import clock_text, moment_text
from devices.instant import HOUR, MINUTE, SECOND
from devices.reading import KINDS, Reading
from devices.signals import SIGNALS

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
.rw-state {white-space: nowrap; font-weight: 700;}
.rw-state::before {content: ""; display: inline-block; width: 0.72em; height: 0.72em; margin-right: 0.45em;}
.rw-connected::before {background: var(--accent); border-radius: 50%;}
.rw-connecting::before {border: 0.16em solid var(--soft); border-radius: 50%;}
.rw-quiet {color: var(--medium-t);}
.rw-quiet::before {background: var(--medium-t); clip-path: polygon(50% 0, 100% 100%, 0 100%);}
.rw-lost, .rw-unknown {color: var(--high-t);}
.rw-lost::before, .rw-unknown::before {background: var(--high-t);
  clip-path: polygon(15% 0, 50% 35%, 85% 0, 100% 15%, 65% 50%, 100% 85%, 85% 100%, 50% 65%, 15% 100%, 0 85%, 35% 50%,
  0 15%);}
.rw-tag {border: 1px dashed var(--replay-t); color: var(--replay-t); border-radius: 0.3rem; padding: 0 0.4rem;
  font-weight: 700; font-size: 0.8rem; white-space: nowrap;}
</style>
"""

Rates = Mapping[int, tuple[float, float]]
"""Bytes and frames a second, by bed."""


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


def hex_text(raw: bytes, most: int = 64) -> str:
    """The bytes as a person reads them in a manual; a longer run is cut, and said to be."""
    text = raw[:most].hex(" ").upper()
    return text if len(raw) <= most else f"{text} ... ({len(raw)} bytes)"


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


def monitors(beds: Sequence[Bed], states: Mapping[int, BedState], now: int, running: bool, rates: Rates) -> str:
    """Every bed's monitor: port, protocol, state and why, counters with what they gain a second, age of the last frame.

    Args:
        running: whether the watch runs; without it nobody knows how a port stands.
    """
    rows = []
    for bed in beds:
        state = states.get(bed.id)
        word = (state.monitor if state else "connecting") if running else "unknown"
        why = state.text if state is not None and running else "" if running else "the watch is not running"
        rate = rates.get(bed.id)
        rows.append(
            [
                f'<span class="w">{escape(bed.name)}</span>{_tag(bed.mode)}',
                escape(bed.protocol),
                f"<code>{escape(bed.port)}</code>",
                f'<span class="rw-state rw-{word}">{"not known" if word == "unknown" else word}</span>',
                escape(why),
                _count(state.bytes_in if state else 0, rate[0] if rate else None),
                _count(state.frames if state else 0, rate[1] if rate else None),
                f"{state.rejected if state else 0:,}",
                age_text(None if state is None or state.last_frame is None else now - state.last_frame),
            ]
        )
    heads = ("Bed", "Protocol", "Port", "State", "Why", "Bytes", "Frames", "Rejected", "Last frame")
    return STYLE + table(heads, rows, numeric=(5, 6, 7, 8))


def _tag(mode: str) -> str:
    return "" if mode == "live" else f' <span class="rw-tag">{escape(mode.upper())}</span>'


def _count(count: int, rate: float | None) -> str:
    gained = "" if rate is None else f'<br><span class="soft">{rate:,.0f}/s</span>'
    return f"{count:,}{gained}"


def rates_between(
    before: tuple[int, Mapping[int, BedState]] | None, now: int, states: Mapping[int, BedState]
) -> dict[int, tuple[float, float]]:
    """What the counters gained a second since `before` (its instant and states); nothing where one began anew."""
    if before is None or now - before[0] < SECOND // 2:
        return {}
    seconds = (now - before[0]) / SECOND
    found = {}
    for bed_id, state in states.items():
        old = before[1].get(bed_id)
        if old is not None and state.bytes_in >= old.bytes_in and state.frames >= old.frames:
            found[bed_id] = ((state.bytes_in - old.bytes_in) / seconds, (state.frames - old.frames) / seconds)
    return found


def heard(readings: Iterable[Reading], bed_now: int) -> str:
    """The last value of each source of each signal, with its status and age."""
    order = {name: at for at, name in enumerate(SIGNALS)}
    rows = [
        [
            escape(SIGNALS[each.signal].label if each.signal in SIGNALS else each.signal),
            "none" if each.value is None else f"{each.value:g}",
            escape(each.unit),
            escape(each.status.value.replace("_", " ")),
            age_text(bed_now - each.time),
            f"<code>{escape(each.source)}</code>",
        ]
        for each in sorted(readings, key=lambda each: (order.get(each.signal, 99), each.source))
    ]
    return STYLE + table(("Signal", "Last value", "Unit", "Status", "Age", "Source"), rows, numeric=(1, 4))


def notices(found: Iterable[tuple[StoredNotice, bytes]], zone: str, today: int) -> str:
    """Notices, newest first, with the bytes concerned as hex."""
    rows = []
    for notice, raw in found:
        about = " ".join(part for part in (notice.signal, notice.code) if part)
        bytes_ = f"<br><code>{hex_text(raw)}</code>" if raw else ""
        is_today = abs(today - notice.time) < _DAY
        at = clock_text(notice.time, zone) if is_today else moment_text(notice.time, zone)
        rows.append(
            [
                f'<span class="w">{at}</span>',
                f'<span class="w" title="{escape(KINDS.get(notice.kind, ""))}">{escape(notice.kind)}</span>',
                escape(notice.text) + bytes_,
                escape(about),
                f"<code>{escape(notice.source)}</code>",
            ]
        )
    return STYLE + table(("Time", "Kind", "What", "About", "Source"), rows)
