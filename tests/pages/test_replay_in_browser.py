"""The controls of a replay in a real browser, by tap and by key, with a watch that carries them out."""

import threading

import pytest
from served import on_shift, screen, see, still, until

from dashboard.resources import sample_data
from dashboard.store import acts, queries
from dashboard.store.database import open_store
from dashboard.watch.desk import Desk
from dashboard.watch.replays import Replays
from dashboard.watch.service import Watch
from devices import instant
from devices.instant import MINUTE

pytestmark = pytest.mark.browser

# On the screen, with nothing over it.
IN_SIGHT = """(node) => { const box = node.getBoundingClientRect();
  return node.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)); }"""

T0 = instant.parse("2026-03-01T09:00:00Z")


class Watching(threading.Thread):
    """The watch itself, in this process."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.store = open_store(folder)
        self.watch = Watch(self.store, "test", "live", [], Replays(), Desk({}, folder / "captures"))
        self.going = True

    def run(self):
        while self.going:
            self.watch.step()
        self.watch.replays.close()


@pytest.fixture
def watch(clinic, tmp_path):
    made = Watching(tmp_path)
    made.start()
    yield made
    made.going = False
    made.join(10)
    made.store.close()


def ask(clinic, bed_id, action, **detail):
    acts.command_replay(clinic.store, bed_id, action, author="Ben", now=instant.now(), detail=detail)


def opened(watch, clinic, speed):
    """The bed on which worked example A is replayed."""
    recording = str(sample_data() / "worked-example-a.csv")
    ask(clinic, None, "open", recording=recording, infusion_start=T0, infusion_end=T0 + 40 * MINUTE, speed=speed)
    until(lambda: watch.watch.beds, 20)
    (bed,) = watch.watch.beds
    return bed


@pytest.mark.timeout(240)
def test_a_replay_is_steered_by_tap_and_by_key(browser, dashboard, watch, clinic):
    bed = opened(watch, clinic, speed=1)
    player = bed.source
    page = screen(browser, dashboard, "/replay")
    page.get_by_label("Your name, as it shall stand in the record").fill("Ada")
    page.get_by_role("button", name="Begin shift").click()
    see(page, "playing at 1x", 40_000)
    page.get_by_text("60x", exact=True).first.click()
    until(lambda: player.speed == 60, 20)
    page.locator(f".st-key-pause_{bed.bed.id} button").click()
    until(lambda: not player.playing, 20)
    see(page, "paused at 60x", 20_000)
    page.get_by_role("button", name="Flag ▶").click()
    until(lambda: player.position(instant.now()) == T0 + 19 * MINUTE, 20)  # a minute before the first rise
    see(page, "44:00 of", 20_000)
    page.locator("body").press("l")
    until(lambda: player.position(instant.now()) == T0 + 29 * MINUTE, 20)
    page.locator("body").press("Home")
    until(lambda: player.playing and player.position(instant.now()) < T0, 20)
    see(page, "playing at 60x", 20_000)  # until then K still means what stood there before
    page.locator("body").press("k")
    until(lambda: not player.playing, 20)

    scrub = page.get_by_role("slider", name="Position of the replay")
    scrub.fill("2700")
    until(lambda: player.position(instant.now()) - player.start == 45 * MINUTE, 20)
    see(page, "45:00 of")
    still(page)
    page.locator(f".st-key-play_{bed.bed.id} button").click()
    until(lambda: player.playing, 20)
    page.wait_for_function("document.querySelector('.rw-scrub-range').value > 2760")  # it goes on by itself
    page.wait_for_function("document.title.startsWith('REPLAY · ')")
    page.mouse.wheel(0, 5_000)
    assert page.get_by_text("REPLAY: recordings, not patients").evaluate(IN_SIGHT)
    with clinic.store.reading() as connection:
        assert queries.refused_replay_commands(connection, 0) == []
    assert "REPLAY" in page.locator(".rw-strip-replays").inner_text()


@pytest.mark.timeout(240)
def test_a_page_follows_a_replay_that_goes_on_and_is_steered_from_elsewhere(browser, dashboard, watch, clinic):
    page = on_shift(browser, dashboard, clinic.store, "Ada", "/replay")
    bed = opened(watch, clinic, speed=600)
    player = bed.source
    page.goto(f"{dashboard.address}/bed?bed={bed.bed.id}")
    see(page, "At its end at 600x", 40_000)
    assert page.locator(f".st-key-play_{bed.bed.id} button").is_disabled()
    ask(clinic, bed.bed.id, "speed", speed=1)
    ask(clinic, bed.bed.id, "restart")
    see(page, "Playing at 1x")
    ask(clinic, bed.bed.id, "pause")
    see(page, "Paused at 1x")
    # What was drawn when it stood at its beginning leads on from where it stands now.
    ask(clinic, bed.bed.id, "seek", to=T0 + 25 * MINUTE)
    see(page, "50:00 of")
    page.get_by_role("button", name="Flag ▶").click()
    until(lambda: player.position(instant.now()) == T0 + 29 * MINUTE, 20)
    for minute in (34, 39):
        page.locator("body").press("l")
        until(lambda minute=minute: player.position(instant.now()) == T0 + minute * MINUTE, 20)
    page.locator("body").press("l")
    see(page, "Not done: no later flag is known in this replay")
    assert player.position(instant.now()) == T0 + 39 * MINUTE
    assert page.errors == []


TURNS = "time,kod,HR\n" + "".join(
    f"2026-03-01T09:{second // 60:02d}:{second % 60:02d}Z,{'AB'[second % 2]},{(60, 97)[second % 2] + second % 5}\n"
    for second in range(120)
)
MINUTES = "Time,HR,NIBP Sys\n" + "".join(f"{minute},{70 + minute % 9},{120 + minute % 5}\n" for minute in range(60))
TWICE = "time,SBP,SBP,DBP\n" + "".join(f"2026-03-01T09:{m:02}:00Z,{120 + m},{110 + m},80\n" for m in range(60))


def in_reach(page, control):
    """Scrolls to a control, which then lies under nothing, and the mark of a replay with it in sight."""
    still(page)
    control.scroll_into_view_if_needed()
    assert control.evaluate(IN_SIGHT)
    assert page.get_by_text("REPLAY: recordings, not patients").evaluate(IN_SIGHT)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "wider than the screen"
    return control


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("look", "width", "height"), [("dark", 390, 844), ("light", 1920, 1080)], ids=["phone", "light"]
)
def test_what_a_file_leaves_open_is_answered_on_the_page_and_it_is_played(
    browser, dashboard, watch, clinic, tmp_path, look, width, height
):
    page = on_shift(browser, dashboard, clinic.store, "Ada", "/replay", viewport={"width": width, "height": height})
    page.evaluate("(look) => localStorage.setItem('risewatch_look', look)", look)
    page.goto(dashboard.address + "/replay")

    def attempt(name, content):
        (tmp_path / name).write_text(content)
        still(page)
        page.locator("input[type=file]").first.set_input_files(str(tmp_path / name))
        see(page, name)
        page.get_by_label("Infusion start").fill("+30")
        in_reach(page, page.get_by_role("button", name="Open the replay")).click()

    def answer(question, said):
        see(page, question)
        in_reach(page, page.get_by_label(question)).click()
        page.get_by_role("option", name=said, exact=True).click()
        in_reach(page, page.get_by_role("button", name="Read it so")).click()

    def played(beds):
        until(lambda: len(watch.watch.beds) == beds, 40)
        page.goto(dashboard.address + "/replay")
        see(page, f"REPLAY · Replay {beds}")
        assert not page.get_by_role("button", name="Read it so").count()
        return watch.watch.beds[-1].source

    attempt("turns.csv", TURNS)
    answer("Which column names patients", "all rows are one patient's")
    assert len(played(1).recording.readings) == 120
    attempt("minutes.csv", MINUTES)
    answer("What the numbers of the time column are", "minutes from the start")
    player = played(2)
    assert player.end - player.start == 59 * MINUTE
    # What no question is asked about is said over what was detected.
    attempt("twice.csv", TWICE)
    see(page, "hold the same cuff value")
    page.get_by_text("Change how it is read").click()
    in_reach(page, page.get_by_label("Column or track")).fill("#3")
    page.get_by_role("option").filter(has_text="#3").click()
    page.get_by_label("is", exact=True).fill("leave")
    page.get_by_role("option", name="leave out").click()
    in_reach(page, page.get_by_role("button", name="Set").first).click()
    held = {each.value for each in played(3).recording.readings if each.signal == "NIBP_SYS"}
    assert held == set(range(120, 180))
    with clinic.store.reading() as connection:
        assert queries.refused_replay_commands(connection, 0) == []
    assert not page.errors
    assert not page.foreign
