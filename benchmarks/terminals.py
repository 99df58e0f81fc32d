"""A reader raced against pseudo-terminals that another process writes: both are processes of the benchmark's own.

The script is started anew as writer (``--write PORTS SECONDS``) and as reader (``--read WHICH AMOUNT``); the reader
counts its CPU time from when all its ports are open.
"""

from __future__ import annotations

import json
import os
import pty
import resource
import subprocess
import sys
import tty

_begun = resource.getrusage(resource.RUSAGE_SELF)


def open_terminals(ports: int) -> list[int]:
    """Writer: opens raw terminals, tells their names, and waits for the word to begin. Gives their writing ends."""
    masters, names = [], []
    for _ in range(ports):
        master, slave = pty.openpty()
        tty.setraw(slave)
        masters.append(master)
        names.append(os.ttyname(slave))
    print(json.dumps(names), flush=True)
    sys.stdin.readline()
    return masters


def stay_open() -> None:
    """Writer: waits for its end, since terminals that are closed lose what was not read."""
    sys.stdin.readline()


def terminals() -> list[str]:
    """Reader: the names of the terminals."""
    return list(json.loads(sys.stdin.readline()))


def ready() -> None:
    """Reader: all ports are open, from here on it counts."""
    global _begun
    _begun = resource.getrusage(resource.RUSAGE_SELF)
    print("ready", flush=True)


def spent() -> float:
    """Reader: CPU seconds since `ready`."""
    now = resource.getrusage(resource.RUSAGE_SELF)
    return now.ru_utime + now.ru_stime - _begun.ru_utime - _begun.ru_stime


def finish(cpu: float) -> None:
    """Reader: tells its CPU time, and ends at once: pyserial waits at its closing for bytes nobody takes."""
    print(json.dumps({"cpu": cpu}), flush=True)
    os._exit(0)


def race(script: str, which: str, amount: int, ports: int, seconds: float, patience: float) -> float:
    """CPU seconds of the reader `which`, which reads `amount`; `patience` in seconds."""
    me = [sys.executable, script]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    writer = subprocess.Popen([*me, "--write", str(ports), str(seconds)], **pipes)  # type: ignore[call-overload]
    reader = subprocess.Popen([*me, "--read", which, str(amount)], **pipes)  # type: ignore[call-overload]
    try:
        reader.stdin.write(writer.stdout.readline())
        reader.stdin.flush()
        assert reader.stdout.readline() == "ready\n"
        writer.stdin.write("go\n")
        writer.stdin.flush()
        answer, _ = reader.communicate(timeout=patience)
        return float(json.loads(answer)["cpu"])
    finally:
        reader.kill()
        writer.kill()
        reader.wait()
        writer.wait()
