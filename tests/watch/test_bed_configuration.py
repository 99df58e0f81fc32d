"""A bed configuration: read, or refused in one sentence that names the place."""

import pytest

from dashboard.errors import ConfigurationError
from dashboard.watch.configuration import load_configuration

BED = '[[bed]]\nname = "Bed 1"\nprotocol = "line"\nport = "/dev/ttyUSB0"\n'

HL7 = '[[bed]]\nname = "Bed 1"\nprotocol = "hl7"\nport = "listen://0.0.0.0:2575"\nlocation = "Ward^3^7"\n'
OTHER = HL7.replace("Bed 1", "Bed 2").replace("Ward^3^7", "Ward^3^8")


def load(tmp_path, text):
    path = tmp_path / "beds.toml"
    path.write_text(text, encoding="utf-8")
    return load_configuration(path)


def test_a_whole_configuration(tmp_path):
    found = load(
        tmp_path,
        'watch = "ward"\ndatabase = "postgresql+psycopg://db/ward"\ntimezone = "Europe/Berlin"\n'
        + BED
        + "[bed.settings]\nbaud = 9600\nloose = true\n",
    )
    assert (found.watch, found.database, found.timezone) == ("ward", "postgresql+psycopg://db/ward", "Europe/Berlin")
    assert [(bed.name, bed.protocol, bed.port, bed.settings) for bed in found.bed] == [
        ("Bed 1", "line", "/dev/ttyUSB0", {"baud": 9600, "loose": True})
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", r"no \[\[bed\]\] is configured"),
        ("watch = ", "is not TOML"),
        (BED + "colour = 1\n", "there is no setting 'bed.1.colour'"),
        ('[[bed]]\nname = "Bed 1"\nprotocol = "line"\n', "'bed.1.port' is missing"),
        (BED.replace('"line"', '"lyne"'), "bed 'Bed 1': there is no protocol 'lyne'; there are"),
        (BED + BED.replace("Bed 1", "Bed 2"), "'Bed 1' and 'Bed 2' are on the same port /dev/ttyUSB0"),
        (BED + BED.replace("USB0", "USB1"), "two beds are called 'Bed 1'"),
        (BED + "[bed.settings]\nbawd = 1\n", "line has no setting 'bawd'"),
        (BED + '[bed.settings]\nbaud = "fast"\n', "the setting 'baud' cannot be 'fast'"),
        (BED + 'location = "ICU^1"\n', "'location' is for hl7 only"),
        (HL7 + HL7.replace("Bed 1", "Bed 2"), "of the same location Ward"),
        (HL7 + HL7.replace("Bed 1", "Bed 2").replace("Ward^3^7", "7"), "of the same location 7"),
        (HL7 + HL7.replace("Bed 1", "Bed 2").replace('location = "Ward^3^7"', ""), "give each its 'location'"),
        (HL7 + BED.replace("Bed 1", "Bed 2").replace("/dev/ttyUSB0", "listen://0.0.0.0:2575"), "carries one monitor"),
        (HL7 + OTHER + '[bed.settings]\nzone = "Europe/Berlin"\n', "their settings differ"),
        (HL7.replace("Ward^3^7", "^^"), "is no location such as"),
        ('timezone = "Mars/Olympus"\n' + BED, "'Mars/Olympus' is not a time zone"),
        (BED.replace('"Bed 1"', "7"), "'bed.1.name' cannot be 7"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(tmp_path, text, sentence):
    with pytest.raises(ConfigurationError, match=sentence) as refusal:
        load(tmp_path, text)
    assert "\n" not in str(refusal.value)


def test_beds_may_share_an_hl7_port_by_their_locations(tmp_path):
    found = load(tmp_path, HL7 + OTHER)
    assert [bed.location for bed in found.bed] == ["Ward^3^7", "Ward^3^8"]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"beds\.toml cannot be read: No such file"):
        load_configuration(tmp_path / "beds.toml")
