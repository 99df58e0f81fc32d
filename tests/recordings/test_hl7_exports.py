"""HL7 files whose messages were sent long after their values were measured: exports made later, and unset clocks."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from devices import instant
from devices.instant import MINUTE, SECOND
from devices.recordings.base import Recording, read_recording

MEASURED = datetime(2026, 3, 1, 10)  # noqa: DTZ001 - written with the messages' offset
PER_MIN = "264864^MDC_DIM_BEAT_PER_MIN^MDC"
T0 = instant.parse("2026-03-01T10:00:00+01:00")


def message(number: int, sent: datetime, began: datetime, obx: datetime | None, bed: str = "W^1^2") -> str:
    def stamp(time: datetime | None) -> str:
        return "" if time is None else f"{time:%Y%m%d%H%M%S}+0100"

    return "".join(
        f"{each}\r"
        for each in (
            rf"MSH|^~\&|EMR|X|||{stamp(sent)}||ORU^R01|{number}|P|2.6",
            "PID|||T-42",
            f"PV1||I|{bed}",
            f"OBR|1|||VITAL|||{stamp(began)}",
            f"OBX|1|NM|147842^MDC_ECG_HEART_RATE^MDC|1|{70 + number}|{PER_MIN}|||||R|||{stamp(obx)}",
        )
    )


def read(folder: Path, *messages: str, **options: str) -> Recording:
    (folder / "r.hl7").write_bytes("".join(messages).encode())
    return read_recording(folder / "r.hl7", **options)  # type: ignore[arg-type]


def seen(recording: Recording, start: int = T0) -> list[tuple[float, float | None]]:
    return [((each.time - start) / MINUTE, each.value) for each in recording.readings]


def texts(recording: Recording) -> list[str]:
    return [each.text for each in recording.notices if each.kind == "time-assumed"]


@pytest.mark.parametrize("where", ["OBX-14", "OBR-7"])
@pytest.mark.parametrize("pace", [timedelta(0), timedelta(milliseconds=1000), timedelta(hours=1)])
def test_an_export_made_months_later_keeps_the_times_of_its_values(tmp_path: Path, where: str, pace: timedelta) -> None:
    sent = datetime(2026, 11, 1, 12)  # noqa: DTZ001
    held = []
    for number in range(5):
        measured = MEASURED + timedelta(minutes=number)
        times = (MEASURED, measured) if where == "OBX-14" else (measured, None)
        held.append(message(number, sent + number * pace, *times))
    recording = read(tmp_path, *held)
    assert seen(recording) == [(number, 70 + number) for number in range(5)]
    assert any("as in an export made later: the times of the values were taken" in text for text in texts(recording))
    two = [*held, *(each.replace("W^1^2", "W^1^3") for each in held)]
    assert seen(read(tmp_path, *two, patient="W^1^3")) == [(number, 70 + number) for number in range(5)]


def test_a_clock_that_was_never_set_goes_at_the_messages_pace_and_theirs_counts(tmp_path: Path) -> None:
    held = []
    for number in range(5):
        unset = datetime(2013, 1, 1) + timedelta(minutes=number)  # noqa: DTZ001
        held.append(message(number, MEASURED + timedelta(minutes=number, seconds=number % 2), unset, unset))
    recording = read(tmp_path, *held)
    assert [round(at) for at, _ in seen(recording)] == [0, 1, 2, 3, 4]
    assert any("a clock that was never set: the times of the messages were taken" in text for text in texts(recording))


def test_the_beginning_of_a_stay_is_no_time_of_a_value(tmp_path: Path) -> None:
    held = [
        message(number, MEASURED + timedelta(minutes=number), MEASURED - timedelta(days=3), None) for number in range(5)
    ]
    assert seen(read(tmp_path, *held)) == [(number, 70 + number) for number in range(5)]


def test_messages_sent_in_time_are_told_of_nothing(tmp_path: Path) -> None:
    times = [MEASURED + timedelta(minutes=number) for number in range(3)]
    held = [message(number, time, time, None) for number, time in enumerate(times)]
    recording = read(tmp_path, *held)
    assert [(at * MINUTE / SECOND, value) for at, value in seen(recording)] == [(0, 70), (60, 71), (120, 72)]
    assert texts(recording) == []
