"""Vital Recorder's `.vital` files: the numbers of all devices, cuff measurements counted once.

Source: the recorded-files sheet, section 2. Times are UTC (the zone bias in the header tells of the recording
computer's setting and is not used). Missing is no record. Two devices that give the same quantity stay two sources.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devices import instant
from devices.errors import RecordingError
from devices.reading import Status
from devices.recordings.cuff_columns import measured, of_shown
from devices.recordings.cuffs import RESENT, Shown
from devices.recordings.names import PLAIN, Conversion, conversion, signal_of
from devices.recordings.options import Options, refuse_start
from devices.recordings.readings.in_tracks import TrackReadings
from devices.recordings.readings.lazy import MANY
from devices.recordings.recording import LARGEST, SAYS_WHAT, Builder, Column, Recording
from devices.recordings.series import SeriesRecording, doubles, instants
from devices.recordings.vital.columns import VitalColumn
from devices.recordings.vital.packets import VitalRecords, read_packets
from devices.recordings.vital.sources import FORMAT, CuffTracks, NumberTrack, joined, refuse_together
from devices.recordings.vital.tracks import EVENT_TRACK, NUMBER, VitalTrack
from devices.signals import NIBP

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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
    into, tracks, cuffs = _decoded(path, options)
    if _are_many(tracks, cuffs):
        into.keep(_in_columns(tracks, cuffs))
    else:
        _add(tracks, cuffs, into)
    return into.build()


def read_series(path: Path, options: Options) -> SeriesRecording:
    """As `read`, in columns."""
    into, tracks, cuffs = _decoded(path, options, options.places)
    micros = [int(instants(0, one.seconds[:1])[0]) for one in tracks if len(one.seconds)]
    micros += [int(each.measured.time[0]) for each in cuffs if len(each.measured.time)]
    begins = min(micros, default=0) // instant.SECOND * instant.SECOND
    found = [one.series(begins) for one in tracks]
    for number, each in enumerate(cuffs):
        found += each.series(begins, number)
    made = into.build()
    return SeriesRecording(begins, tuple(found), made.notices, False, FORMAT, made.patients, made.counts, made.mapping)


def _are_many(tracks: Sequence[NumberTrack], cuffs: Sequence[CuffTracks]) -> bool:
    """Columns are worth it. A track that was described anew in another unit is one source of two, and is left out."""
    names = [(one.signal, one.name) for one in tracks]
    held = sum(len(one.values) for one in tracks) + sum(len(NIBP) * len(each.measured.time) for each in cuffs)
    return held >= MANY and len(set(names)) == len(names)


def _in_columns(tracks: list[NumberTrack], cuffs: Sequence[CuffTracks]) -> TrackReadings:
    """All readings; `tracks` is empty afterwards, for weeks of seconds and of microseconds need not be held at once."""
    streams = []
    while tracks:
        streams.append(tracks.pop(0).stream())
    for each in cuffs:
        streams += each.streams()
    return TrackReadings(streams)


def _add(tracks: Sequence[NumberTrack], cuffs: Sequence[CuffTracks], into: Builder) -> None:
    for one in tracks:
        rows = zip(one.times.tolist(), one.place.tolist(), one.numbers.tolist(), strict=True)
        for time, place, value in rows:
            into.add(time, place, one.signal, value, one.name, one.status if value else None)
    for each in cuffs:
        columns = {signal: column.tolist() for signal, column in each.measured.values.items()}
        rows_of = zip(each.measured.time.tolist(), each.measured.row.tolist(), each.statuses(), strict=True)
        for index, (time, row, status) in enumerate(rows_of):
            held = {signal: column[index] for signal, column in columns.items() if column[index] == column[index]}
            into.add_cuff(time, row, held, each.names, status)


def _decoded(path: Path, options: Options, places: bool = True) -> tuple[Builder, list[NumberTrack], list[CuffTracks]]:
    refuse_start(options, path.name)
    if options.patient is not None:
        raise RecordingError("the recording does not say whose values these are: leave --patient out")
    limits = options.limits
    found = read_packets(
        path, limits.unpacked_bytes, limits.readings, lambda place, track: bool(_meaning(place, track, options)), places
    )
    if not found.ended and "damaged" in found.why:
        raise RecordingError(f"{path.name}: {found.why}; ask for another copy")
    _check_device(found, options)
    into = Builder(FORMAT, limits)
    into.counts.rows = found.packets
    if not found.ended or found.why:
        into.notice("incomplete", f"{path.name}: {found.why}; what could be read of it was")
    tracks, cuffs, begin = _tracks(found, options, into)
    # All that was read is in these alone by now, and goes as its measurements are found.
    return into, tracks, [_cuff(device, shown, begin, into) for device, shown in cuffs.items() if shown]


def _check_device(found: VitalRecords, options: Options) -> None:
    held = [track.device for place, track in enumerate(found.tracks) if _meaning(place, track, options)]
    devices = [name for name in dict.fromkeys(held) if name]
    if options.device and options.device not in devices:
        shown = f"one of {', '.join(devices[:8])}" if devices else "nothing: it names no device"
        raise RecordingError(f"the recording has no values of a device {options.device!r}: say --device, {shown}")


def _meaning(place: int, track: VitalTrack, options: Options) -> str:
    """The signal a track holds, the one at `place` in the file: as mapped, else by Vital Recorder's own meaning, else
    by its name; "" if none."""
    if track.kind != NUMBER:
        return ""
    if (said := options.said_of(place, track.full_name)) is not None:
        return said
    if track.montype in MONTYPES:
        return MONTYPES[track.montype]
    # The sheets list some of its meanings, not all: RR_CO2 and FEM_SBP are known by name.
    signal = signal_of(track.name)
    return "" if signal in PLAIN else signal


def _tracks(
    found: VitalRecords, options: Options, into: Builder
) -> tuple[list[NumberTrack], dict[str, list[NumberTrack]], int]:
    """The tracks that are used, those of cuffs apart by device, and the instant of the first record of any."""
    import numpy as np

    wanted: list[tuple[VitalTrack, str, Conversion]] = []
    left_out = []
    meanings = [_meaning(place, track, options) for place, track in enumerate(found.tracks)]
    chosen = {
        signal
        for track, signal in zip(found.tracks, meanings, strict=True)
        if options.device and track.device == options.device
    }
    for track, signal in zip(found.tracks, meanings, strict=True):
        if signal in chosen and signal and track.device != options.device:
            into.mapping.append(Column(track.full_name, "", track.unit, f"{options.device} was chosen for {signal}"))
            left_out.append(track.full_name)
            continue
        convert = conversion(track.unit, signal) if signal else None
        if convert is not None:
            wanted.append((track, signal, convert))
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
    columns = {id(column.track): _sane(column, into) for column in found.columns}
    if lost := into.counts.refused.get("without a time", 0):
        into.notice("row-refused", f"{lost} records carry no possible time and were refused")
    for seconds, text, number in found.events:
        if instant.EARLIEST // instant.SECOND < seconds < instant.LATEST // instant.SECOND:  # and not NaN
            into.event(int(instants(0, np.array([seconds]))[0]), text, number)
    begins = min((float(each.time.min()) for each in columns.values() if len(each.time)), default=0.0)
    tracks: list[NumberTrack] = []
    cuffs: dict[str, list[NumberTrack]] = {}
    used: list[tuple[VitalTrack, NumberTrack]] = []
    back = 0
    for track, signal, convert in wanted:
        column = next((columns[id(each.track)] for each in found.columns if each.track == track), None)
        if column is None:
            continue  # described, and of a kind whose numbers are not read
        if len(column.value) and not column.value.any():
            into.notice("ignored", f"{track.full_name} is 0 throughout, so nothing was connected: left out")
            into.mapping = [
                Column(c.name, "", c.unit, "0 throughout") if c.name == track.full_name else c for c in into.mapping
            ]
            continue
        time, value, place = column.time, column.value, column.place
        if (time[1:] < time[:-1]).any():
            back += int((np.diff(time) < -1).sum())
            order = np.argsort(time, kind="stable")
            time, value, place = time[order], value[order], place[order] if len(place) else place
        if convert.note:
            value = convert.apply_to(doubles(value))
        one = NumberTrack(signal, track.full_name, time, value, place, Status.DEMO if _is_demo(track.device) else None)
        for held, other in used:
            if (other.signal, other.name) == (signal, track.full_name) and held.number != track.number:
                refuse_together(other, one, [found.tracks.index(each) + 1 for each in (held, track)])
        used.append((track, one))
        if signal not in NIBP:
            tracks.append(one)
            into.counts.used += len(time)
            continue
        of_device = cuffs.setdefault(track.device, [])
        before = next((each for each in of_device if each.signal == signal), None)
        if before and len(value):
            if before.name != one.name:
                both = f"{before.name!r} and {one.name!r}"
                raise RecordingError(f"the tracks {both} hold the same cuff value: leave one out with --mapping")
            of_device.remove(before)
            one = joined(before, one)
        if len(value):
            of_device.append(one)
    if back:
        into.notice("out-of-order", f"the times go back {back} times; values were put in the order of their times")
    if any(_is_demo(track.device) for track, _, _ in wanted):
        into.notice("ignored", "the values of the recorder's Demo device are no patient's: shown as demo, not used")
    found.columns.clear()
    return tracks, cuffs, int(instants(0, np.array([begins]))[0])


def _sane(column: VitalColumn, into: Builder) -> VitalColumn:
    """Without the records that carry no possible time, and without what is no number."""
    import numpy as np

    earliest, latest = instant.EARLIEST // instant.SECOND, instant.LATEST // instant.SECOND
    time, value = column.time, column.value
    if not len(time):
        return column
    # A NaN is neither: it goes the long way.
    if time.min() > earliest and time.max() < latest and max(-float(value.min()), float(value.max())) < LARGEST:
        return column
    dated = np.isfinite(time) & (time > earliest) & (time < latest)
    if not dated.all():
        into.counts.refuse("without a time", int((~dated).sum()))
    with np.errstate(invalid="ignore"):  # of a NaN that signals
        kept = dated & (np.abs(value.astype(np.float64)) < LARGEST)  # and not NaN
    return VitalColumn(column.track, time[kept], value[kept], column.place[kept] if len(column.place) else column.place)


def _is_demo(device: str) -> bool:
    return device.lower() == DEMO


def _cuff(device: str, tracks: list[NumberTrack], begins: int, into: Builder) -> CuffTracks:
    import numpy as np

    tracks.sort(key=lambda one: NIBP.index(one.signal))
    names = {one.signal: one.name for one in tracks}
    first = tracks[0].times
    rows = [one.place if len(one.place) == len(one.values) else np.arange(len(one.values)) for one in tracks]
    together = all(np.array_equal(one.seconds, tracks[0].seconds) for one in tracks[1:])
    if together and (first[1:] > first[:-1]).all():
        row = np.minimum.reduce(rows)
        rows.clear()
        values: dict[str, NDArray[np.float64]] = {}
        for signal in names:  # what is read is not held twice: a whole day's records are some megabytes
            values[signal] = tracks.pop(0).numbers
        found = measured(first, row, values)
    else:
        found = of_shown(list(_together(_records(tracks, rows))), [one.signal for one in tracks])
    repeats = int(found.repeats.sum())
    into.counts.repeats += repeats
    present = [(~np.isnan(column)).astype(np.int64) for column in found.values.values()]
    into.counts.used += int((np.add.reduce(present) * (found.repeats + 1)).sum())
    # On the monitor's screen when recording began, and shown again since: nobody knows how old it is.
    old = bool(len(found.time) and found.stayed[0] and int(found.time[0]) - begins <= RESENT)
    return CuffTracks(names, found, old, _is_demo(device))


def _records(tracks: list[NumberTrack], rows: list[NDArray[Any]]) -> list[tuple[int, int, str, float]]:
    found = [
        (when, row, one.signal, value)
        for one, place in zip(tracks, rows, strict=True)
        for when, row, value in zip(one.times.tolist(), place.tolist(), one.numbers.tolist(), strict=True)
    ]
    found.sort(key=lambda record: (record[0], record[1]))
    return found


def _together(records: list[tuple[int, int, str, float]]) -> Iterator[Shown]:
    """The records of one device's cuff, by time, as values shown together."""
    begun, row, values = 0, 0, dict[str, float]()
    for time, place, signal, value in records:
        if values and (signal in values or time - begun > TOGETHER):
            yield Shown(begun, row, values)
            values = {}
        if not values:
            begun, row = time, place
        values[signal] = value
    if values:
        yield Shown(begun, row, values)
