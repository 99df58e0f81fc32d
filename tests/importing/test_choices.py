"""What is said about a recording that is imported or replayed: by a person, or for want of that by the clinic."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.importing.choices import Choices
from dashboard.watch import reading
from devices import instant
from devices.recordings.base import ChoiceNeeded

ABROAD = "Time,Time Zone,HR\n2026-03-10T10:00:00,America/New_York,70\n2026-03-10T10:00:01,America/New_York,71\n"
HERE = "Time,HR\n2026-03-10T10:00:00,70\n2026-03-10T10:00:01,71\n"


def test_the_clinics_zone_is_not_put_over_the_one_that_a_file_names(tmp_path: Path) -> None:
    """10:00 in New York is 14:00 UTC there in March, and 09:00 in Berlin."""
    path = tmp_path / "abroad.csv"
    path.write_text(ABROAD)
    clinic = Choices(zone="Europe/Berlin")
    with pytest.raises(ChoiceNeeded, match="the times are in 'America/New_York'"):
        clinic.read(path)
    for answer, begins in (("America/New_York", "14:00"), ("Europe/Berlin", "09:00")):
        recording = clinic.answered("timezone", answer).read(path)
        assert recording.readings[0].time == instant.parse(f"2026-03-10T{begins}:00Z")
        assert recording.explanation.zone_said


def test_times_without_a_zone_are_the_clinics_and_that_is_told(tmp_path: Path) -> None:
    path = tmp_path / "here.csv"
    path.write_text(HERE)
    clinic = Choices(zone="Europe/Berlin")
    recording = clinic.read(path)
    assert recording.readings[0].time == instant.parse("2026-03-10T09:00:00Z")
    assert not recording.explanation.zone_said
    assert [each.text for each in recording.notices if each.kind == "time-assumed"] == [
        "times without an offset were taken to be in Europe/Berlin (say --timezone if not)"
    ]
    assert clinic.as_mapping().zone == ""
    assert clinic.answered("timezone", "Europe/Berlin").as_mapping().zone == "Europe/Berlin"


def test_a_replays_command_says_whether_a_person_named_the_zone(tmp_path: Path) -> None:
    path = tmp_path / "abroad.csv"
    path.write_text(ABROAD)
    detail = {"recording": str(path), "timezone": "Europe/Berlin"}
    with pytest.raises(ChoiceNeeded):
        reading.read(detail, lambda done: None)
    shared = reading.read({**detail, "timezone": "America/New_York", "timezone_said": True}, lambda done: None)
    assert shared.value().recording.first == instant.parse("2026-03-10T14:00:00Z")
