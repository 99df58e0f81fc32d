"""Hex dumps: of xxd, hexdump, od and Wireshark, with offsets; arrays of C; and plain hex text.

The offsets say how many bytes a line holds, so that no letter of the text beside them is taken for a byte; a dump
whose offsets and bytes do not agree is no dump. Words of two or four bytes are in the order in which the program
that wrote them has them, told by the text beside them, else by the colon of xxd.
"""

from __future__ import annotations

import re

from msgspec import Struct

from devices.captures.capture import Capture, Piece, of_two_sides
from devices.captures.packets import read_frames
from devices.errors import CaptureError

_LINE = re.compile(r"([ \t]*)(?:0x)?([0-9A-Fa-f]{4,16})(:?)(?:[ \t]+(\S.*)|[ \t]*)", re.ASCII)
_TOKEN = re.compile(r"[ \t]*-?[ \t]?([0-9A-Fa-f]+)(?=\s|$|-)", re.ASCII)
_ARRAY = re.compile(r"\b(\w+)\s*\[[^\]\n]*\]\s*=\s*\{([^{}]*)\}", re.ASCII)
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_NUMBER = re.compile(r"0[xX][0-9A-Fa-f]{1,2}", re.ASCII)

FEWEST = 0.5
"""So many of a file's lines at least are lines of the dump, or it is none."""


class _Row(Struct, frozen=True):
    number: int
    side: str
    offset: str
    colon: str
    body: str
    """What stands behind the offset, one blank before it; "" in the line that ends a dump."""


class _Held(Struct, frozen=True):
    """The bytes of one line: as its digits stand, and with the bytes of each word turned round; the text beside."""

    as_written: bytes
    turned: bytes
    beside: str = ""

    def repeated(self, size: int) -> _Held:
        """So many bytes of it, over and over."""
        times = size // len(self.as_written) + 1
        return _Held((self.as_written * times)[:size], (self.turned * times)[:size])


def dump_with_offsets(text: str, path: object) -> Capture | None:
    """The bytes of a dump whose lines begin with offsets, None if `text` is none. Sides as Wireshark indents them.

    Raises:
        CaptureError: it is a dump of another notation than hexadecimal bytes or words.
    """
    head = [line for line in text[:5000].split("\n")[:20] if line.strip()]
    if sum(_LINE.fullmatch(line) is not None for line in head) < len(head) / 2:
        return None
    rows, skipped = _rows(text)
    if not rows or len(rows) < FEWEST * (len(rows) + len(skipped)):
        return None
    for base in (16, 8):
        blocks = _blocks(rows, base)
        if blocks is None:
            continue
        held = [(side, block) for side, block in blocks if block is not None]
        if len(held) == len(blocks):
            is_turned = _is_turned([block for _, block in held], bool(rows[0].colon))
            if is_turned is None:
                return None
            parts = [(side, block.turned if is_turned else block.as_written) for side, block in held]
            capture = read_frames(_whole(parts, rows), path) or of_two_sides(
                (side, Piece(data, None)) for side, data in parts
            )
            capture.damage[:0] = [
                ("row-refused", f"line {number} is no line of a hex dump and was left out") for number in skipped
            ]
            return capture
        if any(row.body for row in rows) and len(rows) > 2:
            raise CaptureError(
                f"{path} is a dump, but not one of whole bytes in hexadecimal: make it with `xxd` or `hexdump -C`"
            )
    return None


def _whole(parts: list[tuple[str, bytes]], rows: list[_Row]) -> list[bytes]:
    """The blocks of a dump, a new one where the offsets begin again."""
    found: list[bytes] = []
    lines = (row for row in rows if row.body)
    for (_, data), row in zip(parts, lines, strict=True):
        if not int(row.offset, 16):
            found.append(b"")
        found[-1] += data
    return found


def _rows(text: str) -> tuple[list[_Row], list[int]]:
    rows: list[_Row] = []
    skipped: list[int] = []
    for number, line in enumerate(text.split("\n"), 1):
        line = line.rstrip("\r")
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        if match is not None:
            side = "the side that is indented" if match[1] else "the side that is not indented"
            rows.append(_Row(number, side, match[2], match[3], line[match.end(3) :]))
        elif line.strip() == "*" and rows:
            rows.append(_Row(number, rows[-1].side, "*", "", ""))
        else:
            skipped.append(number)
    return rows, skipped


