"""The monitors page: what each says, never more than is known; ports are asked of the watch, and asked about first."""

import pytest
from clinic import S

from dashboard.errors import ConfigurationError
from dashboard.store import monitor_commands as commands
from dashboard.store import queries, writes
from dashboard.store.monitor_commands import Action
from dashboard.views.bed_rows import configuration_from, rows_of
from dashboard.views.monitor_tables import age_text, size_text
from dashboard.watch.configuration import parse_configuration
from dashboard.watch.configuration_file import SETTING, Shown
from devices import instant

TOML = 'watch = "clinic"\ntimezone = "UTC"\n\n[[bed]]\nname = "Bed 1"\nprotocol = "nonin"\nport = "/dev/ttyUSB0"\n'


def shown(clinic, editable=True):
    made = Shown("/etc/beds.toml", "abc", TOML, editable)
    with clinic.store.writing() as connection:
        writes.put_setting(connection, SETTING, made.to_setting())


def answer_look(clinic, ports=({"device": "/dev/ttyUSB1", "name": "/dev/ttyUSB1", "about": "FT<b>", "bed": None},)):
    asked = commands.ask_watch(clinic.store, Action.LOOK, author="T", now=instant.now())
    held = {"folder": "/data/captures", "beds": {"Bed 1": {"files": 2, "bytes": 2_500_000, "newest": "bed-1.capture"}}}
    with clinic.store.writing() as connection:
        commands.finish(connection, asked, instant.now(), {"ports": list(ports), "captures": held})


def pending(clinic):
    with clinic.store.reading() as connection:
        return [each for each in commands.pending(connection) if each.action is not Action.LOOK]


def test_the_page_of_a_bed_is_drawn_on_what_stands(pages, clinic):
    answer_look(clinic)
    clinic.beat(instant.now())
    at = pages.named().open("monitors", bed=clinic.beds[1])
    assert at.selectbox("monitor_of").value == clinic.beds[1]
    assert "Looked at" in pages.text()
    assert "it alone may open ports" not in pages.text()


def test_the_capture_is_switched_in_the_persons_name_and_says_where_its_files_are(pages, clinic):
    answer_look(clinic)
    bed = clinic.beds[0]
    at = pages.open("monitors", bed=bed)
    assert at.toggle(f"capture_{bed}_False").disabled
    at = pages.named().open("monitors", bed=bed)
    at.toggle(f"capture_{bed}_False").set_value(True).run()
    assert "2 files, 2.5 MB, in /data/captures on the watch's machine" in pages.text()
    with clinic.store.reading() as connection:
        assert queries.captured_beds(connection) == [bed]
        (entry,) = commands.log(connection)
    assert (entry.action, entry.author, entry.detail["on"]) == (Action.CAPTURE, "Nurse One", True)


def test_ports_are_listed_with_the_bed_that_has_each(pages, clinic):
    taken = {"device": "/dev/ttyUSB0", "name": "/dev/serial/by-id/x", "about": "", "bed": "Bed 1"}
    free = {"device": "/dev/ttyUSB1", "name": "/dev/ttyUSB1", "about": "FT<b>", "bed": None}
    answer_look(clinic, (taken, free))
    at = pages.named().open("monitors")
    assert "FT&lt;b&gt;" in pages.text()
    assert at.selectbox("probe_port").options == ["/dev/ttyUSB1"]  # a bed's port is not even offered


def probe(pages, clinic, answer, action=Action.LISTEN):
    """The page after the watch has answered the one command that waits."""
    (asked,) = pending(clinic)
    assert asked.action is action
    with clinic.store.writing() as connection:
        if isinstance(answer, str):
            commands.finish(connection, asked.id, instant.now(), refused=answer)
        else:
            commands.finish(connection, asked.id, instant.now(), answer)
    clinic.beat(instant.now())  # on a machine that is busy the last one is long ago
    pages.at.run()
    assert not pages.at.exception
    return asked


SILENT = {"port": "/dev/ttyUSB1", "fault": None, "bytes": {"9600 8N1": 0}, "found": []}


@pytest.fixture
def listening(pages, clinic):
    answer_look(clinic)
    at = pages.named().open("monitors")
    assert at.button("probe_listen").disabled  # no port is named yet
    at.selectbox("probe_port").select("/dev/ttyUSB1").run()
    clinic.beat(instant.now())
    at.button("probe_listen").click().run()
    return at


def test_a_named_port_is_listened_to_by_the_watch_and_the_find_can_be_pasted(pages, clinic, listening):
    bed = {"protocol": "masimo", "port": "/dev/ttyUSB1", "settings": {"baud": 9600}}
    found = {"protocol": "masimo", "line": "9600 8N1", "frames": 4, "rejected": 0, "signals": ["SPO2"], "said": ["hi"]}
    asked = probe(pages, clinic, {**SILENT, "found": [{**found, "asked": False, "bed": bed}]})
    assert (asked.author, dict(asked.detail)) == ("Nurse One", {"port": "/dev/ttyUSB1"})
    assert "masimo speaks at 9600 8N1" in pages.text()
    assert 'protocol = "masimo"' in listening.code[0].value


