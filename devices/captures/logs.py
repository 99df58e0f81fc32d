"""Logs of terminal programs and sniffers: lines with a time, mostly a direction, and bytes as hex or as text.

Read are the forms of Docklight, CoolTerm, HTerm, RealTerm, Tera Term, the Arduino monitor and the like (a time in
front of each line), and those with a line of time and direction above lines of bytes (jpnevulator, socat -x).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from datetime import tzinfo

from devices import instant
from devices.captures.capture import Capture, Piece, of_two_sides
from devices.errors import CaptureError
from devices.instant import HOUR, MINUTE, SECOND

DAY = 24 * HOUR

_TIME = (
    r"(?:(?:(?P<year>\d{4})[-/.](?P<month>\d{2})[-/.](?P<day>\d{2})"
    r"|(?P<one>\d{1,2})(?P<mark>[-/.])(?P<two>\d{1,2})(?P=mark)(?P<last>\d{4}))(?:[T ]|, ?) ?)?"
    r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d):(?P<second>[0-5]\d(?:[.,:]\d{1,9})?)"
    r"(?P<zone>Z|[+-][01]\d:?[0-5]\d)?"
    r"|(?P<epoch>1\d{9}\.\d{1,9})"
)
_WAY = r"RX|TX|RECEIVED|RECV|READ|SENT|SEND|WRITE|<-|->|<<<|>>>|<<|>>|<|>"
_LOG_LINE = re.compile(
    rf"\s*(?P<open>[\[(])?(?:{_TIME})(?(open)[\])])[:;,]?\s*"
    rf"(?P<mark_open>[\[(])?(?P<way>{_WAY})(?(mark_open)[\])](?:\s*-(?=\s))?):?(?P<rest>\s.*|)",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
_TIMED_LINE = re.compile(
    rf"\s*(?P<open>[\[(])?(?:{_TIME})(?(open)[\])])[:;,]?(?P<rest>\s.*|)", re.IGNORECASE | re.ASCII | re.DOTALL
)
_HEX = re.compile(r"(?:0x)?[0-9a-f]{2}(?:[\s,:;-]*(?:0x)?[0-9a-f]{2})*[\s,;]*", re.IGNORECASE | re.ASCII)
_LITERAL = re.compile(r"b(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")", re.ASCII)
_CONTROLS = [
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR", "SO", "SI",
    "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
]  # fmt: skip
"""The characters 0 to 31 in order."""

_NAMES = {name.lower(): chr(code) for code, name in enumerate(_CONTROLS)} | {
    "del": "\x7f", "xon": "\x11", "xoff": "\x13", "tab": "\t", "sp": " ", "space": " ",
    "r": "\r", "n": "\n", "t": "\t", "0": "\0",
}  # fmt: skip
# A backslash escape is small: HL7's own (\T\, \X0D\) are large and stand for themselves.
_NAMED_BYTE = re.compile(
    rf"<({'|'.join((*_CONTROLS, 'DEL', 'XON', 'XOFF', 'TAB', 'SP', 'SPACE'))})>|<(0x[0-9A-Fa-f]{{2}})>"
    r"|\\(r|n|t|0|x[0-9a-fA-F]{2})",
    re.ASCII,
)
_LINE_END = re.compile(r"<(?:CR|LF|FS|0x0[DdAa])>|\\[rn]", re.ASCII)
_HEAD = 16_384
_RECEIVED = ("RX", "RECEIVED", "RECV", "READ", "<-", "<<", "<<<", "<")
_ARROWS = ("<-", "<<", "<<<", "<", "->", ">>", ">>>", ">")

_SOCAT = re.compile(rf"(?P<side>[<>]) (?:{_TIME})\s+length=(?P<length>\d+) from=\d+ to=\d+\s*", re.ASCII)
_JPNEVULATOR = re.compile(rf"(?:{_TIME}):(?:\s+(?P<side>\S+))?\s*", re.ASCII)
_BYTE = re.compile(r"\s?([0-9A-Fa-f]{2})(?=\s|$)", re.ASCII)


def log(content: bytes, zone: tzinfo, start: int | None, path: object) -> Capture | None:
    """A log with a time in front of each line, one piece a line; None if this is none.

    Times of day may pass midnight; a date is in the line or comes from `start`. Bytes are hex, or else the text
    itself, ended by CR where the log shows no end.

    Raises:
        CaptureError: it holds nothing but what was sent to the monitor.
    """
    first = first_lines(content)
    for pattern in (_LOG_LINE, _TIMED_LINE):
        if first and sum(pattern.fullmatch(line) is not None for line in first) >= len(first) / 2:
            break
    else:
        return None
    found = [(number, line, pattern.fullmatch(line)) for number, line in enumerate(text_of(content), 1) if line.strip()]
    head = found[:50]
    has_ways = pattern is _LOG_LINE
    rests = [match["rest"].strip() for _, _, match in found if match is not None and match["rest"].strip()]
    is_hex = bool(rests) and all(_HEX.fullmatch(rest) for rest in rests)
    is_literal = bool(rests) and all(_LITERAL.fullmatch(rest) for rest in rests)
    shows_ends = any(_LINE_END.search(rest) for rest in rests)
    if not has_ways and not is_hex and not is_literal and not _is_a_logs_time(head):
        # A monitor's own rows begin so.
        return None
    ways = {match["way"].upper() for _, _, match in found if match is not None} if has_ways else set()
    # One arrow alone points from the monitor, whichever way: nobody logs only what was sent.
    is_all_received = not has_ways or (len(ways) == 1 and ways <= set(_ARROWS))
    if has_ways and not is_all_received and not ways & set(_RECEIVED):
        raise CaptureError(
            f"{path} holds only what was sent ({', '.join(sorted(ways))}): if that is the monitor's side, "
            "replace the mark by RX"
        )
    clock = _Clock(zone, start, [match for _, _, match in found if match is not None])
    capture = Capture([], relative=clock.relative)
    capture.damage += clock.damage
    received = True
    for number, line, match in found:
        if match is None:
            data = _hex_bytes(line) if is_hex and _HEX.fullmatch(line.strip()) else None
            if data is None or not (capture.pieces or capture.sent):
                capture.damage.append(("row-refused", f"line {number} is no line of a log and was left out"))
            elif received:
                last = capture.pieces[-1]
                capture.pieces[-1] = Piece(last.data + data, last.at)
            else:
                capture.sent += len(data)
            continue
        try:
            at = clock.at(match)
        except ValueError:
            capture.damage.append(("row-refused", f"line {number} has no date that exists and was left out"))
            continue
        data = _bytes_of(match["rest"], is_hex, is_literal, shows_ends)
        received = is_all_received or match["way"].upper() in _RECEIVED
        if received:
            capture.pieces.append(Piece(data, at))
        else:
            capture.sent += len(data)
    return capture


def headed_log(content: bytes, zone: tzinfo, start: int | None, path: object) -> Capture | None:
    """A log with a line of time and side above lines of hex bytes, as jpnevulator and socat -x write; None if none.

    Raises:
        CaptureError: its bytes are not hex.
    """
    first = first_lines(content)
    pattern = next((each for each in (_SOCAT, _JPNEVULATOR) if first and each.fullmatch(first[0])), None)
    if pattern is None or len(first) < 2:
        return None
    lines = [(number, line) for number, line in enumerate(text_of(content), 1) if line.strip()]
    if not _BYTE.match(lines[1][1]):
        raise CaptureError(f"{path} is a log whose bytes are not hex: log with hex bytes (socat -x)")
    heads = {number: match for number, line in lines if (match := pattern.fullmatch(line)) is not None}
    clock = _Clock(zone, start, list(heads.values()))
    damage = list(clock.damage)
    parts: list[tuple[str, Piece]] = []
    left = 0
    for number, line in lines:
        head = heads.get(number)
        try:
            if head is not None:
                if left:
                    damage.append(("row-refused", f"bytes are missing before line {number}"))
                left = int(head["length"]) if pattern is _SOCAT else 0
                parts.append((head["side"] or "", Piece(b"", clock.at(head))))
                continue
        except ValueError:
            damage.append(("row-refused", f"line {number} has no date that exists and was left out"))
            continue
        if line == "--" or not parts:
            continue
        data = _bytes_before_text(line, left if pattern is _SOCAT else 16)
        left -= len(data) if pattern is _SOCAT else 0
        if not data:
            damage.append(("row-refused", f"line {number} is no line of a log and was left out"))
        side, last = parts[-1]
        parts[-1] = (side, Piece(last.data + data, last.at))
    capture = of_two_sides(parts)
    capture.relative = clock.relative
    capture.damage[:0] = damage
    return capture


def _bytes_before_text(line: str, most: int) -> bytes:
    """The hex bytes at the beginning of `line`, at most so many: the same bytes as text may follow."""
    data, place = bytearray(), 0
    while len(data) < most and (match := _BYTE.match(line, place)) is not None:
        data += bytes.fromhex(match[1])
        place = match.end()
    return bytes(data)


def first_lines(content: bytes) -> list[str]:
    """The first lines of a text file that are not blank, fifty at most: enough to tell what it is."""
    lines = text_of(content[:_HEAD])
    if len(content) > _HEAD and len(lines) > 1:
        lines.pop()  # cut
    return [line for line in lines if line.strip()][:50]


def text_of(content: bytes) -> list[str]:
    """The lines of a text file. Not `splitlines`: the marks of MLLP would end lines."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    lines = text.split("\n" if "\n" in text else "\r")
    return [line.rstrip("\r") for line in lines]


