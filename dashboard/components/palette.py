"""The colours of the screens, read from the one file that has them: `assets/palette.css`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources

LOOKS = ("dark", "night", "light")
_BLOCK = re.compile(r':root(?:\[data-look="(\w+)"\])? \{(.*?)\n\}', re.DOTALL)
_COLOUR = re.compile(r"--([\w-]+): (#[0-9A-F]{6});")


@cache
def palette(look: str) -> Mapping[str, str]:
    """Colour by name, as ``#RRGGBB``; what a look does not say is as in the dark one."""
    text = resources.files("dashboard.components").joinpath("assets", "palette.css").read_text(encoding="utf-8")
    blocks = {name or "dark": dict(_COLOUR.findall(block)) for name, block in _BLOCK.findall(text)}
    return blocks["dark"] | blocks[look]
