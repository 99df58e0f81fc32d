"""Files of HL7 messages, whatever is around the messages: the items are those of the driver that reads them live."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices import instant
from devices.protocols.hl7.driver import Hl7
from devices.reading import Reading
from devices.recordings.base import ChoiceNeeded, Overrides, Recording, RecordingError, detect, read_recording

SENT = instant.parse("2026-03-02T08:15:00Z")


def lines(minute: int, hr: int, *, place: str = "Ward^3^7", who: str = "T-42", zone: str = "+0100") -> list[str]:
    """One result message, segment by segment: heart rate and a cuff measurement taken two minutes before."""
    at, before = (f"20260302{(9 * 60 + 15 + m) // 60:02d}{(15 + m) % 60:02d}00{zone}" for m in (minute, minute - 2))
    return [
        rf"MSH|^~\&|GW|EXAMPLE|||{at}||ORU^R01^ORU_R01|{minute}|P|2.6",
        f"PID|||{who}||Test^Person||19700101|F" if who else "PID|||||",
        f"PV1||I|{place}",
        f"OBR|1|||182777000^monitoring of patient^SCT|||{at}",
        f"OBX|1|NM|147842^MDC_ECG_HEART_RATE^MDC|1|{hr}|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R|||{at}",
        f"OBX|2|NM|150301^MDC_PRESS_CUFF_SYS^MDC|1|{hr + 50}|266016^MDC_DIM_MMHG^MDC|||||R|||{before}",
        f"OBX|3|NM|150302^MDC_PRESS_CUFF_DIA^MDC|1|{hr + 10}|266016^MDC_DIM_MMHG^MDC|||||R|||{before}",
    ]


def block(segments: list[str]) -> bytes:
    return b"\x0b" + "".join(f"{each}\r" for each in segments).encode() + b"\x1c\r"


def plain(segments: list[str], end: str) -> bytes:
    return "".join(each + end for each in segments).encode()


def read(tmp_path: Path, data: bytes, **options: object) -> Recording:
    path = tmp_path / "results.hl7"
    path.write_bytes(data)
    return read_recording(path, **options)  # type: ignore[arg-type]


def told(recording: Recording) -> list[tuple[float, str, float | None]]:
    return [((r.time - SENT) / instant.MINUTE, r.signal, r.value) for r in recording.readings]


EXPECTED = [
    (-2, "NIBP_SYS", 120),
    (-2, "NIBP_DIA", 80),
    (-1, "NIBP_SYS", 121),
    (-1, "NIBP_DIA", 81),
    (0, "HR", 70),
    (1, "HR", 71),
]
BOTH = (lines(0, 70), lines(1, 71))


@pytest.mark.parametrize(
    "data",
    [
        b"".join(map(block, BOTH)),
        b"\r\n".join(map(block, BOTH)),
        b"".join(plain(each, "\r") for each in BOTH),
        b"".join(plain(each, "\n") for each in BOTH),
        b"".join(plain(each, "\r\n") + b"\r\n" for each in BOTH),
        b"\xef\xbb\xbf" + b"".join(plain(each, "\r\n") for each in BOTH),
        b"FHS|^~\\&|GW\rBHS|^~\\&|GW\r" + b"".join(plain(each, "\r") for each in BOTH) + b"BTS|2\rFTS|1\r",
        b"FHS|^~\\&|GW\r\nBHS|^~\\&|GW\r\n" + b"".join(plain(each, "\r\n") for each in BOTH) + b"BTS|2\r\nFTS|1\r\n",
    ],
    ids=["blocks", "blocks with line ends", "CR", "LF", "CR LF", "mark", "batch", "batch CR LF"],
)
def test_whatever_is_around_the_messages(tmp_path: Path, data: bytes) -> None:
    recording = read(tmp_path, data)
    assert recording.format == "hl7"
    assert told(recording) == EXPECTED
    assert recording.counts.sentence() == "2 rows read, 2 used, 0 refused"
    assert recording.patients == ("Ward^3^7",)
    driver = Hl7()
    live = [item for item in (*driver.receive(data, None), *driver.finish(None)) if isinstance(item, Reading)]
    assert sorted(live, key=lambda r: (r.time, r.received)) == recording.readings


def test_one_message_a_file(tmp_path: Path) -> None:
    assert told(read(tmp_path, plain(BOTH[0], "\r"))) == [(-2, "NIBP_SYS", 120), (-2, "NIBP_DIA", 80), (0, "HR", 70)]


@pytest.mark.parametrize("suffix", [".csv", ".txt", ".dat", ""])
def test_content_decides(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"results{suffix}"
    path.write_bytes(block(BOTH[0]))
    assert detect(path).name == "hl7"


def test_beds_in_one_file_are_a_choice(tmp_path: Path) -> None:
    data = b"".join(
        block(lines(m, 60 + 10 * bed + m, place=f"Ward^3^{bed}", who=f"T-{bed}")) for m in range(3) for bed in (1, 2)
    )
    with pytest.raises(ChoiceNeeded, match=r"2 patients: say --patient, one of Ward\^3\^1, Ward\^3\^2"):
        read(tmp_path, data)
    for chosen in ("Ward^3^2", "2", "T-2"):
        one = read(tmp_path, data, patient=chosen)
        assert [r.value for r in one.readings if r.signal == "HR"] == [80, 81, 82]
        assert one.counts.refused == {"of other patients": 3}
    with pytest.raises(RecordingError, match="no one patient 'T-3'"):
        read(tmp_path, data, patient="T-3")


def test_two_patients_at_one_place_are_never_mixed_and_never_named(tmp_path: Path) -> None:
    data = b"".join(block(lines(m, 70 + m, who="T-42" if m < 3 else "T-43")) for m in (0, 1, 2, 30, 31))
    with pytest.raises(ChoiceNeeded) as caught:
        read(tmp_path, data)
    assert "T-42" not in str(caught.value)
    assert "Test" not in str(caught.value)
    assert [r.value for r in read(tmp_path, data, patient="Ward^3^7#2").readings if r.signal == "HR"] == [100, 101]
    assert [r.value for r in read(tmp_path, data, patient="T-42").readings if r.signal == "HR"] == [70, 71, 72]


def test_messages_that_name_nobody_are_of_the_one_patient_there(tmp_path: Path) -> None:
    data = block(lines(0, 70, who="")) + block(lines(1, 71))
    assert told(read(tmp_path, data)) == EXPECTED


@pytest.mark.parametrize("framed", [True, False])
def test_a_file_cut_anywhere_gives_only_whole_values(tmp_path: Path, framed: bool) -> None:
    data = b"".join(block(each) if framed else plain(each, "\r\n") for each in BOTH)
    whole = set(EXPECTED)
    for size in range(200, len(data), 7):
        try:
            found = read(tmp_path, data[:size])
        except RecordingError:
            continue
        assert {each for each in told(found) if each[2] is not None} <= whole


def test_local_times_are_read_in_the_zone_that_was_said(tmp_path: Path) -> None:
    data = block(lines(0, 70, zone=""))
    assert told(read(tmp_path, data, zone=instant.zone_named("Europe/Berlin")))[-1] == (0, "HR", 70)
    assumed = read(tmp_path, data)
    assert told(assumed)[-1] == (60, "HR", 70)
    assert assumed.explanation.zone == "UTC"
    assert not assumed.explanation.zone_said


def test_messages_without_times_need_a_start_and_others_have_their_own(tmp_path: Path) -> None:
    bare = [r"MSH|^~\&|GW|E|||||ORU^R01|1|P|2.6", "PV1||I|Ward^3^7", "OBR|1", BOTH[0][4].rsplit("|", 3)[0] + "|||"]
    with pytest.raises(ChoiceNeeded, match="--start"):
        read(tmp_path, block(bare))
    assert told(read(tmp_path, block(bare), start=SENT)) == [(0, "HR", 70)]
    with pytest.raises(RecordingError, match="leave --start out"):
        read(tmp_path, block(BOTH[0]), start=SENT)


def test_a_mapping_of_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="leave all but"):
        read(tmp_path, block(BOTH[0]), mapping={"HR": "PR"})
    assert told(read(tmp_path, block(BOTH[0]), mapping=Overrides(zone="Europe/Berlin")))[-1] == (0, "HR", 70)


def test_kilopascals_become_the_digits_that_were_measured(tmp_path: Path) -> None:
    segments = [each.replace("|120|266016^MDC_DIM_MMHG^", "|17.0|265987^MDC_DIM_KILO_PASCAL^") for each in lines(0, 70)]
    # 17.0 kPa at 7.50062 mmHg each, not 127.51053999999999
    assert (-2, "NIBP_SYS", 127.51054) in told(read(tmp_path, plain(segments, "\r")))
