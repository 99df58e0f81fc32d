"""What the documentation says exists, and what exists is documented."""

import re
from pathlib import Path

import pytest

from dashboard.cli import COMMANDS
from devices import catalogue
from devices.virtual.faults import FAULTS

ROOT = Path(__file__).parent.parent
MONITORS = ROOT / "docs" / "monitors"
ENTRIES = {entry.name: entry for entry in catalogue.protocols()}


def page(protocol):
    return (MONITORS / f"{protocol}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("protocol", ENTRIES)
def test_every_protocol_has_a_page_that_names_its_settings_and_its_line(protocol):
    text, entry = page(protocol), ENTRIES[protocol]
    assert text.startswith(f"# {protocol}: ")
    for setting in entry.settings:
        assert f"`{setting}" in text, f"the setting {setting} is not described"
    if not entry.network:
        assert str(entry.line.baud) in text
    assert re.search("confirmed|inferred|definition", text, re.IGNORECASE)


def test_every_page_is_of_a_protocol_and_in_the_list():
    pages = {each.stem for each in MONITORS.glob("*.md")} - {"README"}
    assert pages == set(ENTRIES)
    listed = re.findall(r"\((\S+)\.md\)", (MONITORS / "README.md").read_text(encoding="utf-8"))
    assert listed == sorted(ENTRIES)


def test_every_command_is_in_the_readme():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.split("## Use it")[1].split("```")[1]
    named = set(re.findall(r"\b(" + "|".join(COMMANDS) + r")\b", block))
    assert named == set(COMMANDS)


def test_every_fault_is_in_the_help_of_simulate():
    text = (ROOT / "dashboard" / "commands" / "simulate.py").read_text(encoding="utf-8")
    assert all(fault in text for fault in FAULTS)


def test_every_link_between_documents_leads_somewhere():
    for document in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for target in re.findall(r"\]\(([^)#:]+?)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_each_test_that_the_table_of_states_names_is_there():
    table = (ROOT / "docs" / "screens" / "states.md").read_text(encoding="utf-8")
    written = "".join(each.read_text(encoding="utf-8") for each in (ROOT / "tests" / "pages").glob("test_*.py"))
    names = re.findall(r"`(test_\w+)`", table)
    assert names
    assert [name for name in names if f"def {name}(" not in written] == []
