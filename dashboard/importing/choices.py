"""What a person says about a recording that is to be imported or replayed, and the recording read by it.

The command and the pages make the same `Choices`; what is not said is empty.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from dashboard.errors import SessionError
from devices import instant
from devices.recordings.base import Overrides, Recording, ask_source, read_recording
from devices.recordings.overrides import ONE_PATIENT, day, time_unit


class Choices(Struct, frozen=True):
    """Attributes:
    zone: of times without an offset. zone_said: a person named it; else it is the clinic's, and what the file says of
        another is asked. start: when a recording with relative time began, ISO 8601.
    date_order, patient, member, device: as the options of `risewatch import` of these names.
    also: further files of the same session. mapping: all else, as a mapping file says it.
    """

    zone: str = "UTC"
    start: str = ""
    date_order: str = ""
    patient: str = ""
    member: str = ""
    device: str = ""
    also: tuple[Path, ...] = ()
    mapping: Overrides = field(default_factory=Overrides)
    zone_said: bool = False

    def read(self, path: Path) -> Recording:
        """The recording at `path`: dated, with one source of each signal, and not empty.

        Raises:
            RecordingError: it cannot be read, or (ChoiceNeeded) leaves something open.
            SessionError: a zone or a start that cannot be; it holds nothing that could be used.
        """
        try:
            zone = instant.zone_named(self.zone)
            start = instant.parse(self.start, zone) if self.start else None
        except ValueError as error:
            raise SessionError(str(error)) from None
        read = read_recording(
            path,
            zone=zone if self.zone_said else None,
            assumed_zone=zone,
            start=start,
            date_order=self.date_order or None,
            patient=self.patient or None,
            member=self.member or None,
            device=self.device or None,
            also=self.also,
            mapping=self.mapping,
        )
        ask_source(read)
        if not read.readings:
            raise SessionError(f"{path.name} holds no reading that could be used")
        return read

    def plain(self) -> dict[str, Any]:
        """As plain data, for the record of the import."""
        said = {
            "timezone": self.zone, "start": self.start, "date_order": self.date_order, "member": self.member,
            "device": self.device, "with": [each.name for each in self.also], "mapping": self.mapping.plain(),
        }  # fmt: skip
        return {name: value for name, value in said.items() if value}

    def answered(self, option: str, answer: str, column: str = "") -> Choices:
        """With the answer to what a `ChoiceNeeded` asks.

        Raises:
            SessionError: it is no answer. KeyError: there is no such question.
        """
        if option == "unit":
            return self.with_mapping(units={**self.mapping.units, column: answer})
        if option == "column":
            return self.with_mapping(columns={**self.mapping.columns, answer: ""})
        if option == "patient_column":
            one = answer == ONE_PATIENT
            return self.with_mapping(patient_column="" if one else answer, one_patient=one or None)
        if option == "time_unit":
            try:
                return self.with_mapping(time_unit=time_unit(answer))
            except ValueError:
                raise SessionError(
                    f"{answer!r} is neither s, min, h or ms nor a number, how many there are in a second"
                ) from None
        if option == "time_date":
            if answer == "h":
                return self.with_mapping(time_unit=answer)
            try:
                return self.with_mapping(first_day=day(answer))
            except ValueError:
                raise SessionError(f"{answer!r} is no day such as 2026-03-21, nor h for hours from the start") from None
        if option == "decimal_mark":
            return self.with_mapping(**{option: answer})
        name = {"timezone": "zone"}.get(option, option)
        if name not in ("zone", "start", "date_order", "patient", "member", "device"):
            raise KeyError(option)
        return replace(self, **{name: answer}, zone_said=self.zone_said or name == "zone")

    def with_mapping(self, **said: Any) -> Choices:
        return replace(self, mapping=replace(self.mapping, **said))

    def with_all(self, said: Overrides) -> Choices:
        """With a mapping file in place of what was said of columns and values; its zone and order if it has them."""
        return replace(
            self, mapping=said, zone=said.zone or self.zone, zone_said=self.zone_said or said.zone != "",
            date_order=said.date_order or self.date_order,
        )  # fmt: skip

    def as_mapping(self) -> Overrides:
        """All of it that a mapping file can say of files of the same kind."""
        zone = self.zone if self.zone_said else self.mapping.zone
        return replace(self.mapping, date_order=self.date_order or self.mapping.date_order, zone=zone)
