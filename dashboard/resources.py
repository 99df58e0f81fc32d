"""Where the files that come with the program are, in a checkout and in an installed wheel alike."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def sample_data() -> Path:
    """The folder of sample recordings: inside the installed package, or at the top of a checkout."""
    installed = _PACKAGE / "_sample_data"
    return installed if installed.is_dir() else _PACKAGE.parent / "sample_data"