def test_a_silent_port_is_asked_only_after_it_was_said_what_hangs_there(pages, clinic, listening):
    probe(pages, clinic, SILENT)
    at = listening
    said = pages.text()
    assert "some infusion pumps stop on a bare CR" in said
    assert "requests for the cuff's last result" in said
    assert at.button("probe_ask").label == "Send these requests to /dev/ttyUSB1"
    assert at.button("probe_ask").disabled
    at.checkbox("probe_sure_/dev/ttyUSB1").set_value(True).run()
    at.button("probe_ask").click().run()
    asked = probe(pages, clinic, SILENT, Action.ASK)
    assert dict(asked.detail) == {"port": "/dev/ttyUSB1", "confirmed": "/dev/ttyUSB1"}
    assert "nothing was answered" in pages.text()


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("/dev/ttyUSB1 is the port of Bed 1", "/dev/ttyUSB1 is the port of Bed 1"),
        ({**SILENT, "fault": "there is no such port"}, "was not listened to: there is no such port"),
        ({**SILENT, "bytes": {"9600 8N1": 70}}, "70 bytes came, but no protocol understands them"),
    ],
)
def test_what_came_of_it_otherwise_is_one_sentence(pages, clinic, listening, answer, sentence):
    probe(pages, clinic, answer)
    assert sentence in pages.text().replace("\\", "")


def acts(at):
    return [each for each in at.button if (each.key or "").startswith(("probe", "look"))]


def test_nobody_without_a_name_and_no_page_without_a_watch_asks_anything(pages, clinic):
    answer_look(clinic)
    assert acts(pages.open("monitors")) == []
    clinic.beat(instant.now() - 60 * S)
    at = pages.named().open("monitors")
    assert [each.key for each in acts(at) if not each.disabled] == []
    assert "it alone may open ports" in pages.text()
    with clinic.store.reading() as connection:
        assert commands.pending(connection) == []


def test_a_watch_that_stops_takes_nothing_away_that_was_entered(pages, clinic, listening):
    listening.text_input("probe_typed").set_value("/dev/ttyS9").run()
    probe(pages, clinic, SILENT)
    listening.checkbox("probe_sure_/dev/ttyUSB1").set_value(True).run()
    clinic.beat(instant.now() - 60 * S)
    listening.run()
    assert all(each.disabled for each in acts(listening))
    clinic.beat(instant.now())
    listening.run()
    assert not any(each.disabled for each in acts(listening))
    assert listening.text_input("probe_typed").value == "/dev/ttyS9"
    assert listening.checkbox("probe_sure_/dev/ttyUSB1").value


def test_the_zone_is_edited_into_a_file_that_the_watch_writes_with_name_and_reason(pages, clinic):
    shown(clinic)
    answer_look(clinic)
    at = pages.named().open("monitors")
    assert "/etc/beds.toml" in pages.text()
    at.selectbox("edit_zone").set_value("Europe/Berlin").run()
    assert '+timezone = "Europe/Berlin"' in "\n".join(each.value for each in at.code)
    at.checkbox("beds_sure").set_value(True).run()
    at.button("beds_write").click().run()
    assert "A change of the beds needs its reason" in pages.text()
    assert pending(clinic) == []
    at.text_input("beds_reason").set_value("moved").run()
    at.button("beds_write").click().run()
    (asked,) = pending(clinic)
    assert (asked.action, asked.author, asked.detail["basis"], asked.detail["reason"]) == (
        Action.CONFIGURE,
        "Nurse One",
        "abc",
        "moved",
    )
    assert parse_configuration(asked.detail["configuration"], "x").timezone == "Europe/Berlin"
    with clinic.store.writing() as connection:
        commands.finish(connection, asked.id, instant.now(), {"basis": "def", "kept": "/etc/beds.toml.1"})
    pages.open("monitors")
    assert "it counts from the next start of the watch" in pages.text()


def test_a_demonstrations_beds_are_shown_but_not_edited(pages, clinic):
    shown(clinic, editable=False)
    at = pages.named().open("monitors")
    assert "edit_zone" not in [each.key for each in at.selectbox]


CONFIGURED = (
    TOML + '[bed.settings]\nbaud = 19200\nrtscts = false\n[[bed]]\nname = "Bed 2"\nprotocol = "line"\nport = "/x"\n'
)


def test_rows_say_the_same_as_the_file():
    configuration = parse_configuration(CONFIGURED, "x")
    rows = rows_of(configuration)
    assert rows[0]["settings"] == "baud = 19200, rtscts = false"
    assert configuration_from(rows, "clinic", "UTC") == configuration
    empty = dict.fromkeys(rows[0]) | {"capture": float("nan")}
    assert configuration_from([*rows, empty], "clinic", "UTC") == configuration


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"port": None}, "'Bed 1' has no port"),
        ({"name": " "}, "bed 1 has no name"),
        ({"settings": "baud 9600"}, "the settings of 'Bed 1' cannot be read"),
        ({"settings": "colour = 1"}, "colour"),
        ({"port": "/x"}, "on the same port"),
        ({"protocol": "x"}, "x"),
    ],
)
def test_rows_that_cannot_be_are_refused_by_the_files_own_rules(change, why):
    rows = rows_of(parse_configuration(CONFIGURED, "x"))
    rows[0] |= change
    with pytest.raises(ConfigurationError, match=why):
        configuration_from(rows, "clinic", "UTC")


def test_texts_for_people():
    assert [age_text(each * S) for each in (0, 119, 120, 7_199, 7_200, 172_800)] == [
        "0 s", "119 s", "2 min", "119 min", "2 h", "2 d",
    ]  # fmt: skip
    assert age_text(None) == "\N{EN DASH}"
    assert [size_text(each) for each in (0, 999, 12_345, 4_560_000)] == ["0 B", "999 B", "12.3 kB", "4.56 MB"]
