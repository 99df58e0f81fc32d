"""Our own captures as recordings: a fault in the field, replayed at a desk through the driver that met it.

The capture's header says which protocol its bytes speak and how its driver was set (recorded-files sheet, section 6).
"""

from __future__ import annotations

from pathlib import Path

from devices import catalogue
from devices.captures.decoding import decode, nothing_understood
from devices.captures.reading import read_capture
from devices.errors import CaptureError, DeviceError, RecordingError
from devices.recordings.options import Options, refuse_start
from devices.recordings.recording import Builder, Recording


def read(path: Path, options: Options) -> Recording:
    """Reads the capture `path`.

    Raises:
        RecordingError: it names no protocol that is spoken here, or nothing in it is understood.
    """
    refuse_start(options, path.name)
    if options.patient is not None:
        raise RecordingError("a capture does not say whose values these are: leave --patient out")
    if options.mapping:
        raise RecordingError("a capture's protocol says what its values are: leave --mapping out")
    try:
        captured = read_capture(path, options.zone)
        protocol = captured.header.get("protocol")
        if not protocol:
            raise RecordingError(
                f"{path} does not say which protocol its bytes speak: `risewatch decode PROTOCOL {path}` reads it"
            )
        known = catalogue.protocol_named(str(protocol)).settings
        given = captured.header.get("settings")
        settings = {key: value for key, value in given.items() if key in known} if isinstance(given, dict) else {}
        driver = catalogue.create(str(protocol), settings)
        if "zone" not in settings:
            driver.zone = options.zone
        decoded = decode(captured, driver, path)
        if not driver.counters.frames:
            raise nothing_understood(path, driver)
    except CaptureError as error:
        raise RecordingError(str(error)) from None
    except RecordingError:
        raise
    except DeviceError as error:
        raise RecordingError(f"{path} cannot be decoded: {error}") from None
    into = Builder("capture", options.limits)
    into.counts.rows = len(captured.pieces)
    into.counts.used = driver.counters.frames
    into.counts.refused = dict(driver.counters.by_reason)
    into.relative = decoded.relative
    into.readings = decoded.readings
    for notice in decoded.notices:
        into.notice(
            notice.kind, notice.text, time=notice.time, signal=notice.signal, code=notice.code, raw=notice.raw,
            row=notice.received,
        )  # fmt: skip
    return into.build()
