"""A list that was opened stays open in a real browser: neither a run of the page nor what moves on it closes it."""

import pytest
from served import on_shift, see, still

pytestmark = pytest.mark.browser

TABLE = "time,HR,Sp,event\n" + "".join(
    f"2026-03-01T09:{m:02}:00Z,{60 + m},97,{'infusion start' if m == 10 else ''}\n" for m in range(30)
)

# Browsers give no sound before a page is touched. Playwright's own looking at it would count as a touch.
SILENT = """const state = () => window.touched ? "running" : "suspended";
Object.defineProperty(AudioContext.prototype, "state", { get: state });
addEventListener("pointerdown", () => { window.touched = true; }, true);"""

# The strip has said its age anew twice since: it had the time to move.
SAID_TWICE = """() => { const age = document.querySelector(".rw-liveage").textContent;
  window.said ??= []; if (window.said.at(-1) !== age) window.said.push(age); return window.said.length > 2; }"""

HEIGHT = "document.querySelector('[data-testid=stMain]').scrollHeight"


def press(page, field):
    """As a person does: where the field is now, without the scrolling that Playwright's click does before it."""
    at = field.bounding_box()
    page.mouse.click(at["x"] + 30, at["y"] + at["height"] / 2)


def is_open(page, field):
    return field.get_attribute("aria-expanded") == "true" and page.get_by_role("option").count() > 0


@pytest.mark.timeout(120)
def test_the_run_that_a_typed_time_begins_leaves_the_list_open_that_is_pressed_next(
    browser, dashboard, clinic, tmp_path
):
    page = on_shift(browser, dashboard, clinic.store, "Ada", "/importing", viewport={"width": 1024, "height": 900})
    table = tmp_path / "one.csv"
    table.write_text(TABLE)
    page.locator("input[type=file]").first.set_input_files(str(table))
    see(page, "from the file's events")
    still(page)
    page.get_by_text("Change how it is read").click()
    still(page)
    column, start = page.get_by_label("Column or track", exact=True), page.get_by_label("Infusion start", exact=True)
    start.fill("soon")
    column.evaluate("""(field) => { field.mark = "the same";
        document.querySelector("[data-testid=stMain]").scrollTop += field.getBoundingClientRect().y - innerHeight / 3;
        return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))); }""")
    press(page, column)  # the field of the time is left by it, and the page runs
    page.get_by_text("from the file's events").wait_for(state="detached")
    still(page)
    assert column.evaluate("(field) => field.mark") == "the same"
    assert is_open(page, column)
    page.get_by_role("option", name="Sp", exact=True).click()
    assert column.input_value() == "Sp"


@pytest.mark.timeout(120)
def test_a_first_touch_that_opens_a_list_at_the_end_of_a_page_leaves_it_open(browser, dashboard, clinic):
    page = on_shift(browser, dashboard, clinic.store, "Ada", "/history", viewport={"width": 1280, "height": 700})
    page.add_init_script(SILENT)
    page.goto(dashboard.address + "/replay")
    see(page, "SOUND BLOCKED")
    still(page)
    field = page.get_by_label("Thresholds", exact=True)
    page.evaluate("""() => { const main = document.querySelector("[data-testid=stMain]");
        main.scrollTop = main.scrollHeight;
        return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))); }""")
    before = page.evaluate(HEIGHT)
    press(page, field)
    page.locator(".rw-soundbar").wait_for(state="hidden")
    page.wait_for_function(SAID_TWICE)
    assert is_open(page, field)
    assert page.evaluate(HEIGHT) == before
    page.get_by_role("option").first.click()
    page.wait_for_function(f"before => {HEIGHT} < before", arg=before)  # the bar's room is given back
