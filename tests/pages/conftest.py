import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "live"))

from clinic import Clinic, S, cuff
from page_driver import Pages
from served import Dashboard, Watch

from dashboard.access.place import DATA_VARIABLE
from devices import instant


@pytest.fixture
def clinic_beds():
    """How many beds the clinic has."""
    return 2


@pytest.fixture
def clinic(tmp_path, monkeypatch, clinic_beds):
    """A few beds, a watch that runs, and the pages pointed at them."""
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    made = Clinic(tmp_path, clinic_beds)
    made.beat(instant.now())
    yield made
    made.store.close()


@pytest.fixture
def pages(clinic):
    return Pages()


@pytest.fixture
def watch(clinic):
    """A watch that beats and writes readings each second; each bed has had one cuff reading, 124/78."""
    for bed in clinic.beds:
        clinic.write(bed, *cuff(instant.now() - 60 * S, 124, 78, 93))
    made = Watch(clinic)
    made.start()
    yield made
    made.stopped.set()
    made.join(5)


@pytest.fixture
def dashboard(clinic, watch, tmp_path):
    """The real server on the clinic's store; without a watch the screens would be covered."""
    made = Dashboard(tmp_path)
    made.start()
    yield made
    made.process.send_signal(signal.SIGCONT)
    made.kill()
