"""Captures as other programs write them: the monitor's bytes and nothing else, or one sentence."""

from __future__ import annotations

import struct
from datetime import UTC
from pathlib import Path

import pytest

from devices import catalogue, instant
from devices.captures.decoding import nothing_understood
from devices.captures.reading import read_capture
from devices.errors import CaptureError

DAY = instant.parse("2026-11-26T00:00:00Z")
S = instant.SECOND
BYTES = b"\x55\xaa\x08\x03 SPO2=098 HR=074\r\n" + bytes(32) + b"AB"


def read(folder: Path, content: str | bytes, **options):
    path = folder / "capture"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_capture(path, UTC, **options)


def data(capture) -> bytes:
    return b"".join(piece.data for piece in capture.pieces)


DUMPS = {
    "xxd": """\
00000000: 55aa 0803 2053 504f 323d 3039 3820 4852  U... SPO2=098 HR
00000010: 3d30 3734 0d0a 0000 0000 0000 0000 0000  =074............
00000020: 0000 0000 0000 0000 0000 0000 0000 0000  ................
00000030: 0000 0000 0000 4142                      ......AB
""",
    "xxd -e": """\
00000000: 0308aa55 4f505320 39303d32 52482038  U... SPO2=098 HR
00000010: 3437303d 00000a0d 00000000 00000000  =074............
00000020: 00000000 00000000 00000000 00000000  ................
00000030: 00000000 42410000                    ......AB
""",
    "hexdump -C": """\
00000000  55 aa 08 03 20 53 50 4f  32 3d 30 39 38 20 48 52  |U... SPO2=098 HR|
00000010  3d 30 37 34 0d 0a 00 00  00 00 00 00 00 00 00 00  |=074............|
00000020  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
00000030  00 00 00 00 00 00 41 42                           |......AB|
00000038
""",
    "hexdump": """\
0000000 aa55 0308 5320 4f50 3d32 3930 2038 5248
0000010 303d 3437 0a0d 0000 0000 0000 0000 0000
0000020 0000 0000 0000 0000 0000 0000 0000 0000
0000030 0000 0000 0000 4241
0000038
""",
    "od -tx1, octal offsets": """\
0000000 55 aa 08 03 20 53 50 4f 32 3d 30 39 38 20 48 52
0000020 3d 30 37 34 0d 0a 00 00 00 00 00 00 00 00 00 00
0000040 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
0000060 00 00 00 00 00 00 41 42
0000070
""",
    "wireshark": """\
0000  55 aa 08 03 20 53 50 4f 32 3d 30 39 38 20 48 52   U... SPO2=098 HR
0010  3d 30 37 34 0d 0a 00 00 00 00                     =074......

0000  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00   ................
0010  00 00 00 00 00 00 00 00 00 00                     ..........

0000  00 00 41 42                                       ..AB
""",
    "wireshark follow": """\
    00000000  20 4e 41 21 32 0d                                    NA!2.
00000000  55 aa 08 03 20 53 50 4f  32 3d 30 39 38 20 48 52   U... SPO2=098 HR
00000010  3d 30                                              =0
    00000006  20 4f 41 21 33 0d                                    OA!3.
00000012  37 34 0d 0a 00 00 00 00  00 00 00 00 00 00 00 00   74......  ........
00000022  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00   ................
00000032  00 00 00 00 41 42                                  ....AB
""",
    "c array": "unsigned char capture[] = {\n  0x55, 0xaa, 0x08, 0x03, 0x20, 0x53, 0x50, 0x4f, "
    + ", ".join(f"0x{byte:02x}" for byte in BYTES[8:]) + "\n};\nunsigned int capture_len = 56;\n",
    "wireshark c arrays": "char peer0_0[] = { /* Packet 4 */\n0x20, 0x4e };\nchar peer1_0[] = { /* Packet 5 */\n"
    + ", ".join(f"0x{byte:02x}" for byte in BYTES[:20]) + " };\nchar peer1_1[] = { /* Packet 9 */\n"
    + ", ".join(f"0x{byte:02x}" for byte in BYTES[20:]) + " };\n",
    "plain hex": BYTES[:30].hex(" ").upper() + "\r\n" + BYTES[30:].hex(" ").upper(),
    "xxd -p": BYTES[:30].hex() + "\n" + BYTES[30:].hex() + "\n",
    "VSCapture's": BYTES[:30].hex("-").upper() + "\n" + BYTES[30:].hex("-").upper() + "\n",
    "python": repr(BYTES[:20]) + "\n" + repr(BYTES[20:]) + "\n",
    "sigrok": "".join(f"uart-1: {byte:02X}\n" for byte in BYTES),
    "interceptty": "> 0x20\n> 0x4e (N)\n" + "".join(f"< 0x{byte:02x} ({chr(byte)})\n" for byte in BYTES if byte != 10)
    .replace("< 0x0d (\r)\n", "< 0x0d\n< 0x0a\n"),
}  # fmt: skip