def _blocks(rows: list[_Row], base: int) -> list[tuple[str, _Held | None]] | None:
    """The bytes of each run of offsets from 0 on, by side, in the order in which their lines stand.

    None where the offsets are none of this base; a block is None where its lines do not hold so many bytes.
    """
    columns = _hex_columns(rows, base)
    found: list[tuple[str, _Held | None]] = []
    expected: dict[str, int] = {}
    for place, row in enumerate(rows):
        if row.offset == "*":
            continue
        try:
            offset = int(row.offset, base)
        except ValueError:
            return None
        if offset not in (expected.get(row.side, 0), 0):
            return None
        following, is_repeated = _following(rows, place, base)
        if not row.body:
            # The offset that ends a dump of hexdump or od.
            if following:
                return None
            continue
        if following is not None and following <= offset:
            following = None  # another block begins
        size = None if following is None else following - offset
        data = _line_bytes(row, size, columns.get((row.side, row.colon)), is_repeated)
        if data is None and size is not None and base == 16 and row.offset.isdigit():
            return None  # octal, perhaps
        if size is None:
            size = len(data.as_written) if data is not None else 0
        elif data is not None and is_repeated:
            data = data.repeated(size)
        expected[row.side] = offset + size
        found.append((row.side, data))
    return found


def _following(rows: list[_Row], place: int, base: int) -> tuple[int | None, bool]:
    """The next offset of the side of the row at `place`, and whether lines like it were left out until there."""
    is_repeated = False
    for row in rows[place + 1 :]:
        if row.side != rows[place].side:
            continue
        if row.offset == "*":
            is_repeated = True
            continue
        try:
            return int(row.offset, base), is_repeated
        except ValueError:
            return None, is_repeated
    return None, is_repeated


def _hex_columns(rows: list[_Row], base: int) -> dict[tuple[str, str], int]:
    """How wide the part with the bytes is, by what the full lines hold: needed where no next offset says it."""
    widest: dict[tuple[str, str], int] = {}
    for place, row in enumerate(rows):
        following, is_repeated = _following(rows, place, base) if row.offset != "*" and row.body else (None, True)
        if following is None or is_repeated:
            continue
        try:
            size = following - int(row.offset, base)
        except ValueError:
            continue
        end = _end_of(row.body, size) if size > 0 else None
        if end is not None:
            key = (row.side, row.colon)
            widest[key] = max(end, widest.get(key, 0))
    return widest


def _end_of(body: str, size: int) -> int | None:
    """Where in `body` its first `size` bytes end. The last word of a dump may be filled up."""
    place = count = width = 0
    while count < size:
        match = _TOKEN.match(body, place)
        if match is None or len(match[1]) % 2:
            return None
        width = len(match[1]) // 2
        count += width
        place = match.end()
    return place if count - size < max(width, 1) else None


def _line_bytes(row: _Row, size: int | None, width: int | None, is_repeated: bool) -> _Held | None:
    """The bytes of one line, `size` of them if that is known, None if it does not hold them."""
    body = row.body
    if size is not None and not is_repeated:
        end = _end_of(body, size)
        if end is None:
            return None
    elif width is not None:
        end = min(width, len(body.rstrip()))
    else:
        # The only line: the bytes end where two blanks are followed by more than bytes, or a second time.
        end = _end_alone(body)
    tokens = [match[1] for match in _TOKEN.finditer(body[:end])]
    if not tokens or re.sub(r"[ \t-]", "", body[:end]) != "".join(tokens):
        return None
    length = len(tokens[0])
    if length not in (2, 4, 8, 16) or any(len(each) != length for each in tokens[:-1]) or len(tokens[-1]) % 2:
        return None
    if len(tokens[-1]) > length:
        return None
    turned = b"".join(bytes.fromhex(each)[::-1] for each in tokens)
    as_written = bytes.fromhex("".join(tokens))
    if size is not None and not is_repeated:
        as_written, turned = as_written[:size], turned[:size]
    return _Held(as_written, turned, body[end:].strip())


def _is_turned(held: list[_Held], has_colon: bool) -> bool | None:
    """Whether words are written with their bytes turned round; None if the text beside them is of other bytes."""
    if all(each.as_written == each.turned for each in held):
        return False
    beside = [each for each in held if each.beside]
    if not beside:
        return not has_colon
    for is_turned in (False, True):
        if all(_agrees(each.turned if is_turned else each.as_written, each.beside) for each in beside):
            return is_turned
    return None


