"""Runs the dashboard's web server in this process, with every setting given here and none left to the folder it is
started in."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
import threading
import time
import urllib.request
import webbrowser
from pathlib import Path
from typing import Any

import typer

from dashboard.access.place import DATA_VARIABLE
from dashboard.errors import ConfigurationError
from dashboard.sessions.setup import ensure_presets
from dashboard.store.database import open_store
from devices import instant

THEME = {
    "theme.dark.backgroundColor": "#05080D",
    "theme.dark.secondaryBackgroundColor": "#0B1119",
    "theme.dark.textColor": "#E8EEF6",
    "theme.dark.primaryColor": "#5FB0FF",
    "theme.dark.borderColor": "#1C2A3A",
    "theme.light.backgroundColor": "#EEF2F6",
    "theme.light.secondaryBackgroundColor": "#FFFFFF",
    "theme.light.textColor": "#10202F",
    "theme.light.primaryColor": "#0B5CAD",
    "theme.light.borderColor": "#C2CEDA",
    "theme.font": "sans-serif",
    "theme.baseRadius": "0.6rem",
}
"""Streamlit's parts in the look of `palette.css`; which of the two, the page's head says (dark unless someone chose).
The sans-serif is the font file that Streamlit carries, so a ward needs no internet."""


def settings(host: str, port: int) -> dict[str, Any]:
    """Streamlit's settings for a bedside screen."""
    return {
        **THEME,
        "server.address": host,
        "server.port": port,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.runOnSave": False,
        "server.enableCORS": True,
        "server.enableXsrfProtection": True,
        "server.maxUploadSize": 200,
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "runner.magicEnabled": False,
        "logger.level": "warning",
    }


def serve(data: str | Path, host: str = "127.0.0.1", port: int = 8501, open_browser: bool = True) -> int:
    """Serves the screens of the store at `data` (a folder or a database URL) until SIGINT or SIGTERM.

    Returns:
        The exit status, 0 after a clean stop. Must be called in the main thread.

    Raises:
        ConfigurationError: the address or port cannot be had. StoreError: the database cannot be opened.
    """
    check_free(host, port)
    store = open_store(data)
    ensure_presets(store, instant.now())
    store.close()
    os.environ[DATA_VARIABLE] = str(data)
    address = url(host, port)
    typer.echo(f"Risewatch: {address}  (Ctrl+C stops it)")
    if open_browser:
        threading.Thread(target=_open_when_ready, args=(address,), daemon=True).start()
    import streamlit.web.bootstrap as bootstrap

    from dashboard.app import app

    # The address was printed above, in one line; Streamlit's own banner would name this machine's public address,
    # which it asks the internet for.
    bootstrap._print_url = lambda *_args, **_kwargs: None
    # The web server stops its work on a signal and then raises it again: by then it only means that all is done.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app.run(config=settings(host, port))
    except KeyboardInterrupt:
        return 0
    return 0


def url(host: str, port: int) -> str:
    """The address for a browser on this machine."""
    if host in ("0.0.0.0", "::", ""):
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def check_free(host: str, port: int) -> None:
    """Refuses an address that is not this machine's, or a port someone else has.

    Raises:
        ConfigurationError: says which, and what to do.
    """
    if not 1 <= port <= 65_535:
        raise ConfigurationError(f"there is no port {port}: give one from 1 to 65535")
    family = socket.AF_INET6 if _is_ipv6(host) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except socket.gaierror:
            raise ConfigurationError(f"the address {host!r} is not known: give an address of this machine") from None
        except PermissionError:
            raise ConfigurationError(f"port {port} is not allowed for this user: choose one above 1023") from None
        except OSError as error:
            raise ConfigurationError(
                f"port {port} on {host} cannot be had ({error.strerror}): is a dashboard already running there? "
                "Stop it, or choose another with --port"
            ) from None


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False


def _open_when_ready(address: str, patience_s: float = 30) -> None:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                webbrowser.open(address)
                return
        except OSError:
            time.sleep(0.2)