@pytest.mark.parametrize("form", DUMPS)
def test_a_dump_is_the_bytes_it_shows_and_not_the_letters_beside_them(tmp_path: Path, form: str) -> None:
    assert data(read(tmp_path, DUMPS[form])) == BYTES
    assert data(read(tmp_path, "\ufeff" + DUMPS[form].replace("\n", "\r\n"))) == BYTES


def test_a_text_of_windows_in_utf_16_is_read(tmp_path: Path) -> None:
    assert data(read(tmp_path, DUMPS["hexdump -C"].encode("utf-16"))) == BYTES
    assert data(read(tmp_path, "SPO2=098 HR=074\r\n".encode("utf-16"))) == b"SPO2=098 HR=074\r\n"


def test_the_end_of_one_message_and_the_beginning_of_the_next_are_no_mark_of_utf_16(tmp_path: Path) -> None:
    """An IVY's message ends with FE and the next begins with FF."""
    assert data(read(tmp_path, b"\xfe\xffANSAR-B ")) == b"\xfe\xffANSAR-B "


def test_lines_left_out_of_a_dump_are_those_like_the_one_before(tmp_path: Path) -> None:
    text = "0000000 1111 1111 1111 1111 1111 1111 1111 1111\n*\n0000030 0022\n0000031\n"
    assert data(read(tmp_path, text)) == b"\x11" * 48 + b"\x22"


@pytest.mark.parametrize(
    "text",
    [
        "0000000 125125 001410 051440 047520\n0000010 036462 034460 020070 051110\n0000020\n",
        "0000000   U 252  \\b 003       S   P   O\n0000010   2   =   0   9   8       H   R\n0000020\n",
    ],
)
def test_a_dump_in_another_notation_is_refused_in_words(tmp_path: Path, text: str) -> None:
    with pytest.raises(CaptureError, match="hexdump -C"):
        read(tmp_path, text)


def test_a_damaged_line_of_a_dump_is_said(tmp_path: Path) -> None:
    capture = read(tmp_path, "Captured at bed 7\n" + DUMPS["hexdump -C"])
    assert data(capture) == BYTES
    assert capture.damage == [("row-refused", "line 1 is no line of a hex dump and was left out")]


def test_the_side_that_sent_more_is_the_monitor_and_that_is_said(tmp_path: Path) -> None:
    capture = read(tmp_path, DUMPS["wireshark c arrays"])
    assert capture.sent == 2
    assert [kind for kind, _ in capture.damage] == ["ignored"]
    assert "'peer1'" in capture.damage[0][1]


LOGS = {
    "docklight": """\
Docklight Log File (HEX) - Started 26/11/2026 22:01:02.120

26/11/2026 22:01:03.000 [TX] - 20 4E 41 21 32 0D
26/11/2026 22:01:03.250 [RX] - 53 50 4F
26/11/2026 22:01:04.500 [RX] - 32 3D
""",
    "coolterm": "2026-11-26 22:01:03.000\tTX\t20 4E\n2026-11-26 22:01:03.250\tRX\t53 50 4F\n"
    "2026-11-26 22:01:04.500\tRX\t32 3D\n",
    "brackets": "[2026-11-26 22:01:03.250] 53 50 4F\n[2026-11-26 22:01:04.500] 32 3D\n",
    "iso": "2026-11-26T23:01:03.250+01:00 53504f\n2026-11-26T23:01:04.500+01:00 323d\n",
    "german": "26.11.2026 22:01:03,250 RX: 0x53 0x50 0x4F\n26.11.2026 22:01:04,500 RX: 0x32 0x3D\n",
    "american": "11/26/2026 22:01:03.250 < 53 50 4F\n11/26/2026 22:01:04.500 < 32 3D\n",
    "epoch": "1795730463.250000 53 50 4f\n1795730464.500000 32 3d\n",
    "literals": "2026-11-26 22:01:03.250000 b'SPO'\n2026-11-26 22:01:04.500000 b'2\\x3d'\n",
    "jpnevulator": """\
2026-11-26 22:01:03.000000: /dev/ttyS1
20 4E                                             N
2026-11-26 22:01:03.250000: /dev/ttyS0
53 50 4F                                         SPO
2026-11-26 22:01:04.500000: /dev/ttyS0
32 3D                                            2=
""",
    "socat -x": """\
> 2026/11/26 22:01:03.000000123  length=2 from=0 to=1
 20 4e
--
< 2026/11/26 22:01:03.250000000  length=3 from=0 to=2
 53 50 4f
--
< 2026/11/26 22:01:04.500000000  length=2 from=3 to=4
 32 3d
--
""",
}


