"""The two commands as their users run them: programs that print, are stopped, and say why not."""

from __future__ import annotations

import csv
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dashboard.cli import main

COMMAND = [sys.executable, "-m", "dashboard.cli"]


def run(*words):
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def simulate():
    running = []

    def begin(*words):
        process = subprocess.Popen(
            [*COMMAND, "simulate", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        running.append(process)
        assert select.select([process.stdout], [], [], 60)[0]
        return process, process.stdout.readline().strip()

    yield begin
    for process in running:
        process.terminate()
        process.communicate(timeout=10)


@pytest.fixture
def handlers():
    """The commands take over the signals of their process, which here is the test's."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("link", ["pty", "tcp"])
def test_what_a_virtual_monitor_says_is_heard_as_a_tidy_table(simulate, link, tmp_path):
    process, url = simulate("line", "--link", link, "--seed", "4")
    assert url.startswith("socket://127.0.0.1:") if link == "tcp" else Path(url).exists()
    notices, capture = tmp_path / "notices.csv", tmp_path / "capture.jsonl"
    done = run("listen", "line", url, "--seconds", "2.5", "--notices", str(notices), "--capture", str(capture))
    assert done.returncode == 0, done.stderr
    rows = list(csv.reader(done.stdout.splitlines()))
    assert rows[0] == ["time", "signal", "value", "unit", "status", "source"]
    rates = [row for row in rows[1:] if row[1] == "HR"]
    assert len(rates) >= 2
    assert all(row[3:] == ["/min", "ok", "line:hr"] and 50 <= int(row[2]) <= 95 for row in rates)
    assert "frames understood, 0 refused" in done.stderr
    assert [row[1] for row in csv.reader(notices.read_text().splitlines())][:3] == ["kind", "link-up", "connected"]
    assert capture.read_text().count('"rx"') >= 3
    process.send_signal(signal.SIGTERM if link == "pty" else signal.SIGINT)
    assert process.wait(10) == 0
    if link == "pty":
        assert not Path(url).parent.exists()


def test_listening_is_stopped_cleanly_and_rows_come_while_it_runs(simulate):
    _, url = simulate("line")
    process = subprocess.Popen(
        [*COMMAND, "listen", "line", url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    lines = []
    end = time.monotonic() + 30
    while len(lines) < 8 and time.monotonic() < end:
        assert select.select([process.stdout], [], [], 30)[0]
        lines.append(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "readings" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (("listen", "line", "/dev/ttyNOPE9"), 1, "risewatch: /dev/ttyNOPE9 does not exist: plug the adapter in"),
        (("listen", "line", "/dev/ttyNOPE9", "-o", "o.edf"), 2, "only a tidy table is written here"),
        (("listen", "lime", "/dev/ttyNOPE9"), 1, "risewatch: there is no protocol 'lime'; there are"),
        (("listen", "line", "loop://", "--seconds", "0.6"), 1, "nothing has come for 1 s: is the monitor on"),
        (
            ("listen", "dinamap", "loop://", "--seconds", "0.5"),
            1,
            "no whole dinamap frame: wrong protocol or line speed?",
        ),
        (("listen", "line", "loop://", "--set", "bauds=9600"), 1, "line has no setting 'bauds'"),
        (("listen", "line"), 2, "Missing argument"),
        (("simulate", "lime"), 1, "there is no protocol 'lime'"),
        (("simulate", "line", "--patient", "bob"), 1, "there is no patient 'bob'; there are typical"),
        (("simulate", "line", "--fault", "fire"), 1, "there is no fault 'fire'; there are unplug"),
        (("simulate", "line", "--link", "connect:10.0.0.1:5000"), 1, "use --link pty or tcp[:PORT]"),
        (("simulate", "line", "--speed", "0"), 2, "--speed"),
        (("simulate", "line", "--cycle", "nan"), 2, "--cycle"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(words, status, sentence, capsys, handlers):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == status
    assert sentence in capsys.readouterr().err


def test_a_reader_that_goes_away_ends_it_without_a_traceback(simulate):
    _, url = simulate("line")
    read, write = os.pipe()
    process = subprocess.Popen([*COMMAND, "listen", "line", url], stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    os.read(read, 1)
    os.close(read)
    _, said = process.communicate(timeout=30)
    assert "Traceback" not in said
