"""The catalogue: names lead to drivers and virtual monitors, settings are checked before anything is opened."""

from __future__ import annotations

import json

import pytest

from dashboard.cli import main
from devices import catalogue
from devices.errors import SettingError, UnknownName
from devices.links.line import LineSettings
from devices.protocols.base import Driver
from devices.signals import SIGNALS

NAMES = ("dinamap", "ge-dri", "line")


@pytest.mark.parametrize("name", NAMES)
def test_each_protocol_leads_to_a_driver_of_its_name(name: str) -> None:
    driver = catalogue.create(name)
    assert isinstance(driver, Driver)
    assert driver.name == name
    assert driver.quiet_after > 0
    assert set(catalogue.protocol_named(name).signals) <= set(SIGNALS)


def test_lines_are_set_as_the_sheets_say() -> None:
    assert catalogue.protocol_named("dinamap").line == LineSettings(9600, 8, "N", 1, False)
    assert catalogue.protocol_named("ge-dri").line == LineSettings(19200, 8, "E", 1, True)
    assert catalogue.protocol_named("line").line == LineSettings(115200, 8, "N", 1, False)


def test_settings_are_parted_into_the_drivers_and_the_lines() -> None:
    of_driver, line = catalogue.split_settings("ge-dri", {"interval_s": 10, "baud": 115200, "parity": "N"})
    assert of_driver == {"interval_s": 10}
    assert line == LineSettings(115200, 8, "N", 1, True)


def test_an_unknown_protocol_names_those_there_are() -> None:
    with pytest.raises(UnknownName, match=r"there is no protocol 'dynamap'; there are dinamap, .*line"):
        catalogue.create("dynamap")


@pytest.mark.parametrize(
    ("name", "settings", "says"),
    [
        ("dinamap", {"temprature": True}, "no setting 'temprature'; there are temperature, baud"),
        ("dinamap", {"temperature": "yes"}, "true or false"),
        ("line", {"loose": 1}, "true or false"),
        ("ge-dri", {"interval_s": 7.5}, "a whole number"),
        ("line", {"baud": "fast"}, "a whole number"),
        ("line", {"baud": 9600.5}, "a whole number"),
        ("line", {"baud": True}, "a whole number"),
        ("line", {"stopbits": True}, "a whole number"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_words(name: str, settings: dict, says: str) -> None:
    with pytest.raises(SettingError, match=says):
        catalogue.check_settings(name, settings)


def test_monitors_lists_what_is_spoken(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["monitors"])
    assert left.value.code in (0, None)
    out = capsys.readouterr().out
    assert "dinamap: GE CARESCAPE V100" in out
    assert "19200 8E1 RTS/CTS" in out
    assert "setting   loose = false" in out


def test_monitors_can_be_read_by_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["monitors", "--json"])
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert set(NAMES) <= set(rows)
    assert rows["line"]["line"] == "115200 8N1"
    assert rows["dinamap"]["simulated"] is True
    assert "TEMP" in rows["dinamap"]["signals"]
