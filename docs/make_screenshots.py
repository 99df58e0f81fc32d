"""Makes the pictures of docs/screens anew: every page, at wall, tablet and phone size, dark and light.

It starts the demonstration on a free port with a folder of its own, acts in it as a nurse does, and takes each picture
when the page has drawn itself. Run: python docs/make_screenshots.py [--only bed,history] [--out docs/screens]
"""

from __future__ import annotations

import argparse
import io
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from dashboard.live.tokens import Shifts, token_key  # noqa: E402
from dashboard.sessions.events import EventKind  # noqa: E402
from dashboard.store import acts, queries  # noqa: E402
from dashboard.store.database import open_store  # noqa: E402
from devices import instant  # noqa: E402

SIZES = {"wall": (1920, 1080), "tablet": (1024, 768), "phone": (390, 844)}
LOOKS = ("dark", "light")
COLOURS = 256
NURSE = "A. Meyer RN"
SLOW = 60_000


def drawn(page: Page) -> None:
    """Numbers of the live view are there."""
    page.locator(".rw-value:not(:empty)").first.wait_for(timeout=SLOW)


def counted(page: Page) -> None:
    """The monitors' counters, and what they gain a second."""
    page.locator(".rw-gain").filter(has_text="/s").first.wait_for(timeout=SLOW)


def trends_drawn(page: Page) -> None:
    drawn(page)
    # A recording of a value a minute has few points.
    page.wait_for_function("document.querySelector('.rw-plot')?.data?.some((line) => line.x?.length > 3)", timeout=SLOW)


def sparks_drawn(page: Page) -> None:
    """The wall's numbers, and the small trends of those cells that have room for one."""
    drawn(page)
    page.wait_for_function(
        """[...document.querySelectorAll(".rw-cell canvas")].filter((each) => each.clientWidth).every((each) =>
          each.width && each.getContext("2d").getImageData(0, 0, each.width, each.height).data.some(Boolean))""",
        timeout=SLOW,
    )


def says(text: str) -> Callable[[Page], None]:
    def wait(page: Page) -> None:
        page.get_by_text(text).first.wait_for(timeout=SLOW)

    return wait


def tabs_drawn(page: Page) -> None:
    page.get_by_role("tab").first.wait_for(timeout=SLOW)


def opened_session(page: Page) -> None:
    page.get_by_text("What it came to").wait_for(timeout=SLOW)
    page.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=SLOW)


PAGES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "wall": ("/", sparks_drawn),
    "bed": ("/bed?bed={bed}", trends_drawn),
    "replay-bed": ("/bed?bed={replay}", trends_drawn),
    "session": ("/session", says("Second identifier")),
    "handover": ("/handover", says("What happened")),
    "thresholds": ("/thresholds", tabs_drawn),
    "replay": ("/replay", says("Speed")),
    "history": ("/history", says("Kind")),
    "history-session": ("/history?session={session}", opened_session),
    "monitors": ("/monitors", counted),
}
"""By the picture's name: the address, and what is there when the page has drawn itself."""

NAVIGATION = re.findall(r'url_path="([a-z-]+)"', (ROOT / "dashboard" / "views" / "main.py").read_text(encoding="utf-8"))
for page_name in NAVIGATION:  # a page that is new has its pictures before anybody lists it here
    PAGES.setdefault(page_name, (f"/{page_name}", says("Not a medical device")))


@contextmanager
def demonstration(folder: Path) -> Iterator[str]:
    """The demonstration's address; it is stopped as a person stops it."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    command = (sys.executable, "-m", "dashboard.cli", "demo", "--no-browser")
    process = subprocess.Popen(
        [*command, "--port", str(port), "--data", str(folder)], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(180):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
                break
            except OSError:
                if process.poll() is not None:
                    raise SystemExit("the demonstration did not start") from None
                time.sleep(1)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


@dataclass(frozen=True)
class Known:
    """What the demonstration's store says: bed and session that have most to show, the replay's bed, and the cookie of
    a browser that remembers the nurse's shift."""

    bed: int
    replay: int
    session: int
    cookie: str
    shift: str


def known_of(folder: Path) -> Known:
    store = open_store(folder, create=False)
    for _ in range(60):  # the watch opens the replay's bed a moment after the screens are there
        with store.reading() as connection:
            beds = {bed.name: bed for bed in queries.beds(connection)}
            session = queries.open_sessions(connection)[beds["Bed 2"].id]
        if "Bed 4" in beds:
            break
        time.sleep(1)
    shifts = Shifts(token_key(store))
    store.close()
    shift = shifts.issue(NURSE, instant.now())
    return Known(beds["Bed 2"].id, beds["Bed 4"].id, session.id, shifts.cookie, shift)


def end_session_at_bed_3(folder: Path) -> None:
    """Without a free bed the page that starts a session has nothing to show."""
    store = open_store(folder, create=False)
    with store.reading() as connection:
        bed = next(each for each in queries.beds(connection) if each.name == "Bed 3")
        session = queries.open_sessions(connection)[bed.id]
    now = instant.now()
    acts.record_event(store, session.id, EventKind.SESSION_END, time=now, author=NURSE, now=now, bed_now=now)
    store.close()


def take(browser: Browser, address: str, names: list[str], known: Known, out: Path) -> list[str]:
    """Takes the pictures; what did not draw itself is returned, one sentence each."""
    failed = []
    for look in LOOKS:
        context = browser.new_context(color_scheme=look, reduced_motion="reduce")
        context.add_init_script(f"localStorage.setItem('risewatch_look', '{look}')")
        context.add_cookies([{"name": known.cookie, "value": known.shift, "url": address}])
        page = context.new_page()
        for name in names:
            path, ready = PAGES[name]
            for size, (width, height) in SIZES.items():
                page.set_viewport_size({"width": width, "height": height})
                page.goto(address + path.format(**asdict(known)))
                try:
                    ready(page)
                except TimeoutError as error:
                    failed.append(f"{name} at {size} size, {look}: {str(error).splitlines()[0]}")
                    continue
                start = page.get_by_role("button", name="Start monitoring")
                if start.is_visible():
                    start.click()
                page.wait_for_timeout(1_000)  # fonts and the last chart; nothing says when those are through
                place = out / f"{name}-{size}-{look}.png"
                keep(page.screenshot(timeout=SLOW), place)
                print(f"{place.name}: {place.stat().st_size // 1024} kB")
        context.close()
    return failed


def keep(picture: bytes, place: Path) -> None:
    """A palette keeps a picture of a screen sharp and a repository small."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(place, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help=f"some of: {', '.join(PAGES)}")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screens")
    given = parser.parse_args()
    names = [each.strip() for each in given.only.split(",") if each.strip()] or list(PAGES)
    if unknown := sorted(set(names) - set(PAGES)):
        parser.error(f"no page is called {', '.join(unknown)}; there are {', '.join(PAGES)}")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium is needed: install it, so that it is found as chromium")
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, demonstration(Path(folder)) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        known = known_of(Path(folder))
        failed = take(browser, address, [each for each in names if each != "session"], known, given.out)
        if "session" in names:
            end_session_at_bed_3(Path(folder))
            failed += take(browser, address, ["session"], known, given.out)
        browser.close()
    if failed:
        raise SystemExit("not drawn in time:\n" + "\n".join(failed))


if __name__ == "__main__":
    main()