@pytest.mark.parametrize("form", LOGS)
def test_a_log_is_what_the_monitor_sent_and_when(tmp_path: Path, form: str) -> None:
    capture = read(tmp_path, LOGS[form])
    at = DAY + 79_263_250_000
    assert [(piece.data, piece.at) for piece in capture.pieces] == [(b"SPO", at), (b"2=", at + 1_250_000)]
    assert not capture.relative


def test_an_arrow_before_all_that_came_does_not_make_it_sent(tmp_path: Path) -> None:
    """So the Arduino's monitor marks what it shows."""
    capture = read(tmp_path, "22:01:03.250 -> SPO2=098 HR=074\n22:01:04.250 -> SPO2=097 HR=073\n", start=DAY)
    assert [piece.data for piece in capture.pieces] == [b" SPO2=098 HR=074\r", b" SPO2=097 HR=073\r"]
    assert capture.pieces[0].at == DAY + 79_263_250_000


def test_a_log_of_what_was_sent_alone_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="only what was sent"):
        read(tmp_path, "22:01:03.250 TX 20 4E\n22:01:04.250 TX 20 4E\n")


def test_dates_that_leave_day_and_month_open_are_not_guessed(tmp_path: Path) -> None:
    capture = read(tmp_path, "03/04/2026 22:01:03.250 RX 53\n03/04/2026 22:01:04.250 RX 50\n")
    assert capture.relative
    assert "--start" in capture.damage[0][1]
    assert not read(tmp_path, "03/04/2026 22:01:03 RX 53\n13/04/2026 22:01:04 RX 50\n").relative


@pytest.mark.parametrize(
    "row",
    [b"03/04/24 10:15:20 SN=0000012345 SPO2=096%\r\n", b"10:15:20 SPO2=098 HR=074\r\n", b"14-Mar-24 10:15:20 97\r\n"],
)
def test_a_monitors_own_time_is_no_logs(tmp_path: Path, row: bytes) -> None:
    assert data(read(tmp_path, row * 3)) == row * 3


def test_marks_of_mllp_and_escapes_of_hl7_in_a_log_are_kept(tmp_path: Path) -> None:
    line = "2026-11-26 22:01:03 RX <VT>MSH|^~\\&|a\\T\\b\\X0D\\|<CR>OBX|1<CR><FS><CR>\n"
    assert data(read(tmp_path, line)) == b"\x0bMSH|^~\\&|a\\T\\b\\X0D\\|\rOBX|1\r\x1c\r"
    raw = "2026-11-26 22:01:03 RX \x0bMSH|^~\\&|\x1c\n"
    assert data(read(tmp_path, raw)) == b" \x0bMSH|^~\\&|\x1c"


def test_a_row_that_was_logged_in_two_pieces_is_one_row(tmp_path: Path) -> None:
    """A blank of the log's own in the middle of a number would make two of it."""
    text = (
        "26/11/2026 22:01:03.000 [RX] - 14-Mar-24 10:15:20    97      7\n"
        "26/11/2026 22:01:03.020 [RX] - 2      34<CR><LF>14-Mar\n"
        "26/11/2026 22:01:05.020 [RX] - -24 10:15:22    97      73      34<CR><LF>\n"
    )
    assert data(read(tmp_path, text)) == (
        b"14-Mar-24 10:15:20    97      72      34\r\n14-Mar-24 10:15:22    97      73      34\r\n"
    )