def _is_a_logs_time(head: Sequence[tuple[int, str, re.Match[str] | None]]) -> bool:
    """Whether the times are such as no monitor prints: in brackets, or a date with the year first and its time."""
    return all(match["open"] or match["year"] or match["epoch"] for _, _, match in head if match is not None)


class _Clock:
    """The instants of a log's lines, by their dates, by `start`, or from the log's first midnight."""

    def __init__(self, zone: tzinfo, start: int | None, found: Sequence[re.Match[str]]) -> None:
        self.damage: list[tuple[str, str]] = []
        self._zone = zone
        self._order = _order_of(found)
        has_dates = any(match["year"] or match["epoch"] for match in found)
        if self._order == "?":
            self.damage.append((
                "ignored",
                "the dates leave open whether day or month comes first: they were left out, give the day with --start",
            ))  # fmt: skip
        self.relative = start is None and not has_dates and self._order in ("", "?")
        self._day, self._previous = 0, -1
        first = next((self._of_day(match) for match in found if match["hour"]), 0)
        self._base = 0 if start is None else _midnight(start, first, zone)

    def at(self, match: re.Match[str]) -> int:
        """The instant of a line.

        Raises:
            ValueError: a date that does not exist.
        """
        if match["epoch"]:
            return instant.parse_relative(match["epoch"])
        moment = self._of_day(match)
        date = ""
        if match["year"]:
            date = f"{match['year']}-{match['month']}-{match['day']}"
        elif match["last"] and self._order in ("dm", "md"):
            day, month = (match["one"], match["two"]) if self._order == "dm" else (
                match["two"], match["one"])  # fmt: skip
            date = f"{match['last']}-{month:0>2}-{day:0>2}"
        if date:
            offset = match["zone"] or ""
            self._base, self._day = instant.parse(f"{date}T00:00{offset}", self._zone), 0
            try:
                at = instant.parse(f"{date}T{match['hour']:0>2}:{match['minute']}{offset}", self._zone)
            except instant.ClockChange:
                pass  # counted on from midnight
            else:
                self._base = at - moment // MINUTE * MINUTE
        elif self._previous >= 0 and moment < self._previous - DAY // 2:
            self._day += DAY
        self._previous = moment
        return self._base + self._day + moment

    def _of_day(self, match: re.Match[str]) -> int:
        whole, _, fraction = match["second"].replace(",", ".").replace(":", ".").partition(".")
        seconds = instant.parse_relative(f"{whole}.{fraction or 0}")
        return int(match["hour"]) * HOUR + int(match["minute"]) * MINUTE + seconds


