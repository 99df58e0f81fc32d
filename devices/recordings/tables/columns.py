"""The columns of a table: which say when and whose a row is, which hold signals, by their names and the mapping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from devices.errors import RecordingError
from devices.recordings.names import PLAIN, Conversion, conversion, doubt, pair_method, plain, signal_of, split_unit
from devices.recordings.options import Options
from devices.recordings.recording import NOT_KNOWN, SAYS_PAIR, SAYS_WHAT, SAYS_WHEN, SAYS_WHO, Column


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DATED = _words(
    "time timestamp datetime dateandtime datetimeutc timeutc recordeddttm charttime recordedat measuredat "
    "measurementdatetime measurementtimestamp zeit zeitstempel zeitpunkt datumzeit datumuhrzeit horodatage fechahora "
    "recordedtime recordingtime observationtime readingtime readingdatetime localtime timestamputc timestampiso "
    "elapsed elapsedtime relativetime messzeit messzeitpunkt dateheure dateetheure fechayhora dataora datahora "
    "recordeddts recordeddatetime takentime resultdatetime eventenddttm effectivedatetime "
    "timegmt datetimegmt tid tidpunkt datumtid dateclock tijd tijdstip 时间 日時 測定日時 日期时间 测量时间 время "
)
_DATE = _words("date measurementdate readingdate testdate datum messdatum fecha dato 日期 測定日 дата")
_CLOCK = _words(
    "time measurementtime readingtime testtime timeofday clock uhrzeit zeit heure hora tid klokkeslett tijd"
    " 时间 時刻 время"
)
RELATIVE: dict[str, float] = {
    name: scale
    for scale, names in (
        (1.0, "timekey seconds second secs sec s t times timesec timesecs timeseconds elapseds elapsedsec"
              " elapsedseconds elapsedtimes elapsedtimesec elapsedtimeseconds"),
        (60.0, "minutes minute mins min timemin timemins timeminutes elapsedmin elapsedminutes elapsedtimemin"
               " elapsedtimeminutes observationoffset nursingchartoffset"),
        (3600.0, "hours timeh timehr timehrs timehours elapsedh elapsedhours elapsedtimeh elapsedtimehours iculos"),
        (0.001, "ms millis timems timemsec timemilliseconds elapsedms milliseconds relativetimemilliseconds"),
    )
    for name in names.split()
}  # fmt: skip
KNOWN_TIMES = _DATED | _DATE | _CLOCK | RELATIVE.keys()
TIMES = _DATED | _DATE | _CLOCK
"""What columns that say when are called, whose numbers count from no start."""
_OF_DAY = _words("clock uhrzeit heure hora timeofday klokkeslett")
_SHORT = _words("s t sec secs second ms min mins minute")
"""They may be something else (a temperature, a minimum) behind a column that holds a signal."""
_CLOCK_PARTS = tuple(map(_words, ("hour hours hh", "minute minutes min mins mm", "second seconds sec secs ss")))
_HALF = _words("ampm amorpm ampmindicator meridiem meridian")
_MINUTES = _words("opid charttime itemname")  # INSPIRE
_MILLISECONDS = _words("admissionid item measuredat registeredat")  # AmsterdamUMCdb
_WHO = _words(
    "patient patientid patientkey patientname patientnumber patientno patientnr patid patno ptid mrn subject subjectid "
    "recordid stayid hospitalizationid hadmid icustayid encounterid visitid personid participantid studyid animalid "
    "case casekey caseid caseno casenumber patientunitstayid pat patnumber patidentifier pt ptid ptnumber ptnr "
    "patientidentifier patientmrn patientcode mrnno medicalrecordnumber hospitalnumber hospitalno nhsnumber uhid csn "
    "subjid usubjid subjectno subjectnumber subjectnr participantno participantnumber admissionid "
    "opid operationid logid inpno inpatientno inpatientnumber "
    "participantcode subjectcode patcode patientencode pseudonym proband probandnr probandennr probandennummer "
    "versuchsperson vpnr vpcode screeningno screeningnumber randomisationno randomizationno randomisationnumber "
    "randomizationnumber patientennummer patientennr patientenid patientenname fallnummer fallnr fallid paciente "
    "idpatient idpaciente personnummer pesel cprnr cprnummer nhi hospno "
    "patmrnid patenccsnid patencid encntrid inpatientdataid "
)
_WHO_BED = _words(
    "bed bedid bedlabel bedname bednumber bedno bednr unitbed room roombed roomno location assignedlocation "
    "bett bettnr bettplatz zimmer lit chambre cama habitacion habitacin"
)
_WHO_STUDY = _words(
    "studyid recordid visitid encounterid case casekey caseid caseno casenumber csn hospitalnumber hospitalno "
    "fallnummer fallnr fallid"
)
_ZONE = _words("timezone tz timezoneid timeoffset utcoffset timezoneoffset zeitzone")
_EVENTS = _words("event events annotation annotations marker markers")
_WHO_PERHAPS = _words(
    "id pid name participant person animal record recordname file filename encounter visit nr idno idnr idnumber "
    "studyno studynumber fall user userid userno usernumber username benutzer utilisateur usuario"
)
# They name patients only where they come again: else they number the rows.
# The first that a table has: a category is of a known few, a name beside it is whatever the hospital calls it.
WHAT = (
    "parameter", "signal", "vitalcategory", "vitalname", "variable", "measurement", "item", "itemid", "label", "name",
    "itemlabel", "itemname", "nursingchartcelltypevalname", "parametername", "observation", "vitalsign",
    "description", "display", "flodisplayname", "floname", "flomeasname", "metric", "flowsheetmeasurename",
    "flowsheetmeasurenm", "flowsheetmeasure", "flowsheetrowname", "flomeasiddispname", "dispname",
    "displayname", "vital",
)  # fmt: skip
# Beside a category "sbp" it tells the cuff from the arterial line.
DETAIL = ("vitalname",)
VALUE = (
    "valuenum", "value", "vitalvalue", "measurementvalue", "nursingchartvalue", "resultvalue", "measvalue",
    "measuretxt", "resultval", "result",
)  # fmt: skip
UNIT = ("unit", "units", "valueuom", "uom", "measunit", "resultunits", "resultunit")
ERROR = ("error",)
QUEENSLAND = ("time", "relativetimemilliseconds", "clock")
"""The header of the University of Queensland's data begins so; its rows end in texts with commas, not quoted."""


