"""The configuration file as a screen has it written: checked, whole or not at all, the old one kept."""

import pytest

from dashboard.errors import ConfigurationError
from dashboard.watch.configuration import load_configuration, parse_configuration
from dashboard.watch.configuration_file import ConfigurationFile, Shown, to_toml
from devices import instant

NOW = instant.parse("2026-03-01T10:00:00Z")

OLD = """# by hand
watch = "clinic"
database = "postgresql+psycopg://u:secret@host/db"
timezone = "Europe/Berlin"

[[bed]]
name = "Bed 1"
protocol = "ge-dri"
port = "/dev/ttyUSB0"
group = "North"
capture = true
[bed.settings]
baud = 19200
rtscts = false
"""

NEW = 'timezone = "UTC"\n[[bed]]\nname = "Bett \\"A\\" ü"\nprotocol = "dinamap"\nport = "socket://h:4001"\n'


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "beds.toml"
    file.write_text(OLD, encoding="utf-8")
    file.chmod(0o640)
    return file


def open_file(path, **more):
    return ConfigurationFile(path, load_configuration(path), **more)


def test_a_configuration_written_and_read_again_is_the_same(path):
    configuration = load_configuration(path)
    assert parse_configuration(to_toml(configuration), "x") == configuration
    other = parse_configuration(NEW, "x")
    assert parse_configuration(to_toml(other), "x") == other


def test_no_secret_of_the_database_reaches_a_screen(path):
    shown = open_file(path).shown()
    assert "secret@" not in shown.to_setting()
    assert Shown.from_setting(shown.to_setting()) == shown
    assert parse_configuration(shown.configuration, "x").bed == load_configuration(path).bed


def test_a_new_configuration_takes_the_files_place_and_the_old_one_is_kept(path):
    file = open_file(path)
    answer = file.write(NEW, file.shown().basis, NOW)
    written = load_configuration(path)
    assert [each.name for each in written.bed] == ['Bett "A" ü']
    assert (written.timezone, written.database) == ("UTC", "postgresql+psycopg://u:secret@host/db")
    kept = path.with_name("beds.toml.20260301T100000Z")
    assert (answer["kept"], kept.read_text(encoding="utf-8")) == (str(kept), OLD)
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in path.parent.iterdir()) == ["beds.toml", kept.name]
    # What was written can be edited again before the watch starts anew.
    file.write(NEW.replace("4001", "4002"), answer["basis"], NOW + instant.SECOND)
    assert load_configuration(path).bed[0].port == "socket://h:4002"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[bed", "is not TOML"),
        (NEW.replace("dinamap", "dynamap"), "dynamap"),
        (NEW + NEW.partition("\n")[2].replace("h:4001", "h:4002"), "two beds are called"),
        (NEW.replace("UTC", "Mars/Base"), "'timezone'"),
        ('database = "sqlite:///x"\n' + NEW, "the database is not changed from a screen"),
        ("", "no \\[\\[bed\\]\\] is configured"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_touched(path, text, why):
    file = open_file(path)
    with pytest.raises(ConfigurationError, match=why):
        file.write(text, file.shown().basis, NOW)
    assert path.read_text(encoding="utf-8") == OLD
    assert len(list(path.parent.iterdir())) == 1


def test_a_file_that_someone_changed_by_hand_is_not_written_over(path):
    file = open_file(path)
    path.write_text(OLD + "# more\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="was changed since"):
        file.write(NEW, file.shown().basis, NOW)
    assert path.read_text(encoding="utf-8") == OLD + "# more\n"


def test_a_demonstrations_beds_are_not_edited(path):
    file = open_file(path, editable=False)
    with pytest.raises(ConfigurationError, match="demonstration"):
        file.write(NEW, file.shown().basis, NOW)


def test_a_folder_that_takes_no_file_leaves_the_old_one(path, monkeypatch):
    file = open_file(path)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dashboard.watch.configuration_file.os.fsync", full)
    with pytest.raises(ConfigurationError, match="cannot be written: No space left on device"):
        file.write(NEW, file.shown().basis, NOW)
    assert load_configuration(path).watch == "clinic"
    assert not path.with_name(".beds.toml.new").exists()
