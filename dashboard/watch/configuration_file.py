"""The watch's configuration file as the screens see it and as they have it written: the file rules, nothing else does.

What is written counts from the next start of the watch: ports in use are not pulled away under a running session.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from dashboard.errors import ConfigurationError
from dashboard.watch.configuration import BedConfiguration, Configuration, parse_configuration
from devices import instant


def to_toml(configuration: Configuration) -> str:
    """`configuration` as a file; read again, it is the same. A JSON string is a TOML string."""
    lines = [f"watch = {_value(configuration.watch)}"]
    if configuration.database is not None:
        lines.append(f"database = {_value(configuration.database)}")
    lines.append(f"timezone = {_value(configuration.timezone)}")
    for bed in configuration.bed:
        lines += ["", "[[bed]]", *_bed_lines(bed)]
    return "\n".join(lines) + "\n"


def _bed_lines(bed: BedConfiguration) -> list[str]:
    lines = [f"{key} = {_value(getattr(bed, key))}" for key in ("name", "protocol", "port")]
    lines += [f"{key} = {_value(getattr(bed, key))}" for key in ("location", "group") if getattr(bed, key)]
    if bed.capture:
        lines.append("capture = true")
    if bed.settings:
        lines.append("[bed.settings]")
        lines += [f"{key} = {_value(value)}" for key, value in bed.settings.items()]
    return lines


def _value(value: str | float | bool) -> str:
    return json.dumps(value, ensure_ascii=False)


class Shown(Struct, frozen=True):
    """What the screens know of the configuration that the watch runs with.

    Attributes:
        file: where it is, on the watch's machine. basis: hash of the file it was read from.
        configuration: as TOML, without the database: its address may hold a password.
        editable: whether screens may have it written (a demonstration's may not).
    """

    file: str
    basis: str
    configuration: str
    editable: bool

    def to_setting(self) -> str:
        return json.dumps({name: getattr(self, name) for name in self.__struct_fields__}, ensure_ascii=False)

    @classmethod
    def from_setting(cls, text: str) -> Shown:
        return cls(**json.loads(text))


SETTING = "configuration"
"""The setting of the store under which the watch says how it is configured."""


class ConfigurationFile:
    """The file a watch was started with.

    Args:
        path: the file. configuration: as it was read. editable: as in `Shown`.
    """

    def __init__(self, path: Path, configuration: Configuration, editable: bool = True) -> None:
        self._path = path.resolve()
        self._running = configuration
        self._basis = _hash(_bytes(self._path))
        self._editable = editable

    def shown(self) -> Shown:
        without = self._running.model_copy(update={"database": None})
        return Shown(str(self._path), self._basis, to_toml(without), self._editable)

    def write(self, text: str, basis: str, now: int) -> Mapping[str, Any]:
        """Puts `text` in the file's place, whole or not at all; the old file stays beside it.

        Args:
            text: TOML without a database: the one in the file stays. basis: hash of the file it was made from.

        Returns:
            `basis`: hash of the new file; `kept`: where the old one is.

        Raises:
            ConfigurationError: it cannot be used, the file was changed meanwhile, or it cannot be written.
        """
        if not self._editable:
            raise ConfigurationError("the beds of a demonstration are its own and are not edited")
        wanted = parse_configuration(text, "the new configuration")
        if wanted.database is not None:
            raise ConfigurationError("the database is not changed from a screen: change it in the file")
        before = _bytes(self._path)
        if _hash(before) != basis:
            raise ConfigurationError(
                f"{self._path} was changed since the watch or this screen read it: restart the watch, then look again"
            )
        content = to_toml(wanted.model_copy(update={"database": self._running.database})).encode()
        parse_configuration(content.decode(), "what would be written")
        kept = self._path.with_name(f"{self._path.name}.{instant.to_datetime(now).strftime('%Y%m%dT%H%M%SZ')}")
        partial = self._path.with_name(f".{self._path.name}.new")
        try:
            _write(kept, before)
            _write(partial, content)
            partial.chmod(self._path.stat().st_mode & 0o777)
            partial.replace(self._path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise ConfigurationError(f"{self._path} cannot be written: {error.strerror}") from None
        return {"basis": _hash(content), "kept": str(kept)}


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"the configuration {path} cannot be read: {error.strerror}") from None


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
