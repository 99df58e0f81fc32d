"""The import page in a real browser: a recording uploaded, its question answered, a column said, and it is stored."""

import pytest
from served import choose, is_foreign, see, still

from dashboard.store import queries

pytestmark = pytest.mark.browser

TABLE = "time,HR,Sp,patient,event\n" + "".join(
    f"2026-03-01T09:{m:02}:{s:02}Z,{rate + m},97,{who},{'infusion start' if (m, s) == (10, 0) else ''}\n"
    for who, rate in (("A", 60), ("B", 90))
    for m in range(30)
    for s in (0, 20, 40)
)


@pytest.mark.timeout(120)
def test_a_recording_is_uploaded_understood_and_stored_on_a_tablet(browser, dashboard, clinic, tmp_path):
    page = browser.new_page(viewport={"width": 1024, "height": 768})
    foreign = []
    page.on("request", lambda asked: foreign.append(asked.url) if is_foreign(asked.url, dashboard) else None)
    page.goto(dashboard.address + "/importing")
    page.get_by_label("Your name, as it shall stand in the record").fill("A. Meyer RN")
    page.get_by_role("button", name="Begin shift").last.click()
    table = tmp_path / "two.csv"
    table.write_text(TABLE)
    page.locator("input[type=file]").first.set_input_files(str(table))
    see(page, "The recording holds 2 patients or cases.")
    choose(page, "Which patient or case", "B")
    page.get_by_role("button", name="Read it so").click()
    see(page, "its name is not known")
    see(page, "from the file's events")
    still(page)
    page.get_by_text("Change how it is read").click()
    choose(page, "Column or track", "Sp")
    choose(page, "is", "SPO2")
    page.get_by_role("button", name="Set").first.click()
    see(page, "Sp is SPO2")
    wide = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert wide, "the page is wider than the tablet"
    page.get_by_test_id("stMain").get_by_role("button", name="Import", exact=True).click()
    see(page, "Stored as session")
    page.get_by_role("link", name="Open the session").click()
    see(page, "All sessions")
    with clinic.store.reading() as connection:
        (stored,) = [
            found for each in queries.sessions(connection) if (found := queries.import_of(connection, each.id))
        ]
    assert (stored.patient, stored.rows_read, stored.refused) == ("B", 180, {"of other patients": 90})
    assert stored.choices["mapping"] == {"Sp": "SPO2"}
    assert not foreign
