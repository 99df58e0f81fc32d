"""Where a clinic's data live: the --data folder, a configuration's database, or the platform's user data folder."""

from __future__ import annotations

from pathlib import Path


def data_folder(data: Path | None) -> Path:
    """The folder named by --data, else the platform's folder for this user's data."""
    if data is not None:
        return data
    from platformdirs import user_data_path

    return user_data_path("risewatch", appauthor=False)


def database_of(data: Path | None, config: Path | None) -> str | Path:
    """The database to open: the configuration's if it names one, else that of the data folder.

    Raises:
        ConfigurationError: the configuration cannot be used.
    """
    if config is not None:
        from dashboard.watch.configuration import load_configuration

        configured = load_configuration(config).database
        if configured is not None:
            return configured
    return data_folder(data)


def captures_of(data: Path | None) -> Path:
    """The folder for raw captures: they are files of the machine that has the ports, whatever the database is."""
    return data_folder(data) / "captures"
