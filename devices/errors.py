"""The errors of this package. Each message is one sentence for a person: what, where, what to do.

DeviceError
 ├── UnknownName(DeviceError, LookupError)    no such protocol, format, patient, fault
 ├── SettingError(DeviceError, ValueError)    a setting that cannot be (a bad URL, an unknown key)
 ├── LinkError(DeviceError, OSError)          a port that cannot be opened, is in use or was lost
 ├── CaptureError(DeviceError, ValueError)    captured bytes that cannot be decoded at all
 ├── WritingError(DeviceError)                a file that cannot be written, or cannot hold what it should
 └── RecordingError(DeviceError, ValueError)  a file that cannot be read
      └── ChoiceNeeded                        it can, once a choice is made: the message names the option
"""

from __future__ import annotations

from collections.abc import Sequence


class DeviceError(Exception):
    """Anything this package refuses to do, said in one sentence."""


class UnknownName(DeviceError, LookupError):
    """A protocol, format, patient or fault that does not exist: ``risewatch listen dynamap /dev/ttyUSB0``."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class SettingError(DeviceError, ValueError):
    """A setting that cannot be: a port URL of an unknown scheme, a baud rate of zero, a misspelt key."""


class LinkError(DeviceError, OSError):
    """A port that does not exist, is in use, may not be opened by this user, or went away."""


class CaptureError(DeviceError, ValueError):
    """Bytes from which nothing can be decoded, or which carry no time where one is needed."""


class WritingError(DeviceError):
    """A file that cannot be written (a full disk, a folder that is not there), or whose format cannot hold it."""


class RecordingError(DeviceError, ValueError):
    """A file that is not what it says it is, is damaged, or exceeds the limits of what is read."""


class ChoiceNeeded(RecordingError):
    """A file that leaves something open: several patients, day or month first, no date.

    Attributes:
        option: what would settle it: ``patient``, ``member``, ``device``, ``date_order``, ``timezone``, ``start``,
            ``time_unit``, ``time_date``, ``decimal_mark``, ``unit`` (of `column`), ``patient_column`` (`column` may be
            it) or ``column`` (one of which is to be left out).
        among: what may be chosen, as it is to be said; empty where that is not known.
    """

    def __init__(self, message: str, option: str = "", among: Sequence[str] = (), column: str = "") -> None:
        super().__init__(message)
        self.option, self.among, self.column = option, tuple(among), column
