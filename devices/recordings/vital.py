"""Vital Recorder's `.vital` files: the numbers of all devices, cuff measurements counted once.

Source: the recorded-files sheet, section 2. Times are UTC (the zone bias in the header tells of the recording
computer's setting and is not used). Missing is no record. Two devices that give the same quantity stay two sources.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from devices import instant
from devices.errors import RecordingError
from devices.reading import Status
from devices.recordings.cuffs import RESENT, Shown, measurements
from devices.recordings.header import SAYS_WHAT
from devices.recordings.names import PLAIN, Conversion, conversion, signal_of
from devices.recordings.recording import Builder, Column, Options, Recording, refuse_start
from devices.recordings.texts import LARGEST
from devices.recordings.vital_packets import EVENT_TRACK, NUMBER, VitalRecords, VitalTrack, read_packets
from devices.signals import NIBP

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT = "vital"

TOGETHER = instant.SECOND
"""Cuff values of one device this close belong to one measurement."""

MONTYPES = {
    2: "HR", 5: "ABP_SYS", 6: "ABP_DIA", 7: "ABP_MEAN", 9: "PR", 10: "SPO2", 12: "RR",
    16: "NIBP_SYS", 17: "NIBP_DIA", 18: "NIBP_MEAN", 19: "TEMP",
}  # fmt: skip
DEMO = "demo"


def read(path: Path, options: Options) -> Recording:
    """Reads the recording `path`.

    Raises:
        RecordingError: not a `.vital` file, damaged or cut before its first number, or too large.
    """
    refuse_start(options, path.name)
    if options.patient is not None:
        raise RecordingError("the recording does not say whose values these are: leave --patient out")
    limits = options.limits
    found = read_packets(path, limits.unpacked_bytes, limits.readings, lambda track: bool(_meaning(track, options)))
    if not found.ended and "damaged" in found.why:
        raise RecordingError(f"{path.name}: {found.why}; ask for another copy")
    into = Builder(FORMAT, limits)
    into.counts.rows = found.packets
    if not found.ended or found.why:
        into.notice("incomplete", f"{path.name}: {found.why}; what could be read of it was")
    _fill(found, options, into)
    return into.build()


def _meaning(track: VitalTrack, options: Options) -> str:
    """The signal a track holds: as mapped, else by Vital Recorder's own meaning, else by its name; "" if none."""
    if track.kind != NUMBER:
        return ""
    if track.full_name in options.mapping:
        return options.mapping[track.full_name]
    if track.montype in MONTYPES:
        return MONTYPES[track.montype]
    # The sheets list some of its meanings, not all: RR_CO2 and FEM_SBP are known by name.
    signal = signal_of(track.name)
    return "" if signal in PLAIN else signal