class Field(Struct, frozen=True):
    """One signal column: where, how called, what it holds, how its values are converted.

    `own`: it stands under this program's own names, so its cells are taken as written. `unit`: as the file or a
    person says, "" if nobody does.
    """

    index: int
    name: str
    signal: str
    convert: Conversion
    own: bool = False
    unit: str = ""


def told_columns(names: Sequence[str], options: Options) -> tuple[tuple[int, ...], float | None] | None:
    """As `time_columns`, of those that a mapping names, if all are there."""
    told = options.overrides.time_columns
    if not told or any(name not in names for name in told):
        return None
    time = tuple(names.index(name) for name in told)
    return time, RELATIVE.get(plain(told[0])) if len(told) == 1 else None


def who_columns(
    names: Sequence[str], labels: Sequence[str], time: Sequence[int], options: Options
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The columns that name patients, and those of them that may number the rows instead."""
    told = options.overrides.patient_column
    if options.overrides.one_patient:
        return (), ()
    if told:
        return ((names.index(told),), ()) if told in names else ((), ())
    free = [place for place in range(len(names)) if place not in time]
    perhaps = tuple(place for place in free if labels[place] in _WHO_PERHAPS)
    # A patient may be moved to another bed: where patients are named, beds do not tell them apart.
    for known in (_WHO, _WHO_BED):
        if sure := tuple(place for place in free if labels[place] in known):
            return sure, ()
    return perhaps, perhaps


def name_patients(labels: Sequence[str], several: bool) -> bool:
    """Whether one of the columns with these `labels` names patients, not only their beds.

    Args:
        several: they hold several. What is called by these names and holds but one may be a study's or a file's.
    """
    return any(label not in _WHO_BED and (several or label not in _WHO_PERHAPS | _WHO_STUDY) for label in labels)


def owner_line(got: Sequence[str]) -> tuple[str, str]:
    """Whom a line of a report names, such as ``Patient: A`` in one cell or two: the name of the quality and its value;
    two empty ones if it names nobody."""
    first, _, behind = got[0].partition(":")
    value = behind.strip() or next((cell for cell in got[1:] if cell), "")
    label = plain(first)
    return (label, value) if value and (label in _WHO or label in _WHO_BED) else ("", "")


def time_columns(names: Sequence[str], labels: Sequence[str]) -> tuple[tuple[int, ...], float | None] | None:
    """Places of the column that says when, or of the date and the clock; seconds per unit of a number there, None if
    the table does not say. None if there is none."""
    if tuple(labels[:3]) == QUEENSLAND:
        return (1,), RELATIVE[labels[1]]  # it says its unit, and the clock beside it passes midnight without a date
    date = next((place for place, label in enumerate(labels) if label in _DATE), None)
    clock = next((place for place, label in enumerate(labels) if label in _CLOCK), None)
    if date is not None and clock is not None:
        return (date, clock), None
    held = set(labels)
    known = 60.0 if held >= _MINUTES else 0.001 if held >= _MILLISECONDS else None
    for place, label in enumerate(labels):
        if label in _DATED:
            return (place,), known
    signals = [place for place, name in enumerate(names) if signal_of(name)]
    for place, label in enumerate(labels):
        if label in RELATIVE and not (label in _SHORT and signals and signals[0] < place):
            return (place,), RELATIVE[label]
    # Without a clock beside it a date's cells may hold one; the time of a day is none.
    for one in (date, clock):
        if one is not None and labels[one] not in _OF_DAY:
            return (one,), None
    return None


def clock_parts(labels: Sequence[str], time: Sequence[int]) -> tuple[int, ...]:
    """Places of the columns that a time is cut into: of the date, the hour, the minute, the second, the half of the
    day. Empty where `time`, the columns that say when, is all of it."""
    date, hour, minute, second, half = (
        next((place for place, label in enumerate(labels) if label in part), -1)
        for part in (_DATE, *_CLOCK_PARTS, _HALF)
    )
    clock = [place for place in (hour, minute, second) if place >= 0]
    there = [place for place in (date, *clock, half) if place >= 0]
    is_cut = len(there) > 1 and any(place in time for place in clock)
    return tuple(sorted({*there, *time})) if is_cut or half >= 0 else ()


def say_utc(names: Sequence[str]) -> bool:
    """Whether the columns of the times say by their name, such as ``Time (UTC)``, that these are in UTC."""
    return any(plain(name).endswith(("utc", "gmt")) for name in names)


def zone_column(names: Sequence[str]) -> int:
    """The index of the column that says the zone of the times beside it, -1 if there is none."""
    return next((place for place, name in enumerate(names) if plain(name) in _ZONE), -1)


def ticks_column(names: Sequence[str]) -> int:
    """The index of VSCaptureMP's ``RelativeTime``, the monitor's counter; -1 if this is no table of its."""
    is_its = len(names) > 2 and plain(names[1]) == "relativetime" and any(name.startswith("NOM_") for name in names)
    return 1 if is_its else -1


def signal_columns(
    names: Sequence[str], time: Sequence[int], who: Sequence[int], options: Options
) -> tuple[list[Field], list[Column]]:
    fields: list[Field] = []
    columns: list[Column] = []
    ticks = ticks_column(names)
    beside = frozenset(plain(split_unit(name)[0]) for name in names)
    for place, name in enumerate(names):
        if place in time or place in who or place == ticks:
            columns.append(Column(name, "", "", SAYS_WHO if place in who else SAYS_WHEN))
            continue
        told = name in options.mapping or f"#{place + 1}" in options.mapping
        if not told and plain(name) in _EVENTS and all(column.note != SAYS_WHAT for column in columns):
            columns.append(Column(name, "", "", SAYS_WHAT))
            continue
        if not told and (why := doubt(name, beside)):
            columns.append(Column(name, "", split_unit(name)[1], why))
            continue
        found = _field(place, name, options, [field.name for field in fields])
        if isinstance(found, Column) and not told and pair_method(name) and names.count(name) == 1:
            found = replace(found, note=SAYS_PAIR)  # its cells tell whether it is one
        columns.append(
            found if isinstance(found, Column) else Column(name, found.signal, found.unit, found.convert.note)
        )
        if isinstance(found, Field):
            fields.append(found)
    return fields, columns


def _field(place: int, name: str, options: Options, held: Sequence[str]) -> Field | Column:
    """What the column called `name` is read as, or why it is left out. `held`: the names of those before it."""
    number = f"#{place + 1}"
    chosen = options.mapping.get(number, options.mapping.get(name))
    units = options.overrides.units
    unit = units.get(number, units.get(name, split_unit(name)[1]))
    signal = signal_of(name) if chosen is None else chosen
    if not signal:
        why = NOT_KNOWN if chosen is None else "left out by the mapping"
        return Column(name, "", unit, why)
    convert = conversion(unit, signal)
    if convert is None:
        return Column(name, "", unit, f"{unit} is no unit of {signal}")
    if name not in held:
        return Field(place, name, signal, convert, unit=unit)
    if number in options.mapping:
        return Field(place, f"{name}{number}", signal, convert, unit=unit)
    if signal.startswith("NIBP_") or signal in PLAIN:
        raise RecordingError(
            f"two columns are called {name!r} and hold the same cuff value: leave one out with --mapping, as {number!r}"
        )
    # VSCapture has two columns called RR, of two modules: the first is the one beside the patient's CO2.
    return Column(name, "", unit, f"a second column of this name ({number} in a mapping)")


def refuse_doubles(fields: Sequence[Field], what: str = "columns") -> None:
    """Refuses two `what` of one cuff value: a measurement has one of each.

    Raises:
        RecordingError: there are.
    """
    if len({field.signal for field in fields}) == len(fields):
        return
    held = Counter(field.signal for field in fields)
    for signal, count in held.items():
        if count > 1 and (signal.startswith("NIBP_") or signal in PLAIN):
            both = " and ".join(repr(field.name) for field in fields if field.signal == signal)
            raise RecordingError(f"the {what} {both} hold the same cuff value: leave one out with --mapping")