def test_rows_of_a_read_each_count_from_the_start_that_is_given(tmp_path: Path) -> None:
    text = (
        "0\t0.00000280\tapp.exe\tIRP_MJ_WRITE\tSerial0\tSUCCESS\tLength 2: 20 4E \n"
        "1\t0.00100000\tapp.exe\tIOCTL_SERIAL_SET_WAIT_MASK\tSerial0\tSUCCESS\tMask: RXCHAR\n"
        "2\t1.25000000\tapp.exe\tIRP_MJ_READ\tSerial0\tSUCCESS\tLength 3: 53 50 4F \n"
        "3\t1.50000000\tapp.exe\tIRP_MJ_READ\tSerial0\tSUCCESS\tLength 5: 32 3D ...\n"
    )
    capture = read(tmp_path, text, start=DAY)
    assert [(piece.data, piece.at) for piece in capture.pieces] == [
        (b"SPO", DAY + 1_250_000), (b"2=", DAY + 1_500_000),
    ]  # fmt: skip
    assert capture.damage == [("row-refused", "line 4 shows 2 of 5 bytes")]
    assert read(tmp_path, text).relative


@pytest.mark.parametrize(
    "text",
    [
        "Time [s],Value,Parity Error,Framing Error\n0.5,0x53,,\n0.501,0x50,,\n0.502,0x00,Error,\n1.75,0x4F,,\n",
        'name,type,start_time,duration,data,error\n"Async Serial","data",0.5,0.0001,0x53,\n'
        '"Async Serial","data",0.501,0.0001,0x50,\n"Async Serial","data",0.502,0.0001,0x00,framing\n'
        '"Async Serial","data",1.75,0.0001,0x4F,\n',
    ],
)
def test_a_logic_analysers_table_is_bytes_with_times_and_without_bad_ones(tmp_path: Path, text: str) -> None:
    capture = read(tmp_path, text, start=DAY)
    assert [(piece.data, piece.at) for piece in capture.pieces] == [
        (b"SP", DAY + 501_000), (b"O", DAY + 1_750_000),
    ]  # fmt: skip
    assert capture.damage == [("row-refused", "1 bytes with a parity or framing error were left out")]


def test_a_logic_analysers_letters_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="export with hexadecimal values"):
        read(tmp_path, "Time [s],Value,Parity Error,Framing Error\n0.5,'13',,\n")


# -- networks ---------------------------------------------------------------------------------------------------

MONITOR, OURS, OTHER = b"\x0a\x00\x00\x05", b"\x0a\x00\x00\x09", b"\x0a\x00\x00\x63"


def tcp(
    source: bytes, target: bytes, ports: tuple[int, int], sequence: int, payload: bytes, flags: int = 0x18
) -> bytes:
    body = struct.pack(">HHIIBBHHH", *ports, sequence & 0xFFFFFFFF, 0, 0x50, flags, 1000, 0, 0) + payload
    return ip(source, target, 6, body)


def udp(source: bytes, target: bytes, ports: tuple[int, int], payload: bytes) -> bytes:
    return ip(source, target, 17, struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload)


def ip(source: bytes, target: bytes, kind: int, body: bytes) -> bytes:
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, 64, kind, 0) + source + target + body


def ethernet(packet: bytes) -> bytes:
    return (bytes(12) + b"\x08\x00" + packet).ljust(60, b"\0")  # short frames are filled up


def pcap(*packets: bytes, seconds: int = 1_795_730_463) -> bytes:
    head = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    frames = [ethernet(packet) for packet in packets]
    return head + b"".join(
        struct.pack("<IIII", seconds + number, 250_000, len(frame), len(frame)) + frame
        for number, frame in enumerate(frames)
    )


def test_tcp_is_put_in_order_and_what_was_sent_twice_is_taken_once(tmp_path: Path) -> None:
    there, back = (4001, 50_000), (50_000, 4001)
    capture = read(
        tmp_path,
        pcap(
            tcp(MONITOR, OURS, there, 0xFFFFFFFD, b"", 0x12),
            tcp(OURS, MONITOR, back, 7, b" NA!2\r"),
            tcp(MONITOR, OURS, there, 0xFFFFFFFE, b"SPO"),
            tcp(MONITOR, OURS, there, 5, b" HR"),
            tcp(MONITOR, OURS, there, 1, b"2=98"),
            tcp(MONITOR, OURS, there, 0xFFFFFFFE, b"SPO2=98"),
            tcp(MONITOR, OURS, there, 8, b"=074"),
        ),
    )
    assert data(capture) == b"SPO2=98 HR=074"
    assert capture.pieces[0].at == DAY + (79_263 + 2) * S + 250_000
    assert capture.sent == 6


