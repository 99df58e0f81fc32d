"""A fault of the program itself: one sentence for its user, the traceback for whoever asks for it."""

import pytest

from dashboard import cli
from dashboard.commands import presets


@pytest.fixture
def broken(monkeypatch):
    def command() -> None:
        raise ZeroDivisionError("somewhere deep inside\nand more")

    monkeypatch.setattr(presets, "command", command)


def test_its_user_reads_a_sentence(broken, capsys, monkeypatch):
    monkeypatch.delenv(cli.TRACEBACK, raising=False)
    with pytest.raises(SystemExit) as ended:
        cli.main(["presets"])
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        "risewatch: a fault of the program itself, not of the input (ZeroDivisionError: somewhere deep inside); nothing"
        " more was written. Please report it with what RISEWATCH_TRACEBACK=1 in the environment shows.\n"
    )


def test_whoever_mends_it_sees_where(broken, monkeypatch):
    monkeypatch.setenv(cli.TRACEBACK, "1")
    with pytest.raises(ZeroDivisionError):
        cli.main(["presets"])
