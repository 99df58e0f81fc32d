"""Threshold sets as TOML: the presets of the package and files of a site's own."""

from __future__ import annotations

from pathlib import Path

from dashboard.errors import ThresholdError
from dashboard.rises.thresholds import ThresholdSet, load_thresholds

PRESETS = ("adult-iv", "cardiac-risk", "trial-limits", "clinic-165-100", "esketamine-nasal", "pain-infusion")
"""The sets that come with the program; the first is the default. Examples: a clinician must approve any before use."""

# Beside this file in a checkout and in a wheel alike; importlib.resources would take longer than reading them all.
_PRESETS = Path(__file__).resolve().parent / "presets"


def preset_text(name: str) -> str:
    """The file of the preset `name`, with the source of each number in its comments.

    Raises:
        ThresholdError: there is no such preset.
    """
    if name not in PRESETS:
        raise ThresholdError(f"there is no preset {name!r}; there are {', '.join(PRESETS)}")
    return (_PRESETS / f"{name}.toml").read_text(encoding="utf-8")


def preset(name: str) -> ThresholdSet:
    """The preset called `name`.

    Raises:
        ThresholdError: there is no such preset.
    """
    return load_thresholds(preset_text(name), f"preset {name}")


def load(path: Path) -> ThresholdSet:
    """The set in the file at `path`; without a `name` it is called as the file.

    Raises:
        ThresholdError: the file cannot be read or is not a threshold set that could work.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ThresholdError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ThresholdError(f"{path} is not a text file in UTF-8") from None
    return load_thresholds(text, str(path), path.stem)


def named(preset_or_file: str) -> ThresholdSet:
    """The preset of that name, else the file at that path.

    Raises:
        ThresholdError: neither, or the file is not a threshold set that could work.
    """
    if preset_or_file in PRESETS:
        return preset(preset_or_file)
    path = Path(preset_or_file)
    if not path.exists():
        raise ThresholdError(f"{preset_or_file!r} is neither a preset ({', '.join(PRESETS)}) nor a file that exists")
    return load(path)
