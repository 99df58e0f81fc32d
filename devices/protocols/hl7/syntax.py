"""How an HL7 message is written: its delimiters, its escape sequences, its characters (HL7 sheet, sections 3 and 4)."""

from __future__ import annotations

import re

from msgspec import Struct

_CHARSETS = {
    "": "", "ASCII": "", "UNICODE": "utf-8", "UNICODE UTF-8": "utf-8", "UTF-8": "utf-8", "UTF8": "utf-8",
    "8859/1": "latin-1", "GB 18030-2000": "gb18030", "BIG-5": "big5", "ISO IR6": "", "ISO IR100": "latin-1",
    "ISO IR87": "iso2022_jp", "ISO IR14": "shift_jis", "KS X 1001": "euc_kr",
}  # fmt: skip
_ISO = re.compile(r"8859/(\d{1,2})$")
_HEX = re.compile(r"^X((?:[0-9A-Fa-f]{2})+)$")


class Delimiters(Struct, frozen=True):
    """The separators of one message, as its MSH states them; "" for one that it does not have."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    @classmethod
    def of(cls, header: str) -> Delimiters:
        """Those of a message that begins with `header` (``MSH`` and what follows); what is missing is the usual."""
        field = header[3]
        named = header[4 : header.find(field, 4)] if field in header[4:] else header[4:8]
        return cls(field, *(named[place : place + 1] or usual for place, usual in enumerate("^~\\&")))

    def text(self, written: str) -> str:
        """`written` with its escape sequences resolved; those for formatting fall away, unknown ones stay."""
        if not self.escape or self.escape not in written:
            return written
        parts = written.split(self.escape)
        if len(parts) % 2 == 0:
            return written  # a lone escape character is a character
        for place in range(1, len(parts), 2):
            parts[place] = self._escaped(parts[place])
        return "".join(parts)

    def _escaped(self, name: str) -> str:
        known = {
            "F": self.field, "S": self.component, "T": self.subcomponent, "R": self.repetition, "E": self.escape,
            "H": "", "N": "", ".br": "\n", ".sp": "\n",
        }  # fmt: skip
        if name in known:
            return known[name]
        found = _HEX.match(name)
        if found:
            return bytes.fromhex(found[1]).decode("latin-1")
        return f"{self.escape}{name}{self.escape}"


def decode(data: bytes) -> str:
    """The text of a message, by the character set in its MSH-18. A byte that is none of it is replaced, not fatal."""
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        pass
    header = re.split(rb"[\r\n]", data.lstrip(b"\r\n"), maxsplit=1)[0].decode("latin-1")
    start = max(0, header.find("MSH"))
    fields = header[start:].split(header[start + 3 : start + 4] or "|")
    named = fields[17].split("~")[0].strip().upper() if len(fields) > 17 else ""
    charset = _CHARSETS.get(named, "")
    if iso := _ISO.match(named):
        charset = f"iso8859-{iso[1]}"
    for attempt in (charset, "utf-8"):
        try:
            return data.decode(attempt or "utf-8")
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("latin-1")
