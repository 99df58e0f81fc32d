"""HL7 files in which a later message corrects a value or takes it back: what was wrong is not read."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices import instant
from devices.instant import MINUTE
from devices.recordings.base import Recording, read_recording

T0 = instant.parse("2026-03-02T08:15:00Z")
HR, SYS, DIA = ("147842^MDC_ECG_HEART_RATE^MDC", "150301^MDC_PRESS_CUFF_SYS^MDC", "150302^MDC_PRESS_CUFF_DIA^MDC")
UNITS = {HR: "264864^MDC_DIM_BEAT_PER_MIN^MDC", SYS: "266016^MDC_DIM_MMHG^MDC", DIA: "266016^MDC_DIM_MMHG^MDC"}

Row = tuple[str, float | str, int, str]
"""What, the value, the minute at which it was measured, OBX-11."""


def message(minute: int, *rows: Row, place: str = "Ward^3^7", who: str = "T-42") -> bytes:
    def at(minute: int) -> str:
        return f"202603020915{minute:02d}"[:10] + f"{15 + minute:02d}00+0100"

    lines = [
        rf"MSH|^~\&|EMR|X|||{at(minute)}||ORU^R01|{minute}|P|2.6",
        f"PID|||{who}",
        f"PV1||I|{place}",
        f"OBR|1|||VITAL|||{at(minute)}",
        *(f"OBX|1|NM|{what}|1|{value}|{UNITS[what]}|||||{result}|||{at(when)}" for what, value, when, result in rows),
    ]
    return b"\x0b" + "".join(f"{line}\r" for line in lines).encode() + b"\x1c\r"


def read(folder: Path, *messages: bytes, **options: str) -> Recording:
    (folder / "r.hl7").write_bytes(b"".join(messages))
    return read_recording(folder / "r.hl7", **options)  # type: ignore[arg-type]


def seen(recording: Recording) -> list[tuple[float, str, float | None]]:
    return [((each.time - T0) / MINUTE, each.signal, each.value) for each in recording.readings]


FIRST = message(0, (HR, 250, 0, "F")), message(1, (HR, 71, 1, "F"))


def test_a_corrected_value_takes_the_place_of_the_wrong_one(tmp_path: Path) -> None:
    corrected = message(5, (HR, 72, 0, "C"))
    for messages in ((*FIRST, corrected), (*FIRST, corrected, corrected)):
        recording = read(tmp_path, *messages)
        assert seen(recording) == [(0, "HR", 72), (1, "HR", 71)]
        assert [n.text for n in recording.notices] == [
            "1 values were corrected or taken back by later messages: left out"
        ]


@pytest.mark.parametrize("result", ["D", "W"])
def test_a_value_taken_back_is_not_read_and_one_given_anew_is(tmp_path: Path, result: str) -> None:
    back = message(5, (HR, 250, 0, result))
    assert seen(read(tmp_path, *FIRST, back)) == [(1, "HR", 71)]
    anew = message(6, (HR, 73, 0, "F"))
    assert seen(read(tmp_path, *FIRST, back, anew)) == [(0, "HR", 73), (1, "HR", 71)]
    assert seen(read(tmp_path, *FIRST, back, anew, back)) == [(0, "HR", 73), (1, "HR", 71)]  # sent again


def test_a_cuff_measurement_is_corrected_by_its_time(tmp_path: Path) -> None:
    wrong = message(2, (SYS, 220, 1, "F"), (DIA, 80, 1, "F"))
    other = message(3, (SYS, 131, 3, "F"), (DIA, 82, 3, "F"))
    recording = read(tmp_path, wrong, other, message(4, (SYS, 120, 1, "C"), (DIA, 79, 1, "C")))
    assert seen(recording) == [(1, "NIBP_SYS", 120), (1, "NIBP_DIA", 79), (3, "NIBP_SYS", 131), (3, "NIBP_DIA", 82)]


def test_a_correction_is_of_its_own_patient_alone(tmp_path: Path) -> None:
    others = message(0, (HR, 90, 0, "F"), place="Ward^3^8"), message(5, (HR, 91, 0, "C"), place="Ward^3^8")
    assert seen(read(tmp_path, *FIRST, *others, patient="Ward^3^7")) == [(0, "HR", 250), (1, "HR", 71)]
    assert seen(read(tmp_path, *FIRST, *others, patient="Ward^3^8")) == [(0, "HR", 91)]
