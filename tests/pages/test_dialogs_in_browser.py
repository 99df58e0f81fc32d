"""Every dialog in the real application, in each look and at each size: legible, nothing cut, every button large enough
for a finger, in reach and with nothing over it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "components"))

from clinic import S
from contrast import weak
from served import SLOW, on_shift, see, still

from dashboard.sessions.events import EventKind
from dashboard.sessions.patient import PatientRecord
from dashboard.sessions.plan import Plan
from devices import instant

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

MIN = 60 * S
DIALOG = "[data-testid=stDialog]"

# On which bed (0 runs, 1 has its baseline, 2 recovers), which button, what is chosen in it, and what then stands there.
DIALOGS = [
    (1, "Start infusion", None, None, "Record: start infusion"),
    (1, "End session", None, None, "Record: end session"),
    (0, "Pause infusion", None, None, "Record: pause infusion"),
    (0, "Stop infusion", None, None, "Record: stop infusion"),
    (0, "Note", None, None, "Record note"),
    (0, "Score", None, None, "Record CADSS"),
    (0, "Intervention", None, None, "Record drug given"),
    (0, "Cuff by hand", None, None, "Record cuff reading"),
    (0, "Rate", None, None, "Record: rate"),
    (0, "More", None, None, "Dose"),
    (0, "More", "Dose", None, "mg given"),
    (0, "More", "Correct", None, "What"),
    (0, "More", "Thresholds", None, "Record: change thresholds"),
    (0, "More", "Thresholds", "Only for this patient", "Record: adjust for this patient"),
    (0, "More", "Baseline", None, "Record: set baseline"),
    (0, "More", "Plan", None, "Record: plan"),
    (0, "More", "Patient", None, "Record: patient"),
    (0, "More", "Move", None, "Record: move"),
    (2, "Start infusion again", None, None, "Record: start infusion again"),
]
LOOKS = {"dark": (390, 844), "night": (1024, 768), "light": (1440, 900)}

# Buttons that a finger would miss, or that something lies over, each brought into sight as a finger would.
MISSED = """(dialog) => [...dialog.querySelectorAll("button:not([disabled]), [role=tab]")].filter((each) => {
  if (each.ariaLabel === "Dismiss" || !each.getClientRects().length) return false;
  each.scrollIntoView({ block: "nearest" });
  const box = each.getBoundingClientRect();
  const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const small = box.height < 40 && !each.closest("[data-testid=stNumberInputContainer], [role=tablist]");
  return small || !at || !(each.contains(at) || at.contains(each));
}).map((each) => each.ariaLabel || each.textContent)"""

CUT = """(dialog) => [...dialog.querySelectorAll("*")].filter((each) => each.clientWidth > 5 && each.tagName !== "INPUT"
  && !each.closest("svg, .js-plotly-plot") && getComputedStyle(each).overflowX !== "visible"
  && each.scrollWidth > each.clientWidth + 2).map((each) => each.textContent.slice(0, 40))"""


@pytest.fixture
def clinic_beds():
    return 4


@pytest.fixture
def beds(clinic):
    """A session in each phase, a bed that is free, and a high alarm at the first bed."""
    now = instant.now()
    plan = Plan("ketamine", 0.5, 70.0, "70 kg", "measured", 1.0, 40.0)
    made = [clinic.start(bed, now - 45 * MIN) for bed in clinic.beds[:3]]
    for session, kinds in zip(made, (("infusion-start",), (), ("infusion-start", "infusion-stop")), strict=True):
        clinic.event(session, EventKind.PLAN, now - 45 * MIN, **plan.to_detail())
        record = PatientRecord(allergies="penicillin (rash)", hypertension="yes", cardiac="none known", drugs=("maoi",))
        clinic.event(session, EventKind.PATIENT, now - 44 * MIN, **record.to_detail())
        for at, kind in enumerate(kinds):
            clinic.event(session, EventKind(kind), now - (39 - 20 * at) * MIN)
    clinic.alarm(clinic.beds[0], now, priority=3, value=184.0, threshold=180.0, text="SBP 184, limit 180")
    return clinic.beds


def opened(page, dashboard, bed, button, choice, tab):
    """The dialog; what is open already is not opened anew."""
    dialog, address = page.locator(DIALOG), f"{dashboard.address}/bed?bed={bed}"
    if page.url != address:
        page.goto(address)
        page.locator(".rw-value:not(:empty)").first.wait_for(timeout=SLOW)
    elif dialog.is_visible() and not choice:
        page.keyboard.press("Escape")
        dialog.wait_for(state="detached", timeout=SLOW)
    if not dialog.is_visible():
        page.locator(".st-key-act_bar").get_by_role("button", name=button).first.click(timeout=SLOW)
        dialog.wait_for(timeout=SLOW)
    if choice and not tab:
        dialog.get_by_role("radio", name=choice).click(timeout=SLOW)
    if tab:
        dialog.get_by_role("tab", name=tab).click(timeout=SLOW)
    return dialog


def in_look(browser, dashboard, clinic, look):
    """The wall of somebody on shift, at the size that goes with the look; it is worn from the next page on."""
    width, height = LOOKS[look]
    size = {"viewport": {"width": width, "height": height}, "reduced_motion": "reduce"}
    page = on_shift(browser, dashboard, clinic.store, "A. Meyer RN", "/", **size)
    page.evaluate("look => localStorage.setItem('risewatch_look', look)", look)
    return page


@pytest.mark.parametrize("look", LOOKS)
def test_every_dialog_is_legible_whole_and_in_reach(browser, dashboard, clinic, beds, look):
    page = in_look(browser, dashboard, clinic, look)
    wrong = {}
    for place, button, choice, tab, words in DIALOGS:
        dialog = opened(page, dashboard, beds[place], button, choice, tab)
        dialog.get_by_text(words).locator("visible=true").first.wait_for(timeout=SLOW)
        still(page)
        found = {
            "weak": weak(page, DIALOG) + weak(page, ".rw-shelf"),
            "missed": dialog.evaluate(MISSED),
            "cut": dialog.evaluate(CUT),
        }
        if any(found.values()):
            wrong[" / ".join(each for each in (button, choice, tab) if each)] = found
    assert wrong == {}
    assert page.errors == []


@pytest.mark.parametrize("look", LOOKS)
def test_the_dialogs_after_a_high_alarm_and_of_the_shift(browser, dashboard, clinic, beds, look):
    page = in_look(browser, dashboard, clinic, look)
    page.goto(f"{dashboard.address}/bed?bed={beds[0]}")
    page.locator(".rw-bar .rw-ack").click(timeout=SLOW)
    see(page, "what was done?", SLOW)
    see(page, "Seen, nothing else to record", SLOW)
    still(page)
    dialog = page.locator(DIALOG)
    assert (weak(page, DIALOG), dialog.evaluate(MISSED), dialog.evaluate(CUT)) == ([], [], [])
    page.get_by_role("button", name="Seen, nothing else to record").click()
    dialog.wait_for(state="detached", timeout=SLOW)
    page.get_by_role("button", name="On shift: A. Meyer RN").click()
    see(page, "All acts on this screen are recorded as", SLOW)
    still(page)
    assert (weak(page, DIALOG), dialog.evaluate(MISSED), dialog.evaluate(CUT)) == ([], [], [])
    page.get_by_role("button", name="End shift").click()
    see(page, "Without a name this screen shows", SLOW)
    page.get_by_role("button", name="Begin shift").click()
    page.get_by_label("Your name, as it shall stand in the record").wait_for(timeout=SLOW)
    still(page)
    assert (weak(page, DIALOG), dialog.evaluate(MISSED), dialog.evaluate(CUT)) == ([], [], [])
