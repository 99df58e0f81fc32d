"""How a recording was understood, as HTML tables. Pure: every text of a file is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from dashboard.views.monitor_tables import STYLE
from devices.signals import SIGNALS

SHOWN = 200
"""So many columns are listed; a file of a whole operating room has some hundred."""

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_MARKS = {",": "comma", ".": "point"}


def understood(how: Mapping[str, Any], lasts: str) -> str:
    """What the file is: format, encoding, times and zone. `how` as in `Look`; `lasts`: from when to when."""
    time = how["time"]
    zone = ""
    if time["zone"]:
        zone = f"{time['zone']}{'' if time['zone_said'] else ' (assumed)'}"
    rows = [
        ("Files", ", ".join(how["files"])),
        ("Format", ", ".join(filter(None, (how["format"], how["layout"])))),
        ("Text", ", ".join(filter(None, (
            how["encoding"],
            f"{_DELIMITERS.get(how['delimiter'], how['delimiter'])} between cells" if how["delimiter"] else "",
            f"decimal {_MARKS.get(how['decimal_mark'], how['decimal_mark'])}" if how["decimal_mark"] else "",
            f"header in line {how['header_line']}" if how["header_line"] else "",
        )))),
        ("Times", ", ".join(filter(None, (
            " and ".join(time["columns"]), time["written"], time["date_order"],
            "without a date" if time["relative"] else "",
        )))),
        ("Zone of times without one", zone),
        ("From, to", lasts),
        ("Patients or cases", ", ".join(how["patients"])),
    ]  # fmt: skip
    return _table((), [(f'<td class="w soft">{escape(name)}</td>', _cell(text)) for name, text in rows if text])


def columns(how: Mapping[str, Any]) -> str:
    """What became of each column or track."""
    held = how["columns"]
    rows = [_column(each) for each in held[:SHOWN]]
    more = f'<p class="soft">and {len(held) - SHOWN} more columns</p>' if len(held) > SHOWN else ""
    return _table(("In the file", "Read as", "Unit", "Readings", ""), rows) + more


def _column(column: Mapping[str, Any]) -> tuple[str, ...]:
    note = column["note"] or ""
    name, signal = column["name"] or "(no name)", column["signal"] or ""
    if not column["used"]:
        return (
            _cell(name, "soft"),
            _cell("left out", "soft"),
            _cell(column["unit"] or "", "soft"),
            _cell("", "n"),
            _cell(note, "soft"),
        )
    readings = "" if column["readings"] is None else f"{column['readings']:,}"
    said = "" if signal else note
    usual = f"{SIGNALS[signal].unit} (not said)" if signal in SIGNALS else ""
    return (
        _cell(name), _cell(signal or said), _cell(column["unit"] or usual, "soft"),
        _cell(readings, "n"), _cell(note if signal else "", "soft"),
    )  # fmt: skip


def counts(how: Mapping[str, Any]) -> str:
    """How many rows were read, used, and refused for which reason."""
    counted = how["counts"]
    rows = [
        ("Rows or records read", counted["rows"]),
        ("that gave a value", counted["used"]),
        ("Readings", counted["readings"]),
        ("Cuff values shown again, counted once", counted["repeats"]),
        *((f"Refused: {reason}", count) for reason, count in counted["refused"].items()),
    ]
    return _table((), [(_cell(name), _cell(f"{count:,}", "n")) for name, count in rows if count or name == "Readings"])


_OPTION = re.compile(r"say --[a-z-]+")


def notices(how: Mapping[str, Any], most: int = 30) -> str:
    """What the reader had to say, events of the file left aside."""
    told = [each for each in how["notices"] if each["kind"] != "device-event"]
    # The reader names options of the command; here their places are further down.
    rows = [(_cell(each["kind"], "w soft"), _cell(_OPTION.sub("say so below", each["text"]))) for each in told[:most]]
    if len(told) > most:
        rows.append((_cell("", "w"), _cell(f"and {len(told) - most} more")))
    return _table((), rows) if rows else ""


def _cell(text: str, kind: str = "") -> str:
    return f'<td class="{kind}">{escape(text)}</td>'


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    names = "".join(f"<th>{escape(each)}</th>" for each in head)
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return f'{STYLE}<div class="rw-table"><table>{f"<tr>{names}</tr>" if head else ""}{body}</table></div>'
