"""A cut of the network between screen and server: said while it lasts, and no reading missing or doubled after it."""

import contextlib
import socket
import threading

import pytest
from clinic import S, cuff, reading
from served import Dashboard, covered, until
from test_server import free_port

from devices import instant

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

UPDATES = 200
SLOW = 30_000


class Proxy:
    """A way to the server that can be cut as a network is: connections are aborted, new ones refused."""

    def __init__(self, target):
        self.target, self.port, self.pairs, self.listener = target, free_port(), [], None
        self.restore()

    def restore(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def cut(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        pairs, self.pairs = self.pairs, []
        for each in (end for pair in pairs for end in pair):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self, listener):
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            self.pairs.append((near, far))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    @staticmethod
    def _carry(one, other):
        try:
            while data := one.recv(65_536):
                other.sendall(data)
            other.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


@pytest.fixture
def proxied(clinic, tmp_path):
    dashboard = Dashboard(tmp_path)
    dashboard.start()
    proxy = Proxy(dashboard.port)
    yield proxy
    proxy.cut()
    dashboard.kill()


def test_after_two_hundred_updates_and_a_cut_no_reading_is_missing_or_doubled(browser, proxied, clinic):
    bed, begun = clinic.beds[0], instant.now()
    clinic.start(bed, begun - 60 * S)
    clinic.write(bed, *cuff(begun - 30 * S, 124, 78, 93))
    beating = threading.Event()

    def beat():
        while not beating.wait(0.5):
            clinic.beat(instant.now())

    threading.Thread(target=beat, daemon=True).start()
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"http://127.0.0.1:{proxied.port}/bed?bed={bed}")
    page.get_by_text("124/78").first.wait_for(timeout=SLOW)
    page.wait_for_function("document.querySelector('.rw-plot')?.data?.length > 0", timeout=SLOW)

    written = []
    for number in range(UPDATES):
        # Each value once, so that the drawn line says which readings it was made of.
        value = 60.0 + number / 2
        clinic.write(bed, reading("HR", instant.now(), value))
        written.append(value)
        if number == UPDATES // 3:
            proxied.cut()
            until(lambda: covered(page), 10)
        if number == UPDATES // 2:
            proxied.restore()
            until(lambda: not covered(page), 30)
    drawn = "document.querySelector('.rw-plot').data[0].y.filter((each) => each !== null)"
    until(lambda: (page.evaluate(drawn) or [None])[-1] == written[-1], 30)
    assert page.evaluate(drawn) == written
    assert page.locator(".rw-hr .rw-value").inner_text() == f"{round(written[-1])}"
    beating.set()
