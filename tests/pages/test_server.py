"""The dashboard as a command: starts anywhere, says where, refuses in one sentence, stops cleanly with screens open."""

import http.client
import signal
import socket
import subprocess
import sys
import time

import pytest

from dashboard.access.hosts import is_ours
from dashboard.errors import ConfigurationError
from dashboard.live.tokens import Tokens, token_key
from dashboard.server import check_free, settings, url
from devices import instant


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def command(*arguments, cwd):
    return subprocess.Popen(
        [sys.executable, "-m", "dashboard.cli", "dashboard", *map(str, arguments)],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until_healthy(port, process):
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/_stcore/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server never answered")


def test_it_starts_anywhere_and_stops_cleanly_although_a_screen_is_open(clinic, tmp_path):
    (tmp_path / "elsewhere" / ".streamlit").mkdir(parents=True)
    # Settings that lie about where it is started must not reach it.
    (tmp_path / "elsewhere" / ".streamlit" / "config.toml").write_text(
        '[server]\nport = 1\n[client]\ntoolbarMode = "developer"\n'
    )
    port = free_port()
    process = command("--data", tmp_path, "--port", port, "--no-browser", cwd=tmp_path / "elsewhere")
    try:
        until_healthy(port, process)
        token = Tokens(token_key(clinic.store)).issue("", instant.now())
        stream = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        stream.request("GET", f"/api/stream?token={token}")
        answer = stream.getresponse()
        while not answer.readline().startswith(b"event: snapshot"):
            pass
        other = command("--data", tmp_path, "--port", port, "--no-browser", cwd=tmp_path)
        _, refusal = other.communicate(timeout=30)
        assert other.returncode == 1
        assert refusal.startswith(f"risewatch: port {port} on 127.0.0.1 cannot be had")
        assert refusal.count("\n") == 1
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0
    assert out == f"Risewatch: http://127.0.0.1:{port}  (Ctrl+C stops it)\n"
    assert "Traceback" not in err


@pytest.mark.parametrize("content", [b"not a database" * 100])
def test_a_store_that_cannot_be_opened_starts_nothing(tmp_path, content):
    (tmp_path / "risewatch.db").write_bytes(content)
    process = command("--data", tmp_path, "--port", free_port(), "--no-browser", cwd=tmp_path)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert err.startswith("risewatch: the database")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("host", "port", "sentence"),
    [
        ("127.0.0.1", 0, "there is no port 0"),
        ("127.0.0.1", 70_000, "there is no port 70000"),
        ("203.0.113.9", 8501, "cannot be had"),
        ("no.such.host.invalid", 8501, "is not known"),
    ],
)
def test_an_address_that_cannot_be_is_refused(host, port, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        check_free(host, port)


def test_the_address_is_one_a_browser_here_can_open():
    assert url("0.0.0.0", 8501) == "http://127.0.0.1:8501"
    assert url("::1", 80) == "http://[::1]:80"


def test_the_settings_are_known_to_the_installed_streamlit_and_safe():
    from streamlit import config

    given = settings("127.0.0.1", 8501)
    known = config.get_config_options()
    assert not [name for name in given if name not in known]
    assert given["client.showErrorDetails"] == "none"
    assert given["runner.magicEnabled"] is False
    assert given["browser.gatherUsageStats"] is False
    assert given["server.enableXsrfProtection"] is True


@pytest.mark.parametrize(
    ("header", "ours"),
    [
        ("localhost:8501", True),
        ("10.0.0.7:8501", True),
        ("[fe80::1]:8501", True),
        ("ward.local", True),
        ("evil.example:8501", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
    ],
)
def test_names_that_are_ours(header, ours):
    assert is_ours(header, frozenset({"localhost", "ward.local"})) is ours
