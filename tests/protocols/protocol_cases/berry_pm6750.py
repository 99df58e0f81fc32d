from devices.protocols.berry_pm6750 import frames
from devices.protocols.framing import Frame, Scanner
from protocol_cases import Case

HARMLESS = {
    bytes.fromhex(text)
    for text in (
        "55AA040101F9", "55AA040301F7", "55AA040401F6", "55AA04FB0000", "55AA04FE00FD", "55AA04FF00FC",
        "55AA04FC00FF", "55AA04FD00FE",
    )
}  # fmt: skip


def cut(data: bytes) -> list[bytes]:
    pieces = list(Scanner(frames.examine_board, 26, b"\x55\xaa").feed(data))
    assert all(isinstance(piece, Frame) for piece in pieces)
    return [piece.data for piece in pieces]


def harmful(sent: bytes) -> list[bytes]:
    commands = [sent[at : at + 6] for at in range(0, len(sent), 6)]
    return [command for command in commands if command not in HARMLESS]


CASE = Case("berry-pm6750", cut, harmful, rate="HR", flipped=-2, not_in_noise=b"\x55\xaa\xff")