def _fill(found: VitalRecords, options: Options, into: Builder) -> None:
    import numpy as np

    tracks: list[tuple[VitalTrack, str, Conversion]] = []
    left_out = []
    for track in found.tracks.values():
        signal = _meaning(track, options)
        convert = conversion(track.unit, signal) if signal else None
        if convert is not None:
            tracks.append((track, signal, convert))
            into.mapping.append(Column(track.full_name, signal, track.unit, convert.note))
            continue
        if track.full_name == EVENT_TRACK:
            into.mapping.append(Column(track.full_name, "", "", SAYS_WHAT))
            continue
        why = f"{track.unit} is no unit of {signal}" if signal else "no number that is used"
        into.mapping.append(Column(track.full_name, "", track.unit, why))
        left_out.append(track.full_name)
    if left_out:
        shown = ", ".join(left_out[:12]) + (f" and {len(left_out) - 12} more" if len(left_out) > 12 else "")
        into.notice("ignored", f"tracks left out: {shown}")
    years = instant.EARLIEST // instant.SECOND, instant.LATEST // instant.SECOND
    sane = np.isfinite(found.time) & (found.time > years[0]) & (found.time < years[1])
    if not sane.all():
        into.counts.refuse("without a time", int((~sane).sum()))
        into.notice("row-refused", f"{int((~sane).sum())} records carry no possible time and were refused")
    for seconds, text, place in found.events:
        if years[0] < seconds < years[1]:  # and not NaN
            into.event(_micros(np.array([seconds]))[0], text, place)
    sane &= np.abs(found.value) < LARGEST  # and not NaN
    begins = _micros(found.time[sane][:0] if not sane.any() else found.time[sane].min(keepdims=True))
    cuffs: dict[str, list[tuple[int, int, str, float, str]]] = {}
    back = 0
    for track, signal, convert in tracks:
        mine = np.flatnonzero(sane & (found.number == track.number))
        values = found.value[mine]
        if len(values) and not values.any():
            into.notice("ignored", f"{track.full_name} is 0 throughout, so nothing was connected: left out")
            into.mapping = [
                Column(c.name, "", c.unit, "0 throughout") if c.name == track.full_name else c for c in into.mapping
            ]
            continue
        back += int((np.diff(found.time[mine]) < -1).sum())
        converted = [convert.apply(value) for value in values.tolist()]
        rows = zip(_micros(found.time[mine]), found.place[mine].tolist(), converted, strict=True)
        if signal in NIBP:
            into_device = cuffs.setdefault(track.device, [])
            other = next((name for _, _, s, _, name in into_device if s == signal and name != track.full_name), "")
            if other and len(mine):
                both = f"{other!r} and {track.full_name!r}"
                raise RecordingError(f"the tracks {both} hold the same cuff value: leave one out with --mapping")
            into_device += [(time, place, signal, value, track.full_name) for time, place, value in rows]
            continue
        status = Status.DEMO if _is_demo(track.device) else None
        for time, place, value in rows:
            into.add(time, place, signal, value, track.full_name, status if value else None)
        into.counts.used += len(mine)
    if back:
        into.notice("out-of-order", f"the times go back {back} times; values were put in the order of their times")
    for device, records in cuffs.items():
        _cuffs(device, records, begins[0] if begins else 0, into)
    if any(_is_demo(track.device) for track, _, _ in tracks):
        into.notice("ignored", "the values of the recorder's Demo device are no patient's: shown as demo, not used")


def _is_demo(device: str) -> bool:
    return device.lower() == DEMO


def _micros(times: NDArray[np.float64]) -> list[int]:
    """Seconds since 1970 as instants. Whole seconds and their fraction apart: their product would lose digits."""
    import numpy as np

    whole = np.floor(times)
    return (whole.astype("i8") * instant.SECOND + np.rint((times - whole) * instant.SECOND).astype("i8")).tolist()  # type: ignore[no-any-return]


def _cuffs(device: str, records: list[tuple[int, int, str, float, str]], begins: int, into: Builder) -> None:
    records.sort(key=lambda record: (record[0], record[1]))
    names = {signal: name for _, _, signal, _, name in records}
    measured = measurements(list(_together(records)))
    into.counts.repeats += sum(one.repeats for one in measured)
    for place, one in enumerate(measured):
        status = None
        if place == 0 and one.stayed and one.shown.time - begins <= RESENT:
            # On the monitor's screen when recording began, and shown again since: nobody knows how old it is.
            status = Status.AGE_UNKNOWN
        if _is_demo(device):
            status = Status.DEMO
        into.add_cuff(one.shown.time, one.shown.row, one.shown.values, names, status)
        into.counts.used += len(one.shown.values) * (one.repeats + 1)


def _together(records: list[tuple[int, int, str, float, str]]) -> Iterator[Shown]:
    """The records of one device's cuff, by time, as values shown together."""
    begun, row, values = 0, 0, dict[str, float]()
    for time, place, signal, value, _ in records:
        if values and (signal in values or time - begun > TOGETHER):
            yield Shown(begun, row, values)
            values = {}
        if not values:
            begun, row = time, place
        values[signal] = value
    if values:
        yield Shown(begun, row, values)
