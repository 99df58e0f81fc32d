"""The bed page under a nurse's hands: every frequent act by two keys, what is due, the hand-over on paper."""

import pytest
from clinic import S
from served import SLOW, on_shift, screen, see, until

from dashboard.sessions.events import EventKind
from dashboard.sessions.plan import Plan
from dashboard.store import queries
from devices import instant

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

MIN = 60 * S


def events(clinic, session, kind):
    with clinic.store.reading() as connection:
        return [each for each in queries.session_events(connection, session) if each.kind is kind]


def opened(page, key, words):
    """The act's dialog, opened by its number key; the keys are the dialog's once it has the focus."""
    page.locator(".st-key-act_bar kbd", has_text=key).first.wait_for(timeout=SLOW)  # the keys are the bar's again
    page.keyboard.press(key)
    page.get_by_role("dialog").get_by_text(words, exact=True).first.wait_for(timeout=SLOW)
    page.wait_for_function("document.activeElement.closest('[role=dialog]') !== null", timeout=SLOW)
    # Keys are bound after the paint that shows them.
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))")


@pytest.fixture
def infusing(clinic):
    session = clinic.start(clinic.beds[0], instant.now() - 45 * MIN)
    plan = Plan("ketamine", 0.5, 70.0, "70 kg", "measured", 1.0, 40.0)
    clinic.event(session, EventKind.PLAN, instant.now() - 45 * MIN, **plan.to_detail())
    clinic.event(session, EventKind.INFUSION_START, instant.now() - 39 * MIN)
    return session


def test_two_keys_record_each_frequent_act_and_what_is_due_is_said(browser, dashboard, clinic, infusing):
    page = on_shift(browser, dashboard, clinic.store, "A. Meyer RN", f"/bed?bed={clinic.beds[0]}")
    see(page, "On shift: A. Meyer RN", SLOW)
    for said in ("Cuff reading at 40 minutes: in", "Scores at 40 minutes: in", "Planned end of infusion"):
        see(page, said, SLOW)

    opened(page, "3", "Vomiting")
    page.keyboard.press("2")
    until(lambda: [e.detail["text"] for e in events(clinic, infusing, EventKind.NOTE)] == ["Vomiting"], 20)
    see(page, "Vomiting, recorded at", SLOW)
    opened(page, "4", "MOAA/S")
    page.keyboard.press("4")
    until(
        lambda: [dict(e.detail) for e in events(clinic, infusing, EventKind.SCORE)] == [{"scale": "moaas", "value": 4}],
        20,
    )
    see(page, "MOAA/S 4, slow to name called, recorded at", SLOW)
    opened(page, "5", "Talked, reassured")
    page.keyboard.press("1")
    until(lambda: [e.detail["action"] for e in events(clinic, infusing, EventKind.ACTION)] == ["talk"], 20)
    see(page, "Talked, reassured, recorded at", SLOW)

    opened(page, "6", "Record cuff reading")
    page.get_by_label("Systolic, mmHg").fill("141")
    page.get_by_label("Diastolic, mmHg").fill("88")
    page.keyboard.press("Enter")
    until(lambda: [e.detail["sys"] for e in events(clinic, infusing, EventKind.CUFF)] == [141], 20)
    see(page, "Cuff by hand 141/88, recorded at", SLOW)
    opened(page, "7", "Record: rate")
    page.get_by_label("New rate").fill("30")
    page.keyboard.press("Enter")
    until(lambda: [e.detail["per_h"] for e in events(clinic, infusing, EventKind.INFUSION_RATE)] == [30.0], 20)
    see(page, "Rate 30 ml/h (30 mg/h, planned 52.5 mg/h), recorded at", SLOW)

    opened(page, "2", "Record: stop infusion")
    page.keyboard.press("Enter")
    until(lambda: len(events(clinic, infusing, EventKind.INFUSION_STOP)) == 1, 20)
    see(page, "Observation clock, 120 min after the end", SLOW)
    see(page, "Nurse: Nurse One", SLOW)
    assert {e.author for kind in EventKind for e in events(clinic, infusing, kind)} == {"Nurse One", "A. Meyer RN"}


def test_a_hand_over_is_printed_without_the_screens_furniture(browser, dashboard, clinic, infusing):
    page = screen(browser, dashboard, "/handover")
    see(page, "Not live: numbers go on at the bed", SLOW)
    page.get_by_role("button", name="Print").wait_for(timeout=SLOW)
    page.emulate_media(media="print")
    paper = page.evaluate(
        """() => {
          const seen = (each) => Boolean(each) && each.getClientRects().length > 0;
          const sheet = document.querySelector(".rw-sheet");
          return {
            sheet: seen(sheet), stood: seen(sheet.querySelector(".rw-paper")),
            ink: getComputedStyle(sheet.querySelector("h3")).color, ground: getComputedStyle(sheet).backgroundColor,
            others: [".st-key-handover_take", ".st-key-handover_tools", "[data-testid=stHeader]", ".rw-strip"]
              .filter((name) => seen(document.querySelector(name))),
            statements: document.body.innerText.includes("Not a medical device"),
          };
        }"""
    )
    assert paper == {
        "sheet": True,
        "stood": True,
        "ink": "rgb(0, 0, 0)",
        "ground": "rgb(255, 255, 255)",
        "others": [],
        "statements": True,
    }