def test_what_follows_a_packet_that_was_not_captured_is_read_and_the_loss_told(tmp_path: Path) -> None:
    there = (4001, 50_000)
    capture = read(
        tmp_path,
        pcap(
            tcp(MONITOR, OURS, there, 0, b"one "),
            *(tcp(MONITOR, OURS, there, 14 + 4 * number, b"two ") for number in range(8)),
            tcp(MONITOR, OURS, there, 56, b"end"),
        ),
    )
    assert data(capture) == b"one " + b"two " * 8 + b"end"
    assert [piece.at - capture.pieces[0].at for piece in capture.pieces] == [number * S for number in range(10)]
    assert capture.damage == [("incomplete", "20 bytes of its streams and the ends of 0 packets are missing")]


def test_packets_dumped_whole_are_read_as_packets(tmp_path: Path) -> None:
    """As Wireshark copies them, with their headers."""
    frames = [
        ethernet(tcp(MONITOR, OURS, (4001, 50_000), 1, b"SPO2=98 ")),
        ethernet(tcp(OURS, MONITOR, (50_000, 4001), 1, b" NA")),
        ethernet(tcp(MONITOR, OURS, (4001, 50_000), 9, b"HR=074\r\n")),
    ]
    text = "".join(
        "".join(f"{at:04x}  {frame[at : at + 16].hex(' ')}\n" for at in range(0, len(frame), 16)) + "\n"
        for frame in frames
    )
    assert data(read(tmp_path, text)) == b"SPO2=98 HR=074\r\n"


def test_a_datagram_is_a_piece_and_other_conversations_are_told_of(tmp_path: Path) -> None:
    ports = (24_105, 24_105)
    capture = read(
        tmp_path,
        pcap(
            udp(MONITOR, OURS, ports, b"\xe1\x00\x00\x02abc"),
            udp(OTHER, OURS, (53, 40_000), b"name"),
            udp(MONITOR, OURS, ports, b"\xe1\x00\x00\x02defg"),
            udp(OURS, MONITOR, ports, b"ask"),
        ),
    )
    assert [piece.data for piece in capture.pieces] == [b"\xe1\x00\x00\x02abc", b"\xe1\x00\x00\x02defg"]
    assert any("2 conversations" in text for _, text in capture.damage)


def test_a_pcapng_is_read_with_its_own_unit_of_time(tmp_path: Path) -> None:
    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))

    frame = ethernet(udp(MONITOR, OURS, (24_105, 30_000), b"E1"))
    ticks = (1_795_730_463 * S + 250_000) * 1_000
    content = (
        block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
        + block(1, struct.pack("<HHI", 1, 0, 0) + struct.pack("<HHB3x", 9, 1, 9) + struct.pack("<HH", 0, 0))
        + block(6, struct.pack("<IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame)) + frame)
    )
    (piece,) = read(tmp_path, content).pieces
    assert (piece.data, piece.at) == (b"E1", DAY + 79_263_250_000)


@pytest.mark.parametrize("size", range(24, 200, 7))
def test_a_packet_capture_that_is_cut_is_read_as_far_as_it_goes_or_refused_in_words(tmp_path: Path, size: int) -> None:
    whole = pcap(*(tcp(MONITOR, OURS, (4001, 50_000), at, b"0123456789" * 3) for at in range(0, 90, 30)))
    try:
        found = data(read(tmp_path, whole[:size]))
    except CaptureError as error:
        assert "packet capture" in str(error)
    else:
        assert (b"0123456789" * 9).startswith(found)


def test_what_is_compressed_is_to_be_unpacked(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="unpack it first"):
        read(tmp_path, b"\x1f\x8b\x08\x00" + bytes(20))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("VaoIAyBTUE8yPTA5OCBIUj0wNzQNClWqCAMgU1BPMj0wOTggSFI9MDc0DQo=\n", "base64"),
        ("85 170 8 3 32 83 80 79 50 61 48 57\n", "decimal"),
        ("55 AA 8 3 20 53 50 4F 32 3D\n", "leading zeros"),
        (":1000000055AA0803205350DF\n:00000001FF\n", "Intel HEX"),
        ('read(3, "SPO2", 4096) = 4\n', "system calls"),
        ('{"data": [85, 170]}\n', "JSON"),
        ("0000000 085 170\n0000002 008\n", "hexdump -C"),
        ("hello\n", "another protocol"),
        ("\n", "another protocol"),
    ],
)
def test_a_file_that_nothing_understands_is_told_from_what_it_looks_like(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "capture"
    path.write_text(text)
    assert says in str(nothing_understood(path, catalogue.create("dinamap")))
