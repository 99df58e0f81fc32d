"""What a file that no driver understands looks like, and what would make it readable."""

from __future__ import annotations

import base64
import binascii
import re

_BASE64 = re.compile(r"[A-Za-z0-9+/]{4,}={0,2}", re.ASCII)
_SHORT_HEX = re.compile(r"(?:0x)?[0-9A-Fa-f]{1,2}", re.ASCII)
_INTEL = re.compile(r":[0-9A-Fa-f]{10,}\s", re.ASCII)
_OFFSET = re.compile(r"(?:0x)?0{4,16}:?\s.*\n(?:0x)?[0-9A-Fa-f]{4,16}:?\s", re.ASCII)
_CALL = re.compile(r"^(?:\[?\w*\]? *[\d:.]* *)?(?:read|write|recv|send)\w*\(\d", re.ASCII | re.MULTILINE)


def advice(head: bytes) -> str:
    """What to do about a file that begins with `head`, as the end of a sentence."""
    if len(head.translate(None, bytes((9, 10, 13, *range(32, 127))))) > len(head) / 4:
        return "is it another protocol?"
    text = head.decode("latin-1")
    whole = text[: text.rfind("\n") + 1] or text
    for pattern, said in (
        (_OFFSET, "it looks like a dump that is not of bytes in hexadecimal: make it with `xxd` or `hexdump -C`"),
        (_INTEL, "it looks like Intel HEX: turn it into bytes with `objcopy -I ihex -O binary`"),
        (_CALL, "it looks like a log of system calls: capture the bytes themselves, or a log of hex bytes"),
    ):
        if pattern.match(whole) or (pattern is _CALL and pattern.search(whole)):
            return said
    if whole.lstrip().startswith(("{", "[")) and '"' in whole:
        return (
            'it looks like JSON: a capture has a line {"t": <ISO time>, "dir": "rx", "hex": "..."}'
            " for each piece of bytes"
        )
    words = re.split(r"[\s,;\[\]]+", text.strip(" \t\r\n,;[]"))[:500]
    if len(words) > 8 and all(word.isdecimal() and int(word) < 256 for word in words):
        return "it looks like bytes in decimal: write them in hexadecimal, two digits a byte"
    if len(words) > 8 and all(_SHORT_HEX.fullmatch(word) for word in words):
        return "it looks like hex text without leading zeros: write two digits a byte"
    lines = whole.split()
    if lines and all(_BASE64.fullmatch(line) for line in lines) and len(lines[0]) > 30 and _is_base64("".join(lines)):
        return "it looks like base64: turn it into bytes with `base64 -d`"
    return "is it another protocol, or hex text (--hex)?"


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text[: len(text) // 4 * 4], validate=True))
    except (ValueError, binascii.Error):
        return False
