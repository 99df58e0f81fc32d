"""What came of listening, in words and as JSON: for the command, the screens, and a configuration to paste."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from devices.links.link import scheme_of
from devices.probe import Found, Heard, serial_entries, words

WARNING = (
    "These bytes only ask a monitor. Another device may act on them: some infusion pumps stop on a bare CR. A port on "
    "which anything but a monitor may hang must not be asked."
)


def lasting_name(port: str, by_id: Path = Path("/dev/serial/by-id")) -> str:
    """The name of `port` that stays when adapters are plugged in another order, if the system has one."""
    if scheme_of(port):
        return port
    try:
        target = Path(port).resolve(strict=True)
        return next((str(link) for link in sorted(by_id.iterdir()) if link.resolve() == target), port)
    except OSError:
        return port


def requests() -> dict[str, str]:
    """What asking sends, by protocol: for a person who is to allow it."""
    return {entry.name: entry.asks for entry in serial_entries() if entry.asks}


def as_json(heard: Heard) -> dict[str, Any]:
    """What came of a port as ``risewatch probe --json`` prints it."""
    return {
        "port": heard.port,
        "fault": heard.fault or None,
        "bytes": {words(line): count for line, count in heard.bytes_at.items()},
        "found": [
            {
                "protocol": each.entry.name,
                "line": words(each.line),
                "frames": each.frames,
                "rejected": each.rejected,
                "signals": list(each.signals),
                "said": list(each.said),
                "asked": each.asked,
                "bed": bed_of(heard, each),
            }
            for each in heard.found
        ],
    }


def bed_of(heard: Heard, found: Found) -> dict[str, Any]:
    """Protocol, port and settings of a bed whose monitor was `found` there."""
    return {"protocol": found.entry.name, "port": lasting_name(heard.port), "settings": settings_of(found)}


def settings_of(found: Found) -> dict[str, str | int | float | bool]:
    """What of the line must stand under ``[bed.settings]``: where it is not the protocol's default."""
    default, line = found.entry.line, found.line
    names = ("baud", "bytesize", "parity", "stopbits")
    return {name: getattr(line, name) for name in names if getattr(line, name) != getattr(default, name)}


def bed_toml(bed: dict[str, Any], name: str = "Bed 1") -> str:
    """`bed` (of `as_json`) as it stands in a bed configuration; a JSON string is a TOML string."""
    lines = ["[[bed]]", f"name = {json.dumps(name, ensure_ascii=False)}"]
    lines += [f"{key} = {json.dumps(bed[key], ensure_ascii=False)}" for key in ("protocol", "port")]
    if bed["settings"]:
        lines.append("[bed.settings]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in bed["settings"].items()]
    return "\n".join(lines) + "\n"
