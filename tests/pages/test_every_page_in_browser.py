"""Each page in a real browser, in the light look and the dark: legible, complete without the internet, covered when the
server hangs, and the look kept from page to page."""

import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "components"))

from clinic import Clinic, S, cuff
from contrast import weak
from proxy import Network
from served import NAME, Dashboard, Watch, covered, is_foreign, see, still, until

from dashboard.components.palette import palette
from devices import instant

pytestmark = pytest.mark.browser

# The page, and what shows that it is whole.
PAGES = {
    "/": "124/78",
    "/bed?bed=1": "124/78",
    "/session": "Start a session",
    "/thresholds": "Presets are examples",
    "/handover": "Not live: numbers go on at the bed",
    "/replay": "REPLAY: recordings",
    "/importing": "Import a recording",
    "/history": "Bed 1",
    "/monitors": "Beds, groups and time zone",
}


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory):
    """Two beds, one with a session and a high alarm; a server and a watch. No test here changes what is stored."""
    folder = tmp_path_factory.mktemp("clinic")
    clinic, now = Clinic(folder), instant.now()
    clinic.beat(now)
    clinic.start(clinic.beds[0], now - 60 * S)
    for bed in clinic.beds:
        clinic.write(bed, *cuff(now - 60 * S, 124, 78, 93))
    clinic.alarm(clinic.beds[0], now, priority=3, value=184.0, threshold=180.0, text="SBP 184, limit 180")
    watch, made = Watch(clinic), Dashboard(folder)
    watch.start()
    made.start()
    yield made
    watch.stopped.set()
    watch.join(5)
    made.process.send_signal(signal.SIGCONT)
    made.kill()
    clinic.store.close()


def opened(browser, url, **settings):
    page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce", **settings)
    page.asked, page.errors = [], []
    page.on("request", lambda asked: page.asked.append(asked.url))
    page.on("websocket", lambda socket: page.asked.append(socket.url))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(url)
    return page


def begin_shift(page):
    page.get_by_role("button", name="Begin shift").first.click()
    page.get_by_label(NAME).fill("A. Meyer RN")
    page.get_by_role("button", name="Begin shift").last.click()
    see(page, "On shift: A. Meyer RN")


def ground(page):
    return page.locator(".stApp").evaluate("each => getComputedStyle(each).backgroundColor")


def rgb(hexed):
    return "rgb({}, {}, {})".format(*(int(hexed[at : at + 2], 16) for at in (1, 3, 5)))


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("look", "device"), [("light", "dark"), ("dark", "light"), ("night", "light")])
def test_every_page_is_legible_in_the_chosen_look_and_asks_no_other_host(browser, dashboard, look, device):
    """The look is the person's choice, whatever the device prefers."""
    page = opened(browser, dashboard.address, color_scheme=device)
    see(page, "124/78")
    assert ground(page) == rgb(palette("dark")["ground"])
    if look != "dark":
        page.locator(".rw-icon-screen").click()
        if look == "light":
            with page.expect_navigation():
                page.get_by_role("button", name="Light").click()
        else:
            page.get_by_role("button", name="Night, dimmed").click()
        see(page, "124/78")
    begin_shift(page)
    pale = {}
    for path, words in PAGES.items():
        page.goto(dashboard.address + path)
        see(page, words)
        see(page, "Not a medical device")
        still(page)
        # At night Streamlit's own ground is the dark one.
        assert ground(page) == rgb(palette("light" if look == "light" else "dark")["ground"]), path
        pale[path] = weak(page, ".stApp")
    assert {path: found for path, found in pale.items() if found} == {}
    title = page.title()  # read once: an alarm's takes turns with the program's
    assert title == "Risewatch" or "Bed 1" in title
    assert [url for url in page.asked if is_foreign(url, dashboard)] == []
    fonts = {each.rsplit("/", 1)[1].split("?")[0] for each in page.asked if ".woff2" in each}
    assert any(each.startswith("Inter") for each in fonts)
    assert page.evaluate("document.fonts.check('800 40px \"Risewatch Inter\"')")
    assert page.errors == []


@pytest.mark.timeout(240)
def test_every_page_covers_itself_when_the_network_is_cut_and_comes_back(browser, dashboard):
    with Network(dashboard.port) as network:
        pages = []
        for path, words in PAGES.items():
            page = opened(browser, network.url + path)
            see(page, "Say who you are" if path in ("/session", "/replay") else words)
            page.wait_for_function("window.risewatchHub?.watch?.state === 'running'")
            pages.append(page)
        network.cut()
        for page in pages:
            until(lambda page=page: covered(page), 10)
        assert not pages[0].get_by_text("124/78").first.is_visible()
        network.mend()
        for page in pages:
            until(lambda page=page: not covered(page), 30)
        see(pages[0], "124/78")
        assert [each for page in pages for each in page.errors] == []


@pytest.mark.timeout(240)
def test_the_page_of_a_bed_that_is_not_there_and_a_page_under_a_hanging_server(browser, dashboard):
    wrong = opened(browser, dashboard.address + "/bed?bed=%3Cimg%20src=x%3E")
    see(wrong, "That bed is not configured here")
    assert wrong.locator("img[src=x]").count() == 0
    form = opened(browser, dashboard.address + "/history")
    see(form, "Bed 1")
    form.wait_for_function("window.risewatchHub?.watch?.state === 'running'")
    dashboard.process.send_signal(signal.SIGSTOP)
    until(lambda: covered(form) and covered(wrong), 8)
    form.get_by_role("button", name="Go on with this page").click()
    assert covered(form)
    dashboard.process.send_signal(signal.SIGCONT)
    until(lambda: not covered(form), 10)