def _order_of(found: Sequence[re.Match[str]]) -> str:
    """How dates with the year last are written: ``dm``, ``md``, ``?`` where they leave it open, "" without any."""
    dates = [match for match in found if match["last"]]
    if not dates:
        return ""
    if any(match["mark"] == "." for match in dates):
        return "dm"
    first = any(int(match["one"]) > 12 for match in dates)
    second = any(int(match["two"]) > 12 for match in dates)
    return "dm" if first and not second else "md" if second and not first else "?"


def _bytes_of(rest: str, is_hex: bool, is_literal: bool, shows_ends: bool) -> bytes:
    """The bytes of one line. `shows_ends`: the log shows where rows end, so that a line of it is no row; the blank
    that parts it from the mark would then fall into a row that was logged in two pieces."""
    if is_hex:
        return _hex_bytes(rest)
    if is_literal:
        return literal(rest.strip())
    text = _NAMED_BYTE.sub(_named_byte, rest[1:] if shows_ends and rest[:1].isspace() else rest)
    if text.strip() and not shows_ends and not text.endswith(("\r", "\n", "\x1c")):
        text += "\r"
    return text.encode("latin-1", "replace")


def _hex_bytes(text: str) -> bytes:
    return bytes.fromhex("".join(re.findall(r"(?:0[xX])?([0-9A-Fa-f]{2})", text)))


def literal(text: str) -> bytes:
    """The bytes that Python writes so: ``b'\\x55\\xaa'``; none if it does not."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return b""
    return value if isinstance(value, bytes) else b""


def _named_byte(match: re.Match[str]) -> str:
    name = (match[1] or match[2] or match[3]).lower()
    if name.startswith("0x"):
        return chr(int(name[2:], 16))
    return chr(int(name[1:], 16)) if name.startswith("x") else _NAMES[name]


def _midnight(start: int, first: int, zone: tzinfo) -> int:
    """The midnight from which the first line, at the time of day `first`, lies nearest to `start`.

    A `start` that is midnight itself is a date alone: the day that begins then.
    """
    local = instant.to_datetime(start, zone)
    passed = local.hour * HOUR + local.minute * MINUTE + local.second * SECOND + local.microsecond
    base = start - passed
    if not passed:
        return base
    return min((base - DAY, base, base + DAY), key=lambda each: abs(each + first - start))