def _end_alone(body: str) -> int:
    gaps = [match.start() for match in re.finditer(r"(?<=\S)[ \t]{2,}(?=\S)", body)]
    bar = re.search(r"[ \t]+[|>]", body)
    ends = [gap for gap in gaps if _holds_bytes(body[:gap])]
    if bar is not None:
        return bar.start()
    if ends and len(body[: ends[0]].split()) == 8 and len(ends) > 1:
        return ends[1]  # a wider gap after eight bytes
    if ends and not (len(body[: ends[0]].split()) == 8 and _holds_bytes(body)):
        return ends[0]
    return len(body.rstrip())


def _holds_bytes(text: str) -> bool:
    return all(re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", each) for each in text.split())


def _agrees(data: bytes, beside: str) -> bool:
    """Whether the text beside the bytes `data` is theirs; what is no letter there is a dot or a blank."""
    shown = "".join(chr(byte) for byte in data if 0x21 <= byte <= 0x7E and byte != 0x2E)
    return shown in re.sub(r"[^\x21-\x7E]|\.", "", beside)


def arrays_of_c(text: str) -> Capture | None:
    """The bytes of arrays in C, such as `xxd -i` and Wireshark write; None if `text` has none.

    Wireshark names them by the side that sent them: ``peer0_3``.
    """
    if "{" not in text[:5000]:
        return None
    plain = _COMMENT.sub(" ", text)
    parts: list[tuple[str, Piece]] = []
    for name, body in _ARRAY.findall(plain):
        numbers = [each.strip() for each in body.split(",") if each.strip()]
        if not numbers or not all(_NUMBER.fullmatch(each) for each in numbers):
            continue
        peer = re.fullmatch(r"(peer\d)_\d+", name)
        parts.append((peer[1] if peer else "", Piece(bytes(int(each, 16) for each in numbers), None)))
    return of_two_sides(parts) if parts else None


def hex_text(text: str, path: object) -> Capture:
    """Hex text without offsets, the bytes parted by anything or nothing.

    Raises:
        CaptureError: it holds something else.
    """
    digits = re.sub(r"[\s,:;-]+|0[xX](?=[0-9A-Fa-f]{2})", "", text)
    if re.search(r"^\s*\*\s*$", text, re.MULTILINE):
        raise CaptureError(f"{path} is a dump that leaves out lines like the one before (*): dump it with -v")
    wrong = next((number for number, line in enumerate(text.splitlines(), 1) if not _is_hex(line)), None)
    if wrong is not None or len(digits) % 2:
        where = f"line {wrong} has other characters" if wrong is not None else "it ends in half a byte"
        raise CaptureError(f"{path} is not hex text ({where}): leave --hex out if these are the bytes themselves")
    if re.search(r"^:[0-9A-Fa-f]{10,}\s*$", text, re.MULTILINE):
        raise CaptureError(
            f"{path} is Intel HEX, not plain hex text: turn it into bytes with `objcopy -I ihex -O binary`"
        )
    if lone := re.search(r"(?<![0-9A-Fa-fxX])[0-9A-Fa-f](?![0-9A-Fa-fxX])", text):
        raise CaptureError(
            f"{path} is not hex text of two digits a byte ({lone[0]!r} stands alone): write the leading zeros"
        )
    return Capture([Piece(bytes.fromhex(digits), None)])


_PAIRS = re.compile(
    r"\s*(?:(?:0x)?[0-9a-f]{2}(?:[ \t,;:-]+(?:0x)?[0-9a-f]{2})*[ \t,;]*|(?:[0-9a-f]{2})+)\s*", re.IGNORECASE | re.ASCII
)


def is_plain_hex(text: str) -> bool:
    """Whether `text` is nothing but bytes in hexadecimal: no monitor's own text is, not for eight bytes."""
    lines = (line for line in text.split("\n") if line.strip())
    return len(text) >= 16 and all(_PAIRS.fullmatch(line) for line in lines)


def _is_hex(line: str) -> bool:
    return re.fullmatch(r"(?:0[xX](?=[0-9A-Fa-f])|[0-9A-Fa-f\s,:;-])*", line) is not None
